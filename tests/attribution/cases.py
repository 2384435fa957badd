"""Small cases of the rules: put in as deliveries, attributed together, read back through the public views only.

A pass of attribution costs a second whatever it holds, so all cases share a store and its passes. Each has months and traces of its
own there, by which the views are read: nothing of one case can be seen in another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.storage import Store
from tests.attribution.compare import deliver
from tests.oracle.model import Span

SECOND = 10**9
DAY = 86_400
CONFIG = AttributionConfig.parse(
    {
        "organization": {"teams": {"support": {"department": "customer-experience", "cost_center": "CC-4200"}}},
        "agents": {"shared": ["guardrail", "formatter-*", "embedder"], "owners": {"nightly-indexer": "platform"}},
        "pools": {"embedder": {"driver": "fixed", "weights": {"sales": 1, "support": 3}}},
        "totals": {"unobserved": "bill", "scopes": ["crewai*"]},
    }
)

Rounds = tuple[Sequence[Span], ...]
CASES: dict[str, Rounds] = {}
"""Test to what is delivered for it, and attributed, round by round."""


def case(*rounds: Sequence[Span]) -> Callable[[Any], Any]:
    """What is delivered for a test, in one round or in several with attribution between them."""

    def register(test: Any) -> Any:
        CASES[test.__name__] = rounds
        return test

    return register


def work(span_id: str, parent: str = "", *, trace: str = "t1", at: float = 0, lasts: float = 10, **more: Any) -> Span:
    """A span that used nothing; `at` seconds from noon of the case's first day, the third of a month."""
    facts = {"trace_id": trace, "span_id": span_id, "parent_span_id": parent, "bucket": "orchestration", "cost": Decimal(0)}
    return Span(**{**facts, "start_time": round(at * SECOND), "duration_ns": round(lasts * SECOND), **more})


def call(span_id: str, parent: str = "", *, cost: str | None, tokens: tuple[int, int] = (100, 10), **more: Any) -> Span:
    """A model call that costs so much; None: its price is unknown."""
    figures = {"cost": Decimal(cost), "cost_source": "priced"} if cost else {"cost": None, "cost_source": "unpriced"}
    counts = {"input_tokens": tokens[0], "output_tokens": tokens[1]}
    return work(span_id, parent, **{"usage": "leaf", "bucket": "llm", "model": "gpt-4o", **counts, **figures, **more})


def total(span_id: str, parent: str = "", *, cost: str, **more: Any) -> Span:
    """A span that repeats what the calls below it used."""
    return call(span_id, parent, cost=cost, usage="aggregate", **more)


RATE = {"own_time_rate": Decimal("0.01"), "own_time_price_id": "rule:compute/agent=*"}
"""Beside what a span used, a cent for each second of its own time."""


def paid_by_the_second(span_id: str, parent: str = "", *, lasts: float = 10, **more: Any) -> Span:
    """A span that costs nothing but its own time, a cent a second."""
    price = {"cost": round(Decimal(lasts), 9) / 100, "cost_source": "rule", "price_id": RATE["own_time_price_id"], **RATE}
    return work(span_id, parent, lasts=lasts, **{"usage": "leaf", "bucket": "compute", **price, **more})


def tool_call(span_id: str, parent: str = "", *, cost: str | None = "0.5", tool: str = "search", **more: Any) -> Span:
    """A call of a tool that the configuration prices; None: it does not say how much it used."""
    figures = {"cost": Decimal(cost), "cost_source": "rule"} if cost else {"cost": None, "cost_source": "unpriced"}
    return work(span_id, parent, **{"usage": "leaf", "bucket": "tool", "price_id": f"rule:tool/{tool}", **figures, **more})


def guarded(trace: str, team: str, cost: str, *, at: float = 0, shared: str = "guardrail") -> list[Span]:
    """A trace in which an agent of a team asks a shared agent once, for so much."""
    return [
        work("a", trace=trace, at=at, agent="planner", span_team=team),
        work("g", "a", trace=trace, at=at, agent=shared),
        call("h", "g", trace=trace, at=at, cost=cost),
    ]


def money(amount: Decimal | None) -> str | None:
    """Without trailing zeros; None stays unknown."""
    return None if amount is None else f"{amount:f}".rstrip("0").rstrip(".") if "." in f"{amount:f}" else f"{amount:f}"


