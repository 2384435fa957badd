"""What agents could save, with the evidence."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from attribution.hints import hints as found
from attribution.hints import statements_of_hints
from attribution.reports import Question
from attribution.storage import Store, statement
from collector.page import links
from collector.page.errors import NotYoursError
from collector.page.sections import Column, Page, Rows, Section, Table
from collector.page.view import View

KINDS = {
    "model": "another model",
    "cache": "a cache for prompts",
    "failed": "calls that failed and were billed",
    "repeated": "calls that repeat one",
    "reentrant": "calls back",
    "same": "one run for several teams",
    "unchanged": "scheduled runs that change nothing",
    "unused": "scheduled runs that nobody uses",
}


def hints(view: View) -> Page:
    """The largest first."""
    selection = view.selection
    if selection.teams is not None:
        raise NotYoursError("agents work for all teams together, and you may see " + ", ".join(selection.teams))

    def ranked(store: Store) -> list[dict[str, Any]]:
        return [asdict(hint) for hint in found(store, view.config, selection.first, selection.last) if hint.usd_a_month > 0]

    def show(rows: Rows) -> Table:
        columns = [
            Column("usd_a_month", "saves a month", "money", lambda row: selection.link("/traces", agent=str(row["agent"]))),
            links.value_column(selection, "agent"),
            Column("kind", "by", "prose"),
            Column("evidence", "evidence", "prose"),
        ]
        agents = selection.among.get("agent")
        said = [{**row, "kind": KINDS.get(row["kind"], row["kind"])} for row in rows if not agents or row["agent"] in agents]
        return Table(columns, said, empty="Nothing to be saved is seen in these days.")

    asked = [
        Question(statement(name), parameters) for name, parameters in statements_of_hints(view.config, selection.first, selection.last)
    ]
    unused = selection.unused(("agent",))
    narrowed = f"It is not narrowed by {', '.join(unused)}. " if unused else ""
    section = Section(
        "hints",
        "What agents could save",
        show,
        asked,
        note=f"{narrowed}At the rate of these days. Hints overlap: what one saves, another cannot save again, so they have no sum. "
        "`spanledger hints --model PROVIDER/MODEL` asks about a model that nobody uses yet.",
        later=True,
        source=ranked,
    )
    return Page("Hints", "hints", [section])
