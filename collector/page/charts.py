"""Figures over days, as charts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from collector.page import links
from collector.page.formats import money
from collector.page.sections import Chart, Rows, Series
from collector.page.selection import Selection

DAYS_SHOWN_MAX = 400
"""Bars that can be told apart; a longer time shows only the days that have any cost."""


def days_of(selection: Selection, rows: Rows) -> list[date]:
    """The days of a chart: all from the first with a figure to the last of the selection, so that a gap is seen as one."""
    found = sorted({row["day"] for row in rows})
    if not found:
        return []
    last = max(found[-1], min(selection.last, found[-1] + timedelta(days=1)))
    whole = (last - found[0]).days + 1
    return [found[0] + timedelta(days=n) for n in range(whole)] if whole <= DAYS_SHOWN_MAX else found


def by_day(selection: Selection, rows: Rows, by: str, title: str, *, kind: Literal["bar", "line"] = "bar") -> Chart:
    """One series for each value of a dimension, the most expensive first; `total` is what is drawn."""
    days = days_of(selection, rows)
    sums: dict[tuple[bool, str], dict[date, Decimal]] = {}
    for row in rows:
        sums.setdefault((bool(row["is_other"]), row["value"]), {})[row["day"]] = row["total"]
    order = sorted(sums, key=lambda each: (each[0], -sum(sums[each].values(), Decimal(0)), each[1]))
    absent = Decimal(0) if kind == "bar" else None
    series = [
        series_of(value if other else links.said(by, value), [sums[other, value].get(day, absent) for day in days], other=other)
        for other, value in order
    ]
    return Chart(kind, [str(day) for day in days], series, summary(title, selection, series))


def series_of(name: str, values: Sequence[Decimal | None], *, dashed: bool = False, other: bool = False) -> Series:
    """Amounts with their texts."""
    return Series(name, values, ["" if value is None else money(value) for value in values], dashed, other)


def columns(selection: Selection, rows: Rows, title: str, names: dict[str, str], *, kind: Literal["bar", "line"] = "bar") -> Chart:
    """One series for each of `names`: column to title."""
    days = days_of(selection, rows)
    by_date: dict[date, Any] = {row["day"]: row for row in rows}
    series = [
        series_of(said, [by_date[day][column] if day in by_date else Decimal(0) for day in days]) for column, said in names.items()
    ]  # fmt: skip
    return Chart(kind, [str(day) for day in days], series, summary(title, selection, series))


def summary(title: str, selection: Selection, series: Sequence[Series]) -> str:
    """What a chart shows, in a sentence."""
    totals = ", ".join(
        f"{each.name} {money(sum((value for value in each.values if isinstance(value, Decimal)), Decimal(0)))}" for each in series
    )
    return f"{title}, {selection.said}: {totals or 'nothing'}."
