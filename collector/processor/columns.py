"""Facts about the spans of one delivery, column by column, in the order of the spans."""

from __future__ import annotations

from typing import Any

from attribution.conventions import DIMENSIONS
from collector.processor.delivery_pb2 import Delivery

TEXTS = (
    "usage",
    "provider",
    "model",
    "response_id",
    "agent",
    "workflow_name",
    "bucket",
    "cost",
    "cost_source",
    "price_id",
    "reported_cost",
    "computed_cost",
    *DIMENSIONS,
)
TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
UNKNOWN = -1
"""Of a count of tokens; protobuf's packed arrays have no null."""


class Columns:
    """What is said of each span; a span that nothing is said of keeps the defaults: no usage, cost 0, nobody named."""

    def __init__(self, version: int, spans: int, resources: int) -> None:
        self.version = version
        self.spans = spans
        self.texts = {name: [""] * spans for name in TEXTS}
        self.texts["usage"] = ["none"] * spans
        self.texts["cost_source"] = ["none"] * spans
        self.texts["cost"] = ["0"] * spans
        self.texts["bucket"] = ["orchestration"] * spans
        self.tokens = {name: [UNKNOWN] * spans for name in TOKENS}
        self.resource = {name: [""] * resources for name in DIMENSIONS}

    def encode(self) -> bytes:
        """As field 1000 of a Delivery, to be appended to the request that it speaks of."""
        delivery: Any = Delivery()
        facts = delivery.facts
        facts.version = self.version
        for name, texts in self.texts.items():
            getattr(facts, name).extend(texts)
        for name, counts in self.tokens.items():
            getattr(facts, name).extend(counts)
        for name, texts in self.resource.items():
            getattr(facts, f"resource_{name}").extend(texts)
        return bytes(delivery.SerializeToString())
