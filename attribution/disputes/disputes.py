"""A dispute is opened on a line of a statement, answered, and settled by an adjustment or rejected.

An adjustment is two postings that sum to 0: the team pays less, another one instead. It is booked in the month of the statement, or
where that is closed in the earliest open month after it, as late cost is (R12).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from attribution import passes
from attribution.amounts import QUANTUM
from attribution.configuration import AttributionConfig
from attribution.errors import NotFoundError, RefusedError
from attribution.periods import is_closed
from attribution.statements import Item, TeamStatement, statement_of
from attribution.storage import Store, statement
from attribution.storage.lease import lease

SECTIONS = ("charged", "payer", "workflow", "agent", "model", "bucket", "pool", "change", "inferred", "senders")
"""Whose lines can be disputed: all that are in what a team pays."""
DIMENSIONS = ("workflow", "agent", "model", "bucket")
COLUMNS = ("dispute", "at", "kind", "period", "team", "section", "item", "detail", "amount", "payer", "who", "reason")


def open_dispute(
    store: Store,
    config: AttributionConfig,
    period: str,
    team: str,
    section: str,
    item: str,
    detail: str | None = None,
    *,
    amount: Decimal | None = None,
    who: str,
    reason: str,
) -> str:
    """Open a dispute over a line of a team's statement, or over a part of its amount.

    Args:
        store: where the ledger is.
        config: what attribution follows.
        period: a month, open or closed.
        team: whose statement it is.
        section: one of SECTIONS.
        item: the line's item.
        detail: the line's detail; None: the section has one line of the item only.
        amount: USD above 0; None: the whole line.
        who: who opens it.
        reason: why.

    Returns:
        Its id.

    Raises:
        RefusedError: the line cannot be disputed so, or nobody or no reason is named.
        NotFoundError: there is no such line.

    """
    _check_said(who, reason)
    if section not in SECTIONS:
        raise RefusedError(f"section {section!r} is in no amount that a team pays: there is {', '.join(SECTIONS)}")
    line = _line(statement_of(store, config, period, team).teams[0], section, item, detail)
    disputed = _checked(line.amount if amount is None else amount, line.amount, "the line")
    number = str(uuid.uuid4())
    _keep(
        store,
        number,
        "opened",
        {"period": period, "team": team, "section": section, "item": item, "detail": line.detail},
        disputed,
        who,
        reason,
    )
    return number


def answer(store: Store, dispute: str, who: str, text: str) -> None:
    """Answer a dispute that is open. Raises RefusedError, NotFoundError."""
    _check_said(who, text)
    found = _open(store, dispute)
    _keep(store, found["dispute"], "answered", found, Decimal(0), who, text)


def reject(store: Store, dispute: str, who: str, reason: str) -> None:
    """End a dispute without an adjustment. Raises RefusedError, NotFoundError."""
    _check_said(who, reason)
    with lease(store):
        found = _open(store, dispute)
        _keep(store, found["dispute"], "rejected", found, Decimal(0), who, reason)


def settle(
    store: Store, config: AttributionConfig, dispute: str, payer: str, *, amount: Decimal | None = None, approver: str, reason: str
) -> str:
    """End a dispute by an adjustment: another team pays instead.

    Args:
        store: where the ledger is.
        config: what attribution follows.
        dispute: its id.
        payer: the team that pays instead, one that the organization or the ledger knows; '' for nobody.
        amount: USD above 0, at most what is disputed; None: all of it.
        approver: who approved it, and did not open it.
        reason: why.

    Returns:
        The month in which it is booked.

    Raises:
        RefusedError: it cannot be settled so.
        NotFoundError: there is no such dispute, or team.

    """
    _check_said(approver, reason)
    payer = _known(store, config, payer)
    with lease(store):
        found = _open(store, dispute)
        settled = _checked(found["amount"] if amount is None else amount, found["amount"], "what is disputed")
        if approver == found["opened_by"]:
            raise RefusedError(f"{approver} opened the dispute: somebody else must approve the adjustment")
        if payer == found["team"]:
            raise RefusedError(f"team {payer!r} cannot pay instead of itself")
        number = str(found["dispute"])
        booked = _booked_period(store, found["period"])
        before = store.rows("disputes/posted_amount", dispute=number)
        # Killed after its postings counted and before it was said to be settled, it is settled by what was posted.
        if before and (before[0]["payer"], before[0]["amount"]) != (payer, settled):
            raise RefusedError(f"an adjustment of {before[0]['amount']:f} USD to team {before[0]['payer']!r} is posted: settle it by that")
        if not before:
            _post(store, config, found, payer, settled, booked, f"settles dispute {number}: {reason}; approved by {approver}")
        _keep(store, number, "settled", found, settled, approver, reason, payer)
    return booked


def found(store: Store, period: str = "", teams: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Rows of the view `disputes`, of a month or all ('') and of some teams or all (None), the oldest first."""
    return store.rows("disputes/found", period=period, any_team=teams is None, teams=list(teams or ()))


