"""Calls that really happened, and the records that instrumentation sends of them.

What a call cost and who started it is fixed here, before anything is told. Records are what is on the wire: attributes, resources, parents,
links, times by the clock of their host. `Record.of` says which calls a record is about. It is never sent: only the measure looks at it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from attribution.appraisal import Appraiser
from attribution.conventions.dimensions import said_of_work, tags_of_span
from collector.config import Config
from collector.spool import Delivery
from tests.attribution.otlp import set_value
from tests.oracle.model import Span

SECOND = 10**9
MILLISECOND = 10**6
NOON = int(datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()) * SECOND
MILLION = Decimal(1_000_000)

PRICES = {
    ("openai", "gpt-4o"): (Decimal("2.50"), Decimal(10)),
    ("openai", "gpt-4o-mini"): (Decimal("0.15"), Decimal("0.60")),
    ("anthropic", "claude-sonnet-4-5"): (Decimal(3), Decimal(15)),
    ("anthropic", "claude-haiku-4-5"): (Decimal(1), Decimal(5)),
}
"""USD a million tokens in and out, as the providers' price lists have them."""
DATED = {
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
    "claude-haiku-4-5": "claude-haiku-4-5-20251001",
}
SECOND_OF_CRAWLING = Decimal("0.00012")
SEARCH_FEE = Decimal("0.01")
TEAMS = ("sales", "support", "legal")
GATEWAY = "llm-proxy"
"""The sender that the configuration knows as a gateway."""
SDK = "opentelemetry.instrumentation.openai_v2"
FRAMEWORK = "agent-framework"

CONFIG = Config.parse(
    {
        "pricing": {"update": False, "rules": [{"bucket": "compute", "agent": "crawler", "per_second": float(SECOND_OF_CRAWLING)}]},
        "organization": {
            "teams": {
                "sales": {"department": "field", "cost_center": "CC-1", "aliases": ["Vertrieb"]},
                "support": {"department": "field", "cost_center": "CC-2", "aliases": ["Kundendienst"]},
                "legal": {"department": "board", "cost_center": "CC-3", "aliases": ["Recht"]},
                "platform": {"department": "engineering", "cost_center": "CC-4"},
            }
        },
        "agents": {"owners": {f"assistant-of-{team}": team for team in TEAMS}},
        "senders": {GATEWAY: {"gateway": True}},
        "sessions": {"inherit": True},
    }
)
"""One for all worlds, so that they fit into one store."""


@dataclass(eq=False)
class Call:
    """One request that a provider billed, or a second that was paid."""

    cost: Decimal
    payers: dict[str, Fraction]
    """Team that started it to its share; one alone where the work was for nobody else."""
    model: str = ""
    tokens: tuple[int, int] = (0, 0)


@dataclass(eq=False)
class Record:
    """What is sent of a moment; compared by identity, for what it says changes while a world is made."""

    trace: int
    span: int
    parent: int
    name: str
    start: int
    """Nanoseconds from noon, by a clock that is right."""
    lasts: int
    of: tuple[Call, ...] = ()
    """The calls that it is about; of a total: all that it sums up."""
    scope: str = SDK
    service: str = "app"
    sender: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    resource: dict[str, str] = field(default_factory=dict)
    links: tuple[tuple[int, int], ...] = ()
    trace_state: str = ""
    failed: bool = False
    signal: str = "span"
    is_total: bool = False
    own_time: Call | None = None
    """What its own seconds cost."""
    is_ended: bool = True
    deliveries: int = 1

    @property
    def end(self) -> int:
        return self.start + self.lasts

    @property
    def usage(self) -> dict[str, Any]:
        return {key: value for key, value in self.attributes.items() if key.startswith("gen_ai.usage.")}

    def is_right_below(self, other: Record) -> bool:
        return (self.trace, self.parent) == (other.trace, other.span)

    def forget(self, *keys: str) -> None:
        """Not to tell these, of attributes that begin so."""
        self.attributes = {key: value for key, value in self.attributes.items() if not key.startswith(keys)}


def usage(tokens: tuple[int, int]) -> dict[str, Any]:
    return {"gen_ai.usage.input_tokens": tokens[0], "gen_ai.usage.output_tokens": tokens[1]}


def price(provider: str, model: str, tokens: tuple[int, int]) -> Decimal:
    """What a provider bills for a call."""
    rates = PRICES[provider, model]
    return (tokens[0] * rates[0] + tokens[1] * rates[1]) / MILLION


