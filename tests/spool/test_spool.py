"""What the spool promises: order, bounds, versions, and nothing in the way of the rest."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from collector.spool import Delivery, Spool, SpoolError, SpoolFullError

Open = Callable[..., Spool]


def put(spool: Spool, *bodies: bytes, spans: int = 1) -> list[int]:
    return [future.result(10) for future in [spool.put(body, spans, {"team": "sales"}) for body in bodies]]


def take(spool: Spool, after: int = 0, requests_max: int = 100, bytes_max: int = 1 << 20) -> list[Delivery]:
    return spool.take(after=after, requests_max=requests_max, bytes_max=bytes_max)


def bodies(spool: Spool) -> list[bytes]:
    return [delivery.body for delivery in take(spool)]


def damage(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)


def test_what_was_put_is_taken_oldest_first_with_its_tags(spool: Spool) -> None:
    seqs = put(spool, b"a", b"b", b"c", spans=7)
    deliveries = take(spool)
    assert [d.body for d in deliveries] == [b"a", b"b", b"c"]
    assert [d.seq for d in deliveries] == seqs == sorted(seqs)
    assert {d.spans for d in deliveries} == {7}
    assert deliveries[0].tags == {"team": "sales"}


def test_the_sender_stays_with_what_it_sent(spool: Spool) -> None:
    spool.put(b"a", 1, {"team": "sales"}, "crew").result(10)
    spool.put(b"b", 1, {}).result(10)
    assert [(one.sender, one.tags) for one in take(spool)] == [("crew", {"team": "sales"}), ("", {})]


def test_tags_are_those_of_the_moment_of_the_put(spool: Spool) -> None:
    tags = {"team": "sales"}
    future = spool.put(b"a", 1, tags)
    tags["team"] = "platform"
    future.result(10)
    assert take(spool)[0].tags == {"team": "sales"}


@pytest.mark.parametrize(
    ("after", "requests_max", "bytes_max", "expected"),
    [
        (0, 100, 1000, [b"a" * 10, b"b" * 10, b"c" * 10]),
        (0, 2, 1000, [b"a" * 10, b"b" * 10]),
        (0, 100, 20, [b"a" * 10, b"b" * 10]),
        (0, 100, 19, [b"a" * 10]),
        (0, 100, 1, [b"a" * 10]),  # at least one
        (1, 100, 1000, [b"b" * 10, b"c" * 10]),
        (3, 100, 1000, []),
    ],
)
def test_take_is_bounded(spool: Spool, after: int, requests_max: int, bytes_max: int, expected: list[bytes]) -> None:
    put(spool, b"a" * 10, b"b" * 10, b"c" * 10)
    assert [d.body for d in take(spool, after, requests_max, bytes_max)] == expected


def test_done_deletes_up_to_and_including(spool: Spool) -> None:
    seqs = put(spool, b"a", b"b", b"c", spans=5)
    spool.done(seqs[1])
    assert bodies(spool) == [b"c"]
    assert (spool.depth.requests, spool.depth.spans, spool.depth.bytes) == (1, 5, 1)


def test_depth_tells_what_waits_and_since_when(open_spool: Open) -> None:
    spool = open_spool(clock_ns=iter([100, 200]).__next__)
    assert (spool.depth.requests, spool.depth.oldest_received_ns) == (0, None)
    put(spool, b"aa")
    put(spool, b"bbb")
    depth = spool.depth
    assert (depth.requests, depth.spans, depth.bytes, depth.quarantined, depth.oldest_received_ns) == (2, 2, 5, 0, 100)


def test_a_restart_keeps_everything_and_never_repeats_a_seq(open_spool: Open) -> None:
    first = open_spool()
    seqs = put(first, b"a", b"b")
    first.done(seqs[1])
    put(first, b"c")
    first.close()
    second = open_spool()
    assert second.depth.requests == 1
    assert bodies(second) == [b"c"]
    assert put(second, b"d")[0] > take(second)[0].seq > seqs[1]


def test_versions_never_overlap_over_restarts_and_clock_steps(open_spool: Open) -> None:
    ranges: list[tuple[int, int]] = []
    for clock_ns in (1_000_000, 1_000_100, 500, 2_000_000):  # forward by less than the spans given out, back, forward
        spool = open_spool(clock_ns=lambda now=clock_ns: now)
        seqs = put(spool, b"a", b"b", spans=500)
        ranges += [(d.version, d.version + d.spans) for d in take(spool)]
        spool.done(seqs[-1])  # the memory of versions must not hang on rows
        spool.close()
    assert all(end <= start for (_, end), (start, _) in pairwise(ranges))
    assert ranges[0][0] == 1_000_000
    assert ranges[-2][0] == 2_000_000, "the clock leads again as soon as it can"


def test_a_full_spool_refuses_at_once_and_has_room_again_after_done(open_spool: Open) -> None:
    spool = open_spool(bytes_max=100)
    seqs = put(spool, b"a" * 60, b"b" * 40)
    with pytest.raises(SpoolFullError, match=r"100 bytes wait to be stored, 1 more would exceed the 100 allowed"):
        spool.put(b"c", 1, {})
    spool.done(seqs[0])
    put(spool, b"c" * 60)
    assert bodies(spool) == [b"b" * 40, b"c" * 60]


def test_what_is_queued_counts_as_waiting(open_spool: Open) -> None:
    spool = open_spool(bytes_max=100)
    with hold_writer(spool):
        future = spool.put(b"a" * 60, 1, {})
        with pytest.raises(SpoolFullError):
            spool.put(b"b" * 60, 1, {})
    future.result(10)
    assert bodies(spool) == [b"a" * 60]


class hold_writer:  # noqa: N801
    """Keeps the writer thread busy, so that what is put meanwhile shares one commit."""

    def __init__(self, spool: Spool) -> None:
        self._go = threading.Event()
        started = threading.Event()
        self._busy = spool._submit(lambda: (started.set(), self._go.wait(10)))
        started.wait(10)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._go.set()
        self._busy.result(10)


def test_requests_that_wait_share_a_commit(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []
    commit = spool._commit
    monkeypatch.setattr(spool, "_commit", lambda jobs: (batches.append(len(jobs)), commit(jobs)))
    with hold_writer(spool):
        futures = [spool.put(b"x", 1, {}) for _ in range(200)]
    assert [future.result(10) for future in futures] == list(range(1, 201))
    assert batches == [1, 200], "the first one held the writer"


def test_a_sender_that_gave_up_before_the_commit_leaves_nothing(spool: Spool) -> None:
    with hold_writer(spool):
        given_up, kept = spool.put(b"a", 1, {}), spool.put(b"b", 1, {})
        assert given_up.cancel()
    kept.result(10)
    assert bodies(spool) == [b"b"]
    assert spool._queued_bytes == 0


def test_quarantine_keeps_the_request_and_lets_the_rest_pass(spool: Spool, path: Path) -> None:
    put(spool, b"a", b"b", b"c")
    second = take(spool)[1]
    spool.quarantine(second, "ClickHouse refuses it")
    spool.quarantine(second, "said twice")
    assert bodies(spool) == [b"a", b"c"]
    assert (spool.depth.quarantined, spool.depth.requests) == (1, 2)
    spool.done(3)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT seq, reason, body, tags FROM quarantined").fetchall() == [
            (2, "ClickHouse refuses it", b"b", '{"team": "sales"}')
        ]


@pytest.mark.parametrize("change", ["body = x'61ff'", 'tags = \'{"team": "other"}\'', "version = version + 1", "spans = 2"])
def test_a_damaged_row_is_quarantined_and_the_rest_goes_on(open_spool: Open, path: Path, change: str) -> None:
    first = open_spool()
    put(first, b"ab", b"cd", b"ef")
    first.close()
    damage(path, f"UPDATE requests SET {change} WHERE seq <= 2")
    spool = open_spool()
    assert [d.body for d in take(spool, requests_max=1)] == [b"ef"]
    assert spool.depth.quarantined == 2
    with closing(sqlite3.connect(path)) as database:
        reasons = database.execute("SELECT reason FROM quarantined").fetchall()
    assert all("checksum mismatch" in reason for (reason,) in reasons)


def test_the_quarantine_takes_room_from_new_requests_only_beyond_its_own_allowance(open_spool: Open) -> None:
    spool = open_spool(bytes_max=100)
    for _ in range(2):
        put(spool, b"a" * 80)
        spool.quarantine(take(spool)[0], "refused")
    with pytest.raises(SpoolFullError):  # 160 bytes aside: 60 over the allowance of 100
        spool.put(b"b" * 41, 1, {})
    put(spool, b"b" * 40)


def test_wait_wakes_on_arrival_and_not_for_what_is_behind(spool: Spool) -> None:
    assert not spool.wait(0, 0.01)
    timer = threading.Timer(0.05, put, (spool, b"a"))
    timer.start()
    assert spool.wait(0, 10)
    timer.join()
    assert not spool.wait(1, 0.01)
    spool.quarantine(take(spool)[0], "refused")
    assert not spool.wait(0, 0.01), "quarantined is not waiting"


def test_close_commits_what_is_queued_and_ends_waits(open_spool: Open) -> None:
    spool = open_spool()
    waited: Future[bool] = Future()
    waiter = threading.Thread(target=lambda: waited.set_result(spool.wait(1000, 30)))
    waiter.start()
    with hold_writer(spool):
        future = spool.put(b"a", 1, {})
        closer = threading.Thread(target=spool.close)
        closer.start()
    closer.join(10)
    assert future.result(0) == 1
    assert waited.result(10) is False
    waiter.join()
    spool.close()
    for use in (lambda: spool.put(b"b", 1, {}), lambda: take(spool), lambda: spool.done(1)):
        with pytest.raises(SpoolError, match="the spool is closed"):
            use()
    assert bodies(open_spool()) == [b"a"]


def test_the_file_is_readable_by_its_owner_only(spool: Spool, path: Path) -> None:
    put(spool, b"a")
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_the_file_stays_bounded_because_deleted_pages_are_reused(open_spool: Open, path: Path) -> None:
    spool = open_spool()
    for _ in range(30):
        seqs = put(spool, *[bytes(10_000)] * 50)
        spool.done(seqs[-1])
    spool.close()
    assert path.stat().st_size < 2_000_000, "15 MB went through"
