"""What attribution should yield, by brute force: the rules of the design, read aloud in plain Python.

Written from the rules, never from the SQL; obviously correct rather than fast. Times are integer nanoseconds since the epoch, money is
`Decimal` in USD and never rounded (a rounding raises), shares are `Fraction`. The sections follow the rules in the order in which one
needs the other. `attribute` is the entry; `World` holds what came out.

"First" is by `(start_time, trace_id, span_id)`. "Above" and "below" are always meant in the trees that remain once loops are cut (R3).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Clamped, Context, Decimal, Inexact, InvalidOperation, Overflow, localcontext
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from attribution.configuration import AttributionConfig, Pool
from tests.oracle.initiators import GROUP, Initiator, Initiators, deal, split_by_links

Key = tuple[str, ...]
"""(trace_id, span_id), and the sender where there is one."""
Row = TypeVar("Row")

DIMENSIONS = (*GROUP, "project", "environment", "user", "session", "task", "workflow", "agent", "provider", "model", "bucket")
"""What `World.paid_by` takes."""

VERSIONS = (
    *(r"[-@:]latest", r"[-@]20\d\d-?\d\d-?\d\d", r"-[01]\d-?[0-3]\d", r"-2\d[01]\d"),
    *(r"-v?\d+:\d+", r"-00\d"),
)
"""How the names of models end that say of when they are: a date, a month and a day, a year and a month; a version."""

EXACT = Context(prec=100, traps=[Inexact, InvalidOperation, Overflow, Clamped])
UNITS_PER_USD = 10**12


@dataclass(frozen=True, kw_only=True)
class Span:
    """One delivery of a span: the columns of `span_records` that attribution reads, under the same names."""

    version: int = 1
    trace_id: str
    span_id: str
    parent_span_id: str = ""
    name: str = "span"
    service: str = ""
    start_time: int = 1_767_225_600_000_000_000
    duration_ns: int = 0
    link_trace_ids: tuple[str, ...] = ()
    link_span_ids: tuple[str, ...] = ()
    usage: Literal["none", "leaf", "aggregate"] = "none"
    provider: str = ""
    model: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    response_id: str = ""
    agent: str = ""
    workflow_name: str = ""
    span_team: str = ""
    span_department: str = ""
    span_cost_center: str = ""
    span_project: str = ""
    span_environment: str = ""
    span_user: str = ""
    span_session: str = ""
    span_task: str = ""
    span_workflow: str = ""
    resource_team: str = ""
    resource_department: str = ""
    resource_cost_center: str = ""
    resource_project: str = ""
    resource_environment: str = ""
    resource_user: str = ""
    resource_session: str = ""
    resource_task: str = ""
    resource_workflow: str = ""
    bucket: str = ""
    cost: Decimal | None = None
    cost_source: str = "none"
    price_id: str = ""
    knowledge: int = 0
    own_time_rate: Decimal | None = None
    own_time_price_id: str = ""
    trace_state: str = ""
    scope_name: str = ""
    sender: str = ""
    tags: str = ""
    signal: str = "span"

    @property
    def key(self) -> Key:
        return key_of(self.trace_id, self.span_id, self.sender)

    @property
    def first(self) -> tuple[int, str, str, str]:
        """Whoever has the least of these is "first", and "earliest"."""
        return (self.start_time, self.trace_id, self.span_id, self.sender)

    @property
    def end_time(self) -> int:
        return self.start_time + self.duration_ns

    @property
    def tokens(self) -> tuple[int | None, int | None]:
        return (self.input_tokens, self.output_tokens)

    @property
    def tokens_known(self) -> bool:
        return None not in self.tokens


def key_of(trace_id: str, span_id: str, sender: str = "") -> Key:
    """Spans of several senders with the same ids are several spans."""
    return (trace_id, span_id, sender) if sender else (trace_id, span_id)


@dataclass(frozen=True, kw_only=True)
class Attributed:
    """What the rules say of one span."""

    billable: bool
    unbilled_reason: str
    used: Decimal | None
    """What is billed of what the span used; None: unknown, or nothing of that is billed."""
    told_by: Key
    """The span whose price, model and tokens count for that."""
    beyond: Decimal | None
    """What an unbilled aggregate says beyond all that is billed or said below it; None: no such aggregate."""
    witnessed: Decimal | None
    """What of that is billed; None: nothing."""
    call_id: str
    fee: Decimal | None
    """What is billed of its own time; None: unknown, or none."""
    root_span_id: str
    initiators: tuple[Initiator, ...]
    """One for each link that the cost is split by; one alone where it is not."""
    agent: str
    agent_entry: bool
    reentrant: bool
    pool: str
    path_agents: frozenset[str]
    flags: frozenset[str]

    def __getattr__(self, name: str) -> str:
        """Of the first initiator."""
        if name.startswith("__"):
            raise AttributeError(name)
        return str(getattr(self.initiators[0], name))

    @property
    def by_link(self) -> list[Initiator]:
        """One for each link; those of several links to one initiator go together."""
        return sorted(self.initiators, key=list(dict.fromkeys(self.initiators)).index)

    def split(self, whole: int) -> list[tuple[Initiator, int]]:
        """Whole units by initiator."""
        return list(zip(self.by_link, split_by_links(whole, len(self.by_link)), strict=True))

    @property
    def weights(self) -> list[tuple[Initiator, Decimal]]:
        """What an entry weighs, by initiator."""
        return [(initiator, Decimal(units).scaleb(-12)) for initiator, units in self.split(UNITS_PER_USD)]

    @property
    def charges(self) -> list[tuple[Initiator, tuple[Decimal, Decimal, Decimal]]]:
        """What is billed of what the span used, of its own time and of what it says beyond, by initiator."""
        units = [int((amount or Decimal(0)).scaleb(12)) for amount in (self.used, self.fee, self.witnessed)]
        dealt = [[Decimal(part).scaleb(-12) for part in parts] for parts in deal(units, len(self.by_link))]
        return [(initiator, (used, fee, beyond)) for initiator, (used, fee, beyond) in zip(self.by_link, dealt, strict=True)]


PoolDay = tuple[str, date, str]
"""(pool, day on which its cost is booked, month in which it arose if that is another one, else '')."""


@dataclass(frozen=True, kw_only=True)
class Addition:
    """Cost that was added to a pool, for it is carried by no span."""

    period: str
    pool: str
    amount: Decimal
    driver: str = ""
    """Given with it: stands for the pool in the month."""

    @property
    def day(self) -> date:
        return first_day(self.period)


def attribute(deliveries: Iterable[Span], config: AttributionConfig, added: Iterable[Addition] = ()) -> World:
    """Apply every rule to the set of deliveries and additions."""
    forest = Forest(latest(deliveries))
    agents = resolve_agents(forest, config)
    initiators = Initiators(forest, agents, config)
    bills = billing.bill(forest, initiators)
    return World(
        config=config,
        contents=forest.spans,
        spans={key: _attributed(key, bills[key], initiators) for key in forest.spans},
        trace_flags={trace_id: frozenset().union(*(forest.flags[span.key] for span in spans)) for trace_id, spans in forest.traces.items()},
        added=tuple(added),
    )


def _attributed(key: Key, bill: billing.Billed, found: Initiators) -> Attributed:
    forest, agents = found.forest, found.agents
    path = forest.paths[key]
    span = forest.spans[key]
    entry = is_entry(key, forest, agents)
    initiators = tuple(found.of_call(key, bill.call))
    return Attributed(
        billable=bill.billable or is_timed(span),
        unbilled_reason=bill.reason,
        used=bill.used,
        told_by=bill.told_by or key,
        beyond=bill.beyond,
        witnessed=bill.beyond if bill.is_witness and bill.beyond else None,
        call_id=bill.call_id,
        fee=time_fee(span, own_time(key, found)) if is_timed(span) else None,
        root_span_id=path[0][1],
        agent=agents[key],
        agent_entry=entry,
        reentrant=entry and agents[key] in {agents[above] for above in path[:-1]},
        pool=pool_of([agents[step] for step in path], found.config),
        path_agents=frozenset(agents[step] for step in path) - {""},
        flags=forest.flags[key] | ({"split"} if len(set(initiators)) > 1 else set()),
        initiators=initiators,
    )


# R1 Identity: rows with equal (trace_id, span_id) are one span; the highest version wins, entirely.


def latest(deliveries: Iterable[Span]) -> dict[Key, Span]:
    """The content of every span. Raises ValueError where one version of a span has two contents: then no content is the latest."""
    spans: dict[Key, Span] = {}
    for span in deliveries:
        known = spans.get(span.key)
        if known and known.version == span.version and known != span:
            raise ValueError(f"version {span.version} of span {span.key} has two contents")
        if known is None or span.version > known.version:
            spans[span.key] = span
    return spans


# R2 Tree: the parent is the span of the same trace with that id; without one the span is a local root, 'orphan' if it names a parent.
# R3 Pointer cycles: of each loop of parent pointers the first member becomes a local root, 'cycle'.


class Forest:
    """The spans as trees, each under its local root."""

    def __init__(self, spans: dict[Key, Span]):
        self.spans = spans
        self.traces: dict[str, list[Span]] = defaultdict(list)
        """The spans of each trace, the earliest first."""
        for span in sorted(spans.values(), key=lambda span: span.first):
            self.traces[span.trace_id].append(span)
        self.flags: dict[Key, frozenset[str]] = dict.fromkeys(spans, frozenset())
        self.parent = {key: self._named_parent(span) for key, span in spans.items()}
        for key in self._firsts_of_loops():
            self.parent[key] = None
            self.flags[key] |= {"cycle"}
        self._walk()

    def _walk(self) -> None:
        self.paths = {key: self._path(key) for key in self.spans}
        """The path of each span: the local root first, the span itself last."""
        self.below: dict[Key, set[Key]] = {key: set() for key in self.spans}
        """The proper descendants of each span."""
        for key, path in self.paths.items():
            for above in path[:-1]:
                self.below[above].add(key)

    def cut_above(self, refused: set[Key]) -> Forest:
        """The same spans, with some of them as roots."""
        forest = copy(self)
        forest.parent = {key: None if key in refused else parent for key, parent in self.parent.items()}
        forest._walk()
        return forest

    def _named_parent(self, span: Span) -> Key | None:
        parent = self.named(span.trace_id, span.parent_span_id, span.sender)
        if parent:
            return parent
        if span.parent_span_id:
            self.flags[span.key] |= {"orphan"}
        return None

    def named(self, trace_id: str, span_id: str, sender: str) -> Key | None:
        """The span that a sender means by an id: its own, else the first with that id."""
        if key_of(trace_id, span_id, sender) in self.spans:
            return key_of(trace_id, span_id, sender)
        return next((span.key for span in self.traces[trace_id] if span.span_id == span_id), None) if trace_id in self.traces else None

    def _firsts_of_loops(self) -> set[Key]:
        return {min(loop, key=lambda key: self.spans[key].first) for loop in map(self._loop_through, self.spans) if loop}

    def _loop_through(self, start: Key) -> list[Key]:
        """The members of the loop that `start` is on, none if it is on none (it may still hang from one)."""
        walked, step = [start], self.parent[start]
        while step is not None and step not in walked:
            walked.append(step)
            step = self.parent[step]
        return walked if step == start else []

    def _path(self, key: Key) -> tuple[Key, ...]:
        path, step = [key], self.parent[key]
        while step is not None:
            path.append(step)
            step = self.parent[step]
        return tuple(reversed(path))


# R1 again: which records tell one call: tests/oracle/calls.py. R4, what of them is billed: tests/oracle/billing.py.


def told(span: Span) -> tuple[bool, int]:
    return (span.cost is not None, span.knowledge)


def takes_part_in_nesting(span: Span) -> bool:
    """A tool that a rule prices is no model call; a model call that a rule prices by GPU time is one."""
    return span.usage == "leaf" and span.cost_source != "none" and not is_fee(span)


def is_fee(span: Span) -> bool:
    """Set by rule, and not the price of a self-hosted model's call; or the price of a provider's tool."""
    of_a_call = span.bucket in {"compute", "platform"} and span.tokens != (None, None)
    if span.bucket == "tool" and span.cost_source == "priced" and span.model == "":
        return True
    return (span.cost_source == "rule" or (span.cost_source == "unpriced" and span.price_id.startswith("rule:"))) and not of_a_call


def is_same_model(one: str, other: str) -> bool:
    """Two names of one model: layers write it with and without who makes or serves it, its date and its version."""
    return one != "" and other != "" and plain_model(one) == plain_model(other)


def plain_model(name: str) -> str:
    """`claude-sonnet-4-5` of `bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0`."""
    plain = name.lower().split("/")[-1]
    while found := re.match(r"(ai21|[a-z-]+)\.", plain):
        plain = plain[found.end() :]
    shorter = ""
    while shorter != plain:
        shorter, plain = plain, next((plain[: -len(end)] for end in _version_endings(plain)), plain)
    return plain.replace(".", "-")


def _version_endings(name: str) -> list[str]:
    found = (re.search(rf".({ending})$", name) for ending in VERSIONS)
    return [match[1] for match in found if match]


# Fees by the same price of a tool are one call too (an MCP client's span and its server's): the inner one lies in the time of the outer
# one, and between them is no model call, no other fee, no agent; or they are the ends of a chain of such. Which is billed is as for calls.


def is_tool_fee(span: Span) -> bool:
    return span.usage == "leaf" and is_fee(span) and span.price_id.startswith("rule:tool/")


def same_fees_above(key: Key, forest: Forest) -> list[Key]:
    """The fees above that tell the call of this one, the nearest first."""
    span, found = forest.spans[key], []
    for above in (forest.spans[step] for step in reversed(forest.paths[key][:-1])):
        if (
            is_tool_fee(above)
            and above.price_id == span.price_id
            and above.start_time <= span.start_time
            and span.end_time <= above.end_time
        ):
            found.append(above.key)
            span = above
        elif takes_part_in_nesting(above) or (above.usage == "leaf" and is_fee(above)) or above.agent:
            break
    return found


def duplicate_fees(forest: Forest) -> set[Key]:
    fees = [key for key, span in forest.spans.items() if is_tool_fee(span)]
    above = {key: same_fees_above(key, forest) for key in fees}
    below = {key: [other for other in fees if key in above[other]] for key in fees}
    priced = {key for key in fees if forest.spans[key].cost is not None}
    by_priced = {key for key in fees if priced & set(below[key])}
    return by_priced | {key for key in fees if key not in priced and (below[key] or priced & set(above[key]))}


# R6 Agent: the nearest agent at or above the span, else the nearest workflow name at or above it, else the span's own service.
# R7 Entries: a span with an agent that is a local root, or whose agent is not its parent's. The agent is that of R6 in both.

Agents = dict[Key, str]


def resolve_agents(forest: Forest, config: AttributionConfig) -> Agents:
    named = {*config.agents.owners, *config.pools, *config.agents.shared}
    return {key: _agent([forest.spans[step] for step in path], named) for key, path in forest.paths.items()}


def _agent(path: list[Span], named: Iterable[str]) -> str:
    """An agent that the configuration names in one way has that name, whatever letters of it are capital."""
    told = next((span.agent for span in reversed(path) if span.agent), "")
    told = told or next((span.workflow_name for span in reversed(path) if span.workflow_name), "")
    spelled = [name for name in named if name.lower() == told.lower() and not set("*?") & set(name)]
    return (spelled[0] if len(spelled) == 1 else told) or path[-1].service


def is_entry(key: Key, forest: Forest, agents: Agents) -> bool:
    parent = forest.parent[key]
    return agents[key] != "" and (parent is None or agents[parent] != agents[key])


# Own time, of spans that are paid by the second. Of such a span's time, what lies in the nearest spans below it that enter an agent, or
# that are paid by the second too, is not its own: a second is paid once. The rest is billed whatever becomes of what the span used. A
# cost that the same rule made holds the time of the whole span, which is then not billed with what the span used.


def is_timed(span: Span) -> bool:
    return span.own_time_price_id != ""


def used(span: Span) -> Decimal | None:
    if not is_timed(span) or span.price_id != span.own_time_price_id:
        return span.cost
    whole = time_fee(span, span.duration_ns)
    return None if span.cost is None or whole is None else total((span.cost, -whole))


def time_fee(span: Span, time_ns: int) -> Decimal | None:
    """Rounded half to even at the 12th digit, as `round` does of a Fraction."""
    if span.own_time_rate is None:
        return None
    return Decimal(round(Fraction(span.own_time_rate) * time_ns / 10**9 * UNITS_PER_USD)).scaleb(-12, EXACT)


def own_time(key: Key, found: Initiators) -> int:
    span, cuts = found.forest.spans[key], [found.forest.spans[below] for below in _nearest_cuts(key, found)]
    times = [(max(cut.start_time, span.start_time), min(cut.end_time, span.end_time)) for cut in cuts]
    moments = sorted({span.start_time, span.end_time, *(moment for start, end in times if start < end for moment in (start, end))})
    return sum(until - since for since, until in pairwise(moments) if not any(start <= since and until <= end for start, end in times))


def _nearest_cuts(key: Key, found: Initiators) -> list[Key]:
    forest = found.granted

    def cuts(step: Key) -> bool:
        return is_entry(step, found.forest, found.agents) or is_timed(forest.spans[step])

    def between(below: Key) -> tuple[Key, ...]:
        path = forest.paths[below]
        return path[path.index(key) + 1 : -1]

    return [below for below in forest.below[key] if cuts(below) and not any(map(cuts, between(below)))]


# R9 Pool: the nearest shared agent among the agents of the path, from the span up.


def pool_of(path_agents: list[str], config: AttributionConfig) -> str:
    for agent in reversed(path_agents):
        if agent and any(fnmatchcase(agent, pattern) for pattern in config.agents.shared):
            return agent
    return ""


# R10 Allocation, exactly: largest remainder at the 12th digit, ties by team name ascending; no weight above zero: everything to ''.


def total(amounts: Iterable[Decimal]) -> Decimal:
    with localcontext(EXACT):
        return sum(amounts, Decimal(0))


def split(amount: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Amount by team: the parts sum to `amount`; a team of no weight has no part."""
    return split_by_shares(amount, shares_of(weights))


