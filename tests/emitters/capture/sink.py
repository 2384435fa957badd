"""An OTLP/HTTP receiver that keeps the requests of one signal that it is sent, as OTLP JSON."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

Json = dict[str, Any]
REQUESTS = {"traces": ExportTraceServiceRequest, "logs": ExportLogsServiceRequest}
"""By the end of the path: Langfuse and MLflow send below a path of their own."""
_IDS = ("traceId", "spanId", "parentSpanId")


def decoded(body: bytes, content_type: str, signal: str) -> Json:
    """A request in OTLP JSON: sent so, or made of protobuf."""
    if "json" in content_type:
        return json.loads(body)  # type: ignore[no-any-return]
    request = MessageToDict(REQUESTS[signal].FromString(body), use_integers_for_enums=True)
    _hex_ids(request)
    return request


def _hex_ids(value: Any) -> None:
    """Protobuf's own JSON writes bytes in base64; OTLP's writes ids in hex."""
    if isinstance(value, list):
        for item in value:
            _hex_ids(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in _IDS and isinstance(item, str):
                value[key] = base64.b64decode(item).hex()
            else:
                _hex_ids(item)


def serve(port: int, requests: list[Json], signal: str = "traces") -> ThreadingHTTPServer:
    """Start the receiver, which appends to `requests`; what is of another signal is accepted and forgotten."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self._body()
            if self.path.partition("?")[0].endswith(f"/v1/{signal}"):
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                requests.append(decoded(body, self.headers.get("Content-Type", ""), signal))
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def _answer(self) -> None:
            as_json = "json" in self.headers.get("Content-Type", "")
            answer = b"{}" if as_json or self.command == "GET" else b""
            self.send_response(200)
            self.send_header("Content-Type", "application/json" if answer else "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
