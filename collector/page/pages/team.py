"""What a team pays, and for what."""

from __future__ import annotations

from collector.page import links
from collector.page.charts import by_day
from collector.page.formats import exact, money
from collector.page.pages.lists import traces_section
from collector.page.pages.overview import lacks, missing_tile, total_tile, values
from collector.page.sections import Chart, Column, Page, Rows, Section, Table, Tile, Tiles
from collector.page.selection import Selection
from collector.page.view import View


def team(view: View, name: str) -> Page:
    """One team."""
    selection = view.selection
    return Page(
        f"Team {links.said('team', name)}",
        "team",
        [
            figures(view),
            by_pool(selection),
            values(selection, "agent", "Cost by agent"),
            values(selection, "model", "Cost by model"),
            values(selection, "workflow", "Cost by workflow"),
            values(selection, "user", "Cost by user"),
            pools(selection),
            traces_section(selection),
        ],
        crumbs=[("Teams", selection.without("team").link("/team"))],
    )


def figures(view: View) -> Section:
    """Direct, shared, total, missing."""
    selection = view.selection

    def show(rows: Rows, lacking: Rows) -> Tiles:
        row, missing = rows[0], lacks(lacking, view)
        direct = row["total"] - row["shared"]
        return Tiles(
            [
                total_tile(selection, row, missing),
                Tile("Direct", money(direct), "calls of its own workflows", exact(direct), selection.link("/ledger", pool="")),
                Tile("Shared", money(row["shared"]), "its part of shared agents", exact(row["shared"]), selection.link("/pools")),
                missing_tile(selection, missing),
            ]
        )

    return Section("figures", "Figures", show, [selection.ask("totals"), selection.ask("missing", narrow=("team",))])


def by_pool(selection: Selection) -> Section:
    """Direct cost and the part of each pool, by day."""

    def show(rows: Rows) -> Chart:
        named = [{**row, "value": row["value"] or "direct"} for row in rows]
        return by_day(selection, named, "pool", "Spend by day")

    return Section(
        "spend", "Spend by day, direct and of each shared agent", show, [selection.ask("costs_by_day", by="pool", top=6, others="(others)")]
    )


def pools(selection: Selection) -> Section:
    """The part of each pool, and why."""

    def show(rows: Rows) -> Table:
        return Table(
            [
                Column("period", "month"),
                links.value_column(selection, "pool"),
                Column("weight", "used", "count"),
                Column("share", "share", "percent"),
                Column("amount", "amount", "money", links.postings(selection, pool="pool")),
            ],
            rows,
            empty="No part of a shared agent in these months.",
        )

    return Section("pools", "Its part of shared agents, by month", show, [selection.ask("allocations", narrow=("team",), pool="")])
