"""The entrance: attributes in, readings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from attribution.conventions import table
from attribution.conventions.dimensions import TASK_TYPE, TASK_TYPE_NAME, dimension_keys
from attribution.conventions.plain import PlainReading
from attribution.conventions.plan import Plan
from attribution.conventions.reading import Decode, Reading, as_it_is
from attribution.conventions.unread import unread_keys

PLANS_MAX = 4096
"""Shapes remembered: a service has dozens, and a sender that invents keys must not fill the memory."""
SHAPES_MAX = 8192
"""The same with all their keys. Emitters that number their messages in keys have many."""

_NONE: Mapping[str, Sequence[str]] = MappingProxyType({})
_Shape = tuple[str, tuple[str, ...]]
"""Scope and keys."""


class Conventions:
    """Reads spans and resources of every convention in the table.

    Args:
        dimensions: attribute keys by dimension that are tried before the built-in ones.
        measures: attribute keys (`key#member` of JSON) whose figures the prices count.
        decode: makes a Value of an attribute as it is given; only what is looked at is decoded.

    """

    def __init__(self, dimensions: Mapping[str, Sequence[str]] = _NONE, measures: Sequence[str] = (), decode: Decode = as_it_is) -> None:
        self._dimension_keys = dimension_keys(dimensions)
        self._resource_keys = {**self._dimension_keys, TASK_TYPE_NAME: TASK_TYPE}
        self._resource_wanted = frozenset(key.partition("#")[0] for keys in self._resource_keys.values() for key in keys)
        self._measures = tuple(measures)
        self._wanted = self._resource_wanted.union(key.partition("#")[0] for key in (*_table_keys(), *self._measures))
        self._read = self._wanted.union(table.QUOTED_RESPONSE_IDS, table.ANSWERS)
        self._decode = decode
        self._shapes: dict[_Shape, tuple[Plan, tuple[str, ...]]] = {}
        self._plans: dict[_Shape, Plan] = {}
        self._resource_plans: dict[tuple[str, ...], Plan] = {}

    @property
    def keys(self) -> frozenset[str]:
        """The attributes that a reading can depend on and that are stored."""
        return self._wanted

    def wanted(self, key: str) -> bool:
        """Whether a reading can depend on this attribute: others need not be decoded."""
        return key in self._read

    def reads_events(self, scope: str) -> bool:
        """Whether events of spans of this scope tell anything: only then are they worth looking at."""
        return scope in table.EVENT_SCOPES

    def with_events(self, attributes: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The attributes of a span and what its events tell, as `read_span` takes them; of several events the last one counts."""
        told = {spelled: value for event in events for key, value in event.items() if (spelled := table.EVENTS + key) in self._read}
        return {**attributes, **told} if told else attributes

    def read_span(self, scope: str, name: str, attributes: Mapping[str, Any], *, failed: bool = False) -> Reading:
        """What a span used and whom it names.

        Args:
            scope: name of the instrumentation scope.
            name: the span's name.
            attributes: the span's own, not decoded; those that are not `wanted` may be left out.
            failed: its status is an error.

        """
        plan, unread = self._plan(scope, attributes)
        reading = plan.read(name, attributes, failed=failed)
        if unread:
            reading.unread, reading.is_plain = unread, False
        return reading

    def plain(self, scope: str, name: str, attributes: Mapping[str, Any]) -> PlainReading | None:
        """How spans like this one are read, where their facts are constants or single attributes; None where they are not."""
        plan, unread = self._plan(scope, attributes)
        return None if unread or self.reads_events(scope) else plan.plain(name, attributes)

    def _plan(self, scope: str, attributes: Mapping[str, Any]) -> tuple[Plan, tuple[str, ...]]:
        shape = (scope, tuple(attributes))
        known = self._shapes.get(shape)
        return self._narrowed(shape) if known is None else known

    def read_resource(self, attributes: Mapping[str, Any]) -> dict[str, str]:
        """The dimensions that a resource names, and under `task_type` the kind of task."""
        keys = tuple(key for key in attributes if key in self._resource_wanted)
        if not keys:
            return {}
        plan = self._resource_plans.get(keys)
        if plan is None:
            plan = Plan("", keys, self._resource_keys, (), self._decode)
            _remember(self._resource_plans, keys, plan, PLANS_MAX)
        return plan.dimensions(attributes)

    def _narrowed(self, shape: _Shape) -> tuple[Plan, tuple[str, ...]]:
        """The plan of all shapes that are alike in the keys that are read; they share what it knows. And the keys that ought to be read."""
        scope, keys = shape
        alike = (scope, tuple(sorted(self._read.intersection(keys))))
        plan = self._plans.get(alike)
        if plan is None:
            plan = Plan(scope, alike[1], self._dimension_keys, self._measures, self._decode)
            _remember(self._plans, alike, plan, PLANS_MAX)
        known = plan, unread_keys(keys, self.wanted)
        _remember(self._shapes, shape, known, SHAPES_MAX)
        return known


def _remember(plans: dict[Any, Any], key: Any, plan: Any, entries_max: int) -> None:
    """Bounded: the few in use are back at once; an order of use would cost on every span."""
    if len(plans) >= entries_max:
        plans.clear()
    plans[key] = plan


def _table_keys() -> Iterator[str]:
    yield from table.KINDS
    for fields in (table.TEXTS, table.TEXT_MEMBERS, table.COUNTS, table.UNITS):
        for keys in fields.values():
            yield from keys
    yield from table.SCOPED_RESPONSE_IDS
    yield from table.COSTS
    for keys in table.COST_PARTS:
        yield from keys
    yield from table.IGNORED_USAGE
    yield from (
        *table.CURRENCIES,
        *table.CREDITS,
        *table.TOOLS_CALLED,
        table.ANSWER_FACTS,
        table.TOOL_CALL_ID,
        table.STRANDS_TIME,
        *table.PROVIDER_METADATA,
        *table.OWN_USAGES,
    )
