"""OTLP requests in which everything is present that a sender may send: any value anywhere, events, links, several resources and scopes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from collector.spool import Delivery

NOON = 1_793_534_400_000_000_000
KEYS = (
    "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.request.model", "gen_ai.provider.name", "gen_ai.usage.cost", "input",
    "output.value", "llm.input_messages.0.content", "team", "user.id", "metadata", "spanledger.cost.usd", "service.name", "a/b", "é", "",
)  # fmt: skip
TEXTS = (
    "",
    "x",
    "gpt-4o",
    "openai",
    'a/b"\\\n\t\x01é\u2028\x7f',
    "12",
    "1.5e3",
    "-",
    "x" * 40,
    "1" * 41,
    "x" * 127,
    "y" * 128,
    "z" * 16_384,
)
WHOLE = (0, 1, -1, 127, 128, 2**53, 2**63 - 1, -(2**63))
DOUBLES = (
    0.0,
    -0.0,
    1.0,
    0.1,
    1e15,
    1e16,
    1e20,
    1e21,
    1.5e300,
    5e-324,
    1e-6,
    1.25e-7,
    123456789.125,
    float("nan"),
    float("inf"),
    -float("inf"),
)
DEPTH_MAX = 4


def any_value(some: random.Random, depth: int = 0) -> AnyValue:
    """A value of any kind."""
    makers: tuple[Callable[[], AnyValue], ...] = (
        AnyValue,
        lambda: AnyValue(string_value=some.choice(TEXTS)),
        lambda: AnyValue(int_value=some.choice((*WHOLE, some.getrandbits(30)))),
        lambda: AnyValue(double_value=some.choice((*DOUBLES, some.random() * 10.0 ** some.randrange(-30, 30)))),
        lambda: AnyValue(bool_value=some.random() < 0.5),
        lambda: AnyValue(bytes_value=some.randbytes(some.randrange(5))),
        lambda: AnyValue(array_value=ArrayValue(values=[any_value(some, depth + 1) for _ in range(some.randrange(4))])),
        lambda: AnyValue(kvlist_value=KeyValueList(values=[pair(key) for key in some.sample(KEYS, some.randrange(4))])),
    )

    def pair(key: str) -> KeyValue:
        return KeyValue(key=key, value=any_value(some, depth + 1))

    return some.choice(makers if depth < DEPTH_MAX else makers[:6])()


def add_attributes(some: random.Random, to: Any, most: int) -> None:
    """Up to so many, in any order."""
    for key in some.sample(KEYS, some.randrange(most)):
        to.add(key=key).value.CopyFrom(any_value(some))


def request(some: random.Random) -> ExportTraceServiceRequest:
    """A request of any shape; maybe without a span."""
    made = ExportTraceServiceRequest()
    for _ in range(some.randrange(1, 4)):
        resource = made.resource_spans.add()
        add_attributes(some, resource.resource.attributes, 5)
        for _ in range(some.randrange(3)):
            scope = resource.scope_spans.add()
            scope.scope.name, scope.scope.version = some.choice(("", "openinference.instrumentation.openai")), some.choice(("", "1.2"))
            for _ in range(some.randrange(6)):
                add_span(some, scope.spans)
    return made


def add_span(some: random.Random, to: Any) -> None:
    """One span; it may end before it starts."""
    start = NOON + some.getrandbits(36)
    span = to.add(
        trace_id=some.randbytes(16),
        span_id=some.randbytes(8),
        parent_span_id=some.choice((b"", some.randbytes(8))),
        trace_state=some.choice(("", "ot=th:8")),
        name=some.choice(("chat", "é", "")),
        kind=some.randrange(9),
        start_time_unix_nano=start,
        end_time_unix_nano=some.choice((0, start, start + some.getrandbits(33), 2**64 - 1)),
    )
    if some.random() < 0.5:
        span.status.code, span.status.message = some.randrange(3), some.choice(("", "refused"))
    add_attributes(some, span.attributes, len(KEYS))
    for _ in range(some.choice((0, 0, 1, 3))):
        event = span.events.add(name=some.choice(("first", "")), time_unix_nano=some.choice((0, start, 2**64 - 1)))
        add_attributes(some, event.attributes, 4)
    for _ in range(some.choice((0, 0, 1, 2))):
        add_attributes(some, span.links.add(trace_id=some.randbytes(16), span_id=some.randbytes(8)).attributes, 4)


def delivered(made: ExportTraceServiceRequest, seq: int = 1, **how: Any) -> Delivery:
    """A request as the spool hands it on."""
    spans = sum(len(scope.spans) for resource in made.resource_spans for scope in resource.scope_spans)
    return Delivery(seq, seq, spans, how.pop("tags", {}), made.SerializeToString(), **how)
