"""What was known last, for when Spanledger is away: room that is left is spent here, a refusal stands; both for a bounded time."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from spanledger_guard.answers import Decision

STATES_MAX = 1000
"""Callers remembered."""


@dataclass
class _Known:
    at: float
    decision: Decision
    left: dict[str, Decimal]
    """By budget and key, in the unit of the budget."""


class LastKnown:
    """Thread safe."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._known: dict[tuple[Any, ...], _Known] = {}

    def take(self, ask: Mapping[str, Any], decision: Decision) -> None:
        """Remember an answer."""
        left = {_name(one): Decimal(one["remaining"]) for one in decision.said.get("budgets", [])}
        with self._lock:
            self._known.pop(_caller(ask), None)
            self._known[_caller(ask)] = _Known(time.monotonic(), decision, left)
            while len(self._known) > STATES_MAX:
                del self._known[next(iter(self._known))]

    def decide(self, ask: Mapping[str, Any]) -> Decision | None:
        """What the last answer says to a like call; None: nothing is known, or it is too old."""
        with self._lock:
            known = self._known.get(_caller(ask))
            if known is None or time.monotonic() - known.at > self._seconds:
                return None
            before = known.decision
            if before.decision != "allow":
                return Decision(before.decision, f"Spanledger is away; last known: {before.reason}", before.budget, source="last known")
            for one in before.said.get("budgets", []):
                name, amount = _name(one), Decimal(one["amount"])
                if known.left[name] < amount and not ask.get("critical") and not one.get("beyond"):
                    return Decision(
                        "throttle", f"Spanledger is away; of {one['budget']} too little was left", one["budget"], source="last known"
                    )
                known.left[name] -= amount
            return Decision("allow", "Spanledger is away; last known", before.budget, source="last known")


def _caller(ask: Mapping[str, Any]) -> tuple[Any, ...]:
    """Who asks for what; calls of one caller and model are taken for equally large."""
    return (*sorted(ask.get("dimensions", {}).items()), ask.get("model", ""), ask.get("tool", ""))


def _name(one: Mapping[str, Any]) -> str:
    return f"{one['budget']} {one.get('key')}"
