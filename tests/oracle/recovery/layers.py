"""Kinds of nastiness about who tells of a call: frameworks, SDKs, gateways, log events, and calls that look like one another."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from tests.oracle.recovery.kinds import kind
from tests.oracle.recovery.telling import DATED, GATEWAY, MILLISECOND, SDK, SEARCH_FEE, SECOND, Call, Record, Telling, price, usage

ID = "gen_ai.response.id"
COST = "gen_ai.usage.cost"
MODEL = "gen_ai.request.model"
PROXY = "gateway"
PLATFORM = {"team": "platform"}


def _provider(record: Record) -> str:
    return str(record.attributes["gen_ai.provider.name"])


@kind()
def framework(world: Telling) -> None:
    """A framework tells the call around the SDK's span, with the same response id."""
    for record in world.some(world.told_by_sdk):
        world.around(record)


@kind()
def framework_without_id(world: Telling) -> None:
    """A framework tells the call around the SDK's span, without a response id."""
    for record in world.some(world.told_by_sdk):
        world.around(record).forget(ID)


@kind()
def framework_names_an_alias(world: Telling) -> None:
    """The framework names the model as it was asked for, the SDK with its date; no ids."""
    for record in world.some(world.told_by_sdk):
        world.around(record).forget(ID)
        record.attributes["gen_ai.response.model"] = DATED[record.of[0].model]


@kind()
def framework_counts_otherwise(world: Telling) -> None:
    """The framework counts by its own tokenizer, a little more or less; no ids."""
    for record in world.some(world.told_by_sdk):
        outer = world.around(record)
        outer.forget(ID)
        counts = {key: value + world.random.choice((-2, -1, 1, 2)) for key, value in outer.usage.items() if isinstance(value, int)}
        outer.attributes |= counts


@kind()
def three_layers(world: Telling) -> None:
    """Framework, SDK and HTTP client each tell the call; only some of them have its id."""
    for record in world.some(world.told_by_sdk):
        world.around(record).forget(ID)
        world.beneath(record, scope="http-client")
        if world.random.random() < 0.5:
            record.forget(ID)


@kind()
def cost_told_by_the_framework(world: Telling) -> None:
    """Only the framework knows the price that was agreed, and reports the cost."""
    for record in world.some(world.told_by_sdk):
        call = record.of[0]
        call.cost *= Decimal("0.8")
        world.around(record).attributes[COST] = float(call.cost)


@kind()
def fees_told_by_the_framework(world: Telling) -> None:
    """Only the framework reports the cost with its web searches."""
    for record in world.some(world.told_by_sdk):
        call = record.of[0]
        call.cost += 2 * SEARCH_FEE
        outer = world.around(record)
        outer.attributes |= {COST: float(call.cost), "gen_ai.usage.details.web_search_requests": 2}


@kind()
def gateway_below(world: Telling) -> None:
    """A gateway in the same trace names the model by its own name and reports the cost; it has the id or has not."""
    for record in world.some(world.told_by_sdk):
        inner = world.beneath(record, scope="litellm", service=PROXY, resource=PLATFORM)
        inner.attributes |= {MODEL: "prod-chat", COST: float(record.of[0].cost)}
        if world.random.random() < 0.5:
            inner.forget(ID)


@kind()
def gateway_apart(world: Telling) -> None:
    """A gateway of another team tells the call in a trace of its own, with the response id."""
    for record in world.some(world.told_by_sdk):
        if ID in record.attributes:
            world.apart(record, scope="envoyproxy/ai-gateway", service=PROXY, resource=PLATFORM)


@kind()
def gateway_with_a_key(world: Telling) -> None:
    """A gateway that sends by a key of its own tells the call in a trace of its own, with the response id."""
    for record in world.some(world.told_by_sdk):
        if ID in record.attributes:
            world.apart(record, scope="proxy", service=PROXY, sender=GATEWAY, tags=PLATFORM, resource={})


@kind()
def log_event(world: Telling) -> None:
    """A log event beside the span tells the call again, in a trace of its own, with the session and no id."""
    for record in world.some(world.told_by_sdk):
        if ID not in record.attributes or not world.is_alone(record):
            continue
        record.attributes["session.id"] = f"session-{world.new_id():x}"
        record.forget(ID)
        _event(world, record).attributes["session.id"] = record.attributes["session.id"]


@kind()
def log_event_with_id(world: Telling) -> None:
    """A log event beside the span tells the call again, with the response id."""
    for record in world.some(world.told_by_sdk):
        if ID in record.attributes:
            _event(world, record)


def _event(world: Telling, record: Record) -> Record:
    event = world.apart(record, scope="events", signal="log")
    event.start, event.lasts = record.end + 5 * MILLISECOND - record.lasts, record.lasts
    event.attributes["event.name"] = "gen_ai.client.inference.operation.details"
    return event


@kind()
def cache_hit_at_the_gateway(world: Telling) -> None:
    """The gateway's cache answers, so that the call is free; the SDK tells it with its usage."""
    for record in world.some(world.told_by_sdk):
        record.of[0].cost = Decimal(0)
        inner = world.beneath(record, scope="litellm", service=PROXY)
        inner.attributes |= {"litellm.cache_hit": True, MODEL: "prod-chat"}


