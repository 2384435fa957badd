"""From spans as a table of the Collector's exporter holds them to columns of `span_records`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from attribution.annotation import STATUS_ERROR, TOKEN_KINDS
from attribution.appraisal import Appraiser
from attribution.conventions import DIMENSIONS, Reading
from attribution.conventions.dimensions import TASK_TYPE_NAME, said_of_work
from attribution.prices import Price

AS_THEY_ARE = (
    "trace_id", "span_id", "parent_span_id", "name", "kind", "service", "start_time", "duration_ns", "status", "scope_name",
    "link_trace_ids", "link_span_ids",
)  # fmt: skip
"""Columns of a span that are taken over; times are ns since the epoch."""
READ = ("provider", "model", "response_id", "agent", "workflow_name", TASK_TYPE_NAME, *(f"{kind}_tokens" for kind in TOKEN_KINDS))
PRICED = (
    "usage", "bucket", "cost", "source", "price_id", "reported_cost", "computed_cost", "request_fees", "own_time_rate", "own_time_price_id",
    "knowledge",
)  # fmt: skip
_RESOURCE = (*DIMENSIONS, TASK_TYPE_NAME)
_COLUMNS = {"source": "cost_source", TASK_TYPE_NAME: f"span_{TASK_TYPE_NAME}"}
"""Where they are not called alike."""
COLUMNS = (
    *(_COLUMNS.get(name, name) for name in (*READ, *PRICED)),
    *(f"span_{dimension}" for dimension in DIMENSIONS),
    *(f"resource_{name}" for name in _RESOURCE),
)
"""Of `span_records`, in the order of a row's facts."""
SILENT = {name: 0 if name == "knowledge" else None if name.endswith(("_tokens", "cost", "_fees", "_rate")) else "" for name in COLUMNS}
"""What a column holds where nothing is put."""

_read: Callable[[Reading], tuple[Any, ...]] = attrgetter(*READ)
_priced: Callable[[Price], tuple[Any, ...]] = attrgetter(*PRICED)
_NOBODY = ("",) * len(DIMENSIONS)

Column = Sequence[Any]


def facts(appraiser: Appraiser, spans: Mapping[str, Column], source_table: str) -> dict[str, Column]:
    """Columns of `span_records` by name, without those that are empty for every span.

    Args:
        appraiser: reads and prices them.
        spans: columns of AS_THEY_ARE, `attributes` and `resource` as maps of text, and `holds`.
        source_table: where the spans are.

    """
    appraise, read_resource = appraiser.appraise, appraiser.conventions.read_resource
    resources: dict[tuple[tuple[str, str], ...], tuple[str, ...]] = {}
    rows = []
    versions = []
    taken = (spans[name] for name in ("scope_name", "name", "service", "attributes", "start_time", "duration_ns", "status", "holds"))
    for (scope, name, service, attributes, start_ns, duration_ns, status, holds), resource in zip(
        zip(*taken, strict=True), spans["resource"], strict=True
    ):
        reading, price = appraise(scope, name, service, attributes, start_ns, duration_ns, failed=status == STATUS_ERROR)
        held = tuple(resource.items())
        payer = resources.get(held)  # a batch has a few resources
        if payer is None:
            payer = resources[held] = _named(read_resource(resource), _RESOURCE)
        named = _named(said_of_work(reading.dims, dict(zip(_RESOURCE, payer, strict=True)), {}), DIMENSIONS) if reading.dims else _NOBODY
        tokens = (reading.input_tokens or 0) + (reading.output_tokens or 0)
        counts = (reading.input_tokens, reading.output_tokens, reading.cache_read_tokens, price.reported_cost)
        versions.append(version_of(start_ns, duration_ns, tokens, holds, has_usage=any(count is not None for count in counts)))
        rows.append((*_read(reading), *_priced(price), *named, *payer))
    columns: dict[str, tuple[Any, ...]] = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))
    told = {name: column for name, column in columns.items() if column.count(SILENT[name]) < len(column)}
    return {name: spans[name] for name in AS_THEY_ARE} | {"version": versions} | told | {"source_table": (source_table,) * len(rows)}


def version_of(start_ns: int, duration_ns: int, tokens: int, holds: int, *, has_usage: bool) -> int:
    """Which content of a span goes before (R1), the greater one, as `span_records` makes it; `holds`: of `tables/08_read`, 12 bits."""
    end = max(start_ns, 0) + duration_ns
    return (duration_ns > 0) << 63 | has_usage << 62 | end >> 20 << 19 | min(127, int(6 * math.log2(1 + tokens))) << 12 | holds


def first_of_each(spans: Iterable[tuple[str, str]], versions: Sequence[int]) -> Sequence[int]:
    """Where the content of each span stands that goes before its others."""
    first: dict[tuple[str, str], int] = {}
    for at, span in enumerate(spans):
        known = first.get(span)
        if known is None or versions[at] > versions[known]:
            first[span] = at
    return sorted(first.values())


def _named(dims: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    return tuple([dims.get(name, "") for name in names])
