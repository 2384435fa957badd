"""The windows of time in which budgets are counted: calendar hours to quarters, in a zone and a fiscal year.

A window is derived from the clock and the configuration alone. Nothing is reset and nothing refills: another window is another count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from attribution.configuration.budgets import CALENDAR, Budget, Weekday

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
_MONTHS_A_YEAR = 12
_MONTHS_A_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` up to `end`, both in UTC; `end` is the first moment that is not in it."""

    start: datetime
    end: datetime


ALWAYS = Window(datetime(1970, 1, 1, tzinfo=UTC), datetime(2262, 1, 1, tzinfo=UTC))
"""That of runs, tasks and sessions: they are counted as a whole."""


def window_of(budget: Budget, at: datetime, timezone: str) -> Window:
    """The window of a budget that a moment lies in; `timezone` is that of the periods, for a budget without one."""
    if budget.per not in CALENDAR:
        return ALWAYS
    zone = ZoneInfo(budget.timezone or timezone)
    local = at.astimezone(zone)
    if budget.per == "hour":
        # By the clock on the wall, also where it is half an hour beside UTC. The hour that comes twice in autumn is two windows.
        start = at.astimezone(UTC) - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return Window(start, start + timedelta(hours=1))
    first, following = _days(budget, local.date())
    return Window(_midnight(first, zone), _midnight(following, zone))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins, in UTC. Where the clock jumps over midnight, this is the moment of the jump."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _days(budget: Budget, day: date) -> tuple[date, date]:
    """The first day of the window, and that of the next one."""
    if budget.per == "day":
        return day, day + timedelta(days=1)
    if budget.per == "week":
        first = day - timedelta(days=(day.weekday() - WEEKDAYS.index(budget.week_starts)) % len(WEEKDAYS))
        return first, first + timedelta(days=len(WEEKDAYS))
    first_month, first_day = map(int, budget.year_starts.split("-"))
    months = day.year * _MONTHS_A_YEAR + day.month - 1 - (day.day < first_day)  # since the year 0, by the month's first day
    length = 1
    if budget.per == "quarter":
        length = _MONTHS_A_QUARTER
        months -= (months - (first_month - 1)) % length
    return _nth(months, first_day), _nth(months + length, first_day)


def _nth(months: int, day: int) -> date:
    return date(months // _MONTHS_A_YEAR, months % _MONTHS_A_YEAR + 1, day)
