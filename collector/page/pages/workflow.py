"""What a workflow costs, and which of its runs."""

from __future__ import annotations

from collector.page import links
from collector.page.formats import count, exact, money
from collector.page.pages.anomalies import of_cost
from collector.page.pages.lists import traces_section
from collector.page.pages.overview import lacks, missing_tile, spend, total_tile, values
from collector.page.sections import Page, Rows, Section, Tile, Tiles
from collector.page.selection import TRACE_DIMENSIONS, Selection
from collector.page.view import View


def workflow(view: View, name: str) -> Page:
    """One workflow."""
    selection = view.selection
    return Page(
        f"Workflow {links.said('workflow', name)}",
        "workflow",
        [
            figures(view),
            spend(selection, "agent", "Spend by day and agent"),
            runs(selection),
            of_cost(selection),
            values(selection, "agent", "Cost by agent"),
            values(selection, "team", "Cost by team"),
            values(selection, "model", "Cost by model"),
            values(selection, "user", "Cost by user"),
            traces_section(selection),
        ],
        crumbs=[("Workflows", selection.without("workflow").link("/workflow"))],
    )


def figures(view: View) -> Section:
    """What it costs, and what that lacks."""
    selection = view.selection

    def show(rows: Rows, lacking: Rows) -> Tiles:
        missing = lacks(lacking, view)
        return Tiles([total_tile(selection, rows[0], missing), missing_tile(selection, missing)])

    return Section("figures", "Figures", show, [selection.ask("totals"), selection.ask("missing", narrow=("team",))])


def runs(selection: Selection) -> Section:
    """How often it ran and what a run costs."""

    def show(rows: Rows) -> Tiles:
        row = rows[0]
        return Tiles(
            [
                Tile("Traces", count(row["runs"]), "that began with it", link=selection.link("/traces")),
                Tile("Cost of a trace", money(row["mean_cost"]), "mean", exact(row["mean_cost"])),
                Tile(
                    "Dearest trace",
                    money(row["highest_cost"]),
                    "",
                    exact(row["highest_cost"]),
                    f"/trace/{row['dearest']}" if row["dearest"] else "",
                ),
            ]
        )

    return Section("runs", "Its traces", show, [selection.ask("trace_totals", narrow=TRACE_DIMENSIONS)], later=True)
