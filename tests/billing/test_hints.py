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


def test_days_without_calls_have_no_hints(used: Store) -> None:
    assert hints(used, CONFIG, date(2026, 9, 1), date(2026, 9, 30)) == []
