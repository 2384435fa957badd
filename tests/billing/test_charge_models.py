"""What teams are charged for what they cost: by a quota, a fee, a subscription, a price list; and the difference, on an account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.attribute import attribute
from attribution.charge_models import Charge, charges_of
from attribution.charge_models.charges import Used
from attribution.closing import close
from attribution.configuration import AttributionConfig
from attribution.errors import ConfigurationError
from attribution.pools import add_cost
from attribution.statements import TeamStatement, statement_of
from attribution.storage import Store
from tests.attribution.cases import call, guarded, work
from tests.attribution.compare import deliver
from tests.oracle.model import Span

OCTOBER = int(datetime(2026, 10, 15, 12, tzinfo=UTC).timestamp())
NOVEMBER = int(datetime(2026, 11, 15, 12, tzinfo=UTC).timestamp())
LATER = datetime(2027, 6, 1, tzinfo=UTC)
DIMENSIONS = ("team", "department", "cost_center", "project", "environment", "workflow", "agent", "provider", "model", "bucket")


def billed_by(*charges: Mapping[str, Any], **more: Any) -> AttributionConfig:
    return AttributionConfig.parse({"billing": {"charges": [{"name": f"c{nth}", **each} for nth, each in enumerate(charges)]}, **more})


def cost(team: str, amount: str, *, pool: str = "", seat: str = "", **dimensions: str) -> dict[str, Any]:
    facts = {**dict.fromkeys(DIMENSIONS, ""), "bucket": "llm", **dimensions}
    return {**facts, "team": team, "pool": pool, "seat": seat, "amount": Decimal(amount)}


def tokens(team: str, **counts: Any) -> dict[str, Any]:
    facts = {**dict.fromkeys(DIMENSIONS, ""), "bucket": "llm", "team": team}
    return {**facts, **dict.fromkeys(("input", "cache_read", "cache_write", "output", "calls", "uncounted"), 0), **counts}


def charged(config: AttributionConfig, costs: Sequence[Any] = (), calls: Sequence[Any] = (), **work_of: Any) -> dict[Any, Charge]:
    found = {(each.team, each.name): each for each in charges_of(config, "2026-10", Used(costs, calls, work_of))}
    of_teams: dict[str, Decimal] = defaultdict(Decimal)
    for row in costs:
        of_teams[row["team"]] += row["amount"]
    for team, whole in of_teams.items():
        assert sum(each.covered for each in found.values() if each.team == team) == whole
    return found


@pytest.mark.parametrize(
    ("charge", "complaint"),
    [
        ({"model": "tiered", "scope": {"team": "a"}, "fee": 1}, "model: tiered needs quota"),
        ({"model": "tiered", "scope": {"team": "a"}, "fee": 1, "quota": 5, "unit": "tasks"}, "overage: is needed with unit: tasks"),
        ({"model": "fixed", "fee": 1}, "scope: needs a team"),
        ({"model": "fixed", "scope": {"team": "a"}}, "model: fixed needs fee"),
        ({"model": "direct", "fee": 1}, "fee: is not for model: direct"),
        ({"model": "subscription", "fee": 1, "overage": 2}, "overage: needs a quota"),
        ({"model": "subscription", "fee": 1, "seats": 0}, "seats"),
        ({"model": "per_token"}, "model: per_token needs prices"),
        ({"model": "per_hour", "price": 1, "scope": {"model": "x"}}, "scope: model: is of calls, and hours are counted by agents"),
        ({"model": "per_task", "price": -1}, "price"),
        ({"model": "per_call", "price": 1}, "model: 'per_call'"),
        ({"model": "direct", "from": "2026-11", "to": "2026-11"}, "`to` 2026-11 must come after `from` 2026-11"),
        ({"model": "direct", "from": "November"}, "from"),
        ({"model": "direct", "scope": {"user": "x"}}, "scope.user"),
        ({"name": "direct", "model": "direct"}, "direct is the name of what no model covers"),
    ],
)
def test_what_a_model_needs_or_does_not_know_is_named(charge: Mapping[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        billed_by(charge)
    assert complaint in str(refused.value)


def test_two_models_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="used twice: a"):
        billed_by({"name": "a", "model": "direct"}, {"name": "a", "model": "direct"})


def test_a_configuration_reads_back_as_it_was_kept() -> None:
    config = billed_by(
        {"model": "tiered", "scope": {"team": "a"}, "fee": 0, "quota": 0, "from": "2026-10"},
        {"model": "subscription", "fee": 20, "seats": {"ada": "research"}, "quota": 40},
    )
    assert AttributionConfig.model_validate_json(config.model_dump_json(by_alias=True)) == config


def test_without_charge_models_nothing_is_said() -> None:
    assert charges_of(AttributionConfig(), "2026-10", Used([cost("a", "1")])) == []
    assert charges_of(billed_by({"model": "direct", "margin": 9, "from": "2026-11"}), "2026-10", Used([cost("a", "1")])) == []


def test_a_quota_costs_its_fee_and_what_lies_beyond_it_the_overage() -> None:
    config = billed_by({"model": "tiered", "scope": {"team": ["a", "b*"]}, "fee": 50, "quota": 100, "overage": "1.5", "account": "quotas"})
    found = charged(config, [cost("a", "130"), cost("b1", "99.999999999999"), cost("z", "7")])
    assert [(part.why, part.quantity, part.amount) for part in found["a", "c0"].parts] == [
        ("fee for up to 100 USD", 130, 50),
        ("USD beyond the quota, each at 1.5 USD", 30, 45),
    ]
    assert (found["a", "c0"].variance, found["a", "c0"].account) == (-35, "quotas")
    assert found["b1", "c0"].charged == 50
    assert (found["z", "direct"].charged, found["z", "direct"].variance) == (7, 0)


def test_a_quota_can_count_tokens_calls_or_tasks() -> None:
    used = [tokens("a", input=900, cache_read=50, output=100, calls=3)]
    for unit, quota, beyond in (("tokens", 1000, 50), ("calls", 1, 2), ("tasks", 4, 6)):
        model = {"model": "tiered", "scope": {"team": "a"}, "fee": 1, "quota": quota, "unit": unit, "overage": "0.25"}
        found = charged(billed_by(model), [cost("a", "3")], used, c0={"a": Fraction(10)})
        assert found["a", "c0"].charged == 1 + beyond * Decimal("0.25"), unit


def test_a_fee_is_paid_by_a_team_that_used_nothing_and_not_by_others() -> None:
    teams = {"organization": {"teams": {"ops-1": {"department": "it"}, "ops-2": {"department": "hr"}}}}
    fixed = {"model": "fixed", "fee": 30, "scope": {"team": ["ops-*", "sales"]}}
    assert {team for team, _ in charged(billed_by(fixed, **teams))} == {"ops-1", "ops-2", "sales"}
    narrow = {**fixed, "scope": {"team": "ops-*", "department": "it"}}
    assert {team for team, _ in charged(billed_by(narrow, **teams))} == {"ops-1"}


def test_a_margin_lies_on_cost_and_the_first_model_that_covers_is_taken() -> None:
    config = billed_by({"model": "direct", "margin": 20, "scope": {"workflow": "refund"}}, {"model": "direct", "margin": -50})
    found = charged(config, [cost("a", "10", workflow="refund"), cost("a", "4"), cost("", "1")])
    assert {name: each.charged for name, each in found.items()} == {
        ("a", "c0"): 12,
        ("a", "c1"): 2,
        ("", "c1"): Decimal("0.5"),
    }


def test_a_subscription_is_shared_by_what_its_use_would_have_cost() -> None:
    config = billed_by({"model": "subscription", "fee": 100, "seats": 2, "scope": {"agent": "claude-code"}, "account": "plans"})
    costs = [cost("a", "300", agent="claude-code"), cost("b", "600", agent="claude-code"), cost("b", "5")]
    found = charged(config, costs)
    assert found["a", "c0"].charged == Decimal("66.666666666667")
    assert found["b", "c0"].charged == Decimal("133.333333333333")
    assert found["b", "c0"].covers == "API-equivalent"
    assert found["b", "direct"].charged == 5
    beyond = billed_by({"model": "subscription", "fee": 100, "seats": 2, "quota": 300, "overage": "0.5", "scope": {"agent": "claude-code"}})
    assert sum(each.charged for (_, name), each in charged(beyond, costs).items() if name == "c0") == 200 + 150


def test_a_seat_is_paid_by_those_its_user_worked_for_and_unused_by_its_team() -> None:
    config = billed_by({"model": "subscription", "fee": 20, "seats": {"ada": "lab", "bo": "lab", "cy": "ops"}})
    costs = [cost("sales", "3", seat="ada"), cost("lab", "1", seat="ada"), cost("lab", "9", seat="bo"), cost("sales", "2")]
    found = charged(config, costs)
    assert found["sales", "c0"].charged == 15 + 2, "three quarters of ada's seat, and what was used without one"
    assert found["lab", "c0"].charged == 5 + 20
    assert found["ops", "c0"].charged == 20
    assert charged(billed_by({"model": "subscription", "fee": 9, "unused": "ops"}))["ops", "c0"].charged == 9


def test_tokens_are_charged_by_kind_and_unlisted_models_as_they_cost() -> None:
    prices = [
        {"model": "gpt-4o*", "input": 5, "cache_read": 1, "output": 20},
        {"provider": "mistral", "model": "*", "input": 2, "output": 2},
    ]
    config = billed_by({"model": "per_token", "prices": prices, "account": "customers"})
    used = [
        tokens("a", provider="openai", model="gpt-4o", input=10**6, cache_read=2 * 10**6, cache_write=10**5, output=10**5, calls=9),
        tokens("a", provider="mistral", model="large", input=500_000, calls=1, uncounted=1),
        tokens("a", provider="openai", model="o3", input=10**9),
    ]
    costs = [cost("a", "4", provider="openai", model="gpt-4o"), cost("a", "6", provider="openai", model="o3")]
    costs += [cost("a", "1", model="gpt-4o", pool="guard"), cost("a", "2", bucket="tool", model="gpt-4o")]
    found = charged(config, costs, used)
    assert found["a", "c0"].charged == Decimal(5) + 2 + Decimal("0.5") + 2 + 1
    assert (found["a", "c0"].variance, found["a", "c0"].uncounted) == (Decimal("6.5"), 1)
    assert found["a", "direct"].charged == 9, "parts of pools, tools and models without a price"


MODELS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"model": st.just("direct"), "margin": st.decimals(-100, 300, places=3)}),
    st.fixed_dictionaries({"model": st.just("fixed"), "fee": st.decimals(0, 999, places=2)}),
    st.fixed_dictionaries(
        {
            "model": st.just("tiered"),
            "fee": st.decimals(0, 99, places=2),
            "quota": st.integers(0, 60),
            "overage": st.decimals(0, 3, places=4),
        }
    ),
    st.fixed_dictionaries(
        {"model": st.just("subscription"), "fee": st.decimals(0, 99, places=2), "seats": st.integers(1, 9), "quota": st.integers(0, 9)}
    ),
    st.fixed_dictionaries({"model": st.just("per_hour"), "price": st.decimals(0, 99, places=5)}),
)
TEAMS = st.sampled_from(["", "a", "b", "c"])
ROWS = st.lists(
    st.builds(
        lambda team, agent, amount: cost(team, str(amount), agent=agent), TEAMS, st.sampled_from("xy"), st.decimals(-9, 99, places=12)
    ),
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(
    models=st.lists(st.tuples(MODELS, st.sampled_from(["a", "b", "*"]), st.sampled_from(["x", "y", "*"])), min_size=1, max_size=4),
    rows=ROWS,
)
def test_charges_are_cost_and_variance_whatever_is_configured(models: list[Any], rows: list[dict[str, Any]]) -> None:
    config = billed_by(*({**each, "scope": {"team": team, "agent": agent}} for each, team, agent in models))
    hours = {f"c{nth}": {"a": Fraction(nth * 7, 3), "b": Fraction(1, 7)} for nth in range(len(models))}
    found = charged(config, rows, (), **hours)
    assert all(each.charged == each.covered + each.variance for each in found.values())
    left = [dict(row) for row in rows]
    for nth, (model, team, agent) in enumerate(models):
        # The oracle: take what fits from what is left, team by team, with fractions.
        taken = [row for row in left if row["team"] and team in (row["team"], "*") and agent in (row["agent"], "*")]
        left = [row for row in left if row not in taken]
        by_team: dict[str, Fraction] = defaultdict(Fraction)
        for row in taken:
            by_team[row["team"]] += Fraction(row["amount"])
        ours = {of: each.charged for (of, name), each in found.items() if name == f"c{nth}"}
        expected = expected_of(model, team, by_team, hours[f"c{nth}"])
        assert {of for of in ours if ours[of]} <= {of for of in expected if expected[of]}
        for of, amount in expected.items():
            assert abs(Fraction(ours.get(of, Decimal(0))) - amount) <= Fraction(2, 10**12), (model, of)
    assert sum(each.charged for (_, name), each in found.items() if name == "direct") == sum(row["amount"] for row in left)


def expected_of(model: Mapping[str, Any], team: str, by_team: Mapping[str, Fraction], hours: Mapping[str, Fraction]) -> dict[str, Fraction]:
    fee = Fraction(model.get("fee", 0))
    paying = set(by_team) | ({team} if team != "*" else set())
    match model["model"]:
        case "direct":
            return {of: spent * (100 + Fraction(model["margin"])) / 100 for of, spent in by_team.items()}
        case "fixed":
            return dict.fromkeys(paying, fee)
        case "tiered":
            quota, rate = model["quota"], Fraction(model["overage"])
            return {of: fee + (max(by_team.get(of, Fraction(0)), quota) - quota) * rate for of in paying}
        case "per_hour":
            return {of: Fraction(model["price"]) * spent for of, spent in hours.items()}
    used = {of: max(spent, Fraction(0)) for of, spent in by_team.items()}
    whole = sum(used.values(), Fraction(0))
    if not whole:
        return {"": fee * model["seats"]}
    paid = fee * model["seats"] + max(whole - model["quota"] * model["seats"], Fraction(0))
    return {of: paid * each / whole for of, each in used.items()}


def bill(store: Store, config: AttributionConfig, *spans: Span) -> None:
    deliver(store, spans)
    attribute(store, config)


def of_team(store: Store, config: AttributionConfig, period: str, team: str) -> TeamStatement:
    return statement_of(store, config, period, team).teams[0]


def lines(team: TeamStatement, section: str) -> dict[tuple[str, str], Decimal]:
    return {(item.item, item.detail): item.amount for item in team.sections.get(section, ())}


def run(trace: str, team: str, *, at: int, lasts: float = 60, usd: str = "1", task: str = "") -> list[Span]:
    """An agent of a team works so long, calls another one for half of it, and a model."""
    return [
        work("a", trace=trace, at=at, lasts=lasts, agent="voice", span_team=team, span_task=task, span_workflow="support"),
        work("b", "a", trace=trace, at=at, lasts=lasts / 2, agent="searcher"),
        call("c", "b", trace=trace, at=at, cost=usd, tokens=(1000, 100)),
    ]


def test_tasks_and_minutes_are_counted_once(store: Store) -> None:
    config = billed_by(
        {"model": "per_task", "price": 2, "scope": {"team": "acme"}, "completed": True},
        {"model": "per_minute", "price": "0.5", "scope": {"workflow": "support"}},
    )
    bill(
        store,
        config,
        *run("t1", "acme", at=OCTOBER, task="case-1"),
        *run("t2", "acme", at=OCTOBER + 900, task="case-1"),
        *run("t3", "acme", at=OCTOBER, task="case-2"),
        *run("t4", "acme", at=NOVEMBER, task="case-1"),
        *run("t5", "acme", at=NOVEMBER),
        *run("t6", "sales", at=OCTOBER, lasts=90),
    )
    store.execute("ALTER TABLE span_records UPDATE status = 'Error' WHERE trace_id IN ('t1', 't3') SETTINGS mutations_sync = 1")
    acme = of_team(store, config, "2026-10", "acme")
    assert lines(acme, "charged") == {("c0", "tasks at 2 USD"): 2}, "one of two tasks was completed; its retry is no other one"
    assert (acme.total, acme.charged, lines(acme, "variance")) == (3, 2, {("variance", "c0"): -1})
    assert lines(of_team(store, config, "2026-11", "acme"), "charged") == {("c0", "tasks at 2 USD"): 2}, "case-1 began in October"
    assert lines(of_team(store, config, "2026-10", "sales"), "charged") == {("c1", "minutes at 0.5 USD"): Decimal("0.75")}


def test_what_comes_late_for_a_closed_month_is_charged_in_the_open_one(store: Store) -> None:
    prices = [{"model": "gpt-4o", "input": 1000, "output": 0}]
    config = billed_by({"model": "per_token", "prices": prices}, {"model": "per_task", "price": 3, "scope": {"workflow": "support"}})
    bill(store, config, *run("t1", "acme", at=OCTOBER))
    close(store, config, "2026-10", LATER)
    october = statement_of(store, config, "2026-10")
    bill(store, config, *run("t2", "acme", at=OCTOBER, usd="5"), *run("t3", "acme", at=NOVEMBER))
    assert statement_of(store, config, "2026-10") == october
    november = of_team(store, config, "2026-11", "acme")
    assert november.total == 6
    assert lines(november, "charged") == {
        ("c0", "input tokens of gpt-4o at 1000 USD a million"): 2,
        ("c0", "output tokens of gpt-4o at 0 USD a million"): 0,
        ("c1", "tasks at 3 USD"): 6,
    }


def test_a_closed_month_keeps_its_charges_and_an_audit_holds_them(store: Store) -> None:
    config = billed_by(
        {"model": "tiered", "fee": 2, "quota": 3, "scope": {"team": "sales"}, "account": "quotas"}, agents={"shared": ["guardrail"]}
    )
    bill(store, config, *guarded("t1", "sales", "1", at=OCTOBER), call("z", trace="t2", at=OCTOBER, cost="8", span_team="sales"))
    add_cost(store, config, "platform", Decimal(4), "2026-10", driver="even")
    attribute(store, config)
    before = of_team(store, config, "2026-10", "sales")
    assert (before.total, before.charged, before.variance) == (13, 12, -1)
    close(store, config, "2026-10", LATER)
    assert of_team(store, AttributionConfig(), "2026-10", "sales") == before, "whatever is configured later"
    assert store.query("SELECT team, charge, account, cost, variance, charged FROM charges") == [
        {"team": "sales", "charge": "c0", "account": "quotas", "cost": 13, "variance": -1, "charged": 12}
    ]
    assert store.query("SELECT * FROM audits") == []
    store.execute(
        "INSERT INTO statement_items SELECT * REPLACE (toDecimal128(0.5, 12) AS amount, 'forged' AS detail)"
        " FROM statement_items WHERE section = 'charged' LIMIT 1"
    )
    assert {(row["audit"], row["amount"]) for row in store.query("SELECT audit, amount FROM audits")} == {
        ("charge does not balance", Decimal("0.5"))
    }


def test_a_month_that_was_closed_without_charges_gets_none_later(store: Store) -> None:
    bill(store, AttributionConfig(), call("a", trace="t1", at=OCTOBER, cost="1", span_team="sales"))
    close(store, AttributionConfig(), "2026-10", LATER)
    store.execute("TRUNCATE TABLE statement_items")
    assert not statement_of(store, billed_by({"model": "direct", "margin": 10}), "2026-10").has_charges
