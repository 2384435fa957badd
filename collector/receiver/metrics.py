"""What the receiver counts, declared once."""

from __future__ import annotations

from typing import Literal, Protocol

from prometheus_client import REGISTRY, CollectorRegistry, Counter

from collector.receiver.outcome import Outcome

Transport = Literal["grpc", "http"]

COUNTERS = {
    "spanledger_receiver_requests": ("OTLP requests by outcome; full, busy and failed ones are sent again.", ("transport", "outcome")),
    "spanledger_receiver_bytes": ("Bytes of acknowledged requests, after decompression.", ("transport",)),
    "spanledger_receiver_spans_accepted": ("Spans, and log records of calls, that are durable and were acknowledged.", ("transport",)),
    "spanledger_receiver_spans_rejected": ("Invalid entries, reported to their sender as partial success.", ("transport",)),
    "spanledger_receiver_entries": (
        "Spans, log records and points of metrics by what became of them: kept, dropped (it tells of nothing that is paid), rejected.",
        ("signal", "outcome"),
    ),
}
"""Name to help text and labels."""


class ReceiverMetrics(Protocol):
    """Where the receiver counts."""

    def record(self, transport: Transport, outcome: Outcome, *, accepted: int = 0, rejected: int = 0, size: int = 0) -> None:
        """One request has been answered: spans accepted and rejected, bytes after decompression."""

    def took(self, signal: str, **entries: int) -> None:
        """What became of the entries of a request, by outcome."""


class PrometheusReceiverMetrics:
    """Counts in a Prometheus registry. One instance per registry."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        counters = [Counter(name, text, labels, registry=registry) for name, (text, labels) in COUNTERS.items()]
        self._requests, self._bytes, self._accepted, self._rejected, self._entries = counters

    def record(self, transport: Transport, outcome: Outcome, *, accepted: int = 0, rejected: int = 0, size: int = 0) -> None:
        """One request has been answered."""
        self._requests.labels(transport, outcome.value.label).inc()
        self._bytes.labels(transport).inc(size)
        self._accepted.labels(transport).inc(accepted)
        self._rejected.labels(transport).inc(rejected)

    def took(self, signal: str, **entries: int) -> None:
        """What became of the entries of a request, by outcome."""
        for outcome, count in entries.items():
            if count:
                self._entries.labels(signal, outcome).inc(count)
