"""Reads what each span of a delivery used and what it costs, and leaves the delivery's bytes as they came.

The hot path touches only keys that a convention knows: attributes are looked up in an undecoded map, and spans of one shape
(the same keys) share the choice of keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attribution.annotation import GEN_AI_COST, annotation, plain_text
from attribution.appraisal import Appraiser
from attribution.config import AttributionConfig
from attribution.conventions import Reading
from attribution.prices import Price
from collector.processor.columns import TOKENS, UNKNOWN, Columns
from collector.processor.reading_pb2 import Request
from collector.processor.values import decode
from collector.spool import Delivery

SERVICE_NAME = "service.name"
SHAPES_MAX = 10_000
"""Distinct sets of attribute keys that are remembered. Instrumentations have some dozens; an attacker has many."""


@dataclass(frozen=True, slots=True)
class Processed:
    """A delivery and what is known of its spans."""

    delivery: Delivery
    columns: Columns
    annotations: Mapping[int, dict[str, str | int | float]]
    """By position of the span in the delivery: the attributes to add; billable spans only."""

    @property
    def body(self) -> bytes:
        """A `Delivery` message: the request as received, the facts appended."""
        return self.delivery.body + self.columns.encode()


class Processor:
    """Prices and annotates deliveries. Not thread safe: one belongs to one thread."""

    def __init__(self, config: AttributionConfig, *, annotate: bool) -> None:
        """`annotate`: also collect the attributes that forwarding adds."""
        self.appraiser = Appraiser(config)
        self.conventions = self.appraiser.conventions
        self.annotate = annotate
        self._shapes: dict[tuple[str, ...], tuple[str, ...]] = {}

    def process(self, delivery: Delivery) -> Processed:
        """Price one delivery. Raises ValueError where its bytes are no request, which the receiver has ruled out."""
        request: Any = Request.FromString(delivery.body)
        columns = Columns(delivery.version, delivery.spans, len(request.resource_spans))
        annotations: dict[int, dict[str, str | int | float]] = {}
        at = 0
        for nth, resource_spans in enumerate(request.resource_spans):
            resource = resource_spans.resource.attributes
            for dimension, value in self.conventions.read_resource(self._wanted(resource)).items():
                columns.resource[dimension][nth] = value
            service = _service(resource)
            for scope_spans in resource_spans.scope_spans:
                scope = scope_spans.scope.name
                for span in scope_spans.spans:
                    added = self._process_span(columns, at, service, scope, span, delivery.tags)
                    if added:
                        annotations[at] = added
                    at += 1
        if at != delivery.spans:
            raise ValueError(f"the delivery holds {at} spans, {delivery.spans} were acknowledged")
        return Processed(delivery, columns, annotations)

    def _process_span(
        self, columns: Columns, at: int, service: str, scope: str, span: Any, tags: Mapping[str, str]
    ) -> dict[str, str | int | float] | None:
        attributes = self._wanted(span.attributes)
        name = span.name
        if not attributes and not tags and self.appraiser.says_nothing(name, service):
            return None
        start = span.start_time_unix_nano
        reading, price = self.appraiser.appraise(scope, name, service, attributes, start, max(span.end_time_unix_nano - start, 0))
        write(columns, at, reading, price, tags)
        if not self.annotate or price.usage != "leaf":
            return None
        return annotation(
            cost=price.cost,
            source=price.source,
            price_id=price.price_id,
            bucket=price.bucket,
            tokens={name.removesuffix("_tokens"): getattr(reading, name) for name in TOKENS},
            has_gen_ai_cost=GEN_AI_COST in span.attributes,
        )

    def _wanted(self, attributes: Any) -> dict[str, Any]:
        shape = tuple(attributes)
        keys = self._shapes.get(shape)
        if keys is None:
            # Protobuf's maps have no order of their own; one order lets spans of one shape share a plan.
            keys = tuple(sorted(key for key in shape if self.conventions.wanted(key)))
            if len(self._shapes) >= SHAPES_MAX:
                self._shapes.clear()
            self._shapes[shape] = keys
        return {key: value for key in keys if (value := decode(attributes[key])) is not None}


def _service(resource: Any) -> str:
    """`service.name`, as text is stored."""
    service = decode(resource.get(SERVICE_NAME, b""))
    return service if isinstance(service, str) else ""


def write(columns: Columns, at: int, reading: Reading, price: Price, tags: Mapping[str, str]) -> None:
    """Put what was read and priced into the columns of span `at`; tags of the ingest key win over what the client says (R8)."""
    texts = columns.texts
    texts["usage"][at] = price.usage
    texts["provider"][at] = reading.provider
    texts["model"][at] = reading.model
    texts["response_id"][at] = reading.response_id
    texts["agent"][at] = reading.agent
    texts["workflow_name"][at] = reading.workflow_name
    texts["bucket"][at] = price.bucket
    texts["cost"][at] = plain_text(price.cost)
    texts["cost_source"][at] = price.source
    texts["price_id"][at] = price.price_id
    texts["reported_cost"][at] = plain_text(price.reported_cost)
    texts["computed_cost"][at] = plain_text(price.computed_cost)
    for dimension, value in reading.dims.items():
        texts[dimension][at] = value
    for dimension, value in tags.items():
        texts[dimension][at] = value
    for name in TOKENS:
        count = getattr(reading, name)
        columns.tokens[name][at] = UNKNOWN if count is None else count
