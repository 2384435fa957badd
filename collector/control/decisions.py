"""May a call go on? All budgets that hold for it are asked at once, and what it may cost is reserved in the same moment.

    room of a count = limit + extensions - spent (replayed from the store) - reserved (calls in flight)

One lock stands between reading the room and taking it, so calls that ask together can never pass a limit together. A reservation ends
when the call's record is in a replay, which then counts it; when it is released; or when its time is over. A call whose end is told goes on
to count until then; where its own span is not known (none was named, or another call is made in the span that asked), for as long as a
record takes to arrive.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from attribution.budgets import ALONE, ALWAYS, RUN, TURN_SECONDS, Counter, Event, Limit, Limits, Place, Replay, Spend, Standing, Turn
from attribution.configuration import matches
from collector.config import Config
from collector.control.asking import Ask
from collector.control.bounds import Bound, Bounds
from collector.control.journal import RUN_SECONDS, RUNS_MAX, Journal, Reservation, Run
from collector.control.notify import Outbox

logger = logging.getLogger(__name__)

Verdict = Literal["allow", "throttle", "deny"]
RETRY_SECONDS = 2
"""About as long as a record takes from its call to a replay."""
KNOWN_SECONDS = 3600
"""For so long after its last question a trace that is not whole counts for who asked in it first."""
KNOWN_RUNS_MAX = 10_000
NOTED_MAX = 10_000
"""Refusals remembered, so that each is noted once in its window and not with each retry."""
INITIATOR = ("team", "department", "cost_center", "project", "environment", "user", "session", "task", "workflow")
_TEAM = ("team", "department", "cost_center")
_NONE = Decimal(0)
NOTHING = Bound(_NONE, 0, 0, 0)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Work = tuple[str, str]
"""`("run", trace_id)`."""


class Part(NamedTuple):
    """What one budget says to a call."""

    limit: Limit
    counter: Counter
    allowed: Decimal
    """The limit with its extensions, as it is counted: money in USD."""
    spent: Spend
    used: Decimal
    """What counts as spent."""
    reserved: Decimal
    """By calls in flight; this one is among them once it may go on."""
    amount: Decimal
    """What this call may use."""
    verdict: Verdict
    reason: str
    beyond: bool = False
    """It goes on although the budget is spent, because it is critical or the budget soft."""
    retry_seconds: float = RETRY_SECONDS

    @property
    def room(self) -> Decimal:
        """What is left."""
        return self.allowed - self.used - self.reserved


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer."""

    verdict: Verdict
    at: datetime
    reason: str
    parts: tuple[Part, ...]
    dimensions: Mapping[str, str]
    reservation: Reservation | None = None
    missing: tuple[str, ...] = ()
    """Dimensions that a policy wants and that were not said."""

    @property
    def decisive(self) -> Part | None:
        """The part that refused, else that with the least room left of its limit."""
        refusing = [part for part in self.parts if part.verdict == self.verdict != "allow"]
        return min(refusing or self.parts, key=lambda part: part.room / part.allowed if part.allowed else -1, default=None)


class Asked(NamedTuple):
    """What a replay is to look for."""

    calls: list[Place]
    """In flight."""
    work: set[Work]
    """That is going on."""
    said: Mapping[str, Mapping[str, str]]
    """Who started the traces that are not whole yet."""


class _Noted(NamedTuple):
    """By what it is told whether an event was noted before."""

    kind: str
    counter: Counter | None
    trace_id: str
    reason: str


