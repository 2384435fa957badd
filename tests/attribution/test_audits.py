"""Each audit finds what it is there for, and names it: a store is tampered with behind the back of attribution."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from attribution import reports
from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.storage import Store
from tests.attribution.cases import call, guarded
from tests.attribution.compare import deliver
from tests.beginnings import Begin

CONFIG = AttributionConfig.parse({"agents": {"shared": ["guardrail"]}})
SETTLE = "INSERT INTO changes (trace_id, mark, sign) SELECT trace_id, mark, -1 FROM pending"


def three_traces(store: Store) -> None:
    """Sales and support use the guardrail; t3 tells one call twice, 3 is billed."""
    facts: dict[str, Any] = {"cost": "3", "response_id": "r", "tokens": (5, 6), "span_team": "sales"}
    twice = [call(span, trace="t3", service=service, **facts) for span, service in (("a", "app"), ("b", "sdk"))]
    deliver(store, [*guarded("t1", "sales", "1"), *guarded("t2", "support", "2"), *twice])
    assert attribute(store, CONFIG).violations == 0
    assert reports.audit(store) == []


@pytest.fixture
def billed(store: Store, begin: Begin) -> Store:
    begin(three_traces)
    return store


def found(store: Store, audit: str) -> list[tuple[Any, ...]]:
    rows = [row for row in reports.audit(store) if row["audit"] == audit]
    return sorted((row["trace_id"], row["span_id"], row["amount"]) for row in rows)


def details(store: Store, audit: str) -> list[str]:
    return sorted(row["detail"] for row in reports.audit(store) if row["audit"] == audit)


def test_a_span_that_nobody_attributes(billed: Store) -> None:
    deliver(billed, [call("late", trace="t1", cost="5")])
    assert reports.audit(billed) == []  # it is pending
    billed.execute(SETTLE)
    assert found(billed, "span not attributed") == [("t1", "late", 5)]


def test_an_attributed_span_that_is_not_stored(billed: Store) -> None:
    billed.execute("DELETE FROM span_records WHERE trace_id = 't3' AND span_id = 'b'")
    assert found(billed, "span not attributed") == [("t3", "b", 0)]


def test_a_posting_too_many(billed: Store) -> None:
    billed.execute(
        "INSERT INTO postings (posted_at, effective_at, effective_period, period, day, kind, trace_id, span_id, amount)"
        " SELECT posted_at, effective_at, effective_period, period, day, kind, trace_id, span_id, amount FROM posted WHERE trace_id = 't3'"
    )
    ((trace, span, amount),) = found(billed, "billed is not posted")
    assert (trace, span in {"a", "b"}, amount) == ("t3", True, -3)
    assert len(found(billed, "rollup differs")) == 4  # days, days of every dimension, users and tasks


def test_a_call_that_is_billed_twice(billed: Store) -> None:
    billed.execute(
        "INSERT INTO attributions SELECT * REPLACE (version + 1 AS version, arrayMap(_ -> 1, flags) AS flags,"
        " arrayMap(_ -> toDecimal128(3, 12), amount) AS amount) FROM attributions FINAL WHERE trace_id = 't3'"
    )
    ((trace, _, amount),) = found(billed, "billed twice")
    assert (trace, amount) == ("t3", 3)


def test_a_pass_counts_what_its_own_traces_have_wrong(billed: Store) -> None:
    """A posting from nowhere in a trace that the pass does not know to have any."""
    deliver(billed, [call("a", trace="t4", cost="1")])
    billed.execute(
        "INSERT INTO postings (posted_at, effective_at, effective_period, period, day, kind, trace_id, span_id, amount)"
        " SELECT posted_at, effective_at, effective_period, period, day, kind, 't4', 'a', 7 FROM posted WHERE trace_id = 't3'"
    )
    assert attribute(billed, CONFIG).violations > 0


def test_a_pool_that_is_not_shared_out(billed: Store) -> None:
    billed.execute(
        "INSERT INTO ledger_days (effective_period, period, day, kind, pool, amount)"
        " SELECT effective_period, period, day, 'pool', 'guardrail', 4 FROM posted LIMIT 1"
    )
    assert [amount for _, _, amount in found(billed, "pooled is not allocated")] == [4]
    assert "pool guardrail" in details(billed, "pooled is not allocated")[0]
    assert [amount for _, _, amount in found(billed, "rollup differs")] == [4]


def test_a_month_that_does_not_balance(billed: Store) -> None:
    billed.execute(
        "INSERT INTO ledger_days (effective_period, period, day, kind, team, amount)"
        " SELECT effective_period, period, day, 'direct', 'sales', 4 FROM posted LIMIT 1"
    )
    assert [amount for _, _, amount in found(billed, "period does not balance")] == [Decimal(-4)]


def test_a_trace_that_is_shown_on_another_day(billed: Store) -> None:
    billed.execute(
        "INSERT INTO trace_days SELECT * REPLACE (start_time + INTERVAL 40 DAY AS start_time) FROM trace_days WHERE trace_id = 't3'"
    )
    assert [amount for _, _, amount in found(billed, "rollup differs")] == [3]
    assert details(billed, "rollup differs")[0].startswith("trace_days on ")
