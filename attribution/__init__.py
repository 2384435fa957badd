"""Spanledger, the library: what a span used, what that cost, and who pays for it, in SQL on ClickHouse.

The rooms in the order of the flow; each imports only from those before it, and its `.sql` files are beside its Python:

1. `configuration`, `conventions`, `prices`: what is configured, what a span used, what that costs; `appraisal` does both for one span.
2. `storage`, `periods`: the one door to ClickHouse with its schema, migrations and leases; months that are open or closed.
3. `views`, `audits`: what people query; queries that return no rows when the books are right. `prepare` makes all of it in a store.
4. `passes`: rows that count all at once, and the rollups of their sums.
5. `traces`: who pays for each trace, in stages from `01_batch` to `10_commit`.
6. `pools`: the cost of shared agents, split among teams. `attribute` runs traces and pools until nothing is pending.
7. `closing`, `repricing`, `tables`, `cluster`: months that never change again, later prices, existing tables, shards.
8. `reports`: what people ask. `ledger` is all of it in one class.
"""

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
