"""Anomalies: what is far beyond the days before, and how much of it is more calls and how much is dearer ones."""

from __future__ import annotations

from decimal import Decimal

from attribution.attribute import attribute
from attribution.reports import anomalies
from attribution.storage import Store
from tests.attribution.otlp import Sent, send
from tests.budgets.test_spend import PLANNER, chat, config

DAY = 86_400
TOKENS = 1000
"""Of gpt-4o without output: 0.0025 USD."""


def day_of(number: int, *, traces: int = 1, tokens: int = TOKENS, agent: str = "planner") -> list[Sent]:
    """Traces of one workflow, on a day after the first of November 2026, a Sunday."""
    spans = []
    for nth in range(traces):
        trace = number * 10 + nth + 1
        said = {**PLANNER, "gen_ai.agent.name": agent, "gen_ai.workflow.name": "triage", "team": "sales"}
        spans += [Sent(1, said, trace=trace, at=number * DAY), chat(2, 1, tokens=(tokens, 0), trace=trace, at=number * DAY + 1)]
    return spans


def test_a_day_is_measured_by_the_days_before_it(store: Store) -> None:
    # Working days from Monday the 2nd: usual ones, then on the 10th three traces, each twelve times as large; on the 11th a new agent.
    usual = [day_of(number) for number in (1, 2, 3, 4, 5, 8)]
    for spans in (*usual, day_of(9, traces=3, tokens=12 * TOKENS), day_of(10, agent="newcomer")):
        send(store, config({}), spans)
    attribute(store, config({}))
    found = {(row["kind"], f"{row['day']:%d}"): row for row in anomalies(store) if not row["subject"].startswith("0000")}
    assert {(kind, row["subject"], day) for (kind, day), row in found.items()} == {
        ("workflow_3_sigma", "triage", "10"), ("agent_tokens", "planner", "10"), ("new_agent", "newcomer", "11"),
    }  # fmt: skip
    sigma = found["workflow_3_sigma", "10"]
    assert (sigma["value"], sigma["expected"]) == (Decimal("0.09"), Decimal("0.0025"))
    assert (sigma["by_volume"], sigma["by_each"]) == (Decimal("0.005"), Decimal("0.0825"))
    tokens = found["agent_tokens", "10"]
    assert (tokens["value"], tokens["expected"], tokens["by_volume"], tokens["by_each"]) == (36_000, 1000, 2000, 33_000)
    tasks = [row for row in anomalies(store) if row["kind"] == "task_cost"]
    assert [(row["value"], row["expected"], row["by_each"]) for row in tasks] == [
        (Decimal("0.03"), Decimal("0.0025"), Decimal("0.0275"))
    ] * 3
