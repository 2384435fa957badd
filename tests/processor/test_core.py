"""The native core writes byte for byte what Python writes, and whatever else comes in it leaves to Python."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue, KeyValueList

from attribution.conventions import Reading
from attribution.prices import Price
from collector.config import Config
from collector.core import native
from collector.core.core import Core, Request, built
from collector.processor import Processed, Processor
from collector.processor.facts import COLUMNS, LETTERS, facts, plainly
from collector.processor.recipes import Recipes
from collector.processor.span_records import SpanRecords
from collector.spool import Delivery
from tests.emitters.test_golden import FIXTURES, delivery
from tests.processor.requests import delivered, request

PROCESSOR = Processor(Config())
SEEDS = st.integers(0, 2**32)


def records(*, keep_content: bool) -> tuple[SpanRecords, SpanRecords]:
    """With the core and without."""
    core = Core(built(), keep_content=keep_content)
    return SpanRecords(keep_content=keep_content, core=core), SpanRecords(keep_content=keep_content)


BOTH = {keep: records(keep_content=keep) for keep in (False, True)}


def check(batch: Sequence[Processed], *, keep_content: bool) -> None:
    """Both write the same, and the core left nothing of it to Python."""
    fast, plain = BOTH[keep_content]
    with fast.from_core(batch) as found:
        written = {name: bytes(column) for name, column in found.items()}
    assert written.keys() == COLUMNS.keys()
    columns = plain.from_python(batch)
    for name in COLUMNS:
        assert written[name] == columns[name], name
    assert fast.block(batch) == plain.block(batch)


@pytest.mark.parametrize("keep_content", [False, True])
def test_every_capture(keep_content: bool) -> None:
    captured = [PROCESSOR.process(delivery(name, version)) for version, name in enumerate(FIXTURES, 1)]
    check(captured, keep_content=keep_content)


@given(SEEDS, st.integers(1, 4), st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_requests(seed: int, count: int, keep_content: bool) -> None:
    some = random.Random(seed)
    batch = [
        PROCESSOR.process(delivered(request(some), seq, sender="x", tags={"team": "t"} if seq % 2 else {})) for seq in range(1, count + 1)
    ]
    if any(processed.prices for processed in batch):
        check(batch, keep_content=keep_content)


def test_more_keys_than_two_bytes_count() -> None:
    made = ExportTraceServiceRequest()
    spans = made.resource_spans.add().scope_spans.add().spans
    for nth in range(300):
        span = spans.add(trace_id=bytes(16), span_id=nth.to_bytes(8, "big"), name=f"name {nth}")
        span.attributes.extend([KeyValue(key=f"{nth}.{place}", value=AnyValue(int_value=place)) for place in range(240)])
    check([PROCESSOR.process(delivered(made))], keep_content=False)


@given(SEEDS)
@settings(max_examples=500, deadline=None)
def test_bytes_that_are_no_request_are_left_to_python(seed: int) -> None:
    """Cut, flipped, repeated, put together from pieces: an answer or None, never a crash, and never a byte from beyond."""
    some = random.Random(seed)
    body = bytearray(request(some).SerializeToString())
    for _ in range(some.randrange(1, 6)):
        at, until = sorted(some.randrange(len(body) + 1) for _ in range(2))
        match some.randrange(4):
            case 0:
                del body[at:until]
            case 1:
                body[at:at] = body[at:until]
            case 2:
                body[at:at] = some.randbytes(some.randrange(12))
            case _ if body:
                body[min(at, len(body) - 1)] = some.randrange(256)
    Recipes(built(), PROCESSOR.appraiser).find(Delivery(1, 1, some.randrange(9), {}, bytes(body)))
    core = Core(built(), keep_content=some.random() < 0.5)
    rows = some.randrange(1, 20)
    nothing = Price("none", "orchestration", None, "none", "", None, None)
    read = Processed(delivered(request(some)), None, range(rows), [Reading()] * rows, [nothing] * rows, [{}], [0] * rows)
    added = native.varint(0) * rows
    with core.columns([Request(bytes(body))], rows, LETTERS, len(COLUMNS), plainly(facts([read])), rows, added) as found:
        assert len(found) in {0, len(COLUMNS)}


def odd(kind: str) -> ExportTraceServiceRequest:
    """Shapes that protobuf knows how to read and hardly anybody sends."""
    made = ExportTraceServiceRequest()
    scope = made.resource_spans.add().scope_spans.add()
    span = scope.spans.add(trace_id=bytes(16), span_id=bytes(8), name="chat")
    twice = KeyValueList(values=[KeyValue(key="a", value=AnyValue(int_value=number)) for number in (1, 2)])
    value = {
        "members of one name": AnyValue(kvlist_value=twice),
        "two values in one": AnyValue.FromString(
            AnyValue(kvlist_value=twice).SerializeToString() + AnyValue(int_value=3).SerializeToString()
        ),
    }
    span.attributes.add(key="odd").value.CopyFrom(value.get(kind, AnyValue(int_value=1)))
    if kind == "two statuses":
        raw = span.SerializeToString() + b"\x7a\x02\x18\x02" * 2
        scope.spans[0].ParseFromString(raw)
    return made


@pytest.mark.parametrize("kind", ["members of one name", "two values in one", "two statuses"])
def test_what_is_odd_is_stored_all_the_same(kind: str) -> None:
    batch = [PROCESSOR.process(delivered(odd(kind)))]
    fast, plain = BOTH[False]
    assert fast.block(batch) == plain.block(batch)


def test_of_attributes_of_one_key_the_last_one_is_kept_as_it_is_the_one_that_is_read() -> None:
    made = ExportTraceServiceRequest()
    span = made.resource_spans.add().scope_spans.add().spans.add(trace_id=bytes(16), span_id=bytes(8))
    for number in (1, 2, 3):
        span.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = number
        span.attributes.add(key="gen_ai.request.model").value.string_value = "gpt-4o"
    [processed] = batch = [PROCESSOR.process(delivered(made))]
    assert processed.readings[0].input_tokens == 3
    check(batch, keep_content=False)
    keys, texts = BOTH[False][1].wire(batch)["attributes"][0]
    assert texts[list(keys).index("gen_ai.usage.input_tokens")] == b"\x013"
