"""What the processor adds to a billable span, by attribute key."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from attribution.conventions.table import ANSWER_FACTS

COST = "spanledger.cost.usd"
"""Exact decimal in USD, as a string."""
SOURCE = "spanledger.cost.source"
PRICE_ID = "spanledger.cost.price_id"
BUCKET = "spanledger.bucket"
TOKENS = "spanledger.tokens."
"""Followed by the kind, one of TOKEN_KINDS."""
GEN_AI_COST = "gen_ai.usage.cost"
"""USD as a double, where the span has none, because existing back ends read it."""
STATUS_ERROR = "Error"
"""How the store spells the status of a span that failed."""
TOKEN_KINDS = ("input", "output", "cache_read", "cache_write", "reasoning")
ADDED = (COST, SOURCE, PRICE_ID, BUCKET, *(TOKENS + kind for kind in TOKEN_KINDS))
"""All that is ours alone."""


def annotation(
    *,
    cost: Decimal | None,
    source: str,
    price_id: str,
    bucket: str,
    tokens: Mapping[str, int | None],
    has_gen_ai_cost: bool,
    told: str = "",
) -> dict[str, str | int | float]:
    """Attributes to add to a billable span; `tokens` by kind, None where the span said nothing."""
    added: dict[str, str | int | float] = {SOURCE: source, BUCKET: bucket}
    if price_id:
        added[PRICE_ID] = price_id
    for kind, count in tokens.items():
        if count is not None:
            added[TOKENS + kind] = count
    if told:
        added[ANSWER_FACTS] = told
    if cost is not None:
        added[COST] = plain_text(cost)
        if not has_gen_ai_cost:
            # A double by its convention, for those who read it already; COST is the exact figure.
            added[GEN_AI_COST] = float(cost)
    return added


def plain_text(amount: Decimal | None) -> str:
    """An amount without exponent and without trailing zeros: `0.0035`, `12`, `0`; '' where it is unknown."""
    if amount is None:
        return ""
    text = str(amount)
    if "E" in text:
        text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
