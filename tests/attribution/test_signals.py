"""Log events that tell of a call are records like spans; metrics are totals beside them; what nobody reads is noticed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from attribution.attribute import attribute
from attribution.repricing import reprice
from attribution.storage import Store
from collector.config import Config
from collector.exporter import unread
from collector.exporter.otlp import OtlpExporter
from collector.processor import Processed, Processor
from collector.receiver.logs import take_logs
from collector.receiver.otlp_json import to_protobuf
from collector.receiver.signals import LOGS, METRICS
from collector.receiver.totals import take_metrics
from collector.receiver.validation import Window
from collector.spool import LOG, METRIC, Delivery
from tests.attribution.otlp import NOON, Sent, exporter_to, send

PLAIN = Config()
SECOND, HOUR = 10**9, 3600 * 10**9
CLAUDE = "com.anthropic.claude_code.events"
CALL: dict[str, Any] = {
    "event.name": "api_request",
    "session.id": "s-1",
    "prompt.id": "p-1",
    "user.id": "ada",
    "organization.id": "org-7",
    "model": "claude-haiku-4-5-20251001",
    "input_tokens": 600,
    "output_tokens": 50,
    "cache_read_tokens": 400,
    "cache_creation_tokens": 200,
    "cache_creation_1h_tokens": 200,
    "duration_ms": 900,
}
COST = Decimal("0.00129")
"""600*1/1e6 + 400*0.10/1e6 + 200*2/1e6 + 50*5/1e6."""


def attributes(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = {str: "stringValue", bool: "boolValue", int: "intValue", float: "doubleValue"}
    return [{"key": key, "value": {names[type(value)]: value}} for key, value in given.items()]


def log_delivery(*events: Mapping[str, Any], scope: str = CLAUDE, resource: Mapping[str, Any] | None = None, at: int = NOON) -> Delivery:
    records = [{"timeUnixNano": str(at + nth * SECOND), "attributes": attributes(event)} for nth, event in enumerate(events)]
    scopes = [{"scope": {"name": scope}, "logRecords": records}]
    named = {"service.name": "claude-code"} | dict(resource or {})
    body = json.dumps({"resourceLogs": [{"resource": {"attributes": attributes(named)}, "scopeLogs": scopes}]}).encode()
    verdict = take_logs(to_protobuf(body, LOGS), Window())
    return Delivery(1, 7, verdict.spans, {}, verdict.body, "laptops", LOG)


def store_logs(store: Store, *events: Mapping[str, Any], **how: Any) -> None:
    exporter_to(store).export([Processor(PLAIN).process(log_delivery(*events, **how))])


def test_a_log_event_is_read_priced_stored_and_billed_as_a_span_is(store: Store) -> None:
    # Claude Code repeats the attributes of its resource on every event.
    store_logs(
        store, CALL | {"team": "platform"}, resource={"team": "platform", "vcs.repository.name": "shop", "vcs.ref.head.name": "fix-cart"}
    )
    attribute(store, PLAIN)
    [row] = store.query(
        "SELECT signal, sender, team, user, session, project, task, department, agent, model, input_tokens, cache_write_tokens, amount,"
        " duration_ns, attributes['event.name'] AS event FROM attributed_spans"
    )
    assert tuple(row.values()) == (
        *("log", "laptops", "platform", "ada", "s-1", "shop", "fix-cart", "org-7", "claude-code", "claude-haiku-4-5-20251001"),
        *(1200, 200, COST, 900_000_000, "api_request"),
    )
    assert store.query("SELECT team, sum(amount) AS usd FROM ledger GROUP BY team") == [{"team": "platform", "usd": COST}]
    assert store.query("SELECT * FROM audits") == []


def test_an_event_that_is_sent_again_counts_once(store: Store) -> None:
    for _ in range(2):
        store_logs(store, CALL)
        attribute(store, PLAIN)
    assert store.query("SELECT count() AS n, sum(amount) AS usd FROM attributed_spans") == [{"n": 1, "usd": COST}]


def test_repricing_what_events_stored_changes_nothing(store: Store) -> None:
    store_logs(store, CALL, CALL | {"cost_usd": 0.5})
    attribute(store, PLAIN)
    assert reprice(store, PLAIN, date(2000, 1, 1)) == []


USED = {"session.id": "s", "model": "gpt-5", "duration_ms": "1200"}
CODEX = USED | {
    "event.name": "codex.sse_event",
    "event.kind": "response.completed",
    "conversation.id": "c-1",
    "input_token_count": "1000",
    "cached_token_count": "600",
    "output_token_count": "100",
    "reasoning_token_count": "80",
    "tool_token_count": "1100",
}
GEMINI = USED | {
    "event.name": "gemini_cli.api_response",
    "model": "gemini-2.5-flash",
    "prompt_id": "p",
    "input_token_count": 1000,
    "cached_content_token_count": 400,
    "output_token_count": 50,
    "thoughts_token_count": 30,
    "tool_token_count": 200,
    "total_token_count": 1280,
}
QWEN = USED | {
    "event.name": "qwen-code.api_response",
    "model": "qwen3-coder-plus",
    "input_token_count": 10,
    "output_token_count": 5,
    "thoughts_token_count": 2,
    "total_token_count": 15,
}
COPILOT = {
    "event.name": "gen_ai.client.inference.operation.details",
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 1000,
    "gen_ai.usage.output_tokens": 10,
}


@pytest.mark.parametrize(
    ("event", "scope", "tokens", "usd"),
    [
        (CODEX, "codex_exec", (1000, 600, 100, 80), "0.001575"),  # 400*1.25 + 600*0.125 + 100*10
        (GEMINI, "gemini-cli", (1200, 400, 80, 30), "0.000452"),  # 800*0.30 + 400*0.03 + 80*2.50
        (QWEN, "qwen-code", (10, None, 5, 2), None),
        (COPILOT, "copilot-chat", (1000, None, 10, None), "0.0026"),
        (CALL | {"cost_usd": 0.25}, CLAUDE, (1200, 400, 50, None), "0.25"),
    ],
)
def test_events_of_other_agents_count_as_their_emitters_do(
    store: Store, event: dict[str, Any], scope: str, tokens: tuple[int | None, ...], usd: str | None
) -> None:
    store_logs(store, event, scope=scope)
    [row] = store.query("SELECT input_tokens, cache_read_tokens, output_tokens, reasoning_tokens, cost FROM spans")
    assert tuple(row.values()) == (*tokens, None if usd is None else Decimal(usd))


def test_records_of_logs_are_not_forwarded_as_spans() -> None:
    exporter = OtlpExporter.__new__(OtlpExporter)
    sent: list[bytes] = []
    exporter._sent, exporter._send = set(), sent.append
    delivery = log_delivery(CALL)
    assert ExportTraceServiceRequest.FromString(delivery.body).resource_spans
    exporter.export([Processor(PLAIN).process(delivery)])
    assert sent == []


def counted(value: float, at: int, start: int = NOON, *, temporality: int = 1, kind: str = "input", **more: Any) -> dict[str, Any]:
    """A request with one point of tokens."""
    given = {"model": "claude-haiku-4-5", "type": kind, "session.id": "s-1"} | more
    point = {"timeUnixNano": str(at), "startTimeUnixNano": str(start), "asDouble": value, "attributes": attributes(given)}
    sum_ = {"dataPoints": [point], "aggregationTemporality": temporality, "isMonotonic": True}
    scopes = [{"metrics": [{"name": "claude_code.token.usage", "sum": sum_}]}]
    return {"resourceMetrics": [{"resource": {"attributes": attributes({"service.name": "claude-code"})}, "scopeMetrics": scopes}]}


def processed(request: dict[str, Any]) -> Processed:
    verdict = take_metrics(to_protobuf(json.dumps(request).encode(), METRICS), Window())
    return Processor(PLAIN).process(Delivery(1, 7, 0, {"team": "sales"}, verdict.body, "laptops", METRIC))


DAY = datetime.fromtimestamp(NOON // SECOND, UTC).date()
NEXT_NOON = NOON + 24 * HOUR


@pytest.mark.parametrize(
    ("points", "totals"),
    [
        # what was added since the point before; a point that is sent again counts once
        ([counted(5, NOON + 1), counted(7, NOON + 2), counted(7, NOON + 2)], {DAY: 12}),
        # running totals: the differences, also over midnight and whatever comes first
        ([counted(5, NOON + 1, temporality=2), counted(9, NOON + 2, temporality=2)], {DAY: 9}),
        (
            [counted(30, NEXT_NOON, temporality=2), counted(9, NOON + 2, temporality=2), counted(4, NOON + 1, temporality=2)],
            {DAY: 9, date(2026, 11, 2): 21},
        ),
        # the counter began anew, and says so by its start, or only by being lower
        ([counted(9, NOON + 2, temporality=2), counted(4, NOON + 5, NOON + 3, temporality=2)], {DAY: 13}),
        ([counted(9, NOON + 2, temporality=2), counted(4, NOON + HOUR, temporality=2)], {DAY: 13}),
        # two sessions are two series
        ([counted(5, NOON + 1), counted(7, NOON + 1, **{"session.id": "s-2"})], {DAY: 12}),
    ],
)
def test_metrics_are_totals_whatever_their_temporality(store: Store, points: list[dict[str, Any]], totals: dict[date, int]) -> None:
    for point in points:
        exporter_to(store).export([processed(point)])
    rows = store.query("SELECT day, service, sender, model, token_type, unit, total FROM metric_totals ORDER BY day")
    assert [(row["day"], row["total"]) for row in rows] == sorted(totals.items())  # one row a day
    assert {tuple(row.values())[1:6] for row in rows} == {("claude-code", "laptops", "claude-haiku-4-5", "input", "tokens")}
    assert store.query("SELECT DISTINCT team, user, session FROM metric_points ORDER BY session")[0] == {
        "team": "sales", "user": "", "session": "s-1"
    }  # fmt: skip
    assert store.query("SELECT count() AS n FROM spans") == [{"n": 0}]


def test_kinds_of_tokens_have_one_name_whoever_counts(store: Store) -> None:
    for nth, kind in enumerate(["cacheRead", "cache", "thought", "prompt", "novel"]):
        exporter_to(store).export([processed(counted(1, NOON + nth, kind=kind))])
    rows = store.query("SELECT token_type, total FROM metric_totals ORDER BY token_type")
    assert [tuple(row.values()) for row in rows] == [("cache_read", 2), ("input", 1), ("novel", 1), ("reasoning", 1)]


def test_metrics_and_spans_are_stored_from_one_batch(store: Store) -> None:
    exporter_to(store).export([processed(counted(1, NOON)), Processor(PLAIN).process(log_delivery(CALL))])
    assert store.query("SELECT count() AS n FROM metric_totals") == [{"n": 1}]
    assert store.query("SELECT count() AS n FROM spans") == [{"n": 1}]


def test_numbers_that_nobody_reads_are_told_by_scope_and_key(store: Store) -> None:
    for at, used in ((0, 7), (60, 9)):
        send(store, PLAIN, [Sent(1, {"acme.tokens.used": used, "acme.usage": '{"in": 4}', "temperature": 1}, scope="acme", at=at)])
    assert store.query("SELECT * EXCEPT (first_seen, last_seen), last_seen > first_seen AS later FROM unread_usage ORDER BY attribute") == [
        {"scope": "acme", "attribute": "acme.tokens.used", "spans": 2, "example": "9", "later": 1},
        {"scope": "acme", "attribute": "acme.usage#in", "spans": 2, "example": "4", "later": 1},
    ]


def test_a_sender_that_invents_keys_fills_no_store(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "KEYS_MAX", 3)
    for letter in "abc":  # each time a process that reads what is there
        send(store, PLAIN, [Sent(1, {f"{letter}.tokens": 1, f"{letter}.cost": 1}, scope="acme")])
    send(store, PLAIN, [Sent(1, {"a.tokens": 1, "z.tokens": 1}, scope="acme")])
    rows = store.query("SELECT scope, attribute, spans FROM unread_usage ORDER BY attribute")
    assert [tuple(row.values()) for row in rows] == [
        ("", "", 4), ("acme", "a.cost", 1), ("acme", "a.tokens", 2), ("acme", "b.cost", 1)
    ]  # fmt: skip