@dataclass(frozen=True)
class Place:
    """Where in the shared store a case lies: a pair of months, and a prefix of its traces."""

    nth: int

    @property
    def noon(self) -> datetime:
        return datetime(2000 + self.nth // 6, 1 + self.nth % 6 * 2, 3, 12, tzinfo=UTC)

    @property
    def periods(self) -> list[str]:
        return [f"{self.noon.year}-{self.noon.month + next_month:02}" for next_month in (0, 1)]

    @property
    def prefix(self) -> str:
        return f"{self.nth}-"

    def move(self, span: Span) -> Span:
        """The same span here."""
        linked = tuple(self.prefix + trace for trace in span.link_trace_ids)
        start = int(self.noon.timestamp()) * SECOND + span.start_time
        return replace(span, trace_id=self.prefix + span.trace_id, link_trace_ids=linked, start_time=start)


@dataclass
class Settled:
    """All cases, delivered and attributed round by round."""

    store: Store
    ledgers: list[list[dict[str, Any]]] = field(default_factory=list)
    """What stood after each round."""
    audits: list[list[dict[str, Any]]] = field(default_factory=list)

    def run(self, cases: Mapping[str, Rounds]) -> None:
        """Deliver every case; what is later in a round has no say, as nothing but the content has (R14)."""
        for nth in range(max(map(len, cases.values()))):
            deliver(self.store, self.spans_of_round(nth, cases))
            attribute(self.store, CONFIG)
            self.ledgers.append(self.store.query("SELECT * FROM ledger ORDER BY ALL"))
            self.audits.append(self.store.query("SELECT * FROM audits"))

    def spans_of_round(self, nth: int, cases: Mapping[str, Rounds]) -> list[Span]:
        """What all cases deliver in a round."""
        placed = zip(map(Place, range(len(cases))), cases.values(), strict=True)
        return [place.move(span) for place, rounds in placed for span in (rounds[nth] if nth < len(rounds) else ())]

    def of(self, name: str) -> Seen:
        """What the views say of one case."""
        return Seen(self.store, Place(list(CASES).index(name)))


@dataclass(frozen=True)
class Seen:
    """The public views, as far as they are about one case; amounts are texts without trailing zeros."""

    store: Store
    place: Place

    def spans(self, column: str, trace: str = "t1") -> dict[str, Any]:
        """Span id to a column of `attributed_spans`."""
        return {row["span_id"]: row["value"] for row in self._spans(column) if row["trace_id"] == self.place.prefix + trace}

    @property
    def not_billed(self) -> dict[str, str]:
        """Span id to the reason, for spans that have figures and are not billed."""
        return {row["span_id"]: row["value"] for row in self._spans("unbilled_reason") if row["value"]}

    @property
    def billed(self) -> str | None:
        """What the spans cost that are billed."""
        costs = {(row["trace_id"], row["span_id"]): row["value"] for row in self._spans("cost")}
        billed = [costs[row["trace_id"], row["span_id"]] for row in self._spans("billable") if row["value"]]
        return money(sum((cost for cost in billed if cost), Decimal(0)))

    def traces(self, *columns: str) -> dict[str, tuple[Any, ...]]:
        """Trace id to columns of `traces`."""
        rows = self._rows(f"SELECT trace_id, {', '.join(columns)} FROM traces WHERE startsWith(trace_id, {{prefix:String}})")
        return {row.pop("trace_id").removeprefix(self.place.prefix): tuple(row.values()) for row in rows}

    @property
    def teams(self) -> dict[str, tuple[str | None, str | None]]:
        """Team to what it pays, directly and for pools."""
        rows = self._rows(
            "SELECT team, sum(direct) AS own, sum(allocated) AS shared FROM costs_by_team"
            " WHERE formatDateTime(day, '%Y-%m') IN {periods:Array(String)} GROUP BY team"
        )
        return {row["team"]: (money(row["own"]), money(row["shared"])) for row in rows}

    @property
    def agents(self) -> dict[str, tuple[Any, ...]]:
        """Agent to own cost, inclusive cost, entries, re-entrant entries, tasks and cost per task."""
        rows = self._rows(
            "SELECT agent, own_cost, inclusive_cost, entries, reentrant_entries, tasks, cost_per_task FROM costs_by_agent"
            " WHERE formatDateTime(day, '%Y-%m') IN {periods:Array(String)} AND agent != ''"
        )
        return {row.pop("agent"): tuple(money(v) if isinstance(v, Decimal) else v for v in row.values()) for row in rows}

    @property
    def allocations(self) -> dict[tuple[str, str], tuple[str | None, str | None]]:
        """Pool and team to share and amount."""
        rows = self._rows("SELECT pool, team, share, amount FROM allocations WHERE period IN {periods:Array(String)}")
        return {(row["pool"], row["team"]): (money(row["share"]), money(row["amount"])) for row in rows}

    def calls(self, trace: str = "t1") -> dict[str, str]:
        """Span id to where its call is billed."""
        return {span: call.removeprefix(self.place.prefix) for span, call in self.spans("call_id", trace).items()}

    @property
    def missing(self) -> dict[tuple[str, str], tuple[int, str | None]]:
        """Team and reason to count and USD."""
        rows = self._rows(
            "SELECT team, reason, sum(count) AS n, sum(usd) AS amount FROM missing"
            " WHERE formatDateTime(day, '%Y-%m') IN {periods:Array(String)} GROUP BY ALL"
        )
        return {(row["team"], row["reason"]): (row["n"], money(row["amount"])) for row in rows}

    @property
    def ledger(self) -> list[tuple[Any, ...]]:
        """Kind, span, team and amount of every posting, as they were posted."""
        return list(self._postings())

    def _postings(self) -> Iterator[tuple[Any, ...]]:
        rows = self._rows(
            "SELECT kind, span_id, team, amount FROM ledger WHERE period IN {periods:Array(String)}"
            " ORDER BY posted_at, span_id, amount, team, kind"
        )
        for row in rows:
            yield row["kind"], row["span_id"], row["team"], money(row["amount"])

    def rows(self, columns: str, view: str) -> list[tuple[Any, ...]]:
        """Columns of a view that knows its period, in their own order."""
        rows = self._rows(f"SELECT {columns} FROM {view} WHERE period IN {{periods:Array(String)}} ORDER BY ALL")
        return [tuple(money(v) if isinstance(v, Decimal) else v for v in row.values()) for row in rows]

    def _spans(self, column: str) -> list[dict[str, Any]]:
        return self._rows(
            f"SELECT trace_id, span_id, {column} AS value FROM attributed_spans WHERE startsWith(trace_id, {{prefix:String}})"
        )

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        return self.store.query(sql, {"prefix": self.place.prefix, "periods": self.place.periods})