class Telling:
    """A world as it is told. It begins with what nobody can get wrong: each agent and each call told once, the team on the root."""

    def __init__(self, seed: int, traces: int = 6, share: float = 1.0, begin: int = 0) -> None:
        """`share`: of calls or traces that a kind of nastiness falls upon. `begin`: ns from noon."""
        self.random = Random(seed)
        self.share = share
        self.calls: list[Call] = []
        self.records: list[Record] = []
        self.clocks: dict[str, int] = {}
        """By service: how far the clock of its host is ahead, ns."""
        self.teams: dict[int, str] = {}
        """By trace: who started it."""
        self._at = begin
        for _ in range(traces):
            self._plain_trace()

    # What is there.

    def _plain_trace(self) -> None:
        team = self.random.choice(TEAMS)
        provider, model = self.random.choice(list(PRICES))
        trace = self.new_id()
        self.teams[trace] = team
        root = self.agent(trace, 0, "planner", self._at)
        root.attributes["team"] = team
        at = root.start + SECOND
        for _ in range(self.random.randint(2, 4)):
            at = self.call(root, team, provider, model, at + SECOND).end
        inner = self.agent(trace, root.span, "researcher", at + SECOND)
        at = inner.start + MILLISECOND
        for _ in range(self.random.randint(2, 3)):
            at = self.call(inner, team, provider, model, at + SECOND).end
        inner.lasts = at + SECOND - inner.start
        root.lasts = inner.end + SECOND - root.start
        self._at = root.end + 60 * SECOND

    def new_id(self) -> int:
        """At random, so that whatever goes by ids goes either way."""
        return self.random.getrandbits(62) | 1

    def agent(self, trace: int, parent: int, name: str, start: int) -> Record:
        said = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name}
        return self.add(Record(trace, self.new_id(), parent, f"invoke_agent {name}", start, 0, scope=FRAMEWORK, attributes=said))

    def call(self, above: Record, team: str, provider: str, model: str, start: int) -> Record:
        tokens = (self.random.randint(300, 6000), self.random.randint(20, 900))
        call = Call(price(provider, model, tokens), {team: Fraction(1)}, model, tokens)
        self.calls.append(call)
        said = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider,
            "gen_ai.request.model": model,
            "gen_ai.response.id": f"resp_{self.new_id():x}",
            **usage(tokens),
        }
        lasts = self.random.randint(800, 6000) * MILLISECOND
        place = (above.trace, self.new_id(), above.span)
        whose = {"service": above.service, "sender": above.sender, "tags": above.tags, "resource": above.resource}
        return self.add(Record(*place, f"chat {model}", start, lasts, of=(call,), attributes=said, **whose))

    def add(self, record: Record) -> Record:
        self.records.append(record)
        return record

    # What a kind of nastiness falls upon.

    def some(self, records: Iterable[Record]) -> list[Record]:
        return [record for record in records if self.random.random() < self.share]

    @property
    def told_by_sdk(self) -> list[Record]:
        """The innermost record of each call."""
        return [record for record in self.records if record.scope == SDK and len(record.of) == 1]

    @property
    def agents(self) -> list[Record]:
        return [record for record in self.records if record.attributes.get("gen_ai.operation.name") == "invoke_agent"]

    @property
    def roots(self) -> list[Record]:
        """Of the traces that somebody started."""
        return [record for record in self.agents if not record.parent and record.trace in self.teams]

    @property
    def inner_agents(self) -> list[Record]:
        return [record for record in self.agents if record.parent]

    def below(self, above: Record) -> list[Record]:
        """All that hangs from a record, in its trace."""
        found: list[Record] = []
        last = {above.span}
        while last:
            following = [record for record in self.records if record.trace == above.trace and record.parent in last]
            following = [record for record in following if record is not above and record not in found]
            found += following
            last = {record.span for record in following}
        return found

    def whole(self, root: Record) -> list[Record]:
        return [root, *self.below(root)]

    def is_alone(self, record: Record) -> bool:
        """Whether no other record tells of its calls but totals."""
        return not any(other is not record and not other.is_total and set(other.of) & set(record.of) for other in self.records)

    # How another layer tells it.

    def around(self, inner: Record, *, scope: str = FRAMEWORK, **changes: Any) -> Record:
        """A record of the same call between an inner record and what is above it."""
        outer = self._again(inner, scope, inner.start - 3 * MILLISECOND, inner.lasts + 6 * MILLISECOND, **changes)
        outer.span = self.new_id()
        inner.parent = outer.span
        return outer

    def beneath(self, outer: Record, *, scope: str, **changes: Any) -> Record:
        """A record of the same call below all that is told of it there: each layer hands on where it is."""
        while lower := next((one for one in self.records if one.of == outer.of and one.is_right_below(outer)), None):
            outer = lower
        inner = self._again(outer, scope, outer.start + 20 * MILLISECOND, outer.lasts - 40 * MILLISECOND, **changes)
        inner.span, inner.parent = self.new_id(), outer.span
        return inner

    def apart(self, record: Record, *, scope: str, **changes: Any) -> Record:
        """A record of the same call in a trace of its own."""
        other = self._again(record, scope, record.start + 20 * MILLISECOND, record.lasts - 40 * MILLISECOND, **changes)
        other.trace, other.span, other.parent = self.new_id(), self.new_id(), 0
        return other

    def _again(self, record: Record, scope: str, start: int, lasts: int, **changes: Any) -> Record:
        whose: dict[str, Any] = {"service": record.service, "sender": record.sender, "tags": record.tags, "resource": record.resource}
        attributes = {key: value for key, value in record.attributes.items() if key.startswith("gen_ai.")}
        how = {"of": record.of, "scope": scope, "attributes": attributes, "trace_state": record.trace_state, **whose, **changes}
        return self.add(Record(record.trace, record.span, record.parent, record.name, start, lasts, **how))

    def settle_own_time(self) -> None:
        """Now that nothing moves any more: what the seconds of agents cost. Whoever is paid by the second waits for nobody here."""
        for record in self.records:
            if record.own_time:
                record.own_time.cost = round(SECOND_OF_CRAWLING * record.lasts / SECOND, 12)

    # What is sent.

    def deliveries(self) -> list[Record]:
        return [record for record in self.records for _ in range(record.deliveries)]

    def spans(self) -> list[Span]:
        """What the conventions and prices of the product read in what is sent, as the oracle takes it.

        Of several deliveries of a span one that has ended goes before one that has not (R1).
        """
        return [self._span(record, version=1 + record.is_ended) for record in self.records]

    def _span(self, record: Record, version: int) -> Span:
        reading, cost = _appraiser().appraise(
            record.scope,
            record.name,
            record.service,
            record.attributes,
            self.started(record),
            record.lasts,
            failed=record.failed,
            sender=record.sender,
        )
        resource = _appraiser().conventions.read_resource({"service.name": record.service, **record.resource})
        said = said_of_work(reading.dims, resource, record.tags)
        names = ("provider", "model", "response_id", "agent", "workflow_name")
        counts = [f"{kind}_tokens" for kind in ("input", "output", "cache_read", "cache_write", "reasoning")]
        return Span(
            version=version,
            **place(record),
            name=record.name,
            service=record.service,
            start_time=self.started(record),
            duration_ns=record.lasts,
            link_trace_ids=tuple(f"{trace:032x}" for trace, _ in record.links),
            link_span_ids=tuple(f"{span:016x}" for _, span in record.links),
            trace_state=record.trace_state,
            scope_name=record.scope,
            signal=record.signal,
            tags=tags_of_span(reading.dims, record.tags),
            usage=cost.usage,
            bucket=cost.bucket,
            cost=cost.cost,
            cost_source=cost.source,
            price_id=cost.price_id,
            knowledge=cost.knowledge,
            own_time_rate=cost.own_time_rate,
            own_time_price_id=cost.own_time_price_id,
            **{name: getattr(reading, name) for name in (*names, *counts)},
            **{f"span_{name}": value for name, value in said.items()},
            **{f"resource_{name}": value for name, value in resource.items()},
        )

    def started(self, record: Record) -> int:
        """By the clock of its host."""
        return NOON + record.start + self.clocks.get(record.service, 0)

    def requests(self, records: Sequence[Record]) -> list[Delivery]:
        """The same as requests, one for each sender and signal, as they come."""
        batches: dict[Any, list[Record]] = {}
        for record in records:
            batches.setdefault((record.sender, tuple(record.tags.items()), record.signal), []).append(record)
        return [self._request(batch) for batch in batches.values()]

    def _request(self, records: Sequence[Record]) -> Delivery:
        request = ExportTraceServiceRequest()
        for record in records:
            group = request.resource_spans.add()
            for key, value in {"service.name": record.service, **record.resource}.items():
                set_value(group.resource.attributes.add(key=key).value, value)
            scope = group.scope_spans.add()
            scope.scope.name = record.scope
            span = scope.spans.add(name=record.name, trace_id=record.trace.to_bytes(16, "big"), span_id=record.span.to_bytes(8, "big"))
            span.parent_span_id = record.parent.to_bytes(8, "big") if record.parent else b""
            span.start_time_unix_nano = self.started(record)
            span.end_time_unix_nano = (self.started(record) + record.lasts) * record.is_ended
            span.trace_state = record.trace_state
            span.status.code = 2 if record.failed else 0
            for trace, linked in record.links:
                span.links.add(trace_id=trace.to_bytes(16, "big"), span_id=linked.to_bytes(8, "big"))
            for key, value in record.attributes.items():
                set_value(span.attributes.add(key=key).value, value)
        first = records[0]
        return Delivery(1, time.time_ns(), len(records), first.tags, request.SerializeToString(), first.sender, first.signal)


def place(record: Record) -> dict[str, str]:
    """Where a record is."""
    ids = {
        "trace_id": f"{record.trace:032x}",
        "span_id": f"{record.span:016x}",
        "parent_span_id": f"{record.parent:016x}" * (record.parent > 0),
    }
    return {**ids, "sender": record.sender}


@cache
def _appraiser() -> Appraiser:
    return Appraiser(CONFIG)
