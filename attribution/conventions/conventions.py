"""The entrance: attributes in, readings out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from attribution.conventions import table
from attribution.conventions.dimensions import dimension_keys
from attribution.conventions.plan import Plan
from attribution.conventions.reading import Reading, Value

PLANS_MAX = 4096
"""Shapes remembered: a service has dozens, and a sender that invents keys must not fill the memory."""

_NONE: Mapping[str, Sequence[str]] = MappingProxyType({})


class Conventions:
    """Reads spans and resources of every convention in the table.

    Args:
        dimensions: attribute keys by dimension that are tried before the built-in ones.
        measures: attribute keys (`key#member` of JSON) whose figures the prices count.

    """

    def __init__(self, dimensions: Mapping[str, Sequence[str]] = _NONE, measures: Sequence[str] = ()) -> None:
        self._dimension_keys = dimension_keys(dimensions)
        self._dimension_wanted = frozenset(key.partition("#")[0] for keys in self._dimension_keys.values() for key in keys)
        self._measures = tuple(measures)
        self._wanted = self._dimension_wanted.union(key.partition("#")[0] for key in (*_table_keys(), *self._measures))
        self._read = self._wanted.union(table.QUOTED_RESPONSE_IDS)
        self._plans: dict[tuple[str, tuple[str, ...]], Plan] = {}
        self._resource_plans: dict[tuple[str, ...], Plan] = {}

    @property
    def keys(self) -> frozenset[str]:
        """The attributes that a reading can depend on and that are stored."""
        return self._wanted

    def wanted(self, key: str) -> bool:
        """Whether a reading can depend on this attribute: others need not be decoded."""
        return key in self._read

    def read_span(self, scope: str, name: str, attributes: Mapping[str, Value]) -> Reading:
        """What a span used and whom it names.

        Args:
            scope: name of the instrumentation scope.
            name: the span's name.
            attributes: the span's own; those that are not `wanted` may be left out.

        """
        shape = (scope, tuple(attributes))
        plan = self._plans.get(shape)
        if plan is None:
            plan = self._plan(shape)
        return plan.read(name, attributes)

    def read_resource(self, attributes: Mapping[str, Value]) -> dict[str, str]:
        """The dimensions that a resource names."""
        keys = tuple(key for key in attributes if key in self._dimension_wanted)
        if not keys:
            return {}
        plan = self._resource_plans.get(keys)
        if plan is None:
            if len(self._resource_plans) >= PLANS_MAX:
                self._resource_plans.clear()
            plan = self._resource_plans[keys] = Plan("", keys, self._dimension_keys)
        return plan.dimensions(attributes)

    def _plan(self, shape: tuple[str, tuple[str, ...]]) -> Plan:
        if len(self._plans) >= PLANS_MAX:
            self._plans.clear()  # the few shapes in use are back at once; an order of use would cost on every span
        scope, keys = shape
        plan = self._plans[shape] = Plan(scope, tuple(key for key in keys if key in self._read), self._dimension_keys, self._measures)
        return plan


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
