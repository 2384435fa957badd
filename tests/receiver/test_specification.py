"""What the OTLP specification (1.9) says a receiver must or should do, in its order, a test each. The heading is the specification's.

Left out: what it says of clients and of forwarding, and what only names a default port (tests/e2e starts the service on it).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf import json_format
from google.rpc.error_details_pb2 import BadRequest
from google.rpc.status_pb2 import Status

from collector.receiver.signals import LOGS, METRICS, SIGNALS, TRACES, Signal
from collector.spool import SpoolError

from .conftest import START_NS, Receiver, request, span
from .test_signals import counter, log, logs, metrics

Start = Callable[..., Receiver]
PROTOBUF, JSON = "application/x-protobuf", "application/json"
BODY = request().SerializeToString()
GOOD = {"traces": request, "logs": lambda: logs(log()), "metrics": lambda: metrics(counter())}
PARTLY_GOOD = {
    "traces": lambda: request(span(), span(start_time_unix_nano=0)),
    "logs": lambda: logs(log(), log(time_unix_nano=7)),
    "metrics": lambda: metrics(counter(), counter(time_unix_nano=7)),
}
every_signal = pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
TRANSPORTS = ("grpc", "http", "json")
every_transport = pytest.mark.parametrize("transport", TRANSPORTS)
every_media = pytest.mark.parametrize("media", [PROTOBUF, JSON])


def exported(receiver: Receiver, signal: Signal, body: Any, transport: str) -> Any:
    """The answer to a request that succeeds, as a message."""
    if transport == "grpc":
        with grpc.insecure_channel(receiver.grpc_address) as channel:
            return signal.response.FromString(channel.unary_unary(f"/{signal.service}/Export")(body.SerializeToString(), timeout=10))
    answer = posted(receiver, signal, body.SerializeToString() if transport == "http" else in_json(body), transport)
    assert answer.status_code == 200, answer.text
    if transport == "http":
        return signal.response.FromString(answer.content)
    return json_format.Parse(answer.content, signal.response())


def in_json(body: Any) -> bytes:
    """As OTLP's JSON: ids in hex."""
    found = json_format.MessageToDict(body, use_integers_for_enums=True)
    for resource in found.get("resourceSpans", ()):
        for scope in resource["scopeSpans"]:
            for made in scope["spans"]:
                made |= {"traceId": "01" * 16, "spanId": "02" * 8}
    return json.dumps(found).encode()


def posted(receiver: Receiver, signal: Signal, content: bytes, transport: str, **headers: str) -> httpx.Response:
    media = JSON if transport == "json" else PROTOBUF
    return receiver.http.post(signal.path, content=content, headers={"Content-Type": media, **headers})


def status(answer: httpx.Response) -> Status:
    if answer.headers["content-type"] == PROTOBUF:
        return Status.FromString(answer.content)
    return json_format.Parse(answer.content, Status())


# Protocol Details


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_grpc_supports_no_compression_and_gzip(receiver: Receiver, compression: grpc.Compression) -> None:
    receiver.call(BODY, compression=compression)
    assert receiver.deliveries()[0].body == BODY


@pytest.mark.parametrize(("encoding", "content"), [("identity", BODY), ("gzip", gzip.compress(BODY))])
def test_http_supports_no_compression_and_gzip(receiver: Receiver, encoding: str, content: bytes) -> None:
    assert receiver.post(content, Content_Encoding=encoding).status_code == 200
    assert receiver.deliveries()[0].body == BODY


# OTLP/gRPC Request, OTLP/HTTP Request


@every_signal
def test_grpc_enforces_a_limit_of_message_size(start: Start, signal: Signal) -> None:
    receiver = start(grpc_request_bytes_max=1024)
    with grpc.insecure_channel(receiver.grpc_address) as channel, pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary(f"/{signal.service}/Export")(bytes(2000), timeout=10)
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


@every_signal
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_http_limits_the_body_also_after_decompression_with_413(start: Start, signal: Signal, compress: Callable[[bytes], bytes]) -> None:
    encoding = {"Content-Encoding": "gzip"} if compress is gzip.compress else {}
    answer = posted(start(http_request_bytes_max=1024), signal, compress(bytes(2000)), "http", **encoding)
    assert answer.status_code == 413


@pytest.mark.parametrize(("signal", "path"), [(TRACES, "/v1/traces"), (METRICS, "/v1/metrics"), (LOGS, "/v1/logs")])
def test_the_default_paths(receiver: Receiver, signal: Signal, path: str) -> None:
    answer = receiver.http.post(path, content=GOOD[signal.name]().SerializeToString(), headers={"Content-Type": PROTOBUF})
    assert answer.status_code == 200


# Concurrent Requests


def test_concurrent_unary_calls_are_all_answered(receiver: Receiver) -> None:
    with grpc.insecure_channel(receiver.grpc_address) as channel, ThreadPoolExecutor(16) as pool:
        call = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        bodies = [request(span(span_id=bytes([nth + 1] * 8))).SerializeToString() for nth in range(64)]
        assert list(pool.map(lambda body: call(body, timeout=20), bodies)) == [b""] * 64
    assert len(receiver.spans()) == 64


# Full Success


@every_signal
@every_transport
def test_an_empty_request_succeeds(receiver: Receiver, signal: Signal, transport: str) -> None:
    assert exported(receiver, signal, signal.request(), transport) == signal.response()


@every_signal
@every_transport
def test_success_is_the_response_of_the_signal_with_partial_success_unset(receiver: Receiver, signal: Signal, transport: str) -> None:
    answer = exported(receiver, signal, GOOD[signal.name](), transport)
    assert isinstance(answer, signal.response)
    assert not answer.HasField("partial_success")


