"""How much a record knows of its call: of several records of one call the one that knows most is billed (R4)."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from attribution.conventions import Reading
from attribution.conventions.providers import SELL_FOR_OTHERS
from attribution.prices.price import Price

CACHE_HIT = 1024
"""A gateway's cache answered: the call is free. Each of these outweighs all that follow."""
CONTRACT = 512
REPORTED = 256
"""The provider or a gateway said what it cost."""
FEES = 128
"""It tells of more than tokens, such as web searches. Rows that are older than `knowledge` have this or nothing."""
TIER = 64
"""Another tier or speed than the usual one. The usual one is no knowledge: clients write it without looking."""
LIFETIMES = 32
"""How long each part of what was written to the cache is kept."""
BILLER = 16
"""Who bills instead of the model's maker, or where it works."""
KINDS_MAX = 15
"""The rest is the number of kinds of tokens that were used."""

_USUAL_TIERS = frozenset({"", "default", "standard", "on_demand"})
_KINDS = (
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens",
    "input_audio_tokens", "input_image_tokens", "input_video_tokens", "cache_audio_read_tokens", "cache_image_read_tokens",
    "output_audio_tokens", "output_image_tokens", "output_video_tokens",
)  # fmt: skip
_counts: Callable[[Reading], tuple[Any, ...]] = attrgetter(*_KINDS)


def knowledge(reading: Reading, price: Price) -> int:
    """As one number, to compare; whether the cost is known goes before it. A count of zero is no knowledge: many write it unasked."""
    counts = _counts(reading)
    known = min(len(counts) - counts.count(None) - counts.count(0), KINDS_MAX)
    if reading.cache_hit:
        known += CACHE_HIT
    if price.source == "contract":
        known += CONTRACT
    elif price.source == "reported" and not reading.reported_by_book:
        known += REPORTED
    if price.request_fees or reading.search_context_size or (reading.units and any(reading.units.values())):
        known += FEES
    if reading.speed or reading.service_tier not in _USUAL_TIERS:
        known += TIER
    if reading.cache_write_tokens and reading.cache_write_1h_tokens is not None:
        known += LIFETIMES
    if reading.region or reading.provider in SELL_FOR_OTHERS:
        known += BILLER
    return known - 1 if reading.is_doubtful and known else known
