"""received = rejected + waiting + quarantined + dropped + delivered, per sender, whatever happens to what was received."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from collector.spool import STORE, Division, SenderDay, Spool
from collector.spool import spool as module
from collector.spool.store import DAY_NS, Store

Open = Callable[..., Spool]
STATES = ("rejected", "waiting", "quarantined", "dropped", "delivered")
FIRST = 20_000
"""A day."""


def figures(spool: Spool) -> dict[str, tuple[int, ...]]:
    """By sender: received, then the states, added up over days."""
    found: dict[str, tuple[int, ...]] = {}
    for row in spool.sender_days():
        counted = (row.received, *(getattr(row, state) for state in STATES))
        assert row.received == sum(counted[1:]), row
        assert min(counted) >= 0, row
        found[row.sender] = tuple(map(sum, zip(found.get(row.sender, (0,) * 6), counted, strict=True)))
    return found


def test_each_span_is_in_one_state(spool: Spool, path: Path) -> None:
    spool.put(b"a", 5, {"team": "sales"}, "sales", rejected=2).result(10)
    spool.put(b"b", 3, {}, "support").result(10)
    spool.put(b"c", 4, {}, "sales").result(10)
    assert spool.put(b"", 0, {}, "sales", rejected=7).result(10) == 0, "nothing to keep, and counted all the same"
    assert figures(spool) == {"sales": (18, 9, 9, 0, 0, 0), "support": (3, 0, 3, 0, 0, 0)}
    spool.passed(STORE, 1, done=1)
    assert figures(spool)["sales"] == (18, 9, 4, 0, 0, 5)
    [second, third] = spool.take(after=1, requests_max=9, bytes_max=99)
    assert (second.sender, third.sender, third.tags) == ("support", "sales", {})
    spool.quarantine(third, "refused")
    assert figures(spool) == {"sales": (18, 9, 0, 4, 0, 5), "support": (3, 0, 3, 0, 0, 0)}
    spool.quarantine(second, "refused")
    with closing(Store(path)) as beside:
        with beside.transaction():
            assert beside.retry(2)
        assert figures(spool)["support"] == (3, 0, 3, 0, 0, 0)
        with beside.transaction():
            assert beside.drop(3)
    assert figures(spool) == {"sales": (18, 9, 0, 0, 4, 5), "support": (3, 0, 3, 0, 0, 0)}


def test_a_part_of_a_request_is_set_aside_and_comes_back_as_a_request_of_its_own(spool: Spool, path: Path) -> None:
    spool.put(b"kept and aside", 5, {"project": "x"}, "sales").result(10)
    [whole] = spool.take(after=0, requests_max=9, bytes_max=99)
    left = spool.divide(whole, Division(b"kept", 3, b"aside", 2, "policy"))
    assert [left] == spool.take(after=0, requests_max=9, bytes_max=99), "as it was given it stands on disk"
    assert (spool.depth.spans, spool.depth.bytes, spool.depth.quarantined, spool.depth.quarantined_bytes) == (3, 4, 1, 5)
    spool.quarantine(whole, "what was left is refused too")
    assert figures(spool) == {"sales": (5, 0, 0, 5, 0, 0)}
    assert spool.divide(whole, Division(b"k", 1, b"a", 2, "policy")) is None, "it does not wait any more"
    assert [body for _, body in spool.set_aside_for("policy", after=0, rows_max=9)] == [b"aside"]
    with closing(Store(path)) as beside, beside.transaction():
        for one in beside.quarantined():
            assert beside.retry(one.seq, {"team": "found"} if one.reason == "policy" else None)
    [first, second] = sorted(spool.take(after=0, requests_max=9, bytes_max=99), key=lambda one: one.body, reverse=True)
    assert (first.body, first.version, first.spans, first.tags) == (b"kept", whole.version, 3, {"project": "x"})
    assert (second.body, second.version, second.spans, second.tags) == (b"aside", whole.version + 3, 2, {"project": "x", "team": "found"})
    assert spool.put(b"next", 1, {}).result(10) > second.seq


def test_the_day_is_that_of_the_receipt(open_spool: Open) -> None:
    clock = [FIRST * DAY_NS]
    spool = open_spool(clock_ns=lambda: clock[0])
    spool.put(b"a", 1, {}).result(10)
    clock[0] += DAY_NS
    spool.put(b"b", 2, {}).result(10)
    spool.passed(STORE, 2, done=2)
    assert spool.sender_days() == [SenderDay("", FIRST, 1, 0, 0, 0, 0, 1), SenderDay("", FIRST + 1, 2, 0, 0, 0, 0, 2)]


def test_what_is_stored_and_not_forwarded_is_delivered_and_stays(open_spool: Open) -> None:
    spool = open_spool()
    spool.put(b"a", 1, {}).result(10)
    spool.put(b"b", 2, {}).result(10)
    spool.passed(STORE, 2, done=0)
    spool.passed("https://other", 1, done=1)
    spool.close()
    spool = open_spool()
    assert (spool.cursor(STORE), spool.cursor("https://other"), spool.cursor("https://new")) == (2, 1, 0)
    assert figures(spool) == {"": (3, 0, 0, 0, 0, 3)}
    [left] = spool.take(after=0, requests_max=9, bytes_max=99)
    spool.quarantine(left, "its bytes rotted after it was stored")
    assert figures(spool) == {"": (3, 0, 0, 0, 0, 3)}
    assert (spool.depth.requests, spool.depth.quarantined) == (0, 0), "it is stored: there is nothing to set aside"


@pytest.mark.parametrize("seed", range(3))
def test_it_holds_after_any_steps_over_restarts(open_spool: Open, path: Path, seed: int) -> None:
    random = Random(seed)
    spool = open_spool()
    given: dict[str, int] = {}
    for _ in range(60):
        waiting = spool.take(after=spool.cursor(STORE), requests_max=99, bytes_max=9999)
        step = random.choice(["put", "put", "reject", "store", "quarantine", "divide", "retry", "drop", "reopen"])
        if step in {"put", "reject"}:
            sender, spans, rejected = random.choice(["", "a", 'b"\\']), random.randrange(1, 9) if step == "put" else 0, random.randrange(3)
            spool.put(b"x", spans, {}, sender, rejected=rejected).result(10)
            given[sender] = given.get(sender, 0) + spans + rejected
        elif step == "store" and waiting:
            to = random.choice(waiting).seq
            spool.passed(STORE, to, done=to)
        elif step == "quarantine" and waiting:
            spool.quarantine(random.choice(waiting), "refused")
        elif step == "divide" and waiting:
            one = random.choice(waiting)
            kept = random.randrange(max(one.spans, 1))
            left = spool.divide(one, Division(b"kept" if kept else b"", kept, b"aside", one.spans - kept, "policy"))
            assert (left.spans if left else 0) == kept
        elif step in {"retry", "drop"}:
            with closing(Store(path)) as beside, beside.transaction():
                for aside in beside.quarantined()[:1]:
                    assert getattr(beside, step)(aside.seq)
        elif step == "reopen":
            spool.close()
            spool = open_spool()
        assert {sender: counted[0] for sender, counted in figures(spool).items() if counted[0]} == {k: v for k, v in given.items() if v}
        assert sum(counted[2] for counted in figures(spool).values()) == sum(
            one.spans for one in spool.take(after=spool.cursor(STORE), requests_max=99, bytes_max=9999)
        )


def test_another_store_begins_another_account(open_spool: Open) -> None:
    spool = open_spool()
    spool.put(b"a", 1, {}, "sales").result(10)
    first = spool.account_with("store 1")
    spool.passed(STORE, 1, done=1)
    spool.put(b"b", 2, {}, "sales", rejected=3).result(10)
    assert spool.account_with("store 1") == first
    assert figures(spool) == {"sales": (6, 3, 2, 0, 0, 1)}
    assert spool.account_with("store 2") != first
    assert figures(spool) == {"sales": (2, 0, 2, 0, 0, 0)}, "of what the other store took nothing is said"


def test_a_spool_of_the_layout_before_is_taken_over(path: Path, open_spool: Open) -> None:
    spool = open_spool()
    for spans in (5, 6):
        spool.put(b"a", spans, {"team": "sales"}, "sales").result(10)
    spool.quarantine(spool.take(after=1, requests_max=1, bytes_max=9)[0], "refused")
    spool.close()
    with closing(Store(path)) as store, store.transaction():
        for table in ("sender_days", "cursors", "account"):
            store._db.execute(f"DROP TABLE {table}")
        store._db.execute("PRAGMA user_version = 1")
    spool = open_spool()
    assert figures(spool) == {"sales": (11, 0, 5, 6, 0, 0)}
    assert spool.take(after=spool.cursor(STORE), requests_max=9, bytes_max=9)[0].tags == {"team": "sales"}


def test_what_is_deleted_is_gone_from_the_disk(open_spool: Open, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FORGET_SECONDS", 0.05)
    spool = open_spool()
    secret = b"what the user asked, word for word "
    for _ in range(20):
        spool.put(secret * 500, 1, {}).result(10)
    spool.put(secret * 500, 1, {}).result(10)
    [*_, last] = spool.take(after=20, requests_max=9, bytes_max=1 << 20)
    spool.quarantine(last, "refused")
    spool.passed(STORE, 20, done=20)
    with closing(Store(path)) as beside, beside.transaction():
        beside.drop(last.seq)

    def left() -> bool:
        return any(secret in file.read_bytes() for file in path.parent.iterdir())

    assert left(), "until the sweep"
    limit = time.monotonic() + 10
    while left() and time.monotonic() < limit:
        time.sleep(0.05)
    assert not left(), "swept though nothing else happens"
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
