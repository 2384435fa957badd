"""Processed deliveries as a block of `span_records`.

Of attributes of resources, spans, events and links the key decides whether they are content; where content is dropped, no attribute of such
a key is kept and no member of an object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from attribution.conventions import is_content
from collector.core import native
from collector.core.core import Core, Request
from collector.core.native import Pairs
from collector.processor.facts import COLUMNS, FACTS, LETTERS, WIRE, facts, plainly, written
from collector.processor.processed import Processed
from collector.processor.values import STRING, decode, number_text, text

KINDS = ("Unspecified", "Internal", "Server", "Client", "Producer", "Consumer")
STATUSES = ("Unset", "Ok", "Error")
_TIME_MAX = 2**63 - 1
"""Nanoseconds of the last moment that the store knows."""
_NOTHING = native.varint(0)
"""How many attributes are added to most spans."""


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
        rows = sum(processed.delivery.spans for processed in batch)
        if not rows:
            return native.block(COLUMNS, {}, 0)
        with self.from_core(batch) as found:
            return native.block(COLUMNS, found or self.from_python([processed.whole for processed in batch]), rows)

    @contextmanager
    def from_core(self, batch: Sequence[Processed]) -> Iterator[dict[str, memoryview]]:
        """The columns as the core writes them, while they are there; none where there is no core, or where it leaves a batch to Python."""
        if self._core is None:
            yield {}
            return
        requests = [processed.followed or Request(processed.delivery.body) for processed in batch]
        rows, read = sum(processed.delivery.spans for processed in batch), sum(len(processed.positions) for processed in batch)
        added = b"".join(map(self._added, batch))
        with self._core.columns(requests, rows, LETTERS, len(COLUMNS), plainly(facts(batch)), read, added) as found:
            yield dict(zip(COLUMNS, found, strict=True)) if found else {}

    def from_python(self, batch: Sequence[Processed]) -> dict[str, bytes]:
        """The columns of deliveries that Python has read."""
        return written(WIRE, self.wire(batch)) | written(FACTS, facts(batch))

    def _added(self, processed: Processed) -> bytes:
        """The annotations of a delivery as the core reads them."""
        texts, annotations = self._names, processed.annotations
        parts = []
        for at in processed.positions:
            added = annotations.get(at, {})
            parts.append(
                native.varint(len(added)) + b"".join([texts[each] for pair in added.items() for each in pair]) if added else _NOTHING
            )
        return b"".join(parts)

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


def _named(names: Sequence[str], number: int) -> str:
    """What the wire calls by its number; what it does not know is the first."""
    return names[number] if 0 <= number < len(names) else names[0]


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
