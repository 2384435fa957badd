"""What teams dispute: open, answered, settled; and where to open one, to answer it and to end it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from attribution.reports import Question
from attribution.statements import statement_of
from collector.acting import decides
from collector.page import links
from collector.page.errors import AskedWrongError, NoSuchPageError, NotYoursError
from collector.page.formats import exact, moment, money
from collector.page.pages.statements import line_address, who
from collector.page.sections import Column, Facts, Field, Form, Page, Row, Rows, Section, Table
from collector.page.view import View

NONE_OPEN = "None is open. One begins at a line of a statement: choose a month and a team under Statements, then “dispute”."


def disputes(view: View) -> Page:
    """All that the reader may see."""
    return Page(
        "Disputes",
        "disputes",
        [
            _listed(view, "open", "Open", NONE_OPEN, is_open=True),
            _listed(view, "ended", "Settled and rejected", "None was settled or rejected yet.", is_open=False),
        ],
        is_dated=False,
    )


def _listed(view: View, key: str, title: str, empty: str, *, is_open: bool) -> Section:
    def address(row: Row) -> str:
        return f"/disputes/{row['dispute']}"

    def show(rows: Rows) -> Table:
        ends = [Column("settled", "settled", "money", address), Column("payer", "pays instead"), Column("ended_by", "by")]
        columns = [
            Column("opened_at", "opened (UTC)", "moment", address),
            Column("period", "month"),
            links.value_column(view.selection, "team"),
            Column("line", "line", "prose", line_address),
            Column("amount", "disputed", "money", address),
            Column("reason", "why", "prose"),
            Column("state", "state"),
            *([] if is_open else ends),
        ]
        return Table(columns, [_said(row) for row in rows], empty=empty)

    asked = view.selection.ask("disputes", narrow=("team",), is_open=is_open, period="")
    return Section(key, title, show, [asked])


def _said(row: Row) -> dict[str, Any]:
    state = f"{row['state']}, {row['answers']} answer{'s' if row['answers'] != 1 else ''}" if row["answers"] else row["state"]
    return {**row, "line": _line(row), "state": state}


def _line(row: Row) -> str:
    return f"{row['section']} {row['item']}" + (f" ({row['detail']})" if row["detail"] else "")


def dispute(view: View) -> Page:
    """One of them, with what the reader may do."""
    asked = view.selection.ask("dispute", narrow=(), dispute=view.name)
    rows = view.store.query(asked.sql, asked.parameters)
    if not rows:
        raise NoSuchPageError(f"there is no dispute {view.name!r} that you may see")
    (row,) = rows
    sections = [_facts(row, asked), _events(view)]
    if row["state"] == "open":
        sections += _acts(view, row)
    if row["state"] == "settled":
        sections.append(_adjustment(view))
    return Page(
        f"Dispute of team {links.said('team', row['team'])}, {row['period']}",
        "disputes",
        sections,
        crumbs=[("Disputes", "/disputes")],
        is_dated=False,
    )


def _facts(row: Row, asked: Question) -> Section:
    facts = [
        ("line", _line(row), line_address(row)),
        ("disputed", exact(row["amount"]), ""),
        ("state", str(row["state"]), ""),
        ("opened", f"{moment(row['opened_at'])} UTC by {row['opened_by']}", ""),
        ("why", str(row["reason"]), ""),
    ]
    if row["state"] != "open":
        facts.append((str(row["state"]), f"{moment(row['ended_at'])} UTC by {row['ended_by']}: {row['outcome']}", ""))
    if row["state"] == "settled":
        facts.append(("pays less", f"{exact(row['settled'])}; {links.said('team', row['payer'])} pays instead", ""))
    return Section("facts", "What is disputed", lambda _: Facts(facts), [asked])


def _events(view: View) -> Section:
    def show(rows: Rows) -> Table:
        columns = [Column("at", "at (UTC)", "moment"), Column("kind", "what"), Column("who", "who"), Column("reason", "said", "prose")]
        return Table(columns, rows)

    return Section("said", "What was said", show, [view.selection.ask("dispute_events", narrow=(), dispute=view.name)])


def _adjustment(view: View) -> Section:
    def show(rows: Rows) -> Table:
        columns = [
            Column("period", "booked in"),
            Column("effective_period", "of month"),
            links.value_column(view.selection, "team"),
            Column("reason", "reason", "prose"),
            Column("amount", "amount", "money"),
        ]
        return Table(columns, rows, total={"period": "sum", "amount": sum((row["amount"] for row in rows), Decimal(0))})

    return Section("adjustment", "What was posted", show, [view.selection.ask("adjustment", narrow=(), dispute=view.name)])


def _acts(view: View, row: Row) -> list[Section]:
    """Whoever sees it answers; who decides about disputes ends it as well."""
    to = f"/disputes/{quote(view.name)}"
    answer = Form(f"{to}/answer", [*who(view), Field("text", "Answer", kind="long")], "Answer", "It stays open.")
    acts = [Section("answer", "Answer", lambda: answer, wide=not decides(view.user))]
    if not decides(view.user):
        return acts
    settle = Form(
        f"{to}/settle",
        [
            *who(view),
            Field("payer", "Team that pays instead; blank: nobody", needed=False),
            Field("amount", f"USD that the team pays less, at most {row['amount']:f}; blank: all of it", kind="amount", needed=False),
            Field("reason", "Why", kind="long"),
        ],
        "Settle",
        "Two postings that sum to nothing. Who opened it cannot approve it.",
    )
    reject = Form(f"{to}/reject", [*who(view), Field("reason", "Why", kind="long")], "Reject", "It ends without a posting.")
    return [
        *acts,
        Section("settle", "Settle", lambda: settle, wide=False),
        Section("reject", "Reject", lambda: reject, wide=False),
    ]


def new_dispute(view: View) -> Page:
    """Where one is opened."""
    line = {name: view.asked.get(name, "") for name in ("period", "team", "item", "detail")}
    line["section"] = view.asked.get("within", "")  # `section` asks for a section of a page
    if not all(line[name] for name in ("period", "team", "section")):
        raise AskedWrongError("a dispute begins at a line of a statement: choose a month and a team under Statements")
    if view.selection.teams is not None and line["team"] not in view.selection.teams:
        raise NotYoursError(f"you may not see team {line['team']!r}")
    (team,) = statement_of(view.store, view.config, line["period"], line["team"]).teams
    found = [each for each in team.sections.get(line["section"], ()) if (each.item, each.detail) == (line["item"], line["detail"])]
    if not found:
        raise NoSuchPageError(f"the statement of team {line['team']!r} for {line['period']} has no line {_line(line)!r}")
    amount = found[0].amount
    form = Form(
        "/disputes",
        [
            *(Field(name, value=value, kind="hidden") for name, value in line.items()),
            *who(view),
            Field("amount", f"USD, at most {amount:f}; blank: all of it", kind="amount", needed=False),
            Field("reason", "Why", kind="long"),
        ],
        "Open the dispute",
        f"{_line(line)} costs team {line['team']} {money(amount)} in {line['period']}.",
    )
    crumbs = [("Statements", "/statements"), (f"{line['period']}, team {line['team']}", line_address(line))]
    return Page("Dispute a line", "disputes", [Section("open", "What is disputed, and why", lambda: form)], crumbs=crumbs, is_dated=False)
