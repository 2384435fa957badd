"""Passes: all that a pass writes counts from the moment when it is committed, or never.

A pass writes rows under its own number. Its last insert is one block of decisions into `attributions`, under the pass's token. This
insert commits the pass: a block is stored whole or not at all. To abandon a pass, another worker inserts a row there under the same
token, and ClickHouse keeps only the first of the two inserts. After the commit the sums of the pass are added to the rollups. These
inserts have the pass's token too, so a second run adds nothing.
"""

from __future__ import annotations

import time
from typing import Any

from attribution.storage import Store, statements

REMEMBERED_SECONDS = 86_400
"""How long a pass that was rolled up is remembered; no worker is silent for so long and still alive."""
REMEMBERED_MAX = 2_000
"""Passes remembered before the old ones are forgotten."""

COMMIT_OR_ABANDON = "passes/commit_or_abandon"
"""Commits a pass that decided nothing about traces."""


def begin(store: Store) -> int:
    """Number a pass that begins, ns since the epoch. The caller holds the lease."""
    number = time.time_ns()
    store.run("passes/begin", **{"pass": number})
    return number


def commit(store: Store, number: int, statement: str = COMMIT_OR_ABANDON, **parameters: Any) -> bool:
    """Make all that the pass wrote count, by its last statement. False where another worker abandoned it: then none of it ever counts."""
    store.run(statement, **{"pass": number}, token=str(number), abandoned=False, **parameters)
    return _conclude(store, number)


def _conclude(store: Store, number: int) -> bool:
    """Note how a pass ended, and whether it is committed; if so it is rolled up."""
    committed = bool(store.rows("passes/is_committed", **{"pass": number})[0]["committed"])
    if committed:
        store.run("passes/end", **{"pass": number}, state="committed")
        roll_up(store, number)
    return committed


def roll_up(store: Store, number: int) -> None:
    """Add what a committed pass wrote to the rollups; harmless when that is done already."""
    for row in store.rows("passes/tables_written", **{"pass": number}):
        for name in statements(f"passes/rollups/{row['folder']}"):
            store.run(name, **{"pass": number}, token=str(number))
    store.run("passes/end", **{"pass": number}, state="rolled up")


def recover(store: Store) -> None:
    """Finish the passes of workers that died. The caller holds the lease, so no other pass is running."""
    for left in store.rows("passes/unfinished"):
        store.run(COMMIT_OR_ABANDON, **{"pass": left["pass"]}, token=str(left["pass"]), abandoned=True)
        if not _conclude(store, left["pass"]):
            store.run("passes/end", **{"pass": left["pass"]}, state="abandoned")
    if store.count("passes") > REMEMBERED_MAX:
        store.run("passes/forget", before=time.time_ns() - REMEMBERED_SECONDS * 10**9)
        for statement in ("passes/forget_activity", "passes/forget_initiator_parts", "passes/forget_missing_parts"):
            store.run(statement, before=time.time_ns() - REMEMBERED_SECONDS * 10**9)


def postings_since(store: Store, number: int) -> int:
    """How many postings were made by passes that began at a time or later, ns since the epoch, whoever made them."""
    return int(store.rows("passes/postings_since", first=number)[0]["n"])
