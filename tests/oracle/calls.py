"""Which records tell one call (R1), and which are totals (R4), by brute force: every pair is looked at, as the rules say it.

A record is a leaf that is priced by what it used, and no fee. Totals are found first. Of the others, records are joined along each path,
then those that share a response id, and log events, files and spans that tell the same, in the order of time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from attribution.configuration import AttributionConfig
from attribution.conventions.kinds import GATEWAY_SCOPES
from tests.oracle.model import Forest, Key, Span, is_same_model, takes_part_in_nesting

KINDS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
MILLISECOND = 10**6
TELLING = 1024 | 512 | 256 | 128
"""Of what a record knows: a cache hit, a contract, a reported cost, fees. They tell usage without a count."""

Call = frozenset[Key]


def counts(span: Span) -> dict[str, int]:
    """The counts that a record tells. Neither prompt nor answer: it tells none of the two; a zero of a part is written unasked."""
    told = {kind: getattr(span, kind) for kind in KINDS}
    nothing = not (span.input_tokens or 0) + (span.output_tokens or 0)
    return {
        kind: count
        for kind, count in told.items()
        if count is not None and (count or kind in KINDS[:2]) and not (nothing and kind in KINDS[:2])
    }


def agree(one: int, other: int) -> bool:
    return 100 * abs(one - other) <= max(200, one, other)


def are_compatible(one: Span, other: Span) -> bool:
    told, also_told = counts(one), counts(other)
    return all(agree(told[kind], also_told[kind]) for kind in told.keys() & also_told.keys())


def tokens_of(span: Span) -> int:
    return (span.input_tokens or 0) + (span.output_tokens or 0)


def tells_usage(span: Span) -> bool:
    return tokens_of(span) > 0 or span.cost is not None or bool(span.knowledge & TELLING)


def are_near(one: Span, other: Span) -> bool:
    """Overlapping: hosts have clocks of their own, and one host's clock is read at other moments."""
    apart = (one.service, one.sender) != (other.service, other.sender)
    tolerance = 2000 * MILLISECOND if apart else 10 * MILLISECOND
    return one.start_time - tolerance <= other.end_time and other.start_time - tolerance <= one.end_time


def tell_one_event(one: Span, other: Span) -> bool:
    """Two records of different signals tell the same of one session, and end together; none but a file's has a response id."""
    told = [(span.sender, span.span_session, span.input_tokens or 0, span.output_tokens or 0) for span in (one, other)]
    return (
        one.signal != other.signal
        and all(span.signal == "file" or not span.response_id for span in (one, other))
        and bool(one.span_session)
        and tokens_of(one) > 0
        and told[0] == told[1]
        and have_one_model(one, other)
        and abs(one.end_time - other.end_time) <= 100 * MILLISECOND
    )


def have_one_id(one: Span, other: Span) -> bool:
    return one.response_id != "" and one.response_id == other.response_id


def have_two_ids(one: Span, other: Span) -> bool:
    return "" not in {one.response_id, other.response_id} and one.response_id != other.response_id


def have_one_model(one: Span, other: Span) -> bool:
    in_book = one.price_id.startswith("genai-prices:") and one.price_id == other.price_id
    return "" in {one.model, other.model} or is_same_model(one.model, other.model) or in_book


def emitter(span: Span) -> tuple[str, ...]:
    return (span.sender, span.service, span.scope_name, span.signal)


