"""The three signals of OTLP as the receiver takes them: one row a signal, and nothing else tells them apart.

Source: opentelemetry-proto; the requests of all signals are resources, in them scopes, in them entries, under the same field numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest, ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Name = Literal["traces", "logs", "metrics"]


@dataclass(frozen=True, slots=True)
class Signal:
    """What sets a signal apart on the wire."""

    name: Name
    service: str
    """The gRPC service."""
    request: Any
    """Class of the request's message."""
    response: Any
    entry: Any
    """Class of what a scope holds."""
    lists: tuple[str, str, str]
    """Fields of the request, of a resource and of a scope that hold what is in them."""
    rejected: str
    """Field of the partial success that counts entries."""
    entry_name: str

    @property
    def path(self) -> str:
        """Where it is posted over HTTP."""
        return f"/v1/{self.name}"

    @property
    def request_name(self) -> str:
        """Of the message, as senders know it."""
        return str(self.request.DESCRIPTOR.name)

    def answer(self, rejected: int, message: str) -> Any:
        """What acknowledges a request; `partial_success` is set only when entries were rejected."""
        response = self.response()
        if rejected:
            setattr(response.partial_success, self.rejected, rejected)
            response.partial_success.error_message = message
        return response


TRACES = Signal(
    "traces",
    "opentelemetry.proto.collector.trace.v1.TraceService",
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
    Span,
    ("resource_spans", "scope_spans", "spans"),
    "rejected_spans",
    "span",
)
LOGS = Signal(
    "logs",
    "opentelemetry.proto.collector.logs.v1.LogsService",
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
    LogRecord,
    ("resource_logs", "scope_logs", "log_records"),
    "rejected_log_records",
    "log record",
)
METRICS = Signal(
    "metrics",
    "opentelemetry.proto.collector.metrics.v1.MetricsService",
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
    Metric,
    ("resource_metrics", "scope_metrics", "metrics"),
    "rejected_data_points",
    "metric",
)
SIGNALS = (TRACES, LOGS, METRICS)
ENTRIES = {signal.entry.DESCRIPTOR: signal for signal in SIGNALS}
"""By what a scope holds."""

OLD_SCOPES = 1000
"""Field of a resource that held its scopes before OTLP 0.15, when scopes were called instrumentation libraries; all else was as today."""
SCOPES = 2
"""Where they are today."""
OLD_NAMES = {
    f"instrumentation_library_{plural}": f"scope_{plural}" for plural in ("spans", "logs", "metrics")
} | {"instrumentation_library": "scope"}  # fmt: skip
