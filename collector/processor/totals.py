"""Points of metrics as rows of `metric_points`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

from attribution.conventions import Conventions, values
from attribution.conventions.table import METRIC_MODELS, METRIC_TOKEN_TYPES, METRICS, TOKEN_TYPES
from collector.processor.values import decode
from collector.spool import Delivery

COLUMNS = (
    "sender", "service", "metric", "series", "start_time", "slot", "time", "is_cumulative", "unit", "token_type", "model", "session",
    "user", "team", "total",
)  # fmt: skip
HOUR_NS = 3600 * 10**9
SERVICE_NAME = "service.name"

Row = tuple[Any, ...]
"""In the order of COLUMNS."""
Encoded = Mapping[str, bytes]
"""Attributes with their values as they are on the wire."""


def totals(delivery: Delivery, conventions: Conventions) -> list[Row]:
    """The rows of a delivery of metrics. Raises ValueError where its bytes are no request, which the receiver has ruled out."""
    rows = []
    for resource_metrics in ExportMetricsServiceRequest.FromString(delivery.body).resource_metrics:
        resource = _encoded(resource_metrics.resource.attributes)
        named = conventions.read_resource(resource)
        for metric in (metric for scope in resource_metrics.scope_metrics for metric in scope.metrics):
            for point, is_cumulative, total in _points(metric):
                attributes = _encoded(point.attributes)
                dims = {**named, **conventions.read_resource(attributes), **delivery.tags}
                rows.append(_row(delivery, metric.name, resource, attributes, dims, point, is_cumulative, total))
    return rows


def _points(metric: Any) -> Iterator[tuple[Any, bool, Decimal]]:
    data = getattr(metric, metric.WhichOneof("data"))
    is_cumulative = data.aggregation_temporality != AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
    for point in data.data_points:
        total = values.amount(getattr(point, point.WhichOneof("value") or "as_int") if hasattr(point, "as_int") else point.sum)
        if total is not None:
            yield point, is_cumulative, round(total, 12)


def _row(
    delivery: Delivery,
    metric: str,
    resource: Encoded,
    attributes: Encoded,
    dims: Mapping[str, str],
    point: Any,
    is_cumulative: bool,
    total: Decimal,
) -> Row:
    token_type = _text(METRIC_TOKEN_TYPES, attributes)
    time = point.time_unix_nano
    return (
        delivery.sender,
        _text((SERVICE_NAME,), resource),
        metric,
        _hash(delivery.sender, resource, attributes),
        point.start_time_unix_nano,
        time - time % HOUR_NS if is_cumulative else time,
        time,
        is_cumulative,
        METRICS[metric],
        TOKEN_TYPES.get(token_type.lower(), token_type),
        _text(METRIC_MODELS, attributes),
        dims.get("session", ""),
        dims.get("user", ""),
        dims.get("team", ""),
        total,
    )


def _encoded(attributes: Any) -> dict[str, bytes]:
    return {pair.key: pair.value.SerializeToString() for pair in attributes}


def _text(keys: tuple[str, ...], attributes: Encoded) -> str:
    return next((text for key in keys if (text := values.text(decode(attributes.get(key, b""))))), "")


def _hash(sender: str, *attributes: Encoded) -> int:
    said = "\0".join([sender, *(f"{key}={value.hex()}" for each in attributes for key, value in sorted(each.items()))])
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8], "big")
