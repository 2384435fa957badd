"""Prepares a store: its tables, the views over them, and the audits of both."""

from __future__ import annotations

import re
from hashlib import sha256

from attribution.audits import audits_definition, create_audits
from attribution.storage import Store
from attribution.storage.facts import keep_fact, kept_fact
from attribution.storage.schema import bring_up_to_date, schema_statements
from attribution.views import create_views, view_statements

PREPARED = "prepared"
"""The fact that says what was made, and by which statements."""
MADE = re.compile(r"^CREATE (?:OR REPLACE )?(?:MATERIALIZED )?(?:TABLE|VIEW) (?:IF NOT EXISTS )?`?(\w+)", re.MULTILINE)


def prepare(store: Store) -> None:
    """Create what is missing, migrate what is older, and bring the views up to date. Raises StorageError.

    Where all is as this Spanledger makes it, nothing is made: a hundred statements would take longer than most commands.
    """
    if not _is_prepared(store):
        bring_up_to_date(store)
        create_views(store)
        create_audits(store)
        keep_fact(store, PREPARED, _prepared(store))
    if store.embedded:
        # One process holds the folder, and this one begins: whoever had a lease or a turn is dead.
        store.execute("TRUNCATE TABLE leases")
        store.execute("TRUNCATE TABLE deciders")


def _is_prepared(store: Store) -> bool:
    there = {row["name"] for row in store.rows("storage/tables_there")}
    if not there >= {"schema_versions", "facts", "source_tables"}:
        return False
    made = kept_fact(store, PREPARED)
    return made is not None and made == _prepared(store)


def _prepared(store: Store) -> str:
    """A hash of the statements that make a store, and of what they made. It changes with whatever anybody else makes or alters."""
    made = [*schema_statements(), *view_statements(store), audits_definition()]
    names = {found[1] for sql in made if (found := MADE.search(sql))}
    there = [f"{row['name']} {row['uuid']} {row['changed_at']}" for row in store.rows("storage/tables_there") if row["name"] in names]
    version = str(store.rows("storage/schema_version")[0]["version"])
    return sha256("\n".join([version, *made, *sorted(there)]).encode()).hexdigest()
