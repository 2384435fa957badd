"""Metrics that count tokens and cost are kept, as totals to hold the records against; all others are counted and dropped.

What is kept is a request of metrics that holds nothing else, spooled with the signal `metric`.
"""

from __future__ import annotations

from typing import Any

from attribution.conventions.table import METRICS as COUNTED
from collector.receiver.signals import METRICS
from collector.receiver.validation import Verdict, Window, decoded, time_problem

_ADDED = frozenset({"sum", "histogram", "exponential_histogram"})
"""Kinds of metrics whose points add up; the last value of a gauge tells no total."""


def take_metrics(body: bytes, window: Window) -> Verdict:
    """Keep what counts tokens and cost. Raises RefusalError as `validate` does."""
    verdict = Verdict(body)
    request = decoded(verdict, METRICS)
    kept = METRICS.request()
    for resource_metrics in request.resource_metrics:
        metrics = []
        for scope_metrics in resource_metrics.scope_metrics:
            for metric in scope_metrics.metrics:
                points = _take(metric, verdict, window)
                if points:
                    verdict.points += points
                    metrics.append(metric)
        if metrics:
            kept.resource_metrics.add(resource=resource_metrics.resource).scope_metrics.add(metrics=metrics)
    verdict.body = kept.SerializeToString()
    return verdict


def _take(metric: Any, verdict: Verdict, window: Window) -> int:
    """Leave the points in a metric that are kept; how many."""
    kind = metric.WhichOneof("data")
    if kind is None:
        return 0
    points = getattr(metric, kind).data_points
    if metric.name not in COUNTED or kind not in _ADDED or (kind == "sum" and not metric.sum.is_monotonic):
        verdict.dropped += len(points)
        return 0
    good = []
    for place, point in enumerate(points):
        problem = time_problem("time_unix_nano", point.time_unix_nano, window)
        if problem:
            verdict.reject([f"data point {place} of {metric.name}: {problem}"])
        else:
            good.append(point)
    if len(good) < len(points):
        del points[:]
        points.extend(good)
    return len(good)
