"""The spool: acknowledged requests wait on disk until they are stored.

Group commit: senders put requests into a queue; one writer thread takes what is there, writes it in one transaction with
one sync, and only then resolves the futures that the senders wait for. While one commit syncs, the next one gathers, so
the number of syncs does not grow with the number of senders.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collector.spool.delivery import SPAN, Carried, Damaged, Delivery, Depth, Division, SenderDay
from collector.spool.errors import SpoolError, SpoolFullError
from collector.spool.lock import FileLock
from collector.spool.mending import is_sound, mend_wal, set_aside
from collector.spool.store import STORE, Store

logger = logging.getLogger(__name__)
MIB = 1024 * 1024

COMMIT_REQUESTS_MAX = 1024
"""More than the receiver handles at a time, so that a commit takes all that is waiting."""

COMMIT_BYTES_MAX = 32 * MIB
"""Bounds how long the first sender of a commit waits for the last one's bytes: about 0.3 s at 100 MiB/s."""

FORGET_SECONDS = 30.0
"""Between two sweeps: what is deleted is zeroed in the file, and may stay in its WAL for this long."""

QUEUED_BYTES_MAX = 256 * MIB
"""In memory and not yet on disk; senders wait in this case for a disk that is slower than they are."""


@dataclass(frozen=True, slots=True)
class _Job:
    """Something that the writer thread does inside a commit."""

    run: Callable[[], Any]
    size: int
    future: Future[Any]


