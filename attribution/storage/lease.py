"""Workers take turns: one attributes at a time, whichever process or machine it runs in.

A worker that posted from what it had read before another's newer pass would undo that pass. So each first writes that it
wants the lease and then looks: if it is alone it holds it, if not it lets go and tries again a little later. Of two that write
before either looks, both let go; of two that do not, the later one sees the earlier. What a server has acknowledged its next
answer shows, which is all that this needs.
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
BEAT_SECONDS = 10.0
"""Between two renewals: several may fail before the lease is lost."""
RETRY_SECONDS = (0.05, 0.5)
"""Between two attempts, drawn anew each time so that two workers do not keep meeting."""
WAIT_SECONDS_MAX = 3600.0
"""Longer than any sensible pass."""


@contextmanager
def lease(store: Store) -> Iterator[None]:
    """Hold the only lease on the store while the context lasts; waits for it. Raises StorageError."""
    worker = uuid.uuid4().hex
    _acquire(store, worker)
    done = threading.Event()
    heart = threading.Thread(target=_beat, args=[store, worker, done], name="lease", daemon=True)
    heart.start()
    try:
        yield
    finally:
        done.set()
        heart.join()
        _hold(store, worker, 0)


def _acquire(store: Store, worker: str) -> None:
    limit = time.monotonic() + WAIT_SECONDS_MAX
    told = False
    while True:
        _hold(store, worker, LEASE_SECONDS)
        if not store.rows("storage/other_lease_holders", worker=worker)[0]["n"]:
            return
        _hold(store, worker, 0)
        if not told:
            logger.info("another worker attributes; waiting for it, or %d seconds should it have died", LEASE_SECONDS)
            told = True
        if time.monotonic() > limit:
            raise StorageError("another worker attributes and does not end")
        time.sleep(random.uniform(*RETRY_SECONDS))  # noqa: S311  (no secret)


def _beat(store: Store, worker: str, done: threading.Event) -> None:
    """Renew over a connection of its own: a stage may take longer than the lease."""
    if done.wait(BEAT_SECONDS):
        return
    with store.another() as own:
        while True:
            with suppress(StorageError):  # the next beat may pass; if none does, the pass fails as well
                _hold(own, worker, LEASE_SECONDS)
            if done.wait(BEAT_SECONDS):
                return


def _hold(store: Store, worker: str, seconds: int) -> None:
    store.run("storage/hold_lease", worker=worker, seconds=seconds, version=time.time_ns())
