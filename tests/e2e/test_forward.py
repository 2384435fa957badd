"""What is forwarded: billable spans with the annotation that is also stored, all else as it came."""

from __future__ import annotations

from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.e2e.conftest import SECRET
from tests.e2e.otlp import MAY, chat, invoke, pairs, request, span, span_id, trace_id
from tests.e2e.serving import Serving, only
from tests.e2e.sink import Sink

EVERYTHING = {
    "text": "ü €",
    "bool": False,
    "int": -(2**62),
    "double": 0.1,
    "bytes": b"\x00\xff",
    "array": ["a", 1, ["b"]],
    "map": {"a": {"b": 1}},
    "empty": "",
    "gen_ai.input.messages": "a prompt",
}


def sent_request(trace: str) -> ExportTraceServiceRequest:
    """One of each kind, with all that OTLP knows."""
    built = request([
        span(trace, 1, chat("gpt-4o", 2000, 200) | invoke("writer"), flags=0x101),
        span(trace, 2, chat("gpt-4o", 1000, 100, **EVERYTHING, **{"gen_ai.usage.cache_read.input_tokens": 400}), parent=1, kind=3),
        span(trace, 3, chat("gpt-4o", 1001, 100, **{"gen_ai.usage.cost": 0.25, "spanledger.cost.usd": "0"}), parent=1),
        span(trace, 4, chat("acme-secret-1", 1002, 100), parent=1),
        span(trace, 5, {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "web_search"}, parent=1),
        span(trace, 6, EVERYTHING, parent=1),
    ])  # fmt: skip
    resource_spans = built.resource_spans[0]
    resource_spans.schema_url = "https://opentelemetry.io/schemas/1.37.0"
    resource_spans.resource.dropped_attributes_count = 3
    resource_spans.scope_spans[0].schema_url = "https://opentelemetry.io/schemas/1.36.0"
    resource_spans.scope_spans[0].scope.version = "1.2"
    resource_spans.scope_spans[0].scope.attributes.extend(pairs({"scope": "attribute"}))
    rich = resource_spans.scope_spans[0].spans[1]
    rich.trace_state = "vendor=1"
    rich.dropped_attributes_count = 1
    rich.dropped_events_count = 2
    rich.dropped_links_count = 3
    rich.status.code = 2
    rich.status.message = "stopped"
    rich.events.add(
        time_unix_nano=MAY, name="gen_ai.choice", attributes=pairs({"gen_ai.completion": "a completion"}), dropped_attributes_count=4
    )
    rich.links.add(trace_id=bytes(15) + b"\x01", span_id=span_id(9), trace_state="b=2", attributes=pairs({"why": "link"}), flags=0x301)
    return built


def added(before: Span, after: Span) -> dict[str, Any]:
    """Attributes that `after` has and `before` has not; all else is asserted to be as it was."""
    was, came = ({pair.key: pair.value for pair in of.attributes} for of in (before, after))
    assert [pair.key for pair in after.attributes][: len(was)] == list(was), "in their order, none removed"
    new = {key: came[key] for key in came if key not in was or came[key] != was[key]}
    stripped = Span()
    stripped.CopyFrom(after)
    del stripped.attributes[:]
    stripped.attributes.extend(before.attributes)
    assert stripped == before
    return {key: plain(value) for key, value in new.items()}


def plain(value: AnyValue) -> Any:
    return getattr(value, value.WhichOneof("value"))


