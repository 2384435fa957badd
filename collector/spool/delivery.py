"""What the spool gives out: requests that wait, what was set aside, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SPAN, LOG, METRIC, FILE = "span", "log", "metric", "file"
"""What a request was sent as. Log records that tell of a call wait as spans. What a program kept in a file is imported, and never waits."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One acknowledged OTLP request."""

    seq: int
    """Position in the spool, ascending."""
    version: int
    """When it was received, ns since the epoch; no two spans that were ever received share version + i. The checksum holds it."""
    spans: int
    tags: Mapping[str, str]
    """Of the ingest key, as they were when the request was acknowledged."""
    body: bytes
    """ExportTraceServiceRequest, protobuf, validated; of METRIC an ExportMetricsServiceRequest."""
    sender: str = ""
    """Who sent it, by its ingest key."""
    signal: str = SPAN


@dataclass(frozen=True, slots=True)
class Division:
    """A request in two parts: what is stored, and what is set aside. Both are ExportTraceServiceRequests."""

    kept: bytes
    """Empty: nothing."""
    kept_spans: int
    aside: bytes
    aside_spans: int
    reason: str


@dataclass(frozen=True, slots=True)
class Depth:
    """What the spool holds. Bytes are those of the bodies."""

    requests: int
    spans: int
    bytes: int
    quarantined: int
    quarantined_bytes: int
    newest_seq: int
    """0: nothing is waiting."""
    oldest_received_ns: int | None
    """Nanoseconds since the epoch; None: nothing is waiting."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What was being carried to the store."""

    first_seq: int
    last_seq: int
    deaths: int
    """How often the process ended while it carried this request alone."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A request that could not be stored, without its body."""

    seq: int
    received_ns: int
    quarantined_ns: int
    reason: str
    spans: int
    size: int
    tags: Mapping[str, str]
    sender: str = ""
    signal: str = SPAN


@dataclass(frozen=True, slots=True)
class SenderDay:
    """What a sender sent on a day and what became of it, in spans."""

    sender: str
    day: int
    """Of the receipt, UTC, in days since the epoch."""
    received: int
    """In requests that were acknowledged."""
    rejected: int
    """In the acknowledgement, as invalid."""
    waiting: int
    """To be stored."""
    quarantined: int
    """Set aside, now."""
    dropped: int
    """Deleted from the quarantine by its owner."""
    delivered: int
    """The store has taken them; some may be duplicates there."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A row whose checksum does not match what it holds."""

    seq: int
    reason: str
