"""R16 Senders: what one ingest key can and cannot do to another's records, costs and payers. Each test is one way that was tried."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from attribution.attribute import attribute
from attribution.storage import Store
from collector.config import Config
from tests.attribution.otlp import Sent, send

TEAMS = {"sales": {"department": "field", "cost_center": "C1", "aliases": ["Vertrieb"]}, "lab": {"cost_center": "C2"}}
SALES, LAB = {"team": "sales"}, {"team": "lab"}
COST = Decimal("0.0035")
"""Of one call of gpt-4o."""


def config(**senders: Any) -> Config:
    return Config.parse(
        {
            "pricing": {"update": False},
            "organization": {"teams": TEAMS},
            "agents": {"shared": ["guard"]},
            "senders": senders,
        }
    )


def call(number: int, parent: int = 0, trace: int = 1, at: float = 1, lasts: float = 2, response: str = "", **more: Any) -> Sent:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 100,
        **({"gen_ai.response.id": response} if response else {}),
        **more,
    }
    return Sent(number, attributes, parent=parent, trace=trace, name="chat", at=at, lasts=lasts)


def paid(store: Store, settings: Config) -> dict[str, Decimal]:
    """What each team pays, once all is attributed and the audits agree."""
    attribute(store, settings)
    assert store.query("SELECT * FROM audits") == []
    return {row["team"]: row["usd"] for row in store.query("SELECT team, sum(amount) AS usd FROM ledger GROUP BY team HAVING usd != 0")}


def source_of(store: Store, span_id: int, trace: int = 1) -> str:
    (row,) = store.query(
        "SELECT initiator_source FROM attributed_spans WHERE trace_id = {trace:String} AND span_id = {span:String}",
        {"trace": f"{trace:032x}", "span": f"{span_id:016x}"},
    )
    return str(row["initiator_source"])


def test_the_same_ids_of_another_sender_overwrite_nothing(store: Store) -> None:
    plain = config()
    send(store, plain, [call(1)], tags=SALES, sender="sales")
    send(store, plain, [call(1, **{"gen_ai.usage.input_tokens": 0, "gen_ai.usage.output_tokens": 1})], tags=LAB, sender="lab")
    assert paid(store, plain) == {"sales": COST, "lab": Decimal("0.00001")}
    assert store.query("SELECT sender FROM spans ORDER BY sender") == [{"sender": "lab"}, {"sender": "sales"}]


def test_a_copied_response_id_erases_nothing(store: Store) -> None:
    plain = config()
    send(store, plain, [call(1, response="r1")], tags=SALES, sender="sales")
    send(store, plain, [call(2, trace=2, response="r1", **{"gen_ai.usage.cost": 0.000001})], tags=LAB, sender="lab")
    assert paid(store, plain) == {"sales": COST, "lab": Decimal("0.000001")}


def test_a_record_below_another_senders_call_erases_nothing(store: Store) -> None:
    plain = config()
    send(store, plain, [call(1, response="r1")], tags=SALES, sender="sales")
    send(store, plain, [call(2, parent=1, response="r1", **{"gen_ai.usage.cost": 0.000001})], tags=LAB, sender="lab")
    assert sum(paid(store, plain).values()) == COST + Decimal("0.000001")


def test_a_gateways_record_of_anothers_call_is_the_same_call(store: Store) -> None:
    proxied = config(proxy={"gateway": True})
    send(store, proxied, [call(1, response="r1")], tags=SALES, sender="sales")
    send(store, proxied, [call(2, trace=2, at=1.2, lasts=1.5, response="r1")], sender="proxy", resource={"team": "platform"})
    assert paid(store, proxied) == {"sales": COST}


def test_an_untagged_application_is_paid_for_by_the_tags_of_the_gateways_key(store: Store) -> None:
    proxied = config(proxy={"gateway": True})
    send(store, proxied, [call(1, response="r1", **{"user.id": "ada"})], sender="app")
    send(store, proxied, [call(2, trace=2, at=1.2, lasts=1.5, response="r1")], tags=LAB, sender="proxy")
    assert paid(store, proxied) == {"lab": COST}
    rows = store.query("SELECT DISTINCT team, user, initiator_source FROM attributed_spans")
    assert rows == [{"team": "lab", "user": "ada", "initiator_source": "sender"}], "all records of a call have one initiator"


def test_a_gateways_own_resource_names_nobody(store: Store) -> None:
    proxied = config(proxy={"gateway": True})
    send(store, proxied, [call(1)], sender="proxy", resource={"team": "platform"})
    assert paid(store, proxied) == {"": COST}


@pytest.mark.parametrize(
    ("may_charge", "payer"),
    [(["*"], "sales"), ([], "lab"), (["sal*"], "sales"), (["crew"], "sales"), (["nobody"], "lab")],
)
def test_cost_hung_below_anothers_root_needs_a_grant(store: Store, may_charge: list[str], payer: str) -> None:
    granted = config(lab={"may_charge": may_charge})
    send(store, granted, [Sent(1, {"team": "sales"}, lasts=60)], sender="crew")
    send(store, granted, [call(2, parent=1)], tags=LAB, sender="lab")
    assert paid(store, granted) == {payer: COST}


@pytest.mark.parametrize(("may_charge", "payer"), [(["*"], "sales"), ([], "lab")])
def test_cost_linked_to_anothers_trace_needs_a_grant(store: Store, may_charge: list[str], payer: str) -> None:
    granted = config(lab={"may_charge": may_charge})
    send(store, granted, [Sent(1, {"team": "sales"})], sender="crew")
    send(store, granted, [call(2, trace=2).linked((1, 1))], tags=LAB, sender="lab")
    assert paid(store, granted) == {payer: COST}


@pytest.mark.parametrize(("may_charge", "payer"), [(["*"], "sales"), ([], "")])
def test_the_earliest_statement_of_a_trace_needs_a_grant(store: Store, may_charge: list[str], payer: str) -> None:
    granted = config(lab={"may_charge": may_charge})
    send(store, granted, [Sent(1, {"team": "sales"})], sender="crew")
    send(store, granted, [call(2, at=5)], sender="lab")  # another local root of the same trace
    assert paid(store, granted) == {payer: COST}


def test_a_session_never_leads_to_another_sender(store: Store) -> None:
    inherited = Config.parse({**config().model_dump(exclude_unset=True), "sessions": {"inherit": True}})
    send(store, inherited, [Sent(1, {"team": "sales", "session.id": "s1"})], sender="crew")
    send(store, inherited, [call(2, trace=2, at=60, **{"session.id": "s1"})], sender="lab")
    send(store, inherited, [call(3, trace=3, at=60, **{"session.id": "s1"})], sender="crew")
    assert paid(store, inherited) == {"": COST, "sales": COST}
    assert source_of(store, 3, trace=3) == "session"


def test_a_session_of_days_ago_says_nothing(store: Store) -> None:
    inherited = Config.parse({**config().model_dump(exclude_unset=True), "sessions": {"inherit": True}})
    send(store, inherited, [Sent(1, {"team": "sales", "session.id": "s1"})])
    send(store, inherited, [call(2, trace=2, at=86_401, **{"session.id": "s1"})])
    send(store, inherited, [call(3, trace=3, at=86_400, **{"session.id": "s1"})])
    assert paid(store, inherited) == {"": COST, "sales": COST}


@pytest.mark.parametrize("said", [{"team": "sales"}, {"cost_center": "C1"}, {"department": "field"}, {"team": "Vertrieb"}])
def test_a_tagged_key_cannot_name_another_payer(store: Store, said: dict[str, str]) -> None:
    plain = config()
    send(store, plain, [call(1, **said)], tags=LAB, sender="lab", resource=said)
    assert paid(store, plain) == {"lab": COST}
    rows = store.query("SELECT team, department, cost_center FROM costs_by_team")
    assert rows == [{"team": "lab", "department": said.get("department", ""), "cost_center": "C2"}], "the client fills blanks alone"


def test_a_key_that_is_tagged_with_a_cost_center_pays_as_its_team(store: Store) -> None:
    plain = config()
    send(store, plain, [call(1, team="lab")], tags={"cost_center": "C1"}, sender="crew")
    assert paid(store, plain) == {"sales": COST}


def test_a_parent_is_the_same_senders_first(store: Store) -> None:
    plain = config()
    send(store, plain, [Sent(1, {"team": "sales"}, at=0)], sender="crew")
    send(store, plain, [Sent(1, {"team": "ops"}, at=5), call(2, parent=1, at=6)], sender="ops")
    assert paid(store, plain) == {"ops": COST}


def test_costs_that_a_distrusted_sender_reports_are_kept_and_not_billed(store: Store) -> None:
    distrusted = config(lab={"reported_costs": "ignore"})
    send(store, distrusted, [call(1, **{"gen_ai.usage.cost": 0.000000001})], tags=LAB, sender="lab")
    send(store, distrusted, [call(2, trace=2, **{"gen_ai.usage.cost": 0.5})], tags=SALES, sender="sales")
    assert paid(store, distrusted) == {"lab": COST, "sales": Decimal("0.5")}
    (row,) = store.query("SELECT reported_cost, cost_source FROM spans WHERE sender = 'lab'")
    assert row == {"reported_cost": Decimal("0.000000001"), "cost_source": "priced"}


def test_what_a_team_pays_because_of_another_senders_records_is_shown(store: Store) -> None:
    plain = config()
    send(store, plain, [Sent(1, {"team": "sales"}, lasts=60), call(3, parent=1)], sender="crew")
    send(store, plain, [call(2, parent=1)], sender="lab")
    assert paid(store, plain) == {"sales": 2 * COST}
    rows = store.query("SELECT initiator_source, sender, named_by, amount FROM initiator_sources ORDER BY sender")
    assert rows == [
        {"initiator_source": "said", "sender": "crew", "named_by": "crew", "amount": COST},
        {"initiator_source": "said", "sender": "lab", "named_by": "crew", "amount": COST},
    ]
    send(store, plain, [Sent(1, {"team": "ops"}, lasts=61)], sender="crew")
    paid(store, plain)
    assert store.query("SELECT team, sum(amount) AS usd FROM initiator_sources GROUP BY team") == [{"team": "ops", "usd": 2 * COST}]


@pytest.mark.parametrize("team", ["Sales", "SALES", "vertrieb", "Vertrieb"])
def test_a_team_has_one_name_however_it_is_spelled(store: Store, team: str) -> None:
    plain = config()
    send(store, plain, [call(1, team=team)])
    assert paid(store, plain) == {"sales": COST}
