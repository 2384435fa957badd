"""What was spent of budgets: the ledger's postings, counts of attributed spans, and what is stored and not attributed yet.

A replay is a function of the store and an instant. What one leaves for the next counts only while the store says that its contents are the
same (attribution/budgets/intervals.py), so nothing can drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from attribution.budgets.intervals import LATER, Memory, combined, intervals_of, recall, scope_of
from attribution.budgets.limits import RUN, Counter, Limit, Limits
from attribution.budgets.windows import ALWAYS
from attribution.configuration import AttributionConfig
from attribution.configuration.budgets import SCOPED
from attribution.storage import Store

NAMES = (*SCOPED, RUN)
"""In the order of the statements."""
WORK_DAYS = 31
"""How far back runs, tasks and sessions are counted."""
REPLAYS_MAX = 3
"""Attribution takes seconds between two passes: the second look finds it at rest."""
UNITS = ("tokens", "calls", "iterations", "agent_hops")
ALL_NAMES: Mapping[str, Any] = {"only": False, "runs": [], "tasks": [], "sessions": []}
"""Parameters: all calls, whatever their run, task or session."""
_NONE = Decimal(0)

Arrived = frozenset[tuple[str, str]]
"""Calls, by trace and span, that have a record in the store."""
Place = tuple[str, str]


class Row(NamedTuple):
    """What some calls used."""

    segment: int
    names: Mapping[str, str]
    usd: Decimal
    counts: Mapping[str, int]
    unpriced: int
    """Calls whose price is not known."""
    attributed: bool


@dataclass
class Spend:
    """What was spent of one count, in the unit that is counted: USD, tokens, calls ..."""

    ledger: Decimal = _NONE
    waiting: Decimal = _NONE
    """Stored and not attributed yet."""
    unpriced: Decimal = _NONE
    """USD that calls of unknown price count for."""
    unpriced_calls: int = 0

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.ledger + self.waiting + self.unpriced


@dataclass(frozen=True)
class Replay:
    """Spend of every count that has any, as the store told it."""

    at: datetime
    spend: Mapping[Counter, Spend] = field(default_factory=dict)
    arrived: Arrived = frozenset()
    work: frozenset[tuple[str, str]] = frozenset()
    """Runs, tasks and sessions that were asked for: `(per, name)`."""

    def of(self, counter: Counter) -> Spend:
        """What was spent of a count."""
        return self.spend.get(counter) or Spend()


def replay(
    store: Store,
    config: AttributionConfig,
    at: datetime,
    *,
    calls: Iterable[Place] = (),
    work: Iterable[tuple[str, str]] = (),
    said: Mapping[str, Mapping[str, str]] | None = None,
    instant: datetime = LATER,
    memory: Memory | None = None,
) -> Replay:
    """What was spent of the windows that `at` lies in.

    Args:
        store: where the ledger is.
        config: the budgets.
        at: the clock.
        calls: of which to find out whether their record has arrived; what of them has is in the spend.
        work: runs, tasks and sessions, `("run", trace_id)`: they are read by name, for there may be millions.
        said: who started the traces that are not whole yet: the span that says so often ends, and so comes, last.
        instant: leaves out what was posted later, to see a past state of the ledger; what waits is then left out as well.
        memory: of earlier replays, so that only what has changed is read; not for an instant of the past.

    """
    limits = Limits(config)
    calls, asked = list(calls), frozenset(work)
    work = _with_records(store, asked)
    if not work and not calls and not any(limit.is_calendar for limit in limits):
        return Replay(at, work=asked)
    for _ in range(REPLAYS_MAX):
        state = store.rows("budgets/state")
        found = arrived(store, calls)
        reader = _Reader(store, config, instant, said or {}, memory or Memory())
        spend = {**reader.calendar([limit for limit in limits if limit.is_calendar], at)}
        if work:
            spend |= reader.work([limit for limit in limits if not limit.is_calendar], at, work)
        if store.rows("budgets/state") == state:
            break
    return Replay(at, spend, found, asked)


def _with_records(store: Store, work: frozenset[tuple[str, str]]) -> set[tuple[str, str]]:
    """Without the runs of which nothing is stored."""
    runs = [name for per, name in work if per == RUN]
    stored = {row["trace_id"] for row in store.rows("budgets/stored_runs", traces=runs)} if runs else set()
    return {(per, name) for per, name in work if per != RUN or name in stored}


def arrived(store: Store, calls: Sequence[Place]) -> Arrived:
    """Which calls have a record in the store."""
    if not calls:
        return frozenset()
    asked = set(calls)
    rows = store.rows("budgets/arrived", traces=sorted({trace for trace, _ in asked}), spans=sorted({span for _, span in asked}))
    return frozenset(place for row in rows if (place := (row["trace_id"], row["span_id"])) in asked)


def initiators(store: Store, traces: Sequence[str], *, whole: bool = True) -> dict[str, dict[str, str]]:
    """Who started some traces, as attribution decided it, by trace; with `whole` of those only in which no parent is missing."""
    rows = store.rows("budgets/initiators", traces=sorted(traces)) if traces else []
    return {row["trace_id"]: dict(zip(SCOPED, row["names"], strict=False)) for row in rows if not (whole and row["orphans"])}


@dataclass(frozen=True)
class _Reader:
    store: Store
    config: AttributionConfig
    instant: datetime
    said: Mapping[str, Mapping[str, str]]
    memory: Memory

    @property
    def is_past(self) -> bool:
        """Whether it is a past state of the ledger that is read."""
        return self.instant != LATER

    def calendar(self, limits: Sequence[Limit], at: datetime) -> dict[Counter, Spend]:
        """Spend of the windows that a moment lies in, and of what comes after them."""
        if not limits:
            return {}
        windows = {limit.name: limit.window(at) for limit in limits}
        boundaries = sorted({edge for window in windows.values() for edge in (window.start, window.end)})
        looked_at = _looked_at(limits, self.said)
        # First what waits: what is attributed meanwhile is then seen twice, and the replay is repeated, but never missed.
        rows = self._waiting({**looked_at, **ALL_NAMES, "boundaries": boundaries, "since": boundaries[0]})
        rows += self._attributed(looked_at, boundaries, at)
        spend: dict[Counter, Spend] = {}
        for limit in limits:
            window = windows[limit.name]
            first, last = boundaries.index(window.start) + 1, boundaries.index(window.end) + 1
            for row in rows:
                if row.segment >= first:
                    _count(spend, limit, window.start if row.segment < last else window.end, row)
        return spend

    def work(self, limits: Sequence[Limit], at: datetime, work: Iterable[tuple[str, str]]) -> dict[Counter, Spend]:
        """Spend of some runs, tasks and sessions."""
        if not limits:
            return {}
        named: dict[str, list[str]] = {"runs": [], "tasks": [], "sessions": []}
        for per, name in work:
            named[f"{per}s"].append(name)
        since = at - timedelta(days=WORK_DAYS)
        everything = {"boundaries": [], "segments": [0], "since": since, "begins": [since], "ends": [LATER]}
        parameters = {**_looked_at(limits, self.said), **everything, "only": True, **named}
        rows = self._waiting(parameters) + [self._row(row["segment"], row["names"], row) for row in self._ledger(parameters)]
        spend: dict[Counter, Spend] = {}
        for row in rows:
            for limit in limits:
                _count(spend, limit, ALWAYS.start, row)
        return spend

    def _attributed(self, looked_at: Mapping[str, Any], boundaries: Sequence[datetime], at: datetime) -> list[Row]:
        """What is attributed since the first boundary; only intervals in which something changed are read."""
        intervals = intervals_of(boundaries, at)
        everything = scope_of(intervals, range(1, len(intervals) + 1))
        contents = {
            row["segment"]: (row["traces"], row["decided"], row["known_by_name"])
            for row in self.store.rows("budgets/contents", **looked_at, **everything)
        }
        if self.is_past:  # then traces may have lain elsewhere, and everything is read
            contents = dict.fromkeys(range(1, len(intervals) + 1), (0, 0, 0))
        names = (tuple(looked_at["wanted"]), looked_at["wants_runs"])
        used = recall(self.memory, names, intervals, contents, lambda scope: self._ledger({**looked_at, **ALL_NAMES, **scope}))
        return [self._row(segment, row, sums) for (segment, row), sums in combined(used, boundaries).items()]

    def _ledger(self, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Rows of what was posted, and of what was counted."""
        money = self.store.rows("budgets/money", **parameters, instant=self.instant, is_past=self.is_past)
        return money + self.store.rows("budgets/counts", **parameters)

    def _waiting(self, parameters: Mapping[str, Any]) -> list[Row]:
        if self.is_past:
            return []
        teams = self.config.organization.teams
        known = {
            "teams": ["", *teams],
            "departments": ["", *(team.department for team in teams.values())],
            "cost_centers": ["", *(team.cost_center for team in teams.values())],
        }
        rows = self.store.rows("budgets/waiting", **parameters, **known)
        return [self._row(row["segment"], row["names"], row, attributed=False) for row in rows]

    def _row(self, segment: int, told: Sequence[str], sums: Mapping[str, Any], *, attributed: bool = True) -> Row:
        names = dict(zip(NAMES, told, strict=True))
        names |= self.said.get(names[RUN], {})
        counts = {unit: int(sums.get(unit, 0)) for unit in UNITS}
        return Row(segment, names, sums.get("usd", _NONE), counts, sums.get("unpriced", 0), attributed)


