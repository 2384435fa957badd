"""OTLP over gRPC: bytes in, bytes out; each request holds a thread until its commit.

Sources: OTLP specification, grpc.health.v1, google.rpc.error_details.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from attribution.errors import SpanledgerError
from collector.receiver.intake import COMMIT_SECONDS_MAX, Intake
from collector.receiver.outcome import RETRY_SECONDS, RefusalError
from collector.receiver.signals import SIGNALS, Signal

THREADS_MAX = 32
"""Requests that are read, decoded or waiting for their commit at a time, and so 32 times the request limit in memory. A
commit takes 5 to 10 ms and all of them share it: some thousand requests a second."""

STREAMS_MAX = 1024
"""Open requests per connection. gRPC refuses what is beyond with UNAVAILABLE, which every sender repeats, and counts requests
until their thread has ended, so this stays far above the some hundred that a gateway keeps open."""

PENDING_MAX = 4096
"""Open requests of all connections; their bodies stay in flow control until a thread is free. What is beyond, gRPC refuses
with RESOURCE_EXHAUSTED, which some senders do not repeat: hence several times what one connection may have."""

CODES = {code.value[0]: code for code in grpc.StatusCode}
HEALTHY = health_pb2.HealthCheckResponse.SERVING


class GrpcServer:
    """A server that is running."""

    def __init__(self, server: Any, port: int, servicer: Any) -> None:
        self._server, self._servicer = server, servicer
        self.port = port
        """The one that was bound, also when the address said 0."""

    def stop(self, grace_seconds: float = 5.0) -> None:
        """Report not serving, refuse new requests, let those in flight end within `grace_seconds`; blocks. Idempotent."""
        self._servicer.enter_graceful_shutdown()
        self._server.stop(grace_seconds).wait()


def grpc_server(intake: Intake, address: str) -> GrpcServer:
    """Start a server on HOST:PORT; port 0 takes a free one. Raises SpanledgerError when it cannot be bound."""
    server = grpc.server(
        ThreadPoolExecutor(THREADS_MAX, thread_name_prefix="otlp-grpc"),
        maximum_concurrent_rpcs=PENDING_MAX,
        options=[
            ("grpc.max_receive_message_length", intake.config.grpc_request_bytes_max),  # after decompression
            ("grpc.max_concurrent_streams", STREAMS_MAX),
            ("grpc.so_reuseport", 0),  # a second server on the port is an error, not a rival
        ],
    )
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    for signal in SIGNALS:
        handler = grpc.unary_unary_rpc_method_handler(_Export(intake, signal))
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(signal.service, {"Export": handler})])
        servicer.set(signal.service, HEALTHY)  # the service "" is there from the start
    try:
        port = server.add_insecure_port(address)
    except RuntimeError as problem:
        raise SpanledgerError(f"gRPC cannot listen on {address}: {problem}") from problem
    server.start()
    return GrpcServer(server, port, servicer)


class _Export:
    """Export of one signal. gRPC has read the body by now, up to the limit; nothing is decoded before authentication."""

    def __init__(self, intake: Intake, signal: Signal) -> None:
        self._intake, self._signal = intake, signal

    def __call__(self, body: bytes, context: Any) -> bytes:
        if not context.is_active():  # the sender gave up while this waited for a thread, and will send again
            return b""
        try:
            sender = self._intake.authenticate(_headers(context.invocation_metadata()))
            receipt = self._intake.accept(body, sender, signal=self._signal)
            if receipt.future:
                receipt.future.result(COMMIT_SECONDS_MAX)
        except Exception as problem:  # noqa: BLE001  (anything that escapes becomes UNKNOWN, and senders drop on that)
            _abort(context, self._intake.refused("grpc", problem))
        self._intake.accepted("grpc", receipt)
        return bytes(receipt.response.SerializeToString())


def _headers(metadata: Iterable[tuple[str, str | bytes]]) -> dict[str, str]:
    return {name: value for name, value in metadata if isinstance(value, str)}


def _abort(context: Any, refusal: RefusalError) -> NoReturn:
    status = refusal.status
    if refusal.outcome.value.retry:
        retry = RetryInfo(retry_delay=Duration(seconds=RETRY_SECONDS))
        status.details.add().Pack(retry)
        details = [
            ("grpc-status-details-bin", status.SerializeToString()),  # what the specification says
            ("google.rpc.retryinfo-bin", retry.SerializeToString()),  # what the OpenTelemetry SDK for Python reads
        ]
    else:
        details = [("grpc-status-details-bin", status.SerializeToString())]
    context.set_trailing_metadata(details)
    context.abort(CODES[status.code], refusal.message)
    raise AssertionError("abort raises")
