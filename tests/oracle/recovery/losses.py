"""Kinds of nastiness about what is not told, is told late, twice, or by clocks that are wrong."""

from __future__ import annotations

from tests.oracle.recovery.kinds import kind
from tests.oracle.recovery.layers import ID, PLATFORM, PROXY
from tests.oracle.recovery.telling import FRAMEWORK, MILLISECOND, SECOND, Record, Telling, usage

SAMPLED = {10: "ot=th:e6666666666666", 50: "ot=th:8", 98: "ot=th:051eb851eb851f"}
"""Percent of the traces that are kept to what the sampler writes."""


def add_totals(world: Telling, agents: list[Record]) -> None:
    """Let agents tell the sum of the calls below them, as most frameworks do."""
    for agent in agents:
        calls = tuple(dict.fromkeys(call for record in world.below(agent) if not record.is_total for call in record.of if call.tokens[0]))
        first = next((record for record in world.below(agent) if len(record.of) == 1), None)
        if first is None:
            continue
        agent.of, agent.is_total = calls, True
        sums = (sum(call.tokens[0] for call in calls), sum(call.tokens[1] for call in calls))
        names = {key: first.attributes.get(key, "") for key in ("gen_ai.provider.name",)}
        agent.attributes |= names | {"gen_ai.request.model": calls[0].model} | usage(sums)


@kind()
def totals(world: Telling) -> None:
    """Agents tell the sum of the calls below them."""
    add_totals(world, world.some(world.agents))


@kind()
def totals_that_do_not_say_so(world: Telling) -> None:
    """A span that calls itself a call tells the sum of the calls right below it."""
    for inner in world.some(world.inner_agents):
        calls = [record for record in world.told_by_sdk if record.parent == inner.span]
        if len({call for record in calls for call in record.of}) < 2:
            continue
        loop = Record(inner.trace, world.new_id(), inner.span, "loop", inner.start, inner.lasts, scope=FRAMEWORK)
        loop.service, loop.sender, loop.tags, loop.resource = inner.service, inner.sender, inner.tags, inner.resource
        loop.of, loop.is_total = tuple(call for record in calls for call in record.of), True
        sums = (sum(call.tokens[0] for call in loop.of), sum(call.tokens[1] for call in loop.of))
        loop.attributes = {key: value for key, value in calls[0].attributes.items() if key != ID} | usage(sums)
        for record in calls:
            record.parent = loop.span
        world.add(loop)


@kind()
def usage_in_the_framework_alone(world: Telling) -> None:
    """The SDK streams and tells no usage, the framework around it does."""
    for record in world.some(world.told_by_sdk):
        world.around(record)
        record.forget("gen_ai.usage.")


@kind()
def stream_below_totals(world: Telling) -> None:
    """Half of the calls stream and tell no usage; the agent above tells the sum."""
    agents = world.some(world.agents)
    add_totals(world, agents)
    below = {id(record) for agent in agents for record in world.below(agent)}
    for record in world.told_by_sdk:
        if id(record) in below and world.is_alone(record) and world.random.random() < 0.5:
            record.forget("gen_ai.usage.")


@kind()
def parents_in_a_loop(world: Telling) -> None:
    """The root names a span below it as its parent."""
    for root in world.some(world.roots):
        below = [record for record in world.below(root) if record.attributes.get("gen_ai.operation.name") == "invoke_agent"]
        root.parent = below[0].span if below else 0


@kind(limit="No one tells what they used: each is counted as a call without a price.")
def stream(world: Telling) -> None:
    """Calls stream and tell no usage."""
    for record in world.some(world.told_by_sdk):
        record.forget("gen_ai.usage.")


@kind(limit="No price is known: each is counted as a call without a price, and billed once `pricing.models` has one.")
def unknown_model(world: Telling) -> None:
    """The model is in no price book."""
    for record in world.some(world.told_by_sdk):
        record.attributes["gen_ai.request.model"] = "house-blend-7b"


@kind(limit="The innermost totals are billed. What those above tell beyond them is shown as unobserved.")
def totals_alone(world: Telling) -> None:
    """Agents tell totals, and no call is told."""
    agents = world.some(world.agents)
    add_totals(world, agents)
    lost = {id(record) for agent in agents for record in world.below(agent) if not record.is_total and len(record.of) == 1}
    world.records = [record for record in world.records if id(record) not in lost]


