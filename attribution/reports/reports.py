"""What people ask of the ledger: who pays, what a trace cost and why, whether all of it adds up."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any, NamedTuple

from attribution.conventions.emitters import untold
from attribution.errors import NotFoundError
from attribution.storage import Store, statement

REPORTS = ("team", "department", "cost_center", "project", "environment", "user", "task", "workflow", "agent", "model", "bucket")
"""What a report can be by."""

DIMENSIONS_OF_NAMES = ("user", "task")
"""Dimensions with many values: `ledger_names` has them, and `ledger_days` all others."""

AXES = ("day", "week", "month")
"""What a report can be cut into. A week is named by its Monday."""

PAYERS = frozenset({"team", "department", "cost_center"})
"""Dimensions that allocations have: by these, what is shared is what was allocated."""

SPAN_FILTERS = ("trace_id", "team", "user", "task", "workflow", "agent", "model")
"""What spans can be chosen by."""

OTHERS = "(others)"
"""The value of the line that sums up what is not among the most expensive."""

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2149, 6, 6)
"""All that a ClickHouse Date can say."""

AUDIT_ROWS_MAX = 1000
"""More rows tell nobody more."""


@dataclass(frozen=True, slots=True)
class Question:
    """A statement that reads, with what it is asked for: as rows for people, as data frames for programs."""

    sql: str
    parameters: Mapping[str, Any]


MISSING = "(missing)"
"""The value of the lines that say what the totals lack."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What totals lack for one reason (R15)."""

    reason: str
    """unpriced, unobserved, sampled, pending, quarantined, rejected."""
    count: int
    """Calls, totals that tell more, calls that were not sampled (as estimated), or spans."""
    tokens: int
    usd: Decimal | None
    """As far as known or estimated; None: it is not known."""


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a dimension, or one of each of two, and what it costs, in USD."""

    value: str
    """'' is what no value was found for."""
    direct: Decimal
    shared: Decimal
    total: Decimal
    attributed: Decimal
    """USD of the total that found a team."""
    and_value: str = ""
    """Of the second dimension."""
    since: str = ""
    """The day, the Monday of the week or the month, where the report is cut by one."""

    @property
    def coverage(self) -> Decimal | None:
        """Share of the total that found a team; None where there is no total."""
        return coverage_of(self.attributed, self.total)


class Found(NamedTuple):
    """How it was found that a team started what it started, in USD, before pools are split (R8)."""

    said: Decimal = Decimal(0)
    linked: Decimal = Decimal(0)
    """Over links."""
    inferred: Decimal = Decimal(0)
    """By its sender, trace, session or the owner of its agent."""
    through_others: Decimal = Decimal(0)
    """Of all of it what the team has because of another sender's records (R16)."""

    @property
    def whole(self) -> Decimal:
        """All that the team started."""
        return self.said + self.linked + self.inferred

    @classmethod
    def sum_of(cls, ones: Iterable[Found]) -> Found:
        """Of several teams."""
        return cls(*(sum(amounts, Decimal(0)) for amounts in zip(cls(), *ones, strict=True)))


@dataclass(frozen=True, slots=True)
class Report:
    """Lines by a dimension or two, by time and then the most expensive first, and how far to trust them."""

    by: str
    lines: Sequence[Line]
    """All of them, or the most expensive and with them one of all others, whose value is OTHERS."""
    attributed: Decimal
    """USD of the total that found a team."""
    missing: Sequence[Missing]
    """What its totals lack, by reason; where there is anything, each of them is at least what it says."""
    lacking: Mapping[str, AbstractSet[str]]
    """`since` of a line to the teams whose own totals lack something in that time."""
    and_by: str = ""
    axis: str = ""
    found: Mapping[tuple[str, str], Found] = field(default_factory=dict)
    """By `since` and team; of a report by team alone."""

    def found_of(self, line: Line) -> Found:
        """How it was found that the team of a line started what it started; of the line of all others, that they did."""
        if line.value != OTHERS:
            return self.found.get((line.since, line.value), Found())
        shown = {one.value for one in self.lines if one.since == line.since}
        return Found.sum_of(one for (since, team), one in self.found.items() if since == line.since and team not in shown)

    def is_at_least(self, line: Line) -> bool:
        """Whether more than its total may have been spent. What is missing is known by team; it can belong to any value of the others."""
        team = line.value if self.by == "team" else line.and_value if self.and_by == "team" else OTHERS
        teams = self.lacking.get(line.since, frozenset())
        return bool(teams) if team == OTHERS or line.shared else team in teams

    @property
    def total(self) -> Decimal:
        """USD; the same for every dimension."""
        return sum((line.total for line in self.lines), Decimal(0))

    @property
    def coverage(self) -> Decimal | None:
        """Share of the total that found a team; None where there is no total."""
        return coverage_of(self.attributed, self.total)


