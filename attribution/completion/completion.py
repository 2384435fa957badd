"""Completes calls that leave to the spans above them what their price needs.

Codex CLI's usage stands on one span, its model on another; above Mastra's calls another span quotes the provider's answer, with what
the call's own leaves out. A span ends, and is sent, before the one above it, so no single delivery need hold both. Before a pass reads
the traces that it has taken, what stands above is looked up in the store, and the call is priced with it as if it had said so itself.
Whatever arrives later makes its trace pending, and is looked at then: the order of arrival does not matter (R14).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attribution.configuration import AttributionConfig
from attribution.conventions.answers import spelled, told_beside_tools
from attribution.conventions.table import ANSWER_FACTS, LEVELS_MAX, STEP_ANSWER, TOLD_ABOVE
from attribution.repricing import completing
from attribution.storage import Store

CALLS_MAX = 10_000
"""Looked at together."""

Span = tuple[str, str, str]
"""Trace, span and sender: what another sender sends prices no call (R16)."""


def complete(store: Store, config: AttributionConfig, traces: str = "pending") -> int:
    """Price calls with what stands above them; how many changed. Their session is kept too: log events name it.

    `traces`: the table of the traces that are looked at.
    """
    changed = 0
    after = ("", "", "")
    rules: dict[str, Any] = {
        "scopes": [rule.scope for rule in TOLD_ABOVE],
        "names": [rule.name for rule in TOLD_ABOVE],
        "leave_model": [rule.told[0] == "model" for rule in TOLD_ABOVE],
    }
    while calls := store.rows("completion/01_calls", **rules, traces=traces, after=after, rows_max=CALLS_MAX):
        changed += _complete(store, config, calls)
        after = _key(calls[-1])
    return changed


def _complete(store: Store, config: AttributionConfig, calls: Sequence[Mapping[str, Any]]) -> int:
    told = {_key(row): row["told_above"] for row in calls}
    above = _told_above(store, calls)
    changed = {call: text for call, text in above.items() if text != told[call]}
    if changed:
        with completing(store, config, changed) as found:
            found.apply()
    return len(changed)


def _told_above(store: Store, calls: Sequence[Mapping[str, Any]]) -> dict[Span, str]:
    """By call what the nearest spans above it of the same sender tell, as JSON; '' where none tells anything."""
    rules = {_key(row): TOLD_ABOVE[row["rule"] - 1] for row in calls}
    told: dict[Span, dict[str, str]] = {call: {} for call in rules}
    climbing = {_key(row): (row["trace_id"], row["parent_span_id"], row["sender"]) for row in calls if row["parent_span_id"]}
    for level in range(1, LEVELS_MAX + 1):
        if not climbing:
            break
        spans = sorted(set(climbing.values()))
        ids = sorted({(trace_id, span_id) for trace_id, span_id, _ in spans})
        rows = store.rows("completion/02_spans", spans=spans, ids=ids, answer_facts=ANSWER_FACTS, step_answer=STEP_ANSWER)
        there = {_key(row): {**row, "answer": row["answer"] or spelled(told_beside_tools(row["quoted"]))} for row in rows}
        next_up = {}
        for call, above in climbing.items():
            row, rule = there.get(above), rules[call]
            if row is None:
                continue
            for name in rule.told:
                if row[name]:
                    told[call].setdefault(name, row[name])
            if len(told[call]) < len(rule.told) and row["parent_span_id"] and level < rule.levels:
                next_up[call] = (above[0], row["parent_span_id"], above[2])
        climbing = next_up
    return {
        call: json.dumps(names, ensure_ascii=False, sort_keys=True) if rules[call].told[0] in names else "" for call, names in told.items()
    }


def _key(row: Mapping[str, str]) -> Span:
    return (row["trace_id"], row["span_id"], row["sender"])
