"""Reads what spans used and what that costs, and writes both as columns."""

from collector.processor.processed import Processed, Unread
from collector.processor.processor import Processor
from collector.processor.span_records import SpanRecords

__all__ = ["Processed", "Processor", "SpanRecords", "Unread"]
