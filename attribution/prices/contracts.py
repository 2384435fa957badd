"""Contract prices: what the company agreed to pay, from the configuration. They win over everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from attribution.configuration.pricing import ModelPrice
from attribution.conventions import Reading
from attribution.prices.linear import ALWAYS_NS, ANY_COUNT, Linear
from attribution.prices.matching import ns, pattern
from attribution.prices.providers import genai_prices_id

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Contract:
    """One configured price."""

    terms: ModelPrice
    starts_ns: int
    ends_ns: int | None
    price_id: str

    def in_force(self, at_ns: int) -> bool:
        """Whether the contract holds at a moment, ns since the epoch."""
        return self.starts_ns <= at_ns and (self.ends_ns is None or at_ns < self.ends_ns)

    def names_model(self, model: str) -> bool:
        """Whether the contract is for this model, of any provider."""
        return pattern(self.terms.model).fullmatch(model) is not None

    def is_silent_about(self, reading: Reading) -> bool:
        """Whether a span has tokens that the contract gives no price for."""
        return self.terms.output is None and bool(reading.output_tokens)

    def linear(self) -> Linear:
        """The same as `cost` by field of a Reading, in the currency of the contract, whenever it holds."""
        terms = self.terms
        answer = _first(terms.output, Decimal(0))
        read, written = _first(terms.cache_read, terms.input), _first(terms.cache_write, terms.input)
        of_a_million = {
            "input_tokens": terms.input,
            "cache_read_tokens": read - terms.input,
            "cache_write_tokens": written - terms.input,
            "cache_write_1h_tokens": _first(terms.cache_write_1h, written) - written,
            "output_tokens": answer,
            "reasoning_tokens": _first(terms.reasoning, answer) - answer,
        }
        weights = {name: Fraction(price) / Fraction(_MILLION) for name, price in of_a_million.items()}
        return Linear(weights, Fraction(0), (), ANY_COUNT, *ALWAYS_NS)

    def cost(self, reading: Reading) -> Decimal | None:
        """For the tokens of a span, in the currency of the contract, not rounded; None where it gives no tokens."""
        if reading.input_tokens is None and reading.output_tokens is None:
            return None
        terms = self.terms
        answer = _first(terms.output, Decimal(0))  # without a price there are no tokens of it: `is_silent_about`
        read, write, long_write = reading.cache_read_tokens or 0, reading.cache_write_tokens or 0, reading.cache_write_1h_tokens or 0
        reasoning, output = reading.reasoning_tokens or 0, reading.output_tokens or 0
        fresh = (reading.input_tokens or 0) - read - write
        written = _first(terms.cache_write, terms.input)
        sum_per_million = (
            fresh * terms.input
            + read * _first(terms.cache_read, terms.input)
            + (write - long_write) * written
            + long_write * _first(terms.cache_write_1h, written)
            + (output - reasoning) * answer
            + reasoning * _first(terms.reasoning, answer)
        )
        return sum_per_million / _MILLION


class Contracts:
    """All configured prices, the most specific one first."""

    def __init__(self, terms: Sequence[ModelPrice]) -> None:
        self._contracts = [_contract(each) for each in sorted(terms, key=_rank)]  # stable: the order of the file breaks ties
        self._patterns = [(pattern(each.terms.provider), pattern(each.terms.model)) for each in self._contracts]

    def matching(self, provider: str, model: str) -> list[Contract]:
        """Contracts of any time for a model; the provider by OpenTelemetry's name or by that of genai-prices."""
        return [
            contract
            for contract, (of_provider, of_model) in zip(self._contracts, self._patterns, strict=True)
            if of_model.fullmatch(model) and (of_provider.fullmatch(provider) or of_provider.fullmatch(genai_prices_id(provider)))
        ]

    def all(self) -> list[Contract]:
        """Every contract, in the order in which they are tried."""
        return list(self._contracts)


def _contract(terms: ModelPrice) -> Contract:
    ends = terms.ends
    provider = "" if terms.provider == "*" else f"{terms.provider}/"
    return Contract(
        terms, ns(terms.starts), None if ends is None else ns(ends), f"contract:{provider}{terms.model}@{terms.starts:%Y-%m-%d}"
    )


def _rank(terms: ModelPrice) -> tuple[bool, int, bool, int, float]:
    """Exact before wildcard, then the longest pattern, then the latest start."""
    return (
        "*" in terms.model,
        -len(terms.model.replace("*", "")),
        "*" in terms.provider,
        -len(terms.provider.replace("*", "")),
        -terms.starts.timestamp(),
    )


def _first(price: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if price is None else price
