"""Columns of `span_records`: what repeats the wire, and what was read and what it costs.

Ids are lowercase hex. '' is absent, None is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from attribution.annotation import TOKEN_KINDS
from attribution.conventions import DIMENSIONS
from attribution.conventions.dimensions import TASK_TYPE_NAME, said_of_work, tags_of_span
from attribution.conventions.reading import Reading
from attribution.prices import Price
from collector.core.native import MAP, NAME, TEXT, TIME, UINT16, UINT64, Amount, List, Maybe, Name, Number, Text, Type
from collector.processor.processed import Processed

USAGES = {"none": 0, "leaf": 1, "aggregate": 2}
_USAGE = Number("Enum8('none' = 0, 'leaf' = 1, 'aggregate' = 2)", "b")
_MONEY, _RATE, _COUNT = Amount(12), Amount(18), Maybe(UINT64)
_FREE_TEXT = frozenset({"user", "session", "task"})
"""Dimensions that have too many different values for a dictionary."""
_DIMENSIONS = (*DIMENSIONS, TASK_TYPE_NAME)
_TOKENS = tuple(f"{kind}_tokens" for kind in TOKEN_KINDS)
_NAMES = ("provider", "model", "response_id", "agent", "workflow_name")
_READ: Callable[[Reading], tuple[Any, ...]] = attrgetter(*_NAMES, *_TOKENS)
_PRICE = (
    "usage", "bucket", "cost", "cost_source", "price_id", "reported_cost", "computed_cost", "request_fees", "own_time_rate",
    "own_time_price_id", "knowledge",
)  # fmt: skip
"""Columns for the fields of a Price, in their order."""

WIRE: Mapping[str, Type] = {
    "trace_id": TEXT,
    "span_id": TEXT,
    "parent_span_id": TEXT,
    "trace_state": TEXT,
    "name": NAME,
    "kind": NAME,
    "service": NAME,
    "start_time": TIME,
    "duration_ns": UINT64,
    "status": NAME,
    "status_message": TEXT,
    "scope_name": NAME,
    "scope_version": NAME,
    "resource": MAP,
    "attributes": MAP,
    "event_times": List(TIME),
    "event_names": List(NAME),
    "event_attributes": List(MAP),
    "link_trace_ids": List(TEXT),
    "link_span_ids": List(TEXT),
    "link_trace_states": List(TEXT),
    "link_attributes": List(MAP),
}
"""Columns that repeat what was sent, in the order of the core's."""

FACTS: Mapping[str, Type] = {
    "provider": NAME,
    "model": NAME,
    "response_id": TEXT,
    "agent": NAME,
    "workflow_name": NAME,
    **dict.fromkeys(_TOKENS, _COUNT),
    **{f"{of}_{dimension}": TEXT if dimension in _FREE_TEXT else NAME for of in ("span", "resource") for dimension in _DIMENSIONS},
    "usage": _USAGE,
    "bucket": NAME,
    "cost": _MONEY,
    "cost_source": NAME,
    "price_id": NAME,
    "reported_cost": _MONEY,
    "computed_cost": _MONEY,
    "request_fees": _MONEY,
    "own_time_rate": _RATE,
    "own_time_price_id": NAME,
    "knowledge": UINT16,
    "sender": NAME,
    "signal": NAME,
    "tags": NAME,
}
"""Columns of what was read and what it costs."""

_LETTERS: Mapping[type, str] = {Name: "N", Text: "T", Maybe: "C", Amount: "A"}
LETTERS = "".join(kind.code if isinstance(kind, Number) else _LETTERS[type(kind)] for kind in FACTS.values()).encode()
"""The kinds of FACTS, as the core knows them."""

COLUMNS: Mapping[str, Type] = {**WIRE, **FACTS}
"""What is inserted; the store works the others out."""


def facts(batch: Sequence[Processed]) -> dict[str, list[Any]]:
    """FACTS of the spans of a batch that Python has read, by column."""
    columns: dict[str, list[Any]] = {name: [] for name in FACTS}
    for processed in batch:
        _add_facts(columns, processed)
    return columns


def written(columns: Mapping[str, Type], values: Mapping[str, list[Any]]) -> dict[str, bytes]:
    """Columns as a block has them."""
    return {name: kind.written(values[name]) for name, kind in columns.items()}


def plainly(values: Mapping[str, list[Any]]) -> list[bytes]:
    """FACTS as the core takes them: names are written as texts."""
    return [(TEXT if kind is NAME else kind).written(values[name]) for name, kind in FACTS.items()]


def _add_facts(columns: dict[str, list[Any]], processed: Processed) -> None:
    """What was read and what it costs."""
    delivery, readings, rows = processed.delivery, processed.readings, len(processed.readings)
    columns["sender"] += [delivery.sender] * rows
    columns["signal"] += [delivery.signal] * rows
    columns["tags"] += [tags_of_span(reading.dims, delivery.tags) for reading in readings] if delivery.tags else [""] * rows
    resources = [processed.resources[at] for at in processed.resource_of]
    named = [said_of_work(reading.dims, resource, delivery.tags) for reading, resource in zip(readings, resources, strict=True)]
    _add_named(columns, "span", DIMENSIONS, named)
    columns[f"span_{TASK_TYPE_NAME}"] += [reading.task_type for reading in readings]
    _add_named(columns, "resource", _DIMENSIONS, resources)
    if rows:
        _extend(columns, (*_NAMES, *_TOKENS), map(_READ, readings))
        _extend(columns, _PRICE, processed.prices)


def _add_named(columns: dict[str, list[Any]], of: str, dimensions: Iterable[str], named: Sequence[Mapping[str, str]]) -> None:
    """Most dimensions are named by nobody."""
    present = set().union(*{id(each): each for each in named}.values())
    for dimension in dimensions:
        columns[f"{of}_{dimension}"] += [each.get(dimension, "") for each in named] if dimension in present else [""] * len(named)


def _extend(columns: dict[str, list[Any]], names: Sequence[str], rows: Iterable[tuple[Any, ...] | Price]) -> None:
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        columns[name].extend(map(USAGES.__getitem__, values) if name == "usage" else values)
