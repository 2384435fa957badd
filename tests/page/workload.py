"""Weeks of the demo's workload: its spans, made with the real SDK and moved to earlier days."""

from __future__ import annotations

import time
from collections.abc import Iterator

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from collector.demo import Workload

DAY_NS = 86_400 * 10**9
LASTS_NS = 40 * 10**6
"""Of the shortest span; those above it last longer."""


def weeks(days: int, workflows: int = 12, seed: int = 7) -> Iterator[tuple[bytes, int]]:
    """A request, and how many spans it has, for each of the last `days` days, the oldest first; later days have more workflows."""
    for ago in reversed(range(days)):
        memory = InMemorySpanExporter()
        provider = TracerProvider(resource=Resource.create({"service.name": "agents", "deployment.environment.name": "production"}))
        provider.add_span_processor(SimpleSpanProcessor(memory))
        Workload(provider.get_tracer("opentelemetry.instrumentation.openai_v2"), seed + ago).run(workflows + (days - ago) // 3)
        spans = memory.get_finished_spans()
        yield moved(encode_spans(spans), ago).SerializeToString(), len(spans)


def moved(request: ExportTraceServiceRequest, days: int) -> ExportTraceServiceRequest:
    """The same some days earlier, spread over the hours before this one; a span lasts as long as what is below it takes."""
    spans = [span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans]
    spans.sort(key=lambda span: span.start_time_unix_nano)
    begin = time.time_ns() - days * DAY_NS - 600 * 10**9
    for at, span in enumerate(spans):
        span.start_time_unix_nano = begin + at * LASTS_NS
    by_id = {span.span_id: span for span in spans}
    for span in spans:
        span.end_time_unix_nano = span.start_time_unix_nano + LASTS_NS
    for span in reversed(spans):
        above = by_id.get(span.parent_span_id)
        if above is not None:
            above.end_time_unix_nano = max(above.end_time_unix_nano, span.end_time_unix_nano)
    return request
