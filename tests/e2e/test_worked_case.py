"""Section 5 of the design, all of its figures, through the real SDK, the real exporter and the real service."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.e2e.serving import Serving, agent, only

MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")


def send(serving: Serving, which: str) -> tuple[str, dict[str, str]]:
    """Trace id, and span id to the letter that the design gives it."""
    sent = agent(
        "worked_case", which, OTEL_EXPORTER_OTLP_PROTOCOL="grpc", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{serving.grpc_port}"
    )
    serving.stored(sent["trace"], len(sent["spans"]))
    serving.attributed(sent["trace"])
    return sent["trace"], {span: letter for letter, span in sent["spans"].items()}


@pytest.mark.both_engines
def test_the_worked_case(serving: Serving) -> None:
    trace, letters = send(serving, "first")
    rows = {letters[row["span_id"]]: row for row in serving.spans(trace, view="attributed_spans")}

    costs = {"b": "0.0035", "d": "0.007", "e": "0.0035", "f": "0.0035", "h": "0.0012"}
    assert {letter: row["cost"] for letter, row in rows.items()} == dict.fromkeys("acg", 0) | {k: Decimal(v) for k, v in costs.items()}
    assert {letter for letter, row in rows.items() if row["billable"]} == set("bdfh")
    assert {letter: row["unbilled_reason"] for letter, row in rows.items() if row["unbilled_reason"]} == {"e": "aggregate"}
    assert sum(row["cost"] for row in rows.values() if row["billable"]) == Decimal("0.0152")
    assert {row["team"] for row in rows.values()} == {"sales"}
    assert {letters[row["root_span_id"]] for row in rows.values()} == {"a"}
    assert {letter: row["agent"] for letter, row in rows.items()} == (
        dict.fromkeys("abef", "planner") | dict.fromkeys("cd", "researcher") | dict.fromkeys("gh", "guardrail")
    )
    assert {letter: row["reentrant"] for letter, row in rows.items() if row["agent_entry"]} == {
        "a": False,
        "c": False,
        "e": True,
        "g": False,
    }
    assert {letter for letter, row in rows.items() if row["pool"] == "guardrail"} == {"g", "h"}
    assert teams(serving) == {"sales": (Decimal("0.014"), Decimal("0.0012"))}
    assert only(serving.query("SELECT weight, share, amount FROM allocations WHERE period = '2026-03'")) == {
        "weight": 1,
        "share": 1,
        "amount": Decimal("0.0012"),
    }
    assert agents(serving) == {
        "planner": (Decimal("0.007"), Decimal("0.0152"), 1, 1),
        "researcher": (Decimal("0.007"), Decimal("0.0117"), 1, 0),
        "guardrail": (Decimal("0.0012"), Decimal("0.0012"), 1, 0),
    }

    send(serving, "second")
    assert teams(serving) == {"sales": (Decimal("0.014"), Decimal("0.002")), "support": (0, Decimal("0.002"))}
    assert agents(serving)["guardrail"] == (Decimal("0.004"), Decimal("0.004"), 2, 0)
    (_, report), (_, audit) = serving.commands(["report", "team", *MARCH, "--format", "json"], ["audit"])
    found = {
        "coverage": "1.0000",
        "linked": "0.000000000000",
        "inferred": "0.000000000000",
        "through_others": "0.000000000000",
        "at_least": False,
    }
    sales = {"direct": "0.014000000000", "shared": "0.002000000000", "total": "0.016000000000", "attributed": "0.016000000000"}
    support = {"direct": "0.000000000000", "shared": "0.002000000000", "total": "0.002000000000", "attributed": "0.002000000000"}
    said = {"sales": {"said": "0.015200000000"}, "support": {"said": "0.002800000000"}}  # of the pool's 0.004 each caused a part
    assert json.loads(report) == [
        {"team": "sales", **sales, **said["sales"], **found},
        {"team": "support", **support, **said["support"], **found},
    ]
    assert "all audits pass" in audit


def teams(serving: Serving) -> dict[str, tuple[Decimal, Decimal]]:
    rows = serving.query("SELECT team, direct, allocated FROM costs_by_team WHERE day = '2026-03-03'")
    return {row["team"]: (row["direct"], row["allocated"]) for row in rows}


def agents(serving: Serving) -> dict[str, tuple[Decimal, Decimal, int, int]]:
    rows = serving.query("SELECT agent, own_cost, inclusive_cost, entries, reentrant_entries FROM costs_by_agent WHERE day = '2026-03-03'")
    return {row.pop("agent"): tuple(row.values()) for row in rows if row["agent"] != "triage"}
