"""What each team pays of each month, who signed for it, and the statement itself, line by line."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from attribution.disputes.disputes import DIMENSIONS as POSTED
from attribution.disputes.disputes import SECTIONS as DISPUTED
from attribution.errors import NotFoundError
from attribution.periods import check_period
from attribution.reports import Question
from attribution.statements import SECTIONS, Item, Statement, TeamStatement, statement_of
from attribution.storage import statement as statement_text
from collector.documents import MADE
from collector.documents.document import NAMES
from collector.page import links
from collector.page.errors import NotYoursError
from collector.page.formats import count, exact, moment, money
from collector.page.sections import Column, Field, File, Form, Lines, Link, Page, Row, Rows, Section, Table, Tile, Tiles
from collector.page.selection import Selection
from collector.page.view import View
from collector.printing import NONE

ROWS_MAX = 400
"""Teams and months on the page; the export has all."""
WHO = Field("who", "Who says it")
"""Asked where nobody has to say who they are."""


def statements(view: View) -> Page:
    """All months and teams."""
    return Page("Statements", "statements", [_months(view, ""), _steps()], is_dated=False)


def _months(view: View, period: str) -> Section:
    selection = view.selection

    def show(rows: Rows) -> Table:
        columns = [
            Column("period", "month", "text", lambda row: f"/statements/{row['period']}"),
            Column("team", "team", "text", _address),
            Column("state", "state"),
            Column("cost", "cost", "money", _postings(view)),
            Column("charged", "charged", "money", _address),
            Column("signed_by", "signed by", "prose"),
            Column("open_disputes", "open disputes", "count", _disputes),
        ]
        return Table(columns, [_said(row) for row in rows], empty="No month has any cost yet.")

    return Section(
        "statements",
        "What each team pays",
        show,
        [selection.ask("statements", narrow=("team",), period=period, has_charges=bool(view.config.billing.charges), rows_max=ROWS_MAX)],
        note="An open month is provisional. Charged is unknown where charge models hold and the month is open: its statement says it.",
    )


def _steps() -> Section:
    lines = [
        ("Close a month that has ended: its statements are the same ever after", "spanledger close 2026-10"),
        ("Send a statement to its team", "spanledger statement 2026-10 --team sales --format pdf --output sales.pdf"),
        ("Let a month close only when each team has signed, in the configuration", "billing: {sign_off: required}"),
    ]
    return Section("steps", "Month end", lambda: Lines(lines))


def _said(row: Row) -> dict[str, Any]:
    return {
        **row,
        "state": f"closed {row['closed_at']:%Y-%m-%d}" if row["closed_at"] else "provisional",
        "signed_by": signature(row, row["charged"]),
        "open_disputes": row["open_disputes"] or None,
    }


def signature(row: Row, charged: Any) -> str:
    """Who signed what a team is charged, and whether it is still that."""
    if not row["signed_by"]:
        return "nobody"
    said = f"{row['signed_by']}, {row['signed_at']:%Y-%m-%d}"
    return said if charged in (None, row["signed"]) else f"{said}, for {money(row['signed'])}: it does not count any more"


def _address(row: Row) -> str:
    return f"/statements/{row['period']}?{urlencode({'team': row['team']})}"


def _disputes(row: Row) -> str:
    return f"/disputes?{urlencode({'team': row['team']})}"


def _postings(view: View) -> Link:
    def link(row: Row) -> str:
        return _month_of(view, str(row["period"])).only(team=str(row["team"])).link("/ledger")

    return link


def _month_of(view: View, period: str) -> Selection:
    """The days of a month, as they are selected."""
    year, month = map(int, period.split("-"))
    return replace(
        view.selection,
        first=date(year, month, 1),
        last=date(year, month, monthrange(year, month)[1]),
        range_name="",
        compare=False,
        among={},
    )


def statement(view: View) -> Page:
    """The statement of a month: of one team its lines, else what each team pays."""
    period = view.name
    check_period(period)
    found = _found(view)
    files = {name: File(made.media, lambda made=made: made.write(found)) for name, made in MADE.items()}  # type: ignore[misc]
    crumbs = [("Statements", "/statements")]
    if len(found.teams) != 1:
        title = f"Statement of {period}"
        return Page(title, "statements", [_figures(view, found), _months(view, period)], _state(found), crumbs, is_dated=False, files=files)
    (team,) = found.teams
    sections = [
        _figures(view, found),
        *(_lines(view, team, section, _asked(view, found, team, section)) for section in SECTIONS if section in team.sections),
        _signed(view, found, team),
        *([_sign(view, team)] if not found.closed_at and team.team else []),
    ]
    title = f"Statement of {period}, team {links.said('team', team.team)}"
    crumbs.append((period, f"/statements/{period}"))
    return Page(title, "statements", sections, _state(found), crumbs, is_dated=False, files=files)


def _found(view: View) -> Statement:
    """What the reader may see of it. Raises NotYoursError, NotFoundError."""
    own, team = view.selection.teams, view.one("team")
    if own is not None and team is not None and team not in own:
        raise NotYoursError(f"you may not see team {team!r}")
    found = statement_of(view.store, view.config, view.name, team)
    if own is not None:
        found = replace(found, teams=[each for each in found.teams if each.team in own])
    if not found.teams:
        raise NotFoundError(f"{view.name} has no cost that you may see")
    return found


def _state(found: Statement) -> str:
    if found.closed_at:
        return f"Closed on {moment(found.closed_at)} UTC. It is the same ever after."
    return "PROVISIONAL: the month is open, and its amounts still change."


def _figures(view: View, found: Statement) -> Section:
    """Each leads to the postings of the month."""
    teams = found.teams
    whole = replace(_month_of(view, view.name), among={"team": tuple(team.team for team in teams)} if len(teams) == 1 else {})
    direct, shared = (sum((getattr(team, name) for team in teams), found.total * 0) for name in ("direct", "allocated"))
    beyond = found.charged - found.total
    tiles = [
        Tile(
            "At least" if found.missing else "Charged",
            money(found.charged),
            "to pay" if found.closed_at else "provisional",
            exact(found.charged),
            whole.link("/ledger"),
        ),
        Tile("Direct", money(direct), "calls of its own workflows", exact(direct), whole.link("/ledger", pool="")),
        Tile("Shared", money(shared), "parts of shared agents", exact(shared), whole.link("/pools")),
        *([Tile("Beyond cost", money(beyond), f"it cost {money(found.total)}", exact(beyond))] if found.has_charges else []),
        Tile(
            "Missing",
            count(found.missing) if found.missing else "nothing",
            "calls or spans that are in no amount" if found.missing else "every call is there, and has a price",
            link=whole.link("/quality"),
            tone="bad" if found.missing else "good",
        ),
    ]
    return Section("figures", "Figures", lambda: Tiles(tiles))


def _asked(view: View, found: Statement, team: TeamStatement, section: str) -> list[Question]:
    """The statement in SQL whose rows a section has; of an open month charge models are no SQL."""
    of_charges = section in {"charged", "variance", "covered"}
    if found.closed_at:
        name, more = "statements/items_of_closing", {"version": view.store.rows("statements/closing", period=view.name)[0]["version"]}
    elif of_charges:
        return []
    else:
        name, more = "statements/items", {}
    sql = f"SELECT * FROM ({statement_text(name)}) WHERE team = {{team:String}} AND section = {{section:String}}"
    return [Question(sql, {"period": view.name, **more, "team": team.team, "section": section})]


def _lines(view: View, team: TeamStatement, section: str, asked: Sequence[Question]) -> Section:
    """One section of a team's statement; what the team pays can be disputed line by line."""
    item, detail = NAMES[section]
    month = _month_of(view, view.name).only(team=team.team)

    def made_of(row: Row) -> str | None:
        if section in POSTED:
            return month.link("/ledger", **{section: str(row["name"]), "pool": ""})
        if section == "pool":
            return month.link("/ledger", pool=str(row["name"]))
        return month.link("/ledger") if section == "payer" else None

    def dispute(row: Row) -> str | None:
        line = {"team": team.team, "period": view.name, "within": section, "item": str(row["name"]), "detail": str(row["detail"])}
        return f"/disputes/new?{urlencode(line)}"

    extra = {
        "charged": [Column("weight", "quantity", "count")],
        "pool": [Column("weight", "used", "count"), Column("share", "share", "percent")],
        "change": [Column("count", "postings", "count")],
        "inferred": [Column("count", "calls", "count")],
        "missing": [Column("count", "count", "count")],
    }.get(section, [])
    columns = [
        Column("said", item),
        *([Column("detail", detail, "prose")] if detail else []),
        *extra,
        Column("amount", "about" if section == "missing" else "USD", "money", made_of),
        *([Column("act", "if wrong", "text", dispute)] if section in DISPUTED and team.team else []),
    ]

    def show(items: Sequence[Item]) -> Table:
        rows = [_row(each, section) for each in items]
        whole = {"said": "total", "detail": "", "weight": None, "share": None, "count": None, "act": "", "amount": team.sum_of(section)}
        return Table(columns, rows, total=None if section == "missing" else whole)

    return Section(
        section, SECTIONS[section], show, asked, source=lambda _: team.sections[section], wide=section in {"charged", "pool", "change"}
    )


