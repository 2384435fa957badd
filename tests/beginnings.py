"""States of a store that several tests begin with: made once, then copied.

To bring a store into a state takes passes of attribution, each of them more than a second; to copy its tables takes a tenth of one.
"""

from __future__ import annotations

from collections.abc import Callable

from attribution.storage import Store, quoted_name

Make = Callable[[Store], object]
Begin = Callable[[Make], None]
HAS_ROWS = (
    "SELECT name FROM system.tables WHERE database = {database:String} AND engine LIKE '%MergeTree' AND total_rows > 0"
    " AND name != 'schema_versions'"
)


class Beginnings:
    """By engine, and by who makes it: the database that keeps the state."""

    def __init__(self) -> None:
        self._kept: dict[tuple[bool, str], str] = {}

    def bring(self, store: Store, make: Make) -> None:
        """Bring an empty store into the state that `make` makes, which depends on nothing but the store."""
        made = (store.embedded, f"{make.__module__}.{make.__qualname__}")
        if made in self._kept:
            self._copy(store, self._kept[made])
        else:
            make(store)
            self._kept[made] = self._keep(store, f"{store.database}_{len(self._kept)}")

    def _keep(self, store: Store, database: str) -> str:
        store.execute("CREATE DATABASE {database:Identifier}", {"database": database})
        for row in store.query(HAS_ROWS, {"database": store.database}):
            store.execute(f"CREATE TABLE {table_of(database, row['name'])} CLONE AS {table_of(store.database, row['name'])}")
        return database

    def _copy(self, store: Store, database: str) -> None:
        # Parts are attached, so that no materialized view sees them: what it has made of them is among them.
        for row in store.query(HAS_ROWS, {"database": database}):
            store.execute(f"ALTER TABLE {quoted_name(row['name'])} ATTACH PARTITION ALL FROM {table_of(database, row['name'])}")

    def kept(self, *, embedded: bool) -> list[str]:
        """The databases on an engine."""
        return [database for (there, _), database in self._kept.items() if there == embedded]


def table_of(database: str, table: str) -> str:
    """A table of another database, as a statement names it."""
    return f"{quoted_name(database)}.{quoted_name(table)}"
