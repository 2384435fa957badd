"""Realistic OTLP requests for benchmarks: traces of ten spans, agents and model calls, ten attributes a span."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.spool import Delivery

SPANS_A_REQUEST = 500
SPANS_A_TRACE = 10
START_NS = 1_790_000_000_000_000_000
AGENTS = ("planner", "researcher", "guardrail", "writer")
TEAMS = ("sales", "support", "data", "platform")


def deliveries(requests: int, seed: int = 1, spans: int = SPANS_A_REQUEST) -> Iterator[Delivery]:
    """That many requests of so many spans as the spool hands them on."""
    generator = random.Random(seed)
    for number in range(requests):
        body = request(generator, number, spans).SerializeToString()
        yield Delivery(number + 1, START_NS + number * spans, spans, {}, body)


def request(generator: random.Random, number: int, spans: int = SPANS_A_REQUEST) -> ExportTraceServiceRequest:
    """One request of traces of ten spans: a root agent with a team, agents below it, every other span a model call."""
    message = ExportTraceServiceRequest()
    resource_spans = message.resource_spans.add()
    for key, value in (("service.name", "agents"), ("deployment.environment.name", "prod"), ("telemetry.sdk.language", "python")):
        resource_spans.resource.attributes.add(key=key).value.string_value = value
    scope_spans = resource_spans.scope_spans.add()
    scope_spans.scope.name = "opentelemetry.instrumentation.openai_v2"
    for at in range(spans):
        place = at % SPANS_A_TRACE
        if place == 0:
            trace_id, ids = generator.randbytes(16), [generator.randbytes(8) for _ in range(SPANS_A_TRACE)]
        start = START_NS + (number * spans + at) * 1_000_000
        span = scope_spans.spans.add(trace_id=trace_id, span_id=ids[place], start_time_unix_nano=start, end_time_unix_nano=start + 900_000)
        if place:
            span.parent_span_id = ids[(place - 1) // 3]
        for key, value in (_chat(generator) if place % 2 else _agent(generator, root=place == 0)).items():
            target = span.attributes.add(key=key).value
            setattr(target, "string_value" if isinstance(value, str) else "int_value", value)
        span.name = "chat gpt-4o" if place % 2 else "invoke_agent"
    return message


def _chat(generator: random.Random) -> dict[str, Any]:
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.response.id": f"chatcmpl-{generator.getrandbits(64):016x}",
        "gen_ai.usage.input_tokens": generator.randint(100, 5000),
        "gen_ai.usage.output_tokens": generator.randint(10, 500),
        "gen_ai.request.max_tokens": 1000,
        "server.address": "api.openai.com",
        "server.port": 443,
    }


def _agent(generator: random.Random, *, root: bool) -> dict[str, Any]:
    attributes = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": generator.choice(AGENTS),
        "gen_ai.agent.id": f"{generator.getrandbits(32):08x}",
        "thread.id": generator.getrandbits(16),
        "thread.name": "MainThread",
    }
    if root:
        attributes |= {"team": generator.choice(TEAMS), "user.id": f"user-{generator.randint(1, 1000)}"}
    return attributes