@dataclass
class _State:
    """All that a decision reads, under one lock."""

    limits: Limits
    bounds: Bounds
    replay: Replay
    standing: Standing = field(default_factory=Standing)
    turn: Turn = ALONE
    turn_ends: float = 0
    """By the clock that nobody sets; another service decides from then on, where there is one."""
    work: dict[Work, dict[Counter, Spend]] = field(default_factory=dict)
    """Spend of the runs, tasks and sessions that are at work."""
    reservations: dict[str, Reservation] = field(default_factory=dict)
    places: dict[Place, str] = field(default_factory=dict)
    deadlines: dict[str, float] = field(default_factory=dict)
    """When each ends at the latest, by the clock that nobody sets; the first ends first."""
    leaving: dict[str, float] = field(default_factory=dict)
    """Likewise of calls that are over and whose span nobody knows."""
    counted: dict[str, Sequence[tuple[Counter, Decimal]]] = field(default_factory=dict)
    """What each reservation holds of every count."""
    reserved: dict[Counter, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    in_flight: dict[Counter, int] = field(default_factory=lambda: defaultdict(int))
    runs: dict[str, Run] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    """Traces of which attribution has seen every span up to the root."""
    noted: dict[_Noted, None] = field(default_factory=dict)


class Decider:
    """Decides, reserves and releases. Thread safe."""

    def __init__(
        self,
        config: Config,
        journal: Journal,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        """`now` is the clock that windows follow, `elapsed` the one that nobody sets: reservations end by it."""
        self.config = config
        self._journal = journal
        self._outbox = Outbox(journal)
        self._now = now
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._state = _State(Limits(config), Bounds(config), Replay(EPOCH))
        self._state.runs = journal.runs()
        for one in journal.reservations():
            self._hold(one)

    # What is asked

    def decide(self, ask: Ask, tags: Mapping[str, str] | None = None) -> Decision:
        """Decide about one call; `tags` are those of the key it was asked with, which nobody can talk away."""
        return self.decide_all([ask], tags or {})[0]

    def decide_all(self, asks: Sequence[Ask], tags: Mapping[str, str]) -> list[Decision]:
        """Decide about several, one after the other. What they reserve is written at once."""
        with self._lock, self._journal.together() if len(asks) > 1 else nullcontext():
            return [self._decide(ask, tags) for ask in asks]

    def release(self, reservation: str) -> bool:
        """End a reservation: the call was not made. False where there is none of that name."""
        with self._lock:
            found = self._state.reservations.get(reservation)
            if found:
                self._drop(found)
                self._journal.end([found.id])
            return found is not None

    def ended(self, reservation: str) -> bool:
        """The call was made and is over: the next question of its span is about another call. False where there is none of that name."""
        with self._lock:
            found = self._state.reservations.get(reservation)
            if found and found.span_id:
                self._change(replace(found, ended=True))
            elif found and not found.ended:
                self._leave(found)
            return found is not None

    def unknown_work(self, asks: Iterable[Ask]) -> set[Work]:
        """Runs, tasks and sessions of which the spend is not known yet; `learn` it before deciding."""
        pers = {limit.budget.per for limit in self._state.limits if not limit.is_calendar}
        if not pers:
            return set()
        with self._lock:
            wanted: set[Work] = set()
            for ask in asks:
                said = {**_named(ask.dimensions), **self._initiator_of(ask)}
                names = {RUN: ask.trace_id, "task": said.get("task") or ask.trace_id, "session": said.get("session", "")}
                wanted |= {(per, names[per]) for per in pers if names[per]}
            return wanted - self._state.work.keys()

    # What the store tells

    def asked(self) -> Asked:
        """What the next replay is to look for."""
        recent = self.recent_traces()
        with self._lock:
            runs = self._state.runs
            return Asked(
                [one.place for one in self._state.reservations.values() if one.span_id],
                set(self._state.work),
                {trace: runs[trace].dimensions for trace in recent if trace in runs and trace not in self._state.whole},
            )

    def learn(self, found: Replay) -> None:
        """Take what a replay found; what it counts is no longer reserved."""
        with self._lock:
            self._state.replay = found
            self._take_work(found)
            self._end(found.arrived)

    def learn_arrived(self, arrived: Iterable[Place]) -> None:
        """Take which calls have a record that the last replay counts already."""
        with self._lock:
            self._end(arrived)

    def learn_work(self, found: Replay) -> None:
        """Take the spend of work that was not known, and nothing else."""
        with self._lock:
            self._take_work(found)

    def learn_standing(self, standing: Standing) -> None:
        """Take what people did."""
        with self._lock:
            self._state.standing = standing

    def learn_turn(self, turn: Turn) -> None:
        """Take whether this service decides, or another one."""
        with self._lock:
            self._state.turn, self._state.turn_ends = turn, self._elapsed() + TURN_SECONDS

    def learn_initiators(self, initiators: Mapping[str, Mapping[str, str]]) -> None:
        """Take who started the traces that are whole: it goes before what was said in questions."""
        with self._lock:
            self._state.whole = set(initiators)
            for trace, dimensions in initiators.items():
                run = self._state.runs.get(trace)
                if run:
                    self._state.runs[trace] = replace(run, dimensions={name: value for name, value in dimensions.items() if value})

    def recent_traces(self) -> list[str]:
        """Traces in which was asked lately, the latest first."""
        with self._lock:
            recent = self._now().timestamp() - KNOWN_SECONDS
            latest = itertools.islice(reversed(self._state.runs.items()), KNOWN_RUNS_MAX)
            return [trace for trace, run in latest if run.at >= recent]

    def forget_idle_work(self, before: float) -> None:
        """Forget runs that asked nothing since; their spend is read again when they do."""
        with self._lock:
            idle = [trace for trace, run in self._state.runs.items() if run.at < before]
            for trace in idle:
                del self._state.runs[trace]
            self._journal.forget_runs(idle)
            busy = {("run", trace) for trace in self._state.runs} | {
                (per, run.dimensions.get(per, "") or trace) for trace, run in self._state.runs.items() for per in ("task", "session")
            }
            for work in self._state.work.keys() - busy:
                del self._state.work[work]

    def reload(self, config: Config) -> None:
        """Follow another configuration; what is reserved stays reserved, in the budgets that hold now."""
        with self._lock:
            self.config = config
            held = list(self._state.reservations.values())
            self._state.limits, self._state.bounds = Limits(config), Bounds(config)
            self._state.work.clear()
            self._state.replay = Replay(EPOCH)  # its windows are those of the configuration before
            for book in (self._state.reservations, self._state.places, self._state.counted, self._state.reserved, self._state.in_flight):
                book.clear()
            for one in held:
                self._hold(one)

    def parts(self) -> list[Part]:
        """Every count that has any spend or reservation, and of every budget that is not counted one by one its count of now."""
        with self._lock:
            at = self._now()
            self._expire(at)
            calendar = (counter for counter in self._state.replay.spend if counter.start != ALWAYS.start)
            counters = {*calendar, *(c for found in self._state.work.values() for c in found), *self._state.reserved}
            counters |= {limit.counter((), at) for limit in self._state.limits if not limit.key_names}
            parts = []
            for counter in sorted(counters):
                limit = self._state.limits.by_name.get(counter.budget)
                if limit and counter.start == limit.window(at).start:
                    parts.append(self._part(limit, counter, NOTHING, at, critical=False, environment=""))
            return parts

    def holding(self, ask: Ask, tags: Mapping[str, str]) -> list[Part]:
        """What every budget has left that would hold for a call; nothing is asked for."""
        with self._lock:
            at = self._now()
            self._expire(at)
            dimensions = self._dimensions(ask, tags, self._run(ask, tags, at))
            return [
                self._part(limit, limit.counter(key, at), NOTHING, at, critical=False, environment="")
                for limit, key in self._state.limits.holding(dimensions)
            ]

    def note(self, event: Event) -> None:
        """Keep an event until it is in the store."""
        with self._lock:
            self._keep(event)

    def tell(self) -> None:
        """Send the messages that are due. It takes as long as receivers do, so it is done without the lock."""
        self._outbox.send(self.config.notify)

    def write_through(self) -> None:
        """Bring what was decided to its place on disk. It takes as long as the disk does, so it is done without the lock."""
        self._journal.checkpoint()

    def noted(self) -> list[Event]:
        """Events that are not in the store yet."""
        with self._lock:
            return self._journal.noted()

    def kept(self, events: Sequence[Event]) -> None:
        """These are in the store now."""
        with self._lock:
            self._journal.kept(events)

    @property
    def limits(self) -> Limits:
        """The budgets."""
        return self._state.limits

    @property
    def decides(self) -> bool:
        """Whether this service does, of those that share the store."""
        turn = self._state.turn
        return turn.decides and (turn.is_alone or self._elapsed() < self._state.turn_ends)

    @property
    def standing(self) -> Standing:
        """What people did."""
        return self._state.standing

    def now(self) -> datetime:
        """The clock that windows follow."""
        return self._now()

    # Inside the lock

    def _decide(self, ask: Ask, tags: Mapping[str, str]) -> Decision:
        at = self._now()
        self._expire(at)
        run = self._run(ask, tags, at)
        dimensions = self._dimensions(ask, tags, run)
        held = self._held(ask)
        bound = self._bound(ask, run)
        if held and not _exceeds(bound, held.bound):
            return self._again(held, at)
        if held:  # it asks for more under the same name: the larger of both
            self._drop(held)
        decision = self._decided(ask, dimensions, bound, at)
        if decision.verdict != "allow":
            if held:
                self._hold(held)
            self._note_refusal(decision, ask, at)
            return decision
        return self._reserve(decision, ask, bound, run, held, at)

    def _initiator_of(self, ask: Ask) -> Mapping[str, str]:
        """Who started the trace, or one that it continues."""
        for trace in (ask.trace_id, *ask.links):
            run = self._state.runs.get(trace)
            if trace and run and run.dimensions:
                return run.dimensions
        return {}

    def _run(self, ask: Ask, tags: Mapping[str, str], at: datetime) -> Run:
        """The run as this question finds it: who asks first in a trace, or in the one it continues, is its initiator."""
        known = self._state.runs.get(ask.trace_id) if ask.trace_id else None
        initiator = dict(self._initiator_of(ask))
        said = {name: value for name, value in {**_named(ask.dimensions), **tags}.items() if name in INITIATOR and value}
        if any(initiator.get(name) for name in _TEAM):
            said = {name: value for name, value in said.items() if name not in _TEAM}
        agent = ask.dimensions.get("agent", "")
        entered = bool(agent) and (known is None or agent != known.agent)
        now = at.timestamp()
        return Run(
            known.at if known and 0 <= now - known.at < RUN_SECONDS else now,
            self._filled({**said, **initiator}),
            agent or (known.agent if known else ""),
            (known.hops if known else 0) + entered,
        )

    def _dimensions(self, ask: Ask, tags: Mapping[str, str], run: Run) -> dict[str, str]:
        found = {**_named(ask.dimensions), **tags, **run.dimensions}
        if ask.provider:
            found["provider"] = ask.provider
        if ask.model:
            found["model"] = ask.model
        found = self._filled(found)
        if ask.trace_id:
            found[RUN] = ask.trace_id
            found["task"] = found.get("task") or ask.trace_id
        return {name: value for name, value in found.items() if value}

    def _filled(self, dimensions: dict[str, str]) -> dict[str, str]:
        """With the department and cost center of the team, where nothing else is said."""
        team = self.config.organization.teams.get(dimensions.get("team", ""))
        known = {"department": team.department, "cost_center": team.cost_center} if team else {}
        return {name: value for name, value in {**known, **{n: v for n, v in dimensions.items() if v}}.items() if value}

    def _bound(self, ask: Ask, run: Run) -> Bound:
        known = self._state.runs.get(ask.trace_id) if ask.trace_id else None
        return self._state.bounds.of(ask, hops=run.hops - (known.hops if known else 0))

    def _held(self, ask: Ask) -> Reservation | None:
        place = (ask.trace_id, ask.span_id)
        held = self._state.reservations.get(self._state.places.get(place, "")) if ask.span_id else None
        return None if held and held.ended else held

    def _again(self, held: Reservation, at: datetime) -> Decision:
        """The same answer to the same question."""
        parts = tuple(
            self._part(limit, limit.counter(key, at), NOTHING, at, critical=True, environment="")._replace(
                amount=_amount(limit, held.bound)
            )
            for limit, key in self._state.limits.holding(held.dimensions)
        )
        return Decision("allow", at, "it was allowed before", parts, held.dimensions, held)

    def _decided(self, ask: Ask, dimensions: Mapping[str, str], bound: Bound, at: datetime) -> Decision:
        missing = tuple(name for name in self.config.policies.required if not dimensions.get(name))
        parts = tuple(
            self._part(limit, limit.counter(key, at), bound, at, critical=ask.critical, environment=dimensions.get("environment", ""))
            for limit, key in self._state.limits.holding(dimensions)
        )
        against = self._against(ask, dimensions, parts, at)
        if against:
            return Decision("deny", at, against, parts, dimensions, missing=missing)
        refusing = next((part for verdict in ("deny", "throttle") for part in parts if part.verdict == verdict), None)
        if refusing:
            return Decision(refusing.verdict, at, refusing.reason, parts, dimensions, missing=missing)
        return Decision("allow", at, "; ".join(part.reason for part in parts if part.beyond), parts, dimensions, missing=missing)

    def _against(self, ask: Ask, dimensions: Mapping[str, str], parts: Iterable[Part], at: datetime) -> str:
        """What is no matter of money: pauses and policies, which hold for critical calls too."""
        for pause in (
            self._state.standing.pause("", ask.trace_id, at),
            *(self._state.standing.pause(part.limit.name, "", at) for part in parts),
        ):
            if pause:
                return f"{pause.budget or f'run {pause.trace_id}'} is paused by {pause.who}: {pause.reason}"
        policies = self.config.policies
        for name, what in policies.required.items():
            if what == "refuse" and not dimensions.get(name):
                return f"policies.required: the call does not say its {name}"
        environment = dimensions.get("environment", "")
        models = next((models for name, models in policies.models.items() if matches(name, environment)), None)
        if models is not None and ask.model and not any(matches(one, ask.model) for one in models):
            return f"policies.models: {ask.model} is not allowed in {environment}; allowed are {', '.join(models)}"
        return ""

    def _part(self, limit: Limit, counter: Counter, bound: Bound, at: datetime, *, critical: bool, environment: str) -> Part:
        budget = limit.budget
        allowed = limit.usd(budget.limit + self._state.standing.extension(counter, at), at)
        spent, used, reserved = self._spent(limit, counter)
        amount = _amount(limit, bound)
        part = Part(limit, counter, allowed, spent, used, reserved, amount, "allow", "")
        over = used + reserved + amount > allowed
        if amount and not critical and budget.mode_in(environment) == "hard":
            if not self.decides:
                return part._replace(verdict="throttle", reason=f"{limit.name}: another service decides, which knows what is reserved")
            if not self._is_known(limit, counter):
                return part._replace(verdict="throttle", reason=f"{limit.name}: what was spent of it is not known yet")
        paced = (
            budget.throttle is not None and self._state.in_flight.get(counter, 0) > 0 and used + reserved >= allowed * budget.throttle / 100
        )
        if not amount or not (over or paced):  # what uses nothing of it passes no limit
            return part
        soft = budget.mode_in(environment) == "soft"
        if over and (critical or soft):
            return part._replace(beyond=True, reason=f"{limit.name} is spent; {'it is critical' if critical else 'the budget is soft'}")
        if not over:
            return part if critical else part._replace(verdict="throttle", reason=f"{limit.name} is nearly spent: one call at a time")
        return self._refused(part, at)

    def _refused(self, part: Part, at: datetime) -> Part:
        """Throttled where calls in flight may leave room for it, else denied."""
        limit, unit = part.limit, "USD" if part.limit.is_money else part.limit.budget.unit
        left = max(part.allowed - part.used, _NONE)
        if part.amount <= left:
            why = f"{limit.name}: calls in flight hold {part.reserved:f} of the {left:f} {unit} that are left, it may use {part.amount:f}"
            seconds = max(min(RETRY_SECONDS, (limit.window(at).end - at).total_seconds()), 0.001)
            return part._replace(verdict="throttle", reason=why, retry_seconds=seconds)
        why = f"{limit.name}: {left:f} {unit} of {part.allowed:f} are left, it may use {part.amount:f}"
        return part._replace(verdict="deny", reason=why)

    def _is_known(self, limit: Limit, counter: Counter) -> bool:
        """Whether the replay tells of a window. Where the clock was set, or the store was away for longer than a window, it does not."""
        if not limit.is_calendar:
            return (limit.budget.per, counter.key[-1]) in self._state.work
        seen = limit.window(self._state.replay.at)
        return counter.start in {seen.start, seen.end}

    def _spent(self, limit: Limit, counter: Counter) -> tuple[Spend, Decimal, Decimal]:
        """What the store tells, what counts as spent, and what is reserved."""
        reserved = self._state.reserved.get(counter, _NONE)
        if limit.is_calendar:
            spent = self._state.replay.of(counter)
            return spent, spent.total, reserved
        spent = self._state.work.get((limit.budget.per, counter.key[-1]), {}).get(counter) or Spend()
        if limit.budget.unit == "agent_hops" and limit.budget.per == RUN:
            # The span of an agent ends last: until then only the questions tell of the hops. None of them is given back.
            run = self._state.runs.get(counter.key[-1])
            return spent, max(spent.total, Decimal(run.hops if run else 0)), _NONE
        return spent, spent.total, reserved

    def _reserve(self, decision: Decision, ask: Ask, bound: Bound, run: Run, held: Reservation | None, at: datetime) -> Decision:
        now = at.timestamp()
        reservation = Reservation(
            held.id if held else uuid.uuid4().hex,
            ask.trace_id,
            ask.span_id,
            held.at if held else now,
            now + self.config.policies.reservations.seconds,
            decision.dimensions,
            bound,
        )
        earlier = self._state.reservations.get(self._state.places.get(reservation.place, ""))
        if earlier:  # several calls of one span: it is that of an agent, which makes them
            self._leave(earlier)
        self._journal.begin(reservation, run if ask.trace_id and run != self._state.runs.get(ask.trace_id) else None)
        self._hold(reservation)
        if ask.trace_id:
            self._state.runs.pop(ask.trace_id, None)
            self._state.runs[ask.trace_id] = run
            while len(self._state.runs) > RUNS_MAX:
                oldest = next(iter(self._state.runs))
                del self._state.runs[oldest]
                self._journal.forget_runs([oldest])
        for part in decision.parts:
            if part.beyond:
                self._note_beyond(part, ask, at)
        after = tuple(part._replace(reserved=part.reserved + part.amount) for part in decision.parts)
        return replace(decision, reservation=reservation, parts=after)

    def _hold(self, one: Reservation) -> None:
        self._state.reservations[one.id] = one
        seconds, book = self._time_of(one)
        left = min(max(one.expires - self._now().timestamp(), 0), seconds)
        book.setdefault(one.id, self._elapsed() + left)
        if one.span_id:
            self._state.places[one.place] = one.id
        counted = self._state.counted[one.id] = self._counted(one)
        for counter, amount in counted:
            self._state.reserved[counter] += amount
            self._state.in_flight[counter] += 1

    def _time_of(self, one: Reservation) -> tuple[int, dict[str, float]]:
        """For how long it counts, and where that is kept."""
        policy = self.config.policies.reservations
        is_leaving = one.ended and not one.span_id
        return (policy.arrival_seconds, self._state.leaving) if is_leaving else (policy.seconds, self._state.deadlines)

    def _leave(self, one: Reservation) -> None:
        """Let it count for as long as its record takes to arrive; which that is cannot be seen."""
        self._drop(one)
        seconds = self.config.policies.reservations.arrival_seconds
        left = replace(one, span_id="", ended=True, expires=self._now().timestamp() + seconds)
        self._journal.change(left)
        self._hold(left)

    def _change(self, one: Reservation) -> None:
        self._state.reservations[one.id] = one
        self._journal.change(one)

    def _drop(self, one: Reservation) -> None:
        self._state.reservations.pop(one.id, None)
        self._state.deadlines.pop(one.id, None)
        self._state.leaving.pop(one.id, None)
        if self._state.places.get(one.place) == one.id:
            del self._state.places[one.place]
        for counter, amount in self._state.counted.pop(one.id):
            self._state.reserved[counter] -= amount
            self._state.in_flight[counter] -= 1
            if not self._state.in_flight[counter]:
                del self._state.reserved[counter], self._state.in_flight[counter]

    def _counted(self, one: Reservation) -> Sequence[tuple[Counter, Decimal]]:
        at = datetime.fromtimestamp(one.at, UTC)
        return [(limit.counter(key, at), _amount(limit, one.bound)) for limit, key in self._state.limits.holding(one.dimensions)]

    def _end(self, arrived: Iterable[Place]) -> None:
        ended = [self._state.places[place] for place in arrived if place in self._state.places]
        for one in ended:
            self._drop(self._state.reservations[one])
        self._journal.end(ended)

    def _expire(self, at: datetime) -> None:
        """End what took too long, and what had time enough to arrive."""
        ended = [*self._over(self._state.leaving), *(late := self._over(self._state.deadlines))]
        for one in ended:
            self._drop(one)
        for one in late:
            logger.warning("reservation %s of trace %s expired: no record of the call came", one.id, one.trace_id or "(none)")
            self._keep(Event("expired", amount=one.bound.usd or _NONE, trace_id=one.trace_id, span_id=one.span_id, at=at))
        if ended:
            self._journal.end([one.id for one in ended])

    def _over(self, deadlines: Mapping[str, float]) -> list[Reservation]:
        """They are in the order in which they began to count, and all may count as long."""
        now = self._elapsed()
        return [self._state.reservations[one] for one, _ in itertools.takewhile(lambda entry: entry[1] <= now, deadlines.items())]

    def _take_work(self, found: Replay) -> None:
        for work in found.work:
            self._state.work[work] = {}
        for counter, spend in found.spend.items():
            limit = self._state.limits.by_name.get(counter.budget)
            if limit and not limit.is_calendar:
                self._state.work.setdefault((limit.budget.per, counter.key[-1]), {})[counter] = spend

    # What is noted

    def _note_refusal(self, decision: Decision, ask: Ask, at: datetime) -> None:
        part = next((one for one in decision.parts if one.verdict == decision.verdict), None)
        kind: Literal["refused", "throttled"] = "refused" if decision.verdict == "deny" else "throttled"
        counter = part.counter if part else None
        if not self._first(_Noted(kind, counter, ask.trace_id, "" if part else decision.reason)):
            return
        self._keep(self._event(kind, part, ask, decision.reason, part.amount if part else _NONE, at))

    def _note_beyond(self, part: Part, ask: Ask, at: datetime) -> None:
        """Every dollar beyond a limit is noted, each time."""
        beyond = min(part.amount, part.used + part.reserved + part.amount - part.allowed)
        logger.warning("%s: %s, up to %s beyond it, trace %s", part.limit.name, part.reason, f"{beyond:f}", ask.trace_id or "(none)")
        self._keep(self._event("critical" if ask.critical else "soft", part, ask, part.reason, beyond, at))

    @staticmethod
    def _event(kind: str, part: Part | None, ask: Ask, reason: str, amount: Decimal, at: datetime) -> Event:
        of: dict[str, Any] = {"budget": part.limit.name, "window_start": part.counter.start, "key": part.counter.key} if part else {}
        detail = ask.model_dump_json(exclude_defaults=True)
        return Event(kind, amount=amount, reason=reason, trace_id=ask.trace_id, span_id=ask.span_id, detail=detail, at=at, **of)  # type: ignore[arg-type]

    def _keep(self, event: Event) -> None:
        self._journal.note(event)
        self._outbox.put(event, self.config.notify)

    def _first(self, noted: _Noted) -> bool:
        if noted in self._state.noted:
            return False
        if len(self._state.noted) >= NOTED_MAX:
            del self._state.noted[next(iter(self._state.noted))]
        self._state.noted[noted] = None
        return True


def _named(dimensions: Mapping[Any, str]) -> dict[str, str]:
    """With the wider type of their names."""
    return dict(dimensions)


def _amount(limit: Limit, bound: Bound) -> Decimal:
    """What a call may use of a budget, as it is counted."""
    if limit.is_money:
        return limit.budget.unpriced if bound.usd is None else bound.usd
    return Decimal(getattr(bound, limit.budget.unit))


def _exceeds(one: Bound, other: Bound) -> bool:
    """Whether a call may use more than another of anything; an unknown price is no more than another unknown one."""
    if one.usd is None or other.usd is None:
        return one.usd is not other.usd or one.tokens > other.tokens
    return one.usd > other.usd or one.tokens > other.tokens
