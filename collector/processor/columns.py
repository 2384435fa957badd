"""Facts about the spans of one delivery, column by column, in the order of the spans."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from attribution.annotation import TOKEN_KINDS, plain_text
from attribution.conventions import Reading
from attribution.prices import Price
from collector.processor.delivery_pb2 import Delivery
from collector.spool import SPAN

UNKNOWN = -1
"""Of a count of tokens; protobuf's packed arrays have no null."""
_TOKENS = tuple(f"{kind}_tokens" for kind in TOKEN_KINDS)
_NAMES = ("provider", "model", "response_id", "agent", "workflow_name", "task_type", "told")
_names_of: Callable[[Reading], tuple[str, ...]] = attrgetter(*_NAMES)
_tokens_of: Callable[[Reading], tuple[int | None, ...]] = attrgetter(*_TOKENS)


@dataclass(frozen=True, slots=True)
class Nested:
    """JSON text of attributes with arrays or objects inside arrays or objects, by key; ClickHouse parses one level of them."""

    spans: dict[int, Mapping[str, str]] = field(default_factory=dict)
    """By position of the span."""
    events: dict[int, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    """By position of the span, then by the place of the event, from 1."""
    resources: dict[int, Mapping[str, str]] = field(default_factory=dict)
    """By position of the resource."""


def _spelled(found: Mapping[int, Any], entries: int) -> Sequence[str]:
    """A column of JSON texts; empty where there are none."""
    return [json.dumps(found[at], ensure_ascii=False) if at in found else "" for at in range(entries)] if found else ()


def encode(
    readings: Sequence[Reading],
    prices: Sequence[Price],
    dimensions: Sequence[Mapping[str, str]],
    of_resources: Sequence[Mapping[str, str]],
    nested: Nested | None = None,
    sender: str = "",
    tags: Sequence[str] = (),
    signal: str = SPAN,
) -> bytes:
    """As field 1000 of a Delivery, to be appended to the request that it speaks of. A column that says nothing of anybody is left out.

    Args:
        readings: by span.
        prices: by span.
        dimensions: whom each span names.
        of_resources: whom each resource names.
        nested: attributes with arrays or objects inside arrays or objects.
        sender: who sent the delivery.
        tags: by span: those of the ingest key, as JSON text.
        signal: what its records were sent as.

    """
    delivery: Any = Delivery()
    facts = delivery.facts
    facts.sender, facts.signal = sender, signal
    texts = _named(dimensions) | {f"resource_{name}": column for name, column in _named(of_resources).items()}
    texts["tags"] = tags
    if nested:
        texts["nested"] = _spelled(nested.spans, len(readings))
        texts["event_nested"] = _spelled(nested.events, len(readings))
        texts["resource_nested"] = _spelled(nested.resources, len(of_resources))
    counts: dict[str, Sequence[int | None]] = {}
    if readings:
        names = zip(*map(_names_of, readings), strict=True)
        texts |= _priced(prices) | dict(zip(_NAMES, names, strict=True))
        counts = dict(zip(_TOKENS, zip(*map(_tokens_of, readings), strict=True), strict=True))
        known = [price.knowledge for price in prices]
        if any(known):
            counts["knowledge"] = known
    for name, column in texts.items():
        if any(column):
            getattr(facts, name).extend(column)
    for name, counted in counts.items():
        if counted.count(None) < len(counted):
            getattr(facts, name).extend([UNKNOWN if count is None else count for count in counted])
    return bytes(delivery.SerializeToString())


def _priced(prices: Sequence[Price]) -> dict[str, Sequence[str]]:
    usage, bucket, cost, cost_source, price_id, reported, computed, fees, own_time_rate, own_time_price_id, _ = zip(*prices, strict=True)
    texts = [plain_text(amount) for amount in cost]
    return {
        "usage": usage,
        "bucket": bucket,
        "cost": texts,
        "cost_source": cost_source,
        "price_id": price_id,
        "reported_cost": [plain_text(amount) for amount in reported],
        # Most often they are one amount, which then is spelled once.
        "computed_cost": [text if it is this else plain_text(it) for it, this, text in zip(computed, cost, texts, strict=True)],
        "request_fees": [plain_text(amount) for amount in fees] if any(fees) else (),
        "own_time_rate": [plain_text(rate) for rate in own_time_rate] if any(own_time_price_id) else (),
        "own_time_price_id": own_time_price_id,
    }


def _named(dimensions: Sequence[Mapping[str, str]]) -> dict[str, Sequence[str]]:
    """By dimension that anybody names."""
    columns: dict[str, list[str]] = {}
    for at, named in enumerate(dimensions):
        for name, value in named.items():
            if name not in columns:
                columns[name] = [""] * len(dimensions)
            columns[name][at] = value
    return dict(columns)
