"""OTLP requests made by hand, for what no SDK would send twice, or at all."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

SECOND = 10**9
DAY = 86_400 * SECOND
MAY = int(datetime(2026, 5, 1, 12, tzinfo=UTC).timestamp()) * SECOND
"""When the spans made by hand take place, if nothing else is said."""


def trace_id() -> str:
    """A new one."""
    return secrets.token_hex(16)


def value(of: Any) -> AnyValue:
    """A Python value as OTLP says it."""
    if isinstance(of, str):
        return AnyValue(string_value=of)
    if isinstance(of, bool):
        return AnyValue(bool_value=of)
    if isinstance(of, int):
        return AnyValue(int_value=of)
    if isinstance(of, float):
        return AnyValue(double_value=of)
    built = AnyValue()
    if isinstance(of, list):
        built.array_value.values.extend(map(value, of))
    elif isinstance(of, Mapping):
        built.kvlist_value.values.extend(pairs(of))
    elif isinstance(of, bytes):
        built.bytes_value = of
    return built


def pairs(attributes: Mapping[str, Any]) -> list[KeyValue]:
    """Attributes."""
    return [KeyValue(key=key, value=value(of)) for key, of in attributes.items()]


def span(trace: str, nth: int, attributes: Mapping[str, Any], *, parent: int = 0, day: int = 1, **more: Any) -> Span:
    """Span `nth` of a trace, `nth` seconds after noon of a day of May (32 is the first of June); `parent` 0 is a root."""
    start = MAY + (day - 1) * DAY + nth * SECOND
    facts = {"name": f"span {nth}", "start_time_unix_nano": start, "end_time_unix_nano": start + 10 * SECOND}
    ids = {"trace_id": bytes.fromhex(trace), "span_id": span_id(nth), "parent_span_id": span_id(parent) if parent else b""}
    return Span(**{**ids, **facts, "attributes": pairs(attributes), **more})


def span_id(nth: int) -> bytes:
    """Of span `nth`."""
    return nth.to_bytes(8, "big")


def request(spans: Sequence[Span], resource: Mapping[str, Any] | None = None, scope: str = "by hand") -> ExportTraceServiceRequest:
    """All of them from one service."""
    built = ExportTraceServiceRequest()
    resource_spans = built.resource_spans.add()
    resource_spans.resource.attributes.extend(pairs(resource or {"service.name": "by-hand"}))
    scope_spans = resource_spans.scope_spans.add()
    scope_spans.scope.name = scope
    scope_spans.spans.extend(spans)
    return built


def chat(model: str, tokens_in: int, tokens_out: int, **more: Any) -> dict[str, Any]:
    """Attributes of a model call."""
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": model,
        "gen_ai.response.model": model,
        "gen_ai.usage.input_tokens": tokens_in,
        "gen_ai.usage.output_tokens": tokens_out,
        **more,
    }


def invoke(agent: str, **more: Any) -> dict[str, Any]:
    """Attributes of an agent at work."""
    return {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": agent, **more}
