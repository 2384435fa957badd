"""The spool's file: what is written and read, and how it is made to survive a crash.

Two connections to one SQLite file: the writer thread has one, readers share the other. In WAL mode they do not wait for
each other. Errors of SQLite pass through; the spool turns them into SpoolError.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql")
SCHEMA_VERSION = 1

SENDER = "sender"
"""Stands among the tags of a key: no dimension is called so."""
SIGNAL = "signal"
"""The same; it stands there where it is not SPAN."""
SPAN, LOG, METRIC = "span", "log", "metric"
"""What a request was sent as. Log records that tell of a call wait as spans."""

WAL_PAGES = 16384
"""64 MiB of 4 KiB pages between checkpoints. In steady state a request is stored and deleted again before its pages are
checkpointed, so a long interval saves writing them twice; a crash replays at most this and one commit, below a second."""

CACHE_KIB = 16 * 1024
"""Page cache of each connection: a commit of usual size stays in memory."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One acknowledged OTLP request."""

    seq: int
    """Position in the spool, ascending."""
    version: int
    """Nanoseconds since the epoch. Span i of the request has version + i; no two spans ever share one."""
    spans: int
    tags: Mapping[str, str]
    """Of the ingest key, as they were when the request was acknowledged."""
    body: bytes
    """ExportTraceServiceRequest, protobuf, validated; of METRIC an ExportMetricsServiceRequest."""
    sender: str = ""
    """Who sent it, by its ingest key."""
    signal: str = SPAN


@dataclass(frozen=True, slots=True)
class Depth:
    """What the spool holds. Bytes are those of the bodies."""

    requests: int
    spans: int
    bytes: int
    quarantined: int
    quarantined_bytes: int
    newest_seq: int
    """0: nothing is waiting."""
    oldest_received_ns: int | None
    """Nanoseconds since the epoch; None: nothing is waiting."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What was being carried to the store."""

    first_seq: int
    last_seq: int
    deaths: int
    """How often the process ended while it carried this request alone."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A request that could not be stored, without its body."""

    seq: int
    received_ns: int
    quarantined_ns: int
    reason: str
    spans: int
    size: int
    tags: Mapping[str, str]
    sender: str = ""
    signal: str = SPAN


@dataclass(frozen=True, slots=True)
class Damaged:
    """A row whose checksum does not match what it holds."""

    seq: int
    reason: str


