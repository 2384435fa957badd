"""What the agents have in common: the SDK as an application sets it up, and ids printed for the test."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span


def provider(**resource: Any) -> TracerProvider:
    """Sends to where the environment says; no argument of the exporter is given."""
    made = TracerProvider(resource=Resource.create(resource))
    made.add_span_processor(BatchSpanProcessor(exporter()))
    return made


def exporter() -> SpanExporter:
    """Of the protocol that OTEL_EXPORTER_OTLP_PROTOCOL names."""
    if os.environ["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    return OTLPSpanExporter()


def tell(**what: Any) -> None:
    """Print for the test."""
    sys.stdout.write(json.dumps(what))


def trace_id(span: Span) -> str:
    """As the store spells it."""
    return f"{span.get_span_context().trace_id:032x}"


def span_id(span: Span) -> str:
    """As the store spells it."""
    return f"{span.get_span_context().span_id:016x}"
