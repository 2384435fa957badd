"""What a page is made from: the selection, who reads it, and how the service is."""

from __future__ import annotations

from dataclasses import dataclass

from attribution.configuration import AttributionConfig
from collector.page.selection import Selection


@dataclass(frozen=True, slots=True)
class Status:
    """How the service is, at this moment."""

    spool_requests: int = 0
    spool_spans: int = 0
    spool_bytes: int = 0
    quarantined: int = 0
    violations: int | None = None
    """Rows that the audits returned when they ran last; None: they have not run."""
    grpc_port: int = 0
    http_port: int = 0
    trouble: tuple[str, ...] = ()
    """Why `/readyz` says no."""


@dataclass(frozen=True, slots=True)
class View:
    """One request for a page."""

    selection: Selection
    status: Status
    config: AttributionConfig
    text: str = ""
    """What is searched for."""
    views: frozenset[str] = frozenset()
    """The views that there are."""
    trace_id: str = ""
    span_id: str = ""

    def one(self, dimension: str) -> str | None:
        """The one value that this is narrowed to; None where there is none or there are several."""
        values = self.selection.among.get(dimension, ())
        return values[0] if len(values) == 1 else None
