"""The tables of a store: made where they are missing, migrated where an earlier Spanledger made them.

`schema/tables` has a file a table, as the table is today, and `schema/feeds` the materialized views that fill tables from inserted spans.
`migrations` brings the tables of earlier versions to the same (migrations/README.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version as version_of

from attribution.errors import StorageError
from attribution.storage.lease import lease
from attribution.storage.models import model
from attribution.storage.statements import statement, statements
from attribution.storage.store import Store, quoted, quoted_name

TABLES, FEEDS, MIGRATIONS = "storage/schema/tables", "storage/schema/feeds", "storage/migrations"
FIRST_VERSION = 1
"""Of stores that were made before versions were recorded."""
INTERNAL = "Internal, free to change."
"""How the comment of a table or view begins that is not part of the contract."""

COMMENTED_COLUMN = re.compile(r"^    (?P<column>\w+) .*?\bCOMMENT '(?P<comment>(?:[^']|'')*)'", re.MULTILINE)
COMMENT_BELOW = re.compile(r"^    (?P<column>\w+) (?:(?!^    \w)[^;])*?^        .*?\bCOMMENT '(?P<comment>(?:[^']|'')*)'", re.MULTILINE)


@cache
def migrations() -> dict[int, tuple[str, ...]]:
    """Statements of each migration, by the version of the schema that it leads to."""
    found: dict[int, list[str]] = {}
    for name in statements(MIGRATIONS):
        found.setdefault(int(name.removeprefix(f"{MIGRATIONS}/")[:4]), []).append(name)
    return {number: tuple(names) for number, names in sorted(found.items())}


def schema_version() -> int:
    """The version that this Spanledger makes."""
    return max(migrations(), default=FIRST_VERSION)


def bring_up_to_date(store: Store) -> None:
    """Make the tables that are missing, and migrate those that an earlier Spanledger made. Raises StorageError.

    Killed at any statement and run again, or run by two services at once, it comes to the same.
    """
    found = begin_schema(store)
    if found > schema_version():
        raise StorageError(
            f"this store has schema version {found}, and Spanledger {version_of('spanledger')} knows versions up to {schema_version()}: "
            "install the Spanledger that wrote it, or a newer one"
        )
    for name in statements(TABLES):
        store.execute(_with_comment(name))
    if found < schema_version():
        with lease(store):
            _migrate(store)
    for name in statements(FEEDS):
        store.execute(_with_comment(name))
    _renew_comments(store)


def schema_statements() -> Iterator[str]:
    """The statements that make tables and feeds."""
    for name in (*statements(TABLES), *statements(FEEDS)):
        yield _with_comment(name)


def begin_schema(store: Store) -> int:
    """The version that the schema of the store has by now; of a new store it is recorded before anything else is made.

    Should what follows be killed, the tables that are missing are made at the next start.
    """
    store.execute(_with_comment(f"{TABLES}/schema_versions"))
    found = _found_version(store)
    return _record(store, schema_version()) if found is None else found


def bring_span_records_up_to_date(shard: Store) -> None:
    """Make or migrate the one table that is on every shard of a cluster."""
    found = begin_schema(shard)
    shard.execute(_with_comment(f"{TABLES}/span_records"))
    for number, names in migrations().items():
        if number > found:
            for name in names:
                if name.endswith("_span_records"):
                    shard.run(name)
            _record(shard, number)


def _found_version(store: Store) -> int | None:
    """The version that was recorded; that of the first stores where none was; None: the store is new."""
    recorded = store.rows("storage/schema_version")[0]["version"]
    if recorded is not None:
        return int(recorded)
    if any(table["name"] == "span_records" for table in store.rows("storage/tables_there")):
        return _record(store, FIRST_VERSION)
    return None


def _record(store: Store, version: int) -> int:
    store.run("storage/record_schema_version", version=version, made_by=version_of("spanledger"))
    return version


def _migrate(store: Store) -> None:
    """Run what is not run yet; another service may have done so while this one waited for the lease."""
    found = _found_version(store) or FIRST_VERSION
    for number, names in migrations().items():
        if number > found:
            for name in names:
                store.run(name)
            _record(store, number)


def _with_comment(name: str) -> str:
    return f"{statement(name)}COMMENT {quoted(_comment(name))}"


def _comment(name: str) -> str:
    one = model(name)
    return f"{INTERNAL} {one.purpose} One row for {one.fields['Grain'].removesuffix('.')}."


def _renew_comments(store: Store) -> None:
    """Renew the comments of tables and columns where they differ; a table that is distributed over shards has none."""
    there = {row["name"]: row for row in store.rows("storage/tables_there")}
    comments = {(row["table"], row["name"]): row["comment"] for row in store.rows("storage/comments_there")}
    for name in statements(TABLES):
        table = name.rpartition("/")[2]
        if there[table]["engine"] == "Distributed":
            continue
        if there[table]["comment"] != _comment(name):
            store.execute(f"ALTER TABLE {quoted_name(table)} MODIFY COMMENT {quoted(_comment(name))}")
        for column, comment in column_comments(name):
            if comments.get((table, column), comment) != comment:
                store.execute(f"ALTER TABLE {quoted_name(table)} COMMENT COLUMN {quoted_name(column)} {quoted(comment)}")


def column_comments(name: str) -> Iterator[tuple[str, str]]:
    """Column and comment, as the statement of a table has them."""
    for pattern in (COMMENTED_COLUMN, COMMENT_BELOW):
        for found in pattern.finditer(statement(name)):
            yield found["column"], found["comment"].replace("''", "'")