def check(serving: Serving, trace: str, sent: ExportTraceServiceRequest, received: Sink) -> None:
    serving.stored(trace, 6)
    serving.until(lambda: received.of(trace), "it is forwarded")
    before, after = sent.resource_spans[0], only(received.of(trace))
    assert (after.resource, after.schema_url) == (before.resource, before.schema_url)
    assert (after.scope_spans[0].scope, after.scope_spans[0].schema_url) == (before.scope_spans[0].scope, before.scope_spans[0].schema_url)
    spans = zip(before.scope_spans[0].spans, after.scope_spans[0].spans, strict=True)
    annotations = [added(*pair) for pair in spans]
    stored = [row["SpanAttributes"] for row in serving.query(STORED, trace=trace)]
    price_id = annotations[1]["spanledger.cost.price_id"]
    assert price_id.startswith("genai-prices:openai/gpt-4o")
    llm = {"spanledger.bucket": "llm", "spanledger.tokens.output": 100}
    assert annotations == [
        {},  # an aggregate
        {
            **llm,
            "spanledger.cost.usd": "0.003",  # 600 at 2.50, 400 at 1.25, 100 at 10.00
            "spanledger.cost.source": "priced",
            "spanledger.cost.price_id": price_id,
            "spanledger.tokens.input": 1000,
            "spanledger.tokens.cache_read": 400,
            "gen_ai.usage.cost": 0.003,
        },
        {**llm, "spanledger.cost.usd": "0.25", "spanledger.cost.source": "reported", "spanledger.tokens.input": 1001},
        {**llm, "spanledger.cost.source": "unpriced", "spanledger.tokens.input": 1002},
        {
            "spanledger.bucket": "tool",
            "spanledger.cost.usd": "0.001",
            "spanledger.cost.source": "rule",
            "spanledger.cost.price_id": "rule:tool/web_search",
            "gen_ai.usage.cost": 0.001,
        },
        {},
    ]
    ours = [{key: of for key, of in row.items() if key.startswith("spanledger.") or key == "gen_ai.usage.cost"} for row in stored]
    annotations[2]["gen_ai.usage.cost"] = 0.25  # it had that already
    assert ours == [{key: str(of) for key, of in one.items()} for one in annotations]


STORED = "SELECT SpanAttributes FROM otel_traces WHERE TraceId = {trace:String} ORDER BY Timestamp"


def test_over_grpc(serving: Serving, sink: Sink) -> None:
    trace = trace_id()
    sent = sent_request(trace)
    assert serving.export(sent.SerializeToString()).status_code == 200
    check(serving, trace, sent, sink)
    assert sink.headers[-1]["x-tenant"] == "acme"


def test_over_http_and_again_after_a_failure(keyed: Serving, second_sink: Sink) -> None:
    trace = trace_id()
    sent = sent_request(trace)
    second_sink.fail(times=1)
    assert keyed.export(sent.SerializeToString(), x_api_key=SECRET).status_code == 200
    check(keyed, trace, sent, second_sink)
    assert "x-api-key" not in second_sink.headers[-1], "secrets of those who send are not passed on"


def test_prompts_are_dropped_at_storage(serving: Serving) -> None:
    rows = attributes_stored(serving)
    assert not any("gen_ai.input.messages" in row["SpanAttributes"] for row in rows)
    assert [event for row in rows for event in row["events"]] == [{}]
    assert "a prompt" not in str(rows)
    assert "a completion" not in str(rows)
    assert [row["SpanAttributes"]["text"] for row in rows if "text" in row["SpanAttributes"]] == ["ü €"] * 2


def test_prompts_are_stored_where_they_are_to_be_kept(keyed: Serving) -> None:
    rows = attributes_stored(keyed, x_api_key=SECRET)
    assert [row["SpanAttributes"].get("gen_ai.input.messages", "") for row in rows] == ["", "a prompt", "", "", "", "a prompt"]
    assert [event for row in rows for event in row["events"]] == [{"gen_ai.completion": "a completion"}]


def attributes_stored(serving: Serving, **headers: str) -> list[dict[str, Any]]:
    trace = trace_id()
    assert serving.export(sent_request(trace).SerializeToString(), **headers).status_code == 200
    serving.stored(trace, 6)
    return serving.query(
        "SELECT SpanAttributes, `Events.Attributes` AS events FROM otel_traces WHERE TraceId = {trace:String} ORDER BY Timestamp",
        trace=trace,
    )
