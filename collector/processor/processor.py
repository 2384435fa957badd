"""Reads what each span of a delivery used and what it costs, and leaves the delivery's bytes as they came.

The hot path touches only keys that a convention knows: attributes are looked up in an undecoded map, and decoded when they are
looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from attribution.annotation import GEN_AI_COST, TOKEN_KINDS, annotation, plain_text
from attribution.appraisal import Appraiser
from attribution.configuration import AttributionConfig
from attribution.conventions import Reading, unread_usage
from attribution.conventions.dimensions import said_of_work, tags_of_span
from attribution.prices import Price
from collector.processor.columns import Nested, encode
from collector.processor.reading_pb2 import Event, Request
from collector.processor.totals import Row, totals
from collector.processor.values import decode, nested
from collector.spool import METRIC, Delivery

SERVICE_NAME = "service.name"
STATUS_ERROR = 2
"""OpenTelemetry's code of it."""


@dataclass(frozen=True, slots=True)
class Unread:
    """How often a number that nobody reads was seen: spans, the last figure, the first and the last start in ns."""

    spans: int = 0
    example: str = ""
    first_ns: int = 0
    last_ns: int = 0

    def seen(self, figure: Decimal, start_ns: int) -> Unread:
        """Once more."""
        return self.joined(Unread(1, plain_text(figure), start_ns, start_ns))

    def joined(self, other: Unread) -> Unread:
        """Both together."""
        if not self.spans:
            return other
        first, last = min(self.first_ns, other.first_ns), max(self.last_ns, other.last_ns)
        return Unread(self.spans + other.spans, other.example, first, last)


@dataclass(frozen=True, slots=True)
class Processed:
    """A delivery and what is known of its spans."""

    delivery: Delivery
    readings: Sequence[Reading]
    """By position of the span in the delivery, as are the prices."""
    prices: Sequence[Price]
    resources: Sequence[Mapping[str, str]]
    """Whom each resource names, by dimension."""
    resource_of: Sequence[int]
    """By position of the span: the position of its resource."""
    nested: Nested
    annotations: Mapping[int, dict[str, str | int | float]]
    """By position of the span in the delivery: the attributes to add; billable spans only."""
    totals: Sequence[Row] = ()
    """Of a delivery of metrics, which has no spans: rows of `metric_points`."""
    unread: Mapping[tuple[str, str], Unread] = field(default_factory=dict)
    """By scope and attribute key: numbers that look like usage and that nobody reads."""

    @property
    def body(self) -> bytes:
        """A `Delivery` message: the request as received, the facts appended."""
        tags, sender = self.delivery.tags, self.delivery.sender
        resources = [self.resources[at] for at in self.resource_of]
        dimensions = [said_of_work(reading.dims, named, tags) for reading, named in zip(self.readings, resources, strict=True)]
        bound = [tags_of_span(reading.dims, tags) for reading in self.readings] if tags else ()
        facts = encode(self.readings, self.prices, dimensions, self.resources, self.nested, sender, bound, self.delivery.signal)
        return self.delivery.body + facts


class Processor:
    """Prices and annotates deliveries. Not thread safe: one belongs to one thread."""

    def __init__(self, config: AttributionConfig, *, annotate: bool, keep_content: bool = False) -> None:
        """`annotate`: also collect the attributes that forwarding adds."""
        self.appraiser = Appraiser(config, decode)
        self._keep_content = keep_content
        self.annotate = annotate

    def following(self, config: AttributionConfig) -> Processor:
        """Another one that does the same by another configuration."""
        return Processor(config, annotate=self.annotate, keep_content=self._keep_content)

    def process(self, delivery: Delivery) -> Processed:
        """Price one delivery. Raises ValueError where its bytes are no request, which the receiver has ruled out."""
        if delivery.signal == METRIC:
            return Processed(delivery, (), (), (), (), Nested(), {}, totals(delivery, self.appraiser.conventions))
        return self._process_records(delivery)

    def _process_records(self, delivery: Delivery) -> Processed:
        request: Any = Request.FromString(delivery.body)
        appraise, conventions = self.appraiser.appraise, self.appraiser.conventions
        readings: list[Reading] = []
        prices: list[Price] = []
        resources: list[Mapping[str, str]] = []
        resource_of: list[int] = []
        deep = Nested()
        unread: dict[tuple[str, str], Unread] = {}
        annotations: dict[int, dict[str, str | int | float]] = {}
        for resource_spans in request.resource_spans:
            resource = resource_spans.resource.attributes
            if inner := nested(resource, keep_content=self._keep_content):
                deep.resources[len(resources)] = inner
            resources.append(conventions.read_resource(resource))
            service = _service(resource)
            for scope_spans in resource_spans.scope_spans:
                scope = scope_spans.scope.name
                reads_events = conventions.reads_events(scope)
                for span in scope_spans.spans:
                    start, attributes = span.start_time_unix_nano, span.attributes
                    duration = max(span.end_time_unix_nano - start, 0)
                    if reads_events:
                        attributes = conventions.with_events(attributes, [Event.FromString(event).attributes for event in span.events])
                    failed = span.status.code == STATUS_ERROR
                    reading, price = appraise(scope, span.name, service, attributes, start, duration, failed=failed, sender=delivery.sender)
                    _note_nested(deep, len(prices), span, keep_content=self._keep_content)
                    if reading.unread:
                        _note(unread, scope, unread_usage(reading.unread, attributes, decode), start)
                    if self.annotate and price.usage == "leaf":
                        annotations[len(prices)] = _added(reading, price, has_gen_ai_cost=GEN_AI_COST in attributes)
                    resource_of.append(len(resources) - 1)
                    readings.append(reading)
                    prices.append(price)
        if len(prices) != delivery.spans:
            raise ValueError(f"the delivery holds {len(prices)} spans, {delivery.spans} were acknowledged")
        return Processed(delivery, readings, prices, resources, resource_of, deep, annotations, (), unread)


def _note_nested(deep: Nested, at: int, span: Any, *, keep_content: bool) -> None:
    if inner := nested(span.attributes, keep_content=keep_content):
        deep.spans[at] = inner
    if span.events:
        of_events = (
            (str(place), nested(Event.FromString(event).attributes, keep_content=keep_content))
            for place, event in enumerate(span.events, 1)
        )
        if found := {place: inner for place, inner in of_events if inner}:
            deep.events[at] = found


def _note(unread: dict[tuple[str, str], Unread], scope: str, numbers: Mapping[str, Decimal], start_ns: int) -> None:
    for key, figure in numbers.items():
        unread[scope, key] = unread.get((scope, key), Unread()).seen(figure, start_ns)


def _service(resource: Any) -> str:
    """`service.name`, as text is stored."""
    service = decode(resource.get(SERVICE_NAME, b""))
    return service if isinstance(service, str) else ""


def _added(reading: Reading, price: Price, *, has_gen_ai_cost: bool) -> dict[str, str | int | float]:
    """The annotation of a billable span."""
    return annotation(
        cost=price.cost,
        source=price.source,
        price_id=price.price_id,
        bucket=price.bucket,
        tokens={kind: getattr(reading, f"{kind}_tokens") for kind in TOKEN_KINDS},
        has_gen_ai_cost=has_gen_ai_cost,
        told=reading.told,
    )
