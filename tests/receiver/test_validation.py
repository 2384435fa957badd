"""Which spans are kept, which are rejected, and what their sender is told: the same on every transport."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span

from collector.core.native import varint
from collector.receiver.outcome import Outcome, RefusalError
from collector.receiver.validation import DAY_NS, Window, validate

from .conftest import Receiver, request, span

NS_MAX = (1 << 63) - 1


def delimited(message: bytes) -> bytes:
    return varint(len(message)) + message


KEPT = {
    "root": {},
    "child": {"parent_span_id": bytes([3] * 8)},
    "its own parent": {"parent_span_id": bytes([2] * 8)},
    "no name": {"name": ""},
    "first nanosecond": {"start_time_unix_nano": 1},
    "last nanosecond": {"start_time_unix_nano": NS_MAX},
    "ends before it starts": {"end_time_unix_nano": 1},
    "an id that is nearly zeros": {"trace_id": bytes(15) + b"\x01", "span_id": bytes(7) + b"\x01"},
}

REJECTED = {
    "no trace id": ({"trace_id": b""}, "trace_id has 0 bytes, 16 are needed"),
    "short trace id": ({"trace_id": b"a" * 8}, "trace_id has 8 bytes, 16 are needed"),
    "long trace id": ({"trace_id": b"a" * 17}, "trace_id has 17 bytes, 16 are needed"),
    "zero trace id": ({"trace_id": bytes(16)}, "trace_id is all zeros"),
    "no span id": ({"span_id": b""}, "span_id has 0 bytes, 8 are needed"),
    "long span id": ({"span_id": b"a" * 16}, "span_id has 16 bytes, 8 are needed"),
    "zero span id": ({"span_id": bytes(8)}, "span_id is all zeros"),
    "short parent": ({"parent_span_id": b"a"}, "parent_span_id has 1 bytes, 0 or 8 are needed"),
    "no start": ({"start_time_unix_nano": 0}, "start_time_unix_nano is 0, a time from 1970 to 2262 is needed"),
    "start too late": ({"start_time_unix_nano": NS_MAX + 1}, f"start_time_unix_nano is {NS_MAX + 1}, a time from 1970 to 2262 is needed"),
}


@pytest.mark.parametrize("name", KEPT)
def test_a_valid_request_stays_as_it_is_byte_for_byte(name: str) -> None:
    unknown_field = b"\xfa\x01\x03new"
    body = request(span(**KEPT[name]), span()).SerializeToString() + unknown_field
    verdict = validate(body)
    assert (verdict.spans, verdict.rejected, verdict.message) == (2, 0, "")
    assert verdict.body is body


@pytest.mark.parametrize("name", REJECTED)
def test_an_invalid_span_is_taken_out_and_named(name: str) -> None:
    changes, problem = REJECTED[name]
    good = span(name="good"), span(name="also good", span_id=b"b" * 8)
    verdict = validate(request(good[0], span(**changes), good[1]).SerializeToString())
    assert (verdict.spans, verdict.rejected) == (2, 1)
    assert verdict.body == request(*good).SerializeToString()
    assert verdict.message.startswith("span 1 ('chat', trace_id=")
    assert verdict.message.endswith(problem)


def test_a_parent_of_zeros_is_no_parent() -> None:
    verdict = validate(request(span(parent_span_id=bytes(8))).SerializeToString())
    assert (verdict.spans, verdict.rejected) == (1, 0)
    assert verdict.body == request(span()).SerializeToString()


def test_spans_are_counted_across_resources_and_scopes() -> None:
    built = ExportTraceServiceRequest()
    for _ in range(2):
        resource = built.resource_spans.add()
        for _ in range(2):
            resource.scope_spans.add().spans.extend([span(), span(name="bad", trace_id=b""), span()])
    verdict = validate(built.SerializeToString())
    assert (verdict.spans, verdict.rejected) == (8, 4)
    assert [problem[:16] for problem in verdict.problems] == [
        "span 1 ('bad', t",
        "span 4 ('bad', t",
        "span 7 ('bad', t",
        "span 10 ('bad', ",
    ]


def test_the_message_is_bounded_however_many_and_long() -> None:
    bad = span(name="x" * 100_000, trace_id=b"i" * 100_000)
    verdict = validate(request(*[bad] * 20).SerializeToString())
    assert verdict.rejected == 20
    assert verdict.message.endswith("; and 15 more")
    assert len(verdict.message) < 2000


def test_rejecting_takes_linear_time() -> None:
    mixed = [Span(), span()] * 50_000
    verdict = validate(request(*mixed).SerializeToString())
    assert (verdict.spans, verdict.rejected) == (50_000, 50_000)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"not protobuf",
        request().SerializeToString()[:-1],
        b"\x7a\x03abc",  # fields that nobody knows
    ],
)
def test_bytes_that_are_no_request_are_refused(body: bytes) -> None:
    with pytest.raises(RefusalError) as refusal:
        validate(body)
    assert refusal.value.outcome is Outcome.MALFORMED


def _raw(text: bytes) -> bytes:
    return request(span(), span(name="name"), span()).SerializeToString().replace(b"name", text)


def test_text_that_is_not_utf_8_is_mended() -> None:
    verdict = validate(_raw(b"\xffame"))
    assert (verdict.spans, verdict.rejected) == (3, 0)
    spans = ExportTraceServiceRequest.FromString(verdict.body).resource_spans[0].scope_spans[0].spans
    assert [each.name for each in spans] == ["chat", "\ufffdame", "chat"]


def test_a_value_that_is_nested_too_deeply_becomes_empty() -> None:
    value = AnyValue(string_value="deep")
    raw = value.SerializeToString()
    for _ in range(200):  # an array that holds the last one; built by hand, for the encoder has a limit too
        for number in (1, 5):
            raw = bytes([number << 3 | 2]) + delimited(raw)
    attribute = b"\x0a\x01k\x12" + delimited(raw)
    odd = span().SerializeToString() + b"\x4a" + delimited(attribute)
    scope = b"".join(b"\x12" + delimited(each) for each in (span().SerializeToString(), odd))
    body = b"\x12" + delimited(scope)
    verdict = validate(b"\x0a" + delimited(body))
    assert (verdict.spans, verdict.rejected) == (2, 0)
    assert ExportTraceServiceRequest.FromString(verdict.body).resource_spans[0].scope_spans[0].spans[1].attributes[0].key == "k"


def test_a_span_of_bytes_that_make_no_sense_costs_no_other() -> None:
    odd = b"\x4a\x05\xff"
    scope = b"".join(b"\x12" + delimited(each) for each in (span().SerializeToString(), odd, span().SerializeToString()))
    body = b"\x12" + delimited(scope)
    verdict = validate(b"\x0a" + delimited(body))
    assert (verdict.spans, verdict.rejected) == (2, 1)
    assert "bytes that are no span" in verdict.message


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (lambda now: now // 10**9, "a time in seconds"),
        (lambda now: now // 10**6, "a time in milliseconds"),
        (lambda now: now // 10**3, "a time in microseconds"),
        (lambda now: now - 401 * DAY_NS, "more than 400 days ago (ingest.oldest_days)"),
        (lambda now: now + DAY_NS + 10**9, "more than a day ahead"),
        (lambda _: 5_700_000_000 * 10**9, "more than a day ahead"),
    ],
)
def test_a_clock_that_is_wrong_is_named(start: Callable[[int], int], said: str) -> None:
    now = time.time_ns()
    body = request(span(start_time_unix_nano=now), span(start_time_unix_nano=start(now))).SerializeToString()
    verdict = validate(body, Window.around(now, 400))
    assert (verdict.spans, verdict.rejected) == (1, 1)
    assert said in verdict.message


@pytest.mark.parametrize(
    "body",
    [
        b"\x0a\x00" * 10_001,  # empty resources
        b"\x0a" + delimited(b"\x12\x00" * 10_001),  # empty scopes
        b"\x0a" + delimited(b"\x12" + delimited(b"\x12\x00" * 1_100_000)),  # empty spans
        request(span(attributes=[KeyValue()] * 1_100_000)).SerializeToString(),
        request(span(attributes=[KeyValue(value=AnyValue(array_value=ArrayValue(values=[AnyValue()] * 1_100_000)))])).SerializeToString(),
    ],
    ids=["resources", "scopes", "spans", "attributes", "values"],
)
def test_a_request_that_holds_too_much_is_refused_before_it_is_decoded(body: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(RefusalError) as refusal:
        validate(body)
    assert refusal.value.outcome is Outcome.TOO_LARGE
    assert time.process_time() - begun < 5


def test_a_large_request_of_ordinary_spans_is_not_too_much() -> None:
    text = KeyValue(key="gen_ai.input.messages", value=AnyValue(string_value="x" * 5000))
    verdict = validate(request(*[span(attributes=[text] * 4)] * 512).SerializeToString())
    assert (verdict.spans, verdict.rejected) == (512, 0)


def old_resource(*, today: bool) -> bytes:
    """Scopes in field 1000, as OTLP had them before 0.15, and with `today` where they are now too."""
    scope = ScopeSpans(scope={"name": "lib"}, spans=[span()]).SerializeToString()
    return b"\xc2\x3e" + delimited(scope) + (b"\x12" + delimited(scope) if today else b"")


@pytest.mark.parametrize("today", [False, True])
def test_scopes_are_read_where_they_were_before_0_15(today: bool) -> None:
    verdict = validate(b"\x0a" + delimited(old_resource(today=today)))
    assert (verdict.spans, verdict.rejected) == (1, 0)
    [scope] = ExportTraceServiceRequest.FromString(verdict.body).resource_spans[0].scope_spans
    assert (scope.scope.name, scope.spans[0].name) == ("lib", "chat")


def test_logs_that_were_sent_to_the_wrong_place_are_rejected_not_stored() -> None:
    """The messages share field numbers, so they decode as spans without a usable id."""
    logs = ExportLogsServiceRequest()
    logs.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=1, severity_number=9)
    verdict = validate(logs.SerializeToString())
    assert (verdict.spans, verdict.rejected) == (0, 1)


@pytest.mark.parametrize("transport", ["grpc", "http"])
def test_a_partial_success_keeps_the_rest_and_says_what_was_rejected(receiver: Receiver, transport: str) -> None:
    body = request(span(name="good"), span(start_time_unix_nano=0)).SerializeToString()
    answer = receiver.call(body) if transport == "grpc" else receiver.post(body).content
    partial = ExportTraceServiceResponse.FromString(answer).partial_success
    assert partial.rejected_spans == 1
    assert "start_time_unix_nano is 0" in partial.error_message
    assert [s.name for s in receiver.spans()] == ["good"]
    assert receiver.count("spans_rejected", transport=transport) == 1
    assert receiver.count("requests", transport=transport, outcome="partial") == 1


@pytest.mark.parametrize("transport", ["grpc", "http"])
@pytest.mark.parametrize(("body", "rejected"), [(b"", 0), (request(Span()).SerializeToString(), 1)])
def test_a_request_with_nothing_to_keep_succeeds_and_spools_nothing(receiver: Receiver, transport: str, body: bytes, rejected: int) -> None:
    answer = receiver.call(body) if transport == "grpc" else receiver.post(body).content
    response = ExportTraceServiceResponse.FromString(answer)
    assert response.partial_success.rejected_spans == rejected
    assert response.HasField("partial_success") == bool(rejected)
    assert receiver.spool.depth.requests == 0
