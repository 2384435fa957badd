"""What people do to budgets and runs: acknowledge, extend, pause, resume. Each is a record of who and why, and none is ever changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from attribution.budgets.events import Event, events, keep_events
from attribution.budgets.limits import Limit, Limits
from attribution.budgets.standing import Standing
from attribution.configuration import AttributionConfig
from attribution.errors import NotFoundError, RefusedError
from attribution.storage import Store

TRACE_ID = re.compile(r"[0-9a-fA-F]{32}")
DIGITS_MAX, PLACES_MAX = 20, 12


def limit_of(config: AttributionConfig, name: str) -> Limit:
    """The limit of a budget. Raises NotFoundError."""
    found = Limits(config).by_name.get(name)
    if found is None:
        raise NotFoundError(f"there is no budget {name!r}; there is {', '.join(sorted(config.budgets)) or 'none: is `--config` missing?'}")
    return found


def acknowledge(store: Store, config: AttributionConfig, name: str, *, who: str, reason: str = "", key: Sequence[str] = ()) -> None:
    """Say that somebody knows: what is nearly spent is not told again in its window.

    `key` is which one of a budget that counts each value; none: all. Raises NotFoundError, RefusedError, StorageError.
    """
    keep_events(store, [_event("acknowledged", limit_of(config, name), who, reason, key)])


def extend(
    store: Store,
    config: AttributionConfig,
    name: str,
    amount: str,
    *,
    who: str,
    reason: str,
    key: Sequence[str] = (),
    until: datetime | None = None,
) -> Decimal:
    """Add to a limit, in the unit of the budget, for this window or until a moment; a negative amount takes it back.

    Returns what was added. Raises NotFoundError, RefusedError, StorageError.
    """
    limit, added = limit_of(config, name), _amount(amount)
    keep_events(store, [_event("extended", limit, who, _needed(reason), key, amount=added, until=until)])
    return added


def pause(store: Store, config: AttributionConfig, target: str, *, who: str, reason: str, until: datetime | None = None) -> None:
    """Refuse all calls of a run (32 hex digits), or of a budget's scope, critical ones too, until it is resumed or a moment.

    Raises NotFoundError, RefusedError, StorageError.
    """
    keep_events(store, [_about("paused", config, target, who, _needed(reason), until)])


def resume(store: Store, config: AttributionConfig, target: str, *, who: str, reason: str = "") -> None:
    """End a pause. Raises NotFoundError, RefusedError where it is not paused, StorageError."""
    event = _about("resumed", config, target, who, reason, None)
    standing = Standing.of(events(store, kinds=("paused", "resumed")))
    if not standing.pause(event.budget, event.trace_id, event.at):
        raise RefusedError(f"{target} is not paused")
    keep_events(store, [event])


def _event(
    kind: Any, limit: Limit, who: str, reason: str, key: Sequence[str] = (), *, amount: Decimal = Decimal(0), until: datetime | None = None
) -> Event:
    now = datetime.now(UTC)
    if key and len(key) != len(limit.key_names):
        names = ", ".join(limit.key_names) or "nothing"
        raise RefusedError(f"key: {limit.name} counts each value of {names}: {len(limit.key_names)} are needed, {len(key)} are given")
    _check_ahead(until, now)
    return Event(kind, limit.name, limit.window(now).start, tuple(key), amount, until, who, reason, at=now)


def _about(kind: Any, config: AttributionConfig, target: str, who: str, reason: str, until: datetime | None) -> Event:
    if not TRACE_ID.fullmatch(target):
        return _event(kind, limit_of(config, target), who, reason, until=until)
    _check_ahead(until, datetime.now(UTC))
    return Event(kind, until=until, who=who, reason=reason, trace_id=target.lower())


def _check_ahead(until: datetime | None, now: datetime) -> None:
    if until and until <= now:
        raise RefusedError(f"until: {until:%Y-%m-%dT%H:%M:%SZ} is over")


def _needed(reason: str) -> str:
    if not reason.strip():
        raise RefusedError("a reason is needed: it is kept with the record")
    return reason


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not amount or amount.as_tuple().exponent < -PLACES_MAX or amount.adjusted() > DIGITS_MAX:  # type: ignore[operator]
        raise RefusedError(
            f"{text!r} is no amount: a number with at most {PLACES_MAX} digits after the point is needed, such as 50 or 12.50"
        )
    return amount
