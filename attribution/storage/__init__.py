"""The one door to ClickHouse, and what the store needs to be kept: its schema, its leases, its migrations."""

from attribution.storage.statements import statement, statements
from attribution.storage.store import DATABASE, Store, quoted, quoted_name

__all__ = ["DATABASE", "Store", "quoted", "quoted_name", "statement", "statements"]
