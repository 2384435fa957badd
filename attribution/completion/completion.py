"""Completes calls whose emitter tells their model on a span above: Codex CLI's usage stands on one span, its model on another.

A span ends, and is sent, before the one above it, so no single delivery need hold both. Before traces are attributed, what stands above
is looked up in the store, and the call is priced with it as if it had said so itself. Whatever arrives later makes its trace pending, and
is looked at then: the order of arrival does not matter (R14).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from attribution.configuration import AttributionConfig
from attribution.conventions.table import TOLD_ABOVE
from attribution.repricing import completing
from attribution.storage import Store

CALLS_MAX = 10_000
"""Looked at together."""
LEVELS_MAX = 32
"""Up the path: Codex CLI has two or three. Loops of parent pointers end here too."""

Span = tuple[str, str]


def complete(store: Store, config: AttributionConfig) -> int:
    """Price calls of pending traces with what stands above them; how many changed."""
    changed = 0
    after = ("", "")
    while calls := store.rows(
        "completion/01_calls", names=list(TOLD_ABOVE), scopes=list(TOLD_ABOVE.values()), after=after, rows_max=CALLS_MAX
    ):
        changed += _complete(store, config, calls)
        after = (calls[-1]["trace_id"], calls[-1]["span_id"])
    return changed


def _complete(store: Store, config: AttributionConfig, calls: Sequence[Mapping[str, str]]) -> int:
    parents = {(row["trace_id"], row["span_id"]): (row["trace_id"], row["parent_span_id"]) for row in calls}
    models = _models_above(store, parents)
    told = {call: json.dumps({"model": model}, ensure_ascii=False) if model else "" for call, model in models.items()}
    before = {(row["trace_id"], row["span_id"]): row["told_above"] for row in calls}
    changed = {call: above for call, above in told.items() if above != before[call]}
    if changed:
        with completing(store, config, changed) as found:
            found.apply()
    return len(changed)


def _models_above(store: Store, parents: Mapping[Span, Span]) -> dict[Span, str]:
    """By call the model of the nearest span above it that names one; '' where none does."""
    models = dict.fromkeys(parents, "")
    climbing = {call: above for call, above in parents.items() if above[1]}
    for _ in range(LEVELS_MAX):
        if not climbing:
            break
        rows = store.rows("completion/02_spans", spans=sorted(set(climbing.values())))
        found = {(row["trace_id"], row["span_id"]): row for row in rows}
        models |= {call: found[above]["model"] for call, above in climbing.items() if above in found}
        climbing = {
            call: (above[0], found[above]["parent_span_id"])
            for call, above in climbing.items()
            if above in found and not found[above]["model"] and found[above]["parent_span_id"]
        }
    return models
