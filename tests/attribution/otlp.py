"""Spans as clients send them, through the real processor and exporter into a store."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from attribution.storage import Store
from collector.config import Config
from collector.exporter import ClickHouseExporter
from collector.processor import Processor
from collector.spool import Delivery

NOON = int(datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()) * 10**9
SECOND = 10**9


@dataclass
class Sent:
    """A span; times in seconds from noon of 2026-11-01."""

    span_id: int
    attributes: Mapping[str, Any] = field(default_factory=dict)
    parent: int = 0
    trace: int = 1
    name: str = "span"
    scope: str = "test"
    at: float = 0
    lasts: float = 10
    links: Sequence[tuple[int, int]] = ()
    """(trace, span) that it links to."""

    def linked(self, *links: tuple[int, int]) -> Sent:
        """The same span with links."""
        return replace(self, links=links)


def exporter_to(store: Store, *, keep_content: bool = False) -> ClickHouseExporter:
    """What the service stores with; its files of a moment are where the system has them."""
    return ClickHouseExporter(store, keep_content=keep_content, temporary=Path(gettempdir()) / "spanledger-tests")


def send(
    store: Store,
    config: Config,
    spans: Sequence[Sent],
    *,
    service: str = "app",
    tags: Mapping[str, str] | None = None,
    sender: str = "",
    resource: Mapping[str, str] | None = None,
) -> None:
    """Process and store one request."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    for key, value in {"service.name": service, **(resource or {})}.items():
        set_value(group.resource.attributes.add(key=key).value, value)
    for sent in spans:
        scope = group.scope_spans.add()
        scope.scope.name = sent.scope
        span = scope.spans.add(name=sent.name, trace_id=sent.trace.to_bytes(16, "big"), span_id=sent.span_id.to_bytes(8, "big"))
        span.parent_span_id = sent.parent.to_bytes(8, "big") if sent.parent else b""
        span.start_time_unix_nano = NOON + round(sent.at * SECOND)
        span.end_time_unix_nano = span.start_time_unix_nano + round(sent.lasts * SECOND)
        for trace, linked in sent.links:
            span.links.add(trace_id=trace.to_bytes(16, "big"), span_id=linked.to_bytes(8, "big"))
        for key, value in sent.attributes.items():
            set_value(span.attributes.add(key=key).value, value)
    delivery = Delivery(1, time.time_ns(), len(spans), tags or {}, request.SerializeToString(), sender)
    exporter_to(store).export([Processor(config).process(delivery)])


def set_value(target: AnyValue, value: Any) -> None:
    """Write a Python value as OTLP has it."""
    if isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int):
        target.int_value = value
    elif isinstance(value, float):
        target.double_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, list):
        target.array_value.SetInParent()
        for item in value:
            set_value(target.array_value.values.add(), item)
    else:
        target.kvlist_value.SetInParent()
        for key, item in value.items():
            set_value(target.kvlist_value.values.add(key=key).value, item)
