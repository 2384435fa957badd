"""Teams, agents, workflows and traces, where none is named; the postings that a number is made of."""

from __future__ import annotations

from decimal import Decimal

from collector.page import links
from collector.page.pages.overview import agents, spend, values
from collector.page.sections import Column, Page, Rows, Section, Table
from collector.page.selection import ROWS_MAX, TRACE_DIMENSIONS, Selection
from collector.page.view import View

FEW = 15
"""Traces on the page of something else."""


def teams(view: View) -> Page:
    """All teams."""
    selection = view.selection
    return Page(
        "Teams",
        "team",
        [
            spend(selection),
            values(selection, "team", "Cost by team"),
            values(selection, "department", "Cost by department"),
            values(selection, "cost_center", "Cost by cost center"),
        ],
    )


def all_agents(view: View) -> Page:
    """All agents."""
    selection = view.selection
    return Page("Agents", "agent", [spend(selection, "agent", "Spend by day and agent"), agents(selection)])


def workflows(view: View) -> Page:
    """All workflows."""
    selection = view.selection
    return Page(
        "Workflows",
        "workflow",
        [spend(selection, "workflow", "Spend by day and workflow"), values(selection, "workflow", "Cost by workflow")],
    )


def traces(view: View) -> Page:
    """The most expensive traces; those of an agent where one is named."""
    selection, agent = view.selection, view.one("agent")
    title = f"Traces in which {agent} was at work" if agent else "Traces"
    return Page(title, "traces", [traces_section(selection, agent, ROWS_MAX)])


def traces_section(selection: Selection, agent: str | None = None, rows_max: int = FEW) -> Section:
    """The most expensive traces."""
    if agent:
        asked, unused = selection.ask("traces_of_agent", agent=agent, rows_max=rows_max), selection.unused(("agent",))
    else:
        asked, unused = selection.ask("traces", narrow=TRACE_DIMENSIONS, rows_max=rows_max), selection.unused(TRACE_DIMENSIONS)
    note = f"The {rows_max} most expensive; the export has all. Team, user, task and workflow are those of a trace's first span."
    if unused:
        note += f" It is not narrowed by {', '.join(unused)}."

    def show(rows: Rows) -> Table:
        return Table(
            [
                links.trace_column(),
                Column("start_time", "began (UTC)", "moment"),
                Column("duration_ns", "duration", "duration"),
                Column("spans", "spans", "count"),
                *(links.value_column(selection, name) for name in TRACE_DIMENSIONS),
                Column("unpriced_spans", "without price", "count"),
                Column("cost", "cost", "money", lambda row: f"/trace/{row['trace_id']}"),
            ],
            rows,
        )

    return Section("traces", "Most expensive traces", show, [asked], note=note, later=True)


def ledger(view: View) -> Page:
    """The postings that a number is made of."""
    selection = view.selection
    said = ", ".join(f"{name.replace('_', ' ')} {links.said(name, value)}" for name, found in selection.among.items() for value in found)
    return Page(
        "What a number is made of",
        "overview",
        [whole(selection), postings(selection)],
        intro=f"All postings of {selection.said}{f' with {said}' if said else ''}. Each leads to its trace and span.",
    )


def whole(selection: Selection) -> Section:
    """The sum, by kind of posting."""

    def show(rows: Rows) -> Table:
        total = sum((row["usd"] for row in rows), Decimal(0))
        return Table(
            [Column("kind", "kind"), Column("postings", "postings", "count"), Column("usd", "amount", "money")],
            rows,
            total={"kind": "sum", "postings": sum(row["postings"] for row in rows), "usd": total},
        )

    return Section("kinds", "By kind", show, [selection.ask("posting_kinds")], later=True)


def postings(selection: Selection) -> Section:
    """One by one."""

    def show(rows: Rows) -> Table:
        return Table(
            [
                Column("day", "day"),
                Column("kind", "kind"),
                links.trace_column(),
                Column("span_id", "span", "id", lambda row: f"/trace/{row['trace_id']}/{row['span_id']}" if row["span_id"] else None),
                *(links.value_column(selection, name) for name in ("team", "agent", "model", "pool")),
                Column("reason", "reason", "prose"),
                Column("amount", "amount", "money"),
            ],
            rows,
        )

    return Section(
        "postings", "Postings", show, [selection.ask("postings")], note=f"The {ROWS_MAX} greatest; the export has all.", later=True
    )
