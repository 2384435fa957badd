"""What the disk may do to the spool: power cuts at any write, bits that flip, clocks that step. Each fault is one number: its seed."""

from __future__ import annotations

import logging as logs
import shutil
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Self

from collector.spool import STORE, Delivery, Spool
from tests.faults.disk import Disk, logging

BYTES_MAX = 1 << 30
DAY_NS = 86_400 * 10**9
CUTS_OF_A_RUN = 20
LAST_COMMIT_MAX = 3
"""Requests that `run` puts at a time, and so of a commit."""


@dataclass(frozen=True)
class Sent:
    """A request, and when in the log of the disk it was acknowledged."""

    body: bytes
    spans: int
    sender: str
    at: int


@dataclass
class Run:
    """What happened to a spool before the fault."""

    disk: Disk
    sent: list[Sent]
    stored: list[tuple[int, int]]
    """Entries of the log before the spool was told so, and the seq up to which all is stored."""


def run(folder: Path, random: Random) -> Run:
    """Put, take, store and set aside, at random, with a clock that steps; the spool is left as it is, not closed."""
    now = [Random(random.random()).randrange(10**18, 2 * 10**18)]

    def clock_ns() -> int:
        now[0] += random.choice((0, 1, 1000, 10**6, 10**9, -(10**9), DAY_NS, -DAY_NS))
        return now[0]

    with logging(folder) as disk:
        spool = Spool(folder / "spool.sqlite", bytes_max=BYTES_MAX, clock_ns=clock_ns)
        sent: list[Sent] = []
        stored = [(0, 0)]
        for _ in range(random.randrange(5, 25)):
            step = random.random()
            if step < 0.6:
                batch = [
                    (random.randbytes(random.choice((10, 900, 5000, 40_000))), random.randrange(1, 9), random.choice("ab"))
                    for _ in range(3)
                ]
                futures = [spool.put(body, spans, {"team": "t"}, sender, rejected=random.randrange(2)) for body, spans, sender in batch]
                for (body, spans, sender), future in zip(batch, futures, strict=True):
                    future.result(30)
                    sent.append(Sent(body, spans, sender, len(disk.log)))
            elif step < 0.9:
                for delivery in spool.take(after=stored[-1][1], requests_max=random.randrange(1, 5), bytes_max=BYTES_MAX)[-1:]:
                    stored.append((len(disk.log), delivery.seq))
                    spool.passed(STORE, delivery.seq, done=delivery.seq)
            else:
                spool._forgotten_at = float("-inf")
                spool._submit(lambda: None).result(30)
                spool._submit(lambda: None).result(30)  # by now the writer has swept
        _OPEN.append(spool)
    return Run(disk, sent, stored)


_OPEN: list[Spool] = []
"""Closed when all faults of their run are over: closing would write."""


def close_all() -> None:
    """Close the spools of the runs that are over."""
    while _OPEN:
        _OPEN.pop().close()


def deliveries(spool: Spool) -> list[Delivery]:
    """All that waits."""
    return spool.take(after=0, requests_max=1_000_000, bytes_max=BYTES_MAX)


class Heard(logs.Handler):
    """What the spool logs while the block runs."""

    def __init__(self) -> None:
        super().__init__()
        self._told: list[str] = []

    def emit(self, record: logs.LogRecord) -> None:
        """Keep it."""
        self._told.append(record.getMessage())

    def text(self) -> str:
        """All of it."""
        return "\n".join(self._told)

    def __enter__(self) -> Self:
        self._logger = logs.getLogger("collector.spool")
        self._propagates, self._logger.propagate = self._logger.propagate, False
        self._logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)
        self._logger.propagate = self._propagates


def check_books(spool: Spool) -> None:
    """Each span has one state, and no version is given out twice."""
    for day in spool.sender_days():
        assert day.received == day.rejected + day.waiting + day.quarantined + day.dropped + day.delivered, day
    versions = [(one.version, one.version + one.spans) for one in deliveries(spool)]
    assert all(end <= start for (_, end), (start, _) in pairwise(versions)), "versions overlap"


def power_cut(seed: int) -> int:
    """A run, and power cuts at random entries of its log: what was acknowledged and not stored is there, bit by bit. Returns faults."""
    random = Random(seed)
    with TemporaryDirectory() as name:
        folder = Path(name) / "spool"
        folder.mkdir()
        one = run(folder, random)
        for cut in range(CUTS_OF_A_RUN):
            at = random.randrange(len(one.disk.log) + 1)
            left = Path(name) / f"cut-{cut}"
            one.disk.after_power_cut(at, random, left)
            stored = max(seq for begun, seq in one.stored if begun <= at)
            _check_after(left, one, at, stored)
            shutil.rmtree(left)
        close_all()
    return CUTS_OF_A_RUN


def _check_after(left: Path, one: Run, at: int, stored: int) -> None:
    acknowledged = [sent.body for nth, sent in enumerate(one.sent, 1) if sent.at <= at and nth > stored]
    with Heard() as said:
        spool = Spool(left / "spool.sqlite", bytes_max=BYTES_MAX)
    try:
        assert "rotted: mended" not in said.text(), "an interrupted commit is not rot"
        found = {delivery.body for delivery in deliveries(spool)}
        assert found <= {sent.body for sent in one.sent}, "a body that nobody sent"
        assert set(acknowledged) <= found, f"cut at {at} of {len(one.disk.log)}: {len(set(acknowledged) - found)} acknowledged are gone"
        assert spool.depth.quarantined == 0
        check_books(spool)
        spool.put(b"after the cut", 1, {}).result(30)
    finally:
        spool.close()


def flipped_bits(seed: int) -> int:
    """Bits flip in the file of a spool that is not running: what is damaged is named, and all else is there, bit by bit."""
    random = Random(seed)
    with TemporaryDirectory() as name:
        folder = Path(name) / "spool"
        folder.mkdir()
        one = run(folder, random)
        stored = one.stored[-1][1]
        waiting = [sent for nth, sent in enumerate(one.sent, 1) if nth > stored]
        if random.random() < 0.5:
            close_all()  # all is in the file; else much is in its WAL
        for nth in range(CUTS_OF_A_RUN):
            left = Path(name) / f"flip-{nth}"
            shutil.copytree(folder, left)
            (left / "spool.sqlite-shm").unlink(missing_ok=True)
            file = random.choice([path for path in sorted(left.glob("spool.sqlite*")) if path.suffix != ".lock" and path.stat().st_size])
            content = bytearray(file.read_bytes())
            for _ in range(random.choice((1, 1, 1, 3))):
                content[random.randrange(len(content))] ^= 1 << random.randrange(8)
            file.write_bytes(content)
            _check_flipped(left, waiting, {sent.body for sent in one.sent})
            shutil.rmtree(left)
        close_all()
    return CUTS_OF_A_RUN


def _check_flipped(left: Path, waiting: list[Sent], everything: set[bytes]) -> None:
    with Heard() as said:
        spool = Spool(left / "spool.sqlite", bytes_max=BYTES_MAX)
    try:
        found = {delivery.body for delivery in deliveries(spool)}
        lost = {sent.body for sent in waiting} - found
        assert found <= everything, "a body that nobody sent"
        told = said.text()
        named = spool.depth.quarantined + LAST_COMMIT_MAX * ("the last commit" in told)
        assert len(lost) <= named or "what could not is in" in told, f"{len(lost)} are gone and nobody says so: {told}"
    finally:
        spool.close()
