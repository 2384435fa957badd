"""Processed deliveries as a block of `span_records`.

Ids are lowercase hex. '' is absent, None is unknown. Of attributes of resources, spans, events and links the key decides whether they are
content; where content is dropped, no attribute of such a key is kept and no member of an object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from attribution.annotation import TOKEN_KINDS
from attribution.conventions import DIMENSIONS, is_content
from attribution.conventions.dimensions import TASK_TYPE_NAME, said_of_work, tags_of_span
from attribution.conventions.reading import Reading
from attribution.prices import Price
from collector.exporter import native
from collector.exporter.core import Core
from collector.exporter.native import MAP, NAME, TEXT, TIME, UINT16, UINT64, Amount, List, Maybe, Number, Pairs, Type
from collector.processor import Processed
from collector.processor.values import STRING, decode, number_text, text

KINDS = ("Unspecified", "Internal", "Server", "Client", "Producer", "Consumer")
STATUSES = ("Unset", "Ok", "Error")
USAGES = {"none": 0, "leaf": 1, "aggregate": 2}
_USAGE = Number("Enum8('none' = 0, 'leaf' = 1, 'aggregate' = 2)", "b")
_MONEY, _RATE, _COUNT = Amount(12), Amount(18), Maybe(UINT64)
_TIME_MAX = 2**63 - 1
"""Nanoseconds of the last moment that the store knows."""
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

_NOTHING = native.varint(0)
"""How many attributes are added to most spans."""

COLUMNS: Mapping[str, Type] = {**WIRE, **FACTS}
"""What is inserted; the store works the others out."""


class SpanRecords:
    """Turns deliveries into blocks."""

    def __init__(self, *, keep_content: bool, core: Core | None = None) -> None:
        """`keep_content`: attributes that hold content are kept. `core`: writes WIRE where it can."""
        self._core = core
        self._keep_content = keep_content
        self._kept = _KeptKeys(keep_content=keep_content)
        self._texts = _Texts(keep_content=keep_content)
        self._names = _Names()

    def block(self, batch: Sequence[Processed]) -> bytes:
        """All spans of deliveries of spans and logs as one block, in their order; one without rows where there are none."""
        facts = self.facts(batch)
        rows = len(facts["usage"])
        if not rows:
            return native.block(COLUMNS, {}, 0)
        values = self._from_core(batch) or _written(WIRE, self.wire(batch))
        return native.block(COLUMNS, values | _written(FACTS, facts), rows)

    def _from_core(self, batch: Sequence[Processed]) -> dict[str, bytes]:
        """WIRE as the core writes it; empty where there is none, or where it leaves a batch to Python."""
        if self._core is None:
            return {}
        rows = sum(len(processed.prices) for processed in batch)
        found = self._core.columns([processed.delivery.body for processed in batch], rows, b"".join(map(self._added, batch)))
        return dict(zip(WIRE, found or (), strict=bool(found)))

    def _added(self, processed: Processed) -> bytes:
        """The annotations of a delivery as the core reads them."""
        texts, annotations = self._names, processed.annotations
        parts = [_NOTHING] * len(processed.prices)
        for at, added in annotations.items():
            parts[at] = native.varint(len(added)) + b"".join([texts[each] for pair in added.items() for each in pair])
        return b"".join(parts)

    @staticmethod
    def facts(batch: Sequence[Processed]) -> dict[str, list[Any]]:
        """FACTS of a batch, by column."""
        columns: dict[str, list[Any]] = {name: [] for name in FACTS}
        for processed in batch:
            _add_facts(columns, processed)
        return columns

    def wire(self, batch: Sequence[Processed]) -> dict[str, list[Any]]:
        """WIRE of a batch, by column."""
        columns: dict[str, list[Any]] = {name: [] for name in WIRE}
        for processed in batch:
            self._add_spans(columns, processed)
        return columns

    def _add_spans(self, columns: dict[str, list[Any]], processed: Processed) -> None:
        for resource_spans in processed.request.resource_spans:
            attributes = resource_spans.resource.attributes
            resource, service = self._pairs(attributes), self._text(attributes.get("service.name", b""))
            for scope_spans in resource_spans.scope_spans:
                spans, scope = scope_spans.spans, scope_spans.scope
                rows = len(spans)
                columns["resource"] += [resource] * rows
                columns["service"] += [service] * rows
                columns["scope_name"] += [scope.name] * rows
                columns["scope_version"] += [scope.version] * rows
                columns["trace_id"] += [span.trace_id.hex() for span in spans]
                columns["span_id"] += [span.span_id.hex() for span in spans]
                columns["parent_span_id"] += [span.parent_span_id.hex() for span in spans]
                columns["trace_state"] += [span.trace_state for span in spans]
                columns["name"] += [span.name for span in spans]
                columns["kind"] += [_named(KINDS, span.kind) for span in spans]
                self._add_times(columns, spans)
                statuses = [span.status for span in spans]
                columns["status"] += [_named(STATUSES, status.code) for status in statuses]
                columns["status_message"] += [status.message for status in statuses]
                self._add_events(columns, [span.events for span in spans])
                self._add_links(columns, [span.links for span in spans])
        self._add_attributes(columns, processed)

    @staticmethod
    def _add_times(columns: dict[str, list[Any]], spans: Sequence[Any]) -> None:
        starts = [min(span.start_time_unix_nano, _TIME_MAX) for span in spans]
        columns["start_time"] += starts
        ends = [min(span.end_time_unix_nano, _TIME_MAX) for span in spans]
        # A span cannot end before it starts.
        columns["duration_ns"] += [max(end - start, 0) for start, end in zip(starts, ends, strict=True)]

    def _add_events(self, columns: dict[str, list[Any]], events: Sequence[Sequence[Any]]) -> None:
        columns["event_times"] += [[min(event.time_unix_nano, _TIME_MAX) for event in of_span] if of_span else () for of_span in events]
        columns["event_names"] += [[event.name for event in of_span] if of_span else () for of_span in events]
        columns["event_attributes"] += [[self._pairs(event.attributes) for event in of_span] if of_span else () for of_span in events]

    def _add_links(self, columns: dict[str, list[Any]], links: Sequence[Sequence[Any]]) -> None:
        columns["link_trace_ids"] += [[link.trace_id.hex() for link in of_span] if of_span else () for of_span in links]
        columns["link_span_ids"] += [[link.span_id.hex() for link in of_span] if of_span else () for of_span in links]
        columns["link_trace_states"] += [[link.trace_state for link in of_span] if of_span else () for of_span in links]
        columns["link_attributes"] += [[self._pairs(link.attributes) for link in of_span] if of_span else () for of_span in links]

    def _add_attributes(self, columns: dict[str, list[Any]], processed: Processed) -> None:
        added = processed.annotations
        columns["attributes"] += [
            self._annotated(span.attributes, added[at]) if at in added else self._pairs(span.attributes)
            for at, span in enumerate(processed.spans)
        ]

    def _pairs(self, attributes: Mapping[str, bytes]) -> Pairs:
        """Attributes that are kept, by key, with their values as text."""
        kept, texts = self._kept, self._texts
        keys = [key for key in sorted(attributes) if kept[key]]
        # Text stands on the wire just as a block wants it, with its length before it.
        return keys, [
            raw[1:] if raw and raw[0] == STRING and len(raw) == raw[1] + 2 else texts[raw] for raw in [attributes[key] for key in keys]
        ]

    def _text(self, raw: bytes) -> str:
        return text(decode(raw), keep_content=self._keep_content)

    def _annotated(self, attributes: Mapping[str, bytes], added: Mapping[str, str | float]) -> Pairs:
        """With the annotation, which replaces attributes of its names."""
        if any(key in attributes for key in added):
            attributes = {key: attributes[key] for key in attributes if key not in added}
        keys, texts = self._pairs(attributes)
        return [*keys, *added], [*texts, *map(self._names.__getitem__, added.values())]


def _written(columns: Mapping[str, Type], values: Mapping[str, list[Any]]) -> dict[str, bytes]:
    return {name: kind.written(values[name]) for name, kind in columns.items()}


def _named(names: Sequence[str], number: int) -> str:
    """What the wire calls by its number; what it does not know is the first."""
    return names[number] if 0 <= number < len(names) else names[0]


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


class _Known(dict[Any, Any]):
    """What was worked out before, within bounds: a sender that invents keys or values must not fill the memory."""

    ENTRIES_MAX, SIZE_MAX = 100_000, 64
    """Longer keys are worked out each time."""

    def keep(self, key: Any, found: Any) -> Any:
        """What was found for a key."""
        if len(self) >= self.ENTRIES_MAX:
            self.clear()
        self[key] = found
        return found


class _KeptKeys(_Known):
    """Whether attributes of a key are kept."""

    def __init__(self, *, keep_content: bool) -> None:
        super().__init__()
        self._keep_content = keep_content

    def __missing__(self, key: str) -> bool:
        kept = self._keep_content or not is_content(key)
        return self.keep(key, kept) if len(key) <= self.SIZE_MAX else kept


class _Texts(_Known):
    """Values as a block has them, by their bytes on the wire: most are counts and flags."""

    def __init__(self, *, keep_content: bool) -> None:
        super().__init__()
        self._keep_content = keep_content

    def __missing__(self, raw: bytes) -> bytes:
        written = native.text(text(decode(raw), keep_content=self._keep_content))
        return self.keep(raw, written) if len(raw) <= self.SIZE_MAX else written


class _Names(_Known):
    """Keys and values of annotations as a block has them; 1 and 1.0 are spelled alike."""

    def __missing__(self, value: str | float) -> bytes:
        spelled = value if isinstance(value, str) else number_text(value)
        return self.keep(value, native.text(spelled)) if len(spelled) <= self.SIZE_MAX else native.text(spelled)
