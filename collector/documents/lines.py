"""A statement for programs: a line an item, or nested; all digits."""

from __future__ import annotations

from typing import Any

from attribution.statements import Statement, TeamStatement

COLUMNS = ("period", "state", "closed_at", "team", "section", "item", "detail", "count", "weight", "share", "amount")


def as_lines(statement: Statement) -> list[dict[str, Any]]:
    """A dict for each item of each team, with COLUMNS. The amounts of one section of a team sum to what it says: see docs/finance.md."""
    return [
        {**_head(statement), "team": team.team, "section": section, **_item(item)}
        for team in statement.teams
        for section, items in team.sections.items()
        for item in items
    ]


def as_nested(statement: Statement) -> dict[str, Any]:
    """The statement as one object: its teams, their sections, their items."""
    teams = [
        {
            "team": team.team,
            **_costs(team, statement.shows_cost),
            "charged": team.charged,
            "missing": team.missing,
            "sections": {section: [_item(item) for item in items] for section, items in team.sections.items()},
        }
        for team in statement.teams
    ]
    whole = {"total": statement.total} if statement.shows_cost else {}
    return {**_head(statement), "currency": "USD", **whole, "charged": statement.charged, "missing": statement.missing, "teams": teams}


def _costs(team: TeamStatement, shows_cost: bool) -> dict[str, Any]:
    return {"direct": team.direct, "shared": team.allocated, "total": team.total, "variance": team.variance} if shows_cost else {}


def _head(statement: Statement) -> dict[str, str]:
    closed_at = statement.closed_at.isoformat() if statement.closed_at else ""
    return {"period": statement.period, "state": "closed" if statement.closed_at else "provisional", "closed_at": closed_at}


def _item(item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in ("item", "detail", "count", "weight", "share", "amount")}
