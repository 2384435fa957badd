"""What a call may cost at most, by the price book, before it is made."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal

from attribution.conventions import Reading
from attribution.prices import PriceBook
from collector.config import Config
from collector.control.asking import Ask

KNOWN_MAX = 8192
_TIERS = ("", "priority", "flex", "batch")
"""What `auto` may become."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a call may use at most."""

    usd: Decimal | None
    """None: nobody knows its price."""
    tokens: int
    calls: int = 1
    iterations: int = 1
    agent_hops: int = 0


class Bounds:
    """Asks the one place where calls are priced."""

    def __init__(self, config: Config) -> None:
        self._book = PriceBook(config.pricing)
        self._otherwise = config.policies.reservations
        self._searched = bool(config.pricing.models)

    def of(self, ask: Ask, *, hops: int = 0) -> Bound:
        """The dearest that the call can become: everything answered, the whole prompt written to the dearest cache, as far as it did
        not say otherwise.
        """  # noqa: D205
        if ask.tool:
            price = self._book.price(Reading(usage="none", operation="execute_tool", tool=ask.tool), time.time_ns())
            return Bound(price.cost if price.usage == "leaf" else Decimal(0), 0, iterations=0, agent_hops=hops)
        fresh = self._otherwise.input_tokens if ask.input_tokens is None else ask.input_tokens
        output = self._otherwise.output_tokens if ask.output_tokens_max is None else ask.output_tokens_max
        written = fresh if ask.cache_write_tokens is None else min(ask.cache_write_tokens, fresh)
        return Bound(self._usd(ask, fresh, output, written), fresh + output, agent_hops=hops)

    def _usd(self, ask: Ask, fresh: int, output: int, written: int) -> Decimal | None:
        if not ask.model:
            return None
        dearest: Decimal | None = None
        now = time.time_ns()
        for tier in _TIERS if ask.service_tier == "auto" else (ask.service_tier,):
            for cached, for_an_hour in ((0, 0), (written, 0), (written, written)):
                for reasoning in (0, output):
                    reading = Reading(
                        usage="leaf",
                        operation="chat",
                        provider=ask.provider,
                        model=ask.model,
                        request_model=ask.model,
                        service_tier=tier,
                        input_tokens=fresh,
                        output_tokens=output,
                        cache_write_tokens=cached or None,
                        cache_write_1h_tokens=for_an_hour or None,
                        reasoning_tokens=reasoning or None,
                    )
                    cost = self._book.price(reading, now).cost
                    if cost is not None and (dearest is None or cost > dearest):
                        dearest = cost
        return dearest
