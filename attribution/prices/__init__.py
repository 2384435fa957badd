"""What a use costs, exactly, and where that figure comes from."""

from attribution.prices.book import PriceBook
from attribution.prices.listing import PriceRow
from attribution.prices.price import Price, Source

__all__ = ["Price", "PriceBook", "PriceRow", "Source"]
