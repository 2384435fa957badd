"""What happened to budgets, and who did what to them, when and why: rows that are added and never changed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from attribution.storage import Store

By = Literal["acknowledged", "extended", "paused", "resumed", "pushed", "set", "removed", "configured", "unconfigured"]
"""What people do."""
Kind = By | Literal["tier", "escalated", "refused", "throttled", "critical", "soft", "expired"]
"""And what the service notes."""
_COLUMNS = (
    "id", "at", "kind", "budget", "window_start", "key", "amount", "until", "who", "reason", "trace_id", "span_id", "detail",
)  # fmt: skip
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """One row of `budget_events`."""

    kind: Kind
    budget: str = ""
    """Empty: it is about a run."""
    window_start: datetime = EPOCH
    """The window that it is for."""
    key: tuple[str, ...] = ()
    amount: Decimal = Decimal(0)
    """In the unit of the budget: what is added to the limit, what was refused, the tier in percent."""
    until: datetime | None = None
    who: str = ""
    reason: str = ""
    trace_id: str = ""
    span_id: str = ""
    detail: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: uuid.UUID = field(default_factory=uuid.uuid4)


def keep_events(store: Store, new: Sequence[Event]) -> None:
    """Add events. Raises StorageError."""
    if new:
        store.insert("budget_events", _COLUMNS, [[_stored(one, name) for name in _COLUMNS] for one in new])


def events(store: Store, *, kinds: Sequence[str] = (), budget: str = "", rows_max: int = 10_000) -> list[Event]:
    """Events of some kinds (none: of all) and a budget (empty: of all), the latest `rows_max`, in order."""
    rows = store.rows("budgets/events", kinds=list(kinds), budget=budget, rows_max=rows_max)
    return [Event(**{name: _read(value) for name, value in row.items()}) for row in rows]


def _stored(one: Event, name: str) -> object:
    value = getattr(one, name)
    return list(value) if name == "key" else value


def _read(value: Any) -> Any:
    """The driver has times in UTC without saying so, and lists."""
    if isinstance(value, list):
        return tuple(value)
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