@kind(limit="What the totals tell beyond the calls seen is shown as unobserved.")
def calls_lost_below_totals(world: Telling) -> None:
    """Agents tell totals, and half of the calls never arrive."""
    agents = world.some(world.agents)
    add_totals(world, agents)
    below = {id(record) for agent in agents for record in world.below(agent) if len(record.of) == 1 and not record.is_total}
    world.records = [record for record in world.records if id(record) not in below or world.random.random() < 0.5]


@kind(limit="Nothing is left of the calls that are gone, and nothing says that there were any.")
def calls_lost(world: Telling) -> None:
    """Half of the calls never arrive, and no totals are told."""
    lost = {id(record) for record in world.some(world.told_by_sdk) if world.is_alone(record) and world.random.random() < 0.5}
    world.records = [record for record in world.records if id(record) not in lost]


def sample(world: Telling, percent: int, trace_state: str) -> None:
    """Keep so many of the traces, whole."""
    traces = sorted({record.trace for record in world.some(world.records)})
    kept = {trace for trace in traces if world.random.random() * 100 < percent}
    world.records = [record for record in world.records if record.trace in kept or record.trace not in traces]
    for record in world.records:
        if record.trace in kept:
            record.trace_state = trace_state


ESTIMATED = "What is gone is estimated from what was kept, and shown: right on average, not trace by trace."


@kind(limit=ESTIMATED)
def sampled_10(world: Telling) -> None:
    """A tenth of the traces is kept, and says so."""
    sample(world, 10, SAMPLED[10])


@kind(limit=ESTIMATED)
def sampled_50(world: Telling) -> None:
    """Half of the traces are kept, and say so."""
    sample(world, 50, SAMPLED[50])


@kind(limit=ESTIMATED)
def sampled_98(world: Telling) -> None:
    """All but one in fifty of the traces are kept, and say so."""
    sample(world, 98, SAMPLED[98])


@kind(limit="Nothing says that anything is gone.")
def sampled_silently(world: Telling) -> None:
    """Half of the traces are kept, and nothing says so."""
    sample(world, 50, "")


@kind()
def sent_again(world: Telling) -> None:
    """An exporter sends its spans again, for the answer was lost; another exporter of the same key sends them too."""
    for record in world.some(world.records):
        record.deliveries = world.random.choice((2, 3))


@kind()
def sent_before_the_end(world: Telling) -> None:
    """Spans are sent when they start, without usage, and again when they end."""
    for record in world.some(world.told_by_sdk):
        early = Record(**{name: getattr(record, name) for name in record.__dataclass_fields__})
        early.is_ended, early.lasts = False, 0
        early.attributes = dict(record.attributes)
        early.forget("gen_ai.usage.", ID)
        world.records.insert(0, early)


@kind()
def clocks(world: Telling) -> None:
    """Hosts' clocks differ by up to a second; a gateway tells the calls, in the trace and apart, and a sub-agent is a service."""
    for inner in world.some(world.inner_agents):
        calls = {call for record in world.below(inner) for call in record.of}
        for record in [*world.whole(inner), *(record for record in world.records if len(record.of) == 1 and record.of[0] in calls)]:
            record.service = "research-service" if record.service == "app" else record.service
    told = {call for record in world.records if record.service == PROXY for call in record.of}
    for record in world.some(world.told_by_sdk):
        if record.of[0] in told:  # no gateway tells a call twice
            continue
        if ID in record.attributes and world.random.random() < 0.5:
            world.apart(record, scope="envoyproxy/ai-gateway", service=PROXY, resource=PLATFORM)
        else:
            world.beneath(record, scope="litellm", service=PROXY, resource=PLATFORM)
    for record in world.records:
        world.clocks.setdefault(record.service, world.random.randint(-500, 500) * MILLISECOND)


@kind(limit="Some servers give an id twice: records over 2 s apart are two calls, and both are billed. Set the clocks.")
def clocks_far_off(world: Telling) -> None:
    """The gateway's clock is a minute off, and it tells the calls in traces of its own."""
    for record in world.some(world.told_by_sdk):
        if ID in record.attributes and not any(other.service == PROXY for other in world.records if set(other.of) & set(record.of)):
            world.apart(record, scope="envoyproxy/ai-gateway", service=PROXY, resource=PLATFORM)
    world.clocks[PROXY] = 60 * SECOND
