"""The rates of one genai-prices model as plain arithmetic, to the last digit what `ModelPrice.calc_price` answers.

genai-prices prices each token by the most specific unit that has a price: of 1,000 input tokens, 300 of them read from the
cache, 700 cost `input_mtok` and 300 `cache_read_mtok`. Which units lie inside which depends on the model only, so it is
found once; what is left for a call are a few subtractions and multiplications.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from genai_prices.data_units import unit_data
from genai_prices.types import ModelPrice, TieredPrices
from genai_prices.units import UnitDef

Quantity = int | Decimal
Quantities = Mapping[str, Quantity]
"""Used quantities above zero by genai-prices' usage key; a whole is there wherever one of its parts is."""

_UNITS: dict[str, UnitDef] = {
    unit.price_key: unit
    for unit in (UnitDef(key, raw.get("price_key", key), raw["per"], raw["dimensions"]) for key, raw in unit_data.items())
}
_ZERO = Decimal(0)
_UNREACHED = Decimal("Infinity")
REQUESTS = "requests"
"""The unit that every call has one of."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One priced unit."""

    usage_key: str
    price_key: str
    per: int
    """The price is for so many units."""
    price: Decimal
    tiers: tuple[tuple[int, Decimal], ...]
    """(start, price), highest first: all of a call with more input tokens than `start` costs `price`."""
    inside: tuple[int, ...]
    """Positions of the rates of more specific units, whose quantities are not this one's."""

    def price_at(self, input_tokens: Quantity) -> Decimal:
        """The price of a call with so much input."""
        for start, price in self.tiers:
            if input_tokens > start:
                return price
        return self.price


class Formula:
    """The rates of a model at one time and service tier."""

    def __init__(self, prices: ModelPrice) -> None:
        units = [(_UNITS[key], value) for key, value in vars(prices).items() if key in _UNITS and value is not None]
        units.sort(key=lambda pair: (-len(pair[0].dimensions), pair[0].usage_key))  # most specific first: wholes need their parts
        self.rates = tuple(
            Rate(
                usage_key=unit.usage_key,
                price_key=unit.price_key,
                per=unit.per,
                price=value.base if isinstance(value, TieredPrices) else value,
                tiers=tuple((tier.start, tier.price) for tier in reversed(value.tiers)) if isinstance(value, TieredPrices) else (),
                inside=tuple(position for position, (other, _) in enumerate(units[:index]) if _is_inside(other, unit)),
            )
            for index, (unit, value) in enumerate(units)
        )
        self.usage_keys = frozenset(rate.usage_key for rate in self.rates)
        order = [key for key in vars(prices) if key in _UNITS]
        # The order of genai-prices: where a division has no end, rounding depends on it.
        summing = sorted(range(len(units)), key=lambda position: order.index(units[position][0].price_key))
        self._steps = [(rate.usage_key, rate.inside) for rate in self.rates]
        self._summing = [_term(position, self.rates[position], 0) for position in summing]
        self._requests = next((position for position, rate in enumerate(self.rates) if rate.usage_key == REQUESTS), None)
        self._lowest_tier = min((start for rate in self.rates for start, _ in rate.tiers), default=_UNREACHED)

    def cost(self, used: Quantities, tier_tokens: Quantity) -> Decimal | None:
        """USD for what was used, not rounded; None where the parts of a whole exceed it.

        Args:
            used: quantities by usage key.
            tier_tokens: input tokens by which the tier is chosen.

        """
        own: list[Quantity] = []
        for usage_key, inside in self._steps:
            quantity = used.get(usage_key, 0)
            if inside:
                for position in inside:
                    quantity -= own[position]
            if quantity < 0:
                return None
            own.append(quantity)
        if self._requests is not None:
            own[self._requests] = 1
        total = _ZERO
        for position, price, per in self._summing if tier_tokens <= self._lowest_tier else self._summing_at(tier_tokens):
            if own[position]:
                total += price * own[position] if per is None else price * own[position] / per
        return total

    def _summing_at(self, tier_tokens: Quantity) -> list[_Term]:
        return [_term(position, self.rates[position], tier_tokens) for position, _, _ in self._summing]

    def covers(self, used: Quantities) -> bool:
        """Whether any of what was used has a price: a model with a price for audio alone says nothing of text."""
        return not self.usage_keys.isdisjoint(used) or REQUESTS in self.usage_keys or (not any(used.values()) and bool(self.usage_keys))


_Term = tuple[int, Decimal, int | None]
"""Position of a rate, its price, and what to divide by; None where the price is for one."""


def _term(position: int, rate: Rate, tier_tokens: Quantity) -> _Term:
    price = rate.price_at(tier_tokens)
    zeros = len(str(rate.per)) - 1
    return (position, price.scaleb(-zeros), None) if rate.per == 10**zeros else (position, price, rate.per)


def _is_inside(part: UnitDef, whole: UnitDef) -> bool:
    return part is not whole and whole.dimensions.items() <= part.dimensions.items()
