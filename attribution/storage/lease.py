"""Workers take turns: one attributes at a time, whichever process or machine it runs in.

Two workers that attributed at once could undo each other's passes: one would post from what it read before the other's newer pass.
So a worker first writes that it wants the lease, and then reads who else does. If there is nobody else, it holds the lease. If there is,
it releases the lease and tries again a little later. If two workers write before either reads, both release it. If not, the later one
sees the earlier one. This needs no more than that a server shows in its next answer what it has acknowledged.
"""

from __future__ import annotations

import logging
import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

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
    worker = uuid.uuid4().hex
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
        if not store.rows("storage/other_lease_holders", worker=worker)[0]["n"]:
            return
        _hold(store, worker, 0)
        if not logged:
            logger.info("another worker attributes; waiting for it, or %d seconds should it have died", LEASE_SECONDS)
            logged = True
        if time.monotonic() > limit:
            raise StorageError("another worker attributes and does not end")
        time.sleep(random.uniform(*RETRY_SECONDS))  # noqa: S311  (no secret)


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
