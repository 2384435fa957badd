"""Disputes: opened on a line, answered, settled by an adjustment that sums to 0, or rejected; and what teams sign before a month closes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from attribution import disputes, passes
from attribution.attribute import attribute
from attribution.closing import close, reopen
from attribution.configuration import AttributionConfig
from attribution.disputes.disputes import QUANTUM, _checked
from attribution.errors import NotFoundError, RefusedError
from attribution.statements import statement_of
from attribution.storage import Store
from collector.acts import ActApi
from collector.budgeting import Budgeting
from collector.config import Config, User
from collector.disputing import Disputing
from collector.page.access import Readers
from collector.users import Users, hashed
from tests.attribution.cases import call, guarded
from tests.attribution.compare import deliver
from tests.beginnings import Begin

OCTOBER = int(datetime(2026, 10, 15, 12, tzinfo=UTC).timestamp())
LATER = datetime(2027, 6, 1, tzinfo=UTC)
CONFIG = AttributionConfig.parse(
    {
        "agents": {"shared": ["guardrail"]},
        "organization": {"teams": {"platform": {"department": "it", "cost_center": "CC-9"}, "sales": {"department": "revenue"}}},
    }
)
SIGNED = AttributionConfig.parse({**CONFIG.model_dump(exclude_unset=True), "billing": {"sign_off": "required"}})
AUDITS = "SELECT audit, detail FROM audits"


def of_october(store: Store) -> None:
    """Sales pays 5 itself and 2 of the guardrail; support pays 1."""
    deliver(
        store,
        [
            call("a", trace="t1", at=OCTOBER, cost="5", span_team="sales", span_workflow="forecast", provider="openai"),
            *guarded("t2", "sales", "2", at=OCTOBER),
            call("b", trace="t3", at=OCTOBER, cost="1", span_team="support"),
        ],
    )
    attribute(store, CONFIG)


@pytest.fixture
def october(store: Store, begin: Begin) -> Store:
    begin(of_october)
    return store


def opened(store: Store, period: str = "2026-10", section: str = "workflow", item: str = "forecast", amount: str | None = None) -> str:
    disputed = None if amount is None else Decimal(amount)
    return disputes.open_dispute(store, CONFIG, period, "sales", section, item, amount=disputed, who="sam", reason="not ours")


def totals(store: Store, period: str) -> dict[str, Decimal]:
    return {team.team: team.total for team in statement_of(store, CONFIG, period).teams}


def whole(store: Store) -> Decimal:
    (row,) = store.query("SELECT sum(amount) AS usd FROM ledger")
    return Decimal(row["usd"])


def test_a_dispute_is_settled_by_an_adjustment_that_sums_to_nothing(october: Store) -> None:
    number, before = opened(october, amount="3"), whole(october)
    disputes.answer(october, number, "fay", "we look into it")
    booked = disputes.settle(october, CONFIG, number[:8], "platform", amount=Decimal("2.5"), approver="fay", reason="a test of ours")
    assert (booked, whole(october)) == ("2026-10", before)
    assert totals(october, "2026-10") == {"sales": Decimal("4.5"), "platform": Decimal("2.5"), "support": 1}
    rows = october.query(
        "SELECT team, department, cost_center, workflow, amount, reason FROM ledger WHERE kind = 'adjustment' ORDER BY amount"
    )
    why = f"settles dispute {number}: a test of ours; approved by fay"
    assert [tuple(row.values()) for row in rows] == [
        ("sales", "revenue", "", "forecast", Decimal("-2.5"), why),
        ("platform", "it", "CC-9", "forecast", Decimal("2.5"), why),
    ]
    (sales,) = statement_of(october, CONFIG, "2026-10", "sales").teams
    assert [(item.item, item.detail, item.amount) for item in sales.sections["change"]] == [("adjustment", why, Decimal("-2.5"))]
    (row,) = disputes.found(october, "2026-10", ["sales"])
    assert (row["state"], row["amount"], row["settled"], row["payer"], row["answers"], row["ended_by"]) == (
        "settled", 3, Decimal("2.5"), "platform", ["we look into it"], "fay",
    )  # fmt: skip
    attribute(october, CONFIG)
    assert totals(october, "2026-10")["platform"] == Decimal("2.5"), "attributed again, it stands"
    assert october.query(AUDITS) == []


def test_of_a_closed_month_it_is_booked_in_the_open_one(october: Store) -> None:
    close(october, CONFIG, "2026-10", LATER)
    closed = statement_of(october, CONFIG, "2026-10")
    number = opened(october, section="pool", item="guardrail")
    assert disputes.settle(october, CONFIG, number, "", approver="fay", reason="nobody's") == "2026-11"
    assert statement_of(october, CONFIG, "2026-10") == closed
    assert totals(october, "2026-11") == {"sales": -2, "": 2}
    assert october.query(AUDITS) == []
    reopen(october, CONFIG, "2026-10", "one more look")
    assert totals(october, "2026-11") == {"sales": -2, "": 2}, "what was agreed stays where it was booked"
    assert october.query(AUDITS) == []


def test_whatever_the_charge_model_a_settlement_changes_what_is_paid(october: Store) -> None:
    config = AttributionConfig.parse(
        {
            **CONFIG.model_dump(exclude_unset=True),
            "billing": {"charges": [{"name": "flat", "model": "fixed", "fee": 20, "scope": {"team": "sales"}}]},
        }
    )
    number = disputes.open_dispute(october, config, "2026-10", "sales", "charged", "flat", who="sam", reason="half a month")
    disputes.settle(october, config, number, "support", amount=Decimal(8), approver="fay", reason="agreed")
    charged = {team.team: (team.total, team.charged) for team in statement_of(october, config, "2026-10").teams}
    assert charged == {"sales": (-1, 12), "support": (9, 9)}
    assert october.query(AUDITS) == []


def test_what_cannot_be_disputed_or_settled_is_named(october: Store) -> None:
    with pytest.raises(NotFoundError, match="no line 'guess' in section workflow; there is 'forecast'"):
        opened(october, item="guess")
    with pytest.raises(RefusedError, match="'missing' is in no amount"):
        opened(october, section="missing", item="sampled")
    for amount in ("0", "-1", "5.01", "0.0000000000001"):
        with pytest.raises(RefusedError, match=r"above 0.*at most that of the line, 5"):
            opened(october, amount=amount)
    with pytest.raises(RefusedError, match="a name and a reason"):
        disputes.open_dispute(october, CONFIG, "2026-10", "sales", "workflow", "forecast", who="sam", reason=" ")
    number = opened(october, amount="1")
    with pytest.raises(RefusedError, match="sam opened the dispute"):
        disputes.settle(october, CONFIG, number, "support", approver="sam", reason="yes")
    with pytest.raises(RefusedError, match="'sales' cannot pay instead of itself"):
        disputes.settle(october, CONFIG, number, "sales", approver="fay", reason="yes")
    with pytest.raises(RefusedError, match="at most that of what is disputed, 1"):
        disputes.settle(october, CONFIG, number, "support", amount=Decimal(2), approver="fay", reason="yes")
    with pytest.raises(NotFoundError, match="there is no dispute 'zzz'"):
        disputes.answer(october, "zzz", "fay", "what?")
    disputes.reject(october, number, "fay", "it was yours")
    with pytest.raises(RefusedError, match="is rejected already"):
        disputes.settle(october, CONFIG, number, "support", approver="fay", reason="yes")
    assert october.query("SELECT count() AS n FROM ledger WHERE kind = 'adjustment'") == [{"n": 0}]


def test_killed_between_posting_and_saying_so_it_is_settled_once(october: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    number = opened(october)
    with monkeypatch.context() as patched:
        patched.setattr("attribution.disputes.disputes._keep", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            disputes.settle(october, CONFIG, number, "support", approver="fay", reason="agreed")
    assert [row["audit"] for row in october.query(AUDITS)] == ["adjustment does not balance"]
    with pytest.raises(RefusedError, match="USD to team 'support' is posted"):
        disputes.settle(october, CONFIG, number, "platform", approver="fay", reason="agreed")
    disputes.settle(october, CONFIG, number, "support", approver="fay", reason="agreed")
    assert totals(october, "2026-10") == {"sales": 2, "support": 6}
    assert october.query(AUDITS) == []


def test_an_adjustment_of_a_pass_that_was_abandoned_never_counts(october: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    number = opened(october)
    with monkeypatch.context() as patched:
        patched.setattr(passes, "commit", lambda *_: False)
        with pytest.raises(RefusedError, match="settle it again"):
            disputes.settle(october, CONFIG, number, "support", approver="fay", reason="agreed")
    assert totals(october, "2026-10")["support"] == 1
    disputes.settle(october, CONFIG, number, "support", approver="fay", reason="agreed")
    assert totals(october, "2026-10")["support"] == 6


def test_a_month_closes_when_each_team_has_signed_what_it_is_charged(october: Store) -> None:
    with pytest.raises(RefusedError, match=r"sales \(has not signed, is charged 7.*; support \(has not signed"):
        close(october, SIGNED, "2026-10", LATER)
    number = opened(october)
    with pytest.raises(RefusedError, match="a dispute of team 'sales' in 2026-10 is open"):
        disputes.sign_off(october, SIGNED, "2026-10", "sales", "sam")
    assert disputes.sign_off(october, SIGNED, "2026-10", "support", "kim") == 1
    disputes.settle(october, SIGNED, number, "support", amount=Decimal(1), approver="fay", reason="agreed")
    assert disputes.sign_off(october, SIGNED, "2026-10", "sales", "sam", "fine") == 6
    with pytest.raises(RefusedError, match=r"not signed off: support \(signed 1.000000000000 USD, is charged 2"):
        close(october, SIGNED, "2026-10", LATER)
    disputes.sign_off(october, SIGNED, "2026-10", "support", "kim")
    close(october, SIGNED, "2026-10", LATER)
    with pytest.raises(RefusedError, match="2026-10 is closed"):
        disputes.sign_off(october, SIGNED, "2026-10", "sales", "sam")


@pytest.mark.parametrize("seed", [11, 12])
def test_whatever_is_disputed_the_books_move_by_what_was_settled(store: Store, seed: int) -> None:
    """The oracle adds up amounts by month and team; a random charge model lies over all of it."""
    random = Random(seed)
    teams, months = ["a", "b", "c", "d"], {"2026-09": OCTOBER - 30 * 86_400, "2026-10": OCTOBER}
    expected: dict[tuple[str, str], Decimal] = {}
    spans = []
    for month, at in months.items():
        for nth, team in enumerate(teams):
            usd = Decimal(random.randint(1, 10**13)) / 10**12
            expected[month, team] = usd
            spans.append(call("s", trace=f"{month}{nth}", at=at, cost=f"{usd:f}", span_team=team, agent=f"agent {nth}"))
    deliver(store, spans)
    fee = {"name": "fee", "model": random.choice(["fixed", "subscription"]), "fee": "7.77", "scope": {"team": ["a", "b"]}}
    config = AttributionConfig.parse(
        {"billing": {"charges": [fee, {"name": "more", "model": "direct", "margin": 12, "scope": {"team": "c"}}]}}
    )
    attribute(store, config)
    for nth in range(6):
        if nth == 3:
            close(store, config, "2026-09", LATER)
        month, team = random.choice(list(months)), random.choice(teams)
        (said,) = statement_of(store, config, month, team).teams
        lines = [line for line in said.sections.get("agent", ()) if line.amount > 0]
        if not lines:
            continue
        line = random.choice(lines)
        amount = max(Decimal("1e-12"), (line.amount * random.randint(1, 9) / 10).quantize(QUANTUM, ROUND_DOWN))
        number = disputes.open_dispute(store, config, month, team, "agent", line.item, line.detail, amount=amount, who="sam", reason="no")
        if random.random() < 0.2:
            disputes.reject(store, number, "fay", "yours")
            continue
        payer = random.choice([each for each in [*teams, ""] if each != team])
        booked = disputes.settle(store, config, number, payer, approver="fay", reason="agreed")
        assert booked == ("2026-10" if month == "2026-09" and nth >= 3 else month)
        expected[booked, team] -= amount
        expected[booked, payer] = expected.get((booked, payer), Decimal(0)) + amount
    for month in months:
        found = statement_of(store, config, month)
        costs = {team.team: team.total for team in found.teams if team.total}
        assert costs == {team: usd for (of, team), usd in expected.items() if of == month and usd}
        assert all(team.charged == team.total + team.variance for team in found.teams)
    assert whole(store) == sum(expected.values())
    assert store.query(AUDITS) == []


def served(store: Store, *users: User, open_to_all: bool = True) -> TestClient:
    config = Config.parse({**CONFIG.model_dump(exclude_unset=True), "users": [user.model_dump() for user in users]})
    api = ActApi(
        Disputing(store, lambda: config), Budgeting(store, lambda: config), lambda: config, Readers(Users(users), open_to_all=open_to_all)
    )
    return TestClient(Starlette(routes=api.routes()), base_url="http://127.0.0.1")


def test_the_same_over_http(october: Store) -> None:
    client = served(october)
    line = {"period": "2026-10", "team": "sales", "section": "workflow", "item": "forecast", "reason": "not ours", "who": "sam"}
    said = client.post("/api/v1/disputes", json={**line, "amount": "1.5"})
    assert said.status_code == 200, said.text
    number = said.json()["dispute"]
    assert client.post(f"/api/v1/disputes/{number}/answer", json={"text": "we look", "who": "fay"}).status_code == 200
    assert client.post(f"/api/v1/disputes/{number}/settle", json={"payer": "platform", "reason": "yes", "who": "fay"}).json() == {
        "dispute": number, "booked": "2026-10",
    }  # fmt: skip
    (row,) = client.get("/api/v1/disputes?period=2026-10&team=sales").json()
    assert (row["state"], row["settled"], row["answers"]) == ("settled", "1.500000000000", ["we look"])
    assert client.post("/api/v1/sign-offs", json={"period": "2026-10", "team": "sales", "who": "sam"}).json() == {
        "team": "sales", "amount": "5.500000000000",
    }  # fmt: skip
    again = served(october).post("/api/v1/disputes", json={**line, "amount": 0.5}).json()["dispute"]
    assert client.post(f"/api/v1/disputes/{again}/reject", json={"reason": "no", "who": "fay"}).status_code == 200
    for body, status, complaint in (
        ({**line, "amount": "much"}, 400, "no amount"),
        ({**line, "item": 7}, 400, "item: a text"),
        ({**line, "who": ""}, 400, "a name and a reason"),
        ({**line, "team": "lab"}, 404, "has nothing in"),
        ([], 400, "a JSON object"),
    ):
        refused = client.post("/api/v1/disputes", json=body)
        assert (refused.status_code, complaint in refused.json()["error"]) == (status, True), refused.text
    assert client.post("/api/v1/disputes", content=json.dumps(line), headers={"Content-Type": "text/plain"}).status_code == 400
    assert client.get("/api/v1/disputes", headers={"Host": "evil.example.com"}).status_code == 403
    assert served(october, open_to_all=False).get("/api/v1/disputes").status_code == 403


def test_a_user_acts_for_its_own_teams_and_an_operator_decides(october: Store) -> None:
    sam = User(name="sam", password_scrypt=hashed("one"), teams=("sales",))
    kim = User(name="kim", password_scrypt=hashed("two"), teams=("support",))
    fay = User(name="fay", password_scrypt=hashed("three"), role="operator")
    client = served(october, sam, kim, fay)
    line = {"period": "2026-10", "team": "sales", "section": "workflow", "item": "forecast", "reason": "not ours", "who": "boss"}
    assert client.post("/api/v1/disputes", json=line).status_code == 401
    assert client.post("/api/v1/disputes", json=line, auth=("kim", "two")).status_code == 403
    number = client.post("/api/v1/disputes", json=line, auth=("sam", "one")).json()["dispute"]
    assert client.get("/api/v1/disputes?team=sales", auth=("kim", "two")).json() == []
    assert client.post(f"/api/v1/disputes/{number}/answer", json={"text": "hm"}, auth=("kim", "two")).status_code == 404
    end = {"payer": "support", "reason": "agreed"}
    assert client.post(f"/api/v1/disputes/{number}/settle", json=end, auth=("sam", "one")).status_code == 403
    assert client.post(f"/api/v1/disputes/{number}/settle", json=end, auth=("fay", "three")).status_code == 200
    (row,) = client.get("/api/v1/disputes", auth=("sam", "one")).json()
    assert (row["opened_by"], row["ended_by"]) == ("sam", "fay"), "the body does not say who"


@settings(max_examples=100, deadline=None)
@given(amount=st.decimals(-10, 10, places=14), limit=st.decimals(0, 9, places=12))
def test_an_amount_is_taken_whole_or_refused(amount: Decimal, limit: Decimal) -> None:
    fits = 0 < amount <= limit and amount % QUANTUM == 0
    if fits:
        assert _checked(amount, limit, "it") == amount
    else:
        with pytest.raises(RefusedError):
            _checked(amount, limit, "it")
