"""`policies.required: quarantine`: calls of which nobody says what is required are set aside, and let in once their trace says it.

A call says a dimension by itself, its resource, its ingest key, a span above it in the same request, or the initiator of its trace as the
store knows it. The root of a trace ends last, so a call may be set aside and come back by itself: `Recheck` looks for such.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from attribution.budgets import initiators
from attribution.storage import Store
from collector.config import Config
from collector.processor import Processed
from collector.spool import Division, Spool

REASON = "policies.required: "
"""How the reason of what is set aside here begins."""
RECHECK_SECONDS = 5.0
"""Between two looks at what is set aside."""
RECHECK_ROWS = 200
"""Requests of the quarantine in one look; the next look goes on behind them."""


@dataclass(frozen=True, slots=True)
class _Lack:
    """A call that does not say something, as far as its request tells."""

    at: int
    """Its position in the request."""
    trace_id: str
    names: frozenset[str]


class Requirements:
    """What every call must say to be stored, by one configuration; `store` tells what others said of its trace."""

    def __init__(self, config: Config, store: Store) -> None:
        self.names = frozenset(name for name, what in config.policies.required.items() if what == "quarantine")
        self._teams = config.organization.teams
        self._store = store

    def of(self, config: Config) -> Requirements:
        """By another configuration."""
        return Requirements(config, self._store)

    def divide(self, batch: Sequence[Processed]) -> list[Division | None]:
        """What of each delivery is let in and what is not; None: all of it is let in. Raises StorageError."""
        if not self.names:
            return [None] * len(batch)
        batch = [one.whole for one in batch]
        lacks = [self._lacks(one) for one in batch]
        known = self.known({lack.trace_id for of_one in lacks for lack in of_one})
        return [
            _division(one, [lack for lack in of_one if lack.names - known.get(lack.trace_id, frozenset())])
            for one, of_one in zip(batch, lacks, strict=True)
        ]

    def known(self, traces: set[str]) -> dict[str, frozenset[str]]:
        """Which of the required dimensions the initiators of these traces say. Raises StorageError."""
        found = initiators(self._store, sorted(traces), whole=False)  # what is set aside may be a parent of what is not
        return {trace: self._said(dims) for trace, dims in found.items()}

    def _lacks(self, one: Processed) -> list[_Lack]:
        """Calls that do not say everything. Points of metrics are no calls."""
        if one.request is None:
            return []
        spans = one.spans
        own = [
            {**one.resources[of], **reading.dims, **one.delivery.tags} for reading, of in zip(one.readings, one.resource_of, strict=True)
        ]
        said = [self._said(dims) for dims in own]
        place = {(span.trace_id, span.span_id): at for at, span in enumerate(spans)}
        found = []
        for at, price in enumerate(one.prices):
            if price.usage != "none" and said[at] != self.names:
                names = self.names.difference(*(said[above] for above in _path(at, spans, place)))
                if names:
                    found.append(_Lack(at, spans[at].trace_id.hex(), names))
        return found

    def _said(self, dims: Mapping[str, str]) -> frozenset[str]:
        team = self._teams.get(dims.get("team", ""))
        of_team = {"department": team.department, "cost_center": team.cost_center} if team else {}
        return frozenset(name for name in self.names if dims.get(name) or of_team.get(name))


class Recheck:
    """Lets what was set aside be stored again, once the initiator of its trace is known and says what is required."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._after = 0
        self._at = 0.0

    def turn(self, store: Store, config: Config) -> None:
        """Look at some of it, where it is time to. Raises StorageError, SpoolError."""
        requirements = Requirements(config, store)
        if not requirements.names or not self._spool.depth.quarantined or time.monotonic() < self._at:
            return
        self._at = time.monotonic() + RECHECK_SECONDS
        rows = self._spool.set_aside_for(REASON, after=self._after, rows_max=RECHECK_ROWS)
        self._after = rows[-1][0] if len(rows) == RECHECK_ROWS else 0
        traces = {seq: _trace_ids(body) for seq, body in rows}
        known = requirements.known(set().union(*traces.values()))
        for seq, of_one in traces.items():
            if any(known.get(trace) == requirements.names for trace in of_one):
                self._spool.retry(seq)  # what of it is still not said is set aside again


def _path(at: int, spans: Sequence[Any], place: Mapping[tuple[bytes, bytes], int]) -> Iterator[int]:
    """Positions of a span and of those above it in the request, each once, also where the parents make a loop."""
    seen: set[int] = set()
    here: int | None = at
    while here is not None and here not in seen:
        seen.add(here)
        yield here
        here = place.get((spans[here].trace_id, spans[here].parent_span_id))


def _division(one: Processed, lacks: Sequence[_Lack]) -> Division | None:
    if not lacks:
        return None
    names = ", ".join(sorted(frozenset().union(*(lack.names for lack in lacks))))
    example = one.spans[lacks[0].at].name[:100]
    calls = "1 call does not say its" if len(lacks) == 1 else f"{len(lacks)} calls do not say their"
    reason = f"{REASON}{calls} {names}, such as {example!r}"
    aside = {lack.at for lack in lacks}
    spans = one.delivery.spans
    if len(aside) == spans:
        return Division(b"", 0, one.delivery.body, spans, reason)
    kept = _only(one.delivery.body, lambda at: at not in aside)
    return Division(kept, spans - len(aside), _only(one.delivery.body, aside.__contains__), len(aside), reason)


def _only(body: bytes, is_wanted: Callable[[int], bool]) -> bytes:
    """A request with some of its spans, by position; all else stays as it was sent."""
    request = ExportTraceServiceRequest.FromString(body)
    at = 0
    for resource_spans in request.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            spans = list(scope_spans.spans)
            wanted = [span for position, span in enumerate(spans, at) if is_wanted(position)]
            at += len(spans)
            del scope_spans.spans[:]
            scope_spans.spans.extend(wanted)
    return bytes(request.SerializeToString())


def _trace_ids(body: bytes) -> set[str]:
    request = ExportTraceServiceRequest.FromString(body)
    return {
        span.trace_id.hex()
        for resource_spans in request.resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    }
