"""OTLP over gRPC: what a refusal looks like to its sender."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from prometheus_client import CollectorRegistry

from attribution.errors import SpanledgerError
from collector.config import Ingest
from collector.receiver import Intake, PrometheusReceiverMetrics, grpc_server
from collector.spool import SpoolError

from .conftest import EXPORT, Receiver, request, span

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
    assert not details(error).details
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
