"""OTLP over gRPC: what a refusal looks like to its sender."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from google.rpc.status_pb2 import Status
from prometheus_client import CollectorRegistry

from attribution.errors import SpanledgerError
from collector.config import Ingest, Key
from collector.receiver import Intake, PrometheusReceiverMetrics, grpc_server, grpc_transport, places
from collector.spool import SpoolError

from .conftest import EXPORT, KEY, Receiver, request, span

Start = Callable[..., Receiver]


def refusal(receiver: Receiver, body: bytes) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as refused:
        receiver.call(body)
    return refused.value


def details(error: grpc.RpcError) -> Status:
    return Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])


def assert_retry(error: grpc.RpcError) -> None:
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    status, retry = details(error), RetryInfo()
    assert status.code == grpc.StatusCode.UNAVAILABLE.value[0]
    assert status.message == error.details()
    assert status.details[0].Unpack(retry)
    assert retry.retry_delay.seconds == 5
    assert dict(error.trailing_metadata())["google.rpc.retryinfo-bin"] == retry.SerializeToString()


def test_malformed_bytes_are_an_invalid_argument_and_not_retried(receiver: Receiver) -> None:
    error = refusal(receiver, b"\xff")
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    [detail] = details(error).details
    assert detail.Is(BadRequest.DESCRIPTOR)
    assert receiver.count("requests", transport="grpc", outcome="malformed") == 1


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_too_large_is_resource_exhausted_without_retry_info(start: Start, compression: grpc.Compression) -> None:
    receiver = start(grpc_request_bytes_max=1024)
    fits, exceeds = request(span(name="x" * 500)).SerializeToString(), request(span(name="x" * 1024)).SerializeToString()
    receiver.call(fits, compression=compression)
    with pytest.raises(grpc.RpcError) as refused:
        receiver.call(exceeds, compression=compression)
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "grpc-status-details-bin" not in dict(refused.value.trailing_metadata() or ())
    assert receiver.spool.depth.requests == 1


def test_a_full_spool_asks_for_a_retry(start: Start) -> None:
    receiver = start(spool_bytes=10)
    assert_retry(refusal(receiver, request().SerializeToString()))
    assert receiver.count("requests", transport="grpc", outcome="full") == 1


@pytest.mark.parametrize("problem", [SpoolError("spool.db: disk I/O error"), RuntimeError("a bug"), TimeoutError()])
def test_a_failure_of_ours_asks_for_a_retry_and_tells_no_internals(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def fail(*_: object) -> None:
        raise problem

    monkeypatch.setattr(receiver.spool, "put", fail)
    error = refusal(receiver, request().SerializeToString())
    assert_retry(error)
    assert str(problem) not in error.details() or not str(problem)
    assert receiver.count("requests", transport="grpc", outcome="failed") == 1


def test_a_commit_that_fails_is_not_acknowledged(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OSError("disk I/O error")

    monkeypatch.setattr(type(receiver.spool._writing), "add", fail)
    assert_retry(refusal(receiver, request().SerializeToString()))
    assert receiver.spool.depth.requests == 0


def test_what_is_acknowledged_concurrently_is_all_there(receiver: Receiver) -> None:
    ids = [index.to_bytes(8, "big") for index in range(1, 201)]
    with grpc.insecure_channel(receiver.grpc_address) as channel, ThreadPoolExecutor(50) as senders:
        export = channel.unary_unary(EXPORT)
        list(senders.map(lambda id_: export(request(span(span_id=id_)).SerializeToString(), timeout=20), ids))
    assert sorted(s.span_id for s in receiver.spans()) == ids


def test_a_port_that_is_taken_is_an_error_that_names_it(receiver: Receiver) -> None:
    intake = Intake(Ingest(), receiver.spool, PrometheusReceiverMetrics(CollectorRegistry()))
    with pytest.raises(SpanledgerError, match=f"gRPC cannot listen on {receiver.grpc_address}"):
        grpc_server(intake, receiver.grpc_address)


def never_ending(receiver: Receiver, stack: ExitStack, key: str = "") -> grpc.Call:
    """A call that is open and whose body does not come."""
    channel = stack.enter_context(grpc.insecure_channel(receiver.grpc_address))
    ended = threading.Event()
    stack.callback(ended.set)

    def bodies() -> Iterator[bytes]:
        ended.wait(20)
        yield from ()

    return channel.stream_unary(EXPORT).future(bodies(), metadata=[("x-api-key", key)] if key else None)


def test_a_body_that_does_not_come_is_cut_off(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grpc_transport, "READ_SECONDS_MAX", 0.2)
    with ExitStack() as stack:
        call = never_ending(receiver, stack)
        assert call.code() in {grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED}
    limit = time.monotonic() + 10  # the sender may know of it before it is counted
    while not receiver.count("requests", transport="grpc", outcome="slow") and time.monotonic() < limit:
        time.sleep(0.01)
    assert receiver.count("requests", transport="grpc", outcome="slow") == 1


def test_bodies_that_do_not_come_take_no_place_of_another_sender(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "TURN_SECONDS_MAX", 0.2)
    keys = [Key(name=name, secret_sha256=hashlib.sha256(name.encode()).hexdigest()) for name in ("greedy", "modest")]
    receiver = start(keys=keys)
    body = request().SerializeToString()
    with ExitStack() as stack:
        calls = [never_ending(receiver, stack, "greedy") for _ in range(3 * places.SENDER_PLACES_MAX)]
        assert calls, "what nobody holds is cancelled"
        limit = time.monotonic() + 10
        while time.monotonic() < limit:
            try:
                receiver.call(body, (("x-api-key", "greedy"),))
            except grpc.RpcError as refused:
                assert_retry(refused)
                break
        else:
            pytest.fail("one sender got more places than it may have")
        receiver.call(body, (("x-api-key", "modest"),))


def test_a_sender_that_gives_up_is_counted_as_gone(receiver: Receiver) -> None:
    with ExitStack() as stack:
        call = never_ending(receiver, stack)
        time.sleep(0.2)
        call.cancel()
        limit = time.monotonic() + 10
        while not receiver.count("requests", transport="grpc", outcome="disconnected"):
            assert time.monotonic() < limit
            time.sleep(0.01)


def test_nothing_is_read_before_authentication(start: Start) -> None:
    receiver = start(keys=[KEY])
    with ExitStack() as stack:
        assert never_ending(receiver, stack, "wrong").code() is grpc.StatusCode.UNAUTHENTICATED
