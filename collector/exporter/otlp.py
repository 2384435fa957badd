"""Forwards annotated spans over OTLP; all else in them stays as it came."""

from __future__ import annotations

import gzip
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import grpc
import urllib3
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.config import Forward
from collector.exporter.errors import PermanentError, RetryableError
from collector.processor import Processed
from collector.spool import SPAN

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
SECONDS_MAX = 10.0
"""Of one request; what the OTLP specification gives exporters by default."""
RETRY_AFTER_SECONDS_MAX = 300.0
"""The longest that another server's wish to wait is heeded: then it is asked again."""
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
        self._sent: set[int] = set()
        self._send = _grpc_sender(forward) if forward.endpoint.startswith("grpc") else _http_sender(forward)

    def export(self, batch: Sequence[Processed]) -> None:
        """Send a batch, a request each as it was received; what has passed is not sent again when the batch is.

        Raises RetryableError or PermanentError.
        """
        for processed in batch:
            # Log records and metrics are no spans, and stay here.
            if processed.delivery.signal == SPAN and processed.delivery.seq not in self._sent:
                self._send(annotated(processed))
                self._sent.add(processed.delivery.seq)
        self._sent.difference_update(processed.delivery.seq for processed in batch)

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


def shown(endpoint: str) -> str:
    """An endpoint without what may be secret in it: for logs and metrics."""
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _http_sender(forward: Forward) -> Any:
    parts = urlsplit(forward.endpoint)
    path = parts.path if parts.path.strip("/") else "/v1/traces"
    url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], path=path))
    where = shown(url)
    pool = urllib3.PoolManager(timeout=SECONDS_MAX, retries=False)
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip", **forward.all_headers}
    if parts.username is not None:
        headers |= urllib3.make_headers(basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}")

    def send(body: bytes) -> None:
        try:
            answer = pool.request("POST", url, body=gzip.compress(body, 1), headers=headers)
        except urllib3.exceptions.HTTPError as problem:
            raise RetryableError(f"{where}: {type(problem).__name__}") from None  # its text names the address, with its secrets
        if answer.status in RETRYABLE_STATUS:
            raise RetryableError(f"{where} answers {answer.status}", after_seconds(answer.headers.get("Retry-After", "")))
        if 300 <= answer.status < 400:  # noqa: PLR2004
            # Nothing was taken. A proxy that is set up wrong is set up right again: until then it waits.
            raise RetryableError(f"{where} answers {answer.status}: it sends elsewhere, which is not followed; correct the endpoint")
        if answer.status >= 400:  # noqa: PLR2004
            raise PermanentError(f"{where} answers {answer.status}: {answer.data[:200]!r}")

    return send


def after_seconds(header: str) -> float:
    """What Retry-After says, in seconds or as a date, within bounds; 0 where it says nothing."""
    seconds = 0.0
    if header.strip().isdecimal():
        seconds = float(header[:9])
    elif header:
        with suppress(ValueError, TypeError):
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
    return min(max(seconds, 0), RETRY_AFTER_SECONDS_MAX)


def _grpc_sender(forward: Forward) -> Any:
    parts = urlsplit(forward.endpoint)
    options = [("grpc.default_compression_algorithm", grpc.Compression.Gzip)]
    target = parts.netloc.rpartition("@")[2]
    if parts.scheme == "grpcs":
        channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(), options=options)
    else:
        channel = grpc.insecure_channel(target, options=options)
    call = channel.unary_unary(EXPORT)
    metadata = _metadata(forward.all_headers)

    def send(body: bytes) -> None:
        try:
            call(body, metadata=metadata, timeout=SECONDS_MAX)
        except grpc.RpcError as problem:
            failure: Any = problem
            text = f"{shown(forward.endpoint)}: {failure.code().name}: {failure.details()}"
            if failure.code() in RETRYABLE_CODES:
                raise RetryableError(text, _retry_info_seconds(failure)) from problem
            raise PermanentError(text) from problem

    return send


def _retry_info_seconds(failure: Any) -> float:
    """What google.rpc.RetryInfo says; 0 where there is none."""
    status, retry = Status(), RetryInfo()
    for name, value in failure.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            with suppress(DecodeError):
                status.ParseFromString(value)
    if any(detail.Unpack(retry) for detail in status.details):
        return float(min(max(retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9, 0), RETRY_AFTER_SECONDS_MAX))
    return 0


def _metadata(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in headers.items()]
