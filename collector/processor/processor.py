"""Reads what each span of a delivery used and what it costs, and leaves the delivery's bytes as they came.

Only keys that a convention knows are touched: attributes are looked up in an undecoded map, and decoded when they are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter
from typing import Any

from attribution.annotation import GEN_AI_COST, TOKEN_KINDS, annotation, plain_text
from attribution.appraisal import Appraiser
from attribution.configuration import AttributionConfig
from attribution.conventions import Reading, unread_usage
from attribution.conventions.table import ANSWER_FACTS
from attribution.prices import Price
from collector.processor.reading_pb2 import Request
from collector.processor.totals import Row, totals
from collector.processor.values import decode
from collector.spool import METRIC, Delivery

SERVICE_NAME = "service.name"
tokens_of: Callable[[Reading], tuple[int | None, ...]] = attrgetter(*(f"{kind}_tokens" for kind in TOKEN_KINDS))
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
    request: Any
    """The delivery as a `Request` of reading.proto; None for metrics."""
    readings: Sequence[Reading]
    """By position of the span in the delivery, as are the prices."""
    prices: Sequence[Price]
    resources: Sequence[Mapping[str, str]]
    """Whom each resource names, by dimension."""
    resource_of: Sequence[int]
    """By position of the span: the position of its resource."""
    totals: Sequence[Row] = ()
    """Of a delivery of metrics, which has no spans: rows of `metric_points`."""
    unread: Mapping[tuple[str, str], Unread] = field(default_factory=dict)
    """By scope and attribute key: numbers that look like usage and that nobody reads."""

    @property
    def spans(self) -> list[Any]:
        """The spans of the request, in their order."""
        scopes = [scope_spans for resource_spans in self.request.resource_spans for scope_spans in resource_spans.scope_spans]
        return [span for scope_spans in scopes for span in scope_spans.spans]

    @property
    def annotations(self) -> dict[int, dict[str, str | int | float]]:
        """By position of the span in the delivery: the attributes to add; billable spans, and those that quote an answer."""
        return {
            at: _annotation(reading, price, has_gen_ai_cost=GEN_AI_COST in span.attributes)
            for at, (reading, price, span) in enumerate(zip(self.readings, self.prices, self.spans, strict=True))
            if price.usage == "leaf" or reading.told
        }


class Processor:
    """Prices deliveries. Not thread safe: one belongs to one thread."""

    def __init__(self, config: AttributionConfig) -> None:
        """The configuration says what is read and what it costs."""
        self.appraiser = Appraiser(config, decode)

    def process(self, delivery: Delivery) -> Processed:
        """Price one delivery. Raises ValueError where its bytes are no request, which the receiver has ruled out."""
        if delivery.signal == METRIC:
            return Processed(delivery, None, (), (), (), (), totals(delivery, self.appraiser.conventions))
        return self._process_records(delivery)

    def _process_records(self, delivery: Delivery) -> Processed:
        request: Any = Request.FromString(delivery.body)
        appraise, conventions = self.appraiser.appraise, self.appraiser.conventions
        readings: list[Reading] = []
        prices: list[Price] = []
        resources: list[Mapping[str, str]] = []
        resource_of: list[int] = []
        unread: dict[tuple[str, str], Unread] = {}
        for resource_spans in request.resource_spans:
            resource = resource_spans.resource.attributes
            resources.append(conventions.read_resource(resource))
            service = _service(resource)
            for scope_spans in resource_spans.scope_spans:
                scope = scope_spans.scope.name
                reads_events = conventions.reads_events(scope)
                for span in scope_spans.spans:
                    start, attributes = span.start_time_unix_nano, span.attributes
                    duration = max(span.end_time_unix_nano - start, 0)
                    if reads_events:
                        attributes = conventions.with_events(attributes, [event.attributes for event in span.events])
                    failed = span.status.code == STATUS_ERROR
                    reading, price = appraise(scope, span.name, service, attributes, start, duration, failed=failed, sender=delivery.sender)
                    if reading.unread:
                        _note(unread, scope, unread_usage(reading.unread, attributes, decode), start)
                    resource_of.append(len(resources) - 1)
                    readings.append(reading)
                    prices.append(price)
        if len(prices) != delivery.spans:
            raise ValueError(f"the delivery holds {len(prices)} spans, {delivery.spans} were acknowledged")
        return Processed(delivery, request, readings, prices, resources, resource_of, (), unread)


def _note(unread: dict[tuple[str, str], Unread], scope: str, numbers: Mapping[str, Decimal], start_ns: int) -> None:
    for key, figure in numbers.items():
        unread[scope, key] = unread.get((scope, key), Unread()).seen(figure, start_ns)


def _service(resource: Any) -> str:
    """`service.name`, where it is text."""
    service = decode(resource.get(SERVICE_NAME, b""))
    return service if isinstance(service, str) else ""


def _annotation(reading: Reading, price: Price, *, has_gen_ai_cost: bool) -> dict[str, str | int | float]:
    """The annotation of a span: of one that is not billable only what the answer tells that is not kept."""
    if price.usage != "leaf":
        return {ANSWER_FACTS: reading.told}
    return annotation(
        cost=price.cost,
        source=price.source,
        price_id=price.price_id,
        bucket=price.bucket,
        tokens=dict(zip(TOKEN_KINDS, tokens_of(reading), strict=True)),
        has_gen_ai_cost=has_gen_ai_cost,
        told=reading.told,
    )
