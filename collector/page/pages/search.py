"""Finds a trace, an agent, a team, a user, a model by a part of its name."""

from __future__ import annotations

from collector.page import links
from collector.page.sections import Column, Page, Row, Rows, Section, Table
from collector.page.selection import Selection
from collector.page.view import View

OF_A_KIND_MAX = 20


def search(view: View) -> Page:
    """What has the text in its name."""
    selection = view.selection

    def show(rows: Rows) -> Table:
        columns = [
            Column("what", "what"),
            Column("name", "name", "text", lambda row: _link(selection, row)),
            Column("total", "cost, in all days", "money"),
        ]
        return Table(
            columns, rows, empty="Nothing has this in its name. Of a trace the beginning of its id is looked for, four digits or more."
        )

    asked = selection.ask("found", text=view.text, rows_max=OF_A_KIND_MAX)
    return Page(
        f"Found for “{view.text}”", "", [Section("found", "Found", show, [asked], note=f"Up to {OF_A_KIND_MAX} of a kind.")], is_dated=False
    )


def _link(selection: Selection, row: Row) -> str:
    return f"/trace/{row['name']}" if row["what"] == "trace" else links.of_value(selection, row["what"], row["name"])
