"""What cost or used far more than what went before it, and which factors made it so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from collector.page import links
from collector.page.rendering import HEX_ID
from collector.page.sections import Column, Page, Row, Rows, Section, Table
from collector.page.selection import Selection
from collector.page.view import View
from collector.printing import FACTORS

KINDS: Mapping[str, str] = {
    "task_cost": "a task over 3 times the usual",
    "workflow_2_sigma": "a day over 2 sigma",
    "workflow_3_sigma": "a day over 3 sigma",
    "cost_growth": "grows faster than use",
    "cost_per_task": "cost of a task rises",
    "agent_tokens": "over 10 times the usual tokens",
    "new_agent": "its first day",
}
SEVERAL = "several"
"""Teams."""
OF_COST, OF_AGENTS = ("task", "workflow", "team"), ("agent",)
NARROW = ("team", "workflow", "agent", "task")
FOUND = "See docs/budgets.md for what counts. Those of the last 13 weeks are found."


def anomalies(view: View) -> Page:
    """Of cost, and of agents."""
    return Page("Anomalies", "anomalies", [of_cost(view.selection), of_agents(view.selection)])


def of_cost(selection: Selection) -> Section:
    """Of tasks, workflows and teams."""

    def show(rows: Rows) -> Table:
        columns = [
            Column("days", "day"),
            Column("kind", "what", "prose"),
            Column("subject", "of", "text", lambda row: _subject(selection, row)),
            _whose(selection),
            Column("value", "cost", "money", lambda row: _traces(selection, row)),
            Column("expected", "expected", "money"),
            Column("more", "difference", "money"),
            *(Column(name, title, "money") for name, title in FACTORS.items()),
        ]
        return Table(columns, [_said(row) for row in rows], empty="Nothing cost far more than before in these days.")

    note = (
        "The last five columns sum to the difference: what more traces, more calls a trace, more tokens a call, other models and other "
        f"prices made of it, each at what it was before. A cost leads to its traces. {FOUND}"
    )
    asked = selection.ask("anomalies", narrow=NARROW, scopes=list(OF_COST))
    return Section("cost", "What cost far more than before", show, [asked], note=_narrowed(selection) + note, later=True)


def of_agents(selection: Selection) -> Section:
    """Of agents: their tokens, and their first days."""

    def show(rows: Rows) -> Table:
        factors = [name for name in FACTORS if name not in {"by_mix", "by_price"}]
        columns = [
            Column("days", "day"),
            Column("kind", "what", "prose"),
            links.value_column(selection, "agent"),
            _whose(selection),
            Column("value", "used", "quantity", lambda row: _traces(selection, row)),
            Column("expected", "expected", "quantity"),
            Column("more", "difference", "quantity"),
            *(Column(name, FACTORS[name], "quantity") for name in factors),
        ]
        figures = ("value", "expected", "more", *factors)
        return Table(
            columns, [{**_said(row), **_whole(row, figures)} for row in rows], empty="No agent is new, or used far more than before."
        )

    asked = selection.ask("anomalies", narrow=NARROW, scopes=list(OF_AGENTS))
    note = f"{_narrowed(selection)}An agent's first day shows what it cost, with all teams that it worked for."
    return Section("agents", "Agents that used far more, and new ones", show, [asked], note=note, later=True)


def _said(row: Row) -> Row:
    days = f"{row['day']}" if row["since"] == row["day"] else f"week to {row['day']}"
    kind = KINDS.get(row["kind"], row["kind"])
    if row["scope"] == "task":
        kind = f"{kind} of {row['workflow']}"
    whose = links.said("team", row["team"]) if row["team"] is not None else "" if row["kind"] == "new_agent" else SEVERAL
    return {**row, "days": days, "kind": kind, "whose": whose}


def _whose(selection: Selection) -> Column:
    def link(row: Row) -> str | None:
        return None if row["team"] is None else links.of_value(selection, "team", row["team"])

    return Column("whose", "team", "text", link)


def _whole(row: Row, names: tuple[str, ...]) -> dict[str, Decimal | None]:
    """Averages of tokens, rounded; their export has all digits."""
    is_tokens = row["unit"] == "tokens"
    return {name: round(row[name]) if is_tokens and row[name] is not None else row[name] for name in names}


def _subject(selection: Selection, row: Row) -> str:
    return links.of_value(selection, row["scope"], row["subject"]) if row["scope"] != "task" else _traces(selection, row)


def _traces(selection: Selection, row: Row) -> str:
    """Those that made it; a task without a name is a trace."""
    if row["scope"] == "task" and HEX_ID.fullmatch(row["subject"]):
        return f"/trace/{row['subject']}"
    days = replace(selection, first=row["since"], last=row["day"], range_name="", compare=False)
    return days.only(**{row["scope"]: row["subject"]}).link("/traces")


def _narrowed(selection: Selection) -> str:
    unused = selection.unused(NARROW)
    return f"It is not narrowed by {', '.join(unused)}. " if unused else ""
