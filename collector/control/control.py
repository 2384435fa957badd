"""Keeps decisions true: replays spend whenever the store changed, and carries events to the store. A thread of its own."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from attribution.budgets import (
    Event,
    Memory,
    Standing,
    Turns,
    arrived,
    events,
    initiators,
    keep_events,
    kept_budgets,
    note_file,
    replay,
    with_budgets,
)
from attribution.storage import Store
from collector.config import Config
from collector.control.anomalies import Anomalies, is_wanted
from collector.control.asking import Ask
from collector.control.decisions import Decider, Decision, Work
from collector.control.journal import Journal
from collector.control.tiers import TOLD, due

logger = logging.getLogger(__name__)

REFRESH_SECONDS = 1.0
"""Between two looks whether the store has changed."""
KEPT_SECONDS = 10.0
"""Between two looks whether somebody has set a budget, where there is none."""
TELL_SECONDS_MAX = 5.0
"""For a message that is on its way when the service stops; it is sent again otherwise."""
PACE = 4.0
"""A replay begins no sooner than this many times what the last one took."""
START_SECONDS_MAX = 10.0
"""That a start waits for the first replay."""
LOOK_SECONDS_MAX = 3.0
"""That somebody waits until what he did holds; it holds soon after in any case."""
IDLE_SECONDS = 6 * 3600.0
"""Without a question, after which a run is forgotten; its spend is in the store."""
BY_PEOPLE = ("acknowledged", "extended", "paused", "resumed")


class Control:
    """Decisions of a running service."""

    def __init__(
        self,
        config: Config,
        store: Store,
        journal: Path | None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        """`store`: its own connection; another one is opened for what is asked between two replays."""
        self._store = store
        self._asking = store.another()
        self._journal = Journal(journal)
        self._given = config
        self.decider = Decider(config, self._journal, now, elapsed)
        self._turns = Turns(self._store, self._journal.name)
        self._reading = store.another()
        self._anomalies = Anomalies(self._reading, self._journal)
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._rounds = threading.Condition()
        self._begun = self._ended = 0
        self._state: Any = None
        self._stored: Any = None
        self._noted: Config | None = None
        self._looked = -KEPT_SECONDS
        self._memory = Memory()
        self._refreshing = threading.Lock()
        self._told: dict[UUID, Event] = {}
        self._watchers: set[Callable[[], None]] = set()
        self.trouble = ""
        self.failures = 0
        self._wanted: set[Work] = set()
        self._learning: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)
        self._teller = threading.Thread(target=self._tell_for_ever, name="notify", daemon=True)

    def start(self) -> None:
        """Replay in the background, and wait a while for the first time, so that the first question finds what was spent.

        In a store of many millions of spans that takes longer, and spans are not kept waiting for it: what is not known yet is throttled.
        """
        self._thread.start()
        self._teller.start()
        self._look_again(START_SECONDS_MAX)

    def stop(self) -> None:
        """End, with all events in the store that it takes."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
            self._teller.join(TELL_SECONDS_MAX)
        try:
            self.carry_events()
            self._turns.release()
        except Exception:
            logger.exception("events of budgets stay in the journal until the next start")
        self._asking.close()
        self._reading.close()
        self._journal.close()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def decide(self, asks: Sequence[Ask], tags: Mapping[str, str]) -> list[Decision]:
        """Decide about calls, one after the other. Waits for the store where a run, task or session asks for the first time."""
        self.learn_work(self.decider.unknown_work(asks))
        return self.decider.decide_all(asks, tags)

    async def decide_soon(self, asks: Sequence[Ask], tags: Mapping[str, str]) -> list[Decision]:
        """The same without blocking the event loop."""
        await self.know(asks)
        return self.decider.decide_all(asks, tags)

    async def know(self, asks: Sequence[Ask]) -> None:
        """Learn what the work of questions has spent; those that wait at a time wait for one look into the store."""
        while unknown := self.decider.unknown_work(asks):
            self._wanted |= unknown
            if self._learning is None or self._learning.done():
                self._learning = asyncio.create_task(self._learn_wanted())
            await asyncio.shield(self._learning)

    async def _learn_wanted(self) -> None:
        wanted, self._wanted = self._wanted, set()
        await asyncio.to_thread(self.learn_work, wanted)

    def learn_work(self, unknown: set[Work]) -> None:
        """Read what runs, tasks and sessions have spent."""
        if unknown:
            asked = self.decider.asked()
            found = replay(self._asking, self._work_only(), self.decider.now(), work=unknown, said=asked.said)
            self.decider.learn_work(found)

    def refresh(self) -> None:
        """Replay what was spent, if anything changed that it is made of; one at a time, whichever thread asks."""
        with self._refreshing:
            self._refresh()

    def _refresh(self) -> None:
        stored = self._store.rows("budgets/state")
        if stored != self._stored:
            self._follow_kept()
        self._stored = stored
        if not self.decider.config.budgets:
            return
        self.decider.learn_turn(self._turns.take())
        if self.decider.decides and self._noted is not self._given:
            note_file(self._store, self._given)
            self._noted = self._given
        asked = self.decider.asked()
        state = (stored, self.decider.config, self._windows())
        if state == self._state:
            self.decider.learn_arrived(arrived(self._store, asked.calls))
            self._tell()
            return
        self.decider.learn_standing(Standing.of(events(self._store, kinds=BY_PEOPLE)))
        self._told = {one.id: one for one in events(self._store, kinds=TOLD)} | {one.id: one for one in self.decider.noted()}
        self.decider.learn_initiators(initiators(self._store, self.decider.recent_traces()))
        asked = self.decider.asked()
        found = replay(
            self._store, self.decider.config, self.decider.now(), calls=asked.calls, work=asked.work, said=asked.said, memory=self._memory
        )
        self.decider.learn(found)
        self._state = state
        self._tell()

    def reload(self, config: Config) -> None:
        """Follow another configuration at once."""
        self._given = config
        self.decider.reload(config)
        self.refresh()

    def _look(self, *, at_once: bool = False) -> None:
        """Refresh; where there is no budget only now and then, to see whether somebody has set one.

        Who tells of anomalies takes turns all the same.
        """
        now = time.monotonic()
        if at_once or self.decider.config.budgets or now - self._looked >= KEPT_SECONDS:
            self._looked = now
            self.refresh()
        if not self.decider.config.budgets and is_wanted(self.decider.config.notify):
            self.decider.learn_turn(self._turns.take())

    def _follow_kept(self) -> None:
        """Follow what people have set in the store since, here or on another service."""
        config = with_budgets(self._given, kept_budgets(self._store))
        if config.budgets != self.decider.config.budgets:
            self.decider.reload(config)

    def look_again(self) -> None:
        """Have what people did hold at once; returns when it does, or after LOOK_SECONDS_MAX without it."""
        self._look_again(LOOK_SECONDS_MAX)

    def _look_again(self, seconds_max: float) -> None:
        wanted = self._begun + 1
        self._wake.set()
        with self._rounds:
            self._rounds.wait_for(lambda: self._ended >= wanted, seconds_max)

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call `watcher` whenever stops may have changed; returns what ends that."""
        self._watchers.add(watcher)
        return lambda: self._watchers.discard(watcher)

    def _tell(self) -> None:
        """What is nearly spent; of services that share a store one tells it."""
        if not self.decider.decides:
            return
        for event in due(self.decider.parts(), self._told.values(), self.decider.standing, self.decider.now()):
            self._told[event.id] = event
            self.decider.note(event)
            logger.warning("budget %s: %s: %s", event.budget, event.kind, event.reason)

    def _windows(self) -> list[Any]:
        """With another window there is another count."""
        now = self.decider.now()
        return [limit.window(now) for limit in self.decider.limits if limit.is_calendar]

    def _work_only(self) -> Config:
        config = self.decider.config
        work = {limit.name: limit.budget for limit in self.decider.limits if not limit.is_calendar}
        return config.model_copy(update={"budgets": work})

    def _run(self) -> None:
        pause = REFRESH_SECONDS
        while True:
            woken = self._wake.wait(pause)
            self._wake.clear()
            if self._stopping.is_set():
                return
            begun = time.monotonic()
            self._begun += 1
            try:
                self._look(at_once=woken)
                self.decider.forget_idle_work(self.decider.now().timestamp() - IDLE_SECONDS)
                self.carry_events()
                self.decider.write_through()
                self.trouble, self.failures = "", 0
            except Exception as problem:  # decisions go on with what is known; windows that are not known are throttled
                self.failures += 1
                self.trouble = str(problem) or type(problem).__name__
                logger.exception("control: spend was not replayed; it is tried again")
            with self._rounds:
                self._ended = self._begun
                self._rounds.notify_all()
            for watcher in list(self._watchers):
                watcher()
            pause = max(REFRESH_SECONDS, PACE * (time.monotonic() - begun))

    def _tell_for_ever(self) -> None:
        """On a thread of its own: a receiver that does not answer must not hold back what is decided."""
        while not self._stopping.wait(REFRESH_SECONDS):
            for work in (self._look_for_anomalies, self.decider.tell):
                try:
                    work()
                except Exception:
                    logger.exception("notify: it is tried again")

    def _look_for_anomalies(self) -> None:
        """Of services that share a store one tells of them."""
        if self.decider.decides:
            self._anomalies.turn(self.decider.config, self.decider.now())

    def carry_events(self) -> None:
        """Bring what was noted to the store."""
        noted = self.decider.noted()
        keep_events(self._store, noted)
        self.decider.kept(noted)


async def notified(control: Control, seconds: float) -> None:
    """Wait until stops may have changed, at most so many seconds."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(changed.set)

    unwatch = control.watch(wake)
    try:
        await asyncio.wait_for(changed.wait(), seconds)
    except TimeoutError:
        pass
    finally:
        unwatch()
