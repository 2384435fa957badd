"""Writes spans as the OpenTelemetry Collector's ClickHouse exporter does: its table, its spelling of attributes."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from attribution.storage import Store

TABLE = """
CREATE TABLE {name}
(
    Timestamp DateTime64(9) CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ParentSpanId String CODEC(ZSTD(1)),
    TraceState String CODEC(ZSTD(1)),
    SpanName LowCardinality(String) CODEC(ZSTD(1)),
    SpanKind LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Duration UInt64 CODEC(ZSTD(1)),
    StatusCode LowCardinality(String) CODEC(ZSTD(1)),
    StatusMessage String CODEC(ZSTD(1)),
    Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    Links Nested (TraceId String, SpanId String, TraceState String, Attributes Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_span_attr_key mapKeys(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_duration Duration TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1
"""
"""As the exporter of the Collector's contrib distribution creates it."""

KINDS = ("Unspecified", "Internal", "Server", "Client", "Producer", "Consumer")
STATUSES = ("Unset", "Ok", "Error")
COLUMNS = (
    "Timestamp", "TraceId", "SpanId", "ParentSpanId", "TraceState", "SpanName", "SpanKind", "ServiceName", "ResourceAttributes",
    "ScopeName", "ScopeVersion", "SpanAttributes", "Duration", "StatusCode", "StatusMessage",
    "Events.Timestamp", "Events.Name", "Events.Attributes", "Links.TraceId", "Links.SpanId", "Links.TraceState", "Links.Attributes",
)  # fmt: skip


def export(store: Store, name: str, requests: Iterable[ExportTraceServiceRequest]) -> None:
    """Insert spans as the exporter does, one insert for each request."""
    for request in requests:
        store.insert(name, COLUMNS, [[row[column] for column in COLUMNS] for row in rows(request)])


def rows(request: ExportTraceServiceRequest) -> Iterator[dict[str, Any]]:
    """Rows of the table, one for each span."""
    for each in request.resource_spans:
        resource = texts(each.resource.attributes)
        for scope in each.scope_spans:
            for span in scope.spans:
                yield {
                    "Timestamp": span.start_time_unix_nano,
                    "TraceId": span.trace_id.hex(),
                    "SpanId": span.span_id.hex(),
                    "ParentSpanId": span.parent_span_id.hex(),
                    "TraceState": span.trace_state,
                    "SpanName": span.name,
                    "SpanKind": KINDS[span.kind],
                    "ServiceName": resource.get("service.name", ""),
                    "ResourceAttributes": resource,
                    "ScopeName": scope.scope.name,
                    "ScopeVersion": scope.scope.version,
                    "SpanAttributes": texts(span.attributes),
                    "Duration": max(span.end_time_unix_nano - span.start_time_unix_nano, 0),
                    "StatusCode": STATUSES[span.status.code],
                    "StatusMessage": span.status.message,
                    "Events.Timestamp": [event.time_unix_nano for event in span.events],
                    "Events.Name": [event.name for event in span.events],
                    "Events.Attributes": [texts(event.attributes) for event in span.events],
                    "Links.TraceId": [link.trace_id.hex() for link in span.links],
                    "Links.SpanId": [link.span_id.hex() for link in span.links],
                    "Links.TraceState": [link.trace_state for link in span.links],
                    "Links.Attributes": [texts(link.attributes) for link in span.links],
                }


def texts(attributes: Any) -> dict[str, str]:
    """Attributes as text, as the Collector's `pcommon.Value.AsString` makes it."""
    return {pair.key: text(pair.value) for pair in attributes}


def text(value: AnyValue) -> str:
    kind = value.WhichOneof("value")
    if kind is None:
        return ""
    if kind in {"array_value", "kvlist_value"}:
        return json.dumps(plain(value), separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    found = getattr(value, kind)
    if kind == "bool_value":
        return "true" if found else "false"
    if kind == "double_value":
        return number(found)
    return base64.b64encode(found).decode() if kind == "bytes_value" else str(found)


def number(value: float) -> str:
    """As Go's JSON spells it: 0.00001 and 3, but 1e-7."""
    if not math.isfinite(value):
        return {math.inf: "+Inf", -math.inf: "-Inf"}.get(value, "NaN")
    shortest = f"{value:.0f}" if value.is_integer() and abs(value) < 1e21 else repr(value)
    mantissa, _, exponent = shortest.partition("e")
    if exponent and 1e-6 <= abs(value) < 1e21:
        return f"{value:.30f}".rstrip("0")
    return f"{mantissa}e{int(exponent)}" if exponent else shortest


def plain(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {item.key: plain(item.value) for item in value.kvlist_value.values}
    found = getattr(value, kind) if kind else None
    return base64.b64encode(found).decode() if isinstance(found, bytes) else found


def request_of(spans: Iterable[Mapping[str, Any]], resource: Mapping[str, str] | None = None) -> ExportTraceServiceRequest:
    """A request of spans given as `trace_id`, `span_id`, `parent`, `name`, `start_ns`, `duration_ns`, `attributes`, `links`."""
    request = ExportTraceServiceRequest()
    each = request.resource_spans.add()
    for key, value in (resource or {"service.name": "agents"}).items():
        each.resource.attributes.add(key=key).value.string_value = value
    scope = each.scope_spans.add()
    scope.scope.name = "test"
    for given in spans:
        span = scope.spans.add(name=given.get("name", "span"), kind=3)
        span.trace_id, span.span_id = bytes.fromhex(f"{given['trace_id']:032x}"), bytes.fromhex(f"{given['span_id']:016x}")
        span.parent_span_id = bytes.fromhex(f"{given['parent']:016x}") if given.get("parent") else b""
        span.start_time_unix_nano = given["start_ns"]
        span.end_time_unix_nano = given["start_ns"] + given.get("duration_ns", 10**9)
        span.status.message = given.get("status_message", "")
        for key, value in given.get("attributes", {}).items():
            if value is None:
                continue
            target = span.attributes.add(key=key).value
            if isinstance(value, int):
                target.int_value = value
            else:
                target.string_value = value
        for event in given.get("events", ()):
            added = span.events.add(name=event, time_unix_nano=given["start_ns"] + 1)
            added.attributes.add(key="gen_ai.prompt").value.string_value = "hello"
        for trace_id in given.get("links", ()):
            span.links.add(trace_id=bytes.fromhex(f"{trace_id:032x}"), span_id=bytes.fromhex(f"{1:016x}"))
    return request