def split_by_shares(amount: Decimal, shares: Mapping[str, Fraction]) -> dict[str, Decimal]:
    """`split`, by shares that sum to 1; a negative amount is split as its opposite."""
    units = Fraction(amount) * UNITS_PER_USD
    if units.denominator != 1:
        raise ValueError(f"{amount} has more than 12 decimal digits")
    sign = -1 if units < 0 else 1
    exact = {team: abs(units) * share for team, share in shares.items() if share}
    parts = {team: units_due // 1 for team, units_due in exact.items()}
    by_remainder = sorted(exact, key=lambda team: (-(exact[team] % 1), team))
    for team in by_remainder[: int(abs(units)) - sum(parts.values())]:
        parts[team] += 1
    with localcontext(EXACT):
        return {team: Decimal(sign * part).scaleb(-12) for team, part in parts.items()}


def shares_of(weights: Mapping[str, Decimal]) -> dict[str, Fraction]:
    positive = {team: Fraction(weight) for team, weight in weights.items() if weight > 0}
    if not positive:
        return {"": Fraction(1)}
    return {team: weight / sum(positive.values()) for team, weight in positive.items()}


# Serving: a pool may hand part of itself to other pools, in the unit of its weights where they are fixed, else in percent. By Cramer's
# rule, pool after pool, or not at all.


def handed_on(config: AttributionConfig, pool: str) -> dict[str, Fraction]:
    """Other pools to the share of `pool` that they take."""
    rule = config.pools.get(pool, Pool())
    whole = Fraction(100)
    if rule.driver == "fixed":
        whole = sum(map(Fraction, [*rule.weights.values(), *rule.serves.values()]), Fraction(0))
    return {other: Fraction(taken) / whole for other, taken in rule.serves.items() if taken}


def network(config: AttributionConfig) -> list[str]:
    """The pools that serve a pool or are served by one."""
    return sorted({name for pool in config.pools for other in handed_on(config, pool) for name in (pool, other)})


def through_pools(config: AttributionConfig, pool: str, by_use: Mapping[str, Mapping[str, Fraction]]) -> dict[str, Fraction]:
    """Team to its share of what `pool` costs; `by_use` has the teams' shares in each pool by itself."""
    names = network(config)
    if pool not in names:
        return dict(by_use[pool])
    if config.allocation.method == "reciprocal":
        teams = {team for name in names for team in by_use[name]}
        return {team: _cramer(config, names, names.index(pool), {n: by_use[n].get(team, Fraction(0)) for n in names}) for team in teams}
    if config.allocation.method == "direct":
        return dict(by_use[pool])
    return _pool_after_pool(config, names, pool, by_use)


def _cramer(config: AttributionConfig, names: list[str], place: int, team_of: Mapping[str, Fraction]) -> Fraction:
    """What one team bears of the pool at `place`: it bears of each pool what it used of it and what it bears of those it serves."""
    hands = [handed_on(config, name) for name in names]
    equations = [
        [Fraction(row == column) - hands[row].get(other, Fraction(0)) for column, other in enumerate(names)] for row in range(len(names))
    ]
    own = [(1 - sum(hands[row].values(), Fraction(0))) * team_of[name] for row, name in enumerate(names)]
    replaced = [[*line[:place], own[row], *line[place + 1 :]] for row, line in enumerate(equations)]
    return determinant(replaced) / determinant(equations)


def determinant(rows: list[list[Fraction]]) -> Fraction:
    if not rows:
        return Fraction(1)
    minors = [[line[:column] + line[column + 1 :] for line in rows[1:]] for column in range(len(rows))]
    return sum(((-1) ** column * rows[0][column] * determinant(minor) for column, minor in enumerate(minors)), Fraction(0))


def _pool_after_pool(
    config: AttributionConfig, names: list[str], pool: str, by_use: Mapping[str, Mapping[str, Fraction]]
) -> dict[str, Fraction]:
    """Close the pools one by one; what is left of each goes to those not closed yet and to teams, in proportion."""
    rest = sorted(set(config.pools) - set(config.allocation.order), key=lambda name: (-len(handed_on(config, name)), name))
    content = {name: Fraction(name == pool) for name in names}
    teams: dict[str, Fraction] = defaultdict(Fraction)
    open_pools = [name for name in (*config.allocation.order, *rest) if name in names]
    while open_pools:
        name = open_pools.pop(0)
        hands = handed_on(config, name)
        own = 1 - sum(hands.values(), Fraction(0))
        counted = {other: share for other, share in hands.items() if other in open_pools}
        per_share = content[name] / (own + sum(counted.values(), Fraction(0)))
        for other, share in counted.items():
            content[other] += share * per_share
        for team, share in by_use[name].items():
            teams[team] += own * per_share * share
    return {team: share for team, share in teams.items() if share}


@dataclass(frozen=True)
class World:
    """What stands once all is attributed. No dict of money holds a zero; days and periods are those of `periods.timezone`."""

    config: AttributionConfig
    contents: dict[Key, Span]
    """The latest content of every span."""
    spans: dict[Key, Attributed]
    trace_flags: dict[str, frozenset[str]]
    """Trace id to 'orphan' and 'cycle', of every trace."""
    added: tuple[Addition, ...] = ()

    def amount(self, key: Key) -> Decimal:
        """What is billed of a span: unknown and unbilled are nothing here."""
        span = self.spans[key]
        return total(part or Decimal(0) for part in (span.used, span.fee, span.witnessed))

    def cost(self, key: Key) -> Decimal | None:
        """What a span that is billed is billed, None where nothing of it is known."""
        span = self.spans[key]
        return self.amount(key) if (span.used, span.fee, span.witnessed) != (None, None, None) else None

    def is_unpriced(self, key: Key) -> bool:
        """Whether something is billed that nobody knows the price of."""
        span = self.spans[key]
        return (self._is_used(key) and span.used is None) or (is_timed(self.contents[key]) and span.fee is None)

    def _is_used(self, key: Key) -> bool:
        """Whether what the span used is billed."""
        return self.spans[key].unbilled_reason == "" and self.contents[key].usage != "none"

    def day(self, key: Key) -> date:
        return self.day_at(self.contents[key].start_time)

    def day_at(self, nanoseconds: int) -> date:
        return datetime.fromtimestamp(nanoseconds // 10**9, ZoneInfo(self.config.periods.timezone)).date()

    def period(self, key: Key) -> str:
        return period_of(self.day(key))

    @cached_property
    def periods(self) -> frozenset[str]:
        return frozenset([*(self.period(key) for key in self.spans), *(one.period for one in self.added)])

    @cached_property
    def billed(self) -> Decimal:
        return total(self.amount(key) for key in self.spans)

    @cached_property
    def direct(self) -> dict[tuple[date, str, str, str], Decimal]:
        """(day, team, department, cost_center) to what was spent outside every pool."""
        keys = [key for key, span in self.spans.items() if not span.pool]
        parts = [(self.day(key), initiator, part) for key in keys for initiator, part in self.split(key)]
        return sums(((day, one.team, one.department, one.cost_center), part) for day, one, part in parts)

    def split(self, key: Key) -> list[tuple[Initiator, Decimal]]:
        """What is billed of a span, by initiator."""
        return [(initiator, total(charges)) for initiator, charges in self.spans[key].charges]

    @cached_property
    def pools(self) -> dict[tuple[str, date], Decimal]:
        """(pool, day) to its cost; what was added to it, on the first day of the month."""
        of_spans = [((span.pool, self.day(key)), self.amount(key)) for key, span in self.spans.items() if span.pool]
        return sums([*of_spans, *(((one.pool, one.day), one.amount) for one in self.added)])

    @cached_property
    def direct_of_months(self) -> dict[tuple[str, str], Decimal]:
        """(period, team) to what it spent outside every pool."""
        return sums(((period_of(day), team), amount) for (day, team, *_), amount in self.direct.items())

    @cached_property
    def weights(self) -> dict[tuple[str, str], dict[str, Decimal]]:
        """(period, pool) to the weight of each team that has one, of every pool that a span or an addition of the period belongs to."""
        pools = {(self.period(key), span.pool) for key, span in self.spans.items() if span.pool}
        pools |= {(one.period, one.pool) for one in self.added}
        return {(period, pool): self.weights_of(period, pool, self.direct_of_months) for period, pool in pools}

    def weights_of(self, period: str, pool: str, direct: Mapping[tuple[str, str], Decimal]) -> dict[str, Decimal]:
        """Team to weight; `direct` is what `cost` goes by."""
        return sums(self._weights(period, pool, direct))

    def _weights(self, period: str, pool: str, direct: Mapping[tuple[str, str], Decimal]) -> list[tuple[str, Decimal]]:
        """Weights by team, to be added up. `invocations` is settled (R10); the other drivers are our reading of their names.

        A pool with an addition, or in the network, that nobody used in the month is split by the use of everything.
        """
        rule = self.config.pools.get(pool, Pool())
        additions = [one for one in self.added if (one.period, one.pool) == (period, pool)]
        driver = next((one.driver for one in additions if one.driver), rule.driver)
        if driver == "fixed":
            return list(rule.weights.items())
        if rule.use == "previous":
            period = month_before(period)
        if driver in {"cost", "caused"}:
            in_pool = [key for key, span in self.spans.items() if span.pool == pool and self.period(key) == period]
            caused = [(initiator.team, part) for key in in_pool for initiator, part in self.split(key)]
            # The team's direct cost of the period, whatever it spent it on; or what its own workflows cost in the pool.
            return caused if driver == "caused" else [(team, cost) for (month, team), cost in direct.items() if month == period]
        of_period = [(key, span) for key, span in self.spans.items() if self.period(key) == period]
        members = [(key, span) for key, span in of_period if span.pool == pool]
        used = any(self._is_use(key) for key, _ in members)
        entries = [(key, span) for key, span in of_period if span.agent_entry and not span.reentrant]
        timed = [(key, span) for key, span in of_period if span.root_span_id == key[1]]
        if used or not (additions or pool in network(self.config)):
            entries = timed = [(key, span) for key, span in entries if span.agent == span.pool == pool]
        else:
            members = of_period
        if driver == "tokens":  # of the billed spans; unknown counts are nothing here
            counts = [
                (span, sum(count or 0 for count in self.contents[span.told_by].tokens)) for key, span in members if self._is_used(key)
            ]
            return [(one.team, Decimal(part)) for span, count in counts for one, part in span.split(count)]
        if driver == "duration":
            lasting = [(span, self.contents[key].duration_ns) for key, span in timed]
            return [(one.team, Decimal(part)) for span, duration in lasting for one, part in span.split(duration)]
        if driver == "even":
            return [(team, Decimal(1)) for team in {one.team for _, span in entries for one in span.initiators}]
        return [(one.team, part) for _, span in entries for one, part in span.weights]

    def _is_use(self, key: Key) -> bool:
        span, content = self.spans[key], self.contents[key]
        lasting_root = span.root_span_id == key[1] and content.duration_ns > 0
        return lasting_root or (span.agent_entry and not span.reentrant) or (self._is_used(key) and any(self.contents[span.told_by].tokens))

    def allocate(
        self, costs: Mapping[PoolDay, Decimal], direct: Mapping[tuple[str, str], Decimal], arisen: Mapping[tuple[str, str], Decimal]
    ) -> dict[tuple[str, str, date, str], Decimal]:
        """(period, pool, day, team) to the team's part of a pool's cost of the day, by the weights of the whole period in which it arose.

        Args:
            costs: of pools by the day on which they are booked; late cost apart.
            direct: (period, team) to the team's direct cost that is booked in the period: what `cost` goes by.
            arisen: the same by the period in which it arose: what late cost goes by.

        """
        parts: list[tuple[tuple[str, str, date, str], Decimal]] = []
        shares: dict[tuple[str, str, str], dict[str, Fraction]] = {}
        for (pool, day, late_from), cost in costs.items():
            booked = period_of(day)
            if (booked, pool, late_from) not in shares:
                period, by = (late_from, arisen) if late_from else (booked, direct)
                by_use = {name: shares_of(self.weights_of(period, name, by)) for name in {pool, *network(self.config)}}
                shares[booked, pool, late_from] = through_pools(self.config, pool, by_use)
            # The days of late cost are gone: it is booked on one.
            of_day = (not late_from and self._caused(pool, day)) or shares[booked, pool, late_from]
            parts += [((booked, pool, day, team), part) for team, part in split_by_shares(cost, of_day).items()]
        return sums(parts)

    def _caused(self, pool: str, day: date) -> dict[str, Fraction]:
        """Team to its share of what workflows cost in a pool on a day, where that is what the pool is split by."""
        given = next((one.driver for one in self.added if (one.period, one.pool) == (period_of(day), pool) and one.driver), "")
        if (given or self.config.pools.get(pool, Pool()).driver) != "caused" or pool in network(self.config):
            return {}
        in_pool = [key for key, span in self.spans.items() if span.pool == pool and self.day(key) == day]
        costs = sums((initiator.team, part) for key in in_pool for initiator, part in self.split(key))
        return shares_of(costs) if costs else {}

    @cached_property
    def allocations(self) -> dict[tuple[str, str, date, str], Decimal]:
        """(period, pool, day, team) to the team's part of the pool's cost of the day."""
        costs = {(pool, day, ""): cost for (pool, day), cost in self.pools.items()}
        return self.allocate(costs, self.direct_of_months, self.direct_of_months)

    @cached_property
    def pool_shares(self) -> dict[tuple[str, str, str], tuple[Decimal, Fraction, Decimal]]:
        """(period, pool, team) to (weight, share, amount), of every pool of `weights`; '' alone, of weight 0, where there are none."""
        amounts = sums(((period, pool, team), amount) for (period, pool, _, team), amount in self.allocations.items())
        return {
            (period, pool, team): (weights.get(team, Decimal(0)), share, amounts.get((period, pool, team), Decimal(0)))
            for (period, pool), weights in self.weights.items()
            for team, share in shares_of(weights).items()
        }

    @cached_property
    def costs_by_team(self) -> dict[tuple[date, str, str, str], tuple[Decimal, Decimal, Decimal]]:
        """(day, team, department, cost_center) to (direct, allocated, total).

        What is allocated to a team stands under the department and cost center that the organization gives the team, or blanks.
        """
        allocated = sums(((day, *self._placed(team)), part) for (_, _, day, team), part in self.allocations.items())
        nothing = Decimal(0)
        return {
            key: (
                self.direct.get(key, nothing),
                allocated.get(key, nothing),
                total((self.direct.get(key, nothing), allocated.get(key, nothing))),
            )
            for key in self.direct.keys() | allocated.keys()
        }

    def _placed(self, team: str) -> tuple[str, str, str]:
        known = self.config.organization.teams.get(team)
        return (team, known.department, known.cost_center) if known else (team, "", "")

    @cached_property
    def by_agent(self) -> dict[tuple[date, str], tuple[Decimal, Decimal, int, int, int]]:
        """(day, agent) to (own_cost, inclusive_cost, entries, reentrant_entries, tasks), of every agent on a path of the day.

        Entries do not include the re-entrant ones; tasks are the distinct tasks of the entries. '' is the row of spans without an agent.
        """
        billed = [(self.day(key), span, self.amount(key)) for key, span in self.spans.items()]
        own = sums(((day, span.agent), amount) for day, span, amount in billed)
        inclusive = sums(((day, agent), amount) for day, span, amount in billed for agent in span.path_agents | {span.agent})
        entries = [(day, span) for day, span, _ in billed if span.agent_entry]
        first_entries = [(day, span) for day, span in entries if not span.reentrant]
        counts = Counter((day, span.agent) for day, span in first_entries)
        counts_again = Counter((day, span.agent) for day, span in entries if span.reentrant)
        tasks = Counter((day, agent) for day, agent, _ in {(day, span.agent, span.task) for day, span in first_entries})
        rows = {(day, agent) for day, span, _ in billed for agent in span.path_agents | {span.agent}}
        return {row: (own.get(row, Decimal(0)), inclusive.get(row, Decimal(0)), counts[row], counts_again[row], tasks[row]) for row in rows}

    def paid_by(self, dimension: str, period: str | None = None) -> dict[str, Decimal]:
        """Who pays, by one of `DIMENSIONS`, over all time or of one period.

        By team, department and cost center: the direct cost and the parts of the pools. By any other dimension a pooled span counts under
        its own value, for a split of it by team would say nothing more.
        """
        rows: list[tuple[date, str, Decimal]]
        if dimension in GROUP:
            place = 1 + GROUP.index(dimension)
            rows = [(row[0], str(row[place]), row_total) for row, (_, _, row_total) in self.costs_by_team.items()]
        else:
            rows = [(self.day(key), *part) for key in self.spans for part in self._parts(key, dimension)]
            rows += [(one.day, "platform" if dimension == "bucket" else "", one.amount) for one in self.added]
        return sums((value, amount) for day, value, amount in rows if period in {None, period_of(day)})

    def _parts(self, key: Key, dimension: str) -> list[tuple[str, Decimal]]:
        """What is billed of a span, by value of a dimension: its own time is compute, of no model."""
        span, content = self.spans[key], self.contents[self.spans[key].told_by]
        if dimension == "agent":
            return [(span.agent, self.amount(key))]
        if dimension not in {"provider", "model", "bucket"}:
            return [(str(getattr(initiator, dimension)), part) for initiator, part in self.split(key)]
        of_time = "compute" if dimension == "bucket" else ""
        of_use = str(getattr(content, dimension))
        return [(of_use, span.used or Decimal(0)), (of_use, span.witnessed or Decimal(0)), (of_time, span.fee or Decimal(0))]

    def check(self) -> None:
        """R13 Conservation, of every period; raises AssertionError."""
        for period in self.periods:
            of_spans = total(self.amount(key) for key in self.spans if self.period(key) == period)
            billed = total([of_spans, *(one.amount for one in self.added if one.period == period)])
            direct = total(amount for (day, *_), amount in self.direct.items() if period_of(day) == period)
            pooled = total(amount for (_, day), amount in self.pools.items() if period_of(day) == period)
            allocated = total(amount for (of, *_), amount in self.allocations.items() if of == period)
            owned = total(own for (day, _), (own, *_) in self.by_agent.items() if period_of(day) == period)
            assert billed == total((direct, pooled))
            assert pooled == allocated
            assert of_spans == owned
            assert {dimension: total(self.paid_by(dimension, period).values()) for dimension in DIMENSIONS} == dict.fromkeys(
                DIMENSIONS, billed
            )
        for (pool, day), cost in self.pools.items():
            assert cost == total(part for (_, of, on, _), part in self.allocations.items() if (of, on) == (pool, day))
        shared = [*self.allocations.values()]
        assert total([self.billed, *(one.amount for one in self.added)]) == total([*shared, *self.direct.values()])
        assert all(own <= inclusive <= self.billed for own, inclusive, *_ in self.by_agent.values())


# R12 Periods: a closed month stands as it was when it was closed. What belongs to it, less what stands in it, is booked on the first day
# of the earliest open month after it; open months hold what belongs to them and what is booked into them. What is late is split as
# the month in which it arose would be.

LedgerRow = tuple[date, int, Key, str, tuple[str, ...]]
"""(day booked, effective_at in ns, span or ('', ''), pool, the dimensions)"""


@dataclass
class Books:
    """What the ledger holds, month by month."""

    closed: dict[str, Books.Month] = field(default_factory=dict)

    @dataclass(frozen=True)
    class Month:
        """What stands in a month."""

        costs: dict[LedgerRow, Decimal]
        allocations: dict[tuple[str, str, date, str], Decimal]

    def booked(self, period: str) -> str:
        while period in self.closed:
            period = month_after(period)
        return period

    def close(self, world: World, period: str) -> None:
        self.closed[period] = self.month(world, period)

    def reopen(self, period: str) -> None:
        del self.closed[period]

    def month(self, world: World, period: str) -> Books.Month:
        everything = self.of(world)
        return Books.Month(
            {row: amount for row, amount in everything.costs.items() if period_of(row[0]) == period},
            {row: amount for row, amount in everything.allocations.items() if row[0] == period},
        )

    def of(self, world: World) -> Books.Month:
        """What stands in all months, closed and open."""
        due = [(self._rebooked(row), amount) for row, amount in due_rows(world)]
        for month in self.closed.values():
            due += [(self._rebooked(row), -amount) for row, amount in month.costs.items()]
        costs = sums(due)
        for month in self.closed.values():
            costs |= month.costs
        arose = {row: period_of(world.day_at(row[1])) for row in costs}
        direct = sums(((period_of(row[0]), row[4][0]), amount) for row, amount in costs.items() if not row[3])
        arisen = sums(((arose[row], row[4][0]), amount) for row, amount in costs.items() if not row[3])
        pooled = sums(
            ((row[3], row[0], "" if arose[row] == period_of(row[0]) else arose[row]), amount) for row, amount in costs.items() if row[3]
        )
        open_pools = {(pool, day, late): amount for (pool, day, late), amount in pooled.items() if period_of(day) not in self.closed}
        allocations = world.allocate(open_pools, direct, arisen)
        for month in self.closed.values():
            allocations |= month.allocations
        return Books.Month(costs, allocations)

    def _rebooked(self, row: LedgerRow) -> LedgerRow:
        period = period_of(row[0])
        return row if period not in self.closed else (first_day(self.booked(period)), *row[1:])


def due_rows(world: World) -> list[tuple[LedgerRow, Decimal]]:
    """Every cost on the day on which it arose."""
    rows: list[tuple[LedgerRow, Decimal]] = []
    for key, span in world.spans.items():
        content = world.contents[key]
        # Its own time is compute, of no model.
        told = world.contents[span.told_by]
        of_use = (told.provider, told.model, told.bucket)
        for one, (used_part, fee, beyond) in span.charges:
            payer = ("", "", "") if span.pool else (one.team, one.department, one.cost_center)
            what = (one.project, one.environment, one.user, one.task, one.workflow, span.agent)
            for of_what, part in ((of_use, used_part), (of_use, beyond), (("", "", "compute"), fee)):
                rows.append(((world.day(key), content.start_time, key[:2], span.pool, (*payer, *what, *of_what)), part))
    zone = ZoneInfo(world.config.periods.timezone)
    for one in world.added:
        midnight = int(datetime(one.day.year, one.day.month, 1, tzinfo=zone).timestamp()) * 10**9
        rows.append(((one.day, midnight, ("", ""), one.pool, ("",) * 11 + ("platform",)), one.amount))
    return rows


def period_of(day: date) -> str:
    return f"{day:%Y-%m}"


def first_day(period: str) -> date:
    return date.fromisoformat(f"{period}-01")


def month_before(period: str) -> str:
    return period_of(first_day(period) - timedelta(days=1))


def month_after(period: str) -> str:
    return period_of(first_day(period) + timedelta(days=31))


def sums(amounts: Iterable[tuple[Row, Decimal]]) -> dict[Row, Decimal]:
    """The sum of every row that is not zero."""
    collected: dict[Row, list[Decimal]] = defaultdict(list)
    for row, amount in amounts:
        collected[row].append(amount)
    return {row: amount for row, parts in collected.items() if (amount := total(parts))}


# Last, because it reads what is above.
from tests.oracle import billing  # noqa: E402