def coverage_of(attributed: Decimal, total: Decimal) -> Decimal | None:
    """Share of a total that found a team, rounded down at the fourth digit: only all of it is 1. None where there is no total."""
    return (attributed / total).quantize(Decimal("0.0001"), ROUND_DOWN) if total else None


def report(
    store: Store, by: str, first: date | None = None, last: date | None = None, top: int = 0, *, and_by: str = "", axis: str = ""
) -> Report:
    """Costs by one dimension or two over the days from `first` to `last`, both included. Raises NotFoundError.

    Args:
        store: where the ledger is.
        by: one of REPORTS.
        first: first day; None: the beginning.
        last: last day, included; None: no end.
        top: so many values, the most expensive ones, and last one for all others; 0: all.
        and_by: a second one of REPORTS; empty: none.
        axis: one of AXES, which cuts the report into days, weeks or months; empty: none.

    """
    lines = [Line(**row) for row in _rows(store, costs(by, first, last, top, and_by=and_by, axis=axis, columns=LINE_COLUMNS))]
    days = _days(first, last)
    attributed = store.rows("reports/coverage", **days)[0]["attributed"]
    lacking: dict[str, set[str]] = defaultdict(set)
    for row in store.rows("reports/teams_at_least", axis=axis, **days):
        lacking[row["since"]].add(row["team"])
    found = {}
    if by == "team" and not and_by:
        for row in store.rows("reports/initiators_of_teams", axis=axis, **days):
            found[row["since"], row["team"]] = Found(row["said"], row["linked"], row["inferred"], row["through_others"])
    return Report(by, lines, attributed, [Missing(**row) for row in _rows(store, missing(first, last))], lacking, and_by, axis, found)


def missing(first: date | None = None, last: date | None = None) -> Question:
    """What the totals of some days lack: `reason`, `count`, `tokens`, `usd`; no rows where they lack nothing."""
    return _question("missing", **_days(first, last))


AMOUNTS = ("direct", "shared", "total", "attributed")
LINE_COLUMNS = ("since", "value", "and_value", *AMOUNTS)


def costs(
    by: str,
    first: date | None = None,
    last: date | None = None,
    top: int = 0,
    *,
    and_by: str = "",
    axis: str = "",
    columns: Sequence[str] = (),
) -> Question:
    """The lines of a report: `value`, `direct`, `shared`, `total`, `attributed`. Raises NotFoundError.

    Where it is cut by time it has `since` as well, and with a second dimension `and_value`.
    """
    for name in (by, and_by) if and_by else (by,):
        if name not in REPORTS:
            raise NotFoundError(f"there is no report by {name!r}; there is {', '.join(REPORTS)}")
    if by == and_by:
        raise NotFoundError(f"there is no report by {by!r} twice; name another second dimension, one of {', '.join(REPORTS)}")
    if axis and axis not in AXES:
        raise NotFoundError(f"a report cannot be cut by {axis!r}; by {', '.join(AXES)} it can")
    shown = columns or tuple(name for name, there in (("since", axis), ("value", by), ("and_value", and_by)) if there) + AMOUNTS
    question = _question(
        "report",
        by=by,
        and_by=and_by,
        axis=axis,
        top=top,
        others=OTHERS,
        has_payer=not PAYERS.isdisjoint({by, and_by}),
        **_rollup(by, and_by),
        **_days(first, last),
    )
    return Question(f"SELECT {', '.join(shown)} FROM ({question.sql}) ORDER BY place", question.parameters)


def _rollup(by: str, and_by: str) -> dict[str, str]:
    """Where the dimensions stand, and where what allocations have in their place."""
    if not and_by and by in DIMENSIONS_OF_NAMES:
        names = {"column": "name", "pooled_column": "name", "key": "key", "pooled_key": "key", "and_column": "name", "and_pooled": "name"}
        return {"rollup": "ledger_names", "dimension": by, **names}
    has_names = not {by, and_by}.isdisjoint(DIMENSIONS_OF_NAMES)
    columns = [by, and_by or by]
    pooled = [_in_allocations(name) for name in columns] if and_by and not PAYERS.isdisjoint(columns) else columns
    return {
        "rollup": "postings_found" if has_names else "ledger_days",
        "dimension": "",
        "column": columns[0],
        "pooled_column": pooled[0],
        "key": columns[0],
        "pooled_key": pooled[0],
        "and_column": columns[1],
        "and_pooled": pooled[1],
    }