def _looked_at(limits: Sequence[Limit], said: Iterable[str]) -> dict[str, Any]:
    """Parameters: the names by which calls are told apart. Traces whose initiator was said are, so that it can be put in their place."""
    names = frozenset().union(*(limit.names for limit in limits))
    return {"wanted": [name in names for name in SCOPED], "wants_runs": RUN in names, "known": sorted(said)}


def spent_in_steps(limit: Limit, steps: Sequence[datetime]) -> tuple[str, dict[str, Any]]:
    """The statement, with its parameters, that tells what was attributed of a budget by step of time and by the names it looks at.

    `steps` are where steps begin, and last the end of the last one. `step_of` reads its rows.
    """
    everything = {"boundaries": steps, "segments": list(range(1, len(steps) + 1)), "since": steps[0], "begins": [steps[0]], "ends": [LATER]}
    parameters = {**_looked_at([limit], ()), **ALL_NAMES, **everything}
    return ("budgets/money", {**parameters, "instant": LATER, "is_past": False}) if limit.is_money else ("budgets/counts", parameters)


class Step(NamedTuple):
    """What some calls used of a budget in a step of time."""

    step: int
    """0 is the first."""
    names: Mapping[str, str]
    """Those that the budget looks at."""
    amount: Decimal
    """USD, or what the budget counts."""


def step_of(limit: Limit, row: Mapping[str, Any]) -> Step | None:
    """A row of `spent_in_steps`; None: the budget is not for it."""
    names = dict(zip(NAMES, row["names"], strict=True))
    if limit.key_of(names) is None:
        return None
    used = row["usd"] if limit.is_money else Decimal(row[limit.budget.unit])
    return Step(row["segment"] - 1, {name: names[name] for name in NAMES if name in limit.names}, used)


def _count(spend: dict[Counter, Spend], limit: Limit, start: datetime, row: Row) -> None:
    key = limit.key_of(row.names)
    if key is None:
        return
    one = spend.setdefault(Counter(limit.name, start, key), Spend())
    used = row.usd if limit.is_money else Decimal(row.counts[limit.budget.unit])
    if row.attributed:
        one.ledger += used
    else:
        one.waiting += used
    one.unpriced_calls += row.unpriced
    if limit.is_money:
        one.unpriced += limit.budget.unpriced * row.unpriced
