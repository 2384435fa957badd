"""Log records that tell of a call become records beside the spans; all others are counted and dropped.

From here on such a record is a span in a request of traces, with the signal `log`: it is spooled, read, priced, stored and attributed in
the same places. Its ids are made of what it says, so that an event that is sent again is the same record.
"""

from __future__ import annotations

import hashlib
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from attribution.conventions import Conventions, values
from attribution.conventions.events import EVENT_NAME, duration_ns, made_up_trace, may_tell, named, tells_of_call
from collector.processor.values import plain
from collector.receiver.signals import LOGS
from collector.receiver.validation import (
    NO_SPAN_ID,
    NO_TRACE_ID,
    SPAN_ID_BYTES,
    TRACE_ID_BYTES,
    Verdict,
    Window,
    decoded,
    described,
    time_problem,
)

_conventions = Conventions()
"""Which events tell of a call does not depend on the configuration."""


def take_logs(body: bytes, window: Window) -> Verdict:
    """Make a request of traces of the log records that tell of a call. Raises RefusalError as `validate` does."""
    verdict = Verdict(body)
    request = decoded(verdict, LOGS)
    made = ExportTraceServiceRequest()
    place = verdict.rejected
    for resource_logs in request.resource_logs:
        spans_of_resource: list[tuple[Any, list[Span]]] = []
        resource = resource_logs.resource.SerializeToString(deterministic=True)
        for scope_logs in resource_logs.scope_logs:
            spans = []
            for record in scope_logs.log_records:
                span = _span(record, scope_logs.scope.name, resource)
                if span is None:
                    verdict.dropped += 1
                elif problem := time_problem("time_unix_nano", span.end_time_unix_nano, window):
                    verdict.reject([described(place, "log record", span, problem)])
                else:
                    spans.append(span)
                place += 1
            if spans:
                spans_of_resource.append((scope_logs.scope, spans))
        if spans_of_resource:
            _add(made, resource_logs, spans_of_resource)
    verdict.spans = sum(len(scope.spans) for resource in made.resource_spans for scope in resource.scope_spans)
    verdict.body = made.SerializeToString()
    return verdict


def _add(made: Any, resource_logs: Any, spans_of_resource: list[tuple[Any, list[Span]]]) -> None:
    resource_spans = made.resource_spans.add(resource=resource_logs.resource, schema_url=resource_logs.schema_url)
    for scope, spans in spans_of_resource:
        resource_spans.scope_spans.add(scope=scope, spans=spans)


def _span(record: Any, scope: str, resource: bytes) -> Span | None:
    """The record as a span; None where it tells of no call."""
    keys = frozenset(pair.key for pair in record.attributes)
    body = record.body.string_value if record.body.WhichOneof("value") == "string_value" else ""
    short = {pair.key: plain(pair.value) for pair in record.attributes if pair.key == EVENT_NAME}
    name = named(record.event_name, short, body)
    event = values.text(short.get(EVENT_NAME)) or name
    if not may_tell(event, keys):
        return None
    attributes = {pair.key: plain(pair.value) for pair in record.attributes} | {EVENT_NAME: event}
    if not tells_of_call(_conventions, scope, event, attributes):
        return None
    end = record.time_unix_nano or record.observed_time_unix_nano
    digest = _digest(record, scope, resource)
    has_trace = len(record.trace_id) == TRACE_ID_BYTES and record.trace_id != NO_TRACE_ID
    has_parent = has_trace and len(record.span_id) == SPAN_ID_BYTES and record.span_id != NO_SPAN_ID
    span = Span(
        trace_id=record.trace_id if has_trace else made_up_trace(attributes, digest),
        span_id=digest[-SPAN_ID_BYTES:],
        parent_span_id=record.span_id if has_parent else b"",
        name=name,
        kind=Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=max(end - duration_ns(attributes), 1) if end else 0,
        end_time_unix_nano=end,
        attributes=record.attributes,
    )
    if EVENT_NAME not in keys:
        span.attributes.add(key=EVENT_NAME).value.string_value = name
    return span


def _digest(record: Any, scope: str, resource: bytes) -> bytes:
    """Of all that the record says, but for when it was observed on the way."""
    said = type(record)()
    said.CopyFrom(record)
    if said.time_unix_nano:
        said.observed_time_unix_nano = 0
    return hashlib.sha256(b"\0".join((resource, scope.encode(), said.SerializeToString(deterministic=True)))).digest()