class Spool:
    """Requests that are acknowledged and not yet stored. Thread-safe; one process at a time has the file open.

    Args:
        path: The SQLite file; created, with its folder, if missing. Beside it stand its WAL and a lock file.
        bytes_max: Of all bodies that wait, queued ones included. Quarantined bodies may take as much again; beyond that they
            take from the room of new ones, because what was acknowledged is never dropped and the disk must not fill.
        clock_ns: Nanoseconds since the epoch.

    Raises:
        SpoolError: the file is in use by another process, or is no spool, or cannot be opened.
    """

    def __init__(self, path: Path, *, bytes_max: int, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._path, self._bytes_max, self._clock_ns = path, bytes_max, clock_ns
        self._lock = FileLock(path)
        try:
            self._writing, self._reading = _open(path)
            with _explained(path, "cannot be read"):
                self._depth = self._writing.depth()
        except BaseException:
            self._lock.release()
            raise
        self._state = threading.Lock()  # guards what follows
        self._work = threading.Condition(self._state)  # something is queued
        self._changed = threading.Condition(self._state)  # something was committed
        self._queue: deque[_Job] = deque()
        self._queued_bytes = 0
        self._closed = False
        self._forgotten_at = time.monotonic()
        self._read_lock = threading.Lock()
        self._writer = threading.Thread(target=self._write, name="spool-writer", daemon=True)
        self._writer.start()

    def put(
        self, body: bytes, spans: int, tags: Mapping[str, str], sender: str = "", signal: str = SPAN, *, rejected: int = 0
    ) -> Future[int]:
        """Queue a request; the future gives its seq once it is durable, or SpoolError when the disk fails.

        `rejected`: spans that were left out of the body as invalid. Without a body they are counted only, and the seq is 0.
        Raises SpoolFullError at once when there is no room, SpoolError when the spool is closed.
        """
        tags = dict(tags)

        def keep() -> int:
            now_ns = self._clock_ns()
            if rejected:
                self._writing.reject(rejected, sender, now_ns)
            return self._writing.add(body, spans, tags, sender, signal, now_ns) if body else 0

        return self._submit(keep, size=len(body))

    def take(self, *, after: int, requests_max: int, bytes_max: int) -> list[Delivery]:
        """The oldest requests with seq > `after`, at least one if there is any. A damaged one is quarantined and skipped."""
        while True:
            with self._read_lock, _explained(self._path, "cannot be read"):
                self._refuse_if_closed()
                rows = list(self._reading.read(after=after, requests_max=requests_max, bytes_max=bytes_max))
            damaged = [row for row in rows if isinstance(row, Damaged)]
            for row in damaged:
                self._set_aside(row.seq, row.reason)
            deliveries = [row for row in rows if isinstance(row, Delivery)]
            if deliveries or not damaged:  # each further turn has moved a row away, so the turns end
                return deliveries

    def done(self, seq: int) -> None:
        """Everything up to and including `seq` is stored, and nobody else wants it. Raises SpoolError when the disk fails."""
        self.passed(STORE, seq, done=seq)

    def passed(self, exporter: str, seq: int, *, done: int) -> None:
        """Note durably that an exporter has passed `seq`, and delete up to `done`. Raises SpoolError when the disk fails."""
        self._submit(lambda: self._writing.passed(exporter, seq, done)).result()

    def cursor(self, exporter: str) -> int:
        """The last seq that an exporter has passed, also before a restart."""
        with self._read_lock, _explained(self._path, "cannot be read"):
            return self._reading.cursor(exporter)

    def account_with(self, store: str) -> str:
        """The id of the account of what became of all spans in a store; another store begins another account."""
        identity: str = self._submit(lambda: self._writing.account_with(store)).result()
        return identity

    def sender_days(self) -> list[SenderDay]:
        """What each sender sent on each day and what became of it, at the last commit."""
        with self._read_lock, _explained(self._path, "cannot be read"):
            self._refuse_if_closed()
            return self._reading.sender_days()

    def wait(self, after: int, timeout_seconds: float) -> bool:
        """Block until something with seq > `after` is there; False when the time is over or the spool closes."""
        with self._state:
            self._changed.wait_for(lambda: self._closed or self._depth.newest_seq > after, timeout_seconds)
            if self._closed or self._depth.newest_seq > after:
                return not self._closed
        self._submit(lambda: None).result()  # a command of another process may have put back what was set aside
        return False

    def sizes(self, *, after: int, to: int) -> list[tuple[int, int, int]]:
        """Seq, spans and bytes of each request that waits with `after` < seq <= `to`, oldest first."""
        with self._read_lock, _explained(self._path, "cannot be read"):
            self._refuse_if_closed()
            return self._reading.sizes(after, to)

    @property
    def alive(self) -> bool:
        """Whether requests can become durable."""
        return self._writer.is_alive()

    def carry(self, first_seq: int, last_seq: int) -> None:
        """Note durably that these are being carried to the store: where the process ends meanwhile, `carried` tells."""
        self._submit(lambda: self._writing.carry(first_seq, last_seq)).result()

    def carried(self, *, died: bool) -> Carried | None:
        """What was being carried when the process ended; with `died`, that is counted."""
        found: Carried | None = self._submit(lambda: self._writing.carried(died=died)).result()
        return found

    def carried_all(self) -> None:
        """Nothing is being carried any more."""
        self._submit(self._writing.carried_all).result()

    def quarantine(self, delivery: Delivery, reason: str) -> None:
        """Keep a request that cannot be stored in the table `quarantined`, out of the way of the rest."""
        self._set_aside(delivery.seq, reason)

    def divide(self, delivery: Delivery, division: Division) -> Delivery | None:
        """Keep a part of a request in the table `quarantined`; returns what is left of it, None where nothing is."""
        if not division.kept:
            self._set_aside(delivery.seq, division.reason)
            return None
        left: Delivery | None = self._submit(lambda: self._writing.divide(delivery.seq, division, self._clock_ns())).result()
        return left

    def set_aside_for(self, reason: str, *, after: int, rows_max: int) -> list[tuple[int, bytes]]:
        """Number and body of what was set aside for a reason that begins so, from number `after` + 1, oldest first."""
        with self._read_lock, _explained(self._path, "cannot be read"):
            self._refuse_if_closed()
            return self._reading.set_aside_for(reason, after, rows_max)

    def retry(self, seq: int) -> bool:
        """Let a request that was set aside wait again, after all others; False where there is no such."""
        return bool(self._submit(lambda: self._writing.retry(seq)).result())

    @property
    def depth(self) -> Depth:
        """What waited at the last commit; reads no file."""
        return self._depth

    def close(self) -> None:
        """Commit what is queued and close the file. Idempotent."""
        with self._state:
            first, self._closed = not self._closed, True
            self._work.notify_all()
            self._changed.notify_all()
        self._writer.join()
        if first:
            with self._read_lock:
                self._reading.close()
            self._writing.close()
            self._lock.release()

    def _set_aside(self, seq: int, reason: str) -> None:
        self._submit(lambda: self._writing.quarantine(seq, reason, self._clock_ns())).result()

    def _submit(self, run: Callable[[], Any], size: int = 0) -> Future[Any]:
        future: Future[Any] = Future()
        with self._state:
            self._refuse_if_closed()
            if size:
                self._refuse_if_full(size)
            self._queued_bytes += size
            self._queue.append(_Job(run, size, future))
            self._work.notify()
        return future

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise SpoolError(f"{self._path}: the spool is closed")

    def _refuse_if_full(self, size: int) -> None:
        if self._queued_bytes + size > QUEUED_BYTES_MAX and self._queued_bytes:
            raise SpoolFullError(f"{self._path}: {self._queued_bytes} bytes wait for the disk, allowed are {QUEUED_BYTES_MAX}")
        excess = max(0, self._depth.quarantined_bytes - self._bytes_max)
        held = self._depth.bytes + self._queued_bytes + excess
        if held + size > self._bytes_max:
            raise SpoolFullError(f"{self._path}: {held} bytes wait to be stored, {size} more would exceed the {self._bytes_max} allowed")

    def _write(self) -> None:
        while True:
            jobs = self._next_jobs()
            if jobs:
                self._commit(jobs)
            elif self._closed:
                return
            self._forget()

    def _forget(self) -> None:
        """Let nothing that was deleted, here or by a command, stay in the file or its WAL for long."""
        if time.monotonic() - self._forgotten_at < FORGET_SECONDS:
            return
        self._forgotten_at = time.monotonic()
        with suppress(sqlite3.Error):  # a full disk, or somebody reads: the next one may pass
            self._writing.forget()

    def _next_jobs(self) -> list[_Job]:
        """What the next commit holds; empty when the spool is closed and the queue is drained, or when it is time to sweep."""
        jobs: list[_Job] = []
        size = 0
        with self._state:
            self._work.wait_for(lambda: self._queue or self._closed, FORGET_SECONDS)
            while self._queue and len(jobs) < COMMIT_REQUESTS_MAX and (not jobs or size + self._queue[0].size <= COMMIT_BYTES_MAX):
                jobs.append(self._queue.popleft())
                size += jobs[-1].size
        return jobs

    def _commit(self, jobs: list[_Job]) -> None:
        live = [job for job in jobs if job.future.set_running_or_notify_cancel()]
        results: list[Any] = []
        problem: Exception | None = None
        depth = self._depth
        try:
            with self._writing.transaction():
                results = [job.run() for job in live]
                depth = self._writing.depth()
        except Exception as error:  # noqa: BLE001  (whatever it is, the senders must learn that nothing was kept)
            problem = error
        with self._state:
            self._queued_bytes -= sum(job.size for job in jobs)
            if problem is None:
                self._depth = depth
                self._changed.notify_all()
        for index, job in enumerate(live):
            if problem is None:
                job.future.set_result(results[index])
            else:
                job.future.set_exception(_failure(self._path, "cannot be written", problem))


def _open(path: Path) -> tuple[Store, Store]:
    """A connection to write and one to read."""
    with _explained(path, "cannot be opened"):
        mend_wal(path)
        damaged = None if is_sound(path) else set_aside(path)
        writing = Store(path)
        try:
            writing.prepare()
            if damaged:
                requests, quarantined = writing.take_over(damaged)
                logger.error(
                    "%s: is damaged: %d requests and %d of the quarantine could be read and are taken over; what could not is in %s",
                    path,
                    requests,
                    quarantined,
                    damaged,
                )
            _sync_folder(path.parent)
            return writing, Store(path)
        except BaseException:
            writing.close()
            raise


def _sync_folder(folder: Path) -> None:
    """So that files that were made or deleted there stay so after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _explained(path: Path, what: str) -> Iterator[None]:
    """Turn what SQLite and the operating system raise into SpoolError, naming the file."""
    try:
        yield
    except (sqlite3.Error, OSError, ValueError) as problem:
        raise _failure(path, what, problem) from problem


def _failure(path: Path, what: str, problem: Exception) -> SpoolError:
    return SpoolError(f"{path}: {what}: {problem}")
