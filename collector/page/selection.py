"""What a page is asked for, as its address says it: days, dimensions, comparison with the days before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from attribution.reports import DIMENSIONS_OF_NAMES, Question
from attribution.storage import statement
from collector.page.errors import AskedWrongError, NotYoursError

RANGES: Mapping[str, str] = {
    "today": "today",
    "7d": "last 7 days",
    "30d": "last 30 days",
    "90d": "last 90 days",
    "month": "this month",
    "last-month": "last month",
    "year": "this year",
}
DAYS: Mapping[str, int] = {"today": 1, "7d": 7, "30d": 30, "90d": 90}
DEFAULT_RANGE = "30d"
OLDEST, NEWEST = date(1970, 1, 2), date(2149, 6, 5)
"""Days that ClickHouse's Date can say, with a day to either side."""

DIMENSIONS = (
    "team", "department", "cost_center", "project", "environment", "user", "task", "workflow", "agent", "provider", "model", "bucket",
    "pool",
)  # fmt: skip
"""What a page can be narrowed by, each a column of the ledger."""
TRACE_DIMENSIONS = ("team", "user", "task", "workflow")
"""What the traces can be narrowed by."""

VALUES_MAX = 50
"""Of one dimension in an address."""
ROWS_MAX = 100
"""Of a table on a page; an export has all, up to EXPORT_ROWS_MAX."""
EXPORT_ROWS_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Days from `first` to `last`, both included, narrowed to values of dimensions."""

    first: date
    last: date
    range_name: str = DEFAULT_RANGE
    """One of RANGES; '' where the address names days."""
    compare: bool = False
    among: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    teams: tuple[str, ...] | None = None
    """The teams that the reader may see; None: all."""
    timezone: str = "UTC"

    @classmethod
    def read(cls, asked: Mapping[str, Sequence[str]], timezone: str, teams: tuple[str, ...] | None = None) -> Self:
        """From the parameters of an address. Raises AskedWrongError, which names what is wrong."""
        today = datetime.now(ZoneInfo(timezone)).date()
        first, last = (_day(name, asked[name][0]) if asked.get(name, [""])[0] else None for name in ("from", "to"))
        name = "" if first or last else (asked.get("range", [""])[0] or DEFAULT_RANGE)
        if name and name not in RANGES:
            raise AskedWrongError(f"range: {name!r} is none of {', '.join(RANGES)}")
        if name:
            first, last = _days_of(name, today)
        first, last = first or last or today, last or max(today, first or today)
        if first > last:
            raise AskedWrongError(f"from: {first} is after to: {last}")
        among = {each: tuple(dict.fromkeys(asked[each]))[:VALUES_MAX] for each in DIMENSIONS if asked.get(each)}
        return cls(first, last, name, "previous" in asked.get("compare", []), among, teams, timezone)

    @property
    def days(self) -> int:
        """How many there are."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> date:
        """The first of as many days before."""
        return max(OLDEST, self.first - timedelta(days=self.days))

    @property
    def said(self) -> str:
        """The days, for people."""
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"

    def parameters(self, **changes: str | Sequence[str] | None) -> str:
        """The parameters of an address with these days and dimensions, and others where `changes` say so; None leaves one out."""
        asked: dict[str, Sequence[str]] = {}
        if not self.range_name:
            asked |= {"from": [str(self.first)], "to": [str(self.last)]}
        elif self.range_name != DEFAULT_RANGE:
            asked["range"] = [self.range_name]
        if self.compare:
            asked["compare"] = ["previous"]
        asked |= self.among
        for name, value in changes.items():
            asked[name] = [] if value is None else [value] if isinstance(value, str) else value
        return urlencode([(name, value) for name, values in asked.items() for value in values])

    def link(self, path: str, **changes: str | Sequence[str] | None) -> str:
        """An address with these days and dimensions."""
        parameters = self.parameters(**changes)
        return f"{path}?{parameters}" if parameters else path

    def only(self, **among: str) -> Self:
        """The same days, narrowed to these values alone."""
        return replace(self, among={name: (value,) for name, value in among.items()})

    def without(self, *names: str) -> Self:
        """The same, not narrowed by these dimensions."""
        return replace(self, among={name: values for name, values in self.among.items() if name not in names})

    def ask(self, name: str, *, narrow: Sequence[str] = DIMENSIONS, **parameters: Any) -> Question:
        """A statement of `reports/page` for these days, narrowed by those of its dimensions that `narrow` names.

        Raises NotYoursError where it cannot be narrowed to the teams of a reader who may see only these.
        """
        sql = statement(f"reports/page/{name}")
        if self.teams is not None and "{among}" not in sql:
            raise NotYoursError("this is about all teams together, and you may see " + (", ".join(self.teams) or "none"))
        among = {f"among_{each}": list(values) for each, values in self.among.items() if each in narrow}
        conditions = [f"{each.removeprefix('among_')} IN {{{each}:Array(String)}}" for each in among]
        if self.teams is not None:
            conditions.append("team IN {teams_seen:Array(String)}")
            among["teams_seen"] = list(self.teams)
        by_name = any(each in narrow for each in self.among if each in DIMENSIONS_OF_NAMES) or parameters.get("by") in DIMENSIONS_OF_NAMES
        given: dict[str, Any] = {
            "first": self.first,
            "last": self.last,
            "before": self.before,
            "first_period": f"{self.first:%Y-%m}",
            "last_period": f"{self.last:%Y-%m}",
            "timezone": self.timezone,
            "rollup": "cost_days" if by_name else "ledger_days",
            "rows_max": ROWS_MAX,
            **parameters,
        }
        used = {each: value for each, value in given.items() if f"{{{each}:" in sql}
        return Question(
            sql.replace("{among}", "".join(f"\n    AND {each}" for each in conditions)), {**used, **(among if conditions else {})}
        )

    def unused(self, narrow: Sequence[str]) -> list[str]:
        """Dimensions that this is narrowed by and a question is not."""
        return [name for name in self.among if name not in narrow]


def _day(name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise AskedWrongError(f"{name}: {text!r} is no day such as 2026-10-31") from None
    if not OLDEST <= day <= NEWEST:
        raise AskedWrongError(f"{name}: {day} is not between {OLDEST} and {NEWEST}")
    return day


def _days_of(name: str, today: date) -> tuple[date, date]:
    if name in DAYS:
        return today - timedelta(days=DAYS[name] - 1), today
    month = today.replace(day=1)
    if name == "month":
        return month, today
    if name == "year":
        return today.replace(month=1, day=1), today
    return (month - timedelta(days=1)).replace(day=1), month - timedelta(days=1)
