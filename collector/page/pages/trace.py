"""One trace: who called whom, what each cost and why; and one span with all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from collector.page import links
from collector.page.errors import NoSuchPageError
from collector.page.formats import count, duration, exact, moment, money, plain
from collector.page.parents import parents_of
from collector.page.sections import Bar, Column, Facts, Leaf, Page, Row, Rows, Section, Table, Tile, Tiles, Tree
from collector.page.view import View

SPANS_MAX = 5_000
"""Of a trace on a page; the export has all."""
SPANS_SHOWN_MAX = 1_000
"""Rows of the tree: more make a browser slow."""
THOUSANDTHS = 1000
SOURCES: Mapping[str, str] = {
    "said": "a span says so itself",
    "link": "the trace that this one is linked to says so",
    "sender": "the sender's key or resource says so",
    "trace": "another span of the trace says so",
    "session": "the first record of its session says so",
    "owner": "the owner of the agent pays, because nobody started it",
    "": "nobody was found",
}
"""What `initiator_source` says (R8)."""


def trace(view: View) -> Page:
    """One trace."""
    asked = view.selection.ask("trace", narrow=(), trace_id=view.trace_id, rows_max=SPANS_MAX)
    return Page(
        f"Trace {view.trace_id}",
        "traces",
        [
            Section("figures", "Figures", lambda rows: figures(view, rows), [asked]),
            Section(
                "tree",
                "Who called whom, and what it cost",
                lambda rows: tree(view, rows),
                [asked],
                note="Own is what is billed of the span; with all below it, each span once.",
            ),
        ],
        crumbs=[("Traces", view.selection.link("/traces"))],
        is_dated=False,
    )


def _found(view: View, rows: Rows) -> Rows:
    if not rows:
        raise NoSuchPageError(f"there is no attributed trace {view.trace_id}; one that came a moment ago is attributed within seconds")
    return rows


def figures(view: View, rows: Rows) -> Tiles:
    """What it cost, who pays, how long it took."""
    rows = _found(view, rows)
    total = sum((row["amount"] for row in rows), Decimal(0))
    first = rows[0]
    begin, end = min(row["start_time"] for row in rows), max(row["end_time"] for row in rows)
    unpriced = sum(row["billable"] and row["cost"] is None for row in rows)
    unbilled = sum(bool(row["unbilled_reason"]) for row in rows)
    teams = sorted({row["team"] for row in rows})
    tiles = [
        Tile(
            "At least" if unpriced else "Cost",
            money(total),
            f"{count(unpriced)} calls have no price" if unpriced else "every call has a price",
            exact(total),
        ),
        Tile(
            "Paid by",
            ", ".join(links.said("team", team) for team in teams),
            started_by(first),
            link=links.of_value(view.selection, "team", teams[0]),
        ),
        Tile("Spans", count(len(rows)), f"{count(unbilled)} repeat others and are not billed" if unbilled else "none repeats another"),
        Tile("Duration", duration(int((end - begin).total_seconds() * 1e9)), f"began {moment(begin)} UTC"),
    ]
    return Tiles(tiles)


def started_by(span: Row) -> str:
    """Who started it, and where that is known from."""
    who = ", ".join(f"{name} {span[name]}" for name in ("user", "workflow", "session") if span[name])
    source = span.get("initiator_source")
    return "; ".join(filter(None, [who, SOURCES.get(source, source) if source is not None else ""]))


def tree(view: View, rows: Rows) -> Tree:
    """The spans in the order in which they called each other."""
    rows = _found(view, rows)
    ordered = in_order(rows)
    below = inclusive(rows)
    begin = min(row["start_time"] for row in rows)
    whole = max((max(row["end_time"] for row in rows) - begin).total_seconds(), 1e-9)
    leaves = [
        Leaf(
            span,
            depth,
            span["amount"],
            below[place],
            verdict(span),
            Bar(
                (span["start_time"] - begin).total_seconds() / whole * THOUSANDTHS,
                max(span["duration_ns"] / 1e9 / whole * THOUSANDTHS, 2.0),
            ),
            f"/trace/{view.trace_id}/{span['span_id']}",
        )
        for place, depth in ordered[:SPANS_SHOWN_MAX]
        for span in [rows[place]]
    ]
    left = len(rows) - len(leaves)
    cut = f"{count(left)} more spans are not shown; the export has up to {count(SPANS_MAX)}." if left else ""
    return Tree(leaves, cut)


def in_order(spans: Rows) -> list[tuple[int, int]]:
    """The place of each span and its depth, below its parent, by start. Roots, orphans and the first of a loop have depth 0."""
    children: dict[int | None, list[int]] = {}
    for place, parent in enumerate(parents_of(spans)):
        children.setdefault(parent, []).append(place)
    ordered: list[tuple[int, int]] = []
    todo = [(root, 0) for root in reversed(children.get(None, []))]
    while todo:
        place, depth = todo.pop()
        ordered.append((place, depth))
        todo += [(child, depth + 1) for child in reversed(children.get(place, []))]
    return ordered


def inclusive(spans: Rows) -> list[Decimal]:
    """Of each span: what is billed of it and of all below it."""
    sums = [Decimal(span["amount"]) for span in spans]
    parents = parents_of(spans)
    for place, depth in reversed(in_order(spans)):
        parent = parents[place]
        if depth and parent is not None:
            sums[parent] += sums[place]
    return sums


def verdict(span: Row) -> str:
    """Why a span is billed or not, in words."""
    if span["usage"] == "none" and not span["billable"]:
        return ""
    if span["unbilled_reason"] == "aggregate":
        return "not billed: it repeats the calls below"
    if span["unbilled_reason"] == "duplicate":
        return "not billed: its call is, elsewhere"
    if span["cost"] is None:
        return "no price is known"
    return {
        "reported": "as reported",
        "contract": "contract price",
        "priced": "list price",
        "rule": "rule",
    }.get(span["cost_source"], "billed")


def one_span(view: View) -> Page:
    """One span."""
    asked = view.selection.ask("trace", narrow=(), trace_id=view.trace_id, rows_max=SPANS_MAX)
    posted = view.selection.ask("span_postings", narrow=(), trace_id=view.trace_id, span_id=view.span_id)
    return Page(
        f"Span {view.span_id}",
        "traces",
        [
            Section("cost", "What it costs, and why", lambda rows: why(view, rows), [asked]),
            Section("call", "All records of the same call", lambda rows: records(view, rows), [asked], exports=False),
            Section("who", "Who started it", lambda rows: who(view, rows), [asked], wide=False),
            Section("what", "What it is", lambda rows: what(view, rows), [asked], wide=False),
            Section("postings", "What was posted for it", posted_table, [posted]),
            Section("attributes", "Attributes", lambda rows: attributes(view, rows, "attributes"), [asked], exports=False),
            Section("resource", "Resource", lambda rows: attributes(view, rows, "resource"), [asked], exports=False),
        ],
        crumbs=[("Traces", view.selection.link("/traces")), (f"Trace {view.trace_id}", view.selection.link(f"/trace/{view.trace_id}"))],
        is_dated=False,
    )


def _span(view: View, rows: Rows) -> Row:
    for row in rows:
        if row["span_id"] == view.span_id:
            return row
    raise NoSuchPageError(f"there is no attributed span {view.span_id} in trace {view.trace_id}")


def why(view: View, rows: Rows) -> Facts:
    """The cost of a span, and how it came to be."""
    span = _span(view, rows)
    tokens = [
        (name.replace("_", " "), count(span[name]), "")
        for name in ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
        if span[name] is not None
    ]
    facts = [
        ("billed", exact(span["amount"]), ""),
        ("verdict", verdict(span) or "it uses nothing that costs", ""),
        ("own figure", exact(span["cost"]) if span["usage"] != "none" or span["cost"] else "none", ""),
        ("reported cost", exact(span["reported_cost"]) if span["reported_cost"] is not None else "none", ""),
        ("computed cost", exact(span["computed_cost"]) if span["computed_cost"] is not None else "none", ""),
        ("source", span["cost_source"], ""),
        ("price", span["price_id"] or "none", view.selection.only(model=span["model"]).link("/models") if span["model"] else ""),
        *tokens,
    ]
    if span["unobserved"] is not None:
        facts.append(("beyond the calls below it", exact(span["unobserved"]), ""))
    return Facts(facts)


def records(view: View, rows: Rows) -> Table:
    """The records of the call of a span: which is billed, and why the others are not."""
    span = _span(view, rows)
    same = [row for row in rows if _same_call(row, span)]
    shown = [{**row, "verdict": verdict(row)} for row in same]
    return Table(
        [
            Column("span_id", "span", "id", lambda row: f"/trace/{view.trace_id}/{row['span_id']}"),
            Column("name", "name"),
            Column("service", "service"),
            Column("model", "model"),
            Column("input_tokens", "input tokens", "count"),
            Column("output_tokens", "output tokens", "count"),
            Column("cost_source", "source"),
            Column("cost", "own figure", "money"),
            Column("verdict", "verdict", "prose"),
            Column("amount", "billed", "money"),
        ],
        shown,
        empty="It records no call.",
    )


def _same_call(row: Row, span: Row) -> bool:
    """By `call_id` where there is one; else by the id of the provider's response."""
    if span.get("call_id"):
        return bool(row["call_id"] == span["call_id"])
    if span["response_id"]:
        return bool(row["response_id"] == span["response_id"])
    return bool(row["span_id"] == span["span_id"] and span["usage"] != "none")


