"""R16 Senders: what one ingest key can and cannot do to another's records, costs and payers. Each test is one way that was tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from attribution import reports
from attribution.attribute import attribute
from attribution.statements import statement_of
from attribution.storage import Store
from collector.config import Config
from collector.printing import print_report
from tests.attribution import cases
from tests.attribution.compare import assert_agrees, deliver
from tests.attribution.otlp import Sent, send
from tests.conftest import ENGINES, own_store
from tests.oracle import model

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


def by_sender(store: Store) -> dict[str, Decimal]:
    """What is posted for the records of each sender."""
    return {row["sender"]: row["usd"] for row in store.query("SELECT sender, sum(amount) AS usd FROM ledger GROUP BY sender")}


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
    assert by_sender(store) == {"sales": COST, "lab": Decimal("0.00001")}
    # Sent again with half of the answer, the correction is of the sender whose span it is.
    send(store, plain, [call(1, lasts=3, **{"gen_ai.usage.output_tokens": 50})], tags=SALES, sender="sales")
    assert paid(store, plain) == {"sales": Decimal("0.003"), "lab": Decimal("0.00001")}
    assert by_sender(store) == {"sales": Decimal("0.003"), "lab": Decimal("0.00001")}
    # Of what is wrong the audits say whose records it is about.
    store.execute("DELETE FROM span_records WHERE sender = 'lab'")
    rows = store.query("SELECT audit, span_id, sender FROM audits")
    assert rows == [{"audit": "span not attributed", "span_id": f"{1:016x}", "sender": "lab"}]


# Cases that share a pass, each with traces, responses and sessions of its own; what a sender may do is told by its name.

TOGETHER = Config.parse(
    {
        **config(
            proxy={"gateway": True},
            distrusted={"reported_costs": "ignore"},
            **{f"for {may_charge}": {"may_charge": [may_charge]} for may_charge in ("*", "sal*", "crew", "nobody")},
            **{"for none": {"may_charge": []}},
        ).model_dump(exclude_unset=True),
        "agents": {"shared": ["guard"], "owners": {"owned": "sales"}},
        "sessions": {"inherit": True},
    }
)
TRACES_OF_A_CASE = 10
OWN = ("gen_ai.response.id", "session.id")
Request = tuple[list[Sent], dict[str, Any]]
CASES: dict[str, tuple[Request, ...]] = {}
"""Test to the requests that are sent for it."""


def sent(*spans: Sent, **how: Any) -> Request:
    """A request; `how` is that of `send`."""
    return [*spans], how


def case(*requests: Request) -> Any:
    """What is sent for a test, which gets what was made of it as `found`."""

    def register(test: Any) -> Any:
        CASES[test.__name__] = requests
        return test

    return register


@dataclass(frozen=True)
class Found:
    """What the store says of one case."""

    store: Store
    nth: int

    def put(self, span: Sent) -> Sent:
        """The span where the case lies."""
        attributes = {name: f"{self.nth}-{value}" if name in OWN else value for name, value in span.attributes.items()}
        links = [(self.trace(trace), linked) for trace, linked in span.links]
        return replace(span, trace=self.trace(span.trace), attributes=attributes, links=links)

    def trace(self, number: int) -> int:
        return TRACES_OF_A_CASE * self.nth + number

    def rows(self, asked: str, view: str) -> list[dict[str, Any]]:
        """Of the traces of the case."""
        traces = [f"{self.trace(number):032x}" for number in range(TRACES_OF_A_CASE)]
        return self.store.query(
            f"SELECT {asked} FROM {view} WHERE trace_id IN {{traces:Array(String)}} GROUP BY ALL ORDER BY ALL", {"traces": traces}
        )

    def usd_by(self, column: str) -> dict[Any, Decimal]:
        """What is posted, by a column of the ledger."""
        return {row["by"]: row["usd"] for row in self.rows(f"{column} AS by, sum(amount) AS usd", "ledger") if row["usd"]}

    @property
    def paid(self) -> dict[str, Decimal]:
        """What each team pays."""
        return self.usd_by("team")


@pytest.fixture(scope="module", params=ENGINES)
def together(request: pytest.FixtureRequest, embedded_path: Path) -> Iterator[Store]:
    """All cases, sent and attributed."""
    with own_store(request.param, embedded_path) as store:
        for nth, requests in enumerate(CASES.values()):
            for spans, how in requests:
                send(store, TOGETHER, [*map(Found(store, nth).put, spans)], **how)
        attribute(store, TOGETHER)
        assert store.query("SELECT * FROM audits") == []
        yield store


@pytest.fixture
def found(together: Store, request: pytest.FixtureRequest) -> Found:
    return Found(together, list(CASES).index(request.function.__name__))


@case(
    sent(call(1, response="r1"), tags=SALES, sender="sales"),
    sent(call(2, trace=2, response="r1", **{"gen_ai.usage.cost": 0.000001}), tags=LAB, sender="lab"),
)
def test_a_copied_response_id_erases_nothing(found: Found) -> None:
    assert found.paid == {"sales": COST, "lab": Decimal("0.000001")}


@case(
    sent(call(1, response="r1"), tags=SALES, sender="sales"),
    sent(call(2, parent=1, response="r1", **{"gen_ai.usage.cost": 0.000001}), tags=LAB, sender="lab"),
)
def test_a_record_below_another_senders_call_erases_nothing(found: Found) -> None:
    assert sum(found.paid.values()) == COST + Decimal("0.000001")


@case(
    sent(call(1, response="r1"), tags=SALES, sender="sales"),
    sent(call(2, trace=2, at=1.2, lasts=1.5, response="r1"), sender="proxy", resource={"team": "platform"}),
)
def test_a_gateways_record_of_anothers_call_is_the_same_call(found: Found) -> None:
    assert found.paid == {"sales": COST}
    assert found.usd_by("sender") == {"sales": COST}, "a call is posted for its home record"


@case(
    sent(call(1, response="r1", **{"user.id": "ada"}), sender="app"),
    sent(call(2, trace=2, at=1.2, lasts=1.5, response="r1"), tags=LAB, sender="proxy"),
)
def test_an_untagged_application_is_paid_for_by_the_tags_of_the_gateways_key(found: Found) -> None:
    assert found.paid == {"lab": COST}
    rows = found.rows("team, user, initiator_source", "attributed_spans")
    assert rows == [{"team": "lab", "user": "ada", "initiator_source": "sender"}], "all records of a call have one initiator"


@case(sent(call(1), sender="proxy", resource={"team": "platform"}))
def test_a_gateways_own_resource_names_nobody(found: Found) -> None:
    assert found.paid == {"": COST}


SALES_BY_ANY_NAME = ({"team": "sales"}, {"team": "VERTRIEB"}, {"cost_center": "C1"})
PAYERS = {"for *": "sales", "for none": "lab", "for sal*": "sales", "for crew": "sales", "for nobody": "lab"}


@case(
    *(sent(Sent(1, said, trace=trace, lasts=60), sender="crew") for trace, said in enumerate(SALES_BY_ANY_NAME)),
    *(
        sent(call(10 + nth, parent=1, trace=trace), tags=LAB, sender=sender)
        for trace, _ in enumerate(SALES_BY_ANY_NAME)
        for nth, sender in enumerate(PAYERS)
    ),
)
def test_cost_hung_below_anothers_root_needs_a_grant(found: Found) -> None:
    """However the team is told: its name, another spelling, its cost center."""
    assert found.usd_by("(sender, team)") == dict.fromkeys(PAYERS.items(), 3 * COST)


@case(
    sent(Sent(1, {"team": "sales"}), sender="crew"),
    sent(call(2, trace=2).linked((1, 1)), tags=LAB, sender="for *"),
    sent(call(2, trace=3).linked((1, 1)), tags=LAB, sender="for none"),
)
def test_cost_linked_to_anothers_trace_needs_a_grant(found: Found) -> None:
    assert found.usd_by("(sender, team)") == {("for *", "sales"): COST, ("for none", "lab"): COST}


@case(
    sent(Sent(1, {"gen_ai.agent.name": "owned"}), sender="for none"),
    sent(Sent(2, {"gen_ai.agent.name": "owned"}, trace=2), sender="crew"),
    sent(call(3, trace=3).linked((1, 1)), call(4, trace=4).linked((2, 2)), sender="for none"),
)
def test_the_owner_that_a_link_leads_to_is_told_by_the_linked_span(found: Found) -> None:
    """A sender may charge whom its own spans lead to, and nobody else."""
    assert found.paid == {"sales": COST, "": COST}


@case(
    sent(Sent(1, {"team": "sales"}), sender="crew"),
    sent(call(2, at=5), sender="for *"),  # another local root of the same trace
    sent(call(3, at=5), sender="for none"),
)
def test_the_earliest_statement_of_a_trace_needs_a_grant(found: Found) -> None:
    assert found.usd_by("(sender, team)") == {("for *", "sales"): COST, ("for none", ""): COST}


@case(
    sent(Sent(1, {"team": "sales", "session.id": "s1"}), sender="crew"),
    sent(call(2, trace=2, at=60, **{"session.id": "s1"}), sender="lab"),
    sent(call(3, trace=3, at=60, **{"session.id": "s1"}), sender="crew"),
)
def test_a_session_never_leads_to_another_sender(found: Found) -> None:
    assert found.paid == {"": COST, "sales": COST}
    assert source_of(found.store, 3, trace=found.trace(3)) == "session"


@case(
    sent(Sent(1, {"team": "sales", "session.id": "s1"})),
    sent(call(2, trace=2, at=86_401, **{"session.id": "s1"})),
    sent(call(3, trace=3, at=86_400, **{"session.id": "s1"})),
)
def test_a_session_of_days_ago_says_nothing(found: Found) -> None:
    assert found.paid == {"": COST, "sales": COST}


NAMED: tuple[dict[str, str], ...] = ({"team": "sales"}, {"cost_center": "C1"}, {"department": "field"}, {"team": "Vertrieb"})


@case(*(sent(call(1, trace=trace, **said), tags=LAB, sender="lab", resource=said) for trace, said in enumerate(NAMED)))
def test_a_tagged_key_cannot_name_another_payer(found: Found) -> None:
    assert found.usd_by("trace_id") == {f"{found.trace(trace):032x}": COST for trace, _ in enumerate(NAMED)}
    rows = found.rows("trace_id, team, department, cost_center", "ledger")
    assert [tuple(row.values())[1:] for row in rows] == [("lab", said.get("department", ""), "C2") for said in NAMED], (
        "the client fills blanks alone"
    )


@case(sent(call(1, team="lab"), tags={"cost_center": "C1"}, sender="crew"))
def test_a_key_that_is_tagged_with_a_cost_center_pays_as_its_team(found: Found) -> None:
    assert found.paid == {"sales": COST}


@case(
    sent(Sent(1, {"team": "sales"}, at=0), sender="crew"),
    sent(Sent(1, {"team": "ops"}, at=5), call(2, parent=1, at=6), sender="ops"),
)
def test_a_parent_is_the_same_senders_first(found: Found) -> None:
    assert found.paid == {"ops": COST}


@case(
    sent(call(1, **{"gen_ai.usage.cost": 0.000000001}), tags=LAB, sender="distrusted"),
    sent(call(2, trace=2, **{"gen_ai.usage.cost": 0.5}), tags=SALES, sender="sales"),
)
def test_costs_that_a_distrusted_sender_reports_are_kept_and_not_billed(found: Found) -> None:
    assert found.paid == {"lab": COST, "sales": Decimal("0.5")}
    (row,) = [row for row in found.rows("sender, reported_cost, cost_source", "spans") if row["sender"] == "distrusted"]
    assert row == {"sender": "distrusted", "reported_cost": Decimal("0.000000001"), "cost_source": "priced"}


SPELLED = ("Sales", "SALES", "vertrieb", "Vertrieb")


@case(*(sent(call(1, trace=trace, team=team)) for trace, team in enumerate(SPELLED)))
def test_a_team_has_one_name_however_it_is_spelled(found: Found) -> None:
    assert found.usd_by("(trace_id, team)") == {(f"{found.trace(trace):032x}", "sales"): COST for trace, _ in enumerate(SPELLED)}


# Cases of which the store says more than is told by trace.


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
    told = reports.report(store, "team")
    assert told.found_of(told.lines[0]) == reports.Found(said=2 * COST, through_others=COST)
    console = Console(width=120, record=True, file=StringIO())
    print_report(console, told, 4)
    assert "sales: $0.0035 because of other senders' records" in console.export_text()
    (sales,) = statement_of(store, plain, "2026-11").teams
    assert [(one.item, one.detail, one.amount) for one in sales.sections["senders"]] == [("lab", "crew", COST)]
    send(store, plain, [Sent(1, {"team": "ops"}, lasts=61)], sender="crew")
    paid(store, plain)
    assert store.query("SELECT team, sum(amount) AS usd FROM initiator_sources GROUP BY team") == [{"team": "ops", "usd": 2 * COST}]


TINY = Decimal("0.000000001")
NEAR_ZERO = {"gen_ai.usage.cost": 0.000000001}
OUTSIDER = Decimal("0.0175")
"""Of a call with five times the tokens, by whoever should not be there."""


def many(number: int, **more: Any) -> Sent:
    return call(number, **{"gen_ai.usage.input_tokens": 5000, "gen_ai.usage.output_tokens": 500, **more})


def agent(number: int, name: str, parent: int = 0, trace: int = 1, at: float = 0, lasts: float = 60, **more: Any) -> Sent:
    return Sent(
        number, {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name, **more}, parent=parent, trace=trace, at=at, lasts=lasts
    )


def totals(number: int, tokens: int, parent: int = 0, trace: int = 1, **more: Any) -> Sent:
    """An agent that tells the sum of the calls below it."""
    used = {"gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": tokens, "gen_ai.usage.output_tokens": tokens // 10}
    return agent(number, "planner", parent, trace, **used, **more)


def posted(store: Store, settings: Config, column: str) -> dict[tuple[int, str], Decimal]:
    """What is posted, by trace and team or sender, once all is attributed and the audits agree."""
    attribute(store, settings)
    assert store.query("SELECT * FROM audits") == []
    rows = store.query(
        f"SELECT trace_id, {column} AS whose, sum(amount) AS usd FROM ledger WHERE trace_id != '' GROUP BY ALL HAVING usd != 0"
    )
    return {(int(row["trace_id"], 16), row["whose"]): row["usd"] for row in rows}


def test_whatever_a_stranger_sends_a_call_stays_the_call_of_who_made_it(store: Store) -> None:
    """Each way in a trace of its own: sales, which is tagged, made one call there; the stranger reports next to no cost."""
    proxied = config(proxy={"gateway": True}, sales={"may_charge": []})
    sales = {"tags": SALES, "sender": "sales"}
    lab = {"tags": LAB, "sender": "lab"}
    half = {"gen_ai.usage.input_tokens": 500, "gen_ai.usage.output_tokens": 50, **NEAR_ZERO}
    event = {"session.id": "s9", "event.name": "api_request", **NEAR_ZERO}

    # Two calls right below it whose counts are its sum, so that it would be a total.
    send(store, proxied, [call(1, trace=1)], **sales)
    send(store, proxied, [call(2, parent=1, trace=1, lasts=1, **half), call(3, parent=1, trace=1, at=2, lasts=1, **half)], **lab)
    # A copy of a response id that a gateway has told too: by way of the gateway's record all would be one call.
    send(store, proxied, [call(1, trace=2, response="r2")], **sales)
    send(store, proxied, [call(2, trace=3, at=1.1, lasts=1.5, response="r2")], sender="proxy")
    send(store, proxied, [call(3, trace=4, at=0.9, response="r2", **NEAR_ZERO)], **lab)
    # A record right below the gateway's, which is right below the call.
    send(store, proxied, [call(1, trace=5)], **sales)
    send(store, proxied, [call(2, parent=1, trace=5, lasts=1.5)], sender="proxy", service="proxy")
    send(store, proxied, [call(3, parent=2, trace=5, lasts=1.2, **NEAR_ZERO)], service="copy", **lab)
    # A record that says that it is a gateway's, by its scope.
    send(store, proxied, [call(1, trace=6, response="r6")], **sales)
    send(store, proxied, [replace(call(2, parent=1, trace=6, response="r6", **NEAR_ZERO), scope="litellm")], service="litellm", **lab)
    # A session and counts that are another's, as of a log event and a span.
    send(store, proxied, [call(1, trace=7, **{"session.id": "s9"})], **sales)
    send(store, proxied, [call(2, trace=8, **event)], **lab)
    # The span that another's span names as its parent, and that never came: a call with the same counts, or with the same id.
    send(store, proxied, [call(1, parent=9, trace=9)], **sales)
    send(store, proxied, [call(9, trace=9, lasts=3, **NEAR_ZERO)], **lab)
    send(store, proxied, [call(1, parent=9, trace=10, response="r10")], **sales)
    send(store, proxied, [call(9, trace=10, lasts=3, response="r10", **NEAR_ZERO)], **lab)
    # A total above it, and a call far in the past below it.
    send(store, proxied, [call(1, parent=9, trace=11)], **sales)
    send(store, proxied, [totals(9, 1000, trace=11), call(2, parent=1, trace=11, at=-300 * 86_400, **NEAR_ZERO)], **lab)

    found = posted(store, proxied, "sender")
    made = {trace: usd for (trace, sender), usd in found.items() if sender == "sales"}
    assert made == dict.fromkeys((1, 2, 5, 6, 7, 9, 10, 11), COST)
    # Each of the stranger's calls is one more and costs what it says, its total what it tells; the gateway's records are no further calls.
    assert sum(found.values()) == 8 * COST + 9 * TINY + COST
    paying = {trace: usd for (trace, team), usd in posted(store, proxied, "team").items() if team == "sales" and usd >= COST}
    assert {trace: usd // COST * COST for trace, usd in paying.items()} == made


def test_a_key_that_may_charge_nobody_moves_nobodys_cost(store: Store) -> None:
    """Each way in a trace of its own: the stranger hangs up what would take from, or put upon, what others sent."""
    nobody: dict[str, Any] = {"may_charge": []}
    granted = Config.parse(
        {
            **config(lab=nobody, guest=nobody, sales=nobody).model_dump(exclude_unset=True),
            "agents": {"shared": ["guard"], "owners": {"researcher": "sales"}},
            "pools": {"guard": {"driver": "caused"}},
            "pricing": {
                "update": False,
                "tools": {"search": {"per_call": "0.01"}},
                "rules": [{"bucket": "compute", "agent": "worker", "per_second": "0.0001"}],
            },
        }
    )
    sales: dict[str, Any] = {"tags": SALES, "sender": "sales"}
    lab: dict[str, Any] = {"tags": LAB, "sender": "lab"}
    search = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}

    # A call below a total that is the only witness of its calls: it would repeat the stranger's, and not be billed.
    send(store, granted, [totals(1, 1000)], **sales)
    send(store, granted, [call(2, parent=1, **NEAR_ZERO)], **lab)
    # A call without usage below a total: the rest of the total would be its cost.
    send(store, granted, [totals(1, 2000, trace=2), call(2, parent=1, trace=2)], **sales)
    send(
        store, granted, [many(3, parent=1, trace=2, **dict.fromkeys(("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"), 0))], **lab
    )
    # An agent that is at work all the while that another one is paid for by the second.
    send(store, granted, [agent(1, "worker", trace=3)], **sales)
    send(store, granted, [agent(2, "idle", parent=1, trace=3)], **lab)
    # The same tool, as if it were the server's side of one call.
    send(store, granted, [Sent(1, search, trace=4)], **sales)
    send(store, granted, [Sent(2, search, parent=1, trace=4, at=1, lasts=5)], **lab)
    # Work below an agent that a team owns, where nobody names a team.
    send(store, granted, [agent(1, "researcher", trace=5), call(3, parent=1, trace=5)], sender="crew")
    send(store, granted, [many(2, parent=1, trace=5)], sender="guest")
    # Links to another's trace and to an own one.
    send(store, granted, [Sent(1, {"team": "sales"}, trace=7)], sender="crew")
    send(store, granted, [Sent(1, {"team": "ops"}, trace=8), many(2, trace=6).linked((7, 1), (8, 1))], sender="guest")
    # The span that another's span names as its parent, and that never came: in a loop, of a team, and of an agent that is shared.
    send(store, granted, [call(1, parent=9, trace=9)], **sales)
    send(store, granted, [agent(9, "planner", parent=1, trace=9, at=-1, team="ops")], sender="guest")
    # The name of a shared agent, below another's root.
    send(
        store,
        granted,
        [Sent(1, {"team": "sales"}, trace=10, lasts=60), agent(2, "guard", 1, 10), call(3, parent=2, trace=10)],
        sender="crew",
    )
    send(store, granted, [agent(4, "guard", 1, 10), many(5, parent=4, trace=10)], **lab)

    found = {key: usd for key, usd in posted(store, granted, "team").items() if usd != TINY}
    assert found == {
        (1, "sales"): COST,
        (2, "sales"): COST,
        (3, "sales"): Decimal("0.006"),
        (4, "sales"): Decimal("0.01"),
        (4, "lab"): Decimal("0.01"),
        (5, "sales"): COST,
        (5, ""): OUTSIDER,
        (6, "ops"): OUTSIDER,
        (9, "sales"): COST,
        (10, ""): COST + OUTSIDER,  # pooled
    }
    allocated = {row["team"]: row["amount"] for row in store.query("SELECT team, amount FROM allocations")}
    assert allocated == {"sales": COST, "lab": OUTSIDER}
    rows = store.query("SELECT sender, sum(amount) AS usd FROM ledger WHERE pool = 'guard' AND trace_id != '' GROUP BY sender")
    assert {row["sender"]: row["usd"] for row in rows} == {"crew": COST, "lab": OUTSIDER}, "who put it there"


def test_what_another_senders_span_with_the_same_ids_was_sampled_by_multiplies_nothing(store: Store) -> None:
    spans = [cases.call("a", cost="1", sender="sales"), cases.call("a", cost="2", sender="lab", trace_state="ot=th:c")]
    deliver(store, spans)
    attribute(store, config())
    assert_agrees(store, model.attribute(spans, config()))
    assert store.query("SELECT reason, count, usd FROM missing") == [{"reason": "sampled", "count": 3, "usd": 6}]
