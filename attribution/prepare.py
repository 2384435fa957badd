"""Prepares a store: its tables, the views over them, and the audits of both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from attribution.audits import audits_definition
from attribution.storage import Store
from attribution.storage.facts import keep_fact, kept_fact
from attribution.storage.schema import bring_up_to_date, schema_statements
from attribution.views import view_statements

PREPARED = "prepared"
"""The fact that says what was made, and by which statements."""
MADE = re.compile(r"^CREATE (?:OR REPLACE )?(?:MATERIALIZED )?(?:TABLE|VIEW) (?:IF NOT EXISTS )?`?(\w+)", re.MULTILINE)


def prepare(store: Store) -> None:
    """Create what is missing, migrate what is older, and bring the views up to date. Raises StorageError.

    Where all is as this Spanledger makes it, nothing is made: a hundred statements would take longer than most commands.
    """
    if not _is_prepared(store):
        bring_up_to_date(store)
        for sql in _views(store):
            store.execute(sql)
        keep_fact(store, PREPARED, _prepared(store, store.rows("storage/tables_there")))
    if store.embedded:
        # One process holds the folder, and this one begins: whoever had a lease or a turn is dead.
        store.execute("TRUNCATE TABLE leases")
        store.execute("TRUNCATE TABLE deciders")


def _views(store: Store) -> Sequence[str]:
    """The statements that make the views, and the audits of both."""
    return (*view_statements(store), audits_definition())


def _is_prepared(store: Store) -> bool:
    there = store.rows("storage/tables_there")
    if not {row["name"] for row in there} >= {"schema_versions", "facts", "source_tables"}:
        return False
    made = kept_fact(store, PREPARED)
    return made is not None and made == _prepared(store, there)


def _prepared(store: Store, there: Sequence[Mapping[str, Any]]) -> str:
    """A hash of the statements that make a store, and of what they made. It changes with whatever anybody else makes or alters."""
    made = (*schema_statements(), *_views(store))
    names = {found[1] for sql in made if (found := MADE.search(sql))}
    which = sorted(f"{row['name']} {row['uuid']} {row['changed_at']}" for row in there if row["name"] in names)
    version = str(store.rows("storage/schema_version")[0]["version"])
    return sha256("\n".join([version, *made, *which]).encode()).hexdigest()
