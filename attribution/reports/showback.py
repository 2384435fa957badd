"""What each team pays in a week, and why that is more or less than in the week before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from attribution.amounts import nearest
from attribution.storage import Store

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Change:
    """What a team pays for one of its workflows or for its part of a pool, USD."""

    workflow: str
    """Empty: none was named, or it is a pool."""
    pool: str
    before: Decimal
    amount: Decimal
    runs_before: int
    """Traces; of a pool 0."""
    runs: int

    @property
    def difference(self) -> Decimal:
        """Above the week before."""
        return self.amount - self.before

    @property
    def by_volume(self) -> Decimal:
        """What of the difference is more or fewer runs, at what one cost before; all of it where there were none in one of the weeks."""
        if self.pool:
            return Decimal(0)
        if not self.runs_before or not self.runs:
            return self.difference
        return nearest(Fraction(self.before) * (self.runs - self.runs_before) / self.runs_before)

    @property
    def by_each(self) -> Decimal:
        """The rest: that each run, or the team's part of the pool, cost more or less."""
        return self.difference - self.by_volume


@dataclass(frozen=True, slots=True)
class Showback:
    """What one team pays in a week."""

    team: str
    """'' is nobody found."""
    first: date
    """Monday."""
    last: date
    changes: Sequence[Change]
    """The largest difference first."""
    at_least: bool
    """Whether something is missing in either week (R15)."""

    @property
    def before(self) -> Decimal:
        """USD in the week before."""
        return sum((change.before for change in self.changes), Decimal(0))

    @property
    def amount(self) -> Decimal:
        """USD in the week."""
        return sum((change.amount for change in self.changes), Decimal(0))

    @property
    def difference(self) -> Decimal:
        """Above the week before; the differences of the changes sum to it."""
        return self.amount - self.before


def last_week(today: date) -> date:
    """Monday of the last week that has ended."""
    return today - timedelta(days=today.weekday()) - WEEK


def showback(store: Store, timezone: str, monday: date) -> list[Showback]:
    """What each team pays in the week from a Monday, the most expensive first.

    Args:
        store: where the ledger is.
        timezone: in which days begin, that of the configuration.
        monday: the first day of the week.

    """
    days = {"before": monday - WEEK, "first": monday, "last": monday + timedelta(days=6)}
    runs = {
        (row["team"], row["workflow"]): (row["runs_before"], row["runs"]) for row in store.rows("reports/runs", **days, timezone=timezone)
    }
    teams: dict[str, list[Change]] = defaultdict(list)
    for row in store.rows("reports/showback", **days):
        counts = (0, 0) if row["pool"] else runs.get((row["team"], row["workflow"]), (0, 0))
        teams[row["team"]].append(Change(row["workflow"], row["pool"], row["before"], row["amount"], *counts))
    at_least = {row["team"] for row in store.rows("reports/teams_at_least", axis="", first=days["before"], last=days["last"])}
    found = [
        Showback(
            team,
            monday,
            days["last"],
            sorted(changes, key=lambda change: (-abs(change.difference), change.workflow, change.pool)),
            team in at_least,
        )
        for team, changes in teams.items()
    ]
    return sorted(found, key=lambda each: (-each.amount, each.team))
