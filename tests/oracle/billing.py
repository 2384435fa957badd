"""What of each span is billed, and why the rest is not (R4), and what totals tell beyond it, by brute force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fnmatch import fnmatchcase
from fractions import Fraction

from tests.oracle.calls import Call, Calls, tells_usage
from tests.oracle.initiators import SOURCES, Initiators
from tests.oracle.model import Forest, Key, Span, duplicate_fees, told, total, used

DRAWS = 2**56
ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Billed:
    """What is billed of one span."""

    billable: bool = False
    reason: str = ""
    """Why what it used is not billed."""
    used: Decimal | None = None
    """What is billed of what it used; None: unknown, or nothing."""
    told_by: Key | None = None
    """The record whose price, model and tokens count; None: its own."""
    beyond: Decimal | None = None
    """Of an unbilled aggregate with a cost: what it says beyond all that is billed or said below it."""
    is_witness: bool = False
    """That is billed, for it is the only witness of a call."""
    call_id: str = ""
    call: tuple[Key, ...] = ()
    """The records of its call where several tell it, the home record first."""


@dataclass(frozen=True)
class Told:
    """A call, its amount, and where it is billed."""

    call: Call
    knowing: Key
    home: Key
    amount: Decimal | None
    tells_usage: bool


def bill(forest: Forest, initiators: Initiators) -> dict[Key, Billed]:
    return _Bill(forest, initiators).all()


class _Bill:
    def __init__(self, forest: Forest, initiators: Initiators):
        self.forest, self.initiators = forest, initiators
        self.granted = initiators.granted
        """What a sender sent that may not charge the one above it is no part of what that one tells."""
        self.found = Calls(forest, initiators.config)
        self.told = [self._told(call) for call in self.found.calls]
        self.aggregates = {key for key, span in forest.spans.items() if span.usage == "aggregate"} | self.found.totals
        self.by_trace: dict[str, list[tuple[Call, Told]]] = defaultdict(list)
        """The calls that records of a trace tell, with these records."""
        for one in self.told:
            for trace_id in {key[0] for key in one.call}:
                self.by_trace[trace_id].append((frozenset(key for key in one.call if key[0] == trace_id), one))

    def all(self) -> dict[Key, Billed]:
        bills: dict[Key, Billed] = {}
        twice = duplicate_fees(self.granted)
        for key, span in self.forest.spans.items():
            if span.usage == "leaf" and key not in self.aggregates and key not in self.found.records:
                bills[key] = Billed(reason="duplicate") if key in twice else Billed(billable=True, used=used(span))
            elif span.usage == "none":
                bills[key] = Billed()
        for one in self.told:
            call = tuple(sorted(one.call, key=lambda key: (key != one.home, self._source(key), key[:2], self.forest.spans[key].first)))
            for key in one.call:
                bills[key] = Billed(reason="duplicate", call_id=":".join(one.home[:2]), call=call)
            bills[one.home] = Billed(billable=True, used=one.amount, told_by=one.knowing, call_id=":".join(one.home[:2]), call=call)
        return bills | self._of_aggregates()

    # Calls.

    def _told(self, call: Call) -> Told:
        rank = max(told(self.forest.spans[key]) for key in call)
        knowing = self._innermost_then_first({key for key in call if told(self.forest.spans[key]) == rank})
        order = min(self._order_of_home(key) for key in call)
        home = self._innermost_then_first({key for key in call if self._order_of_home(key) == order})
        return Told(call, knowing, home, used(self.forest.spans[knowing]), any(tells_usage(self.forest.spans[key]) for key in call))

    def _innermost_then_first(self, keys: Iterable[Key]) -> Key:
        keys = set(keys)
        innermost = [key for key in keys if not self.forest.below[key] & keys]
        return min(innermost, key=lambda key: self.forest.spans[key].first)

    def _order_of_home(self, key: Key) -> tuple[bool, int]:
        return (self.found.is_gateway(self.forest.spans[key]), self._source(key))

    def _source(self, key: Key) -> int:
        """How its payer is found, in the order of R8."""
        return SOURCES.index(self.initiators.of(key)[0].initiator_source)

    # Aggregates, from the innermost up.

    def _of_aggregates(self) -> dict[Key, Billed]:
        bills: dict[Key, Billed] = {}
        for key in sorted(self.aggregates, key=lambda key: len(self.granted.paths[key]), reverse=True):
            cost = used(self.forest.spans[key])
            calls = self._calls_below(key)
            aggregates = self.granted.below[key] & self.aggregates
            if cost is None:
                is_alone = not calls and not aggregates
                bills[key] = Billed(billable=True) if is_alone else Billed(reason="aggregate")
            elif not any(call.amount is not None for call in calls) and not any(bills[below].used is not None for below in aggregates):
                bills[key] = Billed(billable=True, used=cost)
            else:
                below = [call.amount or ZERO for call in calls]
                below += [amount or ZERO for each in aggregates for amount in (bills[each].used, bills[each].beyond)]
                bills[key] = Billed(reason="aggregate", beyond=max(ZERO, total([cost, *(-amount for amount in below)])))
        for key in self._witnesses(bills) | {key for key, one in bills.items() if one.beyond is not None and self._is_billed_beyond(key)}:
            bills[key] = replace(bills[key], is_witness=True, billable=bool(bills[key].beyond))
        return bills

    def _calls_below(self, key: Key) -> list[Told]:
        """The calls that count below a span: those that its trace tells innermost there."""
        return [one for keys, one in self.by_trace[key[0]] if self._innermost_then_first(keys) in self.granted.below[key]]

    def _witnesses(self, bills: dict[Key, Billed]) -> set[Key]:
        """The nearest aggregate with a cost above each call that tells no usage, where it is not billed as a whole."""
        witnesses = set()
        for calls in self.by_trace.values():
            for keys, one in calls:
                if one.amount is None and not one.tells_usage:
                    path = self.granted.paths[self._innermost_then_first(keys)][:-1]
                    nearest = next((a for a in reversed(path) if a in self.aggregates and used(self.forest.spans[a]) is not None), None)
                    if nearest is not None and bills[nearest].beyond is not None:
                        witnesses.add(nearest)
        return witnesses

    def _is_billed_beyond(self, key: Key) -> bool:
        """Whether it is configured so for its emitter."""
        totals, scope = self.initiators.config.totals, self.forest.spans[key].scope_name
        return totals.unobserved == "bill" and any(fnmatchcase(scope, pattern) for pattern in totals.scopes)


def sampled_odds(span: Span) -> Fraction:
    """How many more spans of its kind there were for each that was kept."""
    threshold = next((part[3:] for member in span.trace_state.split(",") if member.strip().startswith("ot=")
                      for part in member.strip()[3:].split(";") if part.startswith("th:")), "")  # fmt: skip
    dropped = int(f"{threshold:0<14}", 16) if threshold else 0
    return Fraction(dropped, DRAWS - dropped)