@kind()
def retries(world: Telling) -> None:
    """Attempts fail before one succeeds; all are below one span of the framework."""
    for record in world.some(world.told_by_sdk):
        outer = world.around(record)
        outer.forget(ID)
        for nth in (1, 2):
            _attempt(world, record, outer, nth).forget(ID, "gen_ai.usage.")
        outer.start -= 4 * SECOND
        outer.lasts += 4 * SECOND


@kind()
def attempt_that_was_billed(world: Telling) -> None:
    """An attempt breaks off after the provider has read the prompt: it is billed as well."""
    for record in world.some(world.told_by_sdk):
        outer = world.around(record)
        outer.forget(ID)
        attempt = _attempt(world, record, outer, 1)
        tokens = (record.of[0].tokens[0], 1)
        cost = price(_provider(record), record.of[0].model, tokens)
        attempt.of = (Call(cost, record.of[0].payers, record.of[0].model, tokens),)
        world.calls.extend(attempt.of)
        attempt.attributes |= {ID: f"resp_{world.new_id():x}", **usage(tokens)}
        outer.start -= 4 * SECOND
        outer.lasts += 4 * SECOND


def _attempt(world: Telling, record: Record, outer: Record, nth: int) -> Record:
    at = record.start - nth * 1500 * MILLISECOND
    place = (record.trace, world.new_id(), outer.span, record.name, at, SECOND)
    whose = {"service": record.service, "sender": record.sender, "tags": record.tags, "resource": record.resource}
    return world.add(Record(*place, scope=SDK, failed=True, attributes=dict(record.attributes), **whose))


@kind()
def siblings_that_repeat_an_id(world: Telling) -> None:
    """A self-hosted server gives all answers of a moment one response id; the calls run at once."""
    for inner in world.some(world.inner_agents):
        siblings = _siblings(world, inner)
        for record in siblings:
            record.attributes[ID] = "chatcmpl-0"


@kind()
def siblings_alike(world: Telling) -> None:
    """Calls that run at once with the same counts and without ids, each below a span of the framework."""
    for inner in world.some(world.inner_agents):
        siblings = _siblings(world, inner)
        for record in siblings:
            call = record.of[0]
            call.tokens = siblings[0].of[0].tokens
            call.cost = price(_provider(record), call.model, call.tokens)
            record.attributes |= usage(call.tokens)
            record.forget(ID)
            world.around(record).attributes |= usage(call.tokens)


def _siblings(world: Telling, inner: Record) -> list[Record]:
    """The calls right below an agent that nobody else tells, made to begin at once."""
    siblings = [
        record for record in world.told_by_sdk if record.parent == inner.span and world.is_alone(record) and ID in record.attributes
    ]
    for nth, record in enumerate(siblings):
        record.start = siblings[0].start + nth * MILLISECOND
    return siblings


@kind()
def step_of_several_calls(world: Telling) -> None:
    """One span of the framework without figures is around several calls."""
    for inner in world.some(world.inner_agents):
        calls = [record for record in world.told_by_sdk if record.parent == inner.span]
        said = {"gen_ai.operation.name": "chat"}
        step = Record(inner.trace, world.new_id(), inner.span, "step", inner.start, inner.lasts, scope="steps", attributes=said)
        step.service, step.sender, step.tags, step.resource = inner.service, inner.sender, inner.tags, inner.resource
        step.of, step.is_total = tuple(call for record in calls for call in record.of), True
        world.add(step)
        for record in calls:
            record.parent = step.span


@kind()
def id_again_later(world: Telling) -> None:
    """A server counts its response ids from the start whenever it restarts."""
    numbers: dict[int, int] = {}
    for record in world.some(world.told_by_sdk):
        if ID in record.attributes and world.is_alone(record):
            numbers[record.trace] = numbers.get(record.trace, 0) + 1
            record.attributes[ID] = f"chatcmpl-{numbers[record.trace]}"


@kind()
def own_time(world: Telling) -> None:
    """A second of the sub-agent's own time costs, beside the calls that it makes."""
    for inner in world.some(world.inner_agents):
        inner.attributes["gen_ai.agent.name"] = "crawler"
        payers: dict[str, Fraction] = next(call.payers for record in world.below(inner) for call in record.of)
        inner.own_time = Call(Decimal(0), payers)
        world.calls.append(inner.own_time)


@kind(limit="Without an id in common nothing says that it is one call: both are billed.")
def gateway_apart_without_id(world: Telling) -> None:
    """A gateway tells the call in a trace of its own, without an id."""
    for record in world.some(world.told_by_sdk):
        world.apart(record, scope="envoyproxy/ai-gateway", service=PROXY, resource=PLATFORM).forget(ID)


@kind(limit="Only a gateway may tell another sender's calls: both are billed. Give both keys one `sender`.")
def exported_by_two_keys(world: Telling) -> None:
    """The same spans are exported twice, by keys of two senders."""
    for root in world.some(world.roots):
        for record in world.whole(root):
            copy = world.add(Record(**{name: getattr(record, name) for name in record.__dataclass_fields__}))
            copy.sender, copy.own_time = "second exporter", None
