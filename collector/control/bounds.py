"""What a call may cost at most, by the price book, before it is made."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from attribution.conventions import Reading
from attribution.prices import PriceBook
from collector.config import Config
from collector.control.asking import Ask

KNOWN_MAX = 8192
"""Models remembered."""
_TIERS = ("", "priority", "flex", "batch")
"""What `auto` may become."""


class _Way(NamedTuple):
    """How a call uses its tokens."""

    writes: bool
    """The prompt is written to the cache."""
    for_an_hour: bool
    reasons: bool
    """The output is reasoning."""


_PLAIN = _Way(writes=False, for_an_hour=False, reasons=False)
_WAYS = tuple(_Way(writes, hour, reasons) for writes, hour in ((False, False), (True, False), (True, True)) for reasons in (False, True))[
    1:
]
_PROBES = (1000, 1_000_000)
"""Tokens below and above every tier of context."""


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
        self._ways: dict[tuple[str, str, str], tuple[int, tuple[_Way, ...]]] = {}

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
        tiers = _TIERS if ask.service_tier == "auto" else (ask.service_tier,)
        costs = [
            self._cost(ask, tier, way, fresh, output, written) for tier in tiers for way in self._dear_ways(ask.provider, ask.model, tier)
        ]
        return max((cost for cost in costs if cost is not None), default=None)

    def _dear_ways(self, provider: str, model: str, tier: str) -> tuple[_Way, ...]:
        """The ways to use a model that may cost more than the plain one; most models have none. Asked of the book once an hour."""
        hour = int(time.time() // 3600)
        found = self._ways.get((provider, model, tier))
        if found and found[0] == hour:
            return found[1]
        ask = Ask(provider=provider, model=model)
        ways = [_PLAIN]
        for way in _WAYS:
            for tokens in _PROBES:
                plain, cost = (self._cost(ask, tier, one, tokens, tokens, tokens) for one in (_PLAIN, way))
                if cost is not None and (plain is None or cost > plain):
                    ways.append(way)
                    break
        if len(self._ways) >= KNOWN_MAX:
            self._ways.clear()
        self._ways[provider, model, tier] = (hour, tuple(ways))
        return tuple(ways)

    def _cost(self, ask: Ask, tier: str, way: _Way, fresh: int, output: int, written: int) -> Decimal | None:
        reading = Reading(
            usage="leaf",
            operation="chat",
            provider=ask.provider,
            model=ask.model,
            request_model=ask.model,
            service_tier=tier,
            input_tokens=fresh,
            output_tokens=output,
            cache_write_tokens=written if way.writes else None,
            cache_write_1h_tokens=written if way.for_an_hour else None,
            reasoning_tokens=output if way.reasons else None,
        )
        return self._book.price(reading, time.time_ns()).cost
