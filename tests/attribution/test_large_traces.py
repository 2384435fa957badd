"""Traces of many spans: no step may look at all of them for each of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.storage import Store
from tests.attribution.cases import call, paid_by_the_second, tool_call, work
from tests.attribution.compare import deliver
from tests.oracle.model import Span

SPANS = 30_000
"""Quadratic memory would be tens of gigabytes, above what a pass may use."""
CHAIN = 10_000


def billed(store: Store, spans: list[Span]) -> Decimal:
    deliver(store, spans)
    attribute(store, AttributionConfig())
    assert store.query("SELECT * FROM audits") == []
    return store.query("SELECT sum(amount) AS usd FROM ledger")[0]["usd"]  # type: ignore[no-any-return]


def test_one_agent_that_calls_many_at_once(store: Store) -> None:
    below: list[Span] = [paid_by_the_second(f"b{nth}", "a", agent=f"agent {nth % 300}", at=nth, lasts=2) for nth in range(1, SPANS)]
    # The first second is the planner's own; of the others there are two of two seconds at any time.
    assert billed(store, [paid_by_the_second("a", agent="planner", lasts=SPANS), *below]) == Decimal("0.01") + (SPANS - 1) * Decimal("0.02")


def test_agents_that_call_each_other_very_deep(store: Store) -> None:
    """Each begins a second after and ends a second before the one above."""

    def nested(nth: int) -> Span:
        parent = str(nth - 1) if nth else ""
        return paid_by_the_second(str(nth), parent, agent=f"agent {nth % 3}", at=nth, lasts=2 * (CHAIN - nth))

    assert billed(store, [nested(nth) for nth in range(CHAIN)]) == CHAIN * Decimal("0.02")
    entries = store.query("SELECT sum(entries) AS entries, sum(reentrant_entries) AS reentrant FROM costs_by_agent")
    assert entries == [{"entries": 3, "reentrant": CHAIN - 3}]


def test_many_calls_that_are_told_twice(store: Store) -> None:
    def told(nth: int) -> list[Span]:
        facts: dict[str, Any] = {"cost": "0.5", "at": nth, "lasts": 0.5, "response_id": f"r{nth}"}
        return [call(f"{nth} out", "a", **facts), call(f"{nth} in", f"{nth} out", **facts)]

    calls = [span for nth in range(SPANS // 2) for span in told(nth)]
    assert billed(store, [work("a", agent="planner", lasts=SPANS), *calls]) == SPANS // 2 * Decimal("0.5")


def test_one_id_for_all_that_an_sdk_and_a_gateway_tell(store: Store) -> None:
    """A server that gives one id to all its answers."""

    def told(nth: int) -> list[Span]:
        facts: dict[str, Any] = {"cost": "0.5", "lasts": 2, "response_id": "r", "tokens": (100 + 50 * (nth % 40), 10)}
        return [call(f"{nth} sdk", at=nth / 4, **facts), call(f"{nth} proxy", at=nth / 4 + 0.1, service="proxy", **facts)]

    assert billed(store, [span for nth in range(CHAIN // 4) for span in told(nth)]) == CHAIN // 4 * Decimal("0.5")


def test_many_calls_that_several_teams_asked_for(store: Store) -> None:
    """Told twice as well: whose they are is asked of every record."""
    teams = ("sales", "support")
    asked: dict[str, Any] = {"link_trace_ids": teams, "link_span_ids": ("m", "m")}
    both: dict[str, Any] = {"cost": "0.5", "lasts": 0.5}
    calls = [
        told
        for nth in range(SPANS // 2)
        for told in (
            call(f"{nth} out", "a", at=nth, response_id=f"r{nth}", **both),
            call(f"{nth} in", f"{nth} out", at=nth, response_id=f"r{nth}", **both),
        )
    ]
    senders = [work("m", trace=team, span_team=team) for team in teams]
    assert billed(store, [*senders, work("a", agent="planner", lasts=SPANS, **asked), *calls]) == SPANS // 2 * Decimal("0.5")
    paid = store.query("SELECT team, total FROM costs_by_team")
    assert {row["team"]: row["total"] for row in paid} == dict.fromkeys(teams, SPANS // 4 * Decimal("0.5"))


def test_a_worker_takes_a_message_with_every_span(store: Store) -> None:
    teams = [f"team {nth}" for nth in range(7)]
    taken = [
        call(str(nth), "a", at=nth, lasts=0.5, cost="0.5", link_trace_ids=(teams[nth % 7],), link_span_ids=("m",)) for nth in range(SPANS)
    ]
    senders = [work("m", trace=team, span_team=team) for team in teams]
    assert billed(store, [*senders, work("a", agent="planner", lasts=SPANS), *taken]) == SPANS * Decimal("0.5")
    assert store.query("SELECT DISTINCT team FROM ledger ORDER BY team") == [{"team": team} for team in teams]


def test_every_span_names_its_session_and_user(store: Store) -> None:
    """As many SDKs write them; each may be sent by a key that may not charge all others."""
    names = ("crew", "lab", "guest")
    spans = [
        call(str(nth), "a", at=nth, lasts=0.5, cost="0.5", span_session=f"s{nth}", span_user="ada", sender=names[nth % 3])
        for nth in range(SPANS)
    ]
    deliver(store, [work("a", agent="planner", lasts=SPANS, span_team="sales", sender="crew"), *spans])
    attribute(store, AttributionConfig.parse({"senders": {"lab": {"may_charge": ["crew"]}, "guest": {"may_charge": []}}}))
    assert store.query("SELECT * FROM audits") == []
    found = store.query("SELECT team, user, sum(amount) AS usd FROM ledger GROUP BY team, user ORDER BY team")
    assert [(row["team"], row["user"], row["usd"]) for row in found] == [("", "ada", SPANS // 6), ("sales", "ada", SPANS // 3)]


def test_a_tools_fee_that_is_told_very_often(store: Store) -> None:
    chain = [tool_call(str(nth), str(nth - 1) if nth else "") for nth in range(CHAIN)]
    assert billed(store, chain) == Decimal("0.5")
