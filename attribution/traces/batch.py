"""Reads a batch: the traces that changed, and round by round those that are decided together with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attribution.storage import Store
from attribution.storage.work_tables import fill, make

CHANGES_A_PASS_MAX = 200_000
"""A pass reaches as far as so many changes go; a trace has at least one."""
SPANS_A_PASS_MAX = 2_000_000
"""A pass holds its spans in memory, about 0.5 KiB each: no further trace is taken once there are so many."""

FOLDER = "traces/01_batch"
SPANS, SESSION_STARTS = f"{FOLDER}/06_spans", f"{FOLDER}/07_session_starts"
OF_SAME_RESPONSES = f"{FOLDER}/08_add_traces_of_same_responses"
LINKING_HERE, OF_SESSIONS = f"{FOLDER}/09_add_traces_that_link_here", f"{FOLDER}/10_add_traces_of_sessions"
LINKED, OF_SESSION_STARTS = f"{FOLDER}/11_add_linked_traces", f"{FOLDER}/12_add_session_start_traces"


@dataclass(frozen=True, slots=True)
class Size:
    """How much a batch holds."""

    traces: int
    """0: nothing is pending there."""
    last_trace_id: str
    """It goes as far as this."""


def reach_of_pass(store: Store, after: str) -> str:
    """Up to which trace the next pass goes; '' when there is none after the last one's."""
    return str(store.rows(f"{FOLDER}/02_reach", after=after, changes_max=CHANGES_A_PASS_MAX)[0]["reach"])


def take(store: Store, tables: Mapping[str, str], after: str, reach: str) -> Size:
    """Take the pending traces after one and up to another into the batch, as many as a pass can hold."""
    for table, bounds in (("03_pending_traces", {"after": after, "reach": reach}), ("04_batch", {"spans_max": SPANS_A_PASS_MAX})):
        make(store, f"{FOLDER}/{table}", **tables)
        fill(store, f"{FOLDER}/{table}", **tables, **bounds)
    size = store.rows(f"{FOLDER}/05_size", **tables)[0]
    return Size(size["traces"], size["last"])


def read(store: Store, tables: Mapping[str, str], traces: int, *, by_session: bool) -> int:
    """Read the batch of so many traces, and add to it what its traces decide about, then what they need to be decided. How many it has."""
    make(store, SPANS, **tables)
    make(store, SESSION_STARTS, **tables)
    reading = _Reading(store, tables, traces, by_session=by_session)
    reading.read()
    # A call that several records tell leads from trace to trace, by one id after the other; who started it may be told in any of them.
    reading.until_none_is_added(OF_SAME_RESPONSES, LINKING_HERE, *([OF_SESSIONS] if by_session else []))
    reading.until_none_is_added(LINKED, *([OF_SESSION_STARTS] if by_session else []))
    return reading.traces


def settle(store: Store, tables: Mapping[str, str]) -> None:
    """Settle the changes that the batch read."""
    store.run(f"{FOLDER}/13_settle", **tables)


@dataclass(slots=True)
class _Reading:
    """A batch that grows round by round."""

    store: Store
    tables: Mapping[str, str]
    traces: int
    """How many it has."""
    by_session: bool
    """Traces inherit who started the work from their session, so the first spans of sessions are looked up."""
    round: int = 0

    def read(self) -> None:
        """Read the traces that the last round added."""
        fill(self.store, SPANS, **self.tables, round=self.round)
        if self.by_session:
            fill(self.store, SESSION_STARTS, **self.tables, round=self.round)

    def widen(self, statement_name: str) -> None:
        """Add traces as a round of their own, and read them; no round where there are none."""
        before = self.traces
        self.store.run(statement_name, **self.tables, round=self.round + 1)
        self.traces = self.store.count(self.tables["batch"])
        if self.traces > before:
            self.round += 1
            self.read()

    def until_none_is_added(self, *names: str) -> None:
        """Each turn adds at least one trace or is the last, so it ends."""
        before = -1
        while before != self.round:
            before = self.round
            for name in names:
                self.widen(name)
