"""Months close: their statements never change again, and what arrives late is posted into the open month (R12)."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from attribution.attribute import attribute_all
from attribution.configuration import AttributionConfig
from attribution.disputes import check_signed
from attribution.errors import RefusedError
from attribution.periods import check_period, is_closed, is_pruned, running_month
from attribution.statements import keep_items
from attribution.storage import Store
from attribution.storage.lease import lease


def close(store: Store, config: AttributionConfig, period: str, now: datetime | None = None) -> list[dict[str, Any]]:
    """Attribute what is pending, then freeze a month.

    Args:
        store: where the ledger is.
        config: what attribution follows.
        period: a month that has ended in the configured zone, such as 2026-10.
        now: with a time zone; None: this moment.

    Returns:
        The month's rows of `statements`.

    Raises:
        RefusedError: the text is no month, or the month has not ended, is closed already, or lacks a sign-off that is required.

    """
    check_period(period)
    current = running_month(config.periods.timezone, now)
    if period >= current:
        raise RefusedError(f"{period} has not ended: it is {current} in {config.periods.timezone}")
    with lease(store):
        if is_closed(store, period):
            raise RefusedError(f"{period} is closed already")
        attribute_all(store, config)
        check_signed(store, config, period)
        version = time.time_ns()
        # The lines go first: without the closing they mean nothing.
        store.run("closing/keep_statement", version=version, period=period)
        keep_items(store, config, period, version)
        store.run("closing/close", version=version, period=period)
    return store.rows("reports/statement", period=period)


def reopen(store: Store, config: AttributionConfig, period: str, reason: str) -> None:
    """Open a closed month again, move back what was booked late, and keep the reason.

    Raises RefusedError where the month is not closed, its spans were let go of, or no reason is given.
    """
    check_period(period)
    if not reason.strip():
        raise RefusedError("a reason is needed: it is kept with the reopening")
    with lease(store):
        if not is_closed(store, period):
            raise RefusedError(f"{period} is not closed")
        if is_pruned(store, period):
            raise RefusedError(f"{period} stays closed: its spans were let go of, so nobody could say why it changed")
        # The marks go first: should this be killed in between, attributing the traces again changes nothing.
        store.run("closing/mark_traces_changed", period=period, timezone=config.periods.timezone)
        store.run("closing/mark_pools_changed", period=period)
        store.run("closing/reopen", version=time.time_ns(), period=period, reason=reason.strip())
        attribute_all(store, config)


def closings(store: Store) -> list[dict[str, Any]]:
    """Every closing and reopening, the latest first: period, at, state, reason."""
    return store.rows("reports/closings")
