"""What was spent of a budget is what the ledger says, and what waits to be in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from attribution.attribute import attribute
from attribution.budgets import Counter, Limits, Memory, Spend, replay
from attribution.storage import Store
from collector.config import Config
from tests.attribution.otlp import Sent, send

MEMORIES: WeakKeyDictionary[Store, Memory] = WeakKeyDictionary()
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = 86_400
PLANNER = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "planner"}
GUARDRAIL = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "guardrail"}


def chat(span: int, parent: int, *, model: str = "gpt-4o", tokens: tuple[int, int] = (1000, 100), trace: int = 1, **more: Any) -> Sent:
    """A call; by default it costs 0.0035."""
    said = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": model,
        "gen_ai.usage.input_tokens": tokens[0],
        "gen_ai.usage.output_tokens": tokens[1],
    }
    return Sent(span, {**said, **more.pop("said", {})}, parent=parent, trace=trace, **more)


def run_of(team: str, *calls: Sent, trace: int = 1, **said: str) -> list[Sent]:
    """A planner that works for a team, with calls below it; its span is 1."""
    return [Sent(1, {**PLANNER, "team": team, **said}, trace=trace), *calls]


def config(budgets: Mapping[str, Any], **more: Any) -> Config:
    return Config.parse({"pricing": {"update": False}, "budgets": budgets, **more})


def spent(store: Store, how: Config, at: datetime = NOON, **more: Any) -> dict[tuple[str, tuple[str, ...]], Spend]:
    """Spend of the windows of a moment, by budget and key; the same with what earlier replays of the test's store remember."""
    found = replay(store, how, at, **more)
    if "instant" not in more:
        memory = MEMORIES.setdefault(store, Memory())
        assert replay(store, how, at, memory=memory, **more).spend == found.spend
    starts = {limit.name: limit.window(at).start for limit in Limits(how)}
    return {(one.budget, one.key): spend for one, spend in found.spend.items() if one.start == starts[one.budget]}


def test_spend_is_the_ledger_and_before_that_what_waits(store: Store) -> None:
    how = config({"sales": {"scope": {"team": "sales"}, "limit": 1, "per": "month"}})
    send(store, how, run_of("sales", chat(2, 1), chat(3, 1)))
    assert spent(store, how)["sales", ()] == Spend(ledger=Decimal(0), waiting=Decimal("0.0070"))
    attribute(store, how)
    assert spent(store, how)["sales", ()] == Spend(ledger=Decimal("0.0070"))
    posted = store.query("SELECT sum(amount) AS usd FROM ledger WHERE team = 'sales'")
    assert posted == [{"usd": Decimal("0.0070")}]


def test_what_waits_counts_for_the_team_of_its_key_and_once_for_each_sender(store: Store) -> None:
    """A tag cannot be talked away, and the same ids of two senders are two calls."""
    how = config({team: {"scope": {"team": team}, "limit": 1, "per": "month"} for team in ("sales", "other")})
    for sender in ("app", "batch"):
        send(store, how, run_of("other", chat(2, 1)), sender=sender, tags={"team": "sales"})
    waiting = spent(store, how)
    assert {key: spend.waiting for key, spend in waiting.items()} == {("sales", ()): Decimal("0.0070")}
    attribute(store, how)
    assert {key: spend.total for key, spend in spent(store, how).items()} == {("sales", ()): Decimal("0.0070")}


def test_spend_can_be_replayed_at_an_instant_of_the_past(store: Store) -> None:
    how = config({"sales": {"scope": {"team": "sales"}, "limit": 1, "per": "month"}})
    send(store, how, run_of("sales", chat(2, 1)))
    attribute(store, how)
    between = store.query("SELECT max(posted_at) AS at FROM ledger")[0]["at"].replace(tzinfo=UTC) + timedelta(microseconds=1)
    send(store, how, run_of("sales", chat(2, 1), trace=2))
    attribute(store, how)
    assert spent(store, how)["sales", ()].total == Decimal("0.0035")  # the second trace has a span that is none of its own
    send(store, how, run_of("sales", chat(2, 1, trace=2), trace=2))
    attribute(store, how)
    assert spent(store, how)["sales", ()].total == Decimal("0.0070")
    assert spent(store, how, instant=between)["sales", ()].total == Decimal("0.0035")


