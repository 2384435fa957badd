"""Reads what each span of a delivery used and what it costs, and leaves the delivery's bytes as they came.

Only keys that a convention knows are touched: attributes are looked up in an undecoded map, and decoded when they are looked at. Spans that
follow a recipe are left to the core.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from attribution.appraisal import Appraiser
from attribution.configuration import AttributionConfig
from attribution.conventions import Reading, unread_usage
from attribution.prices import Price
from collector.core.core import Found, built
from collector.processor.processed import Processed, Unread
from collector.processor.reading_pb2 import Request
from collector.processor.recipes import STATUS_ERROR, Recipes
from collector.processor.totals import totals
from collector.processor.values import decode
from collector.spool import METRIC, Delivery

SERVICE_NAME = "service.name"


class Processor:
    """Prices deliveries. Not thread safe: one belongs to one thread."""

    def __init__(self, config: AttributionConfig, *, recipes: bool = False) -> None:
        """The configuration says what is read and what it costs. `recipes`: what the core can read and price by itself is left to it."""
        self.appraiser = Appraiser(config, decode)
        self._recipes = Recipes(built(), self.appraiser) if recipes and built() else None

    def process(self, delivery: Delivery) -> Processed:
        """Price one delivery. Raises ValueError where its bytes are no request, which the receiver has ruled out."""
        if delivery.signal == METRIC:
            return Processed(delivery, None, (), (), (), (), (), totals(delivery, self.appraiser.conventions))
        found = self._recipes.find(delivery) if self._recipes else None
        if self._recipes is None or found is None:
            return self._read(delivery)
        followed = self._recipes.request(delivery, found)
        again = partial(self._read, delivery)
        if all(found.recipe_of):
            return Processed(delivery, None, (), (), (), (), (), followed=followed, again=again)
        return self._read(delivery, found, followed=followed, again=again)

    def _read(self, delivery: Delivery, found: Found | None = None, **follows: Any) -> Processed:
        """Read and price the spans in Python; of those that were looked up for recipes the ones without."""
        request: Any = Request.FromString(delivery.body)
        conventions = self.appraiser.conventions
        resources = [conventions.read_resource(resource_spans.resource.attributes) for resource_spans in request.resource_spans]
        readings: list[Reading] = []
        prices: list[Price] = []
        positions: list[int] = []
        resource_of: list[int] = []
        unread: dict[tuple[str, str], Unread] = {}
        at = -1
        for at, (resource, service, scope, span) in enumerate(_spans(request)):
            if found and found.recipe_of[at]:
                continue
            reading, price, attributes = self._appraise(delivery, service, scope, span)
            if reading.unread:
                _note(unread, scope, unread_usage(reading.unread, attributes, decode), span.start_time_unix_nano)
            if found and self._recipes and reading.is_plain:
                self._recipes.learn(delivery, found.span(delivery.body, at), scope, span, reading, price)
            resource_of.append(resource)
            positions.append(at)
            readings.append(reading)
            prices.append(price)
        if at + 1 != delivery.spans:
            raise ValueError(f"the delivery holds {at + 1} spans, {delivery.spans} were acknowledged")
        return Processed(delivery, request, positions, readings, prices, resources, resource_of, (), unread, **follows)

    def _appraise(self, delivery: Delivery, service: str, scope: str, span: Any) -> tuple[Reading, Price, Mapping[str, bytes]]:
        """What a span used and costs, and the attributes that were read, those of its events among them."""
        start, attributes = span.start_time_unix_nano, span.attributes
        if self.appraiser.conventions.reads_events(scope):
            attributes = self.appraiser.conventions.with_events(attributes, [event.attributes for event in span.events])
        reading, price = self.appraiser.appraise(
            scope,
            span.name,
            service,
            attributes,
            start,
            max(span.end_time_unix_nano - start, 0),
            failed=span.status.code == STATUS_ERROR,
            sender=delivery.sender,
        )
        return reading, price, attributes


def _spans(request: Any) -> Iterator[tuple[int, str, str, Any]]:
    """All spans with the position and the service of their resource and the name of their scope."""
    for resource, resource_spans in enumerate(request.resource_spans):
        service = _service(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            scope = scope_spans.scope.name
            for span in scope_spans.spans:
                yield resource, service, scope, span


def _note(unread: dict[tuple[str, str], Unread], scope: str, numbers: Mapping[str, Decimal], start_ns: int) -> None:
    for key, figure in numbers.items():
        unread[scope, key] = unread.get((scope, key), Unread()).seen(figure, start_ns)


def _service(resource: Any) -> str:
    """`service.name`, where it is text."""
    service = decode(resource.get(SERVICE_NAME, b""))
    return service if isinstance(service, str) else ""
