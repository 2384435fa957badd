"""Worlds with every nastiness at once: for Hypothesis (`worlds`), which shrinks them, and for soak runs (`random_world`), from a seed.

One generator writes both, choosing through `Pick`. The first option of every choice is the dull one, for Hypothesis shrinks towards it,
and an option that stands there twice is twice as likely. Alphabets are small so that collisions happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from attribution.configuration import AttributionConfig, Driver
from attribution.errors import ConfigurationError
from tests.oracle.model import Key, Span, time_fee

Option = TypeVar("Option")

SECOND = 10**9
DAY = 86_400 * SECOND

ZONES = ("UTC", "America/St_Johns", "Pacific/Auckland", "Asia/Kathmandu")
DRIVERS: tuple[Driver, ...] = ("invocations", "tokens", "cost", "caused", "duration", "even", "fixed")
AGENTS = ("", "", "", "planner", "planner", "researcher", "guardrail", "guardrail", "formatter-a", "formatter-b")
SHARED = (("guardrail",), ("guardrail", "formatter-*"), (), ("*",), ("formatter-?", "no-such-agent"))
OWNERS: tuple[dict[str, str], ...] = ({}, {"planner": "platform", "guardrail": "security"}, {"edge": "équipe", "researcher": ""})
TEAMS: tuple[dict[str, dict[str, str]], ...] = (
    {},
    {"support": {"department": "customers", "cost_center": "CC-1"}, "sales": {"department": "", "cost_center": "CC-2"}},
    {"équipe": {"department": "o'hare", "cost_center": ""}, "platform": {"department": "engineering", "cost_center": "CC-3"}},
)
WEIGHTS: tuple[dict[str, str], ...] = ({}, {"support": "1", "sales": "2"}, {"": "0.1", "support": "0"}, {"sales": "0", "legal": "0"})
SERVES: tuple[dict[str, dict[str, str]], ...] = (
    {},
    {"gpu cluster": {"guardrail": "20", "formatter-a": "10"}, "guardrail": {"formatter-a": "33.3"}, "formatter-a": {"gpu cluster": "5"}},
    {"guardrail": {"formatter-a": "1"}, "formatter-a": {"formatter-b": "100"}, "formatter-b": {"guardrail": "7"}},
)
TEAM_NAMES = ("support", "sales", "équipe", "platform")
OFFSETS = (0, 0, SECOND, SECOND, 2 * SECOND, -SECOND, 1, -1, DAY, -DAY, 12 * 3_600 * SECOND)
DURATIONS = (0, SECOND, 3 * SECOND, 3 * SECOND, 10 * SECOND, 1)
COSTS = tuple(map(Decimal, ("0.0035", "0.000000000001", "0.333333333333", "1", "0", "12345.678900000001", "99999999999999.999999999999")))
TOKENS = (10, 10, 20, 0, None)
RATES = ("0.00012", "0.000000000500000000", "0.333333333333333333", "12345.000000000000000001")
VALUES = {"team": TEAM_NAMES, "session": tuple(f"session-{number}" for number in range(1, 9))}
SENDERS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("", ""),),
    (("", ""),),
    (("crew", ""), ("lab", ""), ("proxy", "")),
    (
        ("crew", '{"team": "Sales"}'),
        ("lab", '{"client_department": "d-9", "team": "support", "user": "bot"}'),
        ("proxy", '{"cost_center": "cc-1"}'),
        ("", ""),
    ),
)
"""Who sends to a world, each with the tags of its key."""
MAY_CHARGE: tuple[dict[str, dict[str, Any]], ...] = (
    {},
    {"crew": {"may_charge": []}, "proxy": {"gateway": True}},
    {"crew": {"may_charge": ["lab"]}, "lab": {"may_charge": ["sal*", "proxy"]}},
)
SCOPES = ("", "", "litellm", "envoyproxy/ai-gateway")
DIMENSIONS = ("team", "team", "department", "cost_center", "project", "environment", "user", "session", "session", "task", "workflow")


class Pick(Protocol):
    """Where choices come from."""

    def one(self, options: Sequence[Option]) -> Option: ...
    def count(self, least: int, most: int) -> int: ...


class FromRandom:
    """Choices from a seeded generator."""

    def __init__(self, random: Random):
        self._random = random

    def one(self, options: Sequence[Option]) -> Option:
        return self._random.choice(options)

    def count(self, least: int, most: int) -> int:
        return self._random.randint(least, most)


class FromHypothesis:
    """Choices that Hypothesis records, replays and shrinks."""

    def __init__(self, draw: st.DrawFn):
        self._draw = draw

    def one(self, options: Sequence[Option]) -> Option:
        return self._draw(st.sampled_from(options))

    def count(self, least: int, most: int) -> int:
        return self._draw(st.integers(least, most))


@dataclass(frozen=True)
class Sizes:
    """How big a world may be, and by what it may be split."""

    traces_max: int = 6
    spans_max: int = 12
    """Deliveries of a trace, resends among them."""
    ids: int = 14
    """Span ids that a trace draws from: few, so that resends and missing parents happen."""
    linking_spans_max: int = 8
    """The oracle follows every chain of links, and loops of links have many; without this bound a dense world takes for ever."""
    drivers: tuple[Driver, ...] = DRIVERS


@dataclass(frozen=True)
class Case:
    """What an implementation is given."""

    deliveries: tuple[Span, ...]
    config: AttributionConfig


@st.composite
def worlds(draw: st.DrawFn, sizes: Sizes = Sizes()) -> Case:
    """Worlds for properties. Pass `Sizes(drivers=("invocations",))` for the settled driver alone."""
    return _World(FromHypothesis(draw), sizes).case()


def random_world(seed: int, sizes: Sizes | None = None) -> Case:
    """The world of a seed, bigger than those of `worlds` unless `sizes` says otherwise."""
    random = Random(seed)
    return _World(FromRandom(random), sizes or Sizes(traces_max=30, spans_max=random.choice((12, 40, 150)), ids=160)).case()


class _World:
    def __init__(self, pick: Pick, sizes: Sizes):
        self.pick = pick
        self.sizes = sizes
        self.config = _config(pick, sizes.drivers)
        self.edge = _month_edge(self.config.periods.timezone)
        self.delivered: list[Span] = []
        self.linking = 0
        self.senders = pick.one(SENDERS)
        self.sender_of: dict[Key, tuple[str, str]] = {}

    def case(self) -> Case:
        traces = [f"{number:032x}" for number in range(1, 1 + self.pick.count(1, self.sizes.traces_max))]
        for trace_id in traces:
            first = len(self.delivered)
            for _ in range(self.pick.count(1, self.sizes.spans_max)):
                self._deliver(trace_id, first, traces)
            self._tie_a_loop(first)
        return Case(tuple(self.delivered), self.config)

    def _deliver(self, trace_id: str, first: int, traces: list[str]) -> None:
        """Add a delivery: mostly a new span, also a resend of one, the same or changed, older or newer."""
        earlier = {span.span_id: span for span in self.delivered[first:]}
        span_id = self._span_id(self.pick.count(1, self.sizes.ids))
        if span_id in earlier and self.pick.one((False, True)):  # resent as it was
            span = replace(earlier[span_id], version=self._version(older=self.pick.one((False, True))))
        else:
            older = span_id in earlier and self.pick.one((False, True))
            span = self._span((trace_id, span_id), self._version(older=older), list(earlier), traces)
        self.delivered.append(span)

    def _span_id(self, number: int) -> str:
        """Ids that do not rise with the number, so that ties by id go either way."""
        return f"{number * 7 % 1009:016x}"

    def _version(self, *, older: bool) -> int:
        count = len(self.delivered)
        return 1_000_000 - count if older else 1_000_001 + count

    def _span(self, key: Key, version: int, earlier: list[str], traces: list[str]) -> Span:
        pick = self.pick
        links = self._links(traces)
        # A span has one sender here: which of two records with the same ids is a duplicate is another matter.
        sender, tags = self.sender_of.setdefault(key, pick.one(self.senders))
        facts: dict[str, Any] = {
            "version": version,
            "trace_id": key[0],
            "span_id": key[1],
            "parent_span_id": self._parent(key[1], earlier),
            "name": pick.one(("run", "chat", "o'call")),
            "sender": sender,
            "tags": tags,
            "scope_name": pick.one(SCOPES),
            "signal": pick.one(("span", "span", "span", "span", "log", "file")),
            "service": pick.one(("edge", "backend", "")),
            "start_time": self.edge + pick.one(OFFSETS),
            "duration_ns": pick.one(DURATIONS),
            "link_trace_ids": tuple(target[0] for target in links),
            "link_span_ids": tuple(target[1] for target in links),
            "agent": pick.one(AGENTS),
            "workflow_name": pick.one(("", "", "", "", "intake", "guardrail")),
        }
        for _ in range(pick.one((0, 0, 1, 1, 2, 4))):
            dimension = pick.one(DIMENSIONS)
            value = pick.one(VALUES.get(dimension, (f"{dimension}-1", f"{dimension}-2")))
            facts[f"{pick.one(('span', 'resource'))}_{dimension}"] = value
        return self._timed(Span(**facts, **self._usage()))

    def _timed(self, span: Span) -> Span:
        """Sometimes its own time costs too: by the rule that made its price, which then holds the time as a whole, or beside it."""
        rate = self.pick.one((*(None,) * 6, *RATES, "unknown"))
        if rate is None:
            return span
        if rate == "unknown":
            return replace(span, own_time_price_id="rule:compute/2")
        timed = replace(span, own_time_rate=Decimal(rate), own_time_price_id="rule:compute/1")
        whole = time_fee(timed, timed.duration_ns)
        if span.usage == "none" and whole is not None and self.pick.one((True, True, False)):
            fixed = self.pick.one((Decimal(0), Decimal(0), Decimal("0.05")))
            by_rule = {"price_id": "rule:compute/1", "cost_source": "rule", "cost": whole + fixed}
            return replace(timed, usage="leaf", bucket="compute", **by_rule)
        return timed

    def _parent(self, span_id: str, earlier: list[str]) -> str:
        kinds = ("root", "last", "last", "last", "any", "any", "missing or to come", "itself")
        kind = self.pick.one(kinds if earlier else ("root", "root", "missing or to come", "itself"))
        if kind == "last":
            return earlier[-1]
        if kind == "any":
            return self.pick.one(earlier)
        if kind == "missing or to come":
            return self._span_id(self.pick.count(1, self.sizes.ids + 2))
        return span_id if kind == "itself" else ""

    def _links(self, traces: list[str]) -> list[Key]:
        """Few links: to spans there and not there, forward and back, to the span's own trace and itself."""
        count = self.pick.one((0, 0, 0, 0, 1, 2)) if self.linking < self.sizes.linking_spans_max else 0
        self.linking += bool(count)
        return [self._link_target(traces) for _ in range(count)]

    def _link_target(self, traces: list[str]) -> Key:
        known = self.delivered[-20:]
        if known and self.pick.one(("known", "known", "any")) == "known":
            return self.pick.one(known).key
        return (self.pick.one((*traces, "f" * 32)), self._span_id(self.pick.count(1, self.sizes.ids)))

    def _usage(self) -> dict[str, Any]:
        """What a span used and cost: none, a model call, an earlier call seen again, a total, or a tool."""
        pick = self.pick
        kind = pick.one(("none", "leaf", "leaf", "leaf", "again", "again", "aggregate", "rule", "odd"))
        calls = [span for span in self.delivered[-12:] if span.usage == "leaf" and span.cost_source != "rule"]
        if kind == "again" and calls:
            return self._seen_again(pick.one(calls))
        if kind == "none":
            return {"cost": pick.one((None, Decimal(0))), "cost_source": "none"}
        if kind == "rule":
            price_id = pick.one(("rule:tool/search", "rule:tool/search", "rule:tool/search", "rule:tool/*", "rule:fee"))
            figures = pick.one((*({"cost_source": "rule", "cost": cost} for cost in COSTS), {"cost_source": "unpriced"}))
            return {"usage": "leaf", "bucket": "tool", "price_id": price_id, **figures}
        if kind == "odd":  # a leaf with nothing to bill, a rule-priced one that looks like a model call, or one that is
            by_rule: dict[str, Any] = {"cost_source": "rule", "cost": COSTS[0]}
            return {**self._call(), **pick.one(({"cost_source": "none", "cost": Decimal(0)}, by_rule, {**by_rule, "bucket": "compute"}))}
        return {**self._call(), "usage": "aggregate" if kind == "aggregate" else "leaf"}

    def _call(self) -> dict[str, Any]:
        pick = self.pick
        return {
            "usage": "leaf",
            "bucket": "llm",
            "provider": pick.one(("openai", "anthropic")),
            "model": pick.one(("gpt-4o", "gpt-4o", "openai/GPT-4o-2024-08-06", "haiku", "us.anthropic.haiku-20250929-v1:0", "")),
            "input_tokens": pick.one(TOKENS),
            "output_tokens": pick.one(TOKENS),
            "response_id": pick.one(("", "response-1", "response-1", "response-2")),
            **self._cost(),
        }

    def _seen_again(self, call: Span) -> dict[str, Any]:
        """The same call from another place: priced or not, with the response id or without, sometimes with other counts."""
        pick = self.pick
        copied = (
            "usage",
            "bucket",
            "provider",
            "model",
            "input_tokens",
            "output_tokens",
            "response_id",
            "cost",
            "cost_source",
            "knowledge",
        )
        seen: dict[str, Any] = {name: getattr(call, name) for name in copied}
        changes: tuple[dict[str, Any], ...] = ({}, {}, self._cost(), {"response_id": ""}, {"response_id": "response-2"}, {"model": ""})
        return {**seen, **pick.one((*changes, {"input_tokens": 11}))}

    def _cost(self) -> dict[str, Any]:
        source = self.pick.one(("priced", "priced", "reported", "contract", "unpriced"))
        cost = None if source == "unpriced" else self.pick.one(COSTS)
        return {"cost_source": source, "cost": cost, "knowledge": self.pick.one((0, 0, 2, 3, 130, 1026))}

    def _tie_a_loop(self, first: int) -> None:
        """Sometimes let a few spans of the trace point at each other in a ring; whatever hung from them hangs from the ring."""
        length = self.pick.one((0, 0, 0, 2, 3, 4))
        newest: dict[str, int] = {}
        for place in range(first, len(self.delivered)):
            span = self.delivered[place]
            known = newest.get(span.span_id)
            if known is None or span.version > self.delivered[known].version:
                newest[span.span_id] = place
        ring = list(newest.values())[-length:] if length else []
        for place, following in zip(ring, ring[1:] + ring[:1], strict=True):
            self.delivered[place] = replace(self.delivered[place], parent_span_id=self.delivered[following].span_id)


