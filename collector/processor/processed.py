"""Deliveries of which is known what their spans used and cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter
from typing import Any

from attribution.annotation import GEN_AI_COST, TOKEN_KINDS, annotation, plain_text
from attribution.conventions import Reading
from attribution.conventions.table import ANSWER_FACTS
from attribution.prices import Price
from collector.core.core import Request
from collector.processor.totals import Row
from collector.spool import Delivery

tokens_of: Callable[[Reading], tuple[int | None, ...]] = attrgetter(*(f"{kind}_tokens" for kind in TOKEN_KINDS))


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
    """The delivery as a `Request` of reading.proto; None for metrics, and where all spans follow recipes."""
    positions: Sequence[int]
    """Of the spans that Python has read, in the delivery: all of them, or those that follow no recipe."""
    readings: Sequence[Reading]
    """Of these spans, as are the prices."""
    prices: Sequence[Price]
    resources: Sequence[Mapping[str, str]]
    """Whom each resource names, by dimension."""
    resource_of: Sequence[int]
    """Of these spans: the position of their resource."""
    totals: Sequence[Row] = ()
    """Of a delivery of metrics, which has no spans: rows of `metric_points`."""
    unread: Mapping[tuple[str, str], Unread] = field(default_factory=dict)
    """By scope and attribute key: numbers that look like usage and that nobody reads."""
    followed: Request | None = None
    """What the core needs to know of the spans that follow recipes; None where Python has read all."""
    again: Callable[[], Processed] | None = None
    """Reads all spans in Python, where some follow recipes."""

    @property
    def whole(self) -> Processed:
        """The same with all spans read in Python."""
        return self.again() if self.again else self

    @property
    def spans(self) -> list[Any]:
        """The spans of the request, in their order; none where it is None."""
        if self.request is None:
            return []
        scopes = [scope_spans for resource_spans in self.request.resource_spans for scope_spans in resource_spans.scope_spans]
        return [span for scope_spans in scopes for span in scope_spans.spans]

    @property
    def annotations(self) -> dict[int, dict[str, str | int | float]]:
        """By position of the span in the delivery: the attributes to add. Of spans that Python has read: billable ones, and those that
        quote an answer.
        """  # noqa: D205
        spans = self.spans
        return {
            at: annotation_of(reading, price, has_gen_ai_cost=GEN_AI_COST in spans[at].attributes)
            for at, reading, price in zip(self.positions, self.readings, self.prices, strict=True)
            if price.usage == "leaf" or reading.told
        }


def annotation_of(reading: Reading, price: Price, *, has_gen_ai_cost: bool) -> dict[str, str | int | float]:
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
