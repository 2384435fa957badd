"""A statement as pages of tables: what stands where, for whatever draws it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from attribution.statements import DIRECT_SECTIONS, SECTIONS, Item, Statement, TeamStatement
from collector.printing import NONE, ROUNDING, UNATTRIBUTED, rounded, usd_rounded

DIGITS = 2
"""After the point, where people read."""

Kind = Literal["text", "usd", "share", "number"]
Cell = str | Decimal | int
SHARED = "shared agents and added cost (below)"

NAMES = {
    "charged": ("charge", "for"),
    "variance": ("account", "charge"),
    "covered": ("charge", "covers"),
    "payer": ("department", "cost center"),
    "workflow": ("workflow", ""),
    "agent": ("agent", ""),
    "model": ("model", "provider"),
    "bucket": ("kind of cost", ""),
    "pool": ("pool", "split"),
    "change": ("kind", "reason"),
    "inferred": ("found by", ""),
    "senders": ("sent by", "team named by"),
    "missing": ("what", "model"),
}
"""Of each section: what its items and their details are."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column, with how its cells are read: USD to two digits, a share in percent."""

    name: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a title. The last row is their total where there is one."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    has_total: bool

    def texts(self) -> Iterator[list[str]]:
        """Rows as people read them, and before the total what rounding leaves."""
        body = self.rows[:-1] if self.has_total else self.rows
        for row in body:
            yield self._texts(row)
        if self.has_total:
            left = self._left_by_rounding()
            if any(left):
                yield [ROUNDING, *(usd_rounded(amount, DIGITS) if amount else "" for amount in left[1:])]
            yield self._texts(self.rows[-1])

    def _texts(self, row: Sequence[Cell]) -> list[str]:
        return [shown(cell, column.kind) for cell, column in zip(row, self.columns, strict=True)]

    def _left_by_rounding(self) -> list[Decimal]:
        """By column: what the rounded amounts lack to their rounded total."""
        left = []
        for place, column in enumerate(self.columns):
            cells = [row[place] for row in self.rows] if column.kind == "usd" else []
            *amounts, total = [rounded(Decimal(cell), DIGITS) for cell in cells] or [Decimal(0)]
            left.append(total - sum(amounts, Decimal(0)) if cells else Decimal(0))
        return left


@dataclass(frozen=True, slots=True)
class Page:
    """What is said of one team, or of all of them."""

    heading: str
    notes: Sequence[str]
    tables: Sequence[Table]


@dataclass(frozen=True, slots=True)
class Document:
    """Pages with a title and a state; `made_at` is when the month was closed, or when it was asked for where it is open."""

    title: str
    state: str
    made_at: datetime
    pages: Sequence[Page]
    sign_off: Sequence[str]


def document_of(statement: Statement, now: datetime | None = None) -> Document:
    """A statement as a document. `now` is the moment that a provisional one names; None: this one."""
    made_at = statement.closed_at or (now or datetime.now(UTC)).replace(microsecond=0)
    state = (
        f"closed {made_at:%Y-%m-%d %H:%M} UTC"
        if statement.closed_at
        else f"PROVISIONAL, as of {made_at:%Y-%m-%d %H:%M} UTC: the month is open"
    )
    summary = [_summary(statement)] if len(statement.teams) != 1 else []
    return Document(
        f"Statement of {statement.period}",
        state,
        made_at,
        [*summary, *(_team_page(team, statement.shows_cost) for team in statement.teams)],
        [f"{role}: name, date, signature" for role in ("Prepared by", "Approved by")],
    )


def shown(cell: Cell, kind: Kind) -> str:
    """A cell as people read it."""
    if isinstance(cell, str):
        return cell
    if kind == "usd":
        return usd_rounded(Decimal(cell), DIGITS)
    if kind == "share":
        return f"{Decimal(cell) * 100:.2f}%"
    return f"{cell:,f}".rstrip("0").rstrip(".") if isinstance(cell, Decimal) else f"{cell:,}"


def _summary(statement: Statement) -> Page:
    names, amounts = _amounts(statement)
    columns = [*(Column(name) for name in ("team", "department", "cost center")), *(Column(name, "usd") for name in names)]
    rows: list[list[Cell]] = [
        [team.team or UNATTRIBUTED, team.names("item"), team.names("detail"), *(getattr(team, name) for name in amounts)]
        for team in statement.teams
    ]
    sums = [sum((getattr(team, name) for team in statement.teams), Decimal(0)) for name in amounts]
    return Page(
        "All teams", _notes(statement.missing), [Table("What each team pays", columns, [*rows, ["total", "", "", *sums]], has_total=True)]
    )


def _amounts(statement: Statement) -> tuple[Sequence[str], Sequence[str]]:
    """What the summary says of each team: names of columns, and of what they show."""
    if not statement.shows_cost:
        return ["charged"], ["charged"]
    if statement.has_charges:
        return ["direct", "shared", "cost", "variance", "charged"], ["direct", "allocated", "total", "variance", "charged"]
    return ["direct", "shared", "total"], ["direct", "allocated", "total"]


def _notes(missing: int) -> list[str]:
    notes = ["All amounts are in USD."]
    if missing:
        notes.append(f"At least: {missing} calls or spans are in no amount (no known price, or not seen).")
    return notes


def _team_page(team: TeamStatement, shows_cost: bool) -> Page:
    at_least = "at least " if team.missing else ""
    notes = [f"To pay: {at_least}{usd_rounded(team.charged, DIGITS)}", *_notes(team.missing)]
    tables = [_table(team, section) for section in SECTIONS if section in team.sections or (shows_cost and section in DIRECT_SECTIONS)]
    return Page(f"Team {team.team or UNATTRIBUTED}", notes, [table for table in tables if len(table.rows) > table.has_total])


def _table(team: TeamStatement, section: str) -> Table:
    items = team.sections.get(section, ())
    item, detail = NAMES[section]
    columns = [Column(name) for name in (item, detail) if name]
    if section == "missing":
        lacking: list[list[Cell]] = [[*_names(each, detail), each.count, each.amount or "not known"] for each in items]
        counted = [*columns, Column("count", "number"), Column("about USD", "usd")]
        return Table(SECTIONS[section], counted, lacking, has_total=False)
    extra = {
        "charged": [Column("quantity", "number")],
        "pool": [Column("weight", "number"), Column("share", "share")],
        "change": [Column("postings", "number")],
        "inferred": [Column("calls", "number")],
    }.get(section, [])
    columns += [*extra, Column("USD", "usd")]
    rows: list[list[Cell]] = [[*_names(each, detail), *_extra(each, section), each.amount] for each in items]
    blanks = [""] * (len(columns) - 2)
    if section in DIRECT_SECTIONS and team.allocated:
        rows.append([SHARED, *blanks, team.allocated])
    whole = team.total if section in ("payer", *DIRECT_SECTIONS) else team.sum_of(section)
    return Table(SECTIONS[section], columns, [*rows, ["total", *blanks, whole]], has_total=True)


def _names(item: Item, detail: str) -> list[str]:
    return [item.item or NONE, item.detail] if detail else [item.item or NONE]


def _extra(item: Item, section: str) -> list[Cell]:
    if section == "charged":
        return [item.weight or ""]
    return [item.weight, item.share] if section == "pool" else [item.count] if section in ("change", "inferred") else []
