"""The views are a contract: their columns, types and grains against the table of the design, which stands here once more."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from attribution.reports import REPORTS, report
from attribution.storage import Store
from tests.attribution.cases import Settled

SPANS = """
trace_id, span_id, parent_span_id, name, kind, service, start_time, end_time, duration_ns, status, provider, model,
input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
bucket, cost, cost_source, price_id, attributes, resource, sender, signal
"""
BELOW = {"decisions", "every_posting", "pending", "pending_pools", "posted", "postings_found", "span_contents", "uncommitted_passes"}
"""What the views are made of."""
VIEWS = {
    "otel_traces": """
        Timestamp, TraceId, SpanId, ParentSpanId, TraceState, SpanName, SpanKind, ServiceName, ResourceAttributes, ScopeName, ScopeVersion,
        SpanAttributes, Duration, StatusCode, StatusMessage, Events.Timestamp, Events.Name, Events.Attributes,
        Links.TraceId, Links.SpanId, Links.TraceState, Links.Attributes
    """,
    "spans": SPANS,
    "attributed_spans": f"""
        {SPANS}, billable, unbilled_reason, root_span_id,
        team, department, cost_center, project, environment, user, session, task, workflow, agent, agent_entry, reentrant, pool, flags,
        unobserved, initiator_source, call_id
    """,
    "ledger": """
        posted_at, effective_at, effective_period, period, kind, trace_id, span_id, pool, team, department, cost_center, project,
        environment, user, task, workflow, agent, provider, model, bucket, amount, reason
    """,
    "allocations": "period, pool, team, weight, share, amount",
    "costs_by_team": "day, team, department, cost_center, direct, allocated, total",
    "costs_by_agent": "day, agent, own_cost, inclusive_cost, entries, reentrant_entries, tasks, cost_per_task",
    "daily_costs": """
        day, team, department, cost_center, project, environment, user, task, workflow, agent, provider, model, bucket, pool,
        direct, shared, total
    """,
    "traces": "trace_id, start_time, duration_ns, spans, team, user, task, workflow, cost, unpriced_spans, unobserved,"
    "sampled_factor, flags",
    "missing": "day, team, reason, count, tokens, usd",
    "closings": "period, at, state, reason, stands",
    "prunings": "period, pruned, at",
    "statements": "period, closed_at, team, department, cost_center, direct, allocated, total",
    "charges": "period, closed_at, team, charge, account, cost, variance, charged",
    "disputes": """
        dispute, period, team, section, item, detail, amount, state, opened_at, opened_by, reason, answers, settled, payer,
        ended_at, ended_by, outcome
    """,
    "reconciliations_found": "provider, day, model, kind, billed, explained, unseen, variance, reason, at",
    "principals_found": "provider, day, principal, billed, unseen_at_least, unseen_at_most, at",
    "pools": "period, pool, driver, use_period, method, spans, added, cost",
    "pool_routes": "period, pool, via, team, share, amount",
    "initiator_sources": "day, pool, team, initiator_source, sender, named_by, amount",
    "audits": "audit, detail, trace_id, span_id, amount",
    "savings": "day, provider, model, calls, saved",
    "price_differences": "provider, model, spans, reported, computed, difference, relative",
    "senders": "day, sender, received, rejected, waiting, quarantined, dropped, delivered, set_at",
    "anomalies": """
        day, since, kind, scope, subject, workflow, teams, unit, value, expected, by_volume, by_fan_out, by_tokens, by_mix, by_price
    """,
    "unpriced_models": "provider, model, spans, input_tokens, output_tokens, first_seen, last_seen",
    "unread_usage": "scope, attribute, spans, example, first_seen, last_seen",
    "metric_totals": "day, sender, service, metric, model, token_type, unit, total, sessions",
}
GRAINS = {
    "otel_traces": "TraceId, SpanId",
    "spans": "trace_id, span_id, sender",
    "attributed_spans": "trace_id, span_id, sender",
    "initiator_sources": "day, pool, team, initiator_source, sender, named_by",
    "allocations": "period, pool, team",
    "costs_by_team": "day, team",
    "costs_by_agent": "day, agent",
    "missing": "day, team, reason",
    "traces": "trace_id",
}
TIMES = {"at", "closed_at", "start_time", "end_time", "posted_at", "effective_at", "Timestamp", "set_at"}
MONEY = {"amount", "direct", "shared", "allocated", "total", "own_cost", "inclusive_cost", "share", "weight", "variance", "charged"}
MONEY_OR_UNKNOWN = {"missing.usd", "attributed_spans.unobserved", "spans.cost", "attributed_spans.cost", "costs_by_agent.cost_per_task"}
COLLECTOR = {
    "Timestamp": "DateTime64(9, 'UTC')",
    "TraceId": "String",
    "SpanId": "String",
    "ParentSpanId": "String",
    "TraceState": "String",
    "SpanName": "String",
    "SpanKind": "String",
    "ServiceName": "String",
    "ResourceAttributes": "Map(String, String)",
    "ScopeName": "String",
    "ScopeVersion": "String",
    "SpanAttributes": "Map(String, String)",
    "Duration": "UInt64",
    "StatusCode": "String",
    "StatusMessage": "String",
    "Events.Timestamp": "Array(DateTime64(9, 'UTC'))",
    "Events.Name": "Array(String)",
    "Events.Attributes": "Array(Map(String, String))",
    "Links.TraceId": "Array(String)",
    "Links.SpanId": "Array(String)",
    "Links.TraceState": "Array(String)",
    "Links.Attributes": "Array(Map(String, String))",
}
"""What the OpenTelemetry Collector's ClickHouse exporter creates, but for LowCardinality, which only says how a column is stored."""


