"""Calls of an import that the program's own telemetry told already: they are left out, each for one that it told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from attribution.storage import Store
from collector.importing.spans import Record, Telemetry
from collector.importing.values import TOKENS

ONE_CALL_NS = 10**8
"""How far records of two signals that tell one call end apart at most (R1)."""
Counts = tuple[int, int]
"""Input and output tokens."""


def without_told(store: Store, records: Sequence[Record], sender: str) -> tuple[list[Record], Counter[str]]:
    """The records that are no call that telemetry told, and how many calls of each session are left out.

    What the same sender told of the same session needs no such care: it and the record are one call by session and counts, whichever
    comes first (R1).

    Args:
        store: where the telemetry is.
        records: of a batch.
        sender: under whose name they are stored.

    """
    if not any(record.telemetry for record in records):
        return list(records), Counter()
    told = _told(store, records)
    kept, left_out = [], Counter[str]()
    for record in records:
        fitting = _fitting(record, record.telemetry, told) if record.telemetry else []
        # What is one call with it goes first, then what is nearest.
        match = min(fitting, key=lambda row: (not _is_one_call(record, row, sender), abs(row["end_ns"] - record.end_ns)), default=None)
        if match is not None:
            told[_counts(record)].remove(match)
        if match is None or _is_one_call(record, match, sender):
            kept.append(record)
        elif record.telemetry:
            left_out[record.telemetry.session] += 1
    return kept, left_out


def _counts(record: Record) -> Counts:
    return int(record.attributes.get(TOKENS["input"], 0)), int(record.attributes.get(TOKENS["output"], 0))


def _told(store: Store, records: Sequence[Record]) -> dict[Counts, list[dict[str, Any]]]:
    """What is no import and tells of the sessions and traces of the records, by its counts."""
    telling = [record.telemetry for record in records if record.telemetry]
    rows = store.rows(
        "reports/calls_told",
        sessions=sorted({each.session for each in telling if each.session}),
        traces=sorted({each.trace for each in telling if each.trace}),
    )
    imports = {(record.service, record.scope) for record in records}
    told = defaultdict(list)
    for row in rows:
        if (row["service"], row["scope"]) not in imports:
            told[row["input"], row["output"]].append(row)
    return told


def _fitting(record: Record, of: Telemetry, told: Mapping[Counts, Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What may be told of a call: in its session or trace, with its counts and at its time."""
    return [
        row
        for row in told.get(_counts(record), ())
        if (row["session"] == of.session or row["trace_id"] == of.trace) and of.since_ns <= row["end_ns"] <= of.until_ns
    ]


def _is_one_call(record: Record, row: Mapping[str, Any], sender: str) -> bool:
    """Whether attribution makes one call of both."""
    session: str = row["session"]
    return (
        row["sender"] == sender
        and session == record.attributes.get("session.id")
        and bool(abs(row["end_ns"] - record.end_ns) <= ONE_CALL_NS)
    )
