"""Patterns and moments, as every configured price has them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def pattern(wildcard: str) -> re.Pattern[str]:
    """`gpt-4o*`: the star is any run of characters, all else is itself; case does not matter."""
    return re.compile(".*".join(re.escape(part) for part in wildcard.split("*")), re.IGNORECASE | re.DOTALL)


def ns(moment: datetime) -> int:
    """A moment as spans have it, ns since the epoch."""
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000
