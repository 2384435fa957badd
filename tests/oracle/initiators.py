"""R8 Initiator and R16 Senders, by brute force: who started the work of a span, and who may charge whom.

For team, department and cost center together and for each other dimension on its own, the first of these that says anything (of the three:
any of them) supplies it (of the three: all):

1. said: the topmost span of the path that says it of the work.
2. link: what the nearest span of the path that has links leads to.
3. sender: the topmost span of the path of which it is said of the sender: by the tags of its ingest key, else by its resource.
4. trace: the earliest statement of a span that is not below the same local root; where a link leads into another trace, of any span there.
5. session: the first span of its session that the sender and service sent whose span begins the session in the trace, not more than a day
   before.
6. owner: the team that owns the topmost owned agent of the path.

A link leads nowhere where its target is not there or was asked on the way before, or, below the local root where the way begins, is on the
path of that span, below it, or of what its agent called. Of links that name a payer each is one part of the cost. Then a missing team is
found by its cost center, a missing department and cost center by the team; a trace without a task is its own task; the name of the local
root is the workflow where none is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import islice, pairwise, takewhile
from typing import TYPE_CHECKING, Any

from attribution.configuration import AttributionConfig
from attribution.conventions.kinds import GATEWAY_SCOPES, GATEWAYS_OR_LIBRARIES

if TYPE_CHECKING:
    from tests.oracle.model import Agents, Forest, Key, Span

GROUP = ("team", "department", "cost_center")
INITIATOR = (GROUP, ("project",), ("environment",), ("user",), ("session",), ("task",), ("workflow",))
"""What is found together, and what is found on its own."""
SOURCES = ("said", "link", "sender", "trace", "session", "owner", "")
"""How a team is found, in this order."""
DAY_NS = 86_400 * 10**9


@dataclass(frozen=True)
class Way:
    """Where links are followed from, and which spans were asked on it: each is once."""

    begins: Key
    asked: set[Key]


@dataclass(frozen=True, kw_only=True)
class Initiator:
    """Who started the work."""

    team: str
    department: str
    cost_center: str
    project: str
    environment: str
    user: str
    session: str
    task: str
    workflow: str
    initiator_source: str
    sender: str
    """Whose spans name the team."""

    @property
    def dimensions(self) -> dict[str, str]:
        """All but the sender."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "sender"}


@dataclass(frozen=True)
class Said:
    """The values of some dimensions, and whose span says so."""

    values: tuple[str, ...]
    sender: str = ""

    def __bool__(self) -> bool:
        return any(self.values)


