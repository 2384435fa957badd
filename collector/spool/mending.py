"""What the spool does about a file that rotted: nothing is given up that can be read, and what cannot is named.

SQLite drops the rest of its WAL at the first frame whose checksum is wrong: it takes that for a commit that a power cut interrupted. Such
a commit is the last one, for each is synced before the next begins. So where whole commits follow, the frame was synced and has rotted:
its checksums are made anew, and the checksum of each request says which of them is damaged. A damaged database is copied row by row.
Source: https://www.sqlite.org/fileformat2.html, "The Write-Ahead Log".
"""

from __future__ import annotations

import logging
import sqlite3
import struct
from contextlib import closing, suppress
from pathlib import Path

HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
MAGIC = 0x377F0682
"""Its lowest bit says in which byte order checksums are made."""

logger = logging.getLogger(__name__)
Checksum = tuple[int, int]


def mend_wal(database: Path) -> bool:
    """Make the WAL readable again where it rotted; whether it had. The damaged one is kept beside it."""
    path = database.with_name(database.name + "-wal")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    wal = _Wal(content)
    damaged = wal.damaged()
    if damaged is None:
        return False
    if not wal.is_last_whole:
        logger.warning("%s: the last commit is not whole: it was interrupted, or it has rotted", path)
    if not wal.is_followed(damaged):
        return False
    aside = _aside(path)
    aside.write_bytes(content)
    aside.chmod(0o600)
    path.write_bytes(wal.mended())
    logger.error("%s: frame %d of %d has rotted: mended, damaged requests are quarantined; as it was: %s", path, damaged, wal.frames, aside)
    return True


