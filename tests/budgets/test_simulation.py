"""Ten thousand things that happen to a service and its callers, in an order that a seed draws: no limit is passed, nothing is left over.

The store is a list of records here, so that only what decides is tried: agents that ask, call, fail and forget, crashes at every step,
clocks that jump, releases, expiries and other windows. A seed that fails replays.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from attribution.budgets import Counter, Limits, Replay, Spend
from collector.control.asking import Ask
from collector.control.decisions import Decider, Decision
from collector.control.journal import Journal
from tests.budgets.world import config, span, trace

STEPS = 2000
BUDGETS = {
    "all": {"limit": 3, "per": "day", "timezone": "America/New_York"},
    "sales": {"scope": {"team": "sales"}, "limit": 1, "per": "hour", "timezone": "Asia/Kolkata"},
    "each": {"each": ["user"], "limit": "0.5", "per": "week"},
    "calls": {"unit": "calls", "limit": 40, "per": "day"},
    "soft": {"limit": "0.1", "per": "month", "mode": "soft"},
}
HARD = ("all", "sales", "each", "calls")
MODEL = {"model": "gpt-4.1-mini", "output_tokens_max": 0}
SECONDS = 600
PRICE = Decimal("0.0000004")


@dataclass
class Simulation:
    """Callers, a clock, records, and the service."""

    seed: int
    path: Path
    at: datetime = datetime(2026, 10, 24, 22, tzinfo=UTC)
    records: list[tuple[datetime, dict[str, str], Decimal, tuple[str, str]]] = field(default_factory=list)
    flying: list[tuple[Ask, Decision, float]] = field(default_factory=list)
    """What was allowed, and when by the clock that nobody sets."""
    beyond: dict[Counter, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """What critical calls were allowed beyond a limit."""
    calls: int = 0
    gone: float = 0
    """Seconds that went by, whatever the clock says."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.config = config(BUDGETS)
        self.limits = Limits(self.config)
        self.start()

    def start(self) -> None:
        self.journal = Journal(self.path)
        self.decider = Decider(self.config, self.journal, lambda: self.at, lambda: self.gone)
        self.replay()

    def spend(self, at: datetime) -> dict[Counter, Spend]:
        """Of the windows of a moment, and of what follows them."""
        found: dict[Counter, Spend] = {}
        for began, names, usd, _ in self.records:
            for limit, key in self.limits.holding(names):
                window = limit.window(at)
                if began >= window.start:
                    counter = Counter(limit.name, window.start if began < window.end else window.end, key)
                    found.setdefault(counter, Spend()).ledger += usd if limit.is_money else 1
        return found

    def replay(self) -> None:
        stored = {place for *_, place in self.records}
        self.decider.learn(Replay(self.at, self.spend(self.at), frozenset(stored & set(self.decider.asked().calls))))

    def step(self) -> None:
        act = self.random.choices(
            [self.ask, self.ask_again, self.end, self.lose, self.release, self.replay, self.crash, self.wait, self.set_clock],
            [40, 4, 25, 3, 3, 15, 2, 7, 2],
        )[0]
        act()

    def ask(self) -> None:
        self.calls += 1
        said = {"team": self.random.choice(["sales", "ops"]), "user": self.random.choice(["ann", "bob", ""])}
        ask = Ask.model_validate(
            {
                "dimensions": said,
                **MODEL,
                "trace_id": trace(self.calls),
                "span_id": span(self.calls),
                "input_tokens": self.random.randrange(400_000),
                "critical": self.random.random() < 0.03,
            }
        )
        decision = self.decider.decide(ask)
        if decision.verdict == "allow":
            self.flying.append((ask, decision, self.gone))
            for part in decision.parts:
                if part.beyond:
                    self.beyond[part.counter] += part.amount

    def ask_again(self) -> None:
        """A retry of the same call holds nothing more."""
        if self.flying:
            ask, decision, _ = self.random.choice(self.flying)
            again = self.decider.decide(ask)
            if again.reservation and decision.reservation and again.reservation.id != decision.reservation.id:
                self.flying.append((ask, again, self.gone))  # the first had expired, and this one is another

    def end(self) -> None:
        """A call ends and its record is stored; it used what it may, or less. It began when it was allowed."""
        if self.flying:
            ask, decision, begun = self.flying.pop(self.random.randrange(len(self.flying)))
            held = decision.reservation
            assert held
            if self.gone - begun >= SECONDS:
                return  # longer than a call may take
            assert ask.input_tokens is not None
            used = self.random.choice([ask.input_tokens, self.random.randint(0, ask.input_tokens)])
            place = (ask.trace_id, ask.span_id)
            if place not in {place for *_, place in self.records}:
                self.records.append((datetime.fromtimestamp(held.at, UTC), dict(held.dimensions), PRICE * used, place))

    def lose(self) -> None:
        """No record ever comes."""
        if self.flying:
            self.flying.pop(self.random.randrange(len(self.flying)))

    def release(self) -> None:
        if self.flying:
            _, decision, _ = self.flying.pop(self.random.randrange(len(self.flying)))
            assert decision.reservation
            self.decider.release(decision.reservation.id)

    def crash(self) -> None:
        """Where the clock was set meanwhile, a new process cannot know it: what looks too old then is."""
        self.journal.close()
        self.flying = [one for one in self.flying if one[1].reservation and one[1].reservation.expires > self.at.timestamp()]
        self.start()

    def wait(self) -> None:
        seconds = self.random.choice([1, 60, 700, 3600, 40_000])
        self.at += timedelta(seconds=seconds)
        self.gone += seconds

    def set_clock(self) -> None:
        self.at += timedelta(seconds=self.random.choice([-90_000, -3600, -1, 1, 3600, 90_000]))

    def check(self) -> None:
        """Of every window that ever was: spent is no more than the limit and what critical calls were allowed."""
        totals: dict[Counter, Decimal] = defaultdict(Decimal)
        for began, names, usd, _ in self.records:
            for limit, key in self.limits.holding(names):
                totals[limit.counter(key, began)] += usd if limit.is_money else 1
        for counter, total in totals.items():
            if counter.budget in HARD:
                limit = self.limits.by_name[counter.budget].budget.limit
                assert total <= limit + self.beyond[counter], (self.seed, counter, total)


@pytest.mark.parametrize("seed", range(5))
def test_no_order_of_events_passes_a_limit_or_leaves_anything_reserved(seed: int, tmp_path: Path) -> None:
    world = Simulation(seed, tmp_path / "control.sqlite")
    for _ in range(STEPS):
        world.step()
    world.check()
    assert len(world.records) > STEPS / 50
    world.at += timedelta(days=3)
    world.crash()
    world.decider.decide(Ask())
    for held in list(world.decider._state.reservations.values()):
        world.decider.release(held.id)
    assert (dict(world.decider._state.reserved), dict(world.decider._state.in_flight), world.decider._state.places) == ({}, {}, {})
    assert world.journal.reservations() == []
