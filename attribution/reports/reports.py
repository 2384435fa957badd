"""What people ask of the ledger: who pays, what a trace cost and why, whether all of it adds up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from attribution.errors import NotFoundError
from attribution.storage import Store, statement

REPORTS = ("team", "department", "cost_center", "project", "environment", "user", "task", "workflow", "agent", "model", "bucket")
"""What a report can be by."""

DIMENSIONS_OF_NAMES = ("user", "task")
"""Dimensions with many values: `ledger_names` has them, and `ledger_days` all others."""

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


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a dimension and what it costs, in USD."""

    value: str
    """'' is what no value was found for."""
    direct: Decimal
    shared: Decimal
    total: Decimal
    attributed: Decimal
    """USD of the total that found a team."""

    @property
    def coverage(self) -> Decimal | None:
        """Share of the total that found a team; None where there is no total."""
        return coverage_of(self.attributed, self.total)


@dataclass(frozen=True, slots=True)
class Report:
    """Lines by a dimension, the most expensive first, and how far to trust them."""

    by: str
    lines: Sequence[Line]
    """All of them, or the most expensive and with them one of all others, whose value is OTHERS."""
    attributed: Decimal
    """USD of the total that found a team."""
    unpriced_spans: int
    """Billable spans whose price is not known; their cost is in no total."""

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


def report(store: Store, by: str, first: date | None = None, last: date | None = None, top: int = 0) -> Report:
    """Costs by a dimension over the days from `first` to `last`, both included. Raises NotFoundError.

    Args:
        store: where the ledger is.
        by: one of REPORTS.
        first: first day; None: the beginning.
        last: last day, included; None: no end.
        top: so many lines, the most expensive ones, and last one of all others; 0: all lines.

    """
    lines = [Line(**row) for row in _rows(store, costs(by, first, last, top))]
    coverage = store.rows("reports/coverage", **_days(first, last))[0]
    return Report(by, lines, coverage["attributed"], coverage["unpriced_spans"])


def costs(by: str, first: date | None = None, last: date | None = None, top: int = 0) -> Question:
    """The lines of a report: `value`, `direct`, `shared`, `total`, `attributed`. Raises NotFoundError."""
    if by not in REPORTS:
        raise NotFoundError(f"there is no report by {by!r}; there is {', '.join(REPORTS)}")
    where = {"rollup": "ledger_days", "dimension": "", "column": by, "key": by}
    if by in DIMENSIONS_OF_NAMES:
        where = {"rollup": "ledger_names", "dimension": by, "column": "name", "key": "key"}
    return _question("report", by=by, top=top, others=OTHERS, **where, **_days(first, last))


def _days(first: date | None, last: date | None) -> dict[str, date]:
    return {"first": first or FIRST_DAY, "last": last or LAST_DAY}


def statement_of_month(period: str) -> Question:
    """A closed month's rows of `statements`, the most expensive team first; none for an open one."""
    return _question("statement", period=period)


def pools(store: Store, period: str = "") -> list[dict[str, Any]]:
    """The pools of a month, or of all: period, pool, spans, added, cost, driver, use_period, method."""
    return store.rows("reports/pools", period=period)


def pool_routes(store: Store, period: str = "") -> list[dict[str, Any]]:
    """How the cost of each pool came to each team: period, pool, via, team, share, amount."""
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


def unpriced_models(store: Store) -> list[dict[str, Any]]:
    """Rows of `unpriced_models`, the most used first, each with the line under `pricing.models` that would price it (`fix`)."""
    return [{**row, "fix": price_line(row["provider"], row["model"])} for row in store.rows("reports/unpriced_models")]


def anomalies(store: Store, first: date | None = None, last: date | None = None) -> list[dict[str, Any]]:
    """Rows of `anomalies` of some days, both included, the latest first."""
    return store.rows("reports/anomalies", **_days(first, last))


def price_line(provider: str, model: str) -> str:
    """A contract price to fill in; as it stands it is refused, for a price of 0 would be one."""
    names = {"provider": provider, "model": model} if provider else {"model": model}
    terms = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in names.items())
    return f"- {{{terms}, input: USD_PER_MILLION, output: USD_PER_MILLION}}"


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
