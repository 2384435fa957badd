"""What a span must be so that it can be stored, and what is said about those that are not.

Source: opentelemetry-proto trace.proto (ids), ClickHouse DateTime64(9) (times). This is Python per span, the hot path: it
touches four fields and no attribute. About 1 us a span, beside 1.4 us for the decoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import DecodeError

from collector.receiver.bounds import WireError, check
from collector.receiver.outcome import Outcome, RefusalError
from collector.receiver.repair import of_today, repaired
from collector.receiver.signals import TRACES, Signal

TRACE_ID_BYTES, SPAN_ID_BYTES = 16, 8
NO_TRACE_ID, NO_SPAN_ID = bytes(TRACE_ID_BYTES), bytes(SPAN_ID_BYTES)

START_NS_END = 1 << 63
"""11 April 2262: signed 64-bit nanoseconds, which is also how far DateTime64(9) reaches."""

DAY_NS = 24 * 3600 * 10**9
YEAR_2000_NS = 946_684_800 * 10**9

NAMED_MAX = 5
"""Rejected spans that the message describes; the rest are counted. One is enough to find the bug, and logs stay readable."""

TEXT_MAX = 64
"""Characters of a name or id that the message quotes."""


@dataclass(slots=True)
class Verdict:
    """What is left of a request. `body` is what was sent, byte for byte, unless something had to be changed."""

    body: bytes
    spans: int = 0
    rejected: int = 0
    problems: list[str] = field(default_factory=list)
    """Of the first NAMED_MAX rejected spans."""
    named: int = 0
    """Rejected spans that the problems speak of."""
    points: int = 0
    """Points of metrics that are kept; then nothing else is."""
    dropped: int = 0
    """Log records and points of metrics that are accepted and not kept: they tell of nothing that is paid."""

    def reject(self, problems: Sequence[str]) -> None:
        """Count spans that were left out before."""
        named = problems[: NAMED_MAX - len(self.problems)]
        self.problems += named
        self.named += len(named)
        self.rejected += len(problems)

    @property
    def message(self) -> str:
        """For the sender; empty when nothing was rejected."""
        if not self.rejected:
            return ""
        more = self.rejected - self.named
        return "; ".join([*self.problems, f"and {more} more"] if more else self.problems)


@dataclass(frozen=True, slots=True)
class Window:
    """When a span may start: nanoseconds since the epoch, from the first to before the second."""

    start_ns: int = 1
    end_ns: int = START_NS_END
    oldest_days: int = 0
    """As it is configured, for the message; 0: no such bound."""

    @classmethod
    def around(cls, now_ns: int, oldest_days: int) -> Window:
        """What is accepted now: R12."""
        return cls(max(1, now_ns - oldest_days * DAY_NS), now_ns + DAY_NS, oldest_days)


def validate(body: bytes, window: Window | None = None) -> Verdict:
    """Decode a request and take invalid spans out of it.

    Raises RefusalError: MALFORMED when the bytes are no ExportTraceServiceRequest, TOO_LARGE when they hold too much.
    """
    window = window or Window()
    verdict = Verdict(body)
    request = decoded(verdict, TRACES)
    lists = [scope.spans for resource in request.resource_spans for scope in resource.scope_spans]
    if all(_valid(spans, window) for spans in lists):
        verdict.spans = sum(len(spans) for spans in lists)
        return verdict
    for spans in lists:
        _repair(spans, verdict, window)
    verdict.body = request.SerializeToString()
    return verdict


def decoded(verdict: Verdict, signal: Signal) -> Any:
    """The request; where one value makes it unreadable, the request without that value or its entry. Raises RefusalError."""
    body = verdict.body
    if check(body, signal):
        body = verdict.body = of_today(body)
    try:
        request = signal.request.FromString(body)
    except DecodeError as problem:
        malformed = RefusalError(Outcome.MALFORMED, f"the body is not an {signal.request_name} in protobuf")
        try:
            verdict.body, verdict.rejected = repaired(body, signal)
            request = signal.request.FromString(verdict.body)
        except (WireError, DecodeError):
            raise malformed from problem
        if verdict.rejected:
            verdict.problems.append(f"{verdict.rejected} {signal.entry_name}s hold bytes that are no {signal.entry_name}")
            verdict.named = verdict.rejected
    if body and not getattr(request, signal.lists[0]) and not verdict.rejected:
        raise RefusalError(Outcome.MALFORMED, f"the body holds nothing of an {signal.request_name}: no {signal.lists[0]} was found in it")
    return request


def _valid(spans: Any, window: Window) -> bool:
    """Whether the spans can stay exactly as they are."""
    start_ns, end_ns = window.start_ns, window.end_ns
    for span in spans:
        trace_id, span_id, parent = span.trace_id, span.span_id, span.parent_span_id
        if (
            len(trace_id) != TRACE_ID_BYTES
            or trace_id == NO_TRACE_ID
            or len(span_id) != SPAN_ID_BYTES
            or span_id == NO_SPAN_ID
            or (parent and (len(parent) != SPAN_ID_BYTES or parent == NO_SPAN_ID))
            or not start_ns <= span.start_time_unix_nano < end_ns
        ):
            return False
    return True


def _repair(spans: Any, verdict: Verdict, window: Window) -> None:
    """Remove what is invalid; a parent id of zeros means no parent."""
    first = verdict.spans + verdict.rejected
    kept = []
    for index, span in enumerate(spans):
        problem = _problem(span, window)
        if not problem:
            if span.parent_span_id == NO_SPAN_ID:
                span.ClearField("parent_span_id")
            kept.append(span)
        elif len(verdict.problems) < NAMED_MAX:
            verdict.problems.append(described(first + index, "span", span, problem))
            verdict.named += 1
    verdict.spans += len(kept)
    verdict.rejected += len(spans) - len(kept)
    if len(kept) < len(spans):
        del spans[:]  # and build anew: removing one by one takes quadratic time
        spans.extend(kept)


def _problem(span: Any, window: Window) -> str:
    """What is wrong with a span; empty when nothing is."""
    ids = _id_problem("trace_id", span.trace_id, TRACE_ID_BYTES) or _id_problem("span_id", span.span_id, SPAN_ID_BYTES)
    if ids:
        return ids
    if len(span.parent_span_id) not in {0, SPAN_ID_BYTES}:
        return f"parent_span_id has {len(span.parent_span_id)} bytes, 0 or {SPAN_ID_BYTES} are needed"
    return time_problem("start_time_unix_nano", span.start_time_unix_nano, window)


def time_problem(field: str, start: int, window: Window) -> str:
    """What is wrong with a time; a clock in another unit is named, for that is what it mostly is."""
    if window.start_ns <= start < window.end_ns:
        return ""
    for factor, unit in ((10**9, "seconds"), (10**6, "milliseconds"), (10**3, "microseconds")):
        if max(window.start_ns, YEAR_2000_NS) <= start * factor < window.end_ns:
            return f"{field} is {start}, which is a time in {unit}; nanoseconds are needed"
    if not 0 < start < START_NS_END:
        return f"{field} is {start}, a time from 1970 to 2262 is needed"
    if start >= window.end_ns:
        return f"{field} is {start}, more than a day ahead of this server's clock"
    return f"{field} is {start}, more than {window.oldest_days} days ago (ingest.oldest_days)"


def _id_problem(name: str, value: bytes, size: int) -> str:
    if len(value) != size:
        return f"{name} has {len(value)} bytes, {size} are needed"
    return "" if any(value) else f"{name} is all zeros"


def described(index: int, what: str, span: Any, problem: str) -> str:
    """What the message says of a rejected entry; `index`: its place in the request."""
    ids = f"trace_id={span.trace_id[: TEXT_MAX // 2].hex()}, span_id={span.span_id[: TEXT_MAX // 2].hex()}"
    return f"{what} {index} ({span.name[:TEXT_MAX]!r}, {ids}): {problem}"
