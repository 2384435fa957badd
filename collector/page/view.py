"""What a page is made from: the selection, who reads it, and how the service is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from attribution.budgets import Standing
from attribution.storage import Store
from collector.config import Config, Person
from collector.control.decisions import Part
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
class Counts:
    """What every budget has, at this moment."""

    at: datetime
    parts: Sequence[Part] = ()
    standing: Standing = field(default_factory=Standing)


def no_counts() -> Counts:
    """Of a service that decides nothing."""
    return Counts(datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class View:
    """One request for a page."""

    selection: Selection
    status: Status
    config: Config
    store: Store
    """Within the bounds of pages."""
    counts: Callable[[], Counts]
    user: Person | None = None
    """Who reads; None: anybody, who may do and see all."""
    is_signed_in: bool = False
    """By the provider, and so can sign out."""
    text: str = ""
    """What is searched for."""
    views: frozenset[str] = frozenset()
    """The views that there are."""
    trace_id: str = ""
    span_id: str = ""
    name: str = ""
    """Of the budget, month or dispute that the address names."""
    asked: Mapping[str, str] = field(default_factory=dict)
    """All parameters of the address."""

    def one(self, dimension: str) -> str | None:
        """The one value that this is narrowed to; None where there is none or there are several."""
        values = self.selection.among.get(dimension, ())
        return values[0] if len(values) == 1 else None
