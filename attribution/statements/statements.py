"""Statements: of an open month as the ledger is now, of a closed month as it was when it was closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from attribution.charge_models import Charge, charges_of_month
from attribution.configuration import AttributionConfig
from attribution.configuration.billing import DIRECT
from attribution.errors import NotFoundError, RefusedError
from attribution.periods import check_period, running_month
from attribution.storage import Store, statement

SECTIONS: Mapping[str, str] = {
    "charged": "What is charged",
    "variance": "Charged beyond cost, by account",
    "covered": "What the charges cover",
    "payer": "By department and cost center",
    "workflow": "By workflow",
    "agent": "By agent",
    "model": "By model",
    "bucket": "By kind of cost",
    "pool": "Shared agents and added cost",
    "change": "Late cost, corrections and adjustments, contained above",
    "inferred": "Whose initiator was inferred, contained above",
    "senders": "Because of other senders' records, contained above",
    "missing": "Not contained: unknown is not zero",
}
"""In the order of a statement, with their titles. The first three are there where charge models hold: charged = payer + variance."""

DIRECT_SECTIONS = ("workflow", "agent", "model", "bucket")
"""Each has all that is charged directly."""

ZERO = Decimal(0)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """One line of a section."""

    item: str
    detail: str
    count: int
    weight: Decimal
    share: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class TeamStatement:
    """What one team cost in a month and what it is charged for it, in USD."""

    team: str
    """'' is nobody found."""
    sections: Mapping[str, Sequence[Item]]
    """Section to its items, the most expensive first; sections without any are left out."""

    @property
    def total(self) -> Decimal:
        """All that the team cost, by the ledger."""
        return self.sum_of("payer")

    @property
    def has_charges(self) -> bool:
        """Whether charge models hold; else it is charged what it cost."""
        return "charged" in self.sections or "covered" in self.sections

    @property
    def charged(self) -> Decimal:
        """All that the team pays."""
        return self.sum_of("charged") if self.has_charges else self.total

    @property
    def variance(self) -> Decimal:
        """What it is charged beyond what it cost."""
        return self.sum_of("variance")

    @property
    def allocated(self) -> Decimal:
        """Its part of pools."""
        return self.sum_of("pool")

    @property
    def direct(self) -> Decimal:
        """What it started itself."""
        return self.total - self.allocated

    @property
    def missing(self) -> int:
        """Calls and spans that are in no amount."""
        return sum(item.count for item in self.sections.get("missing", ()))

    def sum_of(self, section: str) -> Decimal:
        """The amounts of a section."""
        return sum((item.amount for item in self.sections.get(section, ())), Decimal(0))

    def names(self, field: str) -> str:
        """Its departments (`item`) or cost centers (`detail`), mostly one."""
        return ", ".join(sorted({getattr(item, field) for item in self.sections.get("payer", ())} - {""}))


@dataclass(frozen=True, slots=True)
class Statement:
    """What each team cost in a month and what it is charged for it, the most expensive first."""

    period: str
    closed_at: datetime | None
    """To the second; None: the month is open and the statement provisional."""
    teams: Sequence[TeamStatement]
    shows_cost: bool = True
    """False: it is for a customer, who sees what is charged and not what that cost."""

    @property
    def total(self) -> Decimal:
        """Of all its teams."""
        return sum((team.total for team in self.teams), Decimal(0))

    @property
    def charged(self) -> Decimal:
        """What all its teams pay."""
        return sum((team.charged for team in self.teams), Decimal(0))

    @property
    def has_charges(self) -> bool:
        """Whether charge models hold in the month."""
        return any(team.has_charges for team in self.teams)

    @property
    def missing(self) -> int:
        """Calls and spans that are in no amount."""
        return sum(team.missing for team in self.teams)


def statement_of(store: Store, config: AttributionConfig, period: str, team: str | None = None) -> Statement:
    """The statement of a month, of one team or of all.

    Args:
        store: where the ledger is.
        config: what attribution follows: the zone of its months.
        period: a month such as 2026-10, open or closed.
        team: one of its teams, '' for what nobody was found for; None: all.

    Raises:
        RefusedError: the text is no month, or the month has not begun.
        NotFoundError: the team has nothing in the month.
        RuntimeError: something does not sum up, which is a mistake of ours.

    """
    check_period(period)
    closings = store.rows("statements/closing", period=period)
    if closings:
        closed_at = EPOCH + timedelta(seconds=closings[0]["at_ns"] // 10**9)
        rows = _kept(store, period, closings[0]["version"])
    else:
        closed_at, rows = None, _current(store, config, period)
    current = running_month(config.periods.timezone)
    if not rows and period > current:
        raise RefusedError(f"{period} has not begun: it is {current} in {config.periods.timezone}")
    teams = [each for each in _teams(rows) if team is None or each.team == team]
    if team is not None and not teams:
        raise NotFoundError(f"team {team!r} has nothing in {period}")
    for each in teams:
        _check(period, each)
    return Statement(period, closed_at, teams)


def for_customer(statement: Statement) -> Statement:
    """What is charged, line by line, and what is missing: without what it cost, who else shares it and what is earned by it."""
    teams = []
    for team in statement.teams:
        charged = team.sections.get("charged", [] if team.has_charges else [Item(DIRECT, "at cost", 0, ZERO, ZERO, team.total)])
        teams.append(TeamStatement(team.team, {"charged": charged, "missing": team.sections.get("missing", ())}))
    return replace(statement, teams=teams, shows_cost=False)


def keep_items(store: Store, config: AttributionConfig, period: str, version: int) -> None:
    """Keep what the statement of a month says that is being closed; without the closing it means nothing."""
    _keep_costs(store, period, version)
    charges = _charges(store, config, period)
    if charges:
        store.insert("statement_items", ["version", "period", *charges[0]], [[version, period, *row.values()] for row in charges])


def _keep_costs(store: Store, period: str, version: int) -> None:
    columns = "team, section, item, detail, count, weight, share, amount"
    store.execute(
        f"INSERT INTO statement_items (version, period, {columns}) "
        f"SELECT {{version:UInt64}}, {{period:String}}, {columns} FROM ({statement('statements/items')})",
        {"version": version, "period": period},
    )


READS_MAX = 5
"""Of an open month, into which a service may post between the reading of what it cost and of what is charged."""


def _current(store: Store, config: AttributionConfig, period: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for _ in range(READS_MAX):
        rows = store.rows("statements/items", period=period) + _charges(store, config, period)
        if all(map(_adds_up, _teams(rows))):
            break
    return rows


def _charges(store: Store, config: AttributionConfig, period: str) -> list[dict[str, Any]]:
    """What charge models say of a month, as rows of items."""
    return [
        {"team": charge.team, "section": section, **asdict(item)}
        for charge in charges_of_month(store, config, period)
        for section, item in _items(charge)
    ]


def _items(charge: Charge) -> Iterator[tuple[str, Item]]:
    for part in charge.parts:
        yield "charged", Item(charge.name, part.why, 0, part.quantity, Decimal(0), part.amount)
    if charge.covered:
        yield "covered", Item(charge.name, charge.covers, 0, Decimal(0), Decimal(0), charge.covered)
    if charge.variance:
        yield "variance", Item(charge.account, charge.name, 0, Decimal(0), Decimal(0), charge.variance)
    if charge.uncounted:
        yield "missing", Item("no token counts", charge.name, charge.uncounted, Decimal(0), Decimal(0), Decimal(0))


def _kept(store: Store, period: str, version: int) -> list[dict[str, Any]]:
    """What was kept; a month that was closed before items were kept keeps them when it is first asked for. It was charged what it cost."""
    rows = store.rows("statements/items_of_closing", period=period, version=version)
    if not rows:
        _keep_costs(store, period, version)
        rows = store.rows("statements/items_of_closing", period=period, version=version)
    return rows


def _teams(rows: Sequence[Mapping[str, Any]]) -> list[TeamStatement]:
    found: dict[str, dict[str, list[Item]]] = {}
    for row in rows:
        item = Item(*(row[name] for name in ("item", "detail", "count", "weight", "share", "amount")))
        found.setdefault(row["team"], {}).setdefault(row["section"], []).append(item)
    teams = [
        TeamStatement(team, {name: sorted(sections[name], key=lambda item: (-item.amount, item)) for name in SECTIONS if name in sections})
        for team, sections in found.items()
    ]
    return sorted(teams, key=lambda team: (-team.charged, team.team))


def _adds_up(team: TeamStatement) -> bool:
    return not team.has_charges or (team.sum_of("covered") == team.total and team.charged == team.total + team.variance)


def _check(period: str, team: TeamStatement) -> None:
    """What a section of direct cost leaves out would be money that nobody sees; so would a cost that no charge covers."""
    for section in DIRECT_SECTIONS:
        if team.sum_of(section) != team.direct:
            raise RuntimeError(f"{period}, team {team.team!r}: by {section} {team.sum_of(section)} USD are direct, not {team.direct}")
    if not _adds_up(team):
        raise RuntimeError(
            f"{period}, team {team.team!r}: {team.charged} USD are charged, {team.sum_of('covered')} covered, {team.variance} variance,"
            f" and {team.total} cost"
        )
