"""What the service counts about itself, declared once; the receiver's counters stand beside the receiver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

COUNTERS = {
    "spanledger_exporter_spans": ("Spans delivered, by exporter.", ("exporter",)),
    "spanledger_exporter_batches": ("Batches by exporter and outcome: ok, retry, given_up, quarantined, let_go.", ("exporter", "outcome")),
    "spanledger_forward_spans_let_go": ("Spans stored and never forwarded, because forwarding lagged, by exporter.", ("exporter",)),
    "spanledger_unread_usage": ("Spans with numbers that look like usage or cost and that no convention reads; see view unread_usage.", ()),
    "spanledger_attribution_passes": ("Attribution passes by outcome: ok, failed.", ("outcome",)),
    "spanledger_attribution_postings": ("Postings added to the ledger.", ()),
}
GAUGES = {
    "spanledger_spool_requests": ("Requests acknowledged and not yet stored.", ()),
    "spanledger_spool_spans": ("Spans acknowledged and not yet stored.", ()),
    "spanledger_spool_bytes": ("Bytes acknowledged and not yet stored.", ()),
    "spanledger_spool_quarantined": ("Requests set aside because they can never be stored.", ()),
    "spanledger_sender_spans": (
        "Spans by sender and what became of them: received = rejected + waiting + quarantined + dropped + delivered.",
        ("sender", "state"),
    ),
    "spanledger_store_spans": (
        "Spans by sender: stored, and duplicate (delivered again). Counted now and then; together they are what was delivered by then.",
        ("sender", "state"),
    ),
    "spanledger_cost_usd_total": (
        "USD posted, by who pays and for what; shared cost has no model. Corrections can lower it. The ledger is exact, this is a float.",
        ("team", "model", "bucket"),
    ),
    "spanledger_missing_spans": ("What the posted amounts lack, as the view missing counts it.", ("reason",)),
    "spanledger_missing_usd": ("USD of it, as far as known or estimated.", ("reason",)),
    "spanledger_audit_violations": ("Rows that the audits return; anything but 0 is wrong money.", ()),
}
HISTOGRAMS = {
    "spanledger_exporter_seconds": ("Duration of one batch.", ("exporter",)),
    "spanledger_attribution_seconds": ("Duration of one attribution.", ()),
}

REASONS = ("unpriced", "unobserved", "sampled", "pending", "quarantined", "rejected")
"""Why totals are only at least what they say (R15)."""


class Metrics:
    """The service's metrics in a Prometheus registry. One instance per registry."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self.registry = registry
        self._counters = {name: Counter(name, text, labels, registry=registry) for name, (text, labels) in COUNTERS.items()}
        self._gauges = {name: Gauge(name, text, labels, registry=registry) for name, (text, labels) in GAUGES.items()}
        self._histograms = {name: Histogram(name, text, labels, registry=registry) for name, (text, labels) in HISTOGRAMS.items()}

    def exported(self, exporter: str, outcome: str, spans: int, seconds: float) -> None:
        """A batch was tried."""
        self._counters["spanledger_exporter_batches"].labels(exporter, outcome).inc()
        self._counters["spanledger_exporter_spans"].labels(exporter).inc(spans)
        self._histograms["spanledger_exporter_seconds"].labels(exporter).observe(seconds)

    def unread(self, spans: int) -> None:
        """Spans told something that looks like usage, and nobody read it."""
        self._counters["spanledger_unread_usage"].inc(spans)

    def let_go(self, exporter: str, spans: int) -> None:
        """Spans will not be forwarded."""
        self._counters["spanledger_forward_spans_let_go"].labels(exporter).inc(spans)

    def attributed(self, outcome: str, postings: int, seconds: float) -> None:
        """An attribution ended."""
        self._counters["spanledger_attribution_passes"].labels(outcome).inc()
        self._counters["spanledger_attribution_postings"].inc(postings)
        self._histograms["spanledger_attribution_seconds"].observe(seconds)

    def sent(self, sender: str, state: str, spans: int) -> None:
        """What became of so many spans of a sender."""
        self._gauges["spanledger_sender_spans"].labels(sender, state).set(spans)

    def stored(self, sender: str, stored: int, duplicates: int) -> None:
        """What is stored of a sender."""
        self._gauges["spanledger_store_spans"].labels(sender, "stored").set(stored)
        self._gauges["spanledger_store_spans"].labels(sender, "duplicate").set(duplicates)

    def costs(self, series: Mapping[tuple[str, str, str], Decimal]) -> None:
        """What is posted by team, model and bucket."""
        gauge = self._gauges["spanledger_cost_usd_total"]
        gauge.clear()
        for labels, usd in series.items():
            gauge.labels(*labels).set(float(usd))

    def missing(self, lacking: Iterable[Mapping[str, Any]]) -> None:
        """What that lacks: rows of the view `missing` by reason."""
        found = {row["reason"]: row for row in lacking}
        for reason in REASONS:
            row = found.get(reason, {"count": 0, "usd": None})
            self._gauges["spanledger_missing_spans"].labels(reason).set(row["count"])
            self._gauges["spanledger_missing_usd"].labels(reason).set(float(row["usd"] or 0))

    def set(self, **gauges: float) -> None:
        """Set gauges, by name without `spanledger_`."""
        for name, value in gauges.items():
            self._gauges[f"spanledger_{name}"].set(value)
