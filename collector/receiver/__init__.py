"""OTLP in: over gRPC and HTTP, authenticated, validated, durable before it is acknowledged."""

from collector.receiver.grpc_transport import GrpcServer, grpc_server
from collector.receiver.http_transport import http_routes
from collector.receiver.intake import Intake
from collector.receiver.metrics import PrometheusReceiverMetrics, ReceiverMetrics

__all__ = ["GrpcServer", "Intake", "PrometheusReceiverMetrics", "ReceiverMetrics", "grpc_server", "http_routes"]
