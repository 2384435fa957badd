"""A receiver on free ports of the loopback interface: real gRPC and HTTP servers, a real spool."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
import uvicorn
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from collector.config import Ingest, Key
from collector.receiver import Intake, PrometheusReceiverMetrics, grpc_server, http_routes
from collector.spool import Delivery, Spool

MIB = 1024 * 1024
EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
SECRET = "sk-sales"
KEY = Key(name="sales-agents", secret_sha256=hashlib.sha256(SECRET.encode()).hexdigest(), tags={"team": "sales"})


START_NS = time.time_ns() - 3600 * 10**9


@dataclass
class Receiver:
    spool: Spool
    registry: CollectorRegistry
    grpc_address: str
    url: str
    http: httpx.Client

    def post(self, content: bytes, *, type_: str = "application/x-protobuf", **headers: str) -> httpx.Response:
        sent = {"Content-Type": type_, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.http.post("/v1/traces", content=content, headers=sent)

    def call(self, body: bytes, metadata: tuple[tuple[str, str], ...] = (), **options: Any) -> bytes:
        with grpc.insecure_channel(self.grpc_address) as channel:
            return channel.unary_unary(EXPORT)(body, timeout=10, metadata=metadata, **options)

    def deliveries(self) -> list[Delivery]:
        return self.spool.take(after=0, requests_max=1000, bytes_max=64 * MIB)

    def spans(self) -> list[Span]:
        requests = [ExportTraceServiceRequest.FromString(d.body) for d in self.deliveries()]
        return [span for r in requests for rs in r.resource_spans for ss in rs.scope_spans for span in ss.spans]

    def count(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"spanledger_receiver_{name}_total", labels) or 0


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Receiver]]:
    """Starts a receiver; `spool_bytes` and the settings of `ingest` may be given."""
    with ExitStack() as stack:

        def start_(spool_bytes: int = 64 * MIB, **ingest: Any) -> Receiver:
            spool = Spool(tmp_path / "spool.db", bytes_max=spool_bytes)
            stack.callback(spool.close)
            registry = CollectorRegistry()
            intake = Intake(Ingest(**ingest), spool, PrometheusReceiverMetrics(registry))
            server = grpc_server(intake, "127.0.0.1:0")
            stack.callback(server.stop, 0)
            url = stack.enter_context(_http(intake))
            http = stack.enter_context(httpx.Client(base_url=url, timeout=20, trust_env=False))
            return Receiver(spool, registry, f"127.0.0.1:{server.port}", url, http)

        yield start_


@pytest.fixture
def receiver(start: Callable[..., Receiver]) -> Receiver:
    return start()


class _http:  # noqa: N801
    def __init__(self, intake: Intake) -> None:
        app = Starlette(routes=http_routes(intake))
        self._server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> str:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(20)


def request(*spans: Span) -> ExportTraceServiceRequest:
    built = ExportTraceServiceRequest()
    built.resource_spans.add().scope_spans.add().spans.extend(spans or [span()])
    return built


def span(**changes: Any) -> Span:
    """A valid span, and what is different about it."""
    return Span(
        **{
            "trace_id": bytes([1] * 16),
            "span_id": bytes([2] * 8),
            "name": "chat",
            "start_time_unix_nano": START_NS,
            **changes,
        }
    )