def who(view: View, rows: Rows) -> Facts:
    """The initiator."""
    span = _span(view, rows)
    names = ("team", "department", "cost_center", "project", "environment", "user", "session", "task", "workflow")
    facts = [
        (
            name.replace("_", " "),
            links.said(name, span[name]),
            links.of_value(view.selection, name, span[name]) if span[name] and name != "session" else "",
        )
        for name in names
    ]
    source = span.get("initiator_source")
    return Facts([*facts, *([("known from", SOURCES.get(source, source), "")] if source is not None else [])])


def what(view: View, rows: Rows) -> Facts:
    """Name, agent, times."""
    span = _span(view, rows)
    facts = [
        ("name", span["name"], ""),
        ("service", span["service"], ""),
        ("kind", span["kind"], ""),
        ("status", span["status"], ""),
        ("began (UTC)", moment(span["start_time"]), ""),
        ("duration", duration(span["duration_ns"]), ""),
        ("agent", span["agent"], links.of_value(view.selection, "agent", span["agent"])),
        ("path", " → ".join(span["path_agents"]), ""),
        ("pool", span["pool"] or "none", links.of_value(view.selection, "pool", span["pool"]) if span["pool"] else ""),
        ("provider", span["provider"] or "none", ""),
        ("model", span["model"] or "none", links.of_value(view.selection, "model", span["model"]) if span["model"] else ""),
        (
            "above it",
            span["parent_span_id"] or "nothing",
            f"/trace/{view.trace_id}/{span['parent_span_id']}" if any(row["span_id"] == span["parent_span_id"] for row in rows) else "",
        ),
        ("flags", plain(span["flags"]) or "none", ""),
    ]
    return Facts(facts)


def posted_table(rows: Rows) -> Table:
    """The postings of a span."""
    columns = [
        Column("posted_at", "posted (UTC)", "moment"),
        Column("period", "booked in"),
        Column("day", "day"),
        Column("kind", "kind"),
        Column("pool", "pool"),
        Column("team", "team"),
        Column("agent", "agent"),
        Column("reason", "reason", "prose"),
        Column("amount", "amount", "money"),
    ]
    return Table(columns, rows, empty="Nothing: it costs nothing, or another record of its call is billed.")


def attributes(view: View, rows: Rows, column: str) -> Table:
    """Keys and values as they were sent."""
    found: Mapping[str, Any] = _span(view, rows)[column]
    pairs = [{"key": key, "value": value} for key, value in sorted(found.items())]
    return Table([Column("key", "key", "code"), Column("value", "value", "code")], pairs, empty="None.")
