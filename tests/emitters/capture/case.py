"""What the scripts share inside their own virtual environments; standard library only until a function is called."""

from __future__ import annotations

import asyncio
import inspect
import os
import sys
from collections.abc import Callable
from typing import Any

CASES: dict[str, Callable[[], Any]] = {}

PROVIDER = os.environ.get("CAPTURE_PROVIDER", "http://127.0.0.1:18801")
SINK = os.environ.get("CAPTURE_SINK", "http://127.0.0.1:18802")


def case(function: Callable[[], Any]) -> Callable[[], Any]:
    """Mark a case: run.py runs each in a process of its own."""
    CASES[function.__name__] = function
    return function


def tracing() -> Any:
    """The OpenTelemetry SDK with an OTLP exporter to the sink, as global tracer provider."""
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider


def main() -> None:
    """Run the case that is named on the command line, then send what is left to send."""
    made = CASES[sys.argv[1]]()
    if inspect.isawaitable(made):
        asyncio.run(made)  # type: ignore[arg-type]
    if "opentelemetry.trace" in sys.modules:
        flush = getattr(sys.modules["opentelemetry.trace"].get_tracer_provider(), "force_flush", None)
        if flush is not None:
            flush()
