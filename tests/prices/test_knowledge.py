"""R4: what a record knows of its call, in the order in which records are compared."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from attribution.configuration.pricing import Pricing
from attribution.conventions import Reading
from attribution.prices import PriceBook
from attribution.prices.knowledge import FEES, KINDS_MAX
from attribution.storage import Store

NOON = int(datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()) * 10**9
BARE = {
    "usage": "leaf",
    "operation": "chat",
    "provider": "anthropic",
    "model": "claude-sonnet-4-5",
    "input_tokens": 3000,
    "output_tokens": 50,
}
CONTRACT = {"provider": "anthropic", "model": "claude-sonnet-4-5", "from": "2026-01-01", "input": 2, "output": 8}
RISING: list[dict[str, Any]] = [
    {"output_tokens": None},
    {},
    {"cache_read_tokens": 1000},
    {"cache_read_tokens": 1000, "cache_write_tokens": 500},
    {"provider": "aws.bedrock"},
    {"cache_write_tokens": 500, "cache_write_1h_tokens": 0},
    {"service_tier": "batch"},
    {"units": {"web_search_requests": 2}},
    {"reported_cost": Decimal("0.02")},
    {"cache_hit": True},
]
"""Each knows more than the one before, though it tells nothing else."""


def known(models: list[dict[str, Any]] | None = None, **told: Any) -> int:
    return PriceBook(Pricing.model_validate({"models": models or []})).price(Reading(**{**BARE, **told}), NOON).knowledge


@pytest.mark.parametrize(("less", "more"), list(pairwise(RISING)))
def test_what_outweighs_what(less: dict[str, Any], more: dict[str, Any]) -> None:
    assert known(**less) < known(**more)


def test_a_contract_goes_before_a_reported_cost() -> None:
    assert known(reported_cost=Decimal("0.02")) < known([CONTRACT])


@pytest.mark.parametrize(
    "told",
    [
        *[{"service_tier": "standard"}, {"service_tier": "default"}, {"service_tier": "on_demand"}],
        *[{"cache_write_tokens": 0, "cache_write_1h_tokens": 0}, {"cache_read_tokens": 0}, {"reasoning_tokens": 0}],
        *[{"units": {"web_search_requests": 0}}],
    ],
)
def test_what_is_usual_or_zero_is_no_knowledge(told: dict[str, Any]) -> None:
    assert known(**told) == known()


@pytest.mark.parametrize("told", [{"speed": "fast"}, {"service_tier": "flex"}, {"region": "us"}, {"provider": "gcp.vertex_ai"}])
def test_what_changes_the_price_is_knowledge(told: dict[str, Any]) -> None:
    assert known(**told) > known() + KINDS_MAX - 3


@pytest.mark.parametrize("told", [{"usage": "aggregate"}, {"usage": "none"}])
def test_what_is_no_call_has_none(told: dict[str, Any]) -> None:
    assert known(**told) == 0


def test_older_rows_know_of_web_searches_or_nothing(store: Store) -> None:
    store.execute("INSERT INTO span_records (trace_id, span_id, request_fees) VALUES ('t', 'a', 0.01), ('t', 'b', NULL)")
    rows = store.query("SELECT span_id, knowledge FROM span_records ORDER BY span_id")
    assert [(row["span_id"], row["knowledge"]) for row in rows] == [("a", FEES), ("b", 0)]


def test_what_an_emitter_worked_out_by_the_same_book_is_no_reported_cost() -> None:
    reckoned = {"reported_cost": Decimal("0.02"), "reported_by_book": True}
    assert known(**reckoned) == known() < known(service_tier="batch") < known(reported_cost=Decimal("0.02"))


def test_who_counts_twice_knows_less_than_who_tells_the_same() -> None:
    assert known(is_doubtful=True) == known() - 1
    assert known(is_doubtful=True, input_tokens=None, output_tokens=None) == 0


def test_what_the_usage_leaves_out_is_knowledge() -> None:
    assert known(units={"compaction_input_tokens": 5}) >= FEES
