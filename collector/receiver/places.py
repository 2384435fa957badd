"""Places: how many requests are at hand at a time, in all and of one sender, so that none can take them all.

A sender that asks for more waits for its own requests to end, or is asked to come back; the others do not notice.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from collector.receiver.outcome import Outcome, RefusalError

PLACES_MAX = 32
"""Requests at hand at a time over one transport. So many bodies are in memory, each up to the request limit, over HTTP twice while it is
decompressed; others wait with their body unread. A commit takes 5 to 10 ms, and all of them share it: some thousand requests a second."""

SENDER_PLACES_MAX = 24
"""Of one sender: it can use most of what there is, and an eighth is left for each of two others."""

THREADS_MAX = 128
"""Where each request that waits holds a thread: several times the places."""

SENDER_THREADS_MAX = 96
"""Of one sender, waiting or at hand; what is beyond is asked to come back."""

TURN_SECONDS_MAX = 5.0
"""How long a request waits for its turn before it is asked to come back: half of what exporters wait in all."""


class AsyncPlaces:
    """For an event loop: waits for a turn."""

    def __init__(self) -> None:
        self._all = asyncio.Semaphore(PLACES_MAX)
        self._of_senders: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(SENDER_PLACES_MAX))

    @asynccontextmanager
    async def taken(self, sender: str) -> AsyncIterator[None]:
        """Hold a place of a sender. Raises RefusalError (BUSY) where none becomes free in time."""
        own = self._of_senders[sender]
        try:
            async with asyncio.timeout(TURN_SECONDS_MAX):
                await own.acquire()  # first: who waits for its own requests takes no place of others
                try:
                    await self._all.acquire()
                except BaseException:
                    own.release()
                    raise
        except TimeoutError:
            raise _busy() from None
        try:
            yield
        finally:
            self._all.release()
            own.release()


class ThreadPlaces:
    """For threads: each waits for a turn, and of one sender so many may do so that some are left for others."""

    def __init__(self) -> None:
        self._all = threading.Semaphore(PLACES_MAX)
        self._of_senders: dict[str, _OfSender] = defaultdict(_OfSender)

    @contextmanager
    def taken(self, sender: str) -> Iterator[None]:
        """Hold a place of a sender. Raises RefusalError (BUSY) where none becomes free in time."""
        own = self._of_senders[sender]
        if not own.threads.acquire(blocking=False):
            raise _busy()
        try:
            limit = time.monotonic() + TURN_SECONDS_MAX
            with _acquired(own.places, limit), _acquired(self._all, limit):
                yield
        finally:
            own.threads.release()


class _OfSender:
    """What one sender may hold."""

    def __init__(self) -> None:
        self.threads = threading.Semaphore(SENDER_THREADS_MAX)
        self.places = threading.Semaphore(SENDER_PLACES_MAX)


@contextmanager
def _acquired(semaphore: threading.Semaphore, limit: float) -> Iterator[None]:
    if not semaphore.acquire(timeout=max(limit - time.monotonic(), 0)):
        raise _busy()
    try:
        yield
    finally:
        semaphore.release()


def _busy() -> RefusalError:
    return RefusalError(Outcome.BUSY, "too many requests at a time, send again later")
