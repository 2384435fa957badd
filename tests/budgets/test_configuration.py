"""A budget that is not understood is refused: a key that is ignored would be a limit that is not held."""

from __future__ import annotations

from typing import Any

import pytest

from attribution.budgets import Limits
from attribution.configuration import AttributionConfig
from attribution.errors import ConfigurationError


@pytest.mark.parametrize(
    ("budget", "complaint"),
    [
        ({"per": "month"}, "budgets.b.limit: is required"),
        ({"limit": 1}, "budgets.b.per: is required"),
        ({"limit": -1, "per": "day"}, "budgets.b.limit"),
        ({"limit": 1, "per": "fortnight"}, "budgets.b.per: 'fortnight' is not allowed"),
        ({"limit": 1, "per": "day", "max_budget": 3}, "budgets.b.max_budget: there is no such key"),
        ({"limit": 1, "per": "day", "scope": {"squad": "x"}}, "budgets.b.scope.squad"),
        ({"limit": 1, "per": "day", "scope": {"team": ""}}, "a name or a pattern is needed"),
        ({"limit": 1, "per": "day", "unit": "EUR"}, "b.unit: 'EUR' is not allowed: must be USD, GBP, tokens"),
        ({"limit": 1.5, "per": "day", "unit": "calls"}, "a whole number is needed"),
        ({"limit": 1, "per": "day", "timezone": "Berlin"}, "an IANA time zone name is needed"),
        ({"limit": 1, "per": "run", "timezone": "UTC"}, "timezone: is for per"),
        ({"limit": 1, "per": "day", "year_starts": "04-01"}, "year_starts: is for per: month and quarter"),
        ({"limit": 1, "per": "quarter", "year_starts": "02-30"}, "a month and a day up to the 28th"),
        ({"limit": 1, "per": "month", "week_starts": "sunday"}, "week_starts: is for per: week"),
        ({"limit": 1, "per": "day", "tiers": [90, 50]}, "in ascending order"),
        ({"limit": 1, "per": "day", "mode": "strict"}, "budgets.b.mode: 'strict' is not allowed"),
        ({"limit": 1, "per": "task", "each": ["task"]}, "says so already"),
    ],
)
def test_what_is_wrong_is_named(budget: dict[str, Any], complaint: str) -> None:
    pricing = {"currencies": {"GBP": [{"from": "2026-01-01", "usd": "1.25"}]}}
    with pytest.raises(ConfigurationError) as refusal:
        AttributionConfig.parse({"pricing": pricing, "budgets": {"b": budget}})
    assert complaint in str(refusal.value)


@pytest.mark.parametrize(
    ("scope", "dimensions", "held"),
    [
        ({}, {}, True),
        ({"team": "sales"}, {"team": "sales"}, True),
        ({"team": "sales"}, {"team": "sales-emea"}, False),
        ({"team": "sales*"}, {"team": "sales-emea"}, True),
        ({"team": "sales-????"}, {"team": "sales-emea"}, True),
        ({"team": ["ops", "sal*"]}, {"team": "sales"}, True),
        ({"team": "*"}, {"team": ""}, False),
        ({"team": "sales", "model": "gpt-4*"}, {"team": "sales", "model": "gpt-5"}, False),
        ({"model": "a.b"}, {"model": "axb"}, False),
    ],
)
def test_a_scope_holds_where_all_of_it_fits(scope: dict[str, Any], dimensions: dict[str, str], held: bool) -> None:
    limits = Limits(AttributionConfig.parse({"budgets": {"b": {"scope": scope, "limit": 1, "per": "day"}}}))
    assert bool(limits.holding(dimensions)) is held


def test_a_budget_is_hard_in_one_environment_and_soft_in_another() -> None:
    how = {"limit": 1, "per": "day", "modes": {"prod*": "soft", "*": "hard"}}
    budget = AttributionConfig.parse({"budgets": {"b": how}}).budgets["b"]
    assert [budget.mode_in(name) for name in ("production", "dev", "")] == ["soft", "hard", "hard"]


def test_what_is_kept_in_the_store_is_read_again() -> None:
    config = AttributionConfig.parse({"budgets": {"b": {"scope": {"team": "x"}, "limit": "0.10", "per": "month", "tiers": [50, 99.5]}}})
    assert AttributionConfig.model_validate_json(config.model_dump_json(by_alias=True)) == config
