"""Pools: cost that no span carries, pools that serve each other, and what they are split by (R10, R13)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig, follow
from attribution.configuration.serving import Service, solve
from attribution.errors import ConfigurationError, RefusedError
from attribution.pools import PARTS_MAX, add_cost, as_amount, as_driver, refuse_repetition, solved_parts, whole_parts
from attribution.storage import Store
from tests.attribution.cases import DAY, call, guarded, work
from tests.attribution.compare import assert_agrees, deliver
from tests.oracle import model

NOON = int(datetime(2026, 10, 15, 12, tzinfo=UTC).timestamp())
MONTH = "2026-10"
GPU = {"driver": "fixed", "weights": {"sales": 30, "support": 40}, "serves": {"gateway": 20, "review": 10}}
GATEWAY = {"driver": "fixed", "weights": {"sales": 40, "support": 30}, "serves": {"gpu": 10, "review": 20}}
REVIEW = {"driver": "fixed", "weights": {"sales": 50, "support": 30}, "serves": {"gpu": 5, "gateway": 15}}
REFERENCE = {"gpu": GPU, "gateway": GATEWAY, "review": REVIEW}
COSTS = {"gpu": 80_000, "gateway": 120_000, "review": 40_000}


def configured(pools: Mapping[str, Any] = REFERENCE, **allocation: Any) -> AttributionConfig:
    return AttributionConfig.parse({"agents": {"shared": ["guardrail"]}, "allocation": allocation, "pools": pools})


def add(store: Store, config: AttributionConfig, **costs: Any) -> None:
    for pool, amount in costs.items():
        add_cost(store, config, pool, Decimal(amount), MONTH)
    attribute(store, config)


def paid(store: Store, view: str = "allocations") -> dict[str, Decimal]:
    rows = store.query(f"SELECT team, sum(amount) AS usd FROM {view} WHERE period = '{MONTH}' GROUP BY team")
    assert store.query("SELECT * FROM audits") == []
    return {row["team"]: row["usd"] for row in rows}


def usd(**amounts: str) -> dict[str, Decimal]:
    return {team: Decimal(amount) for team, amount in amounts.items()}


# The reference case, to the last digit. By step-down gpu goes first, then gateway, then review.

BY_METHOD = {
    "reciprocal": usd(sales="130663.834306956984", support="109336.165693043016"),
    "direct": usd(sales="127857.142857142857", support="112142.857142857143"),
    "step_down": usd(sales="133333.333333333333", support="106666.666666666667"),
}


@pytest.mark.parametrize("method", BY_METHOD)
def test_pools_that_serve_each_other_are_solved_exactly(store: Store, method: str) -> None:
    config = configured(method=method, order=["gpu", "gateway", "review"])
    add(store, config, **COSTS)
    assert paid(store) == BY_METHOD[method]
    assert paid(store, "pool_routes") == BY_METHOD[method]
    assert sum(BY_METHOD[method].values()) == 240_000
    assert_agrees(store, model.attribute([], config, [model.Addition(period=MONTH, pool=p, amount=Decimal(c)) for p, c in COSTS.items()]))


def test_the_method_is_followed_when_it_changes_and_nothing_is_posted_twice(store: Store) -> None:
    add(store, configured(), **COSTS)
    for method in ("direct", "reciprocal", "step_down"):
        attribute(store, configured(method=method, order=["gpu", "gateway", "review"]))
        assert paid(store) == BY_METHOD[method]
    assert attribute(store, configured(method="step_down", order=["gpu", "gateway", "review"])).postings == 0


def test_the_routes_show_how_a_cost_came_to_a_team(store: Store) -> None:
    chain = {
        "gpu": {"driver": "fixed", "weights": {"sales": 1}, "serves": {"gateway": 3}},
        "gateway": {"driver": "fixed", "weights": {"support": 1}},
    }
    add(store, configured(chain), gpu=80, gateway=10)
    rows = store.query("SELECT pool, via, team, share, amount FROM pool_routes ORDER BY ALL")
    assert [tuple(row.values()) for row in rows] == [
        ("gateway", "gateway", "support", 1, 10),
        ("gpu", "gateway", "support", Decimal("0.75"), 60),
        ("gpu", "gpu", "sales", Decimal("0.25"), 20),
    ]
    (gpu,) = store.query("SELECT driver, method, spans, added, cost FROM pools WHERE pool = 'gpu'")
    assert gpu == {"driver": "fixed", "method": "reciprocal", "spans": 0, "added": 80, "cost": 80}


def test_a_shared_agent_hands_on_percents_and_the_rest_goes_by_use(store: Store) -> None:
    config = configured({"guardrail": {"serves": {"reviewers": 25}}, "reviewers": {"driver": "fixed", "weights": {"legal": 1}}})
    deliver(store, [*guarded("t1", "sales", "8", at=NOON), *guarded("t2", "support", "0", at=NOON)])
    attribute(store, config)
    assert paid(store) == usd(sales="3", support="3", legal="2")


@pytest.mark.parametrize(
    ("pools", "allocation", "said"),
    [
        pytest.param(
            {"a": {"serves": {"b": 100}}, "b": {"serves": {"c": 100}}, "c": {"serves": {"b": 100}}, "d": {}},
            {},
            "pools: b -> c -> b is a loop without an outlet",
            id="loop",
        ),
        pytest.param({"a": {"serves": {"b": 100}}, "b": {}}, {"method": "direct"}, "a has no outlet with `method: direct`", id="direct"),
        pytest.param(
            {"a": {}, "b": {"serves": {"a": 100}}},
            {"method": "step_down", "order": ["a", "b"]},
            "b has no outlet with `method: step_down`",
            id="step-down",
        ),
        pytest.param({"a": {"serves": {"gatway": 5}}}, {}, "a.serves: 'gatway' is no pool that is named here", id="unknown"),
        pytest.param({"a": {"serves": {"a": 5}}}, {}, "a.serves: a pool cannot serve itself", id="itself"),
        pytest.param(
            {"a": {"serves": {"b": 60, "c": 41}}, "b": {}, "c": {}}, {}, "pools.a: serves: b 60, c 41 are more than 100", id="percent"
        ),
        pytest.param({"a": {"driver": "fixed", "use": "previous"}}, {}, "pools.a: use: previous needs a driver that counts use", id="use"),
        pytest.param({"a": {}}, {"order": ["a", "b"]}, "allocation.order: a, b", id="order"),
        pytest.param({}, {"order": ["b"]}, "allocation.order: b", id="order of nothing"),
    ],
)
def test_what_cannot_be_solved_is_refused_by_name_when_it_is_read(pools: Any, allocation: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said.replace(".", r"\.")):
        configured(pools, **allocation)


def test_a_loop_with_an_outlet_is_solved(store: Store) -> None:
    """Two pools that hand almost all of themselves to each other: what is left goes to those at the outlet."""
    pools = {
        "a": {"driver": "fixed", "weights": {}, "serves": {"b": 1}},
        "b": {"driver": "fixed", "weights": {"legal": "0.001"}, "serves": {"a": "999"}},
    }
    add(store, configured(pools), a=7, b=5)
    assert paid(store) == usd(legal="12")


# Cost that no span carries.


def test_what_nobody_used_by_a_span_is_split_by_the_use_of_everything(store: Store) -> None:
    config = configured({})
    deliver(
        store,
        [
            work("a", trace="t1", at=NOON, lasts=30, agent="planner", span_team="sales"),
            call("b", "a", trace="t1", at=NOON, cost="3", tokens=(500, 100)),
            work("a", trace="t2", at=NOON, lasts=10, agent="planner", span_team="support"),
            work("b", "a", trace="t2", at=NOON, agent="helper"),
            call("c", "b", trace="t2", at=NOON, cost="1", tokens=(150, 50)),
        ],
    )
    attribute(store, config)
    for driver in ("invocations", "tokens", "cost", "duration", "even"):
        add_cost(store, config, driver, Decimal(12), MONTH, driver=as_driver(driver))
    attribute(store, config)
    rows = store.query("SELECT pool, team, amount FROM allocations ORDER BY pool, team")
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row["pool"], []).append(int(row["amount"]))
    assert found == {"cost": [9, 3], "duration": [9, 3], "even": [6, 6], "invocations": [4, 8], "tokens": [9, 3]}
    assert store.query("SELECT * FROM audits") == []


def test_what_found_no_team_keeps_one_share_of_an_even_split(store: Store) -> None:
    """R10: '' keeps its weight, or others would pay for what nobody knows to be theirs; however often it was used, it is one share."""
    config = configured({})
    users = {"t1": "sales", "t2": "support", "t3": "", "t4": ""}
    deliver(
        store, [work("a", trace=trace, at=NOON, agent="planner", **({"span_team": team} if team else {})) for trace, team in users.items()]
    )
    attribute(store, config)
    add_cost(store, config, "licence", Decimal(12), MONTH, driver="even")
    attribute(store, config)
    rows = store.query("SELECT team, amount FROM allocations WHERE pool = 'licence'")
    assert {row["team"]: row["amount"] for row in rows} == {"sales": 4, "support": 4, "": 4}


def test_by_caused_teams_bear_of_a_split_cost_what_they_would_pay_without_the_pool(store: Store) -> None:
    """R8, R10: three links, and two amounts that three cannot share: the parts of each sum to the parts of what both are."""
    config = configured({"guardrail": {"driver": "caused"}})
    teams = ("sales", "support", "legal")
    links: dict[str, Any] = {"link_trace_ids": teams, "link_span_ids": ("m",) * 3}
    price = {"own_time_rate": Decimal("0.000000000001"), "own_time_price_id": "rule:compute/agent=*"}
    spans = [
        *(work("m", trace=team, at=NOON, span_team=team) for team in teams),
        call("a", trace="pooled", at=NOON, lasts=2, agent="guardrail", cost="0.000000000002", **links, **price),
        call("a", trace="direct", at=NOON, lasts=2, agent="planner", cost="0.000000000002", **links, **price),
    ]
    deliver(store, spans)
    attribute(store, config)
    assert_agrees(store, model.attribute(spans, config))
    parts = usd(sales="0.000000000001", support="0.000000000001", legal="0.000000000002")
    assert paid(store) == parts
    rows = store.query("SELECT team, bucket, amount FROM ledger WHERE kind = 'direct'")
    assert sum(row["amount"] for row in rows if row["bucket"] == "llm") == Decimal("0.000000000002")
    assert {row["team"]: row["amount"] for row in rows} == parts
    found = store.query("SELECT team, sum(amount) AS usd FROM initiator_sources WHERE initiator_source = 'link' GROUP BY team")
    assert {row["team"]: row["usd"] for row in found} == {team: 2 * part for team, part in parts.items()}


def test_an_addition_is_posted_once_of_its_own_kind_and_taken_back_by_its_negative(store: Store) -> None:
    config = configured()
    add_cost(store, config, "gpu", Decimal("1200.00"), MONTH, note="October's invoice")
    attribute(store, config)
    attribute(store, config)
    rows = store.query("SELECT kind, toString(day) AS day, pool, team, bucket, amount, reason FROM ledger WHERE kind = 'added'")
    assert rows == [
        {
            "kind": "added",
            "day": "2026-10-01",
            "pool": "gpu",
            "team": "",
            "bucket": "platform",
            "amount": 1200,
            "reason": "October's invoice",
        }
    ]
    add(store, config, gpu=-1200)
    assert paid(store) == {} or set(paid(store).values()) == {0}
    assert store.query("SELECT sum(amount) AS usd, count() AS n FROM ledger WHERE kind = 'added'") == [{"usd": 0, "n": 2}]


def test_an_addition_to_a_shared_agent_goes_by_its_use(store: Store) -> None:
    config = configured({})
    deliver(store, [*guarded("t1", "sales", "1", at=NOON), call("a", trace="t2", at=NOON, cost="9", span_team="support")])
    attribute(store, config)
    add(store, config, guardrail=5)
    assert paid(store) == usd(sales="6")


def test_the_driver_that_was_given_stands_for_its_pool_and_month(store: Store) -> None:
    config = configured({})
    add_cost(store, config, "seats", Decimal(6), MONTH, driver="even")
    add_cost(store, config, "seats", Decimal(6), MONTH)
    with pytest.raises(RefusedError, match="an earlier addition to pool seats in 2026-10 said even: tokens contradicts it"):
        add_cost(store, config, "seats", Decimal(6), MONTH, driver="tokens")
    with pytest.raises(RefusedError, match=r"pools\.gpu\.driver is fixed in the configuration: tokens contradicts it"):
        add_cost(store, configured(), "gpu", Decimal(6), MONTH, driver="tokens")
    with pytest.raises(RefusedError, match="driver fixed needs weights"):
        add_cost(store, config, "seats", Decimal(6), MONTH, driver="fixed")
    add_cost(store, config, "seats", Decimal(6), "2026-11", driver="tokens")
    deliver(store, [call("a", trace=team, at=NOON, cost="1", agent="planner", span_team=team) for team in ("sales", "support", "support ")])
    attribute(store, config)
    assert paid(store) == {"sales": 4, "support": 4, "support ": 4}
    assert store.query("SELECT period, driver FROM pools WHERE pool = 'seats' ORDER BY period") == [
        {"period": "2026-10", "driver": "even"},
        {"period": "2026-11", "driver": "tokens"},
    ]


@pytest.mark.parametrize("amount", ["0", "0.0000000000001", "1e26", "NaN", "Infinity"])
def test_what_is_no_amount_is_refused(store: Store, amount: str) -> None:
    with pytest.raises(RefusedError, match="is no amount"):
        add_cost(store, configured(), "gpu", Decimal(amount), MONTH)


def test_texts_of_amounts_and_drivers() -> None:
    assert as_amount("1,200.50") == Decimal("1200.50")
    assert as_driver(None) is None
    with pytest.raises(RefusedError, match="'ten' is no amount"):
        as_amount("ten")
    with pytest.raises(RefusedError, match="no driver 'users'; there is invocations, tokens"):
        as_driver("users")


# Last month's use.


def test_split_by_the_use_of_the_month_before(store: Store) -> None:
    config = configured({"guardrail": {"use": "previous"}})
    deliver(store, [*guarded("t1", "support", "1", at=NOON - 30 * DAY), *guarded("t2", "sales", "8", at=NOON)])
    attribute(store, config)
    assert paid(store) == usd(support="8")
    deliver(store, guarded("t3", "legal", "1", at=NOON - 30 * DAY))  # late, and September is open
    attribute(store, config)
    assert paid(store) == usd(support="4", legal="4")
    reasons = store.query(f"SELECT DISTINCT reason FROM ledger WHERE kind = 'allocation' AND period = '{MONTH}' AND team = 'legal'")
    assert reasons == [{"reason": "split by invocations of 2026-09"}]


# The solving itself.


def test_parts_are_whole_and_sum_to_the_whole_however_long_the_denominators_are() -> None:
    weights = {pool: {"sales": Decimal("0.000000000001"), "support": Decimal("12345678901234567890.123456789012")} for pool in REFERENCE}
    pools = {name: {"driver": "tokens", "serves": {other: "33.333333333" for other in REFERENCE if other != name}} for name in REFERENCE}
    for parts in solved_parts(follow(configured(pools)), weights).values():
        assert sum(parts.values()) <= PARTS_MAX
        assert all(part >= 0 for part in parts.values())
    prime = 10**40 + 121
    assert sum(whole_parts({("a", str(n)): Fraction(n, prime) for n in (1, prime - 1)}).values()) == PARTS_MAX


@st.composite
def services(draw: st.DrawFn) -> dict[str, Service]:
    names = [f"p{n}" for n in range(draw(st.integers(1, 5)))]
    weights = st.sampled_from([Decimal(0), Decimal(1), Decimal(7), Decimal("0.3")])
    return {name: Service.of({other: w for other in names if other != name and (w := draw(weights))}, draw(weights)) for name in names}


@given(services(), st.sampled_from(["reciprocal", "step_down", "direct"]))
def test_every_method_hands_out_all_of_a_pool_and_refuses_only_what_has_no_outlet(found: dict[str, Service], method: Any) -> None:
    solved: dict[str, Any] = {}
    with suppress(ValueError):
        solved = solve(found, method)
    if all(service.own for service in found.values()):
        assert solved.keys() == found.keys()
    for name, via in solved.items():
        assert sum(via.values()) == 1
        assert all(found[pool].own > 0 and share > 0 for pool, share in via.items())
        if method == "reciprocal":  # what a pool hands on goes the ways of those it hands it to
            for last in found:
                own = found[name].own if last == name else Fraction(0)
                assert via.get(last, 0) == own + sum(share * solved[pool].get(last, 0) for pool, share in found[name].pools.items())


@pytest.mark.parametrize(("text", "amount"), [("1200", "1200"), ("1,200.50", "1200.50"), ("-12,345,678", "-12345678"), ("+5.00", "5.00")])
def test_commas_stand_between_thousands(text: str, amount: str) -> None:
    assert as_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["1,20", "1,2000", "12,34,567", "0,5", "1.200,00", ",5", "1,"])
def test_a_decimal_comma_is_no_amount(text: str) -> None:
    with pytest.raises(RefusedError, match="is no amount"):
        as_amount(text)


def test_the_same_addition_is_refused_until_it_is_meant(store: Store) -> None:
    add_cost(store, AttributionConfig(), "seats", Decimal("6.50"), MONTH, note="invoice 7")
    with pytest.raises(RefusedError, match=rf"6\.5 was added to seats in {MONTH} at .* already: --again"):
        refuse_repetition(store, "seats", Decimal("6.5"), MONTH, "invoice 7")
    for pool, amount, month, note in (
        ("seats", "6.5", MONTH, "invoice 8"),
        ("seats", "6.51", MONTH, "invoice 7"),
        ("other", "6.5", MONTH, "invoice 7"),
        ("seats", "-6.5", MONTH, "invoice 7"),
    ):
        refuse_repetition(store, pool, Decimal(amount), month, note)


def test_fixed_weights_that_are_not_there_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"pools\.gpu: driver: fixed needs weights"):
        AttributionConfig.parse({"pools": {"gpu": {"driver": "fixed"}}})
