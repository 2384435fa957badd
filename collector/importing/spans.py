"""Spans of rows, as OTLP: their ids come from the rows, so that the same row is always the same span."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector.spool import SPAN

Attribute = str | int | bool
TRACE_ID, SPAN_ID = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Where and when a program's own telemetry tells of a call that the program also keeps on disk."""

    session: str
    trace: str
    """Empty: it does not say."""
    since_ns: int
    until_ns: int
    """Between these the call ended by the telemetry's clock."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a row tells of a call or of other work."""

    trace: str
    """Ids as the row has them."""
    span: str
    parent: str
    """Empty: none."""
    name: str
    scope: str
    service: str
    start_ns: int
    end_ns: int
    failed: bool
    attributes: Mapping[str, Attribute]
    sender: str | None = None
    """Who sent it, where the row says so; None: whoever imports it."""
    signal: str = SPAN
    """FILE: a program kept it, and may have told the same by telemetry."""
    telemetry: Telemetry | None = None
    """None: the program tells of none, or names the call in both."""


def request_of(records: Iterable[Record], source: str) -> bytes:
    """An ExportTraceServiceRequest. `source` tells ids apart that are no ids of OpenTelemetry."""
    request = ExportTraceServiceRequest()
    groups = {}
    for record in records:
        key = (record.service, record.scope)
        if key not in groups:
            group = request.resource_spans.add()
            group.resource.attributes.add(key="service.name").value.string_value = record.service
            groups[key] = group.scope_spans.add()
            groups[key].scope.name = record.scope
        _fill(groups[key].spans.add(), record, source)
    return bytes(request.SerializeToString())


def _fill(span: Span, record: Record, source: str) -> None:
    span.name = record.name
    span.trace_id = _identity(record.trace, TRACE_ID, 16, f"{source} trace")
    span.span_id = _identity(record.span, SPAN_ID, 8, f"{source} span")
    if record.parent:
        span.parent_span_id = _identity(record.parent, SPAN_ID, 8, f"{source} span")
    span.kind = Span.SPAN_KIND_CLIENT
    span.start_time_unix_nano, span.end_time_unix_nano = record.start_ns, record.end_ns
    if record.failed:
        span.status.code = Status.STATUS_CODE_ERROR
    for name, value in record.attributes.items():
        held = span.attributes.add(key=name).value
        if isinstance(value, bool):
            held.bool_value = value
        elif isinstance(value, int):
            held.int_value = value
        else:
            held.string_value = value


def _identity(text: str, form: re.Pattern[str], size: int, source: str) -> bytes:
    """An id of OpenTelemetry as it is, a UUID as a trace's, else a hash."""
    plain = text.lower().replace("-", "")
    if form.fullmatch(plain) and plain.strip("0"):
        return bytes.fromhex(plain)
    return hashlib.sha256(f"{source}\0{text}".encode()).digest()[:size]
