"""Budgets that people set while the service runs: kept with who, when and why, and held by every service on the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from attribution.budgets import Event, events, keep_events, kept_budgets, remove_budget, set_budget, with_kept
from attribution.errors import NotFoundError, RefusedError
from attribution.storage import Store
from collector.config import Config
from tests.budgets.world import World, config

FILE = config({"sales": {"scope": {"team": "sales"}, "limit": 100, "per": "month"}})
WHO: Mapping[str, str] = {"who": "olga", "reason": "launch"}


def test_what_is_set_is_kept_changed_and_removed_with_who_and_why(store: Store) -> None:
    set_budget(store, FILE, "ops", {"scope": {"team": ["ops"]}, "limit": "12.50", "per": "day"}, **WHO)
    set_budget(store, FILE, "ops", {"limit": 20, "mode": "soft"}, **WHO)
    (budget,) = kept_budgets(store).values()
    assert (budget.limit, budget.per, budget.mode, budget.scope) == (Decimal(20), "day", "soft", {"team": ("ops",)})
    set_budget(store, FILE, "ops", {"mode": None}, who="sam", reason="hard again")
    assert kept_budgets(store)["ops"].mode == "hard"
    assert set(with_kept(store, FILE).budgets) == {"sales", "ops"}
    remove_budget(store, FILE, "ops", who="sam", reason="over")
    assert kept_budgets(store) == {}
    told = events(store)
    assert [(one.kind, one.who, one.reason) for one in told] == [
        ("set", "olga", "launch"), ("set", "olga", "launch"), ("set", "sam", "hard again"), ("removed", "sam", "over"),
    ]  # fmt: skip
    first, second, third, last = (json.loads(one.detail) for one in told)
    assert first == {"before": None, "budget": {"limit": "12.50", "per": "day", "scope": {"team": ["ops"]}}}
    assert second["before"] == first["budget"]
    assert third["budget"] == last["before"] == {"limit": "20", "per": "day", "scope": {"team": ["ops"]}}


@pytest.mark.parametrize(
    ("name", "said", "why"),
    [
        ("sales", {"limit": 1, "per": "day"}, "budget 'sales' is in the configuration file, and is changed there"),
        ("a/b", {"limit": 1, "per": "day"}, "name: 'a/b' is not allowed"),
        (" x", {"limit": 1, "per": "day"}, "name: ' x' is not allowed"),
        ("x\n", {"limit": 1, "per": "day"}, "is not allowed"),
        ("x" * 101, {"limit": 1, "per": "day"}, "up to 100 printable characters"),
        ("ops", {"limit": 1}, "per: is required"),
        ("ops", {"limit": "much", "per": "day"}, "limit: 'much' is not allowed"),
        ("ops", {"limit": -1, "per": "day"}, "limit: -1 is not allowed"),
        ("ops", {"limit": 1, "per": "fortnight"}, "per: 'fortnight' is not allowed"),
        ("ops", {"limit": 1, "per": "day", "unit": "EUR"}, "unit: 'EUR' is not allowed: must be USD, tokens"),
        ("ops", {"limit": 1, "per": "day", "scope": {"squad": "x"}}, "scope.squad"),
        ("ops", {"limit": 1, "per": "day", "limits": 2}, "limits: there is no such key; do you mean limit?"),
    ],
)
def test_what_is_wrong_is_refused_by_name_and_nothing_is_kept(store: Store, name: str, said: dict[str, Any], why: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        set_budget(store, FILE, name, said, **WHO)
    assert why in str(refusal.value)
    with pytest.raises(RefusedError, match="a reason is needed"):
        set_budget(store, FILE, "ops", {"limit": 1, "per": "day"}, who="olga", reason=" ")
    with pytest.raises(NotFoundError, match="there is no budget 'ops' that is kept; there is none"):
        remove_budget(store, FILE, "ops", **WHO)
    assert events(store) == []


def test_the_file_goes_before_what_is_kept(store: Store) -> None:
    set_budget(store, config({}), "sales", {"limit": 1, "per": "day"}, **WHO)
    assert with_kept(store, FILE).budgets == FILE.budgets


def test_every_service_on_the_store_holds_it_until_it_is_removed(store: Store) -> None:
    """The world's call costs 0.12 USD."""
    world, other = World(store, config({})), World(store, config({}))
    assert world.ask()["decision"] == "allow"
    set_budget(store, config({}), "small", {"scope": {"team": "sales"}, "limit": "0.10", "per": "day"}, **WHO)
    for each in (world, other):
        each.control.refresh()
        answer = each.ask(3)
        assert answer["budget"] == "small"
        assert answer["decision"] in {"deny", "throttle"}  # the other service asks who decides
    set_budget(store, config({}), "small", {"limit": "0.30"}, **WHO)
    world.control.refresh()
    assert world.ask(4)["decision"] == "allow"
    remove_budget(store, config({}), "small", **WHO)
    world.control.refresh()
    assert world.control.decider.parts() == []


def test_what_is_kept_holds_again_after_the_configuration_was_read_again(store: Store) -> None:
    world = World(store, config({}))
    set_budget(store, config({}), "small", {"limit": "0.10", "per": "day"}, **WHO)
    world.control.reload(FILE)
    assert {part.limit.name for part in world.control.decider.parts()} == {"small", "sales"}


def test_a_currency_that_is_gone_allows_nothing(store: Store) -> None:
    """The budget stays, and says so by what it allows: unknown is never free."""
    euros = Config.parse({"pricing": {"update": False, "currencies": {"EUR": [{"from": "2026-01-01", "usd": 1.1}]}}})
    set_budget(store, euros, "ops", {"limit": 50, "per": "day", "unit": "EUR"}, **WHO)
    world = World(store, config({}))
    assert world.ask()["decision"] == "deny"


def test_what_is_changed_in_the_file_is_kept_once(store: Store, tmp_path: Path) -> None:
    def changes() -> list[tuple[str, str, Any, Any]]:
        return [
            (one.kind, one.budget, detail.get("before"), detail.get("budget"))
            for one in events(store, kinds=["configured", "unconfigured"])
            for detail in [json.loads(one.detail)]
        ]

    sales = {"scope": {"team": ["sales"]}, "limit": "100", "per": "month"}
    world = World(store, FILE, tmp_path / "control.sqlite")
    world.crash()
    assert changes() == [("configured", "sales", None, sales)]
    more = config({"sales": {**sales, "limit": 150}, "all": {"limit": 1, "per": "day"}})
    world.control.reload(more)
    world.control.refresh()
    assert changes()[1:] == [
        ("configured", "all", None, {"limit": "1", "per": "day"}),
        ("configured", "sales", sales, {**sales, "limit": "150"}),
    ]
    world.control.reload(config({"all": {"limit": 1, "per": "day"}}))
    assert changes()[3:] == [("unconfigured", "sales", {**sales, "limit": "150"}, None)]
    assert kept_budgets(store) == {}


def test_a_budget_stays_however_often_others_are_changed(store: Store) -> None:
    set_budget(store, FILE, "first", {"limit": 1, "per": "day"}, **WHO)
    detail = json.dumps({"budget": {"limit": "2", "per": "day"}, "before": None})
    keep_events(store, [Event("set", "busy", who="script", reason="tuned", detail=detail) for _ in range(10_001)])
    assert {name: budget.limit for name, budget in kept_budgets(store).items()} == {"first": 1, "busy": 2}
