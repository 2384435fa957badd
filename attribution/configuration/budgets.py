"""Budgets: how much may be spent, by whom, in which time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from attribution.configuration.section import Money, Positive, Section, known_zone
from attribution.configuration.wildcards import matches

Scoped = Literal[
    "team", "department", "cost_center", "project", "environment", "user", "session", "task", "workflow", "agent", "provider", "model"
]
"""What a budget can be for."""
SCOPED: tuple[Scoped, ...] = get_args(Scoped)
Mode = Literal["hard", "soft"]
"""hard: what would pass the limit is refused; soft: it goes on, and is told."""
Per = Literal["hour", "day", "week", "month", "quarter", "run", "task", "session"]
"""A window of time, or a piece of work that is counted as a whole: a run is a trace."""
WORK: tuple[Per, ...] = ("run", "task", "session")
CALENDAR: tuple[Per, ...] = tuple(per for per in get_args(Per) if per not in WORK)
COUNTS = ("tokens", "calls", "iterations", "agent_hops")
"""Units that are no money. calls: of models and tools; iterations: of models; agent_hops: entries into an agent, calls back included."""
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_YEAR_STARTS = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])")
Percent = Annotated[Positive, Field(le=1000)]
HUNDRED = Decimal(100)


def _listed(value: object) -> object:
    """One pattern, or several."""
    return (value,) if isinstance(value, str) else value


def _named(patterns: tuple[str, ...]) -> tuple[str, ...]:
    if not patterns or not all(patterns):
        raise ValueError("a name or a pattern is needed, such as support or prod-*, or a list of them")
    return patterns


Patterns = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_named)]


class Budget(Section):
    """A limit for what a scope spends in a window of time, or in a run, task or session."""

    scope: Mapping[Scoped, Patterns] = {}
    """Dimension to names or patterns (`*` any characters, `?` one); all must fit. None: everything."""
    each: tuple[Scoped, ...] = ()
    """Every value of these dimensions has the whole limit to itself; else all that fits the scope shares it."""
    limit: Money
    unit: str = "USD"
    """USD, a currency that `pricing.currencies` has, tokens, calls, iterations or agent_hops."""
    per: Per
    timezone: str = ""
    """Where its days begin; empty: `periods.timezone`."""
    year_starts: str = "01-01"
    """Month and day on which the fiscal year begins: months begin on that day, quarters are counted from it."""
    week_starts: Weekday = "monday"
    mode: Mode = "hard"
    modes: Mapping[str, Mode] = {}
    """Environment (a name or a pattern) to the mode there; the first that fits."""
    tiers: tuple[Percent, ...] = tuple(map(Decimal, (50, 70, 80, 90, 100)))
    """Percent of the limit at which it is told, once a window."""
    acknowledge: Percent | None = HUNDRED - 10
    """Percent from which somebody must acknowledge; None: nobody must."""
    escalate_seconds: int = Field(default=3600, ge=1)
    """Without an acknowledgement for so long, it is told again, as an escalation."""
    throttle: Percent | None = None
    """Percent from which calls go one at a time; None: never."""
    unpriced: Money = Decimal(1)
    """USD that a call counts for whose price is not known."""

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        return known_zone(name) if name else name

    @field_validator("year_starts")
    @classmethod
    def _dated(cls, value: str) -> str:
        if not _YEAR_STARTS.fullmatch(value):
            raise ValueError("a month and a day up to the 28th are needed, such as '04-01'")
        return value

    @field_validator("each")
    @classmethod
    def _once(cls, each: tuple[Scoped, ...]) -> tuple[Scoped, ...]:
        if len(set(each)) < len(each):
            raise ValueError("each dimension once")
        return each

    @field_validator("tiers")
    @classmethod
    def _ascending(cls, tiers: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
        if list(tiers) != sorted(set(tiers)):
            raise ValueError("percentages are needed in ascending order, each once")
        return tiers

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """A key that would be ignored is refused."""
        if self.year_starts != "01-01" and self.per not in {"month", "quarter"}:
            raise ValueError(f"year_starts: is for per: month and quarter; this one is per {self.per}")
        if self.week_starts != "monday" and self.per != "week":
            raise ValueError(f"week_starts: is for per: week; this one is per {self.per}")
        if self.timezone and self.per not in CALENDAR:
            raise ValueError(f"timezone: is for per: {', '.join(CALENDAR)}; this one is per {self.per}")
        if self.per in self.each:
            raise ValueError(f"each: {self.per}: per: {self.per} says so already")
        if self.unit in COUNTS and self.limit != self.limit.to_integral_value():
            raise ValueError(f"limit: {self.limit} {self.unit}: a whole number is needed")
        return self

    def mode_in(self, environment: str) -> Mode:
        """Hard or soft in an environment."""
        return next((mode for name, mode in self.modes.items() if matches(name, environment)), self.mode)
