"""Those who send: real SDKs that are pointed here by environment variables alone, and OTLP in all its encodings."""

from __future__ import annotations

import base64
import gzip
import json
from decimal import Decimal

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tests.e2e.conftest import SECRET
from tests.e2e.otlp import MAY, chat, invoke, request, span, trace_id
from tests.e2e.serving import Serving, agent, only

TRANSPORTS = {
    "grpc": {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
    "grpc gzip": {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"},
    "http": {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
    "http gzip": {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"},
}


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_opentelemetry_sdk_by_environment_variables_alone(serving: Serving, transport: str) -> None:
    port = serving.grpc_port if "grpc" in transport else serving.http_port
    resource = {"OTEL_SERVICE_NAME": "writers", "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=prod"}
    sent = agent("opentelemetry_sdk", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}", **TRANSPORTS[transport], **resource)
    serving.stored(sent["trace"], 3)
    root, call, plain = serving.spans(sent["trace"])
    assert (call["provider"], call["model"], call["service"]) == ("anthropic", "claude-sonnet-4-5-20250929", "writers")
    assert (call["input_tokens"], call["output_tokens"], call["cache_read_tokens"]) == (2000, 300, 1000)
    # A million tokens: 3.00 USD fresh, 0.30 from the cache, 15.00 out.
    assert (call["cost"], call["cost_source"], call["bucket"]) == (Decimal("0.0078"), "priced", "llm")
    assert (root["cost"], root["cost_source"], root["bucket"]) == (0, "none", "orchestration")
    assert (plain["name"], plain["parent_span_id"]) == ("no figures", root["span_id"])
    assert root["resource"]["deployment.environment.name"] == "prod"


def test_the_langfuse_sdk_by_environment_variables_alone(keyed: Serving) -> None:
    keys = {"LANGFUSE_PUBLIC_KEY": "sales-agents", "LANGFUSE_SECRET_KEY": SECRET}
    sent = agent("langfuse_sdk", LANGFUSE_BASE_URL=f"http://127.0.0.1:{keyed.http_port}", **keys)
    assert sent["signed_in"]
    keyed.stored(sent["trace"], 2)
    keyed.attributed(sent["trace"])
    root, call = keyed.spans(sent["trace"], view="attributed_spans")
    assert (call["provider"], call["model"]) == ("openai", "gpt-4o-mini-2024-07-18")
    assert (call["input_tokens"], call["output_tokens"], call["cache_read_tokens"]) == (2000, 100, 1000)
    # A million tokens: 0.15 USD fresh, 0.075 from the cache, 0.60 out.
    assert (call["cost"], call["cost_source"]) == (Decimal("0.000285"), "priced")
    assert (call["team"], call["user"], call["session"], call["workflow"]) == ("sales", "ada", "s1", "ticket"), "the key's tag wins"
    assert (call["agent"], root["agent"]) == ("support-agent", "support-agent")


def test_otlp_in_json(serving: Serving) -> None:
    trace = trace_id()
    attributes = {**invoke("writer"), "user.id": "ada"}
    spans = [
        {"traceId": trace, "spanId": "00000000000000a1", "name": "invoke", "kind": 2, "attributes": as_json(attributes)},
        {
            "traceId": trace,
            "spanId": "00000000000000b1",
            "parentSpanId": "00000000000000a1",
            "name": "chat",
            "kind": 3,
            "attributes": as_json(chat("gpt-4o-2024-08-06", 1000, 100)),
            "events": [{"timeUnixNano": str(MAY + 5), "name": "first token", "attributes": as_json({"n": 1})}],
            "links": [{"traceId": trace, "spanId": "00000000000000a1", "attributes": as_json({"why": "test"})}],
            "status": {"code": 2, "message": "stopped"},
        },
    ]
    for nth, one in enumerate(spans):
        one |= {"startTimeUnixNano": str(MAY + nth), "endTimeUnixNano": str(MAY + 10 + nth)}
    body = {"resourceSpans": [{"resource": {"attributes": as_json({"service.name": "by-hand"})}, "scopeSpans": [{"spans": spans}]}]}
    answer = serving.export(json.dumps(body).encode(), kind="application/json")
    assert (answer.status_code, answer.json(), answer.headers["content-type"]) == (200, {}, "application/json")
    serving.stored(trace, 2)
    _, call = serving.spans(trace)
    assert (call["cost"], call["kind"], call["status"], call["duration_ns"]) == (Decimal("0.0035"), "Client", "Error", 10)
    row = serving.query("SELECT * FROM otel_traces WHERE TraceId = {trace:String} AND ParentSpanId != ''", trace=trace)[0]
    assert (row["Events.Name"], row["Events.Attributes"]) == (["first token"], [{"n": "1"}])
    assert (row["Links.TraceId"], row["Links.SpanId"], row["Links.Attributes"]) == ([trace], ["00000000000000a1"], [{"why": "test"}])
    assert row["StatusMessage"] == "stopped"


def as_json(attributes: dict[str, str | int]) -> list[dict[str, object]]:
    return [{"key": key, "value": {"stringValue": of} if isinstance(of, str) else {"intValue": str(of)}} for key, of in attributes.items()]


def test_a_span_that_is_not_valid_is_rejected_and_the_rest_is_kept(serving: Serving) -> None:
    trace = trace_id()
    bad = span(trace, 2, {}, name="broken")
    bad.span_id = b"\x01\x02"
    answer = serving.export(request([span(trace, 1, chat("gpt-4o", 1, 1)), bad, span(trace, 3, {})]).SerializeToString())
    told = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, told.rejected_spans) == (200, 1)
    assert "broken" in told.error_message
    serving.stored(trace, 2)
    assert [row["name"] for row in serving.spans(trace)] == ["span 1", "span 3"]


def test_a_request_that_is_none_is_refused(serving: Serving) -> None:
    answer = serving.export(b"\xff\xff not protobuf")
    assert answer.status_code == 400
    assert serving.export(b"{]", kind="application/json").status_code == 400


def test_the_same_request_sent_again_counts_once_and_the_latest_content_wins(serving: Serving) -> None:
    trace = trace_id()
    root = span(trace, 1, invoke("writer", team="sales"))
    first = request([root, span(trace, 2, chat("gpt-4o", 1000, 100), parent=1)]).SerializeToString()
    for _ in range(3):
        assert serving.export(gzip.compress(first), content_encoding="gzip").status_code == 200
    serving.stored(trace, 2)
    assert [row["cost"] for row in serving.spans(trace)] == [0, Decimal("0.0035")]
    changed = request([span(trace, 2, chat("gpt-4o", 2000, 100), parent=1)]).SerializeToString()
    assert serving.export(changed).status_code == 200
    serving.until(lambda: serving.spans(trace)[1]["input_tokens"] == 2000, "the new content is stored")
    serving.attributed(trace)
    of_trace = serving.query("SELECT spans, cost FROM traces WHERE trace_id = {trace:String}", trace=trace)
    assert only(of_trace) == {"spans": 2, "cost": Decimal("0.006")}
    posted = serving.query("SELECT team, sum(amount) AS usd FROM ledger WHERE trace_id = {trace:String} GROUP BY team", trace=trace)
    assert only(posted) == {"team": "sales", "usd": Decimal("0.006")}


def test_a_key_is_needed_where_keys_are_configured(keyed: Serving) -> None:
    body = request([span(trace_id(), 1, {})]).SerializeToString()
    assert keyed.export(body).status_code == 401
    assert keyed.export(body, authorization="Bearer sk-guessed").status_code == 401
    assert keyed.export(body, path="/api/public/otel/v1/traces").status_code == 401
    assert keyed.export(body, x_api_key=SECRET).status_code == 200


def test_tags_of_the_key_win_over_what_the_client_says(keyed: Serving) -> None:
    trace = trace_id()
    claims = invoke("writer", team="support", **{"team.id": "support", "user.id": "ada"})
    spans = [span(trace, 1, claims), span(trace, 2, chat("gpt-4o", 1000, 100, team="support"), parent=1), span(trace, 3, {}, parent=1)]
    body = request(spans, {"service.name": "x", "team": "support"}).SerializeToString()
    basic = base64.b64encode(f"sales-agents:{SECRET}".encode()).decode()
    assert keyed.export(body, path="/api/public/otel/v1/traces", authorization=f"Basic {basic}").status_code == 200
    keyed.stored(trace, 3)
    keyed.attributed(trace)
    rows = keyed.spans(trace, "team, department, user", "attributed_spans")
    assert [tuple(row.values()) for row in rows] == [("sales", "revenue", "ada")] * 3
    assert keyed.spans(trace)[0]["attributes"]["team"] == "support", "what the client said is kept, and does not count"
