"""Moves deliveries from the spool through the processor to the exporters.

Storing and forwarding each follow the spool at their own pace. A delivery leaves the spool when it is stored and forwarded, or
when forwarding has fallen so far behind that it would stop the intake: what pays the bills is the store.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from attribution.errors import StorageError
from collector.exporter import PermanentError, RetryableError
from collector.metrics import Metrics
from collector.processor import Processed, Processor
from collector.spool import Delivery, Spool

logger = logging.getLogger(__name__)

REQUESTS_MAX = 256
"""In one insert. ClickHouse likes 10,000 to 100,000 rows; exporters send up to 512 spans a request."""
BYTES_MAX = 32 * 1024 * 1024
"""In one insert: decoded, some hundred MiB of memory."""
WAIT_SECONDS = 0.5
"""How long a sleeping thread may take to notice that the service stops."""
LINGER_SECONDS = 0.2
"""Requests that arrive this close together share an insert: one part on disk instead of many."""
BACKOFF_SECONDS = (0.5, 1, 2, 5, 10)
"""Between attempts, the last for ever: an acknowledged span is never given up."""


class Exporter(Protocol):
    """Takes processed deliveries somewhere."""

    def export(self, batch: Sequence[Processed]) -> None:
        """Deliver all, or raise RetryableError, PermanentError or StorageError."""


@dataclass
class Follower:
    """A thread that carries the spool's deliveries to one exporter, in order."""

    name: str
    spool: Spool
    processor: Processor
    exporter: Exporter
    metrics: Metrics
    on_progress: Callable[[], None]
    give_up: Callable[[Delivery, str], None]
    """What becomes of a delivery that will never pass."""
    cursor: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin to follow."""
        self._thread = threading.Thread(target=self._run, name=f"follow-{self.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the batch at hand; what is left stays in the spool."""
        self.stopping.set()
        self._thread.join()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self.stopping.is_set():
            if self.spool.wait(self.cursor, WAIT_SECONDS):
                self.stopping.wait(LINGER_SECONDS)
                self.step()

    def step(self) -> int:
        """Carry one batch; returns how many deliveries moved on."""
        deliveries = self.spool.take(after=self.cursor, requests_max=REQUESTS_MAX, bytes_max=BYTES_MAX)
        if not deliveries:
            return 0
        self._carry(self._processed(deliveries))
        if not self.stopping.is_set():
            self.cursor = max(self.cursor, deliveries[-1].seq)
            self.on_progress()
        return len(deliveries)

    def _processed(self, deliveries: Sequence[Delivery]) -> list[Processed]:
        done = []
        for delivery in deliveries:
            try:
                done.append(self.processor.process(delivery))
            except Exception as problem:  # a bug or bytes that rotted: this delivery stops nothing else
                logger.exception("delivery %d cannot be processed", delivery.seq)
                self.give_up(delivery, f"processing: {problem}")
        return done

    def _carry(self, batch: Sequence[Processed]) -> None:
        """Export; where it fails for good, halve the batch until the culprit stands alone."""
        if not batch:
            return
        try:
            self._insist(batch)
        except PermanentError as problem:
            if len(batch) == 1:
                self.give_up(batch[0].delivery, str(problem))
                return
            middle = len(batch) // 2
            self._carry(batch[:middle])
            self._carry(batch[middle:])

    def _insist(self, batch: Sequence[Processed]) -> None:
        """Export, again and again while it may pass later."""
        attempt = 0
        while not self.stopping.is_set():
            begun = time.monotonic()
            try:
                self.exporter.export(batch)
            except (RetryableError, StorageError) as problem:
                if isinstance(problem, StorageError) and problem.permanent:
                    raise PermanentError(str(problem)) from problem
                self.metrics.exported(self.name, "retry", 0, time.monotonic() - begun)
                logger.warning("%s: trying again: %s", self.name, problem)
                self.stopping.wait(BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)])
                attempt += 1
            else:
                self.metrics.exported(self.name, "ok", sum(one.delivery.spans for one in batch), time.monotonic() - begun)
                return
