"""The rates of one genai-prices model as plain arithmetic, to the last digit what `ModelPrice.calc_price` answers.

genai-prices prices each token by the most specific unit that has a price: of 1,000 input tokens, 300 of them read from the
cache, 700 cost `input_mtok` and 300 `cache_read_mtok`. Which units lie inside which depends on the model only, so it is
found once; what is left for a call are a few subtractions and multiplications of integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

from genai_prices.data_units import unit_data
from genai_prices.types import ModelPrice, TieredPrices
from genai_prices.units import UnitDef

from attribution.prices.linear import ALWAYS_NS, ANY_COUNT, Linear

Quantity = int | Decimal
Quantities = Mapping[str, Quantity]
"""Used quantities above zero by genai-prices' usage key; a whole is there wherever one of its parts is."""

Form = Mapping[str, int]
"""Factors by usage key: so much for each one used. That of REQUESTS counts once."""

_UNITS: dict[str, UnitDef] = {
    unit.price_key: unit
    for unit in (UnitDef(key, raw.get("price_key", key), raw["per"], raw["dimensions"]) for key, raw in unit_data.items())
}
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
        self._denominator = _common_denominator(self.rates)
        own = _own_quantities(self.rates)
        self._wholes = [form for form in own if len(form) > 1]
        self._parts = frozenset(key for form in self._wholes for key, factor in form.items() if factor < 0)
        starts = sorted({start for rate in self.rates for start, _ in rate.tiers}, reverse=True)
        self._tiers = [(start, self._weights(own, start + 1)) for start in starts]
        self._lowest_tier = starts[-1] if starts else _UNREACHED
        self._standard = self._weights(own, 0)

    def cost(self, used: Quantities, tier_tokens: Quantity) -> Decimal | None:
        """USD for what was used, summed in integers and divided once; None where the parts of a whole exceed it.

        Args:
            used: quantities by usage key.
            tier_tokens: input tokens by which the tier is chosen.

        """
        if not self._parts.isdisjoint(used):
            for form in self._wholes:
                if _value(form, used) < 0:
                    return None
        return Decimal(_value(self._weights_at(tier_tokens), used)) / self._denominator

    def fees(self, units: Quantities, tier_tokens: Quantity) -> Decimal:
        """USD for what is counted beside the tokens, the price that every request has left out: what of `cost` these units are."""
        weights = self._weights_at(tier_tokens)
        return Decimal(sum(weights.get(key, 0) * quantity for key, quantity in units.items())) / self._denominator

    def _weights_at(self, tier_tokens: Quantity) -> Form:
        if tier_tokens > self._lowest_tier:
            return next(weights for start, weights in self._tiers if tier_tokens > start)
        return self._standard

    def _weights(self, own: Sequence[Form], tier_tokens: int) -> Form:
        """What one of each usage key adds to the cost of a call with so much input, in parts of a USD."""
        weights: dict[str, int] = {}
        for rate, form in zip(self.rates, own, strict=True):
            price = int(_per_one(rate.price_at(tier_tokens), rate.per) * int(self._denominator))
            for key, factor in form.items():
                weights[key] = weights.get(key, 0) + price * factor
        return weights

    def linear(self, tier_tokens: int | None) -> Linear:
        """What calls of the tier of one with so much input cost by usage key, whenever; None: whatever their input is."""
        weights = {key: Fraction(weight) / Fraction(self._denominator) for key, weight in self._weights_at(tier_tokens or 0).items()}
        base = weights.pop(REQUESTS, Fraction(0))
        starts = [start for start, _ in self._tiers]
        least = max((start + 1 for start in starts if start < (tier_tokens or 0)), default=ANY_COUNT[0])
        most = min((start for start in starts if start >= (tier_tokens or 0)), default=ANY_COUNT[1])
        return Linear(weights, base, tuple(self._wholes), ANY_COUNT if tier_tokens is None else (least, most), *ALWAYS_NS)

    def covers(self, used: Quantities) -> bool:
        """Whether any of what was used has a price: a model with a price for audio alone says nothing of text."""
        return not self.usage_keys.isdisjoint(used) or REQUESTS in self.usage_keys or (not any(used.values()) and bool(self.usage_keys))


def _value(form: Form, used: Quantities) -> Quantity:
    total: Quantity = form.get(REQUESTS, 0)
    for key, quantity in used.items():
        total += form.get(key, 0) * quantity
    return total


def _own_quantities(rates: Sequence[Rate]) -> list[Form]:
    """How much of what was used each rate is for: a whole without its parts."""
    own: list[Form] = []
    for rate in rates:
        form = {rate.usage_key: 1}
        for position in rate.inside:
            for key, factor in own[position].items():
                form[key] = form.get(key, 0) - factor
        own.append({key: factor for key, factor in form.items() if factor})
    return own


def _common_denominator(rates: Iterable[Rate]) -> Decimal:
    """Of all prices for one unit, those of tiers too: by it every one of them is whole."""
    prices = (_per_one(price, rate.per) for rate in rates for price in (rate.price, *(price for _, price in rate.tiers)))
    return Decimal(lcm(*(price.denominator for price in prices)))


def _per_one(price: Decimal, per: int) -> Fraction:
    return Fraction(price) / per


def _is_inside(part: UnitDef, whole: UnitDef) -> bool:
    return part is not whole and whole.dimensions.items() <= part.dimensions.items()
