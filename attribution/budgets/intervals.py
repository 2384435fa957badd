"""What was attributed, interval by interval of time: one is read again only where a trace in it was decided anew.

A replay looks at whole windows, of which all but the last hours mostly stay as they are. What was read of an interval is kept beside what
the store said of its contents, and counts for as long as the store says the same. So a replay still tells what the store tells, and nothing
that is kept can be wrong for longer than until the next one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURLY_DAYS = 2
"""For so many days intervals are hours: most traces that change are younger. Older ones are days."""
ROWS_MAX = 200_000
"""Rows that are kept of all intervals, of about 1 KB each; intervals that do not fit are read each time."""
LATER = datetime(2262, 1, 1, tzinfo=UTC)
"""The end of the last interval, later than any span that is stored."""
SUMS = ("usd", "tokens", "calls", "iterations", "agent_hops", "unpriced")

Contents = tuple[int, int, int]
"""What the store says of the contents of an interval; see contents.sql."""
Names = tuple[str, ...]
ReadRows = Callable[[Mapping[str, Any]], Iterable[Mapping[str, Any]]]


class Interval(NamedTuple):
    """From `begin` up to `end`, which is not in it."""

    begin: datetime
    end: datetime


class Used(NamedTuple):
    """What some calls used, by the names that budgets look at."""

    names: Names
    sums: Mapping[str, Any]
    """USD, and counts; of SUMS those that are not 0."""


@dataclass
class Memory:
    """What was read of intervals. One belongs to one thread."""

    looked_at: object = None
    """What of the calls was asked for; it tells other things apart than before where this differs."""
    kept: Mapping[Interval, tuple[Contents, Sequence[Used]]] = field(default_factory=dict)


def intervals_of(boundaries: Sequence[datetime], at: datetime) -> list[Interval]:
    """The intervals from the first boundary on, in their order: none lies across a boundary, and the last one has no end."""
    at = at.astimezone(UTC)
    first, recent = boundaries[0], at.replace(hour=0, minute=0, second=0, microsecond=0) - (HOURLY_DAYS - 1) * DAY
    edges = {*boundaries, *_steps(first, recent, DAY), *_steps(max(first, recent), at, HOUR)}
    ordered = sorted(edges)
    return [Interval(*pair) for pair in zip(ordered, [*ordered[1:], LATER], strict=True)]


def _steps(first: datetime, last: datetime, step: timedelta) -> Iterator[datetime]:
    """Whole days or hours in UTC, after `first` and up to `last`."""
    at = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    at = at.replace(hour=0) if step == DAY else at
    while (at := at + step) <= last:
        yield at


def scope_of(intervals: Sequence[Interval], wanted: Iterable[int]) -> dict[str, Any]:
    """Parameters that make a statement read only these of the intervals, counted from 1; `begins` and `ends` are of those side by side."""
    segments = sorted(wanted)
    spans: list[Interval] = []
    for segment in segments:
        begin, end = intervals[segment - 1]
        if spans and spans[-1].end == begin:
            spans[-1] = Interval(spans[-1].begin, end)
        else:
            spans.append(Interval(begin, end))
    return {
        "boundaries": [interval.begin for interval in intervals],
        "segments": segments,
        "since": spans[0].begin if spans else LATER,
        "begins": [span.begin for span in spans],
        "ends": [span.end for span in spans],
    }


def recall(
    memory: Memory, looked_at: object, intervals: Sequence[Interval], contents: Mapping[int, Contents], read: ReadRows
) -> dict[Interval, Sequence[Used]]:
    """What was used in each interval; `read` is asked, with parameters, for those whose contents are not what they were.

    `contents` are by segment, as all that is read: intervals are counted from 1. One that has none has nothing to read.
    """
    known = memory.kept if memory.looked_at == looked_at else {}
    found: dict[Interval, Sequence[Used]] = {}
    wanted = []
    for segment, interval in enumerate(intervals, 1):
        before, used = known.get(interval, (None, ()))
        if segment in contents and contents[segment] != before:
            wanted.append(segment)
        elif segment in contents:
            found[interval] = used
    if wanted:
        fresh: dict[int, dict[Names, dict[str, Any]]] = {segment: {} for segment in wanted}
        for row in read(scope_of(intervals, wanted)):
            _add(fresh[row["segment"]].setdefault(tuple(row["names"]), {}), row)
        for segment, sums in fresh.items():
            found[intervals[segment - 1]] = [Used(*one) for one in sums.items()]
    memory.looked_at, memory.kept = looked_at, dict(_bounded(intervals, contents, found))
    return found


def _bounded(
    intervals: Sequence[Interval], contents: Mapping[int, Contents], found: Mapping[Interval, Sequence[Used]]
) -> Iterator[tuple[Interval, tuple[Contents, Sequence[Used]]]]:
    """The oldest first: they stay as they are for longest."""
    rows = 0
    for segment, interval in enumerate(intervals, 1):
        if interval in found:
            rows += len(found[interval])
            if rows > ROWS_MAX:
                return
            yield interval, (contents[segment], found[interval])


def combined(used: Mapping[Interval, Sequence[Used]], boundaries: Sequence[datetime]) -> dict[tuple[int, Names], dict[str, Any]]:
    """The sums by segment, which is the number of boundaries at or before an interval, and by names."""
    sums: dict[tuple[int, Names], dict[str, Any]] = {}
    for interval, rows in used.items():
        segment = bisect_right(boundaries, interval.begin)
        for one in rows:
            _add(sums.setdefault((segment, one.names), {}), one.sums)
    return {key: one for key, one in sums.items() if any(one.values())}


def _add(sums: dict[str, Any], row: Mapping[str, Any]) -> None:
    for name in SUMS:
        if value := row.get(name):
            sums[name] = sums.get(name, Decimal(0) if name == "usd" else 0) + value
