"""Anomalies: what is far beyond the days before, and what it is made of: more traces, calls, tokens, other models, other prices."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zlib import crc32

import pytest

from attribution.attribute import attribute
from attribution.reports import anomalies
from attribution.storage import Store
from tests.attribution.otlp import Sent, send
from tests.budgets.test_spend import PLANNER, chat, config

FACTORS = ("by_volume", "by_fan_out", "by_tokens", "by_mix", "by_price")
DAY = 86_400
SMALL, LARGE = "gpt-4o-mini", "gpt-4o"
"""0.00015 and 0.0025 USD for a thousand tokens of a prompt; output costs four times as much."""
USUAL = (1, 2, 3, 4, 5, 8)
"""Working days after the first of November 2026, a Sunday."""
WEEK, NEXT_WEEK = range(1, 8), range(8, 15)
"""From Monday the 2nd, and from Monday the 9th."""


@dataclass(frozen=True)
class Days:
    """Traces of one workflow, as they are each day: so many traces, of so many calls, of so many tokens each."""

    workflow: str
    traces: int = 1
    calls: int = 1
    tokens: tuple[int, int] = (1000, 0)
    models: Sequence[str] = (LARGE,)
    """In turn."""
    team: str = "sales"
    agent: str = "planner"
    said: Mapping[str, str] = field(default_factory=dict)

    def on(self, *days: int) -> list[Sent]:
        spans = []
        for day in days:
            for nth in range(self.traces):
                trace = (crc32(f"{self.workflow} {self.agent} {day}".encode()) << 8) + nth
                said = {**PLANNER, "gen_ai.agent.name": self.agent, "gen_ai.workflow.name": self.workflow, "team": self.team, **self.said}
                spans.append(Sent(1, said, trace=trace, at=day * DAY))
                for call in range(self.calls):
                    model = self.models[(nth * self.calls + call) % len(self.models)]
                    spans.append(chat(call + 2, 1, model=model, tokens=self.tokens, trace=trace, at=day * DAY + call))
        return spans


def found(store: Store, *spans: Sequence[Sent]) -> list[dict[str, Any]]:
    """Anomalies once all of it is attributed; each is explained to the last digit."""
    send(store, config({}), [span for some in spans for span in some])
    attribute(store, config({}))
    rows = anomalies(store)
    for row in rows:
        if row["expected"] is not None:
            assert sum(row[factor] for factor in FACTORS) == row["value"] - row["expected"], row
    return rows


def kinds(rows: Sequence[dict[str, Any]], scope: str = "workflow") -> set[tuple[str, str, str]]:
    return {(row["kind"], row["subject"], f"{row['day']:%m-%d}") for row in rows if row["scope"] == scope}


def factors(row: Mapping[str, Any]) -> dict[str, Decimal]:
    """Those that are not 0."""
    return {factor.removeprefix("by_"): row[factor] for factor in FACTORS if row[factor]}


@pytest.mark.both_engines
def test_a_day_is_measured_by_the_days_before_it(store: Store) -> None:
    usual, wild = Days("triage"), Days("triage", traces=3, tokens=(12_000, 0))
    rows = found(store, usual.on(*USUAL), wild.on(9), Days("triage", agent="newcomer").on(10))
    by_kind = {row["kind"]: row for row in rows}
    assert kinds(rows) | kinds(rows, "agent") == {
        ("workflow_3_sigma", "triage", "11-10"), ("agent_tokens", "planner", "11-10"), ("new_agent", "newcomer", "11-11"),
    }  # fmt: skip
    sigma = by_kind["workflow_3_sigma"]
    assert (sigma["value"], sigma["expected"]) == (Decimal("0.09"), Decimal("0.0025"))
    assert factors(sigma) == {"volume": Decimal("0.005"), "tokens": Decimal("0.0825")}
    assert (sigma["since"], sigma["workflow"], sigma["teams"], sigma["unit"]) == (sigma["day"], "triage", ["sales"], "USD")
    tokens = by_kind["agent_tokens"]
    assert (tokens["value"], tokens["expected"], factors(tokens)) == (36_000, 1000, {"volume": 2000, "tokens": 33_000})
    tasks = [row for row in rows if row["kind"] == "task_cost"]
    assert [(row["value"], row["expected"], factors(row)) for row in tasks] == [
        (Decimal("0.03"), Decimal("0.0025"), {"tokens": Decimal("0.0275")})
    ] * 3
    assert {(row["scope"], row["workflow"]) for row in tasks} == {("task", "triage")}


@pytest.mark.parametrize(
    ("factor", "before", "after"),
    [
        ("volume", Days("w"), Days("w", traces=3)),
        ("fan_out", Days("w"), Days("w", calls=3)),
        ("tokens", Days("w"), Days("w", tokens=(3000, 0))),
        ("mix", Days("w", calls=2, models=(SMALL, SMALL, SMALL, LARGE), traces=2), Days("w", calls=2, models=(LARGE,), traces=2)),
        ("mix", Days("w", models=(SMALL,)), Days("w", models=(LARGE,))),
        ("price", Days("w"), Days("w", tokens=(0, 1000))),
    ],
    ids=["volume", "fan_out", "tokens", "mix", "a new model", "price"],
)
def test_each_factor_alone(store: Store, factor: str, before: Days, after: Days) -> None:
    rows = found(store, before.on(*USUAL), after.on(9))
    (sigma,) = (row for row in rows if row["kind"] == "workflow_3_sigma")
    assert factors(sigma) == {factor: sigma["value"] - sigma["expected"]}
    assert sigma["value"] > sigma["expected"] > 0


def test_calls_without_tokens_are_explained_as_well(store: Store) -> None:
    """They have units of their own, beside the tokens: what a tool costs is no price of a token."""
    tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search", "gen_ai.usage.cost": 0.01}

    def day(number: int, tools: int) -> list[Sent]:
        spans = Days("w").on(number)
        return [*spans, *(Sent(50 + nth, tool, parent=1, trace=spans[0].trace, at=number * DAY + 1) for nth in range(tools))]

    rows = found(store, *(day(number, 1) for number in USUAL), day(9, 3))
    (sigma,) = (row for row in rows if row["kind"] == "workflow_3_sigma")
    assert (sigma["expected"], factors(sigma)) == (Decimal("0.0125"), {"fan_out": Decimal("0.02")})


def test_an_anomaly_hides_neither_itself_nor_the_next_one(store: Store) -> None:
    wild = Days("w", tokens=(100_000, 0))
    rows = found(store, Days("w").on(*USUAL), wild.on(9, 10), Days("w", tokens=(3000, 0)).on(11))
    assert kinds(rows) == {("workflow_3_sigma", "w", f"11-{day}") for day in (10, 11, 12)}
    assert {row["expected"] for row in rows if row["scope"] == "workflow"} == {Decimal("0.0025")}


def test_a_quiet_weekend_makes_no_monday_an_anomaly(store: Store) -> None:
    working, free = Days("w", tokens=(50_000, 0)), Days("w", tokens=(100, 0))
    days = [
        working.on(*(day for day in range(-28, 15) if day % 7 not in {0, 6})),
        free.on(*(day for day in range(-28, 15) if day % 7 in {0, 6})),
    ]
    assert not kinds(found(store, *days))


@pytest.mark.both_engines
def test_cost_that_grows_faster_than_use(store: Store) -> None:
    """Of five workflows two: the week of one of them is measured by a week with a bad day."""
    before = {"tokens": (100_000, 0)}
    more = {"tokens": (200_000, 0)}
    bad_day = Days("spoilt", team="ops", tokens=(2_000_000, 0))
    rows = found(
        store,
        Days("grown", **before).on(*WEEK), Days("grown", **more).on(*NEXT_WEEK),
        Days("spoilt", team="ops", **before).on(*list(WEEK)[1:]), bad_day.on(1), Days("spoilt", team="ops", **more).on(*NEXT_WEEK),
        Days("busy", team="busy", **before).on(*WEEK), Days("busy", team="busy", traces=3, **before).on(*NEXT_WEEK),
        Days("one bad day", team="bad", **before).on(*WEEK, *list(NEXT_WEEK)[:-1]),
        Days("one bad day", team="bad", tokens=(4_000_000, 0)).on(14),
        Days("cents", team="cents", tokens=(1000, 0)).on(*WEEK), Days("cents", team="cents", tokens=(9000, 0)).on(*NEXT_WEEK),
    )  # fmt: skip
    grown = {row["subject"]: row for row in rows if row["kind"] == "cost_growth"}
    assert grown.keys() == {"grown", "sales", "spoilt", "ops"}
    assert {f"{row['since']:%m-%d} {row['day']:%m-%d}" for row in grown.values()} == {"11-09 11-15"}
    assert (grown["sales"]["scope"], grown["sales"]["workflow"], grown["sales"]["teams"]) == ("team", "", ["sales"])
    # The bad day is left out, and the week before is that of the six others, times 7/6.
    assert {(row["value"], row["expected"]) for row in grown.values()} == {(Decimal("3.5"), Decimal("1.75"))}
    assert all(factors(row) == {"tokens": Decimal("1.75")} for row in grown.values())


@pytest.mark.both_engines
def test_cost_per_task_that_rises(store: Store) -> None:
    """A task of three traces each day; it costs twice as much because the traces call more."""

    def day(number: int, workflow: str, **how: Any) -> list[Sent]:
        return Days(workflow, traces=3, tokens=(100_000, 0), said={"task": f"{workflow} {number}"}, **how).on(number)

    weeks = range(-27, 8)
    rows = found(
        store,
        *(day(number, "risen", calls=1 if number < 1 else 2) for number in weeks),
        *(day(number, "busy", team="busy") + day(number, "busy", team="busy", agent="second", calls=1) for number in weeks),
        *(day(number, "short", team="short", calls=1 if number < 1 else 2) for number in range(-4, 8)),
    )
    (risen,) = (row for row in rows if row["kind"] == "cost_per_task")
    assert (risen["subject"], f"{risen['since']:%m-%d} {risen['day']:%m-%d}") == ("risen", "11-02 11-08")
    assert (risen["value"], risen["expected"], factors(risen)) == (Decimal("1.5"), Decimal("0.75"), {"fan_out": Decimal("0.75")})


SCENARIOS = 40
NEAR = Fraction(1, 10**9)


def test_days_at_random_are_explained_to_the_last_digit(store: Store) -> None:
    """As `found` asserts; and each factor is what it is by fractions, of what the calls of the days used."""
    random_ = random.Random(16)
    days: list[list[Sent]] = []
    for number in range(SCENARIOS):
        for day in (*USUAL, 9):
            wild = 4 if day == 9 else 1
            models = random_.choices((SMALL, LARGE, "gpt-4.1", "o3"), k=random_.randint(1, 3))
            tokens = (random_.randint(1, 9_999) * wild, random_.randint(0, 999) * wild)
            chosen = Days(
                f"w{number}", random_.randint(1, 3), random_.randint(1, 3) * random_.randint(1, wild), tokens, models, agent=f"a{number}"
            )
            days.append(chosen.on(day))
    rows = [row for row in found(store, *days) if row["kind"].startswith("workflow")]
    assert len(rows) > SCENARIOS / 2
    assert all(len({row[factor] for row in rows}) > SCENARIOS / 4 for factor in FACTORS)
    for row in rows:
        by_hand = reckoned(store, row["workflow"], row["day"])
        assert [abs(Fraction(row[factor]) - by_hand[factor]) < NEAR for factor in FACTORS] == [True] * 5, (row, by_hand)


def reckoned(store: Store, workflow: str, last: date) -> dict[str, Fraction]:
    """The factors of the last of the days of a workflow, where none of the days before is left out; else of those that are not."""
    asked = """SELECT day, trace_id, model, input_tokens + output_tokens AS tokens, amount FROM attributed_spans
        WHERE workflow = {workflow:String} AND amount > 0"""
    calls = store.query(asked, {"workflow": workflow})
    by_day: dict[date, Fraction] = defaultdict(Fraction)
    for call in calls:
        by_day[call["day"]] += Fraction(call["amount"])
    costs = sorted(cost for day, cost in by_day.items() if day < last)
    median = costs[len(costs) // 2]
    deviation = sorted(abs(cost - median) for cost in costs)[len(costs) // 2]
    usual = {day for day, cost in by_day.items() if day < last and cost <= median + 5 * max(deviation * Fraction("1.4826"), median / 20)}
    before, now = ([call for call in calls if call["day"] in those] for those in (usual, {last}))
    traces, traces_before = (len({call["trace_id"] for call in some}) for some in (now, before))
    cost, cost_before = (sum(Fraction(call["amount"]) for call in some) for some in (now, before))
    tokens, tokens_before = (sum(call["tokens"] for call in some) for some in (now, before))
    mixed = Fraction(0)
    for call in now:
        same = [one for one in before if one["model"] == call["model"]]
        mixed += (
            call["tokens"] * sum(Fraction(one["amount"]) for one in same) / sum(one["tokens"] for one in same)
            if same
            else Fraction(call["amount"])
        )
    steps = [cost_before / len(usual), traces * cost_before / traces_before, len(now) * cost_before / len(before),
        tokens * cost_before / tokens_before, mixed, cost]  # fmt: skip
    return {factor: after - step for factor, step, after in zip(FACTORS, steps, steps[1:], strict=False)}


def test_whose_an_anomaly_is(store: Store) -> None:
    """The teams that had a part in it, then or before."""
    wild = {"tokens": (50_000, 0)}
    rows = found(
        store,
        Days("own").on(*USUAL), Days("own", **wild).on(9),
        Days("both").on(*USUAL), Days("both", team="ops", **wild).on(9),
        Days("nobody's", team="").on(*USUAL), Days("nobody's", team="", **wild).on(9),
    )  # fmt: skip
    assert {row["subject"]: row["teams"] for row in rows if row["kind"] == "workflow_3_sigma"} == {
        "own": ["sales"], "both": ["ops", "sales"], "nobody's": [""],
    }  # fmt: skip
    assert [row["teams"] for row in rows if row["kind"] == "task_cost" and row["workflow"] == "both"] == [["ops", "sales"]]
