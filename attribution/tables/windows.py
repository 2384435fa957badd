"""Cuts what a table holds into stretches of time of a bounded number of spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from attribution.storage import Store

SPANS_A_WINDOW = 20_000
"""Held in memory at once: a few KiB each."""
SLICES = 1024
"""Of a stretch at once. What is too crowded is cut again; a billionth of a second is reached from centuries in six cuts."""


@dataclass(frozen=True, slots=True)
class Window:
    """Spans that start from `first_ns` on and before `last_ns`: of `parts` of them, by a hash of the ids, the one with number `part`."""

    first_ns: int
    last_ns: int
    part: int = 0
    parts: int = 1

    @property
    def ends(self) -> bool:
        """Whether nothing is left of its stretch of time after it."""
        return self.part == self.parts - 1


def windows(store: Store, table: Mapping[str, str], first_ns: int) -> Iterator[Window]:
    """Windows in the order of time that together hold all spans that start from `first_ns` on, each about SPANS_A_WINDOW or fewer.

    Args:
        store: where the table is.
        table: `database` and `table`; its column `Timestamp` is looked at.
        first_ns: ns since the epoch.

    """
    extent = store.rows("tables/05_extent", **table, first_ns=first_ns)[0]
    if extent["spans"]:
        yield from _cut(store, table, extent["first_ns"], extent["last_ns"])


def _cut(store: Store, table: Mapping[str, str], first_ns: int, last_ns: int) -> Iterator[Window]:
    slice_ns = max(1, -(-(last_ns - first_ns) // SLICES))
    begin, spans = first_ns, 0
    for row in store.rows("tables/06_slices", **table, first_ns=first_ns, last_ns=last_ns, slice_ns=slice_ns):
        start = first_ns + row["slice"] * slice_ns
        if spans + row["spans"] > SPANS_A_WINDOW and spans:
            yield Window(begin, start)
            begin, spans = start, 0
        if row["spans"] > SPANS_A_WINDOW:
            end = min(start + slice_ns, last_ns)
            yield from _cut(store, table, start, end) if slice_ns > 1 else _parts(start, end, row["spans"])
            begin = end
        else:
            spans += row["spans"]
    if spans:
        yield Window(begin, last_ns)


def _parts(first_ns: int, last_ns: int, spans: int) -> Iterator[Window]:
    """More spans than fit start in the same nanosecond."""
    parts = -(-spans // SPANS_A_WINDOW)
    yield from (Window(first_ns, last_ns, part, parts) for part in range(parts))
