"""Spanledger, the library: what a span used, what that cost, and who pays for it, in SQL on ClickHouse.

The rooms in the order of the flow; each imports only from those before it, and its `.sql` files are beside its Python:

1. `errors`, `amounts`, `configuration`: all errors in one hierarchy; exact USD; what is configured, validated at start.
2. `conventions`, `prices`, `appraisal`, `annotation`: what a span used, what that costs, both at once, the attributes that say so.
3. `storage`, `periods`: the one door to ClickHouse with its schema, migrations and leases; months that are open or closed.
4. `views`, `audits`, `prepare`: what people query; queries that return no rows when the books are right; all of it made in a store.
5. `passes`: rows that count all at once, and the rollups of their sums.
6. `traces`: who pays for each trace, in stages from `01_batch` to `10_commit`.
7. `repricing`, `completion`: later prices; calls whose model is told by the spans above them.
8. `pools`, `attribute`: the cost of shared agents, split among teams; traces and pools until nothing is pending.
9. `charge_models`, `statements`, `disputes`, `closing`, `cluster`, `pruning`, `tables`: what teams are charged and told, what they say
   to it, months that never change again, shards, what is let go of, existing tables.
10. `budgets`: what may be spent, and what was, replayed from the ledger.
11. `reports`, `hints`, `billing`, `ledger`: what people ask; what could be saved; charges for other programs; all of it in one class.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from attribution.errors import ConfigurationError, NotFoundError, SpanledgerError, StorageError, TableError

if TYPE_CHECKING:
    from attribution.attribute import Summary
    from attribution.configuration import AttributionConfig
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

_ROOMS = {
    "AttributionConfig": "configuration",
    "Ledger": "ledger",
    "Result": "ledger",
    "Summary": "attribute",
    "TableSummary": "tables",
}
"""Where the names are that take long to import: they are when they are asked for, so that a command that needs none is quick."""


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"attribution.{_ROOMS[name]}"), name)
