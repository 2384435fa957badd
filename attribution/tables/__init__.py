"""Attributes what an OpenTelemetry Collector has stored already: the facts about its spans are read, the spans stay where they are."""

from attribution.tables.reading import TableSummary, read_table

__all__ = ["TableSummary", "read_table"]