def test_a_sub_agent_and_a_shared_agent_spend_the_budget_of_who_started_the_work(store: Store) -> None:
    how = config(
        {
            "sales": {"scope": {"team": "sales"}, "limit": 1, "per": "day"},
            "platform": {"scope": {"team": "platform"}, "limit": 1, "per": "day"},
        },
        agents={"shared": ["guardrail"]},
    )
    sub_agent = Sent(2, {**PLANNER, "gen_ai.agent.name": "researcher", "team": "platform"}, parent=1)
    send(store, how, [*run_of("sales"), sub_agent, chat(3, 2), Sent(4, GUARDRAIL, parent=1), chat(5, 4)])
    waiting = spent(store, how)
    assert waiting["sales", ()].waiting == Decimal("0.0070")
    attribute(store, how)
    assert {name: one.total for (name, _), one in spent(store, how).items()} == {"sales": Decimal("0.0070")}


def test_units_are_counted(store: Store) -> None:
    units = ("tokens", "calls", "iterations", "agent_hops")
    how = config({unit: {"unit": unit, "limit": 10_000, "per": "month"} for unit in units})
    tool = Sent(4, {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search", "spanledger.fee.usd": "0.01"}, parent=1)
    send(store, how, [*run_of("sales", chat(2, 1)), Sent(3, {**PLANNER, "gen_ai.agent.name": "writer"}, parent=1), tool])
    waiting = {unit: spent(store, how)[unit, ()].total for unit in units}
    attribute(store, how)
    assert waiting == {unit: spent(store, how)[unit, ()].total for unit in units}
    assert waiting == {"tokens": 1100, "calls": 2, "iterations": 1, "agent_hops": 2}


def test_runs_tasks_and_sessions_are_counted_by_name(store: Store) -> None:
    budgets = {per: {"limit": 1, "per": per} for per in ("run", "task", "session")}
    how = config(budgets)
    said = {"task.id": "T-7", "session.id": "S-3"}
    send(store, how, [*run_of("sales", chat(2, 1), **said), *run_of("sales", chat(2, 1, trace=2), trace=2, **said)])
    trace = f"{1:032x}"
    asked = [("run", trace), ("task", "T-7"), ("session", "S-3")]
    expected = {("run", (trace,)): Decimal("0.0035"), ("task", ("T-7",)): Decimal("0.0070"), ("session", ("S-3",)): Decimal("0.0070")}
    found = {which: one.waiting for which, one in spent(store, how, work=asked).items()}
    assert {which: found[which] for which in expected} == expected
    attribute(store, how)
    found = {which: one.ledger for which, one in spent(store, how, work=asked).items()}
    assert {which: found[which] for which in expected} == expected


def test_each_value_of_a_dimension_has_the_limit_to_itself(store: Store) -> None:
    how = config({"person": {"each": ["user"], "scope": {"team": ["sal*", "ops"]}, "limit": 1, "per": "week"}})
    ann, bob = {"user.id": "ann"}, {"user.id": "bob"}
    send(store, how, [*run_of("sales", chat(2, 1), **ann), *run_of("hr", chat(2, 1, trace=2), trace=2, **bob)])
    attribute(store, how)
    assert {which: one.total for which, one in spent(store, how).items()} == {("person", ("ann",)): Decimal("0.0035")}


def test_a_window_has_what_began_in_it_and_the_next_one_the_rest(store: Store) -> None:
    how = config({"hourly": {"limit": 1, "per": "hour", "timezone": "Asia/Kolkata"}})
    send(store, how, run_of("sales", chat(2, 1, at=1799), chat(3, 1, at=1800), chat(4, 1, at=1801)))
    attribute(store, how)
    first, second = datetime(2026, 11, 1, 11, 30, tzinfo=UTC), datetime(2026, 11, 1, 12, 30, tzinfo=UTC)
    found = replay(store, how, NOON).spend
    assert {one.start: spend.total for one, spend in found.items()} == {first: Decimal("0.0035"), second: Decimal("0.0070")}
    assert replay(store, how, second).spend[Counter("hourly", second, ())].total == Decimal("0.0070")


def test_a_call_without_a_price_counts_for_what_is_configured_and_is_shown(store: Store) -> None:
    how = config({"all": {"limit": 10, "per": "month", "unpriced": 0.25}})
    send(store, how, run_of("sales", chat(2, 1, model="our-own-llm"), chat(3, 1)))
    expected = Spend(Decimal(0), Decimal("0.0035"), Decimal("0.25"), 1)
    assert spent(store, how)["all", ()] == expected
    attribute(store, how)
    assert spent(store, how)["all", ()] == Spend(Decimal("0.0035"), Decimal(0), Decimal("0.25"), 1)


def test_a_call_that_is_delivered_twice_is_spent_once(store: Store) -> None:
    how = config({"all": {"limit": 10, "per": "month"}})
    for _ in range(2):
        send(store, how, run_of("sales", chat(2, 1)))
    assert spent(store, how)["all", ()].total == Decimal("0.0035")
    attribute(store, how)
    send(store, how, run_of("sales", chat(2, 1)))
    assert spent(store, how)["all", ()].total == Decimal("0.0035")


def test_only_calls_whose_record_is_stored_have_arrived(store: Store) -> None:
    how = config({"all": {"limit": 10, "per": "month"}})
    send(store, how, run_of("sales", chat(2, 1)))
    stored, missing = (f"{1:032x}", f"{2:016x}"), (f"{1:032x}", f"{9:016x}")
    assert replay(store, how, NOON, calls=[stored, missing]).arrived == {stored}


def test_an_interval_is_read_again_where_a_trace_in_it_was_decided_anew(store: Store) -> None:
    how = config({"sales": {"scope": {"team": "sales"}, "limit": 1, "per": "month"}})
    at = NOON + timedelta(days=9)  # the first three lie days back, the last one hours
    for trace, seconds in enumerate((0, DAY, 3 * DAY, 9 * DAY - 7200), 1):
        send(store, how, [Sent(1, {**PLANNER, "team": "sales"}, trace=trace, at=seconds), chat(2, 1, trace=trace, at=seconds)])
    attribute(store, how)
    memory = Memory()
    first = replay(store, how, at, memory=memory).spend
    assert [spend.total for spend in first.values()] == [Decimal("0.0140")]
    kept = {interval.begin: rows for interval, (_, rows) in memory.kept.items()}
    assert len(kept) == 4
    send(store, how, [chat(3, 1, trace=2, at=DAY)])
    attribute(store, how)
    assert [spend.total for spend in replay(store, how, at, memory=memory).spend.values()] == [Decimal("0.0175")]
    again = {interval.begin: rows for interval, (_, rows) in memory.kept.items()}
    assert [begin for begin in again if again[begin] is not kept[begin]] == [NOON.replace(hour=0) + timedelta(days=1)]


def test_a_trace_that_moves_to_another_day_leaves_the_one_where_it_was(store: Store) -> None:
    how = config({"all": {"limit": 1, "per": "month"}})
    memory = Memory()
    for seconds, lasts in ((0, 1), (2 * DAY, 5)):  # the same spans, delivered with another time
        send(store, how, [Sent(1, PLANNER, at=seconds, lasts=lasts), chat(2, 1, at=seconds, lasts=lasts)])
        attribute(store, how)
        found = replay(store, how, NOON + timedelta(days=5), memory=memory).spend
        assert [spend.total for spend in found.values()] == [Decimal("0.0035")]
        assert [interval.begin for interval in memory.kept] == [NOON.replace(hour=0) + timedelta(seconds=seconds)]


def test_what_is_remembered_while_a_pass_is_being_committed_is_not_kept_for_longer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decisions of a pass are stored a moment before its postings count."""
    how = config({"all": {"limit": 1, "per": "month"}})
    send(store, how, run_of("sales", chat(2, 1)))
    run, memory, seen = Store.run, Memory(), []

    def run_and_look(self: Store, name: str, **parameters: Any) -> None:
        if name == "passes/end":
            seen.extend(replay(store, how, NOON, memory=memory).spend.values())
        run(self, name, **parameters)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "run", run_and_look)
        attribute(store, how)
    assert seen
    assert [spend.ledger for spend in replay(store, how, NOON, memory=memory).spend.values()] == [Decimal("0.0035")]
