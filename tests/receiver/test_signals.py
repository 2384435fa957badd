"""Logs and metrics are taken as traces are: what tells of a call is kept, all else is accepted, counted and dropped."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest, ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.receiver.logs import take_logs
from collector.receiver.outcome import Outcome, RefusalError
from collector.receiver.signals import LOGS, METRICS, SIGNALS, Signal
from collector.receiver.totals import take_metrics
from collector.receiver.validation import Verdict, Window
from collector.spool import LOG, METRIC

from .conftest import KEY, SECRET, START_NS, Receiver, request

Start = Callable[..., Receiver]

USED: dict[str, Any] = {
    "event.name": "api_request",
    "session.id": "s-1",
    "prompt.id": "p-1",
    "model": "claude-sonnet-4-5",
    "input_tokens": 40,
    "output_tokens": 9,
    "cost_usd": 0.0125,
    "duration_ms": 1500,
}
CLAUDE = "com.anthropic.claude_code.events"
WINDOW = Window.around(time.time_ns(), 400)


def attributes(given: dict[str, Any]) -> list[KeyValue]:
    names = {str: "string_value", bool: "bool_value", int: "int_value", float: "double_value"}
    return [KeyValue(key=key, value=AnyValue(**{names[type(value)]: value})) for key, value in given.items()]


def log(**changes: Any) -> LogRecord:
    """An event of a call, and what is different about it."""
    given = {**USED, **changes.pop("attributes", {})}
    held = attributes({key: value for key, value in given.items() if value is not None})
    return LogRecord(**{"time_unix_nano": START_NS + 2 * 10**9, "attributes": held, **changes})


def logs(*records: LogRecord, scope: str = CLAUDE) -> ExportLogsServiceRequest:
    built = ExportLogsServiceRequest()
    built.resource_logs.add().scope_logs.add(scope={"name": scope}, log_records=records)
    return built


def metrics(*given: Metric) -> ExportMetricsServiceRequest:
    built = ExportMetricsServiceRequest()
    built.resource_metrics.add().scope_metrics.add(metrics=given)
    return built


def counter(name: str = "claude_code.token.usage", **changes: Any) -> Metric:
    point = {"time_unix_nano": START_NS, "start_time_unix_nano": START_NS - 10**9, "as_int": 5, **changes}
    return Metric(name=name, sum={"data_points": [point], "aggregation_temporality": 1, "is_monotonic": True})


BODIES = {
    "traces": request().SerializeToString(),
    "logs": logs(log()).SerializeToString(),
    "metrics": metrics(counter()).SerializeToString(),
}


def spans(verdict: Verdict) -> list[Span]:
    made = ExportTraceServiceRequest.FromString(verdict.body)
    return [span for resource in made.resource_spans for scope in resource.scope_spans for span in scope.spans]


def taken(*records: LogRecord, scope: str = CLAUDE) -> list[Span]:
    return spans(take_logs(logs(*records, scope=scope).SerializeToString(), WINDOW))


def test_an_event_of_a_call_becomes_a_record_that_ends_when_the_event_was() -> None:
    [span] = taken(log(trace_id=b"\1" * 16, span_id=b"\2" * 8, body=AnyValue(string_value="claude_code.api_request")))
    assert (span.name, span.trace_id, span.parent_span_id) == ("claude_code.api_request", b"\1" * 16, b"\2" * 8)
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (START_NS + 5 * 10**8, START_NS + 2 * 10**9)
    assert span.attributes == log().attributes


def test_an_event_without_a_time_of_its_own_was_when_it_was_observed() -> None:
    [span] = taken(
        log(
            time_unix_nano=0,
            observed_time_unix_nano=START_NS,
            event_name="event events.rs:7",
            attributes={"event.name": "claude_code.api_request"},
        )
    )
    assert (span.name, span.end_time_unix_nano) == ("claude_code.api_request", START_NS)


def test_the_same_event_again_is_the_same_record_and_another_one_is_another() -> None:
    again = [taken(log(observed_time_unix_nano=nth))[0] for nth in (1, 2)]
    assert again[0] == again[1]
    others = [taken(log(attributes={"input_tokens": 41}))[0], taken(log(time_unix_nano=START_NS))[0]]
    assert len({span.span_id for span in [again[0], *others]}) == 3


@pytest.mark.parametrize(("other", "same"), [({"prompt.id": "p-1"}, True), ({"prompt.id": "p-2"}, False), ({"session.id": "s-2"}, False)])
def test_events_without_a_trace_that_answer_one_prompt_are_one_trace(other: dict[str, Any], same: bool) -> None:
    first, second = taken(log(), log(attributes={"output_tokens": 10, **other}))
    assert (first.trace_id == second.trace_id) is same
    assert not first.parent_span_id


def test_events_without_trace_and_prompt_are_traces_of_their_own() -> None:
    first, second = taken(*(log(attributes={"prompt.id": None, "output_tokens": count}) for count in (1, 2)))
    assert first.trace_id != second.trace_id


CODEX = {"event.name": "codex.sse_event", "event.kind": "response.completed", "input_token_count": "90", "output_token_count": "7"}
GEMINI = {"event.name": "gemini_cli.api_response", "model": "gemini-2.5-pro", "input_token_count": 90, "output_token_count": 7}
GEN_AI = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 90}
INFERENCE = "gen_ai.client.inference.operation.details"
BARE = {"event.name": None, "input_tokens": None, "output_tokens": None, "cost_usd": None}


@pytest.mark.parametrize(
    ("changes", "scope", "kept"),
    [
        ({"attributes": BARE | CODEX}, "codex_exec", 1),
        ({"attributes": BARE | CODEX, "event_name": "event otel/src/events.rs:1187"}, "codex_otel.log_only", 1),
        ({"attributes": BARE | CODEX | {"event.kind": "response.output_item.done"}}, "codex_exec", 0),
        ({"attributes": BARE | CODEX | {"input_token_count": None, "output_token_count": None}}, "codex_exec", 0),  # it comes twice
        (
            {"attributes": BARE | GEMINI | {"input_token_count": None, "output_token_count": None}},
            "gemini-cli",
            1,
        ),  # a call of unknown price
        ({"attributes": BARE | GEMINI}, "gemini-cli", 1),
        ({"attributes": BARE | GEN_AI, "event_name": INFERENCE}, "copilot-chat", 1),
        ({"attributes": BARE | GEN_AI | {"event.name": INFERENCE}}, "gemini-cli", 0),  # gemini_cli.api_response tells it as well
        ({"attributes": BARE | GEN_AI | {"gen_ai.operation.name": "invoke_agent"}, "event_name": INFERENCE}, "x", 0),  # totals of calls
        ({"attributes": BARE | {"gen_ai.operation.name": "chat"}, "event_name": "gen_ai.choice"}, "x", 0),
        ({"attributes": BARE, "body": AnyValue(string_value="user logged in"), "severity_number": 9}, "app", 0),
        ({"attributes": BARE | {"event.name": "user_prompt"}}, CLAUDE, 0),
        ({"attributes": BARE | {"event.name": "api_request"}}, "somebody", 0),  # their own event of that name
        ({"attributes": {"event.name": None}, "body": AnyValue(string_value="claude_code.api_request")}, CLAUDE, 1),
    ],
)
def test_only_events_that_tell_of_one_call_are_kept(changes: dict[str, Any], scope: str, kept: int) -> None:
    verdict = take_logs(logs(log(**changes), scope=scope).SerializeToString(), WINDOW)
    assert (verdict.spans, verdict.dropped, verdict.rejected) == (kept, 1 - kept, 0)


def test_the_name_of_an_event_in_its_field_is_an_attribute_afterwards() -> None:
    [span] = taken(log(attributes=BARE | GEN_AI, event_name=INFERENCE), scope="x")
    assert {pair.key: pair.value.string_value for pair in span.attributes}["event.name"] == INFERENCE


@pytest.mark.parametrize(
    ("time_unix_nano", "said"),
    [(0, "a time from 1970"), (START_NS // 10**6, "a time in milliseconds"), (START_NS + 10**15, "a day ahead")],
    ids=["1970", "milliseconds", "ahead"],  # a time of now is another one in each process
)
def test_an_event_of_a_call_at_an_impossible_time_is_rejected_by_name_alone(time_unix_nano: int, said: str) -> None:
    verdict = take_logs(logs(log(), log(time_unix_nano=time_unix_nano)).SerializeToString(), WINDOW)
    assert (verdict.spans, verdict.rejected) == (1, 1)
    assert "log record 1 ('api_request'" in verdict.message
    assert said in verdict.message


@pytest.mark.parametrize(
    ("metric", "points", "dropped"),
    [
        (counter(), 1, 0),
        (counter("claude_code.cost.usage", as_int=None, as_double=0.5), 1, 0),
        (Metric(name="gen_ai.client.token.usage", histogram={"data_points": [{"time_unix_nano": START_NS, "sum": 9, "count": 2}]}), 1, 0),
        (counter("http.server.requests"), 0, 1),
        (Metric(name="claude_code.token.usage", gauge={"data_points": [{"time_unix_nano": START_NS, "as_int": 5}]}), 0, 1),
        (Metric(name="claude_code.token.usage"), 0, 0),
    ],
)
def test_only_counters_of_tokens_and_cost_are_kept(metric: Metric, points: int, dropped: int) -> None:
    verdict = take_metrics(metrics(metric).SerializeToString(), WINDOW)
    assert (verdict.points, verdict.dropped, verdict.rejected) == (points, dropped, 0)


def test_a_point_at_an_impossible_time_is_rejected_by_name_alone() -> None:
    verdict = take_metrics(metrics(counter(), counter(time_unix_nano=5)).SerializeToString(), WINDOW)
    assert (verdict.points, verdict.rejected) == (1, 1)
    assert verdict.message.startswith("data point 0 of claude_code.token.usage: time_unix_nano is 5")


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
@pytest.mark.parametrize("take", [take_logs, take_metrics])
def test_bytes_that_are_no_request_are_refused(signal: Signal, take: Callable[[bytes, Window], Verdict]) -> None:
    for body in (b"\xff", b"\x12\x00"):
        with pytest.raises(RefusalError) as refusal:
            take(body, WINDOW)
        assert refusal.value.outcome is Outcome.MALFORMED
    with pytest.raises(RefusalError) as too_much:
        take(b"\x0a\x00" * 10_001, WINDOW)
    assert too_much.value.outcome is Outcome.TOO_LARGE
    take(BODIES[signal.name], WINDOW)  # of another signal: nothing of it is kept, and nothing breaks


def test_a_log_record_of_bytes_that_make_no_sense_costs_no_other() -> None:
    good = log().SerializeToString()
    scope = b"".join(b"\x12" + bytes([len(each) & 0x7F | 0x80, len(each) >> 7]) + each for each in (good, b"\x32\x05\xff" + b"\0" * 130))
    body = b"\x12" + bytes([len(scope) & 0x7F | 0x80, len(scope) >> 7]) + scope
    verdict = take_logs(b"\x0a" + bytes([len(body) & 0x7F | 0x80, len(body) >> 7]) + body, WINDOW)
    assert (verdict.spans, verdict.rejected) == (1, 1)


@pytest.mark.parametrize(("signal", "response"), [(LOGS, ExportLogsServiceResponse), (METRICS, ExportMetricsServiceResponse)])
@pytest.mark.parametrize("transport", ["grpc", "http", "json"])
def test_both_transports_take_both_signals(receiver: Receiver, signal: Signal, response: Any, transport: str) -> None:
    answer = send(receiver, signal, BODIES[signal.name], transport)
    assert response.FromString(answer) == response()
    [delivery] = receiver.deliveries()
    assert (delivery.signal, delivery.spans) == ((LOG, 1) if signal is LOGS else (METRIC, 0))
    assert receiver.count("entries", signal=signal.name, outcome="kept") == 1


@pytest.mark.parametrize("signal", [LOGS, METRICS], ids=lambda signal: signal.name)
def test_what_tells_of_nothing_paid_is_accepted_and_counted_and_not_spooled(receiver: Receiver, signal: Signal) -> None:
    body = logs(log(attributes=BARE)) if signal is LOGS else metrics(counter("jvm.memory"))
    assert send(receiver, signal, body.SerializeToString(), "http") == b""
    assert receiver.spool.depth.requests == 0
    assert receiver.count("entries", signal=signal.name, outcome="dropped") == 1


@pytest.mark.parametrize("signal", [LOGS, METRICS], ids=lambda signal: signal.name)
def test_what_is_rejected_is_told_as_partial_success(receiver: Receiver, signal: Signal) -> None:
    body = logs(log(), log(time_unix_nano=7)) if signal is LOGS else metrics(counter(), counter(time_unix_nano=7))
    answer = signal.response.FromString(send(receiver, signal, body.SerializeToString(), "grpc"))
    assert getattr(answer.partial_success, signal.rejected) == 1
    assert "time_unix_nano is 7" in answer.partial_success.error_message
    assert receiver.count("requests", transport="grpc", outcome="partial") == 1


@pytest.mark.parametrize("signal", [LOGS, METRICS], ids=lambda signal: signal.name)
def test_keys_are_asked_for_as_for_traces_and_their_sender_is_kept(start: Start, signal: Signal) -> None:
    receiver = start(keys=[KEY])
    for headers, status in (({}, 401), ({"Authorization": f"Bearer {SECRET}"}, 200)):
        sent = {"Content-Type": "application/x-protobuf", **headers}
        assert receiver.http.post(signal.path, content=BODIES[signal.name], headers=sent).status_code == status
    with pytest.raises(grpc.RpcError) as refused:
        send(receiver, signal, BODIES[signal.name], "grpc")
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    [delivery] = receiver.deliveries()
    assert (delivery.sender, dict(delivery.tags)) == ("sales-agents", {"team": "sales"})


@pytest.mark.parametrize("signal", [LOGS, METRICS], ids=lambda signal: signal.name)
def test_the_bounds_of_traces_hold(start: Start, signal: Signal) -> None:
    receiver = start(spool_bytes=10, http_request_bytes_max=1024)
    sent = {"Content-Type": "application/x-protobuf"}
    assert receiver.http.post(signal.path, content=BODIES[signal.name], headers=sent).status_code == 503  # the spool is full
    assert receiver.http.post(signal.path, content=b"\0" * 5000, headers=sent).status_code == 413
    assert receiver.http.post(signal.path, content=b"\xff", headers=sent).status_code == 400
    assert receiver.http.post(signal.path, content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert receiver.http.post(signal.path, content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415


def test_one_odd_log_record_in_json_costs_no_other(receiver: Receiver) -> None:
    good = {"timeUnixNano": str(START_NS), "attributes": [{"key": key, "value": json_value(value)} for key, value in USED.items()]}
    odd = [{"timeUnixNano": "soon"}, {"traceId": "zz"}, 5]
    body = {"resourceLogs": [{"scopeLogs": [{"scope": {"name": CLAUDE}, "logRecords": [good, *odd]}]}]}
    answer = receiver.http.post("/v1/logs", json=body)
    assert (answer.status_code, answer.json()["partialSuccess"]["rejectedLogRecords"]) == (200, "3")
    assert "log record 1" in answer.json()["partialSuccess"]["errorMessage"]
    assert receiver.deliveries()[0].spans == 1


def json_value(value: Any) -> dict[str, Any]:
    return {{str: "stringValue", int: "intValue", float: "doubleValue"}[type(value)]: value}


def send(receiver: Receiver, signal: Signal, body: bytes, transport: str) -> bytes:
    """The answer, in protobuf."""
    if transport == "grpc":
        with grpc.insecure_channel(receiver.grpc_address) as channel:
            return channel.unary_unary(f"/{signal.service}/Export")(body, timeout=10)
    if transport == "http":
        answer = receiver.http.post(signal.path, content=body, headers={"Content-Type": "application/x-protobuf"})
        assert answer.status_code == 200, answer.text
        return answer.content
    answer = receiver.http.post(signal.path, json=MessageToDict(signal.request.FromString(body)))
    assert answer.status_code == 200, answer.text
    assert json.loads(answer.text) == {}
    return b""