# Partial Success


@every_signal
@every_transport
def test_partial_success_says_how_many_were_rejected_and_why(receiver: Receiver, signal: Signal, transport: str) -> None:
    answer = exported(receiver, signal, PARTLY_GOOD[signal.name](), transport)
    assert getattr(answer.partial_success, signal.rejected) == 1
    assert "time_unix_nano is" in answer.partial_success.error_message
    assert len(receiver.deliveries()) == 1, "the rest is accepted"


# Failures


@every_signal
def test_bad_data_over_grpc_is_an_invalid_argument_with_a_bad_request(receiver: Receiver, signal: Signal) -> None:
    with grpc.insecure_channel(receiver.grpc_address) as channel, pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary(f"/{signal.service}/Export")(b"\xff", timeout=10)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    [detail] = Status.FromString(dict(refused.value.trailing_metadata())["grpc-status-details-bin"]).details
    assert detail.Is(BadRequest.DESCRIPTOR)


@every_signal
@every_media
def test_bad_data_over_http_is_a_400_whose_status_holds_a_bad_request(receiver: Receiver, signal: Signal, media: str) -> None:
    answer = receiver.http.post(signal.path, content=b"\xff", headers={"Content-Type": media})
    assert answer.status_code == 400
    described = BadRequest()
    assert status(answer).details[0].Unpack(described)
    assert described.field_violations[0].description == status(answer).message


def failing(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise SpoolError("no space left")

    monkeypatch.setattr(receiver.spool, "put", fail)


def test_what_may_be_tried_again_is_unavailable_over_grpc(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(receiver, monkeypatch)
    with pytest.raises(grpc.RpcError) as refused:
        receiver.call(BODY)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


def test_an_overloaded_server_answers_503_with_retry_after(start: Start) -> None:
    answer = start(spool_bytes=10).post(BODY)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("method", "content", "headers", "code"),
    [
        ("POST", b"\xff", {}, 400),
        ("GET", b"", {}, 405),
        ("PUT", BODY, {}, 405),
        ("POST", bytes(5000), {}, 413),
        ("POST", BODY, {"Content-Encoding": "br"}, 415),
    ],
)
@every_signal
@every_media
def test_every_refusal_is_a_status_that_says_why(
    start: Start, signal: Signal, media: str, method: str, content: bytes, headers: dict[str, str], code: int
) -> None:
    receiver = start(http_request_bytes_max=4096)
    answer = receiver.http.request(method, signal.path, content=content, headers={"Content-Type": media, **headers})
    assert (answer.status_code, answer.headers["content-type"]) == (code, media)
    assert status(answer).message


# OTLP/HTTP Response, Connection


@every_signal
@every_media
def test_the_content_type_of_the_answer_is_that_of_the_request(receiver: Receiver, signal: Signal, media: str) -> None:
    body = GOOD[signal.name]()
    answer = posted(
        receiver, signal, body.SerializeToString() if media == PROTOBUF else in_json(body), "http" if media == PROTOBUF else "json"
    )
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)


def test_a_connection_is_kept_alive_and_takes_both_encodings(receiver: Receiver) -> None:
    with closing(HTTPConnection(receiver.url.removeprefix("http://"), timeout=20)) as connection:
        connection.connect()
        used = connection.sock
        for media, content in ((PROTOBUF, BODY), (JSON, b"{}"), (PROTOBUF, BODY)):
            connection.request("POST", "/v1/traces", content, {"Content-Type": media})
            answer = connection.getresponse()
            answer.read()
            assert (answer.status, answer.headers["content-type"]) == (200, media)
            assert connection.sock is used
    assert len(receiver.deliveries()) == 2


# JSON Protobuf Encoding

SPAN = {"traceId": "0a" * 16, "spanId": "0B" * 8, "name": "chat", "startTimeUnixNano": str(START_NS)}


def sent(receiver: Receiver, **changes: Any) -> httpx.Response:
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [{**SPAN, **changes}]}]}]}
    return receiver.post(json.dumps(body).encode(), type_=JSON)


@pytest.mark.parametrize("spelled", [str.upper, str.lower])
def test_ids_are_hex_in_any_case(receiver: Receiver, spelled: Callable[[str], str]) -> None:
    assert sent(receiver, traceId=spelled("5b8efff798038103d269b633813fc60c"), spanId=spelled("eee19b7ec3c1b174")).json() == {}
    [kept] = receiver.spans()
    assert (kept.trace_id.hex(), kept.span_id.hex()) == ("5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174")


def test_an_enum_is_a_whole_number(receiver: Receiver) -> None:
    assert sent(receiver, kind=2, status={"code": 2}).json() == {}
    [kept] = receiver.spans()
    assert (kept.kind, kept.status.code) == (2, 2)


def test_fields_of_unknown_names_are_ignored_in_json(receiver: Receiver) -> None:
    assert sent(receiver, aFieldOfTomorrow={"deep": [1, {"x": None}]}).json() == {}
    assert [kept.name for kept in receiver.spans()] == ["chat"]


def test_fields_of_unknown_numbers_are_ignored_in_protobuf(receiver: Receiver) -> None:
    unknown = b"\xa2\x3f\x03abc"  # field 1012, three bytes
    assert receiver.post(BODY + unknown).status_code == 200
    assert [kept.name for kept in receiver.spans()] == ["chat"]


@pytest.mark.parametrize("number", ["12345678901", 12345678901])
def test_whole_numbers_of_64_bits_are_text_or_numbers(receiver: Receiver, number: str | int) -> None:
    assert sent(receiver, attributes=[{"key": "n", "value": {"intValue": number}}]).json() == {}
    assert receiver.spans()[0].attributes[0].value.int_value == 12345678901