def _row(each: Item, section: str) -> dict[str, Any]:
    return {
        "name": each.item,
        "said": each.item or NONE,
        "detail": each.detail,
        "weight": each.weight or None,
        "share": each.share or None,
        "count": each.count or None,
        "amount": None if section == "missing" and not each.amount else each.amount,
        "act": "dispute",
    }


def _signed(view: View, found: Statement, team: TeamStatement) -> Section:
    def show(rows: Rows) -> Table:
        columns = [
            Column("at", "at (UTC)", "moment"),
            Column("who", "who"),
            Column("amount", "signed", "money"),
            Column("note", "note", "prose"),
        ]
        return Table([*columns, Column("holds", "counts")], [{**row, "holds": row["amount"] == team.charged} for row in rows], empty=empty)

    asked = Question(statement_text("disputes/sign_offs"), {"period": view.name, "any_team": False, "teams": [team.team]})
    empty = "Nobody signed it." if found.closed_at else "Nobody signed it yet."
    return Section("sign-offs", "Who agreed", show, [asked])


def _sign(view: View, team: TeamStatement) -> Section:
    """Agree to it."""
    fields = [
        Field("period", value=view.name, kind="hidden"),
        Field("team", value=team.team, kind="hidden"),
        *who(view),
        Field("note", "Note", kind="long", needed=False),
    ]
    form = Form("/sign-offs", fields, f"Sign for {money(team.charged)}", "It counts as long as the month charges this amount.")
    return Section("sign", "Agree to what is charged", lambda: form)


def who(view: View) -> list[Field]:
    """The name, where the reader has none."""
    return [] if view.user else [WHO]


def line_address(row: Row) -> str:
    """The statement of a line."""
    return f"/statements/{quote(str(row['period']))}?{urlencode({'team': row['team']})}#{row['section']}"
