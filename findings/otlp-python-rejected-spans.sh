#!/usr/bin/env bash
# Python's OTLP exporters count spans that the server refused as sent, and log nothing.
#
# Packages: opentelemetry-sdk 1.45.2 with opentelemetry-exporter-otlp-proto-http and -grpc 1.45.2.
# Input:    a local receiver that answers as OTLP lays down for a batch that it takes in part: 200 (gRPC: OK) and in the body a
#           `partial_success` with the number of the refused spans, or log records, and the reason. Further a 200 with a web page in
#           HTML, as a proxy answers whose login has run out.
# Expected: a warning with the number and the reason, since an exporter must not send such a batch again: the log is the one place
#           where the loss shows. A page that is no answer of OTLP is a failed export.
# Seen:     SUCCESS, and not a line at any level, DEBUG included: the body is never read. Spans with the tokens of a day can be refused
#           (too old, over a quota) while the sender looks healthy. An answer 400 is a failed export and is logged.
#
#             http  spans  all taken               SUCCESS  logged 0
#             http  spans  1 of 1 refused          SUCCESS  logged 0
#             http  logs   1 of 1 refused          SUCCESS  logged 0
#             grpc  spans  1 of 1 refused          SUCCESS  logged 0
#             http  spans  200 with a login page   SUCCESS  logged 0
#             http  spans  400                     FAILURE  logged 1
#
# What helps: an alert on the receiver's own count of refused spans; a receiver that refuses whole requests with 400 where none of
# the batch is taken; a Collector between, which reads the answer.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'opentelemetry-sdk==1.45.2' 'opentelemetry-exporter-otlp-proto-http==1.45.2' \
    'opentelemetry-exporter-otlp-proto-grpc==1.45.2'
venv/bin/python -m pip list | grep -E '^opentelemetry-(sdk|exporter-otlp-proto-(http|grpc)) '

cat >one.py <<'PY'
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer

import grpc
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsPartialSuccess, ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTracePartialSuccess, ExportTraceServiceResponse
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

os.environ["NO_PROXY"] = os.environ["no_grpc_proxy"] = "127.0.0.1"
TAKEN = ExportTraceServiceResponse()
REFUSED = ExportTraceServiceResponse(
    partial_success=ExportTracePartialSuccess(rejected_spans=1, error_message="older than the retention")
)
REFUSED_LOGS = ExportLogsServiceResponse(
    partial_success=ExportLogsPartialSuccess(rejected_log_records=1, error_message="older than the retention")
)
PAGE = b"<!doctype html><title>Sign in</title>"
PROTOBUF, HTML = "application/x-protobuf", "text/html"
answer = None


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        status, kind, body = answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Traces(trace_service_pb2_grpc.TraceServiceServicer):
    def Export(self, request, context):
        return REFUSED


class Lines(logging.Handler):
    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        if record.name.startswith("opentelemetry"):
            self.lines.append(record.getMessage())


def one_span():
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    provider.get_tracer("script").start_span("chat").end()
    return kept.get_finished_spans()


def one_log():
    kept, provider = InMemoryLogRecordExporter(), LoggerProvider()
    provider.add_log_record_processor(SimpleLogRecordProcessor(kept))
    provider.get_logger("script").emit(LogRecord(body="api_request"))
    return kept.get_finished_logs()


http = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=http.serve_forever, daemon=True).start()
server = grpc.server(ThreadPoolExecutor(1))
trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Traces(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
url = f"http://127.0.0.1:{http.server_port}/v1/"
spans, logs = one_span(), one_log()
http_spans, http_logs = HttpSpans(endpoint=url + "traces"), HttpLogs(endpoint=url + "logs")
grpc_spans = GrpcSpans(endpoint=f"http://127.0.0.1:{port}", insecure=True)
lines = Lines()
logging.getLogger().addHandler(lines)
logging.getLogger().setLevel(logging.DEBUG)
for name, exporter, batch, sent in (
    ("http  spans  all taken", http_spans, spans, (200, PROTOBUF, TAKEN.SerializeToString())),
    ("http  spans  1 of 1 refused", http_spans, spans, (200, PROTOBUF, REFUSED.SerializeToString())),
    ("http  logs   1 of 1 refused", http_logs, logs, (200, PROTOBUF, REFUSED_LOGS.SerializeToString())),
    ("grpc  spans  1 of 1 refused", grpc_spans, spans, None),
    ("http  spans  200 with a login page", http_spans, spans, (200, HTML, PAGE)),
    ("http  spans  400", http_spans, spans, (400, PROTOBUF, b"")),
):
    answer = sent
    lines.lines.clear()
    print(f"{name:<37}{exporter.export(batch).name}  logged {len(lines.lines)}")
server.stop(0)
PY

cat >seen <<'TXT'
http  spans  all taken               SUCCESS  logged 0
http  spans  1 of 1 refused          SUCCESS  logged 0
http  logs   1 of 1 refused          SUCCESS  logged 0
grpc  spans  1 of 1 refused          SUCCESS  logged 0
http  spans  200 with a login page   SUCCESS  logged 0
http  spans  400                     FAILURE  logged 1
TXT
venv/bin/python one.py 2>errors | tee now || { cat errors; exit 1; }
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
