"""Forwards annotated spans over OTLP; all else in them stays as it came."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import grpc
import urllib3
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.config import Forward
from collector.exporter.errors import PermanentError, RetryableError
from collector.processor import Processed

logger = logging.getLogger(__name__)

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
SECONDS_MAX = 10.0
"""Of one request; what the OTLP specification gives exporters by default."""
RETRYABLE_STATUS = frozenset({429, 502, 503, 504})
RETRYABLE_CODES = frozenset(
    {
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    }
)
"""The OTLP specification's list; RESOURCE_EXHAUSTED is taken for a request to wait, since what is ours fitted our own limit."""


class OtlpExporter:
    """Sends to one endpoint, over HTTP or gRPC as its scheme says."""

    def __init__(self, forward: Forward) -> None:
        self.endpoint = forward.endpoint
        self._send = _grpc_sender(forward) if forward.endpoint.startswith("grpc") else _http_sender(forward)

    def export(self, batch: Sequence[Processed]) -> None:
        """Send a batch, a request each as it was received. Raises RetryableError or PermanentError."""
        for processed in batch:
            self._send(annotated(processed))

    def reconnect(self) -> None:
        """The pool and the channel begin anew by themselves."""


def annotated(processed: Processed) -> bytes:
    """The request as it was received, with the annotation on its billable spans. Attributes of that name are replaced."""
    if not processed.annotations:
        return processed.delivery.body
    request = ExportTraceServiceRequest.FromString(processed.delivery.body)
    spans = [span for rs in request.resource_spans for ss in rs.scope_spans for span in ss.spans]
    for at, added in processed.annotations.items():
        attributes = spans[at].attributes
        present = {pair.key: pair.value for pair in attributes}
        for key, value in added.items():
            target = present.get(key) or attributes.add(key=key).value
            _set(target, value)
    return bytes(request.SerializeToString())


def _set(target: Any, value: str | float) -> None:
    if isinstance(value, str):
        target.string_value = value
    elif isinstance(value, int):
        target.int_value = value
    else:
        target.double_value = value


def _http_sender(forward: Forward) -> Any:
    url = forward.endpoint if urlsplit(forward.endpoint).path.strip("/") else forward.endpoint.rstrip("/") + "/v1/traces"
    pool = urllib3.PoolManager(timeout=SECONDS_MAX, retries=False)
    headers = {**forward.headers, "Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}

    def send(body: bytes) -> None:
        try:
            answer = pool.request("POST", url, body=gzip.compress(body, 1), headers=headers)
        except urllib3.exceptions.HTTPError as problem:
            raise RetryableError(f"{url}: {problem}") from problem
        if answer.status in RETRYABLE_STATUS:
            raise RetryableError(f"{url} answers {answer.status}")
        if answer.status >= 400:  # noqa: PLR2004
            raise PermanentError(f"{url} answers {answer.status}: {answer.data[:200]!r}")

    return send


def _grpc_sender(forward: Forward) -> Any:
    parts = urlsplit(forward.endpoint)
    options = [("grpc.default_compression_algorithm", grpc.Compression.Gzip)]
    if parts.scheme == "grpcs":
        channel = grpc.secure_channel(parts.netloc, grpc.ssl_channel_credentials(), options=options)
    else:
        channel = grpc.insecure_channel(parts.netloc, options=options)
    call = channel.unary_unary(EXPORT)
    metadata = _metadata(forward.headers)

    def send(body: bytes) -> None:
        try:
            call(body, metadata=metadata, timeout=SECONDS_MAX)
        except grpc.RpcError as problem:
            failure: Any = problem
            kind = RetryableError if failure.code() in RETRYABLE_CODES else PermanentError
            raise kind(f"{forward.endpoint}: {failure.code().name}: {failure.details()}") from problem

    return send


def _metadata(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in headers.items()]
