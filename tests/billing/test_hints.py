"""Hints: what agents could save a month, by what was billed and by the prices of other models."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.errors import RefusedError
from attribution.hints import Assumed, Hint, hints
from attribution.storage import Store
from tests.attribution.cases import call, work
from tests.attribution.compare import deliver
from tests.beginnings import Begin

NOON = int(datetime(2026, 10, 15, 12, tzinfo=UTC).timestamp())
DAYS = (date(2026, 10, 1), date(2026, 10, 15))
"""Half of what counts as a month."""
CONFIG = AttributionConfig.parse(
    {
        "pricing": {
            "update": False,
            "models": [
                {"provider": "acme", "model": "large", "input": 10, "cache_read": 1, "output": 40},
                {"provider": "acme", "model": "small", "input": 1, "cache_read": "0.5", "output": 4},
                {"provider": "acme", "model": "plain", "input": 10, "output": 40},
            ],
        }
    }
)


def three_agents(store: Store) -> None:
    """The planner: two calls of 2 USD; the writer one of 0.10 that is no cheaper elsewhere; the looper is called back."""
    large = {"model": "large", "provider": "acme", "agent": "planner", "at": NOON, "tokens": (100_000, 25_000)}
    deliver(
        store,
        [
            work("r", trace="t1", at=NOON, agent="planner"),
            call("a", "r", trace="t1", cost="2", **large),
            call("b", "r", trace="t1", cost="2", **large),
            work("r", trace="t2", at=NOON, agent="writer"),
            call("a", "r", trace="t2", at=NOON, cost="0.01", model="small", provider="acme", tokens=(1000, 2250)),
            work("l", trace="t3", at=NOON, agent="looper"),
            work("m", "l", trace="t3", at=NOON, agent="helper"),
            work("n", "m", trace="t3", at=NOON, agent="looper"),
            call("o", "n", trace="t3", at=NOON, cost="0.0014", model="small", provider="acme", tokens=(1000, 100)),
        ],
    )
    attribute(store, CONFIG)
    store.execute("ALTER TABLE span_records UPDATE status = 'Error' WHERE trace_id = 't1' AND span_id = 'b' SETTINGS mutations_sync = 1")


@pytest.fixture
def used(store: Store, begin: Begin) -> Store:
    begin(three_agents)
    return store


def found(store: Store, assumed: Assumed | None = None) -> dict[tuple[str, str], Hint]:
    rows = hints(store, CONFIG, *DAYS, assumed)
    assert [hint.usd_a_month for hint in rows] == sorted((hint.usd_a_month for hint in rows), reverse=True)
    return {(hint.kind, hint.agent): hint for hint in rows}


def test_each_kind_of_hint_has_its_amount_and_evidence(used: Store) -> None:
    hint = found(used)
    assert {key: each.usd_a_month for key, each in hint.items()} == {
        ("model", "planner"): Decimal("7.2"),  # 4 - 2 x (0.1 + 0.1), twice
        ("cache", "planner"): Decimal("2.88"),  # 80 % of 0.2 million tokens at 9 less, twice
        ("failed", "planner"): 4,
        ("repeated", "planner"): 4,
        ("reentrant", "looper"): Decimal("0.0014"),  # half of 0.0014, twice
    }
    assert hint["model", "planner"].evidence == (
        "2 calls with 200,000 input tokens, 0% of them cached, and 50,000 output tokens cost 4.00 USD; with acme/small 0.40"
    )
    assert "1 of 2 calls of large ended with an error" in hint["failed", "planner"].evidence
    assert "about that share of 0.0014 USD" in hint["reentrant", "looper"].evidence
    assert "at 80% they would cost 2.56 instead of 4.00 USD" in hint["cache", "planner"].evidence


def test_a_model_that_is_asked_about_is_told_of_also_where_it_is_dearer(used: Store) -> None:
    hint = found(used, Assumed(models=["acme/plain"]))
    assert hint["model", "planner"].usd_a_month == 0
    assert hint["model", "writer"].usd_a_month == 2 * (Decimal("0.01") - Decimal("0.1"))
    assert found(used, Assumed(hit_rate=Decimal("0.5")))["cache", "planner"].usd_a_month == Decimal("1.8")
    for name, complaint in (("acme/nothing", "acme/nothing has no price"), ("gpt", "'gpt' is no model")):
        with pytest.raises(RefusedError, match=complaint):
            hints(used, CONFIG, *DAYS, Assumed(models=[name]))


def test_runs_that_change_nothing_or_that_nobody_uses_are_told_where_they_are_scheduled(store: Store) -> None:
    """Hourly, six runs; the third finds something new, the second is linked to. The other workflow runs when it likes."""
    spans = []
    for nth in range(6):
        facts = {"span_team": "ops", "span_workflow": "scan", "agent": "scanner"}
        spans += [
            work("r", trace=f"scan{nth}", at=NOON + 3600 * nth + nth % 2, **facts),
            call("c", "r", trace=f"scan{nth}", at=NOON + 3600 * nth + nth % 2, cost="1", tokens=(500, 200 if nth == 2 else 10)),
            work("r", trace=f"ask{nth}", at=NOON + 1000 * nth**2, span_team="ops", span_workflow="ask", agent="helper"),
            call("c", "r", trace=f"ask{nth}", at=NOON + 1000 * nth**2, cost="1", tokens=(500, 10)),
        ]
    spans.append(work("u", trace="reader", at=NOON + 4000, agent="reader", link_trace_ids=("scan1",), link_span_ids=("r",)))
    deliver(store, spans)
    attribute(store, CONFIG)
    hint = {kind: each for (kind, agent), each in found(store).items() if kind in {"unchanged", "unused"}}
    assert {kind: (each.agent, each.usd_a_month) for kind, each in hint.items()} == {"unchanged": ("scanner", 6), "unused": ("scanner", 10)}
    assert hint["unchanged"].evidence == (
        "3 of 6 runs of scan of team ops, 1 h apart, had the calls of the run before, with as many tokens asked and answered"
    )
    assert hint["unused"].evidence == "other traces link to 1 of 6 runs of scan of team ops, 1 h apart"


def test_what_several_teams_run_with_the_same_prompts_is_told(store: Store) -> None:
    """Two teams ask the same, one of them twice; the third asks something longer, and short prompts are alike by chance."""
    spans = []
    for trace, team, tokens, cost in (
        ("a", "sales", 2000, "3"), ("b", "ops", 2000, "2"), ("c", "ops", 2000, "1"), ("d", "hr", 2001, "5"),
        ("e", "sales", 20, "1"), ("f", "ops", 20, "1"),
    ):  # fmt: skip
        spans += [
            work("r", trace=trace, at=NOON, span_team=team, agent="digest"),
            call("c", "r", trace=trace, at=NOON, cost=cost, tokens=(tokens, 10)),
        ]
    deliver(store, spans)
    attribute(store, CONFIG)
    hint = found(store)["same", "digest"]
    assert hint.usd_a_month == 2 * 3
    assert hint.evidence == (
        "2 runs of teams ops, sales have the calls of another team's run of the day, with prompts as long: one run could serve all"
    )


def test_days_without_calls_have_no_hints(used: Store) -> None:
    assert hints(used, CONFIG, date(2026, 9, 1), date(2026, 9, 30)) == []
