"""What became of every span that a sender sent: counted by the spool, shown as metrics, kept in the store beside the ledger.

received = rejected + waiting + quarantined + dropped + delivered, at any time, for the spool counts in the transactions that change the
requests. delivered = stored + duplicate: what is stored is counted in the store, which reads all of it, so only now and then.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from attribution.reports import stored_spans
from attribution.storage import Store
from attribution.storage.facts import keep_fact, kept_fact
from collector.metrics import Metrics
from collector.spool import SenderDay, Spool
from collector.spool.store import STATES

STORE_ID = "store id"
"""Its name among the facts of the store."""
COUNT_SECONDS = 600.0
"""Between two counts of what is stored; the least."""
COUNT_PACE = 100.0
"""Such a count begins no sooner than this many times what the last one took: it costs at most one percent of a core."""
COLUMNS = ("account", "sender", "day", *STATES)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).date()


class Accounts:
    """The accounts of one spool in one store. `keep` and `count` belong to one thread, `show` to any."""

    def __init__(self, spool: Spool, metrics: Metrics) -> None:
        self._spool, self._metrics = spool, metrics
        self._account = ""
        self._kept: dict[tuple[str, int], SenderDay] = {}
        self._count_at = 0.0

    def keep(self, store: Store) -> None:
        """Bring the store's table up to date with the spool. Raises StorageError, SpoolError."""
        if not self._account:
            self._account = self._spool.account_with(store_id(store))
        days = {(one.sender, one.day): one for one in self._spool.sender_days()}
        changed = [one for key, one in days.items() if self._kept.get(key) != one]
        if changed:
            store.insert("sender_days", COLUMNS, [self._row(one) for one in changed])
            self._kept = days

    def count(self, store: Store) -> None:
        """Count what is stored and what was delivered twice, where it is time to. Raises StorageError."""
        begun = time.monotonic()
        if begun < self._count_at:
            return
        for row in stored_spans(store):
            # What is in the store and was never delivered came from elsewhere: out of an existing table.
            self._metrics.stored(row["sender"], row["stored"], max(row["delivered"] - row["stored"], 0))
        self._count_at = time.monotonic() + max(COUNT_SECONDS, COUNT_PACE * (time.monotonic() - begun))

    def show(self) -> None:
        """Set the metrics of what the spool has counted. Raises SpoolError."""
        for sender, days in _by_sender(self._spool.sender_days()).items():
            for state in STATES:
                self._metrics.sent(sender, state, sum(getattr(day, state) for day in days))

    def _row(self, one: SenderDay) -> tuple[object, ...]:
        return (self._account, one.sender, EPOCH + timedelta(days=one.day), *(getattr(one, state) for state in STATES))


def store_id(store: Store) -> str:
    """What tells a store from all others; a copy that is restored from a backup is the same store."""
    kept = kept_fact(store, STORE_ID)
    if kept is None:
        keep_fact(store, STORE_ID, uuid.uuid4().hex)
        kept = kept_fact(store, STORE_ID)
    return kept or ""


def _by_sender(days: Iterable[SenderDay]) -> dict[str, list[SenderDay]]:
    found: dict[str, list[SenderDay]] = {}
    for day in days:
        found.setdefault(day.sender, []).append(day)
    return found
