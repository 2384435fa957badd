"""What Spanledger answers, and what is raised when it does not allow a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["allow", "throttle", "deny"]


@dataclass(frozen=True)
class Decision:
    """An answer; the names are those of `POST /api/v1/decisions`."""

    decision: Verdict
    reason: str = ""
    budget: str = ""
    reservation: str | None = None
    retry_after_s: float = 0
    source: Literal["service", "last known", "configured"] = "service"
    """Who answered: without the service it is the last known state, and after its time what `on_failure` says."""
    said: Mapping[str, Any] = field(default_factory=dict)
    """All of the answer."""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Decision:
        """The answer of the service."""
        return cls(
            said["decision"],
            said.get("reason", ""),
            said.get("budget", ""),
            said.get("reservation"),
            said.get("retry_after_s", 0),
            said=said,
        )


class GuardError(Exception):
    """A call was not allowed; `decision` says why."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        super().__init__(decision.reason or f"{decision.budget or 'a budget'} does not allow the call")


class RefusedError(GuardError):
    """A budget is spent, a run is paused or a policy forbids it; to try again is of no use."""


class ThrottledError(GuardError):
    """Calls in flight hold what is left; later there may be room."""
