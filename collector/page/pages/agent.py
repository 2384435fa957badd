"""What an agent costs, by itself and with all that it calls, who calls it and whom it calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from collector.page import links
from collector.page.charts import columns
from collector.page.formats import count, exact, money
from collector.page.pages.lists import traces_section
from collector.page.pages.overview import compared, values
from collector.page.parents import parents_of
from collector.page.sections import Chart, Column, Edge, Graph, Page, Rows, Section, Table, Tile, Tiles
from collector.page.selection import Selection
from collector.page.view import View

TRACES_MAX = 200
"""The most expensive ones, which callers and callees are told from."""
SPANS_MAX = 50_000
EDGES_MAX = 8
"""To either side; more cannot be told apart."""
WIDTH_MIN, WIDTH_MAX = 1.5, 14.0
STARTED = "(started here)"
"""The caller of an agent that nobody called."""


def agent(view: View, name: str) -> Page:
    """One agent."""
    selection = view.selection
    sections = [
        values(selection, "model", "Cost by model"),
        values(selection, "team", "Cost by team"),
        values(selection, "workflow", "Cost by workflow"),
    ]
    if selection.teams is None:
        sections = [
            figures(selection, name),
            by_day(selection, name),
            calls(selection, name),
            asked_of_models(selection, name),
            *sections,
            traces_section(selection, name),
        ]
    return Page(f"Agent {links.said('agent', name)}", "agent", sections, crumbs=[("Agents", selection.without("agent").link("/agent"))])


def figures(selection: Selection, name: str) -> Section:
    """Own and inclusive cost, entries, tasks."""

    def show(rows: Rows) -> Tiles:
        if not rows:
            return Tiles([Tile("Inclusive cost", money(Decimal(0)), "it did nothing in these days")])
        row = rows[0]
        return Tiles(
            [
                Tile(
                    "With all it calls",
                    money(row["inclusive"]),
                    compared(selection, row["inclusive"], row["inclusive_before"]),
                    exact(row["inclusive"]),
                    selection.link("/traces"),
                ),
                Tile("Own cost", money(row["own"]), "calls of its own", exact(row["own"]), selection.link("/ledger")),
                Tile("Invocations", count(row["invocations"]), "re-entrant ones not counted"),
                Tile("Calls back", count(row["calls_back"]), "entries while it is at work already"),
                Tile("Tasks", count(row["worked_on"]), "in which it was invoked"),
                Tile("Cost per task", money(row["per_task"]), "inclusive cost by tasks", exact(row["per_task"])),
            ]
        )

    return Section("figures", "Figures", show, [selection.ask("agents", agent=name)])


def by_day(selection: Selection, name: str) -> Section:
    """Own and inclusive cost by day."""

    def show(rows: Rows) -> Chart:
        return columns(selection, rows, "Cost by day", {"inclusive_cost": "with all it calls", "own_cost": "own cost"}, kind="line")

    return Section("spend", "Cost by day", show, [selection.ask("agent_by_day", agent=name)])


def calls(selection: Selection, name: str) -> Section:
    """Who calls it, and whom it calls."""

    def show(rows: Rows) -> Graph:
        found = between_agents(rows)
        callers = {caller: each for (caller, callee), each in found.items() if callee == name}
        callees = {callee: each for (caller, callee), each in found.items() if caller == name}
        widest = max((each.amount for each in (*callers.values(), *callees.values())), default=Decimal(0))
        traces = len({row["trace_id"] for row in rows})
        note = f"From the {count(traces)} most expensive traces of these days. The money is what was spent below the calls, each span once."
        return Graph(name, _edges(selection, callers, widest), _edges(selection, callees, widest), note)

    asked = selection.ask("agent_calls", agent=name, traces_max=TRACES_MAX, rows_max=SPANS_MAX)
    return Section("calls", "Who calls it, whom it calls", show, [asked], later=True)


def asked_of_models(selection: Selection, name: str) -> Section:
    """Tokens, failures, and what caches did."""

    def show(rows: Rows) -> Table:
        columns_shown = [
            links.value_column(selection, "model"),
            Column("calls", "calls", "count"),
            Column("failed", "failed", "count"),
            Column("input", "input tokens", "count"),
            Column("output", "output tokens", "count"),
            Column("from_cache", "of them from a cache", "count"),
            Column("cache_share", "share", "percent"),
            Column("cached_answers", "answers from a cache", "count"),
            Column("saved", "saved by them", "money"),
            Column("billed", "billed", "money", links.postings(selection, model="model")),
        ]
        return Table(columns_shown, rows, empty="It asked no model in these days.")

    asked = selection.ask("agent_models", agent=name, traces_max=TRACES_MAX)
    note = f"From its {TRACES_MAX} most expensive traces of these days."
    return Section("models-asked", "What it asked of models, failures and caches", show, [asked], note=note, later=True)


@dataclass(slots=True)
class Calls:
    """From one agent to another."""

    calls: int = 0
    amount: Decimal = field(default_factory=Decimal)


Pair = tuple[str, str]
"""Caller and callee."""


def between_agents(spans: Rows) -> dict[Pair, Calls]:
    """Calls by caller and callee; the amount is that of all spans below them, each once (R7).

    Args:
        spans: `trace_id`, `sender`, `span_id`, `parent_span_id`, `agent`, `agent_entry`, `amount`, `flags` of each.

    """
    parents = parents_of(spans)
    on_path: dict[int, frozenset[Pair]] = {}
    found: dict[Pair, Calls] = {}
    for place, span in enumerate(spans):
        for above in _undecided(place, parents, on_path):
            on_path[above] = _pairs_of(above, spans, parents[above], on_path, found)
        for pair in on_path[place]:
            found[pair].amount += span["amount"]
    return found


def _undecided(place: int, parents: Sequence[int | None], on_path: Mapping[int, object]) -> Iterator[int]:
    """The span and those above it that are not decided yet, the topmost first; a loop is cut."""
    path: dict[int, None] = {}
    above: int | None = place
    while above is not None and above not in on_path and above not in path:
        path[above] = None
        above = parents[above]
    return reversed(path)


def _pairs_of(
    place: int, spans: Rows, parent: int | None, on_path: Mapping[int, frozenset[Pair]], found: dict[Pair, Calls]
) -> frozenset[Pair]:
    span = spans[place]
    inherited = on_path.get(parent, frozenset()) if parent is not None else frozenset()
    if not span["agent_entry"]:
        return inherited
    pair = (spans[parent]["agent"] if parent is not None else STARTED, span["agent"])
    found.setdefault(pair, Calls()).calls += 1
    return inherited | {pair}


def _edges(selection: Selection, agents: dict[str, Calls], widest: Decimal) -> list[Edge]:
    order = sorted(agents, key=lambda name: (-agents[name].amount, name))[:EDGES_MAX]
    return [
        Edge(
            name,
            "" if name == STARTED else selection.only(agent=name).link("/agent"),
            agents[name].calls,
            agents[name].amount,
            max(WIDTH_MIN, float(agents[name].amount / widest) * WIDTH_MAX) if widest else WIDTH_MIN,
        )
        for name in order
    ]
