"""Budgets, statements, disputes and hints: figures are those of the library, and forms do what they say."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from attribution import disputes
from attribution.attribute import attribute
from attribution.billing import PrincipalBilled, Reconciled, keep_reconciled
from attribution.budgets import Event, keep_events
from attribution.closing import close
from attribution.hints import hints
from attribution.statements import statement_of
from attribution.storage import Store
from collector import documents
from collector.budgeting import is_of
from collector.control.asking import read
from collector.users import hashed
from tests.attribution.cases import call, guarded
from tests.attribution.compare import deliver
from tests.beginnings import Begin, Beginnings
from tests.conftest import ENGINES, own_store
from tests.page.conftest import Served

JUNE = int(datetime(2026, 6, 10, 9, tzinfo=UTC).timestamp())
JULY = int(datetime(2026, 7, 5, 15, tzinfo=UTC).timestamp())
LATER = datetime(2027, 6, 1, tzinfo=UTC)
USERS = [
    {"name": "olga", "password_scrypt": hashed("o"), "role": "operator"},
    {"name": "rita", "password_scrypt": hashed("r")},
    {"name": "lee", "password_scrypt": hashed("l"), "teams": ["ops"]},
]
OLGA, RITA, LEE = ("olga", "o"), ("rita", "r"), ("lee", "l")
LINE = {"period": "2026-07", "team": "ops", "section": "workflow", "item": "nightly", "detail": "", "reason": "it was a drill"}
BUDGETS = {
    "ops": {"scope": {"team": "ops"}, "limit": 8, "per": "month"},
    "web": {"scope": {"team": "web"}, "limit": 100, "per": "month"},
    "both": {"scope": {"team": ["ops", "web"]}, "limit": 100, "per": "month"},
    "any o": {"scope": {"team": "o*"}, "limit": 100, "per": "month"},
    "each/day": {"each": ["team"], "limit": 2, "per": "day"},
    "runs": {"unit": "calls", "limit": 3, "per": "run"},
}


@pytest.fixture
def booked(store: Store, begin: Begin) -> Iterator[Served]:
    """Months that a test may change."""
    begin(three_months)
    with shown(store) as served:
        yield served


@pytest.fixture(scope="module")
def standing(embedded_path: Path, beginnings: Beginnings) -> Iterator[Served]:
    """Months that no test changes."""
    with own_store(ENGINES[0], embedded_path) as store:
        beginnings.bring(store, three_months)
        with shown(store) as served:
            yield served


def three_months(store: Store) -> None:
    """June is closed, July is open; ops and web share a guard; today ops has spent 6 of 8 USD."""
    now = int(datetime.now(UTC).timestamp()) - 60
    deliver(
        store,
        [
            call("a", trace="t1", at=JUNE, cost="4", span_team="ops", span_workflow="nightly"),
            call("b", trace="t2", at=JUNE, cost="1.5", span_team="web", span_workflow="chat"),
            call("c", trace="t3", at=JULY, cost="5", span_team="ops", span_workflow="nightly", agent="sweeper"),
            call("d", trace="t4", at=JULY, cost="0.25", span_team="ops"),
            *guarded("t5", "web", "2", at=JULY),
            call("e", trace="t6", at=now, cost="6", span_team="ops", span_workflow="nightly"),
            call("f", trace="t7", at=now, cost="1", span_team="web", span_workflow="chat"),
        ],
    )
    with shown(store) as served:
        attribute(store, served.config)
        close(store, served.config, "2026-06", LATER)


@contextmanager
def shown(store: Store) -> Iterator[Served]:
    """The page of a store, for users with parts of their own."""
    settings = {"agents": {"shared": ["guardrail"]}, "budgets": BUDGETS, "organization": {"teams": {}}}
    served = Served(store, USERS, open_to_all=False, **settings)
    yield served
    served.close()


def exported(served: Served, path: str, section: str, auth: Any = OLGA) -> list[dict[str, str]]:
    joint = "&" if "?" in path else "?"
    return list(csv.DictReader(io.StringIO(served.text(f"{path}{joint}section={section}&format=csv", auth=auth))))


def refused(answer: Any, status: int, said: str) -> None:
    assert (answer.status_code, said in html.unescape(answer.text)) == (status, True), answer.text


def test_statements_say_what_each_team_pays_and_who_signed(booked: Served) -> None:
    disputes.sign_off(booked.store, booked.config, "2026-07", "ops", "lee", "fine")
    rows = {(row["period"], row["team"]): row for row in exported(booked, "/statements", "statements")}
    for period in ("2026-06", "2026-07"):
        for team in statement_of(booked.store, booked.config, period).teams:
            row = rows[period, team.team]
            assert (Decimal(row["cost"]), Decimal(row["charged"])) == (team.total, team.charged)
            assert (row["closed_at"] != "\\N") == (period == "2026-06")
    assert (rows["2026-07", "ops"]["signed_by"], rows["2026-06", "ops"]["signed_by"]) == ("lee", "")
    shown = booked.text("/statements", auth=OLGA)
    assert "provisional" in shown
    assert re.search(r"closed \d{4}-\d\d-\d\d", shown)
    deliver(booked.store, [call("late", trace="t8", at=JULY, cost="1", span_team="ops")])
    attribute(booked.store, booked.config)
    assert "for $5.25: it does not count any more" in booked.text("/statements/2026-07", auth=OLGA)


def test_where_charge_models_hold_an_open_month_is_not_guessed(store: Store) -> None:
    deliver(store, [call("a", at=JULY, cost="4", span_team="ops")])
    served = Served(store, billing={"charges": [{"name": "flat", "model": "fixed", "fee": 20, "scope": {"team": "ops"}}]})
    attribute(store, served.config)
    (row,) = exported(served, "/statements", "statements", None)
    assert (Decimal(row["cost"]), row["charged"]) == (4, "\\N")
    assert "Beyond cost" in served.text("/statements/2026-07")
    close(store, served.config, "2026-07", LATER)
    (row,) = exported(served, "/statements", "statements", None)
    served.close()
    assert (Decimal(row["cost"]), Decimal(row["charged"])) == (4, 20)


def test_a_line_of_a_statement_is_the_sum_of_the_postings_that_it_leads_to(standing: Served) -> None:
    path = "/statements/2026-07?team=ops"
    text = standing.text(path, auth=OLGA)
    for section, item, amount in (("workflow", "nightly", 5), ("agent", "sweeper", 5)):
        (link,) = {html.unescape(each) for each in re.findall(rf'href="(/ledger[^"]*{section}={item}[^"]*)"', text)}
        made_of = exported(standing, link, "postings")
        assert sum(Decimal(row["amount"]) for row in made_of) == amount
        (line,) = [row for row in exported(standing, path, section) if row["said"] == item]
        assert Decimal(line["amount"]) == amount


def test_a_statement_is_downloaded_as_it_is_made_elsewhere(standing: Served) -> None:
    found = statement_of(standing.store, standing.config, "2026-06", "ops")
    for name, made in documents.MADE.items():
        answer = standing.get(f"/statements/2026-06?team=ops&format={name}", auth=LEE)
        assert (answer.content, answer.headers["content-type"]) == (made.write(found), made.media)
        assert f'.{name}"' in answer.headers["content-disposition"]
    assert standing.get("/statements/2026-06?format=csv", auth=LEE).text.count("web") == 0
    refused(standing.get("/statements/2026-06?format=docx", auth=LEE), 400, "'docx' is none of csv, json, xlsx, html, pdf")
    refused(standing.get("/budgets?format=csv", auth=LEE), 400, "it has none")


def test_a_dispute_goes_by_forms_from_the_line_to_the_adjustment(booked: Served) -> None:
    text = booked.text("/statements/2026-07?team=ops", auth=LEE)
    (link,) = {html.unescape(each) for each in re.findall(r'href="(/disputes/new[^"]*item=nightly[^"]*)"', text)}
    form = booked.text(link, auth=LEE)
    said = {name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)}
    assert {**said, "reason": LINE["reason"]} == LINE
    assert 'name="who"' not in form, "a user says nobody else's name"
    opened = booked.post("/disputes", {**said, "amount": "3", "reason": LINE["reason"], "who": "olga"}, auth=LEE)
    assert opened.status_code == 303, opened.text
    path = opened.headers["location"]
    assert f'href="{path}"' in booked.text("/disputes", auth=LEE)
    assert booked.post(f"{path}/answer", {"text": "we\r\nlook"}, auth=RITA).headers["location"] == path
    shown = booked.text(path, auth=LEE)
    assert "we\nlook" in shown
    assert f'action="{path}/settle"' not in shown
    refused(booked.post(f"{path}/settle", {"payer": "web", "reason": "yes"}, auth=LEE), 403, "an operator does")
    refused(booked.post(f"{path}/settle", {"payer": "web", "reason": "yes"}, auth=RITA), 403, "an operator does")
    refused(booked.post(f"{path}/settle", {"payer": "web", "amount": "4", "reason": "yes"}, auth=OLGA), 400, "at most that of what")
    assert f'action="{path}/settle"' in booked.text(path, auth=OLGA)
    assert booked.post(f"{path}/settle", {"payer": "web", "amount": "", "reason": "yes"}, auth=OLGA).status_code == 303
    (row,) = disputes.found(booked.store)
    assert (row["state"], row["opened_by"], row["settled"], row["payer"], row["ended_by"]) == ("settled", "lee", 3, "web", "olga")
    assert [Decimal(each["amount"]) for each in exported(booked, path, "adjustment")] == [-3, 3]
    assert [Decimal(each["amount"]) for each in exported(booked, path, "adjustment", LEE)] == [-3]
    refused(booked.post(f"{path}/reject", {"reason": "no"}, auth=OLGA), 400, "is settled already")


def test_a_team_signs_by_a_form_and_a_closed_month_has_none(booked: Served) -> None:
    assert 'action="/sign-offs"' in booked.text("/statements/2026-07", auth=LEE)
    signed = booked.post("/sign-offs", {"period": "2026-07", "team": "ops", "note": "ok"}, auth=LEE)
    assert (signed.status_code, signed.headers["location"]) == (303, "/statements/2026-07?team=ops")
    (row,) = exported(booked, "/statements/2026-07?team=ops", "sign-offs", LEE)
    assert (row["who"], Decimal(row["amount"]), row["note"]) == ("lee", Decimal("5.25"), "ok")
    assert 'action="/sign-offs"' not in booked.text("/statements/2026-06", auth=LEE)
    refused(booked.post("/sign-offs", {"period": "2026-07", "team": "web"}, auth=LEE), 403, "does not see team 'web'")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"},
        {"Origin": "http://evil.example.com"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:4318"},
    ],
)
def test_a_form_of_another_site_does_nothing(standing: Served, headers: dict[str, str]) -> None:
    answer = standing.client.post("/disputes", data=LINE, headers=headers, auth=LEE)
    refused(answer, 403, "forms are taken from pages of this service only")
    assert disputes.found(standing.store) == []


def test_a_form_for_a_name_that_is_not_ours_does_nothing(standing: Served) -> None:
    """A site whose name leads to this address is same-origin for a browser."""
    answer = standing.client.post("/disputes", data=LINE, headers={"Host": "evil.example.com", "Sec-Fetch-Site": "same-origin"}, auth=LEE)
    assert answer.status_code == 403
    assert disputes.found(standing.store) == []


def test_over_plain_http_the_origin_says_where_a_form_is_from(booked: Served) -> None:
    assert booked.client.post("/disputes", data=LINE, headers={"Origin": "http://127.0.0.1"}, auth=LEE).status_code == 303


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"nothing", 400, "this is no form of ours"),
        (b"\xff=1", 400, "this is no form of ours"),
        (b"a=1&" * 40, 400, "this is no form of ours"),
        (b"reason=" + b"x" * 70_000, 400, "this is no form of ours"),
        (b"team=ops", 400, "period: a text"),
        (b"team=web&period=2026-07&section=workflow&item=chat&reason=x", 403, "does not see team 'web'"),
    ],
)
def test_what_is_no_form_of_ours_is_named(standing: Served, body: bytes, status: int, said: str) -> None:
    refused(standing.client.post("/disputes", content=body, headers={"Sec-Fetch-Site": "same-origin"}, auth=LEE), status, said)
    assert standing.client.post("/disputes", content=body, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 401


def test_who_sees_a_team_sees_its_statements_disputes_and_budgets_alone(booked: Served) -> None:
    number = disputes.open_dispute(booked.store, booked.config, "2026-07", "web", "payer", "", who="kim", reason="why us")
    assert {row["team"] for row in exported(booked, "/statements", "statements", LEE)} == {"ops"}
    assert {row["team"] for row in exported(booked, "/statements?team=web", "statements", LEE)} == set()
    refused(booked.get("/statements/2026-07?team=web", auth=LEE), 403, "you may not see team 'web'")
    refused(booked.get(f"/disputes/{number}", auth=LEE), 404, "that you may see")
    refused(booked.get("/disputes/new?period=2026-07&team=web&within=payer", auth=LEE), 403, "you may not see team 'web'")
    assert exported(booked, "/disputes", "open", LEE) == []
    refused(booked.post(f"/disputes/{number}/answer", {"text": "x"}, auth=LEE), 404, "there is no dispute")
    refused(booked.get("/hints", auth=LEE), 403, "all teams together")
    seen = {(row["budget"], row["key"]) for row in exported(booked, "/budgets", "counts", LEE)}
    assert seen == {("ops", ""), ("each/day", "ops")}
    for name in ("web", "both", "any%20o", "runs"):
        assert booked.get(f"/budgets/{name}", auth=LEE).status_code == 404
    made_of = exported(booked, "/budgets/each%2Fday", "made-of", LEE)
    assert {row["names"][2:5] for row in made_of} <= {"ops"}


@pytest.mark.parametrize(
    ("name", "teams", "seen"),
    [
        ("ops", ("ops",), True), ("ops", ("web",), False), ("both", ("ops",), False), ("both", ("web", "ops"), True),
        ("any o", ("ops",), False), ("each/day", ("web",), True), ("runs", ("ops",), False), ("runs", None, True),
    ],
)  # fmt: skip
def test_a_budget_is_seen_by_whose_alone_it_is(standing: Served, name: str, teams: tuple[str, ...] | None, seen: bool) -> None:
    assert is_of(standing.control.decider.limits.by_name[name], teams) is seen


def test_budgets_have_the_figures_of_decisions(booked: Served) -> None:
    asked = read({"dimensions": {"team": "ops"}, "trace_id": "a" * 32, "span_id": "b" * 16, "model": "gpt-4o", "provider": "openai"})
    decision = booked.control.decider.decide(asked)  # type: ignore[arg-type]
    rows = {(row["budget"], row["key"]): row for row in exported(booked, "/budgets", "counts")}
    parts = {(part.limit.name, " ".join(part.counter.key)): part for part in booked.control.decider.parts()}
    assert rows.keys() == parts.keys()
    for key, part in parts.items():
        row = rows[key]
        figures = (part.used, part.reserved, part.allowed)
        assert (Decimal(row["spent"]), Decimal(row["reserved"]), Decimal(row["limit"])) == figures
    assert decision.verdict == "deny" or Decimal(rows["ops", ""]["reserved"]) > 0
    assert Decimal(rows["ops", ""]["spent"]) == 6
    shown = booked.text("/budgets/ops", auth=LEE)
    assert "$6.00" in shown
    made_of = [row for row in exported(booked, "/budgets/ops", "made-of") if "'ops'" in row["names"]]
    assert sum(Decimal(row["usd"]) for row in made_of if int(row["segment"]) > 0) == 6


def test_a_budget_is_acknowledged_extended_and_paused_by_forms(booked: Served) -> None:
    def forms(name: str, auth: Any) -> set[str]:
        return set(re.findall(rf'action="/budgets/{name}/(\w+)"', booked.text(f"/budgets/{name}", auth=auth)))

    def row() -> dict[str, str]:
        return {each["budget"]: each for each in exported(booked, "/budgets", "counts")}["ops"]

    assert forms("ops", OLGA) == {"acknowledge", "extend", "pause"}
    assert forms("ops", LEE) == {"acknowledge"}
    for act in ("extend", "pause", "resume"):
        refused(
            booked.post(f"/budgets/ops/{act}", {"amount": "1", "reason": "x"}, auth=LEE),
            403,
            "lee may not set, remove, extend, pause or resume",
        )
    extended = booked.post("/budgets/ops/extend", {"amount": "4", "until": "", "reason": "launch week", "who": "eve"}, auth=OLGA)
    assert (extended.status_code, extended.headers["location"]) == (303, "/budgets/ops")
    assert Decimal(row()["limit"]) == 12
    assert booked.post("/budgets/ops/acknowledge", {"reason": ""}, auth=LEE).status_code == 303
    assert booked.post("/budgets/ops/pause", {"until": "2100-01-01", "reason": "it loops"}, auth=OLGA).status_code == 303
    assert row()["state"] == "paused by olga: it loops"
    asked = read({"dimensions": {"team": "ops"}, "trace_id": "a" * 32, "span_id": "b" * 16, "model": "gpt-4o", "provider": "openai"})
    assert booked.control.decider.decide(asked).verdict == "deny"  # type: ignore[arg-type]
    assert forms("ops", OLGA) == {"acknowledge", "extend", "resume"}
    assert booked.post("/budgets/ops/resume", {"reason": ""}, auth=OLGA).status_code == 303
    assert row()["state"] == "acknowledged"
    happened = {(each["kind"], each["who"]) for each in exported(booked, "/budgets/ops", "people", LEE)}
    done = {("extended", "olga"), ("acknowledged", "lee"), ("paused", "olga"), ("resumed", "olga")}
    assert happened == {*done, ("configured", "the configuration file")}
    for said, why in (
        ({"amount": "much", "reason": "x"}, "'much' is no amount"),
        ({"reason": "x"}, "'' is no amount"),
        ({"amount": "1", "reason": " "}, "a reason is needed"),
        ({"amount": "1", "reason": "x", "until": "soon"}, "until: 'soon' is no time"),
        ({"amount": "1", "reason": "x", "until": "2020-01-01"}, "until: 2020-01-01T00:00:00Z is over"),
    ):
        refused(booked.post("/budgets/ops/extend", said, auth=OLGA), 400, why)
    refused(booked.post("/budgets/ops/resume", {}, auth=OLGA), 400, "this is no form of ours")
    refused(booked.post("/budgets/ops/resume", {"reason": ""}, auth=OLGA), 400, "ops is not paused")
    refused(booked.post("/budgets/web/acknowledge", {"reason": ""}, auth=LEE), 404, "there is no budget 'web' that you may see")
    refused(booked.post("/budgets/none/acknowledge", {"reason": ""}, auth=OLGA), 404, "there is no budget 'none'; there is any o, both")
    for team, status in (("ops", 303), ("web", 403), ("", 403)):
        assert booked.post("/budgets/each%2Fday/acknowledge", {"team": team}, auth=LEE).status_code == status


def test_a_budget_is_set_changed_and_removed_by_forms(booked: Served) -> None:
    def acts(name: str, auth: Any) -> set[str]:
        return set(re.findall(rf'action="/budgets/{name}(\w+)"', booked.text(f"/budgets/{name}".rstrip("/"), auth=auth)))

    assert "set" in acts("", OLGA)
    assert "set" not in acts("", LEE)
    said = {
        "name": "ops tools",
        "limit": "7",
        "unit": "USD",
        "per": "month",
        "scope": "team=ops; agent=tool-*, mcp",
        "each": "",
        "mode": "soft",
    }
    refused(booked.post("/budgets/set", {**said, "reason": "x"}, auth=LEE), 403, "lee may not set, remove")
    done = booked.post("/budgets/set", {**said, "reason": "they grow"}, auth=OLGA)
    assert (done.status_code, done.headers["location"]) == (303, "/budgets/ops%20tools")
    shown = booked.text("/budgets/ops%20tools", auth=OLGA)
    assert "$7.00 per month for team ops; agent tool-* or mcp; soft." in shown
    assert 'value="team=ops; agent=tool-*, mcp"' in shown
    assert {"set", "remove"} <= acts("ops%20tools/", OLGA)
    assert not {"set", "remove"} & acts("ops/", OLGA)
    assert booked.post("/budgets/ops%20tools/set", {**said, "limit": "9", "reason": "more"}, auth=OLGA).status_code == 303
    row = {each["budget"]: each for each in exported(booked, "/budgets", "counts")}["ops tools"]
    assert Decimal(row["limit"]) == 9
    kept = [(each["kind"], each["who"], each["reason"]) for each in exported(booked, "/budgets/ops%20tools", "people")]
    assert sorted(kept) == [("set", "olga", "more"), ("set", "olga", "they grow")]
    assert "set: $9.00 per month for team ops" in booked.text("/budgets/ops%20tools", auth=OLGA)
    for wrong, why in (
        ({"scope": "ops"}, "scope: 'ops' names no value"),
        ({"limit": "x"}, "limit: 'x' is not allowed"),
        ({"each": "squad"}, "each.0: 'squad' is not allowed"),
        ({"name": "ops"}, "budget 'ops' is in the configuration file"),
    ):
        refused(booked.post("/budgets/set", {**said, "reason": "x", **wrong}, auth=OLGA), 400, why)
    gone = booked.post("/budgets/ops%20tools/remove", {"reason": "over"}, auth=OLGA)
    assert (gone.status_code, gone.headers["location"]) == (303, "/budgets")
    assert booked.get("/budgets/ops%20tools", auth=OLGA).status_code == 404


def test_what_was_refused_and_who_changed_what_is_listed(booked: Served) -> None:
    start = booked.control.decider.limits.by_name["ops"].window(datetime.now(UTC)).start
    one = Event("refused", "ops", start, amount=Decimal(3), reason="ops: 2 USD of 8 are left", trace_id="c" * 32)
    told = replace(one, kind="tier", amount=Decimal(70), reason="70 %", trace_id="")
    keep_events(
        booked.store,
        [
            Event("refused", "ops", start, amount=Decimal(3), reason="ops: 2 USD of 8 are left", trace_id="c" * 32),
            Event("refused", reason="policies.required: the call does not say its team"),
            Event("refused", "each/day", start, ("web",), Decimal(1), reason="web is out"),
            Event("extended", "ops", start, amount=Decimal(4), who="olga", reason="launch week", until=LATER),
            Event("tier", told.budget, start, amount=told.amount, reason=told.reason),
        ],
    )
    booked.control.refresh()
    whole = booked.text("/budgets", auth=OLGA)
    for said in ("ops: 2 USD of 8 are left", "does not say its team", "web is out", "launch week", f"/trace/{'c' * 32}"):
        assert said in whole
    own = booked.text("/budgets", auth=LEE)
    assert "ops: 2 USD of 8 are left" in own
    assert "web is out" not in own
    assert "does not say its team" not in own
    assert [row["reason"] for row in exported(booked, "/budgets", "refused", LEE)] == ["ops: 2 USD of 8 are left"]
    one_budget = booked.text("/budgets/ops", auth=OLGA)
    assert "olga" in one_budget
    assert "$4.00" in one_budget
    assert "70 %" in booked.text("/budgets/ops?section=told", auth=OLGA)


def test_a_store_without_budgets_says_how_to_begin(store: Store) -> None:
    deliver(store, [call("a", at=JULY, cost="1")])
    served = Served(store, budgets={})
    text = served.text("/budgets")
    assert "budgets:\n  support:" in text
    for path, said in (("/disputes", "None is open. One begins at a line of a statement"), ("/statements", "No month has any cost yet")):
        assert said in served.text(path)
    refused(served.get("/budgets/support"), 404, "there is no budget 'support'")
    refused(served.get("/statements/2026-13"), 400, "2026-13")
    refused(served.get("/statements/2026-01"), 404, "2026-01 has no cost that you may see")
    served.close()


def test_hints_are_ranked_with_their_evidence(page: Served) -> None:
    rows = exported(page, "/hints", "hints", None)
    today = datetime.now(UTC).date()
    found = [hint for hint in hints(page.store, page.config, today - timedelta(days=29), today) if hint.usd_a_month > 0]
    assert rows
    assert [(Decimal(row["usd_a_month"]), row["agent"], row["evidence"]) for row in rows] == [
        (hint.usd_a_month, hint.agent, hint.evidence) for hint in found
    ]


def test_coverage_is_shown_for_each_provider_and_day(booked: Served) -> None:
    today = datetime.now(UTC).date()
    assert "No invoice of these days was held" in booked.text("/quality?section=reconciled", auth=OLGA)
    lines = [("input", "3", "2.4", "0.6", "0"), ("tax", "1", "0", "0", "1"), ("output", "0.5", "0.5", "0", "0")]
    keep_reconciled(
        booked.store,
        [Reconciled("openai", today, "gpt-4o", kind, *map(Decimal, amounts), f"because of {kind}") for kind, *amounts in lines],
        [PrincipalBilled("openai", today, "alice", Decimal(3), Decimal("0.1"), Decimal("0.6"))],
    )
    (whose,) = exported(booked, "/quality", "principals")
    assert (whose["provider"], whose["principal"], Decimal(whose["usd_billed"])) == ("openai", "alice", 3)
    assert [Decimal(whose[f"usd_unseen_at_{bound}"]) for bound in ("least", "most")] == [Decimal("0.1"), Decimal("0.6")]
    (row,) = exported(booked, "/quality", "reconciled")
    assert (row["provider"], row["day"], Decimal(row["usd_billed"]), Decimal(row["usd_explained"])) == (
        "openai",
        str(today),
        Decimal("4.5"),
        Decimal("2.9"),
    )
    assert (Decimal(row["coverage"]), row["main_reason"]) == (Decimal("0.6444"), "because of tax")
    shown = html.unescape(booked.text("/quality?section=reconciled", auth=OLGA))
    assert "64.4 %" in shown
    assert f"/ledger?from={today}&to={today}&provider=openai" in shown
    assert booked.get("/quality?section=reconciled&format=csv", auth=LEE).status_code == 403
