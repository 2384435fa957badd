"""The fourteen ways in which budgets of others have failed, each as a test. Amounts: a call costs 0.12 USD."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from attribution.budgets import Event, keep_events
from attribution.errors import ConfigurationError
from attribution.storage import Store
from tests.budgets.world import NOON, Sent, World, config, span, trace

SALES = {"scope": {"team": "sales"}, "limit": "0.45", "per": "day"}


def test_01_calls_that_ask_together_cannot_all_pass(store: Store) -> None:
    world = World(store, config({"sales": SALES}))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(world.ask, range(2, 22)))
    assert [one["decision"] for one in answers].count("allow") == 3  # 0.36 of 0.45
    assert Decimal(world.budget("sales")["reserved"]) == Decimal("0.36")


def test_02_a_reservation_is_no_more_than_the_call_may_use_and_gives_back_the_rest(store: Store) -> None:
    world = World(store, config({"sales": {**SALES, "limit": 25}}))
    assert Decimal(world.ask(2, input_tokens=1000, output_tokens_max=100)["amount"]) == Decimal("0.00056")
    world.ask(3, output_tokens_max=30_000)  # at most 0.168
    world.arrive(world.root(), world.call(2, tokens=1000), world.call(3))
    left = world.budget("sales")
    assert (Decimal(left["spent"]), Decimal(left["reserved"])) == (Decimal("0.1204"), 0)


@pytest.mark.parametrize("end", ["released", "expired", "arrived"])
def test_03_every_end_of_a_call_gives_its_reservation_back(store: Store, end: str) -> None:
    world = World(store, config({"sales": SALES}))
    held = world.ask()["reservation"]
    if end == "released":
        assert world.control.decider.release(held)
        assert not world.control.decider.release(held)
    elif end == "expired":
        world.passes(601)
    else:
        world.arrive(world.root(), world.call(tokens=10))
    left = world.budget("sales")
    assert (Decimal(left["reserved"]), Decimal(left["spent"])) == (0, Decimal("0.000004") if end == "arrived" else 0)


def test_04_a_call_that_cannot_be_priced_is_no_free_call(store: Store) -> None:
    world = World(store, config({"sales": {**SALES, "unpriced": "0.20"}}))
    verdicts = [world.ask(number, model="our-own-llm")["decision"] for number in (2, 3, 4)]
    assert verdicts == ["allow", "allow", "throttle"]
    world.arrive(world.root(), world.call(2, model="our-own-llm"), world.call(3, model="our-own-llm"))
    left = world.budget("sales")
    assert (Decimal(left["spent"]), left["unpriced_calls"]) == (Decimal("0.40"), 2)
    assert world.ask(4, model="our-own-llm")["decision"] == "deny"


@pytest.mark.parametrize(
    ("asked", "usd"),
    [
        ({"model": "gpt-4.1-mini", "service_tier": "priority"}, "0.21"),
        ({"model": "gpt-4.1-mini", "service_tier": "auto"}, "0.21"),
        ({"model": "claude-sonnet-4-5", "input_tokens": 100_000}, "0.6"),  # written to the cache for an hour: twice the input
        ({"model": "claude-sonnet-4-5", "input_tokens": 100_000, "cache_write_tokens": 0}, "0.3"),
        ({"model": "claude-sonnet-4-5", "input_tokens": 200_001, "cache_write_tokens": 0}, "1.200006"),  # of the higher tier
        ({"model": "gpt-4.1-mini", "input_tokens": 0, "output_tokens_max": 10_000}, "0.016"),
        ({"model": "gpt-4.1-mini", "input_tokens": None, "output_tokens_max": None}, "0.0098304"),  # 8,192 and 4,096
    ],
)
def test_05_a_reservation_has_the_price_of_the_tier_the_cache_and_the_output(store: Store, asked: dict[str, Any], usd: str) -> None:
    world = World(store, config({"all": {"limit": 100, "per": "month"}}))
    assert Decimal(world.ask(**asked)["amount"]) == Decimal(usd)


def test_06_a_new_window_is_empty_and_refused_retries_do_not_keep_the_old_one(store: Store) -> None:
    world = World(store, config({"sales": {**SALES, "limit": "0.12"}}))
    world.ask()
    world.arrive(world.root(), world.call())
    for number in range(3, 20):
        assert world.ask(number)["decision"] == "deny"
        world.passes(1800)
    assert world.at < NOON + timedelta(hours=12)
    world.at = datetime(2026, 11, 2, tzinfo=UTC)
    assert world.ask(30, run=2)["decision"] == "allow"  # also before the next replay
    world.control.refresh()
    assert Decimal(world.budget("sales")["spent"]) == 0


def test_07_a_window_is_in_the_zone_of_the_team(store: Store) -> None:
    world = World(store, config({"sales": {**SALES, "limit": "0.24", "timezone": "Asia/Singapore"}}))
    world.at = datetime(2026, 11, 1, 15, 59, tzinfo=UTC)  # a minute before midnight at UTC+8
    world.arrive(world.root(), world.call(2), world.call(3))
    answer = world.ask(4)
    assert (answer["decision"], answer["resets_at"]) == ("deny", "2026-11-01T16:00:00Z")
    world.passes(60)
    assert world.ask(4)["decision"] == "allow"


def test_08_a_service_that_did_not_see_a_call_counts_it_all_the_same(store: Store) -> None:
    first, second = (World(store, config({"sales": {**SALES, "limit": "0.24"}})) for _ in range(2))
    first.ask(2)
    first.ask(3)
    assert second.ask(4)["decision"] == "throttle", "it does not know what the first has reserved"
    first.arrive(first.root(), first.call(2), first.call(3))
    first.control._turns.release()
    second.control.refresh()
    assert second.ask(4)["decision"] == "deny"


def test_09_an_extension_is_derived_from_its_record_and_counts_once(store: Store, tmp_path: Path) -> None:
    world = World(store, config({"sales": {**SALES, "limit": "0.12"}}), tmp_path / "control.sqlite")
    world.arrive(world.root(), world.call())
    day = datetime(2026, 11, 1, tzinfo=UTC)
    extended = Event("extended", "sales", day, amount=Decimal("0.12"), who="ann", reason="quarter end")
    keep_events(store, [extended, extended])
    for _ in range(3):
        world.crash()
        assert Decimal(world.budget("sales")["limit"]) == Decimal("0.24")
    assert [world.ask(number)["decision"] for number in (3, 4)] == ["allow", "throttle"]
    world.passes(12 * 3600)
    world.control.refresh()
    assert Decimal(world.budget("sales")["limit"]) == Decimal("0.12")


def test_10_a_key_that_is_not_known_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"budgets.sales.max_budget: there is no such key"):
        config({"sales": {**SALES, "max_budget": 3}})


def test_11_a_budget_does_not_refill_within_its_window(store: Store) -> None:
    world = World(store, config({"sales": {**SALES, "limit": "0.24"}}))
    world.at = datetime(2026, 11, 1, 0, 0, 1, tzinfo=UTC)
    world.arrive(world.root(), world.call(2), world.call(3))
    for _ in range(23):
        world.passes(3600)
        assert world.ask(4)["decision"] == "deny"


def test_12_a_tier_is_told_once_a_window_and_again_in_the_next_one(store: Store, tmp_path: Path) -> None:
    world = World(store, config({"sales": {**SALES, "limit": "0.20", "acknowledge": None}}), tmp_path / "control.sqlite")

    def told() -> list[tuple[datetime, Decimal]]:
        world.control.carry_events()
        rows = store.query("SELECT window_start, amount FROM budget_events WHERE kind = 'tier' ORDER BY window_start, amount")
        return [(row["window_start"].replace(tzinfo=UTC), row["amount"]) for row in rows]

    world.arrive(world.root(), world.call())
    first = datetime(2026, 11, 1, tzinfo=UTC)
    assert told() == [(first, Decimal(50))]  # 60 %
    world.crash()
    world.arrive()
    assert told() == [(first, Decimal(50))]
    world.arrive(world.call(3))
    assert [tier for _, tier in told()] == [50, 70, 80, 90, 100]
    world.at = datetime(2026, 11, 2, 12, tzinfo=UTC)
    world.arrive(world.root(2), world.call(2, 2))
    assert told()[-1] == (datetime(2026, 11, 2, tzinfo=UTC), Decimal(50))


def test_13_a_call_that_tells_no_usage_keeps_what_it_may_have_cost(store: Store) -> None:
    world = World(store, config({"sales": {**SALES, "unpriced": "0.15"}}))
    world.ask()
    said = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4.1-mini"}
    world.arrive(world.root(), Sent(2, said, parent=1), attributed=True)  # it ended well
    left = world.budget("sales")
    assert (Decimal(left["spent"]), Decimal(left["reserved"]), left["unpriced_calls"]) == (Decimal("0.15"), 0, 1)


def test_14_what_guards_a_refused_call_is_paid_once_by_who_started_the_work(store: Store) -> None:
    world = World(store, config({"sales": {**SALES, "limit": "0.20"}}, agents={"shared": ["guardrail"]}))
    guard = Sent(2, {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "guardrail"}, parent=1)
    assert world.ask(3, said={"agent": "guardrail"})["decision"] == "allow"
    world.arrive(world.root(), guard, world.call(3, parent=2))
    assert world.ask(4)["decision"] == "deny"
    world.arrive(attributed=True)
    left = world.budget("sales")
    assert (Decimal(left["spent"]), Decimal(left["reserved"])) == (Decimal("0.12"), 0)


def test_a_trace_is_charged_to_who_started_it_before_its_root_has_come(store: Store) -> None:
    platform = {"scope": {"team": "platform"}, "limit": 1, "per": "day"}
    world = World(store, config({"sales": {**SALES, "limit": "0.30"}, "platform": platform}))
    assert world.ask(2)["budget"] == "sales"
    sub_agent = world.ask(4, team="platform")
    assert (sub_agent["decision"], sub_agent["budget"]) == ("allow", "sales")
    below = {"said": {"team": "platform"}}
    world.arrive(world.call(2), world.call(4, parent=3, **below), attributed=True)
    assert Decimal(world.budget("sales")["spent"]) == Decimal("0.24")
    assert world.ask(5, team="platform")["decision"] == "deny"
    world.arrive(world.root(), Sent(3, {"team": "platform"}, parent=1), attributed=True)
    assert Decimal(world.budget("sales")["spent"]) == Decimal("0.24")
    assert Decimal(world.budget("platform")["spent"]) == 0


def test_the_span_of_a_reservation_is_that_of_the_record(store: Store) -> None:
    world = World(store, config({"sales": SALES}))
    first, again = world.ask(), world.ask()
    assert first["reservation"] == again["reservation"]
    assert Decimal(world.budget("sales")["reserved"]) == Decimal("0.12")
    assert world.control.decider.asked().calls == [(trace(1), span(2))]
