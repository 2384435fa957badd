"""How much of the true money the rules find, and how many of the true payers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from random import Random

from tests.oracle.billing import sampled_odds
from tests.oracle.model import World, attribute, key_of
from tests.oracle.recovery.kinds import in_order
from tests.oracle.recovery.telling import CONFIG, Call, Record, Telling, place

Money = Fraction
"""Exact, and divides without a rest."""


@dataclass
class Figures:
    """USD, of the true calls."""

    true: Money = Fraction(0)
    exact: Money = Fraction(0)
    """Of calls that are billed what they cost."""
    too_much: Money = Fraction(0)
    shown: Money = Fraction(0)
    """Too little is billed, and `missing` says so: calls without a price, unobserved amounts, estimates of what was sampled away."""
    hidden: Money = Fraction(0)
    """Too little is billed, and nothing says so."""
    right: Money = Fraction(0)
    """Billed of true calls, to who started them."""
    unknown: Money = Fraction(0)
    """Billed of true calls, to no team."""
    wrong: Money = Fraction(0)

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def told(kinds: Iterable[str], seed: int, *, traces: int = 6, share: float = 1.0, begin: int = 0) -> Telling:
    """A world that kinds of nastiness have fallen upon, in their order."""
    world = Telling(seed, traces, share, begin)
    chosen = set(kinds)
    for kind in in_order():
        if kind.name in chosen:
            kind.falls_upon(world)
    world.settle_own_time()
    return world


def mixed(seed: int, *, limits: bool, traces: int = 6, begin: int = 0) -> Telling:
    """A world with several kinds, each upon a part of it; `limits`: also such that cannot all be found."""
    random = Random(seed)
    names = [kind.name for kind in in_order() if limits or not kind.limit]
    return told(random.sample(names, random.randint(3, 8)), seed, traces=traces, share=0.35, begin=begin)


def recovered(telling: Telling) -> Figures:
    """What the rules find, by the oracle."""
    return measure(telling, attribute(telling.spans(), CONFIG))


def measure(telling: Telling, world: World) -> Figures:
    """Hold what is billed against what was true."""
    return Measure(telling, world).figures()


class Measure:
    """Lays what was billed beside each true call."""

    def __init__(self, telling: Telling, world: World) -> None:
        self.world = world
        self.telling = telling
        self.records: dict[tuple[str, ...], Record] = {}
        for record in telling.records:
            ids = place(record)
            self.records[key_of(ids["trace_id"], ids["span_id"], ids["sender"])] = record
        self.found: dict[Call, Counter[str]] = {call: Counter() for call in telling.calls}
        """By call: what each team is billed, as fractions."""
        self.shown: dict[Call, Money] = dict.fromkeys(telling.calls, Fraction(0))
        self.invented = Fraction(0)
        self._lay()

    def billed(self, call: Call) -> Money:
        return Fraction(sum(self.found[call].values(), Fraction(0)))

    def gap(self, call: Call) -> Money:
        return max(Fraction(0), Fraction(call.cost) - self.billed(call) - self.shown[call])

    def _lay(self) -> None:
        totals = []
        for key, span in self.world.spans.items():
            record = self.records[key]
            if span.fee and record.own_time:
                self._give(record.own_time, self._parts(key, Fraction(span.fee)))
            used = Fraction(span.used or 0) + Fraction(span.witnessed or 0)
            if record.is_total:
                totals.append((key, record, used))
            elif len(record.of) == 1:
                self._give(record.of[0], self._parts(key, used))
            else:
                self.invented += used
        for key, record, used in sorted(totals, key=lambda total: len(total[1].of)):
            rest = used
            for call in record.of:
                part = min(rest, self.gap(call))
                self._give(call, self._parts(key, part))
                rest -= part
            self.invented += rest
        self._show(
            [(record, Fraction(self.world.spans[key].beyond or 0)) for key, record, _ in totals if not self.world.spans[key].witnessed]
        )

    def _show(self, beyond: list[tuple[Record, Money]]) -> None:
        for key in self.world.spans:
            if self.world.is_unpriced(key):
                for call in self.records[key].of:
                    self.shown[call] += self.gap(call)
        for record, amount in sorted(beyond, key=lambda one: len(one[0].of)):
            rest = amount
            for call in record.of:
                part = min(rest, self.gap(call))
                self.shown[call] += part
                rest -= part
        estimate = sum((Fraction(self.world.amount(key)) * sampled_odds(self.world.contents[key]) for key in self.world.spans), Fraction(0))
        for call in self.telling.calls:
            part = min(estimate, self.gap(call))
            self.shown[call] += part
            estimate -= part

    def _give(self, call: Call, parts: Mapping[str, Money]) -> None:
        for team, part in parts.items():
            self.found[call][team] += part  # type: ignore[assignment]

    def _parts(self, key: tuple[str, ...], amount: Money) -> dict[str, Money]:
        """An amount by the teams that pay for a span."""
        teams = Counter(initiator.team for initiator in self.world.spans[key].initiators)
        return {team: amount * count / sum(teams.values()) for team, count in teams.items()}

    def figures(self) -> Figures:
        found = Figures(too_much=self.invented)
        for call in self.telling.calls:
            cost, billed, teams = Fraction(call.cost), self.billed(call), self.found[call]
            found.true += cost
            found.exact += cost if billed == cost else 0
            found.too_much += max(Fraction(0), billed - cost)
            found.shown += self.shown[call]
            found.hidden += self.gap(call)
            right = sum((min(part, cost * call.payers.get(team, 0)) for team, part in teams.items()), Fraction(0))
            unknown = min(teams[""], min(billed, cost) - right)
            found.right += right
            found.unknown += unknown
            found.wrong += min(billed, cost) - right - unknown
        return found
