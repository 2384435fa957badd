"""Kinds of nastiness about who started the work: what is said of it, where, and by whom."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from tests.oracle.recovery.kinds import kind
from tests.oracle.recovery.telling import MILLISECOND, SECOND, TEAMS, Record, Telling

COST_CENTERS = {"sales": "CC-1", "support": "CC-2", "legal": "CC-3"}
ALIASES = {"sales": "VERTRIEB", "support": "kundendienst", "legal": "Recht"}
PLATFORM = {"team": "platform"}


def _moved(world: Telling, top: Record, service: str, resource: dict[str, str]) -> list[Record]:
    """Let an agent and all below it be a service of its own."""
    records = world.whole(top)
    for record in records:
        record.service, record.resource = service, resource
    return records


@kind()
def callee_names_a_team(world: Telling) -> None:
    """A sub-agent's span names its own team."""
    for inner in world.some(world.inner_agents):
        inner.attributes |= PLATFORM


@kind()
def callee_of_another_team(world: Telling) -> None:
    """A sub-agent is a service whose resource names its own team."""
    for inner in world.some(world.inner_agents):
        _moved(world, inner, "research-service", PLATFORM)


@kind()
def callee_with_a_key(world: Telling) -> None:
    """A sub-agent is a service that sends by its own key, tagged with its own team."""
    for inner in world.some(world.inner_agents):
        for record in _moved(world, inner, "research-service", {}):
            record.sender, record.tags = "research", PLATFORM


@kind()
def resource_on_every_span(world: Telling) -> None:
    """A sub-agent's SDK repeats its resource, the team too, on every span."""
    for inner in world.some(world.inner_agents):
        for record in _moved(world, inner, "research-service", PLATFORM):
            record.attributes |= PLATFORM


@kind()
def team_on_the_resource(world: Telling) -> None:
    """Only the resource of the caller names the team."""
    for root in world.some(world.roots):
        resource = {"team": world.teams[root.trace]}
        root.forget("team")
        for record in world.whole(root):
            if record.service == root.service:
                record.resource = resource


@kind()
def team_on_the_key(world: Telling) -> None:
    """Only the tags of the caller's ingest key name the team."""
    for root in world.some(world.roots):
        team = world.teams[root.trace]
        root.forget("team")
        for record in world.whole(root):
            if record.sender == root.sender and record.service == root.service:
                record.tags, record.sender = {"team": team}, f"agents of {team}"


@kind()
def cost_center_alone(world: Telling) -> None:
    """The root names a cost center and no team."""
    for root in world.some(world.roots):
        root.attributes["cost_center"] = COST_CENTERS[world.teams[root.trace]]
        root.forget("team")


@kind()
def other_spelling(world: Telling) -> None:
    """The root names the team by an alias, in capital letters or small ones."""
    for root in world.some(world.roots):
        if "team" in root.attributes:
            root.attributes["team"] = ALIASES[world.teams[root.trace]]


@kind()
def owner_alone(world: Telling) -> None:
    """Nobody names a team, and the agent has an owner."""
    for root in world.some(world.roots):
        root.attributes["gen_ai.agent.name"] = f"assistant-of-{world.teams[root.trace]}"
        root.forget("team", "cost_center")


@kind()
def session_begun_before(world: Telling) -> None:
    """Only the first trace of a session names the team."""
    for root in world.some(world.roots):
        session = {"session.id": f"session-{world.new_id():x}"}
        greeting = world.agent(world.new_id(), 0, "greeter", root.start - 30 * SECOND)
        greeting.attributes |= session | {"team": world.teams[root.trace]}
        greeting.lasts, greeting.sender, greeting.tags = SECOND, root.sender, root.tags
        root.forget("team", "cost_center")
        root.attributes |= session


@kind()
def baggage_on_every_span(world: Telling) -> None:
    """Baggage with the caller's team becomes an attribute of every span below, in services of other teams too."""
    for root in world.some(world.roots):
        for record in world.whole(root):
            record.attributes["team"] = world.teams[root.trace]


@kind()
def queue(world: Telling) -> None:
    """A worker of another team takes the work from a queue: a trace of its own, linked to the message."""
    for inner in world.some(world.inner_agents):
        _queued(world, inner, PLATFORM)


