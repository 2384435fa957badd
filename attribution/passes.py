"""Passes: what one writes counts all at once, when it is committed, or never.

A pass writes rows under its own number. It is committed by one insert, and given up for dead by another under the same token, so
that exactly one of them is kept, whoever comes first. Only then are its sums added to the rollups, each insert again under the
pass's token: done twice it is done once.
"""

from __future__ import annotations

import time

from attribution.storage import Store, statements

REMEMBERED_SECONDS = 86_400
"""How long it is remembered that a pass was rolled up; no worker lives that long without a sign of life."""
REMEMBERED_MAX = 2_000
"""Passes remembered before the old ones are forgotten."""


def begin(store: Store) -> int:
    """Number a pass that begins, ns since the epoch. The caller holds the lease."""
    number = time.time_ns()
    store.run("passes/begin", **{"pass": number})
    return number


def commit(store: Store, number: int) -> bool:
    """Make all that the pass wrote count. False where another worker took it for dead before: then nothing of it ever counts."""
    store.run("passes/end", **{"pass": number}, token=str(number), state="committed")
    if _abandoned(store, number):
        return False
    roll_up(store, number)
    return True


def roll_up(store: Store, number: int) -> None:
    """Add what a committed pass wrote to the rollups; harmless when that is done already."""
    for name in statements("rollups"):
        store.run(name, **{"pass": number}, token=str(number))
    store.run("passes/rolled_up", **{"pass": number})


def recover(store: Store) -> None:
    """Finish what workers that died have left: the caller holds the lease, so none of their passes is at work."""
    for left in store.rows("passes/unfinished"):
        if not left["committed"]:
            store.run("passes/end", **{"pass": left["pass"]}, token=str(left["pass"]), state="abandoned")
        if not _abandoned(store, left["pass"]):
            roll_up(store, left["pass"])
    if store.count("passes") > REMEMBERED_MAX:
        store.run("passes/forget", before=time.time_ns() - REMEMBERED_SECONDS * 10**9)


def _abandoned(store: Store, number: int) -> bool:
    rows = store.query("SELECT countIf(state = 'abandoned') AS n FROM passes WHERE pass = {pass:UInt64}", {"pass": number})
    return bool(rows[0]["n"])