def _in_allocations(dimension: str) -> str:
    """The column that has what allocations say of a dimension: theirs, the pool for the agent, else one that is empty."""
    return dimension if dimension in PAYERS else "pool" if dimension == "agent" else "dimension"


def _days(first: date | None, last: date | None) -> dict[str, date]:
    return {"first": max(first or FIRST_DAY, FIRST_DAY), "last": min(last or LAST_DAY, LAST_DAY)}


def statement_of_month(period: str) -> Question:
    """A closed month's rows of `statements`, the most expensive team first; none for an open one."""
    return _question("statement", period=period)


def pools(store: Store, period: str = "") -> list[dict[str, Any]]:
    """The pools of a month, or of all: period, pool, late_from, spans, added, cost, driver, use_period, method."""
    return store.rows("reports/pools", period=period)


def pool_routes(store: Store, period: str = "") -> list[dict[str, Any]]:
    """How the cost of each pool came to each team: period, pool, late_from, via, team, share, amount."""
    return store.rows("reports/pool_routes", period=period)


def trace(store: Store, trace_id: str) -> list[dict[str, Any]]:
    """The spans of a trace by start, as columns of `attributed_spans`. Raises NotFoundError."""
    spans = _rows(store, spans_of_trace(trace_id))
    if not spans:
        raise NotFoundError(f"there is no attributed trace {trace_id}")
    return spans


def spans_of_trace(trace_id: str) -> Question:
    """The spans of a trace by start."""
    return _question("trace", trace_id=trace_id.lower())


def spans(first: date | None = None, last: date | None = None, **among: Sequence[str]) -> Question:
    """Rows of `attributed_spans` of some days, by start; `among` has values by SPAN_FILTERS. Raises NotFoundError."""
    unknown = sorted(among.keys() - set(SPAN_FILTERS))
    if unknown:
        raise NotFoundError(f"spans cannot be chosen by {', '.join(unknown)}; by {', '.join(SPAN_FILTERS)} they can")
    return _question("spans", **_days(first, last), **{name: list(among.get(name, ())) for name in SPAN_FILTERS})


def unknown_teams(store: Store, known: Sequence[str]) -> list[dict[str, Any]]:
    """The 20 teams of the ledger that paid most and are none of `known`: what they paid in USD, and on which day last."""
    return store.rows("reports/unknown_teams", known=list(known))


def unpriced_models(store: Store) -> list[dict[str, Any]]:
    """Rows of `unpriced_models`, the most used first, each with the line under `pricing.models` that would price it (`fix`)."""
    return [{**row, "fix": price_line(row["provider"], row["model"])} for row in store.rows("reports/unpriced_models")]


def emitters(store: Store, first: date | None = None, last: date | None = None) -> list[dict[str, Any]]:
    """What the billed calls of each emitter cost, by scope, signal and provider, and what such records do not tell (`untold`)."""
    rows = store.rows("reports/emitters", **_days(first, last))
    return [{**row, "untold": [each.untold for each in untold(row["scope"], row["signal"], row["provider"])]} for row in rows]


def anomalies(store: Store, first: date | None = None, last: date | None = None) -> list[dict[str, Any]]:
    """Rows of `anomalies` of some days, both included, the latest first."""
    return store.rows("reports/anomalies", **_days(first, last))


def price_line(provider: str, model: str) -> str:
    """A contract price to fill in; as it stands it is refused, for a price of 0 would be one."""
    names = {"provider": provider, "model": model} if provider else {"model": model}
    terms = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in names.items())
    return f"- {{{terms}, input: USD_PER_MILLION, output: USD_PER_MILLION}}"


def stored_spans(store: Store) -> list[dict[str, Any]]:
    """Of each sender: spans that are stored, each once, and spans that were delivered. Reads all spans."""
    return store.rows("reports/stored_spans")


def costs_by_model(store: Store) -> list[dict[str, Any]]:
    """USD by team, model and bucket, the most expensive first."""
    return store.rows("reports/costs_by_model")


def missing_of_all(store: Store) -> list[dict[str, Any]]:
    """What all totals lack, by reason: the rows of `missing`."""
    return _rows(store, missing())


def audit(store: Store) -> list[dict[str, Any]]:
    """Rows of `audits`, none when all is well; at most AUDIT_ROWS_MAX."""
    return _rows(store, violations())


def violations() -> Question:
    """What the audits find wrong."""
    return _question("audits", rows_max=AUDIT_ROWS_MAX)


def _question(name: str, **parameters: Any) -> Question:
    return Question(statement(f"reports/{name}"), parameters)


def _rows(store: Store, question: Question) -> list[dict[str, Any]]:
    return store.query(question.sql, question.parameters)
