"""Shared agents: what they cost, what splits them, and the months that are closed."""

from __future__ import annotations

from decimal import Decimal

from collector.page import links
from collector.page.charts import by_day
from collector.page.sections import Chart, Column, Page, Rows, Section, Table
from collector.page.selection import Selection
from collector.page.view import View


def pools(view: View) -> Page:
    """All pools, or the one that is named."""
    selection, name = view.selection, view.one("pool") or ""
    sections = [spend(selection.without("pool", "team"), name), allocations(selection, name)]
    if selection.teams is None:
        sections = [costs(selection, name), *sections, routes(selection, name)]
        if not name:
            sections += [closings(selection), late(selection)]
    return Page(
        f"Pool {name}" if name else "Pools and months",
        "pools",
        sections,
        crumbs=[("Pools", selection.without("pool").link("/pools"))] if name else (),
    )


def costs(selection: Selection, name: str) -> Section:
    """What each pool costs in each month, and what splits it."""

    def show(rows: Rows) -> Table:
        columns = [
            Column("period", "month"),
            links.value_column(selection, "pool"),
            *_late_from(rows),
            Column("driver", "split by"),
            Column("use_period", "use of"),
            Column("method", "method"),
            Column("spans", "of spans", "money"),
            Column("added", "added by hand", "money"),
            links.amount_column(selection.without("pool", "team"), "cost", "cost", pool="pool"),
        ]
        return Table(columns, rows, empty="No agent is shared: name those that are under agents.shared of the configuration.")

    return Section("costs", "Pools by month", show, [selection.ask("pools", pool=name)])


def _late_from(rows: Rows) -> list[Column]:
    """In which month late cost arose, where any of it is late."""
    return [Column("late_from", "late from")] if any(row["late_from"] for row in rows) else []


def spend(selection: Selection, name: str) -> Section:
    """What the pools cost by day and team."""
    asked = selection.ask("allocated_by_day", pool=name)

    def show(rows: Rows) -> Chart:
        return by_day(selection, rows, "team", "Shared cost by day and team")

    return Section("spend", "Shared cost by day and team", show, [asked])


def allocations(selection: Selection, name: str) -> Section:
    """What each team pays, and by which weight."""

    def show(rows: Rows) -> Table:
        columns = [
            Column("period", "month"),
            links.value_column(selection, "pool"),
            *_late_from(rows),
            links.value_column(selection, "team"),
            Column("weight", "used", "count"),
            Column("share", "share", "percent"),
            links.amount_column(selection.without("pool", "team"), "amount", "amount", pool="pool", team="team"),
        ]
        whole = {
            "period": "total",
            "pool": "",
            "late_from": "",
            "team": "",
            "weight": None,
            "share": None,
            "amount": sum((row["amount"] for row in rows), Decimal(0)),
        }
        return Table(columns, rows, total=whole if rows else None)

    return Section(
        "allocations",
        "What each team pays of them",
        show,
        [selection.ask("allocations", narrow=("team",), pool=name)],
        note="In the unit of the driver: invocations, tokens, USD, ns or the weights of the configuration.",
    )


def routes(selection: Selection, name: str) -> Section:
    """Cost that goes through another pool."""

    def show(rows: Rows) -> Table:
        columns = [
            Column("period", "month"),
            links.value_column(selection, "pool"),
            *_late_from(rows),
            Column("via", "through"),
            links.value_column(selection, "team"),
            Column("share", "share", "percent"),
            Column("amount", "amount", "money"),
        ]
        return Table(columns, rows, empty="None: no pool serves another one.")

    return Section("routes", "What comes through another pool", show, [selection.ask("pool_routes", pool=name)], later=True)


def closings(selection: Selection) -> Section:
    """Which months are closed."""

    def show(rows: Rows) -> Table:
        columns = [
            Column("period", "month"),
            Column("at", "at (UTC)", "moment"),
            Column("state", "state"),
            Column("reason", "reason", "prose"),
        ]
        return Table(columns, rows, empty="No month was closed yet: `spanledger close 2026-10` freezes one that has ended.")

    return Section("closings", "Months that were closed and reopened", show, [selection.ask("closings")], wide=False)


def late(selection: Selection) -> Section:
    """What came late."""

    def show(rows: Rows) -> Table:
        columns = [
            Column("effective_period", "of month"),
            Column("period", "booked in"),
            links.value_column(selection, "team"),
            Column("amount_late", "amount", "money"),
        ]
        return Table(columns, rows, empty="Nothing came late for a closed month.")

    return Section("late", "What came late for closed months", show, [selection.ask("late")], wide=False)
