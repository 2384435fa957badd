"""Workers take turns: one attributes at a time, whichever process or machine it runs in.

Two workers that attributed at once could undo each other's passes: one would post from what it read before the other's newer pass.
So a worker first writes that it wants the lease, and then reads who else does. If there is nobody else, it holds the lease. If there is,
it releases the lease and tries again a little later. If two workers write before either reads, both release it. If not, the later one
sees the earlier one. This needs no more than that a server shows in its next answer what it has acknowledged.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from attribution.errors import StorageError
from attribution.storage.store import Store

logger = logging.getLogger(__name__)

LEASE_SECONDS = 60
"""After which a worker that died is forgotten."""
RENEWAL_SECONDS = 10.0
"""Between two renewals: several may fail before the lease is lost."""
RETRY_SECONDS = (0.05, 0.5)
"""Between two attempts, drawn anew each time so that two workers do not keep meeting."""
WAIT_SECONDS_MAX = 3600.0
"""Longer than any sensible pass."""


@contextmanager
def lease(store: Store) -> Iterator[None]:
    """Wait for the only lease on the store, and hold it while the context lasts. Raises StorageError."""
    worker = f"{uuid.uuid4().hex}@{_machine()}:{os.getpid()}"
    _acquire(store, worker)
    done = threading.Event()
    renewal = threading.Thread(target=_renew, args=[store, worker, done], name="lease", daemon=True)
    renewal.start()
    try:
        yield
    finally:
        done.set()
        renewal.join()
        _hold(store, worker, 0)


def _acquire(store: Store, worker: str) -> None:
    limit = time.monotonic() + WAIT_SECONDS_MAX
    logged = False
    while True:
        _hold(store, worker, LEASE_SECONDS)
        holders = [row["worker"] for row in store.rows("storage/other_lease_holders", worker=worker)]
        for dead in filter(_is_dead, holders):
            _hold(store, dead, 0)
        living = [holder for holder in holders if not _is_dead(holder)]
        if not living:
            return
        _hold(store, worker, 0)
        if not logged:
            logger.info("waiting for %s, which attributes, or %d seconds should it have died", _described(living[0]), LEASE_SECONDS)
            logged = True
        if time.monotonic() > limit:
            raise StorageError(f"{_described(living[0])} attributes and does not end")
        time.sleep(random.uniform(*RETRY_SECONDS))  # noqa: S311  (no secret)


@cache
def _machine() -> str:
    """What process ids of this process can be compared with: a boot of a machine and a namespace; '' where that is not known."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _process(worker: str) -> int:
    """The process id of a worker, where it is on this machine; else 0."""
    machine, _, process = worker.partition("@")[2].rpartition(":")
    return int(process) if machine and machine == _machine() and process.isdecimal() else 0


def _is_dead(worker: str) -> bool:
    """Whether it is known that a worker was killed: then nobody needs to wait until its lease runs out."""
    process = _process(worker)
    if not process:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _described(worker: str) -> str:
    process = _process(worker)
    return f"process {process}" if process else "a worker on another machine"


def _renew(store: Store, worker: str, done: threading.Event) -> None:
    """Renew over a connection of its own: a stage may take longer than the lease."""
    if done.wait(RENEWAL_SECONDS):
        return
    with store.another() as own:
        while True:
            with suppress(StorageError):  # the next renewal may succeed; if none does, the pass fails as well
                _hold(own, worker, LEASE_SECONDS)
            if done.wait(RENEWAL_SECONDS):
                return


def _hold(store: Store, worker: str, seconds: int) -> None:
    store.run("storage/hold_lease", worker=worker, seconds=seconds, version=time.time_ns())
