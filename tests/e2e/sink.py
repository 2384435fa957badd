"""Small OTLP receivers, gRPC and HTTP, for what is forwarded."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans


class Sink(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps every request."""

    def __init__(self) -> None:
        self.endpoint = ""
        self.headers: list[dict[str, str]] = []
        self._requests: list[ExportTraceServiceRequest] = []
        self._failures = 0

    def Export(self, request: ExportTraceServiceRequest, context: Any) -> ExportTraceServiceResponse:  # noqa: N802
        """As gRPC calls it."""
        if self.refuses():
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        self.keep(request, dict(context.invocation_metadata()))
        return ExportTraceServiceResponse()

    def fail(self, times: int) -> None:
        """Refuse the next requests, for them to be sent again."""
        self._failures = times

    def refuses(self) -> bool:
        """Whether this one is to be refused."""
        self._failures -= 1
        return self._failures >= 0

    def keep(self, request: ExportTraceServiceRequest, headers: dict[str, str]) -> None:
        """Remember it."""
        self._requests.append(request)
        self.headers.append(headers)

    def of(self, trace: str) -> list[ResourceSpans]:
        """What came of a trace."""
        return [
            resource
            for request in list(self._requests)
            for resource in request.resource_spans
            if any(span.trace_id.hex() == trace for scope in resource.scope_spans for span in scope.spans)
        ]


@contextmanager
def grpc_sink() -> Iterator[Sink]:
    """Over gRPC."""
    sink = Sink()
    server = grpc.server(ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(sink, server)
    sink.endpoint = f"grpc://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield sink
    server.stop(0).wait()


@contextmanager
def http_sink() -> Iterator[Sink]:
    """Over HTTP with protobuf."""
    sink = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            status = 503 if sink.refuses() else 200 if self.path == "/v1/traces" else 404
            if status == 200:
                sink.keep(ExportTraceServiceRequest.FromString(body), {name.lower(): value for name, value in self.headers.items()})
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        sink.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield sink
        server.shutdown()
        thread.join()
