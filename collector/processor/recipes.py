"""Recipes for the core: how what spans of one kind used and cost follows from their attributes.

Python reads and prices a span, and where its facts are constants of its names, single attributes as they are, or a sum over its counts, a
recipe says so. Spans that fit it are read and priced by the core (zig/recipes.zig), all others here. A recipe is kept only if it gives for
its own span what Python found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from attribution.annotation import COST, GEN_AI_COST, TOKENS
from attribution.appraisal import Appraiser
from attribution.conventions import DIMENSIONS, Reading
from attribution.conventions.dimensions import PAYER, TASK_TYPE_NAME, tags_of_span
from attribution.conventions.kinds import TELLING_NAMES
from attribution.conventions.plain import PLAIN_COUNTS, TOTAL_NAME, PlainReading
from attribution.conventions.values import NOTHING
from attribution.prices import Price
from attribution.prices.linear import Linear
from collector.core.core import Found, KnownRecipes, Request
from collector.core.native import sized, text, varint
from collector.processor.facts import FACTS, LETTERS, facts, plainly
from collector.processor.processed import Processed, annotation_of
from collector.processor.reading_pb2 import Resource
from collector.processor.values import decode, number_text
from collector.spool import Delivery

STATUS_ERROR = 2
"""OpenTelemetry's code of it."""

RECIPES_MAX = 4096
"""Then they are found anew: the few in use are back at once."""
SIGHTINGS_MAX = 8192
"""Kinds of spans remembered. A recipe is made when a kind is seen again: names that are never seen twice must cost nothing."""
FAILURES_MAX = 32
"""Spans of one kind that have no recipe, until no more are tried."""
SPAN_BYTES_MAX = 16_384
"""Of larger spans no recipe is made: recipes hold names and keys as they came."""
RESOURCES_KNOWN_MAX, RESOURCE_BYTES_MAX = 1024, 4096
COUNT_MAX = 10**12
"""The core leaves larger counts to Python: their sums need no more than 128 bits."""
_SUM_BITS_MAX = 125
_UNIT = Decimal(1).scaleb(-12)
_COLUMNS = list(FACTS)
_RESOURCE = tuple(f"resource_{dimension}" for dimension in (*DIMENSIONS, TASK_TYPE_NAME))
_GIVEN = ("sender", "signal", "tags", *_RESOURCE)
"""Columns that are the same for all spans of a delivery, then for all of a resource."""
_TEXTS = {"response_id": "response_id", "agent": "agent", "workflow_name": "workflow_name", "task_type": f"span_{TASK_TYPE_NAME}"}
"""Column by field of a PlainReading."""
_CONSTANT, _COUNT, _COST, _DOUBLE = range(4)
"""What is in an attribute that is added."""

assert DIMENSIONS[: len(PAYER)] == PAYER  # noqa: S101  (the core knows them by their positions)


