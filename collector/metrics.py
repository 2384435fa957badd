"""What the service counts about itself, declared once; the receiver's counters stand beside the receiver."""

from __future__ import annotations

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
    "spanledger_audit_violations": ("Rows that the audits return; anything but 0 is wrong money.", ()),
}
HISTOGRAMS = {
    "spanledger_exporter_seconds": ("Duration of one batch.", ("exporter",)),
    "spanledger_attribution_seconds": ("Duration of one attribution.", ()),
}


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

    def set(self, **gauges: float) -> None:
        """Set gauges, by name without `spanledger_`."""
        for name, value in gauges.items():
            self._gauges[f"spanledger_{name}"].set(value)
