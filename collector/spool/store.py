"""The spool's file: what is written and read, and how it is made to survive a crash.

Two connections to one SQLite file: the writer thread has one, readers share the other. In WAL mode they do not wait for
each other. Errors of SQLite pass through; the spool turns them into SpoolError.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from collector.spool.delivery import SPAN, Carried, Damaged, Delivery, Depth, Division, Quarantined, SenderDay
from collector.spool.mending import readable, readable_rows

SCHEMA = Path(__file__).with_name("schema.sql")
SCHEMA_VERSION = 2

STORE = "clickhouse"
"""The exporter whose cursor says what is stored."""
DAY_NS = 24 * 3600 * 10**9

SENDER = "sender"
"""Stands among the tags of a key: no dimension is called so."""
SIGNAL = "signal"
"""The same; it stands there where it is not SPAN."""

WAL_PAGES = 16384
"""64 MiB of 4 KiB pages between checkpoints. In steady state a request is stored and deleted again before its pages are
checkpointed, so a long interval saves writing them twice; a crash replays at most this and one commit, below a second."""

CACHE_KIB = 16 * 1024
"""Page cache of each connection: a commit of usual size stays in memory."""


STATES = ("received", "rejected", "waiting", "quarantined", "dropped", "delivered")
"""What `sender_days` counts."""


class Store:
    """One connection. Not thread-safe: its owner serialises calls."""

    def __init__(self, path: Path) -> None:
        # Autocommit: transactions are opened and closed in one place, below.
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",  # the WAL is synced at every commit: an acknowledgement survives a power cut
            "fullfsync = ON",  # macOS: through the drive's cache too
            "secure_delete = ON",  # what is deleted is zeroed: requests hold prompts (measured: 4 ms of CPU for each MB)
            f"wal_autocheckpoint = {WAL_PAGES}",
            f"journal_size_limit = {WAL_PAGES * 4096}",
            f"cache_size = -{CACHE_KIB}",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.create_function("sender_of", 1, _sender_of, deterministic=True)

    def prepare(self) -> None:
        """Create what is missing. Raises ValueError when a later release wrote the file."""
        (found,) = self._db.execute("PRAGMA user_version").fetchone()
        if found > SCHEMA_VERSION:
            raise ValueError(f"has layout {found}, this release knows up to {SCHEMA_VERSION}")
        self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA.read_text(encoding='utf-8')} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        with self.transaction():
            if self.account() is None:
                self._begin_account("")

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
        self._count(sender, now_ns // DAY_NS, received=spans, waiting=spans)
        return int(seq)

    def reject(self, rejected: int, sender: str, now_ns: int) -> None:
        """Count spans that are acknowledged as invalid."""
        self._count(sender, now_ns // DAY_NS, received=rejected, rejected=rejected)

    def passed(self, exporter: str, seq: int, done: int) -> None:
        """Note that an exporter has passed `seq`, and delete what all have passed."""
        if exporter == STORE:
            self._move("waiting", "delivered", "FROM requests WHERE seq > ? AND seq <= ?", (self.cursor(STORE), seq))
            self.carried_all()
        self._db.execute(
            "INSERT INTO cursors VALUES (?, ?) ON CONFLICT (exporter) DO UPDATE SET seq = max(seq, excluded.seq)", (exporter, seq)
        )
        self._db.execute("DELETE FROM requests WHERE seq <= ?", (done,))

    def cursor(self, exporter: str) -> int:
        """The last seq that an exporter has passed."""
        row = self._db.execute("SELECT seq FROM cursors WHERE exporter = ?", (exporter,)).fetchone()
        return int(row[0]) if row else 0

    def sizes(self, after: int, to: int) -> list[tuple[int, int, int]]:
        """Seq, spans and bytes of what waits in this range."""
        return self._db.execute("SELECT seq, spans, size FROM requests WHERE seq > ? AND seq <= ? ORDER BY seq", (after, to)).fetchall()

    def quarantine(self, seq: int, reason: str, now_ns: int) -> None:
        """Move a request aside; nothing happens when it is not waiting. One that is stored needs no quarantine: it is deleted."""
        waits, row = "FROM requests WHERE seq = ? AND seq > ?", (seq, self.cursor(STORE))
        self._move("waiting", "quarantined", waits, row)
        self._db.execute(
            f"INSERT INTO quarantined SELECT seq, version, received_ns, ?, ?, spans, size, tags, crc, body {waits}",
            (now_ns, reason, *row),
        )
        self._db.execute("DELETE FROM requests WHERE seq = ?", (seq,))

    def divide(self, seq: int, division: Division, now_ns: int) -> Delivery | None:
        """Move a part of a request aside, under a number of its own; returns what is left of it, None where it is not waiting.

        The spans that are set aside have the versions behind those that are kept, so that none is given out twice.
        """
        waits, row = "FROM requests WHERE seq = ? AND seq > ?", (seq, self.cursor(STORE))
        found = self._db.execute(f"SELECT version, received_ns, tags {waits}", row).fetchone()
        if found is None:
            return None
        version, received_ns, text = found
        tags, sender, signal = _key(text)
        aside_version = version + division.kept_spans
        aside = (division.aside_spans, len(division.aside), text, checksum(aside_version, division.aside_spans, text, division.aside))
        (number,) = self._db.execute("UPDATE totals SET seq_next = seq_next + 1 RETURNING seq_next - 1").fetchone()
        self._db.execute(
            "INSERT INTO quarantined VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, aside_version, received_ns, now_ns, division.reason, *aside, division.aside),
        )
        self._count(sender, received_ns // DAY_NS, waiting=-division.aside_spans, quarantined=division.aside_spans)
        crc = checksum(version, division.kept_spans, text, division.kept)
        self._db.execute(
            "UPDATE requests SET spans = ?, size = ?, crc = ?, body = ? WHERE seq = ?",
            (division.kept_spans, len(division.kept), crc, division.kept, seq),
        )
        return Delivery(seq, version, division.kept_spans, tags, division.kept, sender, signal)

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

    def set_aside_for(self, reason: str, after: int, rows_max: int) -> list[tuple[int, bytes]]:
        """Seq and body of what was set aside for a reason that begins so, oldest first."""
        asked = "SELECT seq, body FROM quarantined WHERE seq > ? AND substr(reason, 1, ?) = ? ORDER BY seq LIMIT ?"
        return self._db.execute(asked, (after, len(reason), reason, rows_max)).fetchall()

    def quarantined_body(self, seq: int) -> bytes | None:
        """The request itself; None where there is no such."""
        row = self._db.execute("SELECT body FROM quarantined WHERE seq = ?", (seq,)).fetchone()
        return bytes(row[0]) if row else None

    def retry(self, seq: int, tags: Mapping[str, str] | None = None) -> bool:
        """Let a request that was set aside wait again, after all others; False where there is no such.

        `tags` are added to those of its ingest key, and win over them.
        """
        if tags:
            self._add_tags(seq, tags)
        seq_next, version_next = self._db.execute("SELECT seq_next, version_next FROM totals").fetchone()
        self._move("quarantined", "waiting", "FROM quarantined WHERE seq = ?", (seq,))
        moved = self._db.execute(
            "INSERT INTO requests SELECT ?, version, received_ns, spans, size, tags, crc, body FROM quarantined WHERE seq = ?",
            (seq_next, seq),
        ).rowcount
        self._db.execute("UPDATE totals SET version_next = max(version_next, ?)", (version_next,))
        return bool(moved) and self._take_out(seq)

    def drop(self, seq: int) -> bool:
        """Delete a request that was set aside; False where there is no such."""
        self._move("quarantined", "dropped", "FROM quarantined WHERE seq = ?", (seq,))
        return self._take_out(seq)

    def _add_tags(self, seq: int, tags: Mapping[str, str]) -> None:
        """To a request that was set aside."""
        rows = self._db.execute("SELECT version, spans, tags, body FROM quarantined WHERE seq = ?", (seq,)).fetchall()
        for version, spans, before, body in rows:
            text = json.dumps({**json.loads(before), **tags}, ensure_ascii=False, sort_keys=True)
            row = (text, checksum(version, spans, text, body), seq)
            self._db.execute("UPDATE quarantined SET tags = ?, crc = ? WHERE seq = ?", row)

    def _take_out(self, seq: int) -> bool:
        return bool(self._db.execute("DELETE FROM quarantined WHERE seq = ?", (seq,)).rowcount)

    def account(self) -> tuple[str, str] | None:
        """Id of the account, and of the store that it speaks of."""
        row = self._db.execute("SELECT id, store FROM account").fetchone()
        return (str(row[0]), str(row[1])) if row else None

    def account_with(self, store: str) -> str:
        """Let the account speak of a store; returns its id. Of another store than before it begins anew, with what is here."""
        found = self.account()
        if found is None or found[1] not in {"", store}:
            return self._begin_account(store)
        self._db.execute("UPDATE account SET store = ?", (store,))
        return found[0]

    def _begin_account(self, store: str) -> str:
        identity = uuid.uuid4().hex
        self._db.execute("DELETE FROM sender_days")
        self._db.execute("INSERT OR REPLACE INTO account VALUES (1, ?, ?)", (identity, store))
        for state, there in (
            ("waiting", f"FROM requests WHERE seq > {self.cursor(STORE)}"),
            ("quarantined", "FROM quarantined"),
        ):
            for sender, day, spans in self._spans(there, ()):
                self._count(sender, day, **{"received": spans, state: spans})
        return identity

    def sender_days(self) -> list[SenderDay]:
        """What became of all spans."""
        return [SenderDay(*row) for row in self._db.execute("SELECT * FROM sender_days ORDER BY sender, day")]

    def take_over(self, damaged: Path) -> tuple[int, int]:
        """Take what can be read of a damaged spool into this new one; returns requests that wait, and that are quarantined."""
        with self.transaction():
            taken = []
            for table in ("requests", "quarantined"):
                rows = readable_rows(damaged, table)
                for row in rows:
                    self._db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
                taken.append(len(rows))
            for seq_next, version_next in readable(damaged, "SELECT seq_next, version_next FROM totals"):
                self._db.execute(
                    "UPDATE totals SET seq_next = max(seq_next, ?), version_next = max(version_next, ?)", (seq_next, version_next)
                )
            self._db.executemany("INSERT INTO cursors VALUES (?, ?)", readable(damaged, "SELECT exporter, seq FROM cursors"))
            self._begin_account("")
        return taken[0], taken[1]

    def _move(self, source: str, target: str, rows: str, parameters: tuple[int, ...]) -> None:
        """Count the spans of these rows as something else than before."""
        for sender, day, spans in self._spans(rows, parameters):
            self._count(sender, day, **{source: -spans, target: spans})

    def _spans(self, rows: str, parameters: tuple[int, ...]) -> list[tuple[str, int, int]]:
        asked = f"SELECT sender_of(tags), received_ns / {DAY_NS}, sum(spans) {rows} GROUP BY 1, 2"
        return self._db.execute(asked, parameters).fetchall()

    def _count(self, sender: str, day: int, **spans: int) -> None:
        columns, zeros = ", ".join(STATES), {state: spans.get(state, 0) for state in STATES}
        added = ", ".join(f"{state} = {state} + :{state}" for state in spans)
        self._db.execute(
            f"INSERT INTO sender_days (sender, day, {columns}) VALUES (:sender, :day, {', '.join(f':{state}' for state in STATES)})"
            f" ON CONFLICT (sender, day) DO UPDATE SET {added}",
            {"sender": sender, "day": day, **zeros},
        )

    def forget(self) -> None:
        """Bring the file up to date and empty the WAL, so that nothing deleted is left in either; nothing happens while somebody reads."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

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


def _sender_of(text: str) -> str:
    """The sender in a column of tags; '' where the text has rotted."""
    try:
        return _key(text)[1]
    except (ValueError, AttributeError):
        return ""


def _key(text: str) -> tuple[dict[str, str], str, str]:
    """Tags and sender of the ingest key, and the signal, as they stand in one column."""
    tags = json.loads(text)
    return tags, tags.pop(SENDER, ""), tags.pop(SIGNAL, SPAN)


def checksum(version: int, spans: int, tags: str, body: bytes) -> int:
    """CRC-32 of the body and of what decides which span wins and who pays."""
    return zlib.crc32(body, zlib.crc32(f"{version} {spans} {tags}".encode()))
