"""Costs as metrics, for who watches with Prometheus: what teams pay, and what these figures lack. The ledger is exact, these are floats."""

from __future__ import annotations

import time
from decimal import Decimal

from attribution.reports import OTHERS, costs_by_model, missing_of_all
from attribution.storage import Store
from collector.metrics import Metrics

SERIES_MAX = 500
"""Of teams, models and buckets, the most expensive; the others are one more: a Prometheus holds each for weeks."""
SECONDS_MIN = 15.0
"""Between two readings: what Prometheus scrapes by default."""
PACE = 50.0
"""A reading begins no sooner than this many times what the last one took: it costs at most two percent of a core."""


class Costs:
    """Belongs to one thread."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._next_at = 0.0

    def read(self, store: Store) -> None:
        """Set the metrics anew, where it is time to. Raises StorageError."""
        begun = time.monotonic()
        if begun < self._next_at:
            return
        rows = costs_by_model(store)
        series = {(row["team"], row["model"], row["bucket"]): row["usd"] for row in rows[:SERIES_MAX]}
        if rows[SERIES_MAX:]:
            series[OTHERS, OTHERS, OTHERS] = sum((row["usd"] for row in rows[SERIES_MAX:]), Decimal(0))
        self._metrics.costs(series)
        self._metrics.missing(missing_of_all(store))
        self._next_at = time.monotonic() + max(SECONDS_MIN, PACE * (time.monotonic() - begun))