class Store:
    """One connection. Not thread-safe: its owner serialises calls."""

    def __init__(self, path: Path) -> None:
        # Autocommit: transactions are opened and closed in one place, below.
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",  # the WAL is synced at every commit: an acknowledgement survives a power cut
            "fullfsync = ON",  # macOS: through the drive's cache too
            "secure_delete = OFF",  # deleted pages go to the free list as they are; zeroing writes every byte twice
            f"wal_autocheckpoint = {WAL_PAGES}",
            f"journal_size_limit = {WAL_PAGES * 4096}",
            f"cache_size = -{CACHE_KIB}",
        ):
            self._db.execute(f"PRAGMA {pragma}")

    def prepare(self) -> None:
        """Create what is missing. Raises ValueError when a later release wrote the file."""
        (found,) = self._db.execute("PRAGMA user_version").fetchone()
        if found > SCHEMA_VERSION:
            raise ValueError(f"has layout {found}, this release knows up to {SCHEMA_VERSION}")
        self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA.read_text(encoding='utf-8')} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One commit, one sync; nothing of it is kept when it fails."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # SQLite has rolled back by itself where the disk failed
                self._db.execute("ROLLBACK")
            raise

    def add(self, body: bytes, spans: int, tags: Mapping[str, str], sender: str, signal: str, now_ns: int) -> int:
        """Append a request; returns its seq."""
        seq, version_next = self._db.execute("SELECT seq_next, version_next FROM totals").fetchone()
        version = max(version_next, now_ns)  # the clock, unless it stepped back or was overtaken
        beside = {name: value for name, value in ((SENDER, sender), (SIGNAL, signal)) if value not in {"", SPAN}}
        text = json.dumps({**tags, **beside}, ensure_ascii=False, sort_keys=True)
        row = (seq, version, now_ns, spans, len(body), text, checksum(version, spans, text, body), body)
        self._db.execute("INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return int(seq)

    def remove_to(self, seq: int) -> None:
        """Delete everything up to and including `seq`."""
        self._db.execute("DELETE FROM requests WHERE seq <= ?", (seq,))

    def sizes(self, after: int, to: int) -> list[tuple[int, int, int]]:
        """Seq, spans and bytes of what waits in this range."""
        return self._db.execute("SELECT seq, spans, size FROM requests WHERE seq > ? AND seq <= ? ORDER BY seq", (after, to)).fetchall()

    def quarantine(self, seq: int, reason: str, now_ns: int) -> None:
        """Move a request aside; nothing happens when it is not waiting."""
        self._db.execute(
            "INSERT INTO quarantined SELECT seq, version, received_ns, ?, ?, spans, size, tags, crc, body FROM requests WHERE seq = ?",
            (now_ns, reason, seq),
        )
        self._db.execute("DELETE FROM requests WHERE seq = ?", (seq,))

    def carry(self, first_seq: int, last_seq: int) -> None:
        """Note what is being carried. Of a request that is carried alone again the deaths are kept."""
        self._db.execute(
            "INSERT INTO carried VALUES (1, :first, :last, 0) ON CONFLICT (one) DO UPDATE SET"
            " deaths = iif(first_seq = :first AND last_seq = :last AND :first = :last, deaths, 0), first_seq = :first, last_seq = :last",
            {"first": first_seq, "last": last_seq},
        )

    def carried(self, *, died: bool) -> Carried | None:
        """What is being carried; `died`: the process ended meanwhile, which is counted."""
        if died:
            self._db.execute("UPDATE carried SET deaths = deaths + (first_seq = last_seq)")
        row = self._db.execute("SELECT first_seq, last_seq, deaths FROM carried").fetchone()
        return Carried(*row) if row else None

    def carried_all(self) -> None:
        """Nothing is being carried."""
        self._db.execute("DELETE FROM carried")

    def quarantined(self) -> list[Quarantined]:
        """What was set aside, oldest first."""
        rows = self._db.execute("SELECT seq, received_ns, quarantined_ns, reason, spans, size, tags FROM quarantined ORDER BY seq")
        return [
            Quarantined(seq, received, quarantined, reason, spans, size, *_key(text))
            for seq, received, quarantined, reason, spans, size, text in rows
        ]

    def quarantined_body(self, seq: int) -> bytes | None:
        """The request itself; None where there is no such."""
        row = self._db.execute("SELECT body FROM quarantined WHERE seq = ?", (seq,)).fetchone()
        return bytes(row[0]) if row else None

    def retry(self, seq: int) -> bool:
        """Let a request that was set aside wait again, after all others; False where there is no such."""
        seq_next, version_next = self._db.execute("SELECT seq_next, version_next FROM totals").fetchone()
        moved = self._db.execute(
            "INSERT INTO requests SELECT ?, version, received_ns, spans, size, tags, crc, body FROM quarantined WHERE seq = ?",
            (seq_next, seq),
        ).rowcount
        self._db.execute("UPDATE totals SET version_next = max(version_next, ?)", (version_next,))
        return bool(moved) and self.drop(seq)

    def drop(self, seq: int) -> bool:
        """Delete a request that was set aside; False where there is no such."""
        return bool(self._db.execute("DELETE FROM quarantined WHERE seq = ?", (seq,)).rowcount)

    def depth(self) -> Depth:
        """Sums and ends, without a scan."""
        row = self._db.execute(
            "SELECT requests, spans, bytes, quarantined, quarantined_bytes, (SELECT ifnull(max(seq), 0) FROM requests),"
            " (SELECT received_ns FROM requests ORDER BY seq LIMIT 1) FROM totals"
        ).fetchone()
        return Depth(*row)

    def read(self, *, after: int, requests_max: int, bytes_max: int) -> Iterator[Delivery | Damaged]:
        """Oldest first, from seq `after` + 1; stops before the request that would exceed `bytes_max`, but not before the first."""
        rows = self._db.execute(
            "SELECT seq, version, spans, size, tags, crc, body FROM requests WHERE seq > ? ORDER BY seq LIMIT ?",
            (after, requests_max),
        )
        size_sum = 0
        try:
            for seq, version, spans, size, text, crc, body in rows:
                if size_sum and size_sum + size > bytes_max:
                    return
                size_sum += size
                if checksum(version, spans, text, body) == crc:
                    tags, sender, signal = _key(text)
                    yield Delivery(seq, version, spans, tags, body, sender, signal)
                else:
                    yield Damaged(seq, f"checksum mismatch: {len(body)} bytes do not have CRC-32 {crc:08x}")
        finally:
            rows.close()  # an open read would keep the WAL from being reused

    def close(self) -> None:
        """Close the connection; the last one to close folds the WAL into the file."""
        self._db.close()


def _key(text: str) -> tuple[dict[str, str], str, str]:
    """Tags and sender of the ingest key, and the signal, as they stand in one column."""
    tags = json.loads(text)
    return tags, tags.pop(SENDER, ""), tags.pop(SIGNAL, SPAN)


def checksum(version: int, spans: int, tags: str, body: bytes) -> int:
    """CRC-32 of the body and of what decides which span wins and who pays."""
    return zlib.crc32(body, zlib.crc32(f"{version} {spans} {tags}".encode()))
