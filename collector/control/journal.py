"""What decisions remember on disk: reservations in flight, runs, and events that are not in the store yet.

| state | file | a crash leaves |
|---|---|---|
| a reservation that was allowed | `control.sqlite` | it; written before the answer |
| a run's initiator, agent and hops | `control.sqlite` | them, likewise |
| an event | `control.sqlite`, then `budget_events` | it; written twice at worst, under one id |
| a message | `control.sqlite` | it; sent twice at worst, under one id |
| the name of the service | `control.sqlite` | it: other services know it again |
| spend | nowhere: it is replayed from the store | nothing |
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from pydantic_core import to_json

from attribution.budgets import Event
from collector.control.bounds import Bound

_BEGIN = "INSERT OR REPLACE INTO reservations VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
SCHEMA = Path(__file__).with_name("schema.sql")
RUNS_MAX = 100_000
"""Remembered; the oldest are forgotten first."""
RUN_SECONDS = 60
"""For so long a run that asks again is the same, and is not written again."""
PAGES_MAX = 100_000
"""In the log before the file (400 MB), should nobody call `checkpoint`: then the write that comes next waits for the disk."""
NEVER = 9e18
SENT_SECONDS = 100 * 86_400
"""Longer than a quarter, the longest window."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """A call that was allowed and whose end is not known."""

    id: str
    trace_id: str
    span_id: str
    at: float
    """When it was allowed, seconds since the epoch."""
    expires: float
    dimensions: Mapping[str, str]
    """As they were decided, `run`, `model` and `provider` included."""
    bound: Bound
    ended: bool = False
    """The call was made and is over: it counts until its record arrives, and no question after it is about it."""

    @property
    def place(self) -> tuple[str, str]:
        """Trace and span."""
        return self.trace_id, self.span_id


@dataclass(frozen=True, slots=True)
class Run:
    """What is known of a trace by what was asked in it."""

    at: float
    """When somebody asked in it, to RUN_SECONDS."""
    dimensions: Mapping[str, str]
    """Of its initiator."""
    agent: str = ""
    hops: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """What one receiver is to be told."""

    id: str
    """Of the event and the receiver."""
    receiver: str
    title: str
    text: str
    at: float = field(default_factory=time.time)
    attempts: int = 0


class Journal:
    """One SQLite file. Statements of several threads take turns, as SQLite's own mutex has it."""

    def __init__(self, path: Path | None) -> None:
        """None: in memory, for tests."""
        self._connection = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        # A killed process loses nothing; a power cut the last moments, in which the calls were lost as well.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {PAGES_MAX}")
        self._connection.executescript(SCHEMA.read_text(encoding="utf-8"))
        self._beside = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)

    def close(self) -> None:
        """Close the file."""
        self._beside.close()
        self._connection.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written in the block is remembered all at once, at its end. Under the lock of the decisions, as other blocks are."""
        if self._connection.in_transaction:
            yield
            return
        with self._connection:
            self._connection.execute("BEGIN")
            yield

    def checkpoint(self) -> None:
        """Bring what was written to its place in the file, which waits for the disk. Decisions go on beside it.

        The second step starts the log anew. Decisions wait for it, so the first one has done nearly all of the work.
        """
        for step in ("PASSIVE", "RESTART"):
            self._beside.execute(f"PRAGMA wal_checkpoint({step})")

    @property
    def name(self) -> str:
        """Of the service that keeps it; it stays the same."""
        self._connection.execute("INSERT INTO names SELECT ? WHERE NOT EXISTS (SELECT 1 FROM names)", (uuid4().hex,))
        return str(self._connection.execute("SELECT name FROM names").fetchone()[0])

    def reservations(self) -> list[Reservation]:
        """All that are in flight."""
        rows = self._connection.execute(
            "SELECT id, trace_id, span_id, at, expires, dimensions, bound, ended FROM reservations ORDER BY expires, id"
        )
        return [
            Reservation(id_, trace, span, at, expires, json.loads(dimensions), _bound(json.loads(bound)), bool(ended))
            for id_, trace, span, at, expires, dimensions, bound, ended in rows
        ]

    def runs(self) -> dict[str, Run]:
        """All that are remembered, the oldest first."""
        rows = self._connection.execute("SELECT trace_id, at, dimensions, agent, hops FROM runs ORDER BY at")
        return {trace: Run(at, json.loads(dimensions), agent, hops) for trace, at, dimensions, agent, hops in rows}

    def begin(self, reservation: Reservation, run: Run | None) -> None:
        """Remember a call before it is allowed, and its run where that is new."""
        one = (
            reservation.id,
            reservation.trace_id,
            reservation.span_id,
            reservation.at,
            reservation.expires,
            _json(reservation.dimensions),
            _json(reservation.bound),
            reservation.ended,
        )
        if run:
            with self.together():
                self._connection.execute(_BEGIN, one)
                of = (reservation.trace_id, run.at, _json(run.dimensions), run.agent, run.hops)
                self._connection.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?)", of)
        else:  # a statement by itself is a transaction
            self._connection.execute(_BEGIN, one)

    def change(self, reservation: Reservation) -> None:
        """Remember what became of a call that is remembered."""
        changed = (reservation.span_id, reservation.expires, reservation.ended, reservation.id)
        self._connection.execute("UPDATE reservations SET span_id = ?, expires = ?, ended = ? WHERE id = ?", changed)

    def end(self, ids: Iterable[str]) -> None:
        """Forget reservations."""
        with self.together():
            self._connection.executemany("DELETE FROM reservations WHERE id = ?", [(one,) for one in ids])

    def forget_runs(self, traces: Iterable[str]) -> None:
        """Forget runs."""
        with self.together():
            self._connection.executemany("DELETE FROM runs WHERE trace_id = ?", [(one,) for one in traces])

    def note(self, event: Event) -> None:
        """Keep an event until it is in the store."""
        self._connection.execute("INSERT OR IGNORE INTO events VALUES (?, ?)", (str(event.id), json.dumps(asdict(event), default=str)))

    def put(self, message: Message) -> None:
        """Keep a message until its receiver has taken it."""
        row = (message.id, message.receiver, message.title, message.text, message.at, message.at, 0)
        self._connection.execute("INSERT OR IGNORE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def due(self, now: float, rows_max: int = 100) -> list[Message]:
        """Messages to be sent now, the oldest first."""
        asked = "SELECT id, receiver, title, text, at, attempts FROM messages WHERE due <= ? ORDER BY at, id LIMIT ?"
        return [Message(*row) for row in self._connection.execute(asked, (now, rows_max))]

    def waiting(self, receiver: str, rows_max: int = 100) -> list[Message]:
        """Messages that a receiver has not taken, due or not, the oldest first."""
        asked = "SELECT id, receiver, title, text, at, attempts FROM messages WHERE receiver = ? AND due < ? ORDER BY at, id LIMIT ?"
        return [Message(*row) for row in self._connection.execute(asked, (receiver, NEVER, rows_max))]

    def defer(self, message: str, due: float) -> None:
        """It is not tried before."""
        self._connection.execute("UPDATE messages SET due = ? WHERE id = ?", (due, message))

    def sent(self, message: str) -> None:
        """The receiver has taken it. Its id stays for a while, so that the same event is not told again."""
        self._connection.execute("UPDATE messages SET due = ?, title = '', text = '' WHERE id = ?", (NEVER, message))
        self._connection.execute("DELETE FROM messages WHERE due = ? AND at < ?", (NEVER, time.time() - SENT_SECONDS))

    def postpone(self, message: str, due: float) -> None:
        """It is tried again later."""
        self._connection.execute("UPDATE messages SET due = ?, attempts = attempts + 1 WHERE id = ?", (due, message))

    def noted(self, rows_max: int = 10_000) -> list[Event]:
        """Events that are not known to be in the store."""
        rows = self._connection.execute("SELECT event FROM events LIMIT ?", (rows_max,))
        return [_event(json.loads(row[0])) for row in rows]

    def kept(self, events: Sequence[Event]) -> None:
        """These are in the store."""
        with self.together():
            self._connection.executemany("DELETE FROM events WHERE id = ?", [(str(one.id),) for one in events])


def _json(what: Any) -> str:
    return to_json(what).decode()


def _bound(values: Mapping[str, str | int | None]) -> Bound:
    usd = values["usd"]
    return Bound(**{**values, "usd": None if usd is None else Decimal(usd)})  # type: ignore[arg-type]


def _event(values: Mapping[str, str]) -> Event:
    until = values["until"]
    return Event(
        **{  # type: ignore[arg-type]
            **values,
            "id": UUID(values["id"]),
            "at": datetime.fromisoformat(values["at"]),
            "window_start": datetime.fromisoformat(values["window_start"]),
            "until": datetime.fromisoformat(until) if until else None,
            "key": tuple(values["key"]),
            "amount": Decimal(values["amount"]),
        }
    )