@dataclass(frozen=True)
class Initiators:
    """Who started the work, of any span."""

    forest: Forest
    agents: Agents
    config: AttributionConfig
    known: dict[Key, list[Initiator]] = field(default_factory=dict)
    """What was asked before: home records are looked for again and again."""

    @cached_property
    def granted(self) -> Forest:
        """The trees, cut where the sender of a span may not charge the nearest one above it that is no gateway."""
        return self.forest.cut_above({key for key in self.forest.spans if not self._may_hang(key)})

    def _may_hang(self, key: Key) -> bool:
        *above, own = (span.sender for span in self._path(key))
        gateways = {name for name, sender in self.config.senders.items() if sender.gateway}
        served = next((sender for sender in reversed(above) if sender not in gateways), own)
        rule = self.config.senders.get(own)
        return own in {served, *gateways} or rule is None or any(fnmatchcase(served, pattern) for pattern in rule.may_charge)

    def of(self, key: Key) -> list[Initiator]:
        """One for each part of the cost, equal parts; one alone where nothing is split."""
        if key not in self.known:
            self.known[key] = [self._initiator(key, linked) for linked in self._parts(key) or [{}]]
        return self.known[key]

    def of_call(self, key: Key, call: Sequence[Key]) -> list[Initiator]:
        """The initiator of a record that tells a call with others: that of its home record, blanks filled from the others.

        Args:
            key: the record.
            call: all records, the home record first, then in the order in which they fill blanks.

        """
        own = self.of(key)
        if len(call) < 2 or (key == call[0] and len(set(own)) > 1):
            return own
        told = [self.of(one)[0] for one in call]
        payer = next((one for one in told if one.team or one.department or one.cost_center), told[0])
        of_payer = {name: getattr(payer, name) for name in (*GROUP, "initiator_source", "sender")}
        others = {
            name: next((value for one in told if (value := getattr(one, name))), "")
            for name in ("project", "environment", "user", "session")
        }
        task = next((one.task for one, record in zip(told, call, strict=True) if one.task != record[0]), key[0])
        return [replace(told[0], **of_payer, **others, task=task)]

    def _initiator(self, key: Key, linked: Mapping[tuple[str, ...], Said]) -> Initiator:
        root = self.forest.paths[key][0]
        found: dict[str, str] = {}
        source = sender = ""
        for names in INITIATOR:
            place, said = self._first_place(names, key, linked.get(names))
            found |= zip(names, said.values, strict=True)
            if names == GROUP:
                source, sender = place, said.sender
        found |= self._organized(found)
        found["task"] = found["task"] or key[0]
        found["workflow"] = found["workflow"] or self.forest.spans[root].name
        return Initiator(**found, initiator_source=source, sender=sender)

    def _first_place(self, names: tuple[str, ...], key: Key, linked: Said | None) -> tuple[str, Said]:
        viewer = self.forest.spans[key].sender
        places = (
            ("said", lambda: self._topmost(names, key, self._of_work)),
            ("link", lambda: linked),
            ("sender", lambda: self._topmost(names, key, self._of_sender)),
            ("trace", lambda: self._earliest(names, self._not_below(self.forest.paths[key][0], key[0]), viewer)),
            ("session", lambda: self._by_own_session(names, key)),
            ("owner", lambda: self._owner(names, key)),
        )
        for place, find in places:
            said = find()
            if said:
                return place, said
        return "", Said(("",) * len(names))

    def _organized(self, found: Mapping[str, str]) -> dict[str, str]:
        """Team, department and cost center as the organization has them."""
        teams = self.config.organization.teams
        team = spelled(found["team"], self.config)
        if not team and found["cost_center"]:
            team = next((name for name, known in teams.items() if known.cost_center == found["cost_center"]), "")
        known = teams.get(team)
        department, cost_center = found["department"], found["cost_center"]
        return {
            "team": team,
            "department": department or (known.department if known else ""),
            "cost_center": cost_center or (known.cost_center if known else ""),
        }

    # What spans say.

    def _of_work(self, names: tuple[str, ...], span: Span) -> Said:
        return Said(tuple(getattr(span, f"span_{name}") for name in names), span.sender)

    def _of_sender(self, names: tuple[str, ...], span: Span) -> Said:
        tags = json.loads(span.tags) if span.tags else {}
        resource = {name: "" if self._is_proxy(span) else getattr(span, f"resource_{name}") for name in names}
        if names != GROUP:
            return Said(tuple(tags.get(name) or resource[name] for name in names), span.sender)
        teams = self.config.organization.teams
        known = teams.get(spelled(tags.get("team", ""), self.config))
        by_cost_center = next((name for name, team in teams.items() if team.cost_center == tags.get("cost_center")), "")
        filled = {
            "team": by_cost_center if tags.get("cost_center") else "",
            "department": known.department if known else "",
            "cost_center": known.cost_center if known else "",
        }
        return Said(
            tuple(tags.get(name) or filled[name] or tags.get(f"client_{name}", "") or resource[name] for name in names), span.sender
        )

    def _is_proxy(self, span: Span) -> bool:
        rule = self.config.senders.get(span.sender)
        return bool(rule and rule.gateway) or span.scope_name in GATEWAY_SCOPES - GATEWAYS_OR_LIBRARIES

    def may_charge(self, sender: str, said: Said) -> bool:
        """Whether the payer that another sender's span names may be charged for this sender's."""
        rule = self.config.senders.get(sender)
        if sender == said.sender or rule is None:
            return True
        team = self._organized(dict(zip(GROUP, said.values, strict=True)))["team"]
        return any(fnmatchcase(name, pattern) for pattern in rule.may_charge for name in (said.sender, team))

    # Where they say it.

    def _path(self, key: Key) -> list[Span]:
        return [self.forest.spans[step] for step in self.forest.paths[key]]

    def _topmost(self, names: tuple[str, ...], key: Key, statement: Any) -> Said | None:
        viewer = self.forest.spans[key].sender
        said = ((statement(names, span), statement(GROUP, span)) for span in self._path(key))
        return next((one for one, payer in said if one and self.may_charge(viewer, payer)), None)

    def _not_below(self, root: Key, trace_id: str) -> Iterator[Span]:
        return (span for span in self.forest.traces[trace_id] if self.forest.paths[span.key][0] != root)

    def _earliest(self, names: tuple[str, ...], spans: Iterable[Span], viewer: str | None) -> Said | None:
        for span in spans:
            for statement in (self._of_work, self._of_sender):
                said = statement(names, span)
                if said and (viewer is None or self.may_charge(viewer, statement(GROUP, span))):
                    return said
        return None

    def _owner(self, names: tuple[str, ...], key: Key) -> Said | None:
        if names != GROUP:
            return None
        # Of the agents that it is below, and may not charge, none counts.
        path = self.granted.paths[key]
        above = self.forest.parent[path[0]]
        agents = [self.agents[step] for step in path if above is None or self.agents[step] != self.agents[above]]
        owners = [self.config.agents.owners.get(agent, "") for agent in agents]
        return Said((next((owner for owner in owners if owner), ""), "", ""), self.forest.spans[key].sender)

    # What links and sessions lead to.

    def _parts(self, key: Key) -> list[dict[tuple[str, ...], Said]]:
        """What each link counts for that counts, of the nearest span whose links name a payer, else name anything."""
        viewer = self.forest.spans[key].sender
        by_span = [self._resolved(span, viewer) for span in reversed(self._path(key)) if span.link_trace_ids]
        naming = [[part for part in parts if part[GROUP]] for parts in by_span]
        telling = [[part for part in parts if any(part.values())] for parts in by_span]
        return next((parts for parts in (*naming, *telling) if parts), [])

    def _resolved(self, span: Span, viewer: str) -> list[dict[tuple[str, ...], Said]]:
        parts = []
        for target in self._targets(span):
            if not self._leads(span.key, target):
                continue
            part = {names: self.resolve(names, target, Way(span.key, {target})) for names in INITIATOR}
            if not self.may_charge(viewer, part[GROUP]):
                part[GROUP] = Said(("", "", ""))
            parts.append(part)
        return parts

    def _targets(self, span: Span) -> Iterator[Key]:
        for trace_id, span_id in zip(span.link_trace_ids, span.link_span_ids, strict=True):
            named = self.forest.named(trace_id, span_id, span.sender)
            if named:
                yield named

    def _leads(self, begins: Key, target: Key) -> bool:
        """Below one local root only to what is beside: no caller is paid for by its callee."""
        path, other_path = self.forest.paths[begins], self.forest.paths[target]
        if path[0] != other_path[0]:
            return True
        caller = self._entry(path)
        is_called = caller in other_path and self._entry(other_path) != caller
        return target not in path and begins not in other_path and not is_called

    def _entry(self, path: tuple[Key, ...]) -> Key:
        """The span at which the agent of a path's last span was entered, the local root where it was not."""
        steps = [(above, step) for above, step in pairwise(path) if self.agents[step] not in {"", self.agents[above]}]
        return steps[-1][1] if steps else path[0]

    def resolve(self, names: tuple[str, ...], key: Key, way: Way) -> Said:
        """What a link to a span leads to."""
        places = (
            lambda: self._topmost(names, key, self._of_work),
            lambda: self._by_links(names, key, way),
            lambda: self._topmost(names, key, self._of_sender),
            lambda: self._earliest(names, self._not_below(self.forest.paths[way.begins][0], key[0]), None),
            lambda: self._by_session(names, key, way),
            lambda: self._owner(names, key),
        )
        return next((said for find in places if (said := find())), Said(("",) * len(names)))

    def _by_links(self, names: tuple[str, ...], key: Key, way: Way) -> Said | None:
        targets = (target for span in reversed(self._path(key)) for target in self._targets(span))
        return next((said for target in targets if (said := self._asked(names, target, way))), None)

    def _asked(self, names: tuple[str, ...], target: Key, way: Way) -> Said | None:
        if target in way.asked or not self._leads(way.begins, target):
            return None
        way.asked.add(target)
        return self.resolve(names, target, way)

    def _by_own_session(self, names: tuple[str, ...], key: Key) -> Said | None:
        said = self._by_session(names, key, Way(self.forest.paths[key][0], set()))
        return said if said and (names != GROUP or self.may_charge(self.forest.spans[key].sender, said)) else None

    def _by_session(self, names: tuple[str, ...], key: Key, way: Way) -> Said | None:
        first = self._first_of_session(key)
        return self._asked(names, first.key, way) if first else None

    def _first_of_session(self, key: Key) -> Span | None:
        session = self._session(key) if self.config.sessions.inherit else ""
        if not session:
            return None
        begins = self.forest.spans[key]
        for step in takewhile(lambda step: self._session(step) == session, reversed(self.forest.paths[key])):
            begins = self.forest.spans[step]
        naming = [
            span
            for span in self.forest.spans.values()
            if (span.sender, span.service) == (begins.sender, begins.service) and self._own_session(span) == session
        ]
        first = min(naming, key=lambda span: span.first, default=None)
        return first if first and 0 <= begins.start_time - first.start_time <= DAY_NS else None

    def _session(self, key: Key) -> str:
        said = self._topmost(("session",), key, self._of_work) or self._topmost(("session",), key, self._of_sender)
        return said.values[0] if said else ""

    def _own_session(self, span: Span) -> str:
        tags = json.loads(span.tags) if span.tags else {}
        return span.span_session or tags.get("session", "") or span.resource_session


def spelled(team: str, config: AttributionConfig) -> str:
    """The team as the organization writes it."""
    for name, known in config.organization.teams.items():
        if team and team.lower() in {spelling.lower() for spelling in (name, *known.aliases)}:
            return name
    return team


def deal(charges: Sequence[int], links: int) -> list[list[int]]:
    """Whole units of the charges of one span, link by link.

    Each link has of each charge as many whole units as the others. The units that remain lie in a row, those of the first charge first,
    and the links take equal parts of the row in their order. So each link has its part of the sum too.
    """
    dealt = [[charge // links for charge in charges] for _ in range(links)]
    remains = [nth for nth, charge in enumerate(charges) for _ in range(charge % links)]
    row = iter(remains)
    for link, units in enumerate(split_by_links(len(remains), links)):
        for nth in islice(row, units):
            dealt[link][nth] += 1
    return dealt


def split_by_links(units: int, links: int) -> list[int]:
    """Equal parts of whole units, in the order of the links: each cumulated part is rounded down."""
    upto = [units * nth // links for nth in range(links + 1)]
    return [after - before for before, after in pairwise(upto)]
