"""Budgets as they are asked: which of them a call is counted in, under which key, and how much that allows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from functools import cached_property
from typing import NamedTuple

from attribution.amounts import QUANTUM
from attribution.budgets.windows import ALWAYS, Window, window_of
from attribution.configuration import AttributionConfig, pattern_to_regex
from attribution.configuration.budgets import CALENDAR, COUNTS, Budget
from attribution.configuration.pricing import USD
from attribution.prices.currencies import Currencies
from attribution.prices.matching import ns

RUN = "run"
"""A trace, beside the dimensions."""
MINUTES_MAX = 1000
"""Whose window is remembered, of each budget: those of now, and of calls that are in flight."""
_ONE = Decimal(1)


class Counter(NamedTuple):
    """One count of a budget: of a window, and of one value of each dimension of its key."""

    budget: str
    start: datetime
    key: tuple[str, ...]


@dataclass(frozen=True)
class Limit:
    """A budget of the configuration, made ready to be asked."""

    name: str
    budget: Budget
    timezone: str
    currencies: Currencies
    _windows: dict[datetime, Window] = field(default_factory=dict, compare=False, repr=False)
    """Of the minutes that were asked for; a clock differs from UTC by whole minutes, so all moments of a minute lie in one window."""

    @cached_property
    def key_names(self) -> tuple[str, ...]:
        """Dimensions of which each value is counted by itself; `run` is the trace."""
        own = () if self.is_calendar else (self.budget.per,)
        return (*self.budget.each, *own)

    @cached_property
    def names(self) -> frozenset[str]:
        """All dimensions that it looks at."""
        return frozenset({*self.budget.scope, *self.key_names})

    @cached_property
    def is_calendar(self) -> bool:
        """Whether it is counted by windows of time, and not by runs, tasks or sessions."""
        return self.budget.per in CALENDAR

    @cached_property
    def is_money(self) -> bool:
        """Whether its unit is a currency."""
        return self.budget.unit not in COUNTS

    def key_of(self, dimensions: Mapping[str, str]) -> tuple[str, ...] | None:
        """The key under which something is counted; None: the budget is not for it."""
        for name, patterns in self._patterns:
            said = dimensions.get(name, "")
            if not said or not any(one.fullmatch(said) for one in patterns):
                return None
        key = tuple(dimensions.get(name, "") for name in self.key_names)
        return key if all(key) else None

    def is_for(self, tags: Mapping[str, str]) -> bool:
        """Whether somebody of these dimensions may spend it: none of them lies outside the scope."""
        return all(name not in tags or any(one.fullmatch(tags[name]) for one in patterns) for name, patterns in self._patterns)

    def window(self, at: datetime) -> Window:
        """The window that a moment lies in."""
        if not self.is_calendar:
            return ALWAYS
        minute = at.replace(second=0, microsecond=0)
        found = self._windows.get(minute)
        if found is None:
            if len(self._windows) >= MINUTES_MAX:
                self._windows.clear()
            found = self._windows[minute] = window_of(self.budget, minute, self.timezone)
        return found

    def counter(self, key: tuple[str, ...], at: datetime) -> Counter:
        """The count that a call of now is in."""
        return Counter(self.name, self.window(at).start, key)

    def in_unit(self, usd: Decimal, at: datetime) -> Decimal:
        """USD in the budget's currency, at the rate in force at a moment."""
        rate = self._rate(at)
        return usd if not rate or rate == _ONE else (usd / rate).quantize(QUANTUM, ROUND_HALF_EVEN)

    def usd(self, amount: Decimal, at: datetime) -> Decimal:
        """An amount in the budget's unit as it is counted: in USD where it is money; rounded down, so that it never allows more."""
        return (amount * self._rate(at)).quantize(QUANTUM, ROUND_DOWN) if self.is_money else amount

    def _rate(self, at: datetime) -> Decimal:
        if not self.is_money or self.budget.unit == USD:
            return _ONE
        exchange = self.currencies.exchange(self.budget.unit, ns(at))
        # Before the first rate nothing is known; the limit then allows nothing, for unknown is never free.
        return exchange.usd if exchange else Decimal(0)

    @cached_property
    def _patterns(self) -> Sequence[tuple[str, Sequence[re.Pattern[str]]]]:
        return [(name, [re.compile(pattern_to_regex(one)) for one in patterns]) for name, patterns in self.budget.scope.items()]


class Limits:
    """All budgets of a configuration."""

    def __init__(self, config: AttributionConfig) -> None:
        currencies = Currencies(config.pricing.currencies)
        self.by_name = {name: Limit(name, budget, config.periods.timezone, currencies) for name, budget in config.budgets.items()}

    def __iter__(self) -> Iterator[Limit]:
        return iter(self.by_name.values())

    def __bool__(self) -> bool:
        return bool(self.by_name)

    def holding(self, dimensions: Mapping[str, str]) -> list[tuple[Limit, tuple[str, ...]]]:
        """The budgets that hold for a call, each with its key there."""
        return [(limit, key) for limit in self if (key := limit.key_of(dimensions)) is not None]
