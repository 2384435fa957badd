"""Of services that share a store one decides about calls: only who knows of all reservations can hold a limit.

A service says in the store that it could decide, and which others it knows of. The one that is there for longest decides, once every
other one knows of it and so does not. One that died is waited for until its time is over.
"""

from __future__ import annotations

import time
from typing import NamedTuple

from attribution.storage import Store

TURN_SECONDS = 60
"""After which a service that died is forgotten."""
RENEWAL_SECONDS = 20.0
"""Between two renewals: one may fail."""


class Turn(NamedTuple):
    """What one service may do."""

    decides: bool
    is_alone: bool
    """Nobody else could decide, so nobody takes over where the store is away."""


ALONE = Turn(decides=True, is_alone=True)


class Turns:
    """What one service says of itself, and reads of the others."""

    def __init__(self, store: Store, decider: str) -> None:
        """`decider`: its name; the same after a restart, so that it goes on where it was."""
        self._store, self._decider = store, decider
        self._since = time.time_ns()
        self._said: frozenset[str] | None = None
        self._renewed = 0.0

    def take(self) -> Turn:
        """Look who could decide, and say so where it is news. Raises StorageError."""
        rows = self._store.rows("budgets/deciders", decider=self._decider)
        if self._said is None:  # say so before looking: of two that begin at once one sees the other
            self._since = next((int(row["since"]) for row in rows if row["decider"] == self._decider), self._since)
            self._hold(frozenset(), TURN_SECONDS)
            rows = self._store.rows("budgets/deciders", decider=self._decider)
        others = [row for row in rows if row["decider"] != self._decider]
        names = frozenset(str(row["decider"]) for row in others)
        if names != self._said or time.monotonic() - self._renewed > RENEWAL_SECONDS:
            self._hold(names, TURN_SECONDS)
        own = (self._since, self._decider)
        return Turn(all(row["knows"] and own < (int(row["since"]), str(row["decider"])) for row in others), not others)

    def release(self) -> None:
        """It decides no more. Raises StorageError."""
        self._hold(frozenset(), 0)

    def _hold(self, seen: frozenset[str], seconds: int) -> None:
        said = {"decider": self._decider, "since": self._since, "seen": sorted(seen), "seconds": seconds, "version": time.time_ns()}
        self._store.run("budgets/hold_turn", **said)
        self._said, self._renewed = seen, time.monotonic()