class Calls:
    """The calls of a forest, and its totals."""

    def __init__(self, forest: Forest, config: AttributionConfig):
        self.forest = forest
        self.gateways = {name for name, sender in config.senders.items() if sender.gateway}
        self.records = {key for key, span in forest.spans.items() if takes_part_in_nesting(span)}
        self.totals = self._totals()
        self.calls = self._share_ids(self._chains())

    def is_gateway(self, span: Span) -> bool:
        return span.scope_name in GATEWAY_SCOPES or span.sender in self.gateways

    def may_be_one(self, one: Span, other: Span) -> bool:
        """What one sender tells is another one's call only where one of them is a gateway (R16)."""
        return one.sender == other.sender or bool({one.sender, other.sender} & self.gateways)

    def _may_tell(self, lower: Key, upper: Key) -> bool:
        """Whether a record may tell the call of one above it: a gateway's may, else it must be of the sender that the gateways serve."""
        path = [self.forest.spans[key] for key in self.forest.paths[upper]]
        served = next((span.sender for span in reversed(path) if span.sender not in self.gateways), None)
        own = self.forest.spans[lower].sender
        return own in self.gateways or served in {None, own}

    # Totals.

    def _record_above(self, key: Key) -> Key | None:
        return next((above for above in reversed(self.forest.paths[key][:-1]) if above in self.records), None)

    def _totals(self) -> set[Key]:
        above = {key: self._record_above(key) for key in self.records}
        below: dict[Key, list[Span]] = defaultdict(list)
        for key, upper in above.items():
            if not upper or not self._may_tell(key, upper):
                continue
            if tokens_of(self.forest.spans[key]) and have_one_model(self.forest.spans[key], self.forest.spans[upper]):
                below[upper].append(self.forest.spans[key])
        totals = {key for key, spans in below.items() if self._is_sum(self.forest.spans[key], spans)}
        while more := {upper for key in totals if (upper := above[key]) and upper not in totals and self._repeats(upper, key)}:
            totals |= more
        return totals

    def _is_sum(self, span: Span, below: list[Span]) -> bool:
        sums = {kind: sum(counts(one).get(kind, 0) for one in below) for kind in KINDS}
        told = {kind: count for kind, count in counts(span).items() if sums[kind]}
        both = any(told.get(kind, 0) > 0 for kind in KINDS[:2])
        return len(below) > 1 and tokens_of(span) > 0 and both and all(agree(count, sums[kind]) for kind, count in told.items())

    def _repeats(self, upper: Key, lower: Key) -> bool:
        """Whether a record tells the same as the total right below it."""
        one, other = self.forest.spans[upper], self.forest.spans[lower]
        alike = have_one_model(one, other) and not have_two_ids(one, other) and are_near(one, other) and are_compatible(one, other)
        return alike and self._may_tell(lower, upper) and tokens_of(one) > 0 and tokens_of(other) > 0

    # Chains: records of one path.

    def _upper(self, key: Key) -> Key | None:
        """The nearest record above, if no span of a tool or agent is between; totals do not count."""
        path = self.forest.paths[key]
        for place in range(len(path) - 2, -1, -1):
            above = self.forest.spans[path[place]]
            if path[place] in self.records - self.totals:
                return path[place]
            if path[place] not in self.records and (above.bucket == "tool" or self._enters_agent(path[: place + 1])):
                return None
        return None

    def _enters_agent(self, path: tuple[Key, ...]) -> bool:
        own = self.forest.spans[path[-1]].agent
        before = next((agent for key in reversed(path[:-1]) if (agent := self.forest.spans[key].agent)), "")
        return own not in {"", before}

    def _chains(self) -> list[Call]:
        candidates: dict[tuple[Key, bool], list[Key]] = defaultdict(list)
        for key in sorted(self.records - self.totals, key=lambda key: self.forest.spans[key].first):
            upper = self._upper(key)
            if upper and self._may_tell(key, upper) and self._tell_one_call(self.forest.spans[key], self.forest.spans[upper]):
                candidates[upper, self._is_gateways(self.forest.spans[key], self.forest.spans[upper])].append(key)
        chosen = {self._choose(upper, lowers): upper for (upper, _), lowers in candidates.items()}
        chains: dict[Key, set[Key]] = defaultdict(set)
        for key in self.records - self.totals:
            top = key
            while top in chosen:
                top = chosen[top]
            chains[top].add(key)
        return [frozenset(chain) for chain in chains.values()]

    def _tell_one_call(self, lower: Span, upper: Span) -> bool:
        if not are_near(lower, upper):
            return False
        if have_one_id(lower, upper):
            return True
        alike = have_one_model(lower, upper) and not have_two_ids(lower, upper)
        return are_compatible(lower, upper) and (alike or self._is_gateways(lower, upper))

    def _is_gateways(self, lower: Span, upper: Span) -> bool:
        """Whether the lower record is a gateway's in another service: the place for one of these is beside that for another record."""
        return self.is_gateway(lower) and lower.service != upper.service

    def _choose(self, upper: Key, lowers: list[Key]) -> Key:
        sharing = [key for key in lowers if have_one_id(self.forest.spans[key], self.forest.spans[upper])]
        return sharing[0] if sharing else lowers[-1]

    # Shared ids.

    def _share_ids(self, chains: list[Call]) -> list[Call]:
        """In the order of time a chain joins the first call that it is one with, and then brings in the later ones that it is one with."""
        found: list[Call] = []
        for chain in sorted(chains, key=self._first):
            call, others = chain, []
            for other in found:
                if self._are_one(call, other):
                    call |= other
                else:
                    others.append(other)
            found = sorted([*others, call], key=self._first)
        return found

    def _first(self, call: Iterable[Key]) -> tuple[int, str, str]:
        return min(self.forest.spans[key].first for key in call)

    def _are_one(self, these: Call, those: Call) -> bool:
        pairs = [(one, other) for one in these for other in those]
        return any(self._share(*pair) for pair in pairs) and not any(self._are_two(*pair) for pair in pairs)

    def _share(self, one: Key, other: Key) -> bool:
        span, other_span = self.forest.spans[one], self.forest.spans[other]
        are_alike = tell_one_event(span, other_span) or (have_one_id(span, other_span) and are_near(span, other_span))
        if not are_alike or not self.may_be_one(span, other_span):
            return False
        return self._on_one_path(one, other) or are_compatible(span, other_span)

    def _are_two(self, one: Key, other: Key) -> bool:
        span, other_span = self.forest.spans[one], self.forest.spans[other]
        alike = emitter(span) == emitter(other_span) and tells_usage(span) and tells_usage(other_span)
        return (alike and not self._on_one_path(one, other)) or not self.may_be_one(span, other_span)

    def _on_one_path(self, one: Key, other: Key) -> bool:
        return one in self.forest.below[other] or other in self.forest.below[one]