@kind()
def queue_after_queue(world: Telling) -> None:
    """Two workers, one after the other, each linked to the message that it took."""
    for inner in world.some(world.inner_agents):
        process = _queued(world, inner, PLATFORM)
        between = Record(world.new_id(), world.new_id(), 0, "route", process.start - 2 * SECOND, SECOND, scope="queue", service="router")
        between.resource, between.links, process.links = PLATFORM, process.links, ((between.trace, between.span),)
        world.add(between)


def _queued(world: Telling, inner: Record, resource: dict[str, str]) -> Record:
    """The span that takes the message, in a trace of its own, with the agent below it."""
    message = world.add(
        Record(
            inner.trace, world.new_id(), inner.parent, "publish", inner.start - SECOND, MILLISECOND, scope="queue", service=inner.service
        )
    )
    message.sender, message.tags, message.resource = inner.sender, inner.tags, inner.resource
    trace = world.new_id()
    for record in _moved(world, inner, "worker", resource):
        record.trace = trace
    process = world.add(Record(trace, world.new_id(), 0, "process", inner.start, inner.lasts, scope="queue", service="worker"))
    process.sender, process.tags, process.resource = inner.sender, inner.tags, resource
    process.links, inner.parent = ((message.trace, message.span),), process.span
    return process


@kind()
def batch(world: Telling) -> None:
    """A worker takes messages of several traces at once, and works on all of them together."""
    for roots in _groups(world):
        process = _receive(world, roots)
        process.links = tuple((root.trace, root.span) for root in roots)
        teams = Counter(world.teams[root.trace] for root in roots)
        for nth in range(2):
            record = world.call(process, TEAMS[0], "openai", "gpt-4o-mini", process.start + (1 + 10 * nth) * SECOND)
            record.of[0].payers = {team: Fraction(count, len(roots)) for team, count in teams.items()}


@kind()
def batch_of_messages(world: Telling) -> None:
    """A worker takes messages of several traces at once, and works on each in a span with a link of its own."""
    for roots in _groups(world):
        process = _receive(world, roots)
        for nth, root in enumerate(roots):
            start = process.start + (1 + 10 * nth) * SECOND
            one = Record(process.trace, world.new_id(), process.span, "message", start, 9 * SECOND, scope="queue", service="worker")
            one.links, one.resource = ((root.trace, root.span),), PLATFORM
            world.call(world.add(one), world.teams[root.trace], "openai", "gpt-4o-mini", start + SECOND)


def _groups(world: Telling) -> list[list[Record]]:
    roots = world.some(world.roots)
    return [roots[at : at + 3] for at in range(0, len(roots), 3)]


def _receive(world: Telling, roots: list[Record]) -> Record:
    start = max(root.start for root in roots) + 5 * SECOND
    trace = world.new_id()
    return world.add(Record(trace, world.new_id(), 0, "receive", start, 40 * SECOND, scope="queue", service="worker", resource=PLATFORM))


@kind()
def agents_that_ask_back(world: Telling) -> None:
    """A sub-agent calls the agent above it, which calls the model again: a cycle of agents."""
    for inner in world.some(world.inner_agents):
        calls = [record for record in world.below(inner) if len(record.of) == 1]
        again = world.agent(inner.trace, inner.span, "planner", calls[-1].start - MILLISECOND)
        again.lasts, again.service, again.resource = calls[-1].lasts + 2 * MILLISECOND, inner.service, inner.resource
        again.sender, again.tags = inner.sender, inner.tags
        calls[-1].parent = again.span


@kind()
def caller_ends_first(world: Telling) -> None:
    """The caller ends before the sub-agent that it started begins."""
    for root in world.some(world.roots):
        root.lasts = SECOND


@kind(limit="The root said who started it, and it never came: the cost stands at no team, in the open.")
def root_is_lost(world: Telling) -> None:
    """The span that names the team never arrives."""
    for root in world.some(world.roots):
        world.records.remove(root)


@kind(limit="Nobody says who started it. A caller's own calls stand at no team, a callee's at the callee's, for that is all that is said.")
def nobody_says_who(world: Telling) -> None:
    """The caller names no team, the service that it calls names its own."""
    for inner in world.some(world.inner_agents):
        _moved(world, inner, "research-service", PLATFORM)
        for root in world.roots:
            if root.trace == inner.trace:
                root.forget("team", "cost_center")
