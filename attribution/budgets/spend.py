"""What was spent of budgets: the ledger's postings, counts of attributed spans, and what is stored and not attributed yet.

A replay is a pure function of the store and an instant. Nothing is kept from one to the next, so nothing can drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

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
LATER = datetime(2262, 1, 1, tzinfo=UTC)
UNITS = ("tokens", "calls", "iterations", "agent_hops")
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

    """
    limits = Limits(config)
    calls, asked = list(calls), frozenset(work)
    work = _with_records(store, asked)
    if not work and not calls and not any(limit.is_calendar for limit in limits):
        return Replay(at, work=asked)
    for _ in range(REPLAYS_MAX):
        state = store.rows("budgets/state")
        found = arrived(store, calls)
        reader = _Reader(store, config, waits=instant == LATER, instant=instant, said=said or {})
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
    waits: bool
    instant: datetime
    said: Mapping[str, Mapping[str, str]]

    def calendar(self, limits: Sequence[Limit], at: datetime) -> dict[Counter, Spend]:
        """Spend of the windows that a moment lies in, and of what comes after them."""
        if not limits:
            return {}
        windows = {limit.name: limit.window(at) for limit in limits}
        boundaries = sorted({edge for window in windows.values() for edge in (window.start, window.end)})
        rows = self._rows(limits, boundaries, boundaries[0], {})
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
        named: dict[str, list[str]] = {}
        for per, name in work:
            named.setdefault(f"{per}s", []).append(name)
        spend: dict[Counter, Spend] = {}
        for row in self._rows(limits, [], at - timedelta(days=WORK_DAYS), named):
            for limit in limits:
                _count(spend, limit, ALWAYS.start, row)
        return spend

    def _rows(self, limits: Sequence[Limit], boundaries: Sequence[datetime], since: datetime, named: Mapping[str, list[str]]) -> list[Row]:
        teams = self.config.organization.teams
        parameters = _parameters(limits, boundaries, since, named, self.said)
        found: list[Row] = []
        if self.waits:  # first: what is attributed meanwhile is then seen twice, and the replay is repeated, but never missed
            known = {
                "teams": ["", *teams],
                "departments": ["", *(team.department for team in teams.values())],
                "cost_centers": ["", *(team.cost_center for team in teams.values())],
            }
            found += [self._row(row, attributed=False) for row in self.store.rows("budgets/waiting", **parameters, **known)]
        found += [self._row(row, attributed=True) for row in self.store.rows("budgets/money", **parameters, instant=self.instant)]
        found += [self._row(row, attributed=True) for row in self.store.rows("budgets/counts", **parameters)]
        return found

    def _row(self, row: Mapping[str, Any], *, attributed: bool) -> Row:
        names = dict(zip(NAMES, row["names"], strict=True))
        names |= self.said.get(names[RUN], {})
        counts = {unit: int(row.get(unit, 0)) for unit in UNITS}
        return Row(row["segment"], names, row.get("usd", _NONE), counts, row.get("unpriced", 0), attributed)


def _parameters(
    limits: Sequence[Limit],
    boundaries: Sequence[datetime],
    since: datetime,
    named: Mapping[str, Sequence[str]],
    said: Iterable[str],
) -> dict[str, Any]:
    """Of the statements that tell what was spent."""
    looked_at = frozenset().union(*(limit.names for limit in limits))
    return {
        "boundaries": boundaries,
        "since": since,
        "wanted": [name in looked_at for name in SCOPED],
        "wants_runs": RUN in looked_at,
        "only": bool(named),
        "known": sorted(said),
        **{kind: sorted(named.get(kind, [])) for kind in ("runs", "tasks", "sessions")},
    }


def spent_in_steps(limit: Limit, steps: Sequence[datetime]) -> tuple[str, dict[str, Any]]:
    """The statement, with its parameters, that tells what was attributed of a budget by step of time and by the names it looks at.

    `steps` are where steps begin, and last the end of the last one. `step_of` reads its rows.
    """
    parameters = _parameters([limit], steps, steps[0], {}, ())
    return ("budgets/money", {**parameters, "instant": LATER}) if limit.is_money else ("budgets/counts", parameters)


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
