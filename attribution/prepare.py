"""Prepares a store: its tables, the views over them, and the audits of both."""

from __future__ import annotations

from attribution.audits import create_audits
from attribution.storage import Store
from attribution.storage.schema import bring_up_to_date
from attribution.views import create_views


def prepare(store: Store) -> None:
    """Create what is missing, migrate what is older, and bring the views up to date. Raises StorageError."""
    bring_up_to_date(store)
    create_views(store)
    create_audits(store)
    if store.embedded:
        # One process holds the folder, and this one begins: whoever had a lease or a turn is dead.
        store.execute("TRUNCATE TABLE leases")
        store.execute("TRUNCATE TABLE deciders")
