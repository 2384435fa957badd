"""Calendar months such as 2026-10, in the configured zone (R12)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from attribution.errors import RefusedError
from attribution.storage import Store

PERIOD = re.compile(r"(19[7-9]\d|20\d\d|21[0-3]\d)-(0[1-9]|1[0-2])")
"""What a ClickHouse Date can say."""


def check_period(period: str) -> None:
    """Raise RefusedError unless it is a month such as 2026-10."""
    if not PERIOD.fullmatch(period):
        raise RefusedError(f"{period!r} is no month: one such as 2026-10 is needed")


def running_month(timezone: str, now: datetime | None = None) -> str:
    """The month that it is in a time zone; `now`: with a time zone, None: this moment."""
    return f"{(now or datetime.now(UTC)).astimezone(ZoneInfo(timezone)):%Y-%m}"


def is_closed(store: Store, period: str) -> bool:
    """Whether the month is closed."""
    return any(row["state"] == "closed" for row in store.rows("periods/state", period=period))


def is_pruned(store: Store, period: str) -> bool:
    """Whether the spans of the month were let go of."""
    return bool(store.rows("periods/pruned", period=period))
