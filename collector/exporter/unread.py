"""Stores what looks like usage and is read by nobody, so that people see it in `unread_usage`."""

from __future__ import annotations

from collections.abc import Sequence

from attribution.storage import Store
from collector.processor import Processed, Unread

KEYS_MAX = 10_000
"""Scopes and attribute keys that are told apart: a sender that invents keys must not fill the store."""
_OTHERS = ("", "")
"""Of all that are too many."""
_COLUMNS = ("scope", "attribute", "spans", "example", "first_seen", "last_seen")


class UnreadNumbers:
    """The table `unread_numbers`, with what is known to be in it."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str]] | None = None

    def note(self, store: Store, batch: Sequence[Processed]) -> None:
        """Add what a batch has. Raises StorageError."""
        found: dict[tuple[str, str], Unread] = {}
        for processed in batch:
            for key, unread in sorted(processed.unread.items()):  # the same ones are told apart whenever it is done
                kept = key if self._is_told_apart(store, key) else _OTHERS
                found[kept] = found.get(kept, Unread()).joined(unread)
        if found:
            rows = [(*key, each.spans, each.example, each.first_ns, each.last_ns) for key, each in found.items()]
            store.insert("unread_numbers", _COLUMNS, rows)

    def _is_told_apart(self, store: Store, key: tuple[str, str]) -> bool:
        if self._known is None:
            rows = store.query("SELECT DISTINCT scope, attribute FROM unread_numbers")
            self._known = {(row["scope"], row["attribute"]) for row in rows}
        if key not in self._known and len(self._known) < KEYS_MAX:
            self._known.add(key)
        return key in self._known
