"""A pass that is killed at any point and run again ends in the same state (R11, R14); so does one that was only taken for dead."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any, cast

import pytest

import attribution.attribute as attribute_module
from attribution import passes
from attribution.attribute import attribute
from attribution.storage import Store, statement
from tests.attribution.compare import assert_agrees, deliver
from tests.oracle import model
from tests.oracle.strategies import Sizes, random_world

SMALL = Sizes(traces_max=12, spans_max=8, linking_spans_max=4)
FOREVER = 10**9
SEEDS = 3


class Killed(BaseException):
    """What no `except Exception` of the product catches."""


class Mortal:
    """A store that writes so many times and then does nothing more, not even the cleaning up: as when the process is killed.

    What was read before the death left nothing, so to die there is to die before the next write. So is to die at a work table: it
    belongs to the pass, and whoever comes after it only drops what is left of it (test_a_dead_pass_leaves_its_work_tables).
    """

    def __init__(self, store: Store, writes: int) -> None:
        self._store = store
        self.left = writes
        self._is_dead = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None, **more: Any) -> None:
        written = self._read if is_about_work_tables(sql, parameters or {}) else self._write
        written(lambda: self._store.execute(sql, parameters, **more))

    def run(self, name: str, **parameters: Any) -> None:
        self.execute(statement(name), parameters)

    def insert(self, *what: Any) -> None:
        self._write(lambda: self._store.insert(*what))

    def drop(self, *tables: str) -> None:
        self._write(lambda: self._store.drop(*tables))

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        return self._read(lambda: self._store.query(sql, parameters))

    def rows(self, name: str, **parameters: Any) -> Any:
        return self._read(lambda: self._store.rows(name, **parameters))

    def count(self, table: str) -> Any:
        return self._read(lambda: self._store.count(table))

    def _write(self, work: Any) -> None:
        self._is_dead = self._is_dead or not self.left
        self._read(work)
        self.left -= 1

    def _read(self, work: Any) -> Any:
        if self._is_dead:
            raise Killed
        return work()


def is_about_work_tables(sql: str, parameters: Mapping[str, Any]) -> bool:
    """Whether a statement writes only what belongs to its pass."""
    written = re.search(r"^INSERT INTO \{(\w+):Identifier\}", sql, re.MULTILINE)
    return sql.startswith("CREATE TABLE `work_") or (written is not None and str(parameters[written[1]]).startswith("work_"))


def attribute_until_killed(store: Store, config: Any, mortal: Mortal) -> bool:
    """Whether it was killed."""
    try:
        attribute(cast(Store, mortal), config)
    except Killed:
        store.execute("TRUNCATE TABLE leases")  # in life the lease of the dead runs out
        return True
    return False


def writes_of_a_pass(store: Store, config: Any) -> int:
    counting = Mortal(store, FOREVER)
    attribute(cast(Store, counting), config)
    return FOREVER - counting.left


def shown_of_passes(store: Store, since: int) -> dict[int, int]:
    """How many postings the ledger shows, by pass, of those that began at a time or later, ns since the epoch."""
    begun = store.query("SELECT DISTINCT pass FROM passes WHERE pass >= {since:UInt64}", {"since": since})
    shown = store.query("SELECT pass, count() AS n FROM posted WHERE pass >= {since:UInt64} GROUP BY pass", {"since": since})
    return {row["pass"]: 0 for row in begun} | {row["pass"]: row["n"] for row in shown}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_killed_at_any_point(store: Store, seed: int) -> None:
    """Before each write of a pass it is killed once, for one of the seeds; the next pass has new spans to attend to as well.

    Between the death of a worker and the next pass the ledger shows all of what the pass posted, or nothing of it.
    """
    case = random_world(seed, Sizes(traces_max=60, spans_max=8, linking_spans_max=4))
    late = list(case.deliveries)
    Random(seed).shuffle(late)
    first, late = late[: len(late) // 4], late[len(late) // 4 :]
    deliver(store, first)
    length = writes_of_a_pass(store, case.config)
    points = range(seed % SEEDS, length, SEEDS)
    size = len(late) // len(points) + 1
    killed = 0
    shown: dict[int, int] = {}
    for point in points:
        batch, late = late[:size], late[size:]
        deliver(store, batch)
        before = time.time_ns()
        if attribute_until_killed(store, case.config, Mortal(store, point)):
            killed += 1
            shown |= shown_of_passes(store, before)
    attribute(store, case.config)
    assert killed > len(points) // 4
    whole = shown_of_passes(store, 0)
    assert {one: n for one, n in shown.items() if n not in {0, whole[one]}} == {}
    assert {n > 0 for n in shown.values()} == {False, True}
    assert_agrees(store, model.attribute(case.deliveries, case.config))


def test_a_dead_pass_leaves_its_work_tables(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are dropped by the next one, once no pass can be at work that long."""
    case = random_world(5, SMALL)
    deliver(store, case.deliveries)
    length = writes_of_a_pass(store, case.config)
    deliver(store, [replace(span, trace_id=f"late-{span.trace_id}", link_trace_ids=(), link_span_ids=()) for span in case.deliveries])
    assert attribute_until_killed(store, case.config, Mortal(store, length // 2))
    left = "SELECT count() AS n FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'work_')"
    assert store.query(left)[0]["n"] > 0
    monkeypatch.setattr(attribute_module, "WORK_SECONDS_MAX", 0)
    time.sleep(2)  # ClickHouse knows the age of a table in whole seconds
    attribute(store, case.config)
    assert store.query(left)[0]["n"] == 0


def test_a_worker_that_was_taken_for_dead_cannot_commit(store: Store) -> None:
    """It slept for longer than its lease lasts, and another one has done its work."""
    number = passes.begin(store)
    passes.recover(store)
    assert not passes.commit(store, number)
    states = store.query("SELECT toString(state) AS state FROM passes WHERE pass = {pass:UInt64} ORDER BY at", {"pass": number})
    assert [row["state"] for row in states] == ["begun", "abandoned"]


def test_a_commit_is_rolled_up_once(store: Store) -> None:
    """Whoever died between the two, and however often it is tried again."""
    case = random_world(5, SMALL)
    deliver(store, case.deliveries)
    attribute(store, case.config)
    number = store.query("SELECT max(pass) AS pass FROM passes")[0]["pass"]
    before = store.query("SELECT * FROM costs_by_agent ORDER BY ALL")
    passes.roll_up(store, number)
    store.execute("DELETE FROM passes WHERE state = 'rolled up'")
    passes.recover(store)
    assert before
    assert store.query("SELECT * FROM costs_by_agent ORDER BY ALL") == before
