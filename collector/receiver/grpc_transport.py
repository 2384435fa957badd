"""OTLP over gRPC: bytes in, bytes out; each request holds a thread until its commit.

The calls are unary. They are served as streams of one request, which is the same on the wire: so who sends is known before the body is
read, and a body that does not come can be waited for with a limit.

Sources: OTLP specification, grpc.health.v1, google.rpc.error_details.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from attribution.errors import SpanledgerError
from collector.receiver.intake import COMMIT_SECONDS_MAX, Intake
from collector.receiver.outcome import RETRY_SECONDS, Outcome, RefusalError
from collector.receiver.places import THREADS_MAX, ThreadPlaces
from collector.receiver.signals import SIGNALS, Signal

STREAMS_MAX = 1024
"""Open requests per connection. gRPC refuses what is beyond with UNAVAILABLE, which every sender repeats, and counts requests
until their thread has ended, so this stays far above the some hundred that a gateway keeps open."""

READ_SECONDS_MAX = 30.0
"""For the body of a call, as over HTTP."""

WATCH_SECONDS = 1.0
"""Between two looks for bodies that do not come."""

PENDING_MAX = 4096
"""Open requests of all connections; their bodies stay in flow control until a thread is free. What is beyond, gRPC refuses
with RESOURCE_EXHAUSTED, which some senders do not repeat: hence several times what one connection may have."""

CODES = {code.value[0]: code for code in grpc.StatusCode}
HEALTHY = health_pb2.HealthCheckResponse.SERVING


class GrpcServer:
    """A server that is running."""

    def __init__(self, server: Any, port: int, servicer: Any, watch: _Watch) -> None:
        self._server, self._servicer, self._watch = server, servicer, watch
        self.port = port
        """The one that was bound, also when the address said 0."""

    def stop(self, grace_seconds: float = 5.0) -> None:
        """Report not serving, refuse new requests, let those in flight end within `grace_seconds`; blocks. Idempotent."""
        self._servicer.enter_graceful_shutdown()
        self._server.stop(grace_seconds).wait()
        self._watch.stop()


def grpc_server(intake: Intake, address: str, credentials: Any = None) -> GrpcServer:
    """Start a server on HOST:PORT; port 0 takes a free one; with `credentials` it speaks TLS.

    Raises SpanledgerError when it cannot be bound.
    """
    watch = _Watch()
    server = grpc.server(
        ThreadPoolExecutor(THREADS_MAX, thread_name_prefix="otlp-grpc"),
        maximum_concurrent_rpcs=PENDING_MAX,
        options=[
            ("grpc.max_receive_message_length", intake.config.grpc_request_bytes_max),  # after decompression
            ("grpc.max_concurrent_streams", STREAMS_MAX),
            ("grpc.so_reuseport", 0),  # a second server on the port is an error, not a rival
        ],
    )
    places = ThreadPlaces()
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    for signal in SIGNALS:
        handler = grpc.stream_unary_rpc_method_handler(_Export(intake, signal, watch, places))
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(signal.service, {"Export": handler})])
        servicer.set(signal.service, HEALTHY)  # the service "" is there from the start
    try:
        port = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    except RuntimeError as problem:
        raise SpanledgerError(f"gRPC cannot listen on {address}: {problem}") from problem
    server.start()
    return GrpcServer(server, port, servicer, watch)


class _Watch:
    """Cuts off calls whose body does not come: a client need not give a deadline, and a place must not be held for ever."""

    def __init__(self) -> None:
        self._limits: dict[Any, float] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="otlp-grpc-watch", daemon=True)
        self._thread.start()

    def read(self, requests: Iterator[bytes], context: Any) -> bytes:
        """The body of a call. Raises RefusalError: SLOW, DISCONNECTED."""
        self._limits[context] = time.monotonic() + READ_SECONDS_MAX
        try:
            return next(requests)
        except (StopIteration, grpc.RpcError):
            if self._limits.get(context, 0) <= time.monotonic():
                raise RefusalError(Outcome.SLOW, f"the body did not arrive within {READ_SECONDS_MAX:.0f} s") from None
            raise RefusalError(Outcome.DISCONNECTED, "the sender closed the connection") from None
        finally:
            self._limits.pop(context, None)

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(WATCH_SECONDS):
            now = time.monotonic()
            for context, limit in list(self._limits.items()):
                if limit <= now:
                    context.cancel()


class _Export:
    """Export of one signal. Nothing is read before authentication, and gRPC reads a body up to the limit. All signals share the places."""

    def __init__(self, intake: Intake, signal: Signal, watch: _Watch, places: ThreadPlaces) -> None:
        self._intake, self._signal, self._watch, self._places = intake, signal, watch, places

    def __call__(self, requests: Iterator[bytes], context: Any) -> bytes:
        if not context.is_active():  # the sender gave up while this waited for a thread, and will send again
            return b""
        name = ""
        try:
            sender = self._intake.authenticate(_headers(context.invocation_metadata()))
            name = sender.name
            with self._places.taken(sender.name):
                receipt = self._intake.accept(self._watch.read(requests, context), sender, signal=self._signal)
                if receipt.future:
                    receipt.future.result(COMMIT_SECONDS_MAX)
        except Exception as problem:  # noqa: BLE001  (anything that escapes becomes UNKNOWN, and senders drop on that)
            _abort(context, self._intake.refused("grpc", problem, name))
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