class Recipes:
    """Of one configuration. Not thread safe: one belongs to one thread."""

    def __init__(self, library: Any, appraiser: Appraiser) -> None:
        """`library`: as core.built finds it. `appraiser`: reads and prices the spans that follow no recipe."""
        self._library = library
        self._appraiser = appraiser
        self._resources: dict[bytes, bytes] = {}
        self._forget()

    def find(self, delivery: Delivery) -> Found | None:
        """The recipes of the spans of a delivery; None where Python has to read all of it."""
        if len(self._kinds) >= RECIPES_MAX or self._appraiser.prices.edition is not self._edition:
            self._forget()
        return self._known.find(delivery.body, delivery.spans, _tags(delivery))

    def request(self, delivery: Delivery, found: Found) -> Request:
        """What the core needs to know to follow the recipes of a delivery: the texts of _GIVEN, those of each resource in turn."""
        of_delivery = (delivery.sender, delivery.signal, tags_of_span({}, delivery.tags))
        given = b"".join(map(text, of_delivery)) + b"".join(map(self._resource, found.resources))
        return Request(delivery.body, self._known, found.recipe_of, given, _tags(delivery))

    def learn(self, delivery: Delivery, raw: bytes, scope: str, span: Any, reading: Reading, price: Price) -> None:
        """Keep how a span was read and priced, for those that are like it.

        Args:
            delivery: that it came in.
            raw: the span as it is on the wire.
            scope: name of the instrumentation scope.
            span: a `Span` of reading.proto.
            reading: what it used.
            price: what it costs.

        """
        kind = hash((scope, reading.operation, reading.provider, reading.model, reading.request_model))
        if len(raw) > SPAN_BYTES_MAX or self._failures[kind] >= FAILURES_MAX or self._is_new(hash((kind, price.price_id))):
            return
        recipe = self._recipe(delivery, raw, scope, span, reading, price)
        if recipe and hash(recipe.kind) in self._kinds:
            return  # made a moment ago, of another span of this delivery
        if recipe and self._known.learn(recipe.kind + recipe.example):
            self._kinds.add(hash(recipe.kind))
        else:
            self._failures[kind] += 1

    def _forget(self) -> None:
        """Begin anew. What was found stays with the deliveries that follow it."""
        nothing = _many([text(word) for word in sorted(NOTHING)])
        given = bytes(_GIVEN.index(name) + 1 if name in _GIVEN else 0 for name in _COLUMNS)
        beginning = sized(LETTERS) + sized(given) + _many([text(name) for name in sorted(TELLING_NAMES)]) + nothing
        self._known = KnownRecipes(self._library, beginning)
        self._edition = self._appraiser.prices.edition
        self._kinds: set[int] = set()
        self._seen: set[int] = set()
        self._failures: Counter[int] = Counter()

    def _is_new(self, kind: int) -> bool:
        if kind in self._seen:
            return False
        if len(self._seen) >= SIGHTINGS_MAX:
            self._seen.clear()
            self._failures.clear()
        self._seen.add(kind)
        return True

    def _resource(self, raw: bytes) -> bytes:
        """Whom a resource names, as texts."""
        known = self._resources.get(raw)
        if known is None:
            resource: Any = Resource.FromString(raw)
            dims = self._appraiser.conventions.read_resource(resource.attributes)
            known = b"".join(text(dims.get(dimension, "")) for dimension in (*DIMENSIONS, TASK_TYPE_NAME))
            if len(self._resources) >= RESOURCES_KNOWN_MAX:
                self._resources.clear()
            if len(raw) <= RESOURCE_BYTES_MAX:
                self._resources[raw] = known
        return known

    def _recipe(self, delivery: Delivery, raw: bytes, scope: str, span: Any, reading: Reading, price: Price) -> _Recipe | None:
        attributes = span.attributes
        keys = [pair.key for pair in Span.FromString(raw).attributes]
        plain = self._appraiser.conventions.plain(scope, span.name, attributes)
        linear = self._appraiser.prices.linear(reading, span.start_time_unix_nano, price)
        if plain is None or linear is None or len(keys) != len(attributes) or not _is_read_so(plain, attributes, reading):
            return None
        counts = {name: decode(attributes[key]) for name, key in plain.counts.items()}
        priced = _priced(linear, counts, price)
        if priced is None:
            return None
        row = facts([Processed(delivery, None, (0,), [reading], [price], [{}], [0])])
        place = {key: at for at, key in enumerate(keys)}
        kind = b"".join(
            (
                text(scope),
                _many([text(key) for key in keys]),
                _many([varint(place[key]) + sized(attributes[key]) for key in plain.equal]),
                varint(plain.is_named),
                text(span.name),
                varint(span.status.code == STATUS_ERROR),
                _many([_numbers(_which(name), place[key], counts[name] == 0) for name, key in plain.counts.items()]),
                _many([_numbers(_COLUMNS.index(_TEXTS[field]), place[key]) for field, key in plain.texts.items()]),
                _many(
                    [
                        _numbers(DIMENSIONS.index(dimension), _COLUMNS.index(f"span_{dimension}"), place[key])
                        for dimension, key in plain.dims.items()
                    ]
                ),
                _numbers(plain.slack, max(linear.from_ns, 0), linear.until_ns, *linear.input_tokens),
                _many(
                    [b"".join(limit.get(name, 0).to_bytes(8, "little", signed=True) for name in PLAIN_COUNTS) for limit in linear.limits]
                ),
                priced,
            )
        )
        example = b"".join(
            (
                *plainly(row),
                _many([_numbers(_COLUMNS.index(name)) for name in ("cost", "computed_cost") if priced != _UNPRICED]),
                _many([_numbers(_COLUMNS.index(name), _which(name)) for name in plain.counts if name in FACTS]),
                _added(reading, price, plain.counts, has_gen_ai_cost=GEN_AI_COST in attributes, is_priced=priced != _UNPRICED),
            )
        )
        return _Recipe(kind, example)