@pytest.fixture
def filled(settled: Settled) -> Store:
    return settled.store


def columns(store: Store, view: str) -> dict[str, str]:
    """Column to type, without LowCardinality."""
    rows = store.query("DESCRIBE TABLE {view:Identifier}", {"view": view})
    return {row["name"]: re.sub(r"LowCardinality\((\w+)\)", r"\1", row["type"]) for row in rows}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_the_columns_of_the_design_and_may_have_more(filled: Store, view: str) -> None:
    assert [name for name in re.findall(r"[\w.]+", VIEWS[view]) if name not in columns(filled, view)] == []


def test_there_is_no_view_that_the_design_does_not_know(filled: Store) -> None:
    rows = filled.query("SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View'")
    assert {row["name"] for row in rows} == {*VIEWS, *BELOW}


@pytest.mark.parametrize("view", VIEWS)
def test_money_is_decimal_and_times_are_utc_nanoseconds(filled: Store, view: str) -> None:
    for name, kind in columns(filled, view).items():
        if name in MONEY or (view, name) == ("traces", "cost"):
            assert kind == "Decimal(38, 12)", name
        if f"{view}.{name}" in MONEY_OR_UNKNOWN:
            assert kind == "Nullable(Decimal(38, 12))", name
        if name in TIMES:
            assert kind == "DateTime64(9, 'UTC')", name
        assert "Float" not in kind, name


@pytest.mark.parametrize("view", VIEWS)
def test_an_absent_string_is_empty_and_never_null(filled: Store, view: str) -> None:
    assert [name for name, kind in columns(filled, view).items() if "Nullable(String)" in kind] == []


def test_otel_traces_is_what_the_collectors_exporter_creates(filled: Store) -> None:
    assert columns(filled, "otel_traces") == COLLECTOR


@pytest.mark.parametrize(("view", "grain"), GRAINS.items())
def test_no_two_rows_share_a_grain(filled: Store, view: str, grain: str) -> None:
    assert filled.query(f"SELECT {grain}, count() AS n FROM {view} GROUP BY ALL HAVING n > 1") == []
    assert filled.count(view) > 10


def test_every_view_of_costs_sums_to_the_same_in_every_month(filled: Store) -> None:
    def by_month(month: str, amount: str, view: str) -> dict[str, Decimal]:
        rows = filled.query(f"SELECT {month} AS month, sum({amount}) AS usd FROM {view} GROUP BY month HAVING usd != 0")
        return {row["month"]: row["usd"] for row in rows}

    month_of_day = "formatDateTime(day, '%Y-%m')"
    billed = by_month("formatDateTime(start_time, '%Y-%m')", "cost", "(SELECT * FROM attributed_spans WHERE billable)")
    assert len(billed) > 20
    assert by_month("period", "amount", "ledger") == billed
    assert by_month(month_of_day, "total", "costs_by_team") == billed
    assert by_month(month_of_day, "own_cost", "costs_by_agent") == billed
    assert by_month("period", "total", "daily_costs") == billed


@pytest.mark.parametrize("dimension", REPORTS)
def test_daily_costs_say_what_the_report_by_a_dimension_says(filled: Store, dimension: str) -> None:
    summed = "SELECT toString({by:Identifier}) AS value, sum(direct) AS direct, sum(shared) AS shared, sum(total) AS total FROM daily_costs"
    rows = filled.query(f"{summed} GROUP BY value HAVING direct != 0 OR shared != 0", {"by": dimension})
    lines = report(filled, dimension).lines
    assert lines
    assert {row["value"]: (row["direct"], row["shared"], row["total"]) for row in rows} == {
        line.value: (line.direct, line.shared, line.total) for line in lines
    }


def test_the_spans_of_a_trace_are_all_there(filled: Store) -> None:
    by_trace = filled.query("SELECT trace_id, count() AS spans FROM spans GROUP BY trace_id ORDER BY trace_id")
    assert filled.query("SELECT trace_id, spans FROM traces ORDER BY trace_id") == by_trace
    assert filled.count("otel_traces") == filled.count("spans") == filled.count("attributed_spans")
