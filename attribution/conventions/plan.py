"""How one shape of span is read: the table narrowed to the keys that spans of this shape have.

Spans of one emitter repeat a few shapes (scope and tuple of keys), and within a shape the same few names (model,
provider, kind ...). What depends on the shape is found once for it, what depends on names once for each set of names;
what is left for each span is its figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

from attribution.conventions import table, values
from attribution.conventions.dimensions import TAGS
from attribution.conventions.facts import Facts, find_facts, is_true, tier
from attribution.conventions.kinds import TELLING_NAMES
from attribution.conventions.reading import Reading, Value
from attribution.conventions.tokens import NAMES, READING_COUNTS, TOTAL, normalise

Source = tuple[str, tuple[str, ...]]
"""An attribute key and the path of members below it; an empty path is the value itself."""
Attributes = Mapping[str, Value]
Opened = Mapping[str, Mapping[str, Any]]
"""Members by key of the attributes that hold JSON or tags."""

FACTS_MAX = 4096
"""Sets of names remembered for one shape; ids among them (Claude Code's agents) must not fill the memory."""

_reading: Callable[..., Reading] = Reading
"""By position, for speed: the types of the fourteen counts in the middle cannot be told one by one."""
_NO_COUNTS: list[int | None] = [None] * len(NAMES)
_MLFLOW_USAGE = "mlflow.chat.tokenUsage"


def source(spelling: str) -> Source:
    """`key#a/b` of the table, parsed."""
    key, _, path = spelling.partition("#")
    return key, tuple(path.split("/")) if path else ()


def present(spellings: Iterable[str], keys: frozenset[str]) -> list[Source]:
    """The sources that a span with these keys has, in order."""
    return [found for found in map(source, spellings) if found[0] in keys]


def by_field(fields: Mapping[str, Sequence[str]], keys: frozenset[str]) -> dict[str, list[Source]]:
    """The same for each field, without those that such a span cannot have."""
    return {field: found for field, spellings in fields.items() if (found := present(spellings, keys))}


class Plan:
    """Reads the spans of one shape."""

    def __init__(self, scope: str, keys: Sequence[str], dimension_keys: Mapping[str, Sequence[str]], measures: Sequence[str] = ()) -> None:
        self._scope = scope
        self._dimension_keys = dimension_keys
        self._measure_keys = measures
        given = frozenset(keys)
        self._kinds = [key for key in table.KINDS if key in given]
        self._texts = by_field(table.TEXTS, given)
        self._response_ids = self._texts.pop("response_id", []) + present(_scoped_ids(scope), given)
        self._quoted_ids = [key for key, owner in table.QUOTED_RESPONSE_IDS.items() if key in given and scope.startswith(owner)]
        self._text_members = by_field(table.TEXT_MEMBERS, given)
        self._counts = _counts(given)
        self._units = by_field(table.UNITS, given)
        self._costs = present(table.COSTS, given)
        self._cost_parts = [found for parts in table.COST_PARTS if (found := present(parts, given))]
        self._dims = by_field(dimension_keys, given)
        self._measures = [(key, found) for key in measures for found in present((key,), given)]
        self._borne_elsewhere = not given.isdisjoint(table.IGNORED_USAGE)
        self._buckets = table.LANGFUSE_USAGE in given
        self._mlflow = _MLFLOW_USAGE in given
        self._has_parts = any(index > 1 for index, _ in self._counts)
        self._has_cost = bool(self._costs or self._cost_parts)
        self._containers = self._find_containers()
        self._pick = _picker(dict.fromkeys((*self._kinds, *(key for found in self._texts.values() for key, _ in found))))
        self._known: dict[tuple[Any, ...], Facts] = {}

    def _find_containers(self) -> list[str]:
        groups = [*self._text_members.values(), self._costs, *self._cost_parts, *self._units.values(), *self._dims.values()]
        groups += [found for _, found in self._counts]
        groups.append([found for _, found in self._measures])
        return list(dict.fromkeys(key for found in groups for key, path in found if path))

    def read(self, name: str, attributes: Attributes) -> Reading:
        """The reading of a span of this shape."""
        opened: Opened = self._open(attributes) if self._containers else {}
        if self._buckets and not opened[table.LANGFUSE_USAGE]:
            return self._read_without_buckets(name, attributes)
        facts = self._facts(name if name in TELLING_NAMES else "", attributes)
        counts = self._read_counts(attributes, opened, facts)
        units = self._read_units(attributes, opened) if self._units else {}
        cost = self._read_cost(attributes, opened) if self._has_cost else None
        usage = facts.usage((counts[0], counts[1]), cost, units=bool(units))
        if facts.verdict == "never":
            counts, units, cost = _NO_COUNTS, {}, None
        reading = _reading(
            usage,
            facts.operation,
            facts.provider,
            facts.model,
            facts.request_model,
            *counts[:READING_COUNTS],
            units,
            cost,
            facts.cache_hit,
            facts.service_tier,
            facts.speed,
            self._read_response_id(attributes, opened, facts) if self._response_ids or self._quoted_ids else "",
            facts.agent_of(name) if facts.agent_is_span_name else facts.agent,
            facts.workflow_name,
            facts.tool_of(name) if facts.tool_is_span_name else facts.tool,
            self._read_dimensions(attributes, opened) if self._dims else {},
            self._read_measures(attributes, opened) if self._measures else {},
        )
        if self._text_members:
            self._read_text_members(reading, attributes, opened)
        return reading

    def dimensions(self, attributes: Attributes) -> dict[str, str]:
        """The dimensions that the attributes name."""
        return self._read_dimensions(attributes, self._open(attributes))

    def _open(self, attributes: Attributes) -> Opened:
        return {key: values.tags(attributes[key]) if key in TAGS else values.members(attributes[key]) for key in self._containers}

    def _read_without_buckets(self, name: str, attributes: Attributes) -> Reading:
        """Empty or unreadable usage_details say nothing: the other keys then count."""
        rest = {key: value for key, value in attributes.items() if key != table.LANGFUSE_USAGE}
        return Plan(self._scope, tuple(rest), self._dimension_keys, self._measure_keys).read(name, rest)

    def _facts(self, name: str, attributes: Attributes) -> Facts:
        picked = (name, *self._pick(attributes))
        try:
            return self._known[picked]
        except (KeyError, TypeError):  # a list among the names cannot be looked up
            facts = self._find_facts(name, attributes)
        if all(type(value) is str for value in picked):  # 1 and True would be one key
            if len(self._known) >= FACTS_MAX:
                self._known.clear()
            self._known[picked] = facts
        return facts

    def _find_facts(self, name: str, attributes: Attributes) -> Facts:
        return find_facts(
            self._scope,
            name,
            {field: _first_text(sources, attributes, {}) for field, sources in self._texts.items()},
            {key: values.text(attributes[key]) for key in self._kinds},
            [values.text(attributes[key]) for key, _ in self._texts.get("provider", ())],
            borne_elsewhere=self._borne_elsewhere,
            mlflow=self._mlflow,
        )

    def _read_counts(self, attributes: Attributes, opened: Opened, facts: Facts) -> list[int | None]:
        counts = _NO_COUNTS.copy()
        for index, sources in self._counts:
            for key, path in sources:
                figure = values.member(opened[key], path) if path else attributes[key]
                if figure is None:
                    continue
                counted = values.count(figure)
                if counted is not None:
                    counts[index] = counted
                    break
        if self._has_parts:
            disjoint = self._buckets and opened[table.LANGFUSE_USAGE].keys().isdisjoint(table.OPENAI_USAGE_MEMBERS)
            normalise(counts, facts.emitter, disjoint=disjoint)
            if counts[0] is None and counts[1] is None and facts.operation == "embeddings":
                counts[0] = counts[TOTAL]  # an embedding has no output: its total is its input
        return counts

    def _read_units(self, attributes: Attributes, opened: Opened) -> dict[str, int | Decimal]:
        units: dict[str, int | Decimal] = {}
        for name, sources in self._units.items():
            for found in sources:
                figure = values.amount(_value(found, attributes, opened))
                if figure is not None:
                    units[name] = int(figure) if figure == figure.to_integral_value() else figure
                    break
        return units

    def _read_measures(self, attributes: Attributes, opened: Opened) -> dict[str, Decimal]:
        figures = ((key, values.amount(_value(found, attributes, opened))) for key, found in self._measures)
        return {key: figure for key, figure in figures if figure is not None}

    def _read_cost(self, attributes: Attributes, opened: Opened) -> Decimal | None:
        for found in self._costs:
            whole = values.cost(_value(found, attributes, opened))
            if whole is not None:
                return whole
        for parts in self._cost_parts:
            figures = [figure for found in parts for figure in _all_values(found, attributes, opened)]
            whole = sum((values.amount(figure) or Decimal(0) for figure in figures), Decimal(0))
            if whole:
                return whole
        return None

    def _read_response_id(self, attributes: Attributes, opened: Opened, facts: Facts) -> str:
        stated = _first_text(self._response_ids, attributes, opened)
        if stated or facts.verdict != "leaf":
            return stated
        return next((found for key in self._quoted_ids if (found := values.quoted_response_id(attributes[key]))), "")

    def _read_dimensions(self, attributes: Attributes, opened: Opened) -> dict[str, str]:
        found: dict[str, str] = {}
        for dimension, sources in self._dims.items():
            value = _first_text(sources, attributes, opened)
            if value:
                found[dimension] = value
        return found

    def _read_text_members(self, reading: Reading, attributes: Attributes, opened: Opened) -> None:
        if not reading.service_tier and "service_tier" in self._text_members:
            reading.service_tier = tier(_first_text(self._text_members["service_tier"], attributes, opened))
        if not reading.cache_hit and "cache_hit" in self._text_members:
            reading.cache_hit = is_true(_first_text(self._text_members["cache_hit"], attributes, opened))


def _scoped_ids(scope: str) -> list[str]:
    return [key for key, owner in table.SCOPED_RESPONSE_IDS.items() if scope.startswith(owner)]


def _counts(keys: frozenset[str]) -> list[tuple[int, list[Source]]]:
    """Sources by position in NAMES. Disjoint buckets and inclusive keys never mix: where there are buckets, only they count."""
    if table.LANGFUSE_USAGE in keys:
        keys = frozenset({table.LANGFUSE_USAGE})
    return [(index, found) for index, name in enumerate(NAMES) if (found := present(table.COUNTS[name], keys))]


def _picker(names: Iterable[str]) -> Callable[[Attributes], tuple[Any, ...]]:
    keys = tuple(names)
    if not keys:
        return lambda _: ()
    if len(keys) == 1:
        return lambda attributes: (attributes[keys[0]],)
    return itemgetter(*keys)


def _value(found: Source, attributes: Attributes, opened: Opened) -> Any:
    key, path = found
    return values.member(opened[key], path) if path else attributes[key]


def _all_values(found: Source, attributes: Attributes, opened: Opened) -> list[Any]:
    """The value of a source; of `key#*` every member."""
    key, path = found
    return list(opened[key].values()) if path == ("*",) else [_value(found, attributes, opened)]


def _first_text(sources: Sequence[Source], attributes: Attributes, opened: Opened) -> str:
    for key, path in sources:
        value = values.text(values.member(opened[key], path) if path else attributes[key])
        if value:
            return value
    return ""
