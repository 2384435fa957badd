"""Amounts in USD as the ledger holds them: exact, with twelve digits after the point."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

UNITS_PER_USD = 10**12
"""The least amount is one unit."""
QUANTUM = Decimal(1).scaleb(-12)
"""One unit, in USD."""


def nearest(amount: Fraction) -> Decimal:
    """USD to the nearest unit, half to even."""
    return Decimal(round(amount * UNITS_PER_USD)) / UNITS_PER_USD
