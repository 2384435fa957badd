"""Two workers at once end in the same state as one (R11), and a worker that dies is forgotten."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from random import Random

import pytest

from attribution.attribute import attribute
from attribution.errors import StorageError
from attribution.storage import Store
from attribution.storage import lease as leases
from tests.attribution.compare import assert_agrees, deliver
from tests.oracle import model
from tests.oracle.strategies import Sizes, random_world

pytestmark = pytest.mark.both_engines


def test_two_workers_at_once_end_in_the_same_state(store: Store) -> None:
    case = random_world(11, Sizes(traces_max=40, spans_max=12, linking_spans_max=8))
    random = Random(11)
    late = list(case.deliveries)
    random.shuffle(late)
    stop = threading.Event()
    failures: list[BaseException] = []

    def work() -> None:
        with store.another() as own:
            while not stop.is_set():
                try:
                    attribute(own, case.config)
                except BaseException as problem:  # noqa: BLE001  (reported by the test's own thread)
                    failures.append(problem)
                    return

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    third = len(late) // 3
    for part in (late[:third], late[third : 2 * third], late[2 * third :]):
        deliver(store, part)
    stop.set()
    for worker in workers:
        worker.join()
    assert failures == []
    attribute(store, case.config)
    assert_agrees(store, model.attribute(case.deliveries, case.config))


def test_one_worker_at_a_time(store: Store) -> None:
    inside, most = [], []

    def work() -> None:
        with store.another() as own:
            for _ in range(3):
                with leases.lease(own):
                    inside.append(1)
                    most.append(len(inside))
                    inside.pop()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert most == [1] * 12


def test_a_worker_that_died_is_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LEASE_SECONDS", 1)
    leases._hold(store, "dead", 1)
    with leases.lease(store):
        assert len(store.rows("storage/other_lease_holders", worker="somebody else")) == 1
    assert store.rows("storage/other_lease_holders", worker="somebody else") == []


def test_a_worker_that_was_killed_on_this_machine_holds_nobody_up(store: Store) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    leases._hold(store, f"killed@{leases._machine()}:{ended.pid}", 3600)
    begun = time.monotonic()
    with leases.lease(store):
        assert time.monotonic() - begun < 30


def test_who_waits_says_for_whom(store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "WAIT_SECONDS_MAX", 0)
    for worker, named in (
        (f"a@{leases._machine()}:{os.getpid()}", f"process {os.getpid()}"),
        ("b@elsewhere:7", "a worker on another machine"),
    ):
        leases._hold(store, worker, 3600)
        with caplog.at_level("INFO"), pytest.raises(StorageError, match=f"{named} attributes and does not end"), leases.lease(store):
            pass
        assert f"waiting for {named}" in caplog.text
        leases._hold(store, worker, 0)