def _config(pick: Pick, drivers: tuple[Driver, ...]) -> AttributionConfig:
    names = ("guardrail", "formatter-a", "formatter-b", "gpu cluster")
    serves = pick.one(SERVES)
    pools: dict[str, dict[str, Any]] = {}
    for name in names:
        driver = pick.one(drivers)
        use = pick.one(("current", "current", "previous"))
        pools[name] = {
            "driver": driver,
            "weights": pick.one(WEIGHTS[1:] if driver == "fixed" else WEIGHTS),
            "use": "current" if driver in {"fixed", "caused"} else use,
        }
    values: dict[str, Any] = {
        "organization": {"teams": pick.one(TEAMS)},
        "agents": {"shared": pick.one(SHARED), "owners": pick.one(OWNERS)},
        "senders": pick.one(MAY_CHARGE),
        "sessions": {"inherit": pick.one((False, True))},
        "totals": pick.one(({}, {}, {"unobserved": "bill"}, {"unobserved": "bill", "scopes": ["envoy*"]})),
        "allocation": {"method": pick.one(("reciprocal", "reciprocal", "step_down", "direct")), "order": pick.one(((), ("formatter-a",)))},
        "periods": {"timezone": pick.one(ZONES)},
    }
    try:
        return AttributionConfig.parse({**values, "pools": {name: {**how, "serves": serves.get(name, {})} for name, how in pools.items()}})
    except ConfigurationError:  # a loop without an outlet
        return AttributionConfig.parse({**values, "pools": pools})


def _month_edge(zone: str) -> int:
    """The first instant of a month of the zone, ns since the epoch."""
    return int(datetime(2026, 11, 1, tzinfo=ZoneInfo(zone)).timestamp()) * SECOND