class _Wal:
    """Frames of a WAL, and which of them agree with the one before."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.frames, self._size = 0, 0
        if len(content) < HEADER_BYTES + FRAME_HEADER_BYTES:
            return
        magic, _, page_bytes = (int(word) for word in struct.unpack_from(">III", content))
        if magic & ~1 != MAGIC or page_bytes not in {1 << power for power in range(9, 17)}:
            magic, page_bytes = MAGIC, 4096  # the header itself has rotted: as SQLite makes it on this machine
        self._page_bytes = page_bytes
        self._order = ">" if magic & 1 else "<"
        self._size = FRAME_HEADER_BYTES + self._page_bytes
        whole = (len(content) - HEADER_BYTES) // self._size
        salts = [content[self._at(frame) + 8 : self._at(frame) + 16] for frame in range(whole)]
        self._salt = content[16:24] if content[16:24] in salts[:2] or not salts else salts[0]
        # Behind the last frame of now lie those of before the WAL was begun anew, with other salts.
        self.frames = max((frame + 1 for frame, salt in enumerate(salts) if salt == self._salt), default=0)
        self._is_whole = [self._agrees(frame) for frame in range(self.frames)]
        self._ends = [frame for frame in range(self.frames) if self._is_whole[frame] and self._is_commit(frame)]

    def damaged(self) -> int | None:
        """The first frame that does not agree; None: all do."""
        if self.frames and not self._header_agrees():
            return 0
        return next((frame for frame in range(self.frames) if not self._is_whole[frame]), None)

    @property
    def is_last_whole(self) -> bool:
        """Whether the last commit can be read."""
        return bool(self._ends) and self._ends[-1] == self.frames - 1 and all(self._is_whole[self._commit_before(self._ends[-1]) + 1 :])

    def _commit_before(self, end: int) -> int:
        return max((frame for frame in range(end) if self._is_commit(frame)), default=-1)

    def is_followed(self, damaged: int) -> bool:
        """Whether whole commits follow the one of a frame: then it had been synced before they began."""
        end = min((frame for frame in range(damaged, self.frames) if self._is_commit(frame)), default=self.frames)
        return any(frame > end for frame in self._ends)

    def mended(self) -> bytes:
        """The same frames up to the last whole commit, with checksums that agree."""
        header = bytearray(self._content[:HEADER_BYTES])
        struct.pack_into(">III", header, 0, MAGIC | (self._order == ">"), 3007000, self._page_bytes)
        header[16:24] = self._salt
        checksum = self._sum(bytes(header[:24]), (0, 0))
        struct.pack_into(">II", header, 24, *checksum)
        made = bytearray(header)
        for frame in range(self._ends[-1] + 1):
            at = self._at(frame)
            content = bytearray(self._content[at : at + self._size])
            content[8:16] = self._salt
            checksum = self._sum(bytes(content[:8]) + bytes(content[FRAME_HEADER_BYTES:]), checksum)
            struct.pack_into(">II", content, 16, *checksum)
            made += content
        return bytes(made)

    def _at(self, frame: int) -> int:
        return HEADER_BYTES + frame * self._size

    def _is_commit(self, frame: int) -> bool:
        """Whether a commit ends there: then the frame says how many pages the database has."""
        return self._content[self._at(frame) + 4 : self._at(frame) + 8] != bytes(4)

    def _header_agrees(self) -> bool:
        return self._sum(self._content[:24], (0, 0)) == struct.unpack_from(">II", self._content, 24)

    def _agrees(self, frame: int) -> bool:
        """Whether a frame has the checksum that follows from that of the one before."""
        at = self._at(frame)
        before = struct.unpack_from(">II", self._content, at - self._size + 16 if frame else 24)
        told = struct.unpack_from(">II", self._content, at + 16)
        covered = self._content[at : at + 8] + self._content[at + FRAME_HEADER_BYTES : at + self._size]
        return self._content[at + 8 : at + 16] == self._salt and self._sum(covered, (before[0], before[1])) == told

    def _sum(self, data: bytes, start: Checksum) -> Checksum:
        first, second = start
        for one, two in struct.iter_unpack(f"{self._order}II", data):
            first = (first + one + second) & 0xFFFFFFFF
            second = (second + two + first) & 0xFFFFFFFF
        return first, second


def is_sound(database: Path) -> bool:
    """Whether SQLite can read all of a file. It reads all of it, which for the 2 GiB of a full spool takes seconds."""
    if not database.exists() or not database.stat().st_size:
        return True
    with closing(sqlite3.connect(database)) as connection:
        try:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
        except sqlite3.DatabaseError as problem:
            if "malformed" in str(problem):
                return False
            raise


def set_aside(database: Path) -> Path:
    """Move a damaged file and its WAL away; returns where to."""
    aside = _aside(database)
    for suffix in ("-wal", ""):
        with suppress(FileNotFoundError):
            database.with_name(database.name + suffix).rename(aside.with_name(aside.name + suffix))
    database.with_name(database.name + "-shm").unlink(missing_ok=True)
    return aside


def readable_rows(damaged: Path, table: str) -> list[tuple[object, ...]]:
    """The rows of a table that can be read, found from both of its ends and then one by one."""
    with closing(sqlite3.connect(damaged)) as connection:
        seqs: set[int] = set()
        for order in ("ASC", "DESC"):
            with suppress(sqlite3.DatabaseError):
                for (seq,) in connection.execute(f"SELECT seq FROM {table} ORDER BY seq {order}"):
                    seqs.add(seq)
        rows = []
        for seq in range(min(seqs, default=1), max(seqs, default=0) + 1):
            with suppress(sqlite3.DatabaseError):
                rows += connection.execute(f"SELECT * FROM {table} WHERE seq = ?", (seq,)).fetchall()
        return rows


def readable(damaged: Path, query: str) -> list[tuple[object, ...]]:
    """The answer to a query of a damaged file; nothing where it cannot be read."""
    with closing(sqlite3.connect(damaged)) as connection, suppress(sqlite3.DatabaseError):
        return connection.execute(query).fetchall()
    return []


def _aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    return aside