class _Recipe(NamedTuple):
    """As the core reads it, one after the other."""

    kind: bytes
    """Which spans it is for, and what decides their cost."""
    example: bytes
    """The columns and the annotation of one of them, and what of these is another value in others."""


_UNPRICED = varint(0)


def _tags(delivery: Delivery) -> int:
    return sum(1 << at for at, dimension in enumerate(DIMENSIONS) if dimension in delivery.tags)


def _is_read_so(plain: PlainReading, attributes: Mapping[str, bytes], reading: Reading) -> bool:
    """Whether a span was read as its recipe would read it."""
    counts = {name: decode(attributes[key]) for name, key in plain.counts.items() if name != TOTAL_NAME}
    texts = {field: decode(attributes[key]) for field, key in plain.texts.items()}
    dims = {dimension: decode(attributes[key]) for dimension, key in plain.dims.items()}
    return (
        all(type(count) is int and count < COUNT_MAX for count in counts.values())
        and all(getattr(reading, name) == counts.get(name) for name in PLAIN_COUNTS)
        and all(getattr(reading, field) == value for field, value in texts.items())
        and dict(reading.dims) == dims
        and not reading.told
    )


def _priced(linear: Linear, counts: Mapping[str, int], price: Price) -> bytes | None:
    """The price of a token of each count in parts of a unit of 10^-12 USD, and how many parts a unit has; None where that is not what the
    span costs, _UNPRICED where what it costs does not follow from counts.
    """  # noqa: D205
    if not linear.weights and not linear.base:
        return _UNPRICED
    figure = linear.cost({name: count for name, count in counts.items() if name in PLAIN_COUNTS})
    units = [Fraction(weight) / Fraction(_UNIT) for weight in (linear.base, *(linear.weights.get(name, 0) for name in PLAIN_COUNTS))]
    parts = lcm(*(unit.denominator for unit in units))
    whole = [int(unit * parts) for unit in units]
    is_small = max(sum(map(abs, whole)) * COUNT_MAX, parts) < 1 << _SUM_BITS_MAX
    rounded = (Decimal(figure.numerator) / figure.denominator).quantize(_UNIT, ROUND_HALF_EVEN)
    if price.cost is None or price.cost != rounded or price.computed_cost != price.cost or not is_small:
        return None
    return varint(1) + b"".join(number.to_bytes(16, "little", signed=True) for number in (*whole, parts))


def _added(reading: Reading, price: Price, counts: Mapping[str, str], *, has_gen_ai_cost: bool, is_priced: bool) -> bytes:
    """The annotation: what of it is in each span, and what is the same in all."""
    if price.usage != "leaf":
        return _many([])
    variable = {COST: varint(_COST), GEN_AI_COST: varint(_DOUBLE)} if is_priced else {}
    variable |= {f"{TOKENS}{name.removesuffix('_tokens')}": _numbers(_COUNT, _which(name)) for name in counts if name in FACTS}
    added = annotation_of(reading, price, has_gen_ai_cost=has_gen_ai_cost)
    spelled = {key: value if isinstance(value, str) else number_text(value) for key, value in added.items()}
    return _many([text(key) + variable.get(key, varint(_CONSTANT) + text(value)) for key, value in spelled.items()])


def _which(name: str) -> int:
    """The core has the counts in this order, and the total after them."""
    return (*PLAIN_COUNTS, TOTAL_NAME).index(name)


def _numbers(*numbers: int) -> bytes:
    return b"".join(map(varint, numbers))


def _many(parts: Iterable[bytes]) -> bytes:
    held = list(parts)
    return varint(len(held)) + b"".join(held)
