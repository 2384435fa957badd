"""What a price in another currency is in USD, at the rate that was in force when the span started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from attribution.configuration.pricing import USD, CurrencyRate
from attribution.prices.matching import ns


class Exchange(NamedTuple):
    """A rate in force."""

    usd: Decimal
    """What one unit is worth."""
    label: str
    """What a price id says of it: `;EUR=1.08`, nothing for USD."""


_AS_IT_IS = Exchange(Decimal(1), "")


class Currencies:
    """Dated rates by currency."""

    def __init__(self, rates: Mapping[str, Sequence[CurrencyRate]]) -> None:
        self._rates = {
            currency: [
                (ns(rate.starts), Exchange(rate.usd, f";{currency}={rate.usd:f}"))
                for rate in sorted(dated, key=lambda rate: rate.starts, reverse=True)
            ]
            for currency, dated in rates.items()
        }

    def exchange(self, currency: str, at_ns: int) -> Exchange | None:
        """The rate in force at a moment, ns since the epoch; None before the first one, and of one without rates."""
        if currency == USD:
            return _AS_IT_IS
        return next((rate for starts_ns, rate in self._rates.get(currency, ()) if starts_ns <= at_ns), None)
