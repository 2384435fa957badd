"""When nobody wants to be told: hours of the day and whole days, in the receiver's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from attribution.budgets.windows import WEEKDAYS
from collector.config import Notify, quiet_hours

DAYS_MAX = 9
"""A week of quiet days, and the hours before and after."""


def quiet_until(receiver: Notify, now: datetime) -> datetime | None:
    """When messages may come again; None: they may now."""
    zone, at = ZoneInfo(receiver.timezone), now
    for _ in range(2 * DAYS_MAX):
        end = _end(receiver, at.astimezone(zone))
        if end is None:
            break
        at = end.astimezone(UTC)
    return at if at > now else None


def _end(receiver: Notify, local: datetime) -> datetime | None:
    """Of the quiet time that a moment lies in."""
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if WEEKDAYS[local.weekday()] in receiver.quiet_days:
        return midnight + timedelta(days=1)
    if not receiver.quiet:
        return None
    begin, end = quiet_hours(receiver.quiet)
    time = local.time().replace(tzinfo=None)
    if begin < end:
        return midnight.replace(hour=end.hour, minute=end.minute) if begin <= time < end else None
    if time >= begin:
        return (midnight + timedelta(days=1)).replace(hour=end.hour, minute=end.minute)
    return midnight.replace(hour=end.hour, minute=end.minute) if time < end else None
