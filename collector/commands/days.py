"""Options that choose days: from and to, a month, the last few; the same wherever a command has them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from attribution.attribute import configuration_of
from attribution.errors import ConfigurationError
from attribution.periods import check_period
from attribution.storage import Store
from collector.commands.shared import check_order, day_of

FirstDayOption = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.", metavar="D")]
LastDayOption = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.", metavar="D")]
MonthOption = Annotated[str | None, typer.Option("--month", help="The days of a month, such as 2026-10.", metavar="M")]
RecentOption = Annotated[
    str | None, typer.Option("--last", help="The last days, weeks or months, such as 7d, 4w or 3m, until today.", metavar="7d")
]

RECENT = re.compile(r"([1-9]\d{0,4})([dwm])")
MONTHS_A_YEAR = 12


def check_days(first: datetime | None, last: datetime | None, month: str | None, recent: str | None) -> None:
    """Raise where the options contradict each other or name no days: before a store is opened."""
    check_order(first, last)
    given = [name for name, value in (("--month", month), ("--last", recent), ("--from", first), ("--to", last)) if value is not None]
    if (month is not None or recent is not None) and len(given) > 1:
        raise ConfigurationError(given[0], [f"names the days already: leave out {', '.join(given[1:])}"])
    if month is not None:
        check_period(month)
    if recent is not None and not RECENT.fullmatch(recent):
        raise ConfigurationError("--last", [f"{recent!r} is not allowed: a number of days, weeks or months, such as 7d, 4w or 3m"])


def days_asked_for(
    store: Store, first: datetime | None, last: datetime | None, month: str | None, recent: str | None
) -> tuple[date | None, date | None]:
    """First and last day; None: no bound. Days are those of the zone in which the store counts its months."""
    if month is not None:
        return days_of_month(month)
    if recent is not None:
        return recent_days(recent, datetime.now(ZoneInfo(configuration_of(store).periods.timezone)).date())
    return day_of(first), day_of(last)


def days_of_month(month: str) -> tuple[date, date]:
    """First and last day of a month such as 2026-10."""
    check_period(month)
    year, number = map(int, month.split("-"))
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def recent_days(recent: str, today: date) -> tuple[date, date]:
    """The days of `7d`, `4w` or `3m` until today, which is included."""
    found = RECENT.fullmatch(recent)
    if not found:
        raise ConfigurationError("--last", [f"{recent!r} is not allowed: a number of days, weeks or months, such as 7d, 4w or 3m"])
    count, unit = int(found[1]), found[2]
    if unit == "m":
        months = today.year * MONTHS_A_YEAR + today.month - 1 - count
        if months < MONTHS_A_YEAR:
            return date.min, today
        year, month = divmod(months, MONTHS_A_YEAR)
        same_day = min(today.day, monthrange(year, month + 1)[1])
        return date(year, month + 1, same_day) + timedelta(days=1), today
    days = count * (7 if unit == "w" else 1)
    return today - timedelta(days=min(days - 1, (today - date.min).days)), today
