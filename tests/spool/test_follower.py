"""What carries the spool to the store: nothing that is acknowledged is given up for what may pass, and nothing stops it for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from attribution.errors import StorageError
from collector import pipeline
from collector.exporter import PermanentError
from collector.metrics import Metrics
from collector.pipeline import Follower
from collector.processor import Processed
from collector.quarantine import Quarantine
from collector.spool import Delivery, Spool
from collector.spool.store import Store

Open = Callable[..., Spool]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "BACKOFF_SECONDS", (0.01,) * 5)
    monkeypatch.setattr(pipeline, "LINGER_SECONDS", 0.01)
    monkeypatch.setattr(pipeline, "LINGER_SECONDS_MAX", 0.01)


@dataclass
class Scripted:
    """An exporter that stores bodies; `refuse` says what happens to a batch before it does."""

    refuse: Callable[[list[bytes], int], Exception | None] = lambda _bodies, _attempt: None
    stored: list[bytes] = field(default_factory=list)
    batches: list[list[bytes]] = field(default_factory=list)
    connections: int = 1

    def export(self, batch: Sequence[Processed]) -> None:
        bodies = [one.delivery.body for one in batch]
        self.batches.append(bodies)
        problem = self.refuse(bodies, len(self.batches))
        if problem:
            raise problem
        self.stored += bodies

    def reconnect(self) -> None:
        self.connections += 1


def _follower(spool: Spool, exporter: Scripted, *, give_up: Callable[[Delivery, str], None] | None = None) -> Follower:
    processor: Any = SimpleNamespace(process=lambda delivery: SimpleNamespace(delivery=delivery, unread={}))
    return Follower(
        "clickhouse",
        spool,
        processor,
        exporter,
        Metrics(CollectorRegistry()),
        lambda follower: spool.done(follower.cursor),
        give_up or spool.quarantine,
        marks=True,
    )


def _put(spool: Spool, *bodies: bytes) -> None:
    for body in bodies:
        spool.put(body, 1, {}).result()


def _until(done: Callable[[], bool]) -> None:
    limit = time.monotonic() + 10
    while not done():
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_a_cut_upload_quarantines_nothing(spool: Spool) -> None:
    """ClickHouse calls it data that cannot be parsed; the same data passes on the next connection."""

    def refuse(bodies: list[bytes], attempt: int) -> Exception | None:
        return StorageError("Code: 33. Cannot read all data", permanent=True) if bodies and attempt < 4 else None

    exporter = Scripted(refuse)
    _put(spool, b"a", b"b")
    _follower(spool, exporter).step()
    assert sorted(exporter.stored) == [b"a", b"b"]
    assert exporter.connections > 1
    assert (spool.depth.requests, spool.depth.quarantined) == (0, 0)


def test_what_is_refused_alone_while_others_pass_is_set_aside_alone(spool: Spool) -> None:
    exporter = Scripted(lambda bodies, _: PermanentError("bad") if b"bad" in bodies else None)
    _put(spool, *(b"%d" % number for number in range(20)), b"bad", b"last")
    _follower(spool, exporter).step()
    assert len(exporter.stored) == 21
    assert spool.depth.quarantined == 1
    assert exporter.batches.count([b"bad"]) == pipeline.REFUSALS_MAX
    assert exporter.batches.count([]) == pipeline.REFUSALS_MAX - 1, "an empty one passes before each"


def test_an_outage_in_between_sets_nothing_aside(spool: Spool) -> None:
    """Refused once, then nothing passes for a while, then all does."""
    exporter = Scripted(
        lambda _, attempt: PermanentError("cut") if attempt == 1 else StorageError("down") if attempt < 9 else None,
    )
    _put(spool, b"a")
    _follower(spool, exporter).step()
    assert exporter.stored == [b"a"]
    assert spool.depth.quarantined == 0


@pytest.mark.parametrize("problem", [OSError(28, "No space left on device"), RuntimeError("driver"), MemoryError()])
def test_the_thread_survives_what_nobody_foresaw(spool: Spool, problem: Exception) -> None:
    exporter = Scripted(lambda _, attempt: problem if attempt < 4 else None)
    follower = _follower(spool, exporter)
    follower.start()
    _put(spool, b"a")
    _until(lambda: exporter.stored == [b"a"])
    assert follower.alive
    assert not follower.trouble
    follower.stop()


def test_the_thread_survives_a_disk_that_takes_no_quarantine(spool: Spool) -> None:
    """Setting aside fails at first; then the request is set aside after all, and the next one is stored."""
    failures = [OSError(28, "No space left on device")] * 2

    def give_up(delivery: Delivery, reason: str) -> None:
        if failures:
            raise failures.pop()
        spool.quarantine(delivery, reason)

    exporter = Scripted(lambda bodies, _: PermanentError("bad") if b"bad" in bodies else None)
    follower = _follower(spool, exporter, give_up=give_up)
    follower.start()
    _put(spool, b"bad", b"good")
    _until(lambda: spool.depth.quarantined == 1 and b"good" in exporter.stored)
    follower.stop()


def test_what_takes_the_process_down_twice_alone_is_set_aside(path: Path, open_spool: Open) -> None:
    spool = open_spool()
    _put(spool, b"a", b"poison", b"c")

    class Died(BaseException):
        """Ends the process where it is raised."""

    def refuse(bodies: list[bytes], _: int) -> Exception | None:
        if b"poison" in bodies:
            raise Died
        return None

    stored: list[bytes] = []
    for _ in range(4):
        exporter = Scripted(refuse, stored=stored)
        follower = _follower(spool, exporter)
        try:
            follower._recover()
            while follower.step():
                pass
        except Died:
            spool.close()
            spool = open_spool()
    assert stored == [b"a", b"c"]
    [aside] = Quarantine(path.parent).list() if path.name == "spool.sqlite" else Store(path).quarantined()
    assert "the process ended 2 times" in aside.reason


def test_a_kill_while_many_are_carried_sets_nothing_aside(open_spool: Open) -> None:
    spool = open_spool()
    _put(spool, b"a", b"b")
    for _ in range(5):
        spool.carry(1, 2)
        spool.close()
        spool = open_spool()
        follower = _follower(spool, Scripted())
        follower._recover()
    assert spool.depth.quarantined == 0
    assert follower.step() == 1, "each is carried alone until the one that ended the process is found"


def test_put_back_it_is_stored_with_the_version_it_had(path: Path, spool: Spool) -> None:
    _put(spool, b"first", b"second")
    [first, _] = spool.take(after=0, requests_max=2, bytes_max=99)
    spool.quarantine(first, "refused")
    beside = Store(path)
    with beside.transaction():
        assert beside.retry(first.seq)
        assert not beside.retry(first.seq)
    beside.close()
    _until(lambda: spool.wait(2, 0.01))
    [again] = spool.take(after=2, requests_max=2, bytes_max=99)
    assert (again.seq, again.version, again.body) == (3, first.version, b"first")
    assert spool.depth.quarantined == 0
    _put(spool, b"third")
    [third] = spool.take(after=3, requests_max=2, bytes_max=99)
    assert third.version > again.version, "no version is given out twice"
