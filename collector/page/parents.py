"""Which span is above which (R2)."""

from __future__ import annotations

from collector.page.sections import Rows


def parents_of(spans: Rows) -> list[int | None]:
    """Of each span the place of its parent among them, that of the same sender first; None: it is a root here, or the first of a loop."""
    own: dict[tuple[str, str, str], int] = {}
    anyones: dict[tuple[str, str], int] = {}
    for place, span in enumerate(spans):
        own.setdefault((span["trace_id"], span["sender"], span["span_id"]), place)
        anyones.setdefault((span["trace_id"], span["span_id"]), place)
    found: list[int | None] = []
    for place, span in enumerate(spans):
        trace_id, above = span["trace_id"], span["parent_span_id"]
        parent = own.get((trace_id, span["sender"], above), anyones.get((trace_id, above)))
        found.append(None if parent == place or "cycle" in span["flags"] else parent)
    return found
