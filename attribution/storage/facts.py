"""Small facts about the store itself, kept under a name."""

from __future__ import annotations

from attribution.storage.store import Store


def keep_fact(store: Store, name: str, value: str) -> None:
    """Store a fact; it replaces the one of its name."""
    store.run("storage/keep_fact", fact=name, value=value)


def kept_fact(store: Store, name: str) -> str | None:
    """What is kept under a name; None: nothing is."""
    rows = store.rows("storage/fact", fact=name)
    return str(rows[0]["value"]) if rows else None