def _line(team: TeamStatement, section: str, item: str, detail: str | None) -> Item:
    lines = [line for line in team.sections.get(section, ()) if line.item == item and detail in (None, line.detail)]
    if not lines:
        there = ", ".join(repr(line.item) for line in team.sections.get(section, ())[:20]) or "none"
        raise NotFoundError(f"the statement of team {team.team!r} has no line {item!r} in section {section}; there is {there}")
    if len(lines) > 1:
        raise RefusedError(
            f"{item!r} has several lines in section {section}: name one by its detail: {', '.join(repr(line.detail) for line in lines)}"
        )
    return lines[0]


def _checked(amount: Decimal, limit: Decimal, whose: str) -> Decimal:
    if amount <= 0 or amount > limit or amount != amount.quantize(QUANTUM):
        raise RefusedError(
            f"{amount:f} USD: an amount above 0, of at most 12 digits after the point and at most that of {whose}, {limit:f}, is needed"
        )
    return amount


def _check_said(who: str, text: str) -> None:
    if not who.strip() or not text.strip():
        raise RefusedError("a name and a reason are needed: they are kept")


def _open(store: Store, dispute: str) -> dict[str, Any]:
    """A dispute by its id, or by the first digits of it."""
    rows = [row for row in found(store) if str(row["dispute"]).startswith(dispute.lower())] if dispute else []
    if len(rows) != 1:
        raise NotFoundError(f"there is no dispute {dispute!r}" if not rows else f"{dispute!r} begins the ids of {len(rows)} disputes")
    if rows[0]["state"] != "open":
        raise RefusedError(f"dispute {rows[0]['dispute']} is {rows[0]['state']} already")
    return rows[0]


def _known(store: Store, config: AttributionConfig, team: str) -> str:
    """A team as the organization spells it. A slip of the pen must not make a new one."""
    teams = config.organization.teams
    for name, known in teams.items():
        if team.lower() in {spelling.lower() for spelling in (name, *known.aliases)}:
            return name
    if team and not store.rows("disputes/team_in_ledger", team=team):
        raise NotFoundError(f"there is no team {team!r}: neither `organization.teams` nor the ledger has it")
    return team


def _keep(store: Store, number: Any, kind: str, of: Mapping[str, Any], amount: Decimal, who: str, reason: str, payer: str = "") -> None:
    line = [of[name] for name in ("period", "team", "section", "item", "detail")]
    store.insert(
        "dispute_events", COLUMNS, [[uuid.UUID(str(number)), datetime.now(UTC), kind, *line, amount, payer, who.strip(), reason.strip()]]
    )


def _booked_period(store: Store, period: str) -> str:
    """The month itself, or where it is closed the one in which its late cost is booked."""
    if not is_closed(store, period):
        return period
    booked = statement("traces/09_postings/01_closed_periods")
    rows = store.query(f"SELECT booked_period FROM ({booked}) WHERE period = {{period:String}}", {"period": period})
    return str(rows[0]["booked_period"])


def _post(store: Store, config: AttributionConfig, found: Mapping[str, Any], payer: str, amount: Decimal, booked: str, reason: str) -> None:
    line = dict.fromkeys(("provider", *DIMENSIONS), "")
    if found["section"] in DIMENSIONS:
        line[found["section"]] = found["item"]
    if found["section"] == "model":
        line["provider"] = found["detail"]
    said = (found["item"], found["detail"]) if found["section"] == "payer" else None
    sides = [
        (found["team"], *(said or _payer(store, config, found["period"], found["team"]))),
        (payer, *_payer(store, config, found["period"], payer)),
    ]
    teams, departments, cost_centers = (list(each) for each in zip(*sides, strict=True))
    version = passes.begin(store)
    store.run(
        "disputes/post_adjustment",
        version=version,
        effective=found["period"],
        period=booked,
        timezone=config.periods.timezone,
        dispute=str(found["dispute"]),
        amount=f"{amount:f}",
        reason=reason,
        teams=teams,
        departments=departments,
        cost_centers=cost_centers,
        **line,
    )
    if not passes.commit(store, version):
        raise RefusedError("another worker ended the adjustment: settle it again")


def _payer(store: Store, config: AttributionConfig, period: str, team: str) -> tuple[str, str]:
    """Department and cost center of a team: as configured, else as most of its cost in the month has them."""
    known = config.organization.teams.get(team)
    if known and (known.department or known.cost_center):
        return known.department, known.cost_center
    of_team = [each for each in statement_of(store, config, period).teams if each.team == team]
    items = of_team[0].sections.get("payer", ()) if of_team else ()
    return (items[0].item, items[0].detail) if items else ("", "")
