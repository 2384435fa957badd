"""OTLP over HTTP: encodings, bounds, and what a refusal looks like to its sender."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import socket
import time
import zlib
from collections.abc import Callable, Iterator

import httpx
import pytest
from backports import zstd
from google.protobuf import json_format
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector.config import Key
from collector.receiver import compression, http_transport, places
from collector.receiver.outcome import Outcome, RefusalError
from collector.spool import SpoolError

from .conftest import START_NS, Receiver, request, span

Start = Callable[..., Receiver]

PROTOBUF, JSON = "application/x-protobuf", "application/json"
BODY = request().SerializeToString()


def status(response: httpx.Response) -> Status:
    """The Status in a refusal, in the encoding that its Content-Type says."""
    if response.headers["content-type"] == PROTOBUF:
        return Status.FromString(response.content)
    return json_format.Parse(response.content, Status())


@pytest.mark.parametrize("path", ["/v1/traces", "/api/public/otel/v1/traces"])
@pytest.mark.parametrize(
    ("type_", "content", "answer"),
    [(PROTOBUF, BODY, b""), (JSON, b'{"resourceSpans": []}', b"{}"), ("application/json; charset=utf-8", b"{}", b"{}")],
)
def test_a_success_answers_in_the_encoding_of_the_request(receiver: Receiver, path: str, type_: str, content: bytes, answer: bytes) -> None:
    response = receiver.http.post(path, content=content, headers={"Content-Type": type_})
    assert (response.status_code, response.content) == (200, answer)
    assert response.headers["content-type"] == type_.partition(";")[0]


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("identity", BODY),
        ("gzip", gzip.compress(BODY, mtime=0)),
        ("GZIP", gzip.compress(BODY, mtime=0)),
        ("deflate", zlib.compress(BODY)),
    ],
)
def test_every_supported_encoding_is_read(receiver: Receiver, encoding: str, content: bytes) -> None:
    assert receiver.post(content, Content_Encoding=encoding).status_code == 200
    assert receiver.deliveries()[0].body == BODY


@pytest.mark.parametrize("type_", [PROTOBUF, JSON])
@pytest.mark.parametrize(
    ("content", "headers", "refusal"),
    [
        (b"\xff", {}, (400, 3, "the body is not an ExportTraceServiceRequest")),
        (BODY, {"Content_Encoding": "gzip"}, (400, 3, "the body is not valid gzip")),
        (gzip.compress(BODY, mtime=0)[:-1], {"Content_Encoding": "gzip"}, (400, 3, "the gzip data is cut off")),
        (gzip.compress(BODY, mtime=0) * 2, {"Content_Encoding": "gzip"}, (400, 3, "bytes follow the gzip data")),
        (BODY, {"Content_Encoding": "zstd"}, (400, 3, "the body is not valid zstd")),
        (zstd.compress(BODY)[:-1], {"Content_Encoding": "zstd"}, (400, 3, "the zstd data is cut off")),
        (zstd.compress(BODY) * 2, {"Content_Encoding": "zstd"}, (400, 3, "bytes follow the zstd data")),
        (zstd.compress(b"x" * 5000), {"Content_Encoding": "zstd"}, (413, 8, "the request exceeds 4096 bytes")),
        (b"\x7a\x03abc", {}, (400, 3, "")),
        (b'{"logs": []}', {}, (400, 3, "")),
        (BODY, {"Content_Encoding": "br"}, (415, 12, "Content-Encoding 'br' is not supported")),
        (BODY, {"Content_Encoding": "gzip, gzip"}, (415, 12, "is not supported")),
        (b"x" * 5000, {}, (413, 8, "the request exceeds 4096 bytes")),
        (gzip.compress(b"x" * 5000, mtime=0), {"Content_Encoding": "gzip"}, (413, 8, "the request exceeds 4096 bytes")),
    ],
)
def test_a_refusal_is_a_status_in_the_encoding_of_the_request(
    start: Start, type_: str, content: bytes, headers: dict[str, str], refusal: tuple[int, int, str]
) -> None:
    receiver = start(http_request_bytes_max=4096)
    response = receiver.post(content, type_=type_, **headers)
    assert response.headers["content-type"] == type_
    http_status, code, message = refusal
    assert (response.status_code, status(response).code) == (http_status, code)
    assert message in status(response).message
    assert "retry-after" not in response.headers
    assert receiver.spool.depth.requests == 0


@pytest.mark.parametrize("type_", ["text/plain", "", "application/x-www-form-urlencoded"])
def test_an_unsupported_media_type_is_refused_with_what_is_supported(receiver: Receiver, type_: str) -> None:
    response = receiver.post(BODY, type_=type_)
    assert response.status_code == 415
    assert status(response).message == "Content-Type must be one of: application/x-protobuf, application/json"


def test_a_gzip_bomb_is_refused_and_never_inflated(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    inflated: list[int] = []
    inflate = compression._inflate

    def watched(*arguments: object) -> tuple[bytes, bytes]:
        plain, rest = inflate(*arguments)
        inflated.append(len(plain))
        return plain, rest

    monkeypatch.setattr(compression, "_inflate", watched)
    receiver = start(http_request_bytes_max=100_000)
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    content = b"".join([*(bomb.compress(bytes(1 << 20)) for _ in range(64)), bomb.flush()])
    assert len(content) < 100_000, "64 MiB, and small enough to be read"
    assert receiver.post(content, Content_Encoding="gzip").status_code == 413
    assert inflated == [100_001]


@pytest.mark.parametrize("excess", [0, 1])
def test_the_limit_is_exact_and_holds_after_decompression(excess: int) -> None:
    incompressible = bytes(index * 7919 % 251 for index in range(2048 + excess))
    for encoding, body in [
        ("identity", incompressible),
        ("gzip", gzip.compress(incompressible, mtime=0)),
        ("deflate", zlib.compress(incompressible, 0)),
    ]:
        assert len(body) <= compression.compressed_bytes_max(2048 + excess)
        if excess:
            with pytest.raises(RefusalError) as refusal:
                compression.decompress(body, encoding, 2048)
            assert refusal.value.outcome is Outcome.TOO_LARGE
        else:
            assert compression.decompress(body, encoding, 2048) == incompressible


def test_a_body_without_a_length_is_bounded_while_it_arrives(start: Start) -> None:
    receiver = start(http_request_bytes_max=1024)

    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield bytes(1024)

    response = receiver.http.post("/v1/traces", content=chunks(), headers={"Content-Type": PROTOBUF})
    assert response.status_code == 413


def assert_retry(response: httpx.Response) -> None:
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    assert status(response).code == 14


def test_a_full_spool_asks_for_a_retry_and_never_says_429(start: Start) -> None:
    receiver = start(spool_bytes=10)
    assert_retry(receiver.post(BODY))
    assert receiver.count("requests", transport="http", outcome="full") == 1


@pytest.mark.parametrize("problem", [SpoolError("spool.db: disk I/O error"), RuntimeError("a bug")])
def test_a_failure_of_ours_asks_for_a_retry(receiver: Receiver, monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    def fail(*_: object) -> None:
        raise problem

    monkeypatch.setattr(receiver.spool, "put", fail)
    assert_retry(receiver.post(BODY))


def test_a_commit_that_fails_is_not_acknowledged(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OSError("disk I/O error")

    monkeypatch.setattr(type(receiver.spool._writing), "add", fail)
    assert_retry(receiver.post(BODY))


def test_senders_that_trickle_are_cut_off_and_others_get_their_turn(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "PLACES_MAX", 1)
    monkeypatch.setattr(http_transport, "READ_GRACE_SECONDS", 0.5)
    receiver = start()
    with trickle(receiver) as slow:
        assert receiver.post(BODY).status_code == 200, "after its turn has come"
        assert b"408 Request Timeout" in slow.recv(1000)


def test_a_request_whose_turn_does_not_come_is_asked_to_retry(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "PLACES_MAX", 1)
    monkeypatch.setattr(places, "TURN_SECONDS_MAX", 0.2)
    receiver = start()
    with trickle(receiver):
        assert_retry(receiver.post(BODY))


@pytest.mark.parametrize(("pause_seconds", "told"), [(0.05, b"200 OK"), (0.3, b"408 Request Timeout")])
def test_a_body_may_take_long_as_long_as_it_moves(start: Start, monkeypatch: pytest.MonkeyPatch, pause_seconds: float, told: bytes) -> None:
    monkeypatch.setattr(http_transport, "READ_GRACE_SECONDS", 0.3)
    monkeypatch.setattr(http_transport, "READ_BYTES_PER_SECOND_MIN", 500)
    receiver = start()
    body = request(span(name="x" * 1000)).SerializeToString()
    with trickle(receiver, body[:1], len(body)) as sender:
        with contextlib.suppress(OSError):
            for at in range(1, len(body), 100):
                time.sleep(pause_seconds)
                sender.sendall(body[at : at + 100])
        assert told in sender.recv(1000)


def test_one_sender_cannot_take_all_places(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SENDER_PLACES_MAX", 1)
    monkeypatch.setattr(places, "TURN_SECONDS_MAX", 0.2)
    keys = [Key(name=name, secret_sha256=hashlib.sha256(name.encode()).hexdigest()) for name in ("greedy", "modest")]
    receiver = start(keys=keys)
    with trickle(receiver, headers="x-api-key: greedy\r\n"):
        assert_retry(receiver.post(BODY, x_api_key="greedy"))
        assert receiver.post(BODY, x_api_key="modest").status_code == 200


def trickle(receiver: Receiver, first: bytes = b"x", length: int = 100, headers: str = "") -> socket.socket:
    """A connection that promised a body and sends no more than its first byte."""
    host, port = receiver.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    head = f"POST /v1/traces HTTP/1.1\r\nHost: {host}\r\nContent-Type: {PROTOBUF}\r\n{headers}Content-Length: {length}\r\n\r\n"
    connection.sendall(head.encode() + first)
    while not receiver.http.get("/api/public/health").is_success:
        pass
    return connection


def test_partial_success_in_json(receiver: Receiver) -> None:
    spans = [{"traceId": "01" * 16, "spanId": "02" * 8, "startTimeUnixNano": str(START_NS)}, {"traceId": "", "name": "bad"}]
    response = receiver.post(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode(), type_=JSON)
    assert response.json()["partialSuccess"]["rejectedSpans"] == "1"
    assert "span 1 ('bad'" in response.json()["partialSuccess"]["errorMessage"]
    assert json_format.Parse(response.content, ExportTraceServiceResponse()).partial_success.rejected_spans == 1
    assert receiver.spans() == [span(trace_id=b"\1" * 16, span_id=b"\2" * 8, name="")]
