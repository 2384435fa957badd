"""Where processed deliveries go: ClickHouse always, OTLP endpoints where configured."""

from collector.exporter.clickhouse import ClickHouseExporter
from collector.exporter.errors import PermanentError, RetryableError
from collector.exporter.otlp import OtlpExporter, shown

__all__ = ["ClickHouseExporter", "OtlpExporter", "PermanentError", "RetryableError", "shown"]
