"""What people did to budgets and runs, derived from the events alone: deriving it again gives the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from attribution.budgets.events import Event
from attribution.budgets.limits import Counter


@dataclass(frozen=True)
class Standing:
    """Extensions, pauses and acknowledgements that stand."""

    extensions: Sequence[Event] = ()
    paused: dict[tuple[str, str], Event] = field(default_factory=dict)
    """By budget and run; one of them is ''."""
    acknowledged: frozenset[Counter] = frozenset()

    @classmethod
    def of(cls, events: Sequence[Event]) -> Standing:
        """`events`: in the order in which they happened."""
        paused: dict[tuple[str, str], Event] = {}
        for one in events:
            if one.kind == "paused":
                paused[one.budget, one.trace_id] = one
            elif one.kind == "resumed":
                paused.pop((one.budget, one.trace_id), None)
        return cls(
            [one for one in events if one.kind == "extended"],
            paused,
            frozenset(Counter(one.budget, one.window_start, one.key) for one in events if one.kind == "acknowledged"),
        )

    def extension(self, counter: Counter, at: datetime) -> Decimal:
        """What is added to the limit of a count at a moment, in the unit of the budget."""
        return sum((one.amount for one in self.extensions if _extends(one, counter, at)), Decimal(0))

    def pause(self, budget: str, trace_id: str, at: datetime) -> Event | None:
        """What pauses a budget or a run."""
        found = self.paused.get((budget, "")) if budget else self.paused.get(("", trace_id)) if trace_id else None
        return found if found and (found.until is None or at < found.until) else None

    def is_acknowledged(self, counter: Counter) -> bool:
        """Whether somebody knows of it; an acknowledgement without a key is for all keys."""
        return bool({counter, counter._replace(key=())} & self.acknowledged)


def _extends(event: Event, counter: Counter, at: datetime) -> bool:
    """An extension is for a window, or until a moment."""
    if event.budget != counter.budget or (event.key and event.key != counter.key):
        return False
    return at < event.until if event.until else event.window_start == counter.start
