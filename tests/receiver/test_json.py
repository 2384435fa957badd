"""OTLP JSON: the rules of its specification, one by one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector.receiver.otlp_json import to_protobuf
from collector.receiver.otlp_json import transcode as transcode_all
from collector.receiver.outcome import Outcome, RefusalError
from collector.receiver.repair import repaired
from collector.receiver.validation import validate

TRACE_ID, SPAN_ID = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"


def transcode(span: dict[str, Any] | str) -> Span:
    text = span if isinstance(span, str) else json.dumps(span)
    body = to_protobuf(f'{{"resourceSpans": [{{"scopeSpans": [{{"spans": [{text}]}}]}}]}}'.encode())
    return ExportTraceServiceRequest.FromString(body).resource_spans[0].scope_spans[0].spans[0]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        # hex ids, case-insensitive; not base64
        ({"traceId": TRACE_ID, "spanId": SPAN_ID}, Span(trace_id=bytes.fromhex(TRACE_ID), span_id=bytes.fromhex(SPAN_ID))),
        ({"traceId": TRACE_ID.upper(), "spanId": SPAN_ID.upper()}, Span(trace_id=bytes.fromhex(TRACE_ID), span_id=bytes.fromhex(SPAN_ID))),
        ({"parentSpanId": SPAN_ID}, Span(parent_span_id=bytes.fromhex(SPAN_ID))),
        ({"parentSpanId": ""}, Span()),
        (
            {"links": [{"traceId": TRACE_ID, "spanId": SPAN_ID}]},
            Span(links=[{"trace_id": bytes.fromhex(TRACE_ID), "span_id": bytes.fromhex(SPAN_ID)}]),
        ),
        # 64-bit integers as string or number
        ({"startTimeUnixNano": "1544712660300000001"}, Span(start_time_unix_nano=1544712660300000001)),
        ({"startTimeUnixNano": 1544712660300000001}, Span(start_time_unix_nano=1544712660300000001)),
        ({"startTimeUnixNano": 1.0e18}, Span(start_time_unix_nano=10**18)),
        # enums as integers; names are understood
        ({"kind": 3, "status": {"code": 2}}, Span(kind=3, status=Status(code=2))),
        ({"kind": 99}, Span(kind=99)),
        ({"kind": "SPAN_KIND_CLIENT"}, Span(kind=3)),
        # unknown fields are ignored; null is absent; snake_case, which some exporters write against the specification, is read
        ({"name": "a", "novelty": {"deep": [1]}, "events": None}, Span(name="a")),
        ({"trace_id": TRACE_ID, "start_time_unix_nano": "5"}, Span(trace_id=bytes.fromhex(TRACE_ID), start_time_unix_nano=5)),
        # what generic encoders make of the message: base64, numbers, Node's Buffer, JavaScript's Long, Go's oneof
        (
            {"trace_id": "W47/95gDgQPSabYzgT/GDA==", "span_id": "7uGbfsPBsXQ"},
            Span(trace_id=bytes.fromhex(TRACE_ID), span_id=bytes.fromhex(SPAN_ID)),
        ),
        ({"traceId": list(bytes.fromhex(TRACE_ID))}, Span(trace_id=bytes.fromhex(TRACE_ID))),
        ({"spanId": {"type": "Buffer", "data": list(bytes.fromhex(SPAN_ID))}}, Span(span_id=bytes.fromhex(SPAN_ID))),
        ({"startTimeUnixNano": {"low": -1, "high": 7, "unsigned": True}}, Span(start_time_unix_nano=(8 << 32) - 1)),
        (
            {"attributes": [{"key": "k", "value": {"Value": {"StringValue": "x"}}}]},
            Span(attributes=[KeyValue(key="k", value=AnyValue(string_value="x"))]),
        ),
        ({"Name": "a", "TraceId": TRACE_ID}, Span(name="a", trace_id=bytes.fromhex(TRACE_ID))),
        # half a surrogate, which JavaScript cuts out of an emoji
        ('{"name": "a\\ud83d"}', Span(name="a\ufffd")),
        ({"name": "Z\u00fcrich \U0001f680"}, Span(name="Z\u00fcrich \U0001f680")),
        ({"events": [{"timeUnixNano": "5", "name": "e"}], "flags": 257}, Span(events=[{"time_unix_nano": 5, "name": "e"}], flags=257)),
    ],
)
def test_a_span(sent: dict[str, Any], expected: Span) -> None:
    assert transcode(sent) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"stringValue": "x"}, AnyValue(string_value="x")),
        ({"stringValue": ""}, AnyValue(string_value="")),
        ({"boolValue": False}, AnyValue(bool_value=False)),
        ({"intValue": "-9223372036854775808"}, AnyValue(int_value=-(1 << 63))),
        ({"intValue": 7}, AnyValue(int_value=7)),
        ({"doubleValue": 0.1}, AnyValue(double_value=0.1)),
        ({"doubleValue": 3}, AnyValue(double_value=3.0)),
        ({"doubleValue": "Infinity"}, AnyValue(double_value=float("inf"))),
        ({"bytesValue": "+/8="}, AnyValue(bytes_value=b"\xfb\xff")),
        ({"bytesValue": "-_8"}, AnyValue(bytes_value=b"\xfb\xff")),
        ({"arrayValue": {"values": [{"intValue": 1}, {}]}}, AnyValue(array_value=ArrayValue(values=[AnyValue(int_value=1), AnyValue()]))),
        (
            {"kvlistValue": {"values": [{"key": "traceId", "value": {"stringValue": "AA"}}]}},
            AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key="traceId", value=AnyValue(string_value="AA"))])),
        ),
    ],
)
def test_an_attribute(sent: dict[str, Any], expected: AnyValue) -> None:
    assert transcode({"attributes": [{"key": "k", "value": sent}]}) == Span(attributes=[KeyValue(key="k", value=expected)])


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"traceId": "W47/95gDgQPSabYzgT/GDA"[:20]}, "traceId must be hexadecimal"),
        ({"traceId": "W47/95gDgQPSabYzgT/G*A=="}, "traceId must be hexadecimal"),
        ({"traceId": [91, 142, 256] + [0] * 13}, "traceId must be hexadecimal"),
        ({"traceId": 5}, "traceId must be hexadecimal"),
        ({"name": 5}, "name must be a string, not 5"),
        ({"startTimeUnixNano": "soon"}, "startTimeUnixNano must be an integer, not 'soon'"),
        ({"startTimeUnixNano": 0.5}, "startTimeUnixNano must be an integer"),
        ({"startTimeUnixNano": True}, "startTimeUnixNano must be an integer"),
        ({"startTimeUnixNano": -1}, "is not an ExportTraceServiceRequest in JSON"),
        ({"startTimeUnixNano": 1 << 64}, "is not an ExportTraceServiceRequest in JSON"),
        ({"kind": "SPAN_KIND_NOVEL"}, "kind must be an integer"),
        ({"attributes": {"key": "k"}}, "attributes must be an array"),
        ({"attributes": ["k"]}, "KeyValue must be an object"),
        ({"attributes": [{"value": {"boolValue": "true"}}]}, "boolValue must be true or false"),
        ({"attributes": [{"value": {"doubleValue": "much"}}]}, "doubleValue must be a number"),
        ({"attributes": [{"value": {"bytesValue": "%"}}]}, "bytesValue must be base64"),
        ('{"name": ', "Expecting"),
        ('{"startTimeUnixNano": ' + "9" * 5000 + "}", "is not an ExportTraceServiceRequest in JSON"),
    ],
)
def test_what_is_not_otlp_is_refused_and_named(sent: dict[str, Any] | str, message: str) -> None:
    with pytest.raises(RefusalError, match=message) as refusal:
        transcode(sent)
    assert refusal.value.outcome is Outcome.MALFORMED
    assert len(refusal.value.message) < 300


OLD = {
    "resource": {"attributes": []},
    "instrumentationLibrarySpans": [{"instrumentationLibrary": {"name": "lib"}, "spans": [{"name": "x"}]}],
}


@pytest.mark.parametrize(
    "resource",
    [OLD, OLD | {"scopeSpans": []}, OLD | {"scopeSpans": [{"scope": {"name": "lib"}, "spans": [{"name": "x"}]}]}],
    ids=["old", "old and an empty list", "both"],
)
def test_scopes_are_read_where_they_were_before_0_15(resource: dict[str, Any]) -> None:
    [scope] = (
        ExportTraceServiceRequest.FromString(to_protobuf(json.dumps({"resourceSpans": [resource]}).encode())).resource_spans[0].scope_spans
    )
    assert (scope.scope.name, scope.spans[0].name) == ("lib", "x")


DEEP = '{"attributes": [{"key": "deep", "value": ' + '{"arrayValue": {"values": [' * 5000 + "]}}" * 5000 + '}], "name": "deep"}'


@pytest.mark.parametrize(
    ("odd", "kept"),
    [
        ('{"startTimeUnixNano": ' + "9" * 5000 + "}", 2),
        ('{"attributes": [{"key": "k", "value": {"intValue": "99999999999999999999"}}]}', 2),
        ('{"attributes": [{"key": "k", "value": {"intValue": 18446744073709551616}}]}', 2),
        ('{"traceId": "zz"}', 2),
        ("5", 2),
        (DEEP, 3),
        (DEEP.replace('{"arrayValue": {"values": [' * 4900, "").replace("]}}" * 4900, ""), 2),
        ('{"name": "\\udc00"}', 3),
        ("null", 3),
    ],
)
def test_one_odd_value_costs_its_span_at_most(odd: str, kept: int) -> None:
    body = f'{{"resourceSpans": [{{"scopeSpans": [{{"spans": [{{"name": "a"}}, {odd}, {{"name": "z"}}]}}]}}]}}'
    done = transcode_all(body.encode())
    validate(done.body)
    spans = ExportTraceServiceRequest.FromString(repaired(done.body)[0]).resource_spans[0].scope_spans[0].spans
    assert [len(spans), len(done.problems)] == [kept, 3 - kept]
    assert [spans[0].name, spans[-1].name] == ["a", "z"]
    assert all(problem.startswith(("span 1 (", "span ('deep')")) for problem in done.problems)


def test_bytes_that_are_not_utf_8_are_replaced() -> None:
    body = b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "caf\xe9"}]}]}]}'
    assert ExportTraceServiceRequest.FromString(to_protobuf(body)).resource_spans[0].scope_spans[0].spans[0].name == "caf\ufffd"


@pytest.mark.parametrize("unit", [b"{},", b"[],", b'{"scopeSpans":[]},'])
def test_json_that_holds_too_much_is_refused_before_it_is_read(unit: bytes) -> None:
    body = b'{"resourceSpans": [' + unit * 1_100_000
    with pytest.raises(RefusalError) as refusal:
        transcode_all(body)
    assert refusal.value.outcome is Outcome.TOO_LARGE


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"5", b"\xff", b'{"resourceSpans": 5}', b'{"spans": []}'])
def test_a_body_that_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(RefusalError):
        to_protobuf(body)
