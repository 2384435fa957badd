"""Moves deliveries from the spool through the processor to the exporters.

Storing and forwarding each follow the spool at their own pace. A delivery leaves the spool when it is stored and forwarded, or
when forwarding has fallen so far behind that it would stop the intake: what pays the bills is the store.

Nothing that one delivery holds stops another. One that is refused is tried again alone, on a fresh connection, after an empty one has
passed; only where it is refused each time is it set aside. One that takes the process down is found by the mark that stands in the
spool while it is carried.
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
from collector.requirements import Requirements
from collector.spool import Delivery, Division, Spool

logger = logging.getLogger(__name__)

REQUESTS_MAX = 256
"""In one insert. ClickHouse likes 10,000 to 100,000 rows; exporters send up to 512 spans a request."""
BYTES_MAX = 32 * 1024 * 1024
"""In one insert: decoded, some hundred MiB of memory."""
WAIT_SECONDS = 0.5
"""How long a sleeping thread may take to notice that the service stops."""
LINGER_SECONDS = 0.2
"""Requests that arrive this close together share an insert: one part on disk instead of many."""
LINGER_SECONDS_MAX = 2.0
"""Where little arrives: an insert costs a quarter of a CPU second however few its spans, so a trickle waits for company."""
FULL_SPANS = 2000
"""As many spans are worth an insert of their own at once."""
BACKOFF_SECONDS = (0.5, 1, 2, 5, 10)
"""Between attempts, the last for ever: an acknowledged span is never given up."""
REFUSALS_MAX = 3
"""Times that a delivery must be refused alone, each on a fresh connection and while others pass, before it is set aside."""
DEATHS_MAX = 2
"""Times that the process may end while it carries one delivery alone."""


class Exporter(Protocol):
    """Takes processed deliveries somewhere."""

    def export(self, batch: Sequence[Processed]) -> None:
        """Deliver all, or raise RetryableError, PermanentError or StorageError. Deliveries may have been delivered in part."""

    def reconnect(self) -> None:
        """Begin anew, on a fresh connection."""


@dataclass
class Follower:
    """A thread that carries the spool's deliveries to one exporter, in order."""

    name: str
    spool: Spool
    processor: Processor
    exporter: Exporter
    metrics: Metrics
    on_progress: Callable[[Follower], None]
    """Notes durably that this one's cursor has moved."""
    give_up: Callable[[Delivery, str], None]
    """What becomes of a delivery that will never pass."""
    marks: bool = False
    """Whether this is the store: what is being carried is noted in the spool, so that what takes the process down is found."""
    requirements: Requirements | None = None
    """What calls must say to be let in; None: nothing."""
    divide: Callable[[Delivery, Division], Delivery | None] | None = None
    """Sets the rest of a delivery aside; gives what is left of it."""
    cursor: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)
    trouble: str = ""
    """Why nothing moves, since the last batch that passed; empty while all is well."""
    failures: int = 0
    """In a row, of whatever kind."""
    _careful_to: int = 0
    """Up to this seq deliveries are carried alone: one of them may have taken the process down."""

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
        """Go on whatever happens: a full disk or a bug may pass, and nothing is lost meanwhile, for the cursor stands still."""
        recovered = False
        while not self.stopping.is_set():
            try:
                if not recovered:
                    self._recover()
                    recovered = True
                if self.spool.wait(self.cursor, WAIT_SECONDS):
                    self._linger()
                    self.step()
            except Exception as problem:
                self._failed(problem)
                logger.exception("%s: failed unexpectedly; it is tried again", self.name)
                self._back_off()

    def _recover(self) -> None:
        """What was being carried when the process ended is carried alone, and set aside where that happens again and again."""
        if not self.marks:
            return
        carried = self.spool.carried(died=True)
        if carried is None:
            return
        self._careful_to = carried.last_seq
        if carried.deaths >= DEATHS_MAX:
            for delivery in self.spool.take(after=carried.last_seq - 1, requests_max=1, bytes_max=1):
                if delivery.seq == carried.last_seq:
                    self.give_up(delivery, f"the process ended {carried.deaths} times while it was stored alone")

    def _linger(self) -> None:
        """Wait for company, the less the more is there."""
        begun = time.monotonic()
        while not self.stopping.wait(LINGER_SECONDS):
            if self.spool.depth.spans >= FULL_SPANS or time.monotonic() - begun >= LINGER_SECONDS_MAX:
                return

    def step(self) -> int:
        """Carry one batch; returns how many deliveries moved on."""
        requests_max = 1 if self.cursor < self._careful_to else REQUESTS_MAX
        deliveries = self.spool.take(after=self.cursor, requests_max=requests_max, bytes_max=BYTES_MAX)
        if not deliveries:
            return 0
        if self.marks:
            self.spool.carry(deliveries[0].seq, deliveries[-1].seq)
        processed = self._let_in(self._processed(deliveries))
        self._carry(processed)
        if not self.stopping.is_set():
            self.cursor = max(self.cursor, deliveries[-1].seq)
            self.on_progress(self)
        elif self.marks:
            self.spool.carried_all()  # stopped on purpose: nothing took the process down
        if self.marks:
            self.metrics.unread(sum(max((each.spans for each in one.unread.values()), default=0) for one in processed))
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

    def _let_in(self, batch: Sequence[Processed]) -> Sequence[Processed]:
        """What policies let into the store; the rest is set aside."""
        if self.requirements is None or self.divide is None:
            return batch
        divisions = self._divisions(self.requirements, batch)
        left = []
        for one, division in zip(batch, divisions, strict=False):
            kept = self.divide(one.delivery, division) if division else one.delivery
            if kept is not None:
                left.append(self.processor.process(kept) if division else one)
        return left

    def _divisions(self, requirements: Requirements, batch: Sequence[Processed]) -> Sequence[Division | None]:
        """Ask the store what it knows of the traces, again and again while it is away; nothing where this ends meanwhile."""
        while not self.stopping.is_set():
            try:
                return requirements.divide(batch)
            except StorageError as problem:
                self._failed(problem)
                logger.warning("%s: trying again: %s", self.name, problem)
                self._back_off()
        return ()

    def _carry(self, batch: Sequence[Processed]) -> None:
        """Export; where that is refused, halve the batch until the culprit stands alone."""
        if not batch:
            return
        try:
            self._insist(batch)
        except PermanentError as problem:
            if len(batch) == 1:
                if self.marks:
                    self._carry_alone(batch[0], problem)
                else:  # an endpoint's own answer is no accident of the way
                    self.give_up(batch[0].delivery, str(problem))
                return
            middle = len(batch) // 2
            self._carry(batch[:middle])
            self._carry(batch[middle:])

    def _carry_alone(self, one: Processed, refusal: PermanentError) -> None:
        """A cut connection can look like bad data: only what is refused each time, while others pass, is given up."""
        for attempt in range(1, REFUSALS_MAX):
            logger.warning("%s: delivery %d was refused alone, attempt %d: %s", self.name, one.delivery.seq, attempt, refusal)
            if self.stopping.wait(BACKOFF_SECONDS[attempt - 1]):
                return
            try:
                self.exporter.reconnect()
                self._insist([])
                self._insist([one])
            except PermanentError as problem:
                refusal = problem
            else:
                return
        self.give_up(one.delivery, str(refusal))

    def _insist(self, batch: Sequence[Processed]) -> None:
        """Export, again and again while it may pass later."""
        while not self.stopping.is_set():
            begun = time.monotonic()
            try:
                self.exporter.export(batch)
            except (RetryableError, StorageError) as problem:
                if isinstance(problem, StorageError) and problem.permanent:
                    raise PermanentError(str(problem)) from problem
                self.metrics.exported(self.name, "retry", 0, time.monotonic() - begun)
                self._failed(problem)
                logger.warning("%s: trying again: %s", self.name, problem)
                self._back_off(problem.after_seconds if isinstance(problem, RetryableError) else 0)
            else:
                self.failures, self.trouble = 0, ""
                if batch:
                    self.metrics.exported(self.name, "ok", sum(one.delivery.spans for one in batch), time.monotonic() - begun)
                return

    def _failed(self, problem: Exception) -> None:
        self.failures += 1
        self.trouble = str(problem) or type(problem).__name__

    def _back_off(self, seconds: float = 0) -> None:
        self.stopping.wait(max(seconds, BACKOFF_SECONDS[min(max(self.failures, 1), len(BACKOFF_SECONDS)) - 1]))
