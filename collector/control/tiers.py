"""What is told when a budget is nearly spent: each tier once a window, and again where nobody acknowledges.

The id of such an event is made of what it is about. So it is one event, however often it is found, after a crash or by another service.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from attribution.budgets import Counter, Event, Standing
from attribution.configuration.budgets import HUNDRED, Budget
from collector.control.decisions import Part

_SPACE = uuid.UUID("6f0b0f1e-6d0c-5a3e-9a57-3b1d6a0f4c11")
TOLD = ("tier", "escalated")


def due(parts: Iterable[Part], told: Collection[Event], standing: Standing, at: datetime) -> Iterator[Event]:
    """Events that are to be told now; `told` are those that were."""
    known = {one.id: one for one in told}
    for part in parts:
        percent = part.used / part.allowed * HUNDRED if part.allowed else HUNDRED * bool(part.used) * 10
        for tier in part.limit.budget.tiers:
            if percent < tier:
                break
            event = _event(part, tier, percent, at)
            before = known.get(event.id)
            if before is None:
                yield event
            elif _escalates(part.limit.budget, part.counter, before, standing, at):
                again = _id("escalated", part.counter, str(tier))
                if again not in known:
                    yield Event("escalated", *_of(part), tier, reason="nobody has acknowledged", at=at, id=again)


def _event(part: Part, tier: object, percent: object, at: datetime) -> Event:
    reason = f"{part.used:f} of {part.allowed:f} {'USD' if part.limit.is_money else part.limit.budget.unit} are spent, {percent:.1f} %"
    return Event("tier", *_of(part), tier, reason=reason, at=at, id=_id("tier", part.counter, str(tier)))  # type: ignore[arg-type]


def _of(part: Part) -> tuple[str, datetime, tuple[str, ...]]:
    return part.counter.budget, part.counter.start, part.counter.key


def _escalates(budget: Budget, counter: Counter, told: Event, standing: Standing, at: datetime) -> bool:
    """Whether somebody should have acknowledged by now."""
    if budget.acknowledge is None or told.amount < budget.acknowledge or standing.is_acknowledged(counter):
        return False
    return at - told.at >= timedelta(seconds=budget.escalate_seconds)


def _id(kind: str, counter: Counter, tier: str) -> uuid.UUID:
    return uuid.uuid5(_SPACE, "\x00".join((kind, counter.budget, counter.start.isoformat(), tier, *counter.key)))
