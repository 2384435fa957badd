"""Spanledger, the library: what a span used, what that cost, and who pays for it, in SQL on ClickHouse."""

from attribution.attribute import Summary
from attribution.configuration import AttributionConfig
from attribution.errors import ConfigurationError, NotFoundError, SpanledgerError, StorageError, TableError
from attribution.ledger import Ledger, Result
from attribution.tables import TableSummary

__all__ = [
    "AttributionConfig",
    "ConfigurationError",
    "Ledger",
    "NotFoundError",
    "Result",
    "SpanledgerError",
    "StorageError",
    "Summary",
    "TableError",
    "TableSummary",
]
