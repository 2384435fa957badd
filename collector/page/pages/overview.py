"""Five questions in thirty seconds: spend, growth, teams, agents, cost per task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from attribution.reports import OTHERS
from collector.page import links
from collector.page.charts import by_day
from collector.page.formats import brief, change, count, exact, money, percent
from collector.page.sections import Chart, Column, Page, Row, Rows, Section, Table, Tile, Tiles
from collector.page.selection import Selection
from collector.page.view import View

MISSING = {
    "unpriced": "calls without a price",
    "unobserved": "totals that tell more than the calls seen",
    "sampled": "calls that were sampled away",
    "pending": "spans not attributed yet",
    "quarantined": "spans in quarantine",
    "rejected": "spans rejected",
}
"""What the view `missing` gives as reasons."""
LATER = frozenset({"user", "workflow", "model"})
"""Sections below those that are seen first."""
TOP = 6
"""Colours that people can tell apart."""


def overview(view: View) -> Page:
    """All of it, or what it is narrowed to."""
    selection = view.selection
    title = (
        "Overview"
        if not selection.among
        else "Cost of "
        + ", ".join(f"{name.replace('_', ' ')} {links.said(name, value)}" for name, values in selection.among.items() for value in values)
    )
    sections = [figures(view), spend(selection), values(selection, "team", "Cost by team", wide=True)]
    if not selection.among and selection.teams is None:
        sections += [growth(selection), agents(selection), cost_per_task(selection)]
    else:
        sections += [values(selection, "agent", "Cost by agent"), values(selection, "model", "Cost by model")]
    sections += [values(selection, "workflow", "Cost by workflow"), values(selection, "user", "Cost by user")]
    return Page(title, "overview", sections)


def figures(view: View) -> Section:
    """The tiles above."""
    selection = view.selection
    asked = [selection.ask("totals"), selection.ask("missing", narrow=("team",))]

    def show(totals: Rows, lacking: Rows) -> Tiles:
        total = totals[0]
        missing = lacks(lacking, view)
        tiles = [
            total_tile(selection, total, missing),
            _part("Shared", total["shared"], total["total"], selection.link("/pools") if not selection.among else ""),
            _part("Unattributed", total["unattributed"], total["total"], selection.link("/ledger", team="")),
            missing_tile(selection, missing),
        ]
        return Tiles([*tiles, audits(view)] if selection.teams is None and not selection.among else tiles)

    return Section("figures", "Figures", show, asked)


def total_tile(selection: Selection, total: Row, missing: Sequence[str]) -> Tile:
    """A total, which is at least what it says where anything is missing (R15)."""
    return Tile(
        "At least" if missing else "Total",
        money(total["total"]),
        compared(selection, total["total"], total["total_before"]),
        exact(total["total"]),
        selection.link("/ledger"),
    )


def missing_tile(selection: Selection, missing: Sequence[str]) -> Tile:
    """What the total lacks."""
    unused = selection.unused(("team",))
    said = "; ".join(missing) or "every call is there, and has a price"
    if missing and unused:
        said += f", not narrowed by {', '.join(unused)}"
    link = selection.only(**{"team": selection.among["team"][0]} if len(selection.among.get("team", ())) == 1 else {}).link("/quality")
    return Tile("Missing", "something" if missing else "nothing", said, link=link, tone="bad" if missing else "good")


def lacks(rows: Rows, view: View) -> list[str]:
    """What is missing, in words: how many, of what, and about how much where that is known."""
    said = [
        f"{count(abs(row['lacking']))} {MISSING.get(row['reason'], row['reason'])}"
        + (f" (about {money(row['estimated'])})" if row["estimated"] else "")
        for row in rows
    ]
    waiting = [(view.status.spool_requests, "requests not stored yet"), (view.status.quarantined, "requests in quarantine")]
    return said + [f"{count(number)} {what}" for number, what in waiting if number]


def audits(view: View) -> Tile:
    """What the last run of all audits found."""
    found, link = view.status.violations, view.selection.link("/quality")
    if found is None:
        return Tile("Audits", "running", "since the service started they have not ended", link=link)
    if found:
        return Tile("Audits", f"{count(found)} violations", "money is lost, invented or counted twice", link=link, tone="bad")
    return Tile("Audits", "all pass", "no money is lost, invented or counted twice", link=link, tone="good")


def _part(title: str, amount: Decimal, total: Decimal, link: str) -> Tile:
    share = percent(amount / total) if total else ""
    return Tile(title, money(amount), f"{share} of the total" if share else "", exact(amount), link)


def compared(selection: Selection, now: Decimal, before: Decimal) -> str:
    """How a figure changed, where the address asks for it."""
    if not selection.compare:
        return selection.said
    return f"{change(now, before) or '± 0 %'} on {money(before)} in the {selection.days} days before"


def spend(selection: Selection, by: str = "team", title: str = "Spend by day and team") -> Section:
    """A stack of bars for each day."""
    asked = [selection.ask("costs_by_day", by=by, top=TOP, others=OTHERS)]

    def show(rows: Rows) -> Chart:
        return by_day(selection, rows, by, title)

    return Section("spend", title, show, asked)


def growth(selection: Selection) -> Section:
    """Whether spend grows faster than use."""

    def show(totals: Rows, use: Rows) -> Tiles:
        total, used = totals[0], use[0]
        spent, asked = (_ratio(total["total"], total["total_before"]), _ratio(used["invocations"], used["invocations_before"]))
        return Tiles(
            [
                Tile(
                    "Spend",
                    change(total["total"], total["total_before"]) or "± 0 %",
                    f"{money(total['total_before'])} in the {selection.days} days before",
                ),
                Tile(
                    "Use of agents",
                    change(used["invocations"], used["invocations_before"]) or "± 0 %",
                    f"{brief(used['invocations'])} invocations, {brief(used['invocations_before'])} before",
                ),
                replace(_verdict(spent, asked), link=selection.link("/anomalies")),
            ]
        )

    return Section("growth", "Does spend grow faster than use?", show, [selection.ask("totals"), selection.ask("use")])


def _ratio(now: Decimal | int, before: Decimal | int) -> Decimal | None:
    return Decimal(now) / Decimal(before) if before else None


def _verdict(spent: Decimal | None, used: Decimal | None) -> Tile:
    if spent is None or not used:
        return Tile("Cost of one use", "not known yet", "there is nothing in the days before to compare with")
    relative = spent / used - 1
    said = "unchanged" if abs(relative) < Decimal("0.001") else change(spent, used)
    return Tile(
        "Cost of one use",
        said,
        "spend grew faster than use" if relative > 0 else "spend did not grow faster than use",
        tone="bad" if relative > Decimal("0.1") else "",
    )


def values(selection: Selection, by: str, title: str, *, wide: bool = False) -> Section:
    """What each value of a dimension costs."""
    asked = selection.ask("costs_by_value", by=by)

    def show(rows: Rows) -> Table:
        return costs_table(selection, rows, by)

    return Section(f"by-{by.replace('_', '-')}", title, show, [asked], later=by in LATER, wide=wide)


def costs_table(selection: Selection, rows: Rows, by: str) -> Table:
    """Direct, shared and total by value, with the whole below."""
    total = sum((row["total"] for row in rows), Decimal(0))
    shown = [{**row, "name": links.said(by, row["value"]), "part": row["total"] / total if total else None} for row in rows]
    amounts = [Column(field, field, "money", links.postings(selection, **{by: "value"})) for field in ("direct", "shared", "total")]
    columns = [
        Column("name", by.replace("_", " "), "text", lambda row: links.of_value(selection, by, str(row["value"]))),
        *amounts,
        Column("part", "share", "percent"),
        *([Column("total", "change", "change", before="total_before")] if selection.compare else []),
    ]
    whole = {
        "name": "total",
        **{field: sum((row[field] for row in rows), Decimal(0)) for field in ("direct", "shared", "total", "total_before")},
        "part": Decimal(1) if total else None,
    }
    return Table(columns, shown, total=whole)


def agents(selection: Selection) -> Section:
    """Own and inclusive cost, and what a task costs."""

    def show(rows: Rows) -> Table:
        return agents_table(selection, rows)

    return Section(
        "agents",
        "Cost by agent",
        show,
        [selection.ask("agents", agent="")],
        note="Inclusive costs overlap: an agent's has all that it calls.",
    )


def agents_table(selection: Selection, rows: Rows) -> Table:
    """Agents, the most expensive first."""
    columns = [
        Column("agent", "agent", "text", lambda row: links.of_value(selection, "agent", str(row["agent"]))),
        Column("own", "own cost", "money", links.postings(selection, agent="agent")),
        Column("inclusive", "with all it calls", "money", lambda row: selection.link("/traces", agent=str(row["agent"]))),
        Column("invocations", "invocations", "count"),
        Column("calls_back", "calls back", "count"),
        Column("worked_on", "tasks", "count"),
        Column("per_task", "cost per task", "money"),
        *([Column("inclusive", "change", "change", before="inclusive_before")] if selection.compare else []),
    ]
    return Table(columns, rows)


def cost_per_task(selection: Selection) -> Section:
    """What a task costs, over time."""

    def show(rows: Rows, whole: Rows) -> Chart:
        drawn = [{**row, "value": row["agent"], "total": row["cost_per_task"], "is_other": False} for row in rows]
        drawn += [{**row, "value": "all tasks", "total": row["cost_per_task"], "is_other": True} for row in whole if row["tasks"]]
        return by_day(selection, drawn, "agent", "Cost per task", kind="line")

    asked = [selection.ask("cost_per_task_by_day", top=TOP), selection.ask("days")]
    return Section("cost-per-task", "Cost per task, by day and agent", show, asked, later=True)
