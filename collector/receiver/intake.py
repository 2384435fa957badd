"""What both transports share: authenticate, validate, spool, and what to answer."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from collector.config import Ingest
from collector.receiver.authentication import Authenticator, Sender
from collector.receiver.logs import take_logs
from collector.receiver.metrics import ReceiverMetrics, Transport
from collector.receiver.otlp_json import Transcoded
from collector.receiver.outcome import Outcome, RefusalError
from collector.receiver.refusals import Refusals
from collector.receiver.signals import TRACES, Name, Signal
from collector.receiver.totals import take_metrics
from collector.receiver.validation import Verdict, Window, validate
from collector.spool import LOG, METRIC, SPAN, Spool, SpoolError, SpoolFullError

COMMIT_SECONDS_MAX = 30.0
"""Longer than any exporter waits. A disk that stalls must not hold the receiver's threads for ever; what is committed after
all is sent again and counts once."""

_log = logging.getLogger(__name__)

_TAKE: dict[Name, tuple[Callable[[bytes, Window], Verdict], str]] = {
    "traces": (validate, SPAN),
    "logs": (take_logs, LOG),
    "metrics": (take_metrics, METRIC),
}
"""What becomes of a request of each signal, and as what it is spooled."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A request on its way to the disk. `future` is None when there was nothing to keep."""

    verdict: Verdict
    future: Future[int] | None
    signal: Signal = TRACES

    @property
    def response(self) -> Any:
        """What acknowledges the request; `partial_success` is set only when entries were rejected."""
        return self.signal.answer(self.verdict.rejected, self.verdict.message)


class Intake:
    """One per service; transport-free and thread-safe. Acknowledge a request only after the future of its receipt."""

    def __init__(self, config: Ingest, spool: Spool, metrics: ReceiverMetrics, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self.config = config
        self._spool, self._metrics, self._clock_ns = spool, metrics, clock_ns
        self._authenticator = Authenticator(config.keys)
        self._refusals = Refusals()
        self._decoding, self._transcoding = threading.Lock(), threading.Lock()

    def reload(self, config: Ingest) -> None:
        """Take other keys and bounds from the next request on; gRPC keeps the size of messages that it was started with."""
        self.config, self._authenticator = config, Authenticator(config.keys)

    def authenticate(self, headers: Mapping[str, str]) -> Sender:
        """Who sends; header names in lower case. Raises RefusalError (UNAUTHENTICATED)."""
        return self._authenticator.check(headers)

    def accept(
        self, body: bytes, sender: Sender, decode: Callable[[bytes, Signal], Transcoded] | None = None, signal: Signal = TRACES
    ) -> Receipt:
        """Validate a request and queue it for the disk; does not wait for the disk.

        Args:
            body: The request in protobuf, decompressed; with `decode`, what that makes protobuf of.
            sender: From `authenticate`.
            decode: Transcodes another encoding; raises RefusalError.
            signal: What the request is of.

        Raises RefusalError: MALFORMED, FULL, FAILED.
        """
        # One at a time: decoding holds the interpreter anyway, and a decoded request can take 90 times its bytes. Other encodings
        # have a lock of their own: they take longer, and what comes in protobuf does not wait for them.
        problems: list[str] = []
        take, kept_as = _TAKE[signal.name]
        if decode:
            with self._transcoding:
                transcoded = decode(body, signal)
            body, problems = transcoded.body, transcoded.problems
        with self._decoding:
            verdict = take(body, Window.around(self._clock_ns(), self.config.oldest_days))
        verdict.reject(problems)
        is_kept = bool(verdict.spans or verdict.points)
        # Points of metrics are no spans: what becomes of them is counted by signal.
        rejected = 0 if kept_as == METRIC else verdict.rejected
        if not is_kept and not rejected:
            return Receipt(verdict, None, signal)
        body = verdict.body if is_kept else b""
        try:
            future = self._spool.put(body, verdict.spans, sender.tags, sender.name, kept_as, rejected=rejected)
            return Receipt(verdict, future, signal)
        except SpoolError as problem:
            raise refusal(problem) from problem

    def accepted(self, transport: Transport, receipt: Receipt) -> None:
        """Count a request that was acknowledged."""
        verdict = receipt.verdict
        outcome = Outcome.PARTIAL if verdict.rejected else Outcome.ACCEPTED
        self._metrics.record(transport, outcome, accepted=verdict.spans, rejected=verdict.rejected, size=len(verdict.body))
        self._metrics.took(receipt.signal.name, kept=verdict.spans or verdict.points, dropped=verdict.dropped, rejected=verdict.rejected)

    def refused(self, transport: Transport, problem: Exception, sender: str = "") -> RefusalError:
        """Count and log a request that was not acknowledged; returns what to tell its sender."""
        told = refusal(problem)
        told.sender = told.sender or sender
        self._metrics.record(transport, told.outcome)
        self._refusals.note(told)
        return told


def refusal(problem: Exception) -> RefusalError:
    """What to tell the sender. What we did not foresee is our fault, so it is to be sent again: other codes lose the spans."""
    if isinstance(problem, RefusalError):
        return problem
    if isinstance(problem, SpoolFullError):
        return RefusalError(Outcome.FULL, "the spool is full: requests are received faster than stored, send again later")
    if isinstance(problem, SpoolError):
        _log.error("request not acknowledged: %s", problem)
        return RefusalError(Outcome.FAILED, "the request could not be made durable, send it again")
    if isinstance(problem, TimeoutError):
        _log.error("request not acknowledged: no commit within %s s", COMMIT_SECONDS_MAX)
        return RefusalError(Outcome.FAILED, "the request was not durable in time, send it again")
    _log.error("request not acknowledged", exc_info=problem)
    return RefusalError(Outcome.FAILED, "the request failed inside Spanledger, send it again")
