"""The answer of the price book for one span."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal, NamedTuple

from attribution.amounts import QUANTUM
from attribution.conventions import Usage

Source = Literal["reported", "contract", "priced", "rule", "unpriced", "none"]

_DIGITS_MAX = 15
"""Before the point: values.AMOUNT_MAX, which leaves Decimal(38, 12) room for sums."""


class Price(NamedTuple):
    """What one span costs. All amounts in USD, at most twelve digits after the point."""

    usage: Usage
    """As the conventions read it; a tool with a fee of its own becomes a leaf."""
    bucket: str
    cost: Decimal | None
    """None: unknown. Zero: free, or nothing to bill."""
    source: Source
    price_id: str
    """The row that was applied: `genai-prices:openai/gpt-4o@2024-10-01`, `contract:openai/gpt-4o*@2026-01-01`, `rule:tool/web_search`."""
    reported_cost: Decimal | None
    """What the emitter said."""
    computed_cost: Decimal | None
    """What the prices say."""
    request_fees: Decimal | None = None
    """What of `cost` is for what the span tells beside tokens (web searches, pages, ...), above zero; None: it tells no such thing. Of a
    cost that the emitter reported it is the book's figure, where the reported cost can hold it."""
    own_time_rate: Decimal | None = None
    """USD for each second of the span's own time, at most 18 digits after the point; attribution finds that time."""
    own_time_price_id: str = ""
    """The rule that pays by the second. Where it is `price_id` too, `cost` holds the time, as if all of it were the span's own."""
    knowledge: int = 0
    """How much a call's record knows of it (attribution/prices/knowledge.py)."""


def rounded(cost: Decimal | None) -> Decimal | None:
    """The amount as the store holds it: half to even at the twelfth digit, untouched where that changes nothing.

    What no store can hold (from 10^15 USD on) is an error in what was counted, and unknown.
    """
    if cost is None or cost.adjusted() >= _DIGITS_MAX:
        return None
    exact = cost.quantize(QUANTUM, ROUND_HALF_EVEN)
    return cost if exact == cost else exact
