"""Attribution: runs the stages in their order, trace by trace that changed, until nothing is pending.

What a stage does, and what holds after it, stands at the head of its `.sql` file.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from attribution import passes
from attribution.config import AttributionConfig
from attribution.lease import lease
from attribution.pools import pool_settings, split_pools
from attribution.storage import SUSPECTS, Store, audit_statement, quoted_name, statements, suspects_statement
from attribution.work import work_tables

CHANGES_A_PASS_MAX = 200_000
"""A pass reaches as far as so many changes go; a trace has at least one."""
SPANS_A_PASS_MAX = 2_000_000
"""A pass holds its spans in memory, about 0.5 KiB each: no further trace is taken once there are so many."""

WORK_TABLES = (
    "pending",
    "batch",
    "told",
    "firsts",
    "found",
    "profiles",
    "names",
    "charges",
    "resources",
    "trees",
    "runs",
    "nested",
    "duplicates",
    "billing",
    "paths",
    "own_time",
    "initiators",
    "continued",
    "inherited",
    "decided",
    "booking",
    "standing",
    "lines",
)
COMMIT = "stages/19_attributions"
"""The stage that commits a pass, the last one."""

AUDITS_OF_BOOKS = ("03_pooled_is_not_allocated", "04_period_does_not_balance")
"""Run once all is attributed; they read rollups only. After each pass those of traces look at its own."""

CONFIGURATION = "attribution configuration"
"""Its name among the facts of the store."""

SETTLED_TRACES_MAX = 10_000
"""After more traces than these what is settled is tidied up at once; merges do it in time."""

SPLIT_SECONDS_MAX = 60.0
"""Pools are split when no trace is pending any more, and at least this often while traces keep coming."""

WORK_SECONDS_MAX = 3600
"""Work tables older than this were left by a pass that was killed."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What an attribution did."""

    passes: int
    traces: int
    spans: int
    postings: int
    violations: int
    """What the audits that look at no more than was changed find wrong."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did."""

    traces: int
    spans: int
    violations: int
    last_trace_id: str
    """It came as far as this."""


def attribute(store: Store, config: AttributionConfig) -> Summary:
    """Attribute all that is pending and return.

    Running it again posts nothing; killed at any point and run again it ends in the same state (R11, R14).
    """
    begun = time.monotonic()
    # A pass settles its traces and pools at its very end, so nothing pending means that no worker is at any.
    if not _is_pending(store) and not store.count("pending_pools") and _follows(remembered(store), config):
        return Summary(0, 0, 0, 0, 0, time.monotonic() - begun)
    with lease(store):
        return attribute_all(store, config)


def attribute_all(store: Store, config: AttributionConfig) -> Summary:
    """Do it for who holds the lease: first the traces, pass by pass, then the pools that they moved."""
    begun, first_pass, split_at = time.monotonic(), time.time_ns(), time.monotonic()
    follow_configuration(store, config)
    passes.recover(store)
    store.drop_leftovers("work_", WORK_SECONDS_MAX)
    done: list[Pass] = []
    after = ""
    # Through the traces in the order of their ids, and once more where some came behind.
    while (reach := reach_of_pass(store, after)) or (after and _is_pending(store)):
        if not reach:
            after = ""
            continue
        if time.monotonic() - split_at > SPLIT_SECONDS_MAX:
            split_pools(store, config, settings(config))
            split_at = time.monotonic()
        one = attribute_pass(store, config, after, reach)
        after = one.last_trace_id
        if one.traces:
            done.append(one)
    split_pools(store, config, settings(config))
    if sum(one.traces for one in done) > SETTLED_TRACES_MAX:
        store.run("passes/tidy")
    return Summary(
        passes=len(done),
        traces=sum(one.traces for one in done),
        spans=sum(one.spans for one in done),
        postings=postings_since(store, first_pass),
        violations=sum(one.violations for one in done) + sum(_count(store, audit_statement(name)) for name in AUDITS_OF_BOOKS),
        seconds=time.monotonic() - begun,
    )


def _is_pending(store: Store) -> bool:
    return bool(store.rows("batch/00_waiting"))


def reach_of_pass(store: Store, after: str) -> str:
    """Up to which trace the next pass goes; '' when there is none after the last one's."""
    return str(store.rows("batch/01_reach", after=after, changes_max=CHANGES_A_PASS_MAX)[0]["reach"])


def attribute_pass(store: Store, config: AttributionConfig, after: str, reach: str) -> Pass:
    """Attribute the pending traces after one and up to another; all figures are 0 when nothing is pending there."""
    with work_tables(store, WORK_TABLES) as work:
        store.run("batch/02_pending", **work, after=after, reach=reach)
        store.run("batch/02_batch", **work, spans_max=SPANS_A_PASS_MAX)
        batch = store.rows("batch/03_size", **work)[0]
        if not batch["traces"]:
            return Pass(0, 0, 0, reach)
        number = passes.begin(store)
        read(store, work, by_session=config.sessions.inherit)
        parameters = {**work, **settings(config), "version": number}
        for stage in statements("stages"):
            if stage != COMMIT and _is_needed(store, stage, work):
                store.run(stage, **parameters)
        if passes.commit(store, number, COMMIT, **parameters):
            store.run("passes/settle", **work)
        among = f"trace_id GLOBAL IN (SELECT trace_id FROM {quoted_name(work['batch'])})"
        return Pass(
            traces=store.count(work["batch"]),
            spans=int(store.query("SELECT sum(spans) AS n FROM {decided:Identifier}", work)[0]["n"]),
            violations=sum(_count(store, suspects_statement(name, among)) for name in SUSPECTS),
            last_trace_id=batch["last"],
        )


def postings_since(store: Store, number: int) -> int:
    """How many postings were made by passes that began at a time or later, ns since the epoch, whoever made them."""
    return int(store.rows("passes/postings", first=number)[0]["n"])


def _is_needed(store: Store, stage: str, work: dict[str, str]) -> bool:
    """A stage that few batches need is preceded by a short question, for the analysis of a long statement takes its time."""
    question = stage.replace("stages/", "needed/")
    return question not in statements("needed") or bool(store.rows(question, **work))


def _count(store: Store, sql: str) -> int:
    return int(store.query(f"SELECT count() AS n FROM ({sql})")[0]["n"])


def read(store: Store, work: dict[str, str], *, by_session: bool) -> None:
    """Read the batch, and add to it what its traces decide about, then what they need to be decided."""
    store.run("batch/04_told", **work)
    store.run("batch/04_firsts", **work)
    reading = _Reading(store, work, by_session=by_session)
    reading.read()
    reading.widen("batch/06_partners", dirty=True)
    reading.until_none_is_added("batch/07_linking", *(["batch/10_heirs"] if by_session else []))
    if reading.round:
        # The partners of what was added; where nothing was, they are in the batch already.
        reading.widen("batch/06_partners", dirty=False)
    reading.until_none_is_added("batch/08_linked", *(["batch/11_first_traces"] if by_session else []))


@dataclass(slots=True)
class _Reading:
    """A batch that grows round by round."""

    store: Store
    work: dict[str, str]
    by_session: bool
    """Sessions hand on who started the work, so their first spans are looked up."""
    round: int = 0

    def read(self) -> None:
        """Read the traces that the last round added."""
        self.store.run("batch/05_read", **self.work, round=self.round)
        if self.by_session:
            self.store.run("batch/09_firsts", **self.work, round=self.round)

    def widen(self, statement_name: str, **parameters: Any) -> None:
        """Add traces as a round of their own, and read them; no round where there are none."""
        before = self.store.count(self.work["batch"])
        self.store.run(statement_name, **self.work, round=self.round + 1, **parameters)
        if self.store.count(self.work["batch"]) > before:
            self.round += 1
            self.read()

    def until_none_is_added(self, *names: str) -> None:
        """Each turn adds at least one trace or is the last, so it ends."""
        before = -1
        while before != self.round:
            before = self.round
            for name in names:
                self.widen(name)


def follow_configuration(store: Store, config: AttributionConfig) -> None:
    """Keep the configuration in the store; where it decides otherwise who pays, open months are to be attributed again.

    Closed months keep the configuration that they were closed under.
    """
    known = remembered(store)
    if _follows(known, config):
        return
    if known is not None and settings(known) != settings(config):
        zones = {"zone_before": known.periods.timezone, "zone_now": config.periods.timezone}
        store.run("closing/mark_open_traces", **zones)
    if known is not None and (settings(known), pool_settings(known)) != (settings(config), pool_settings(config)):
        store.run("pools/mark_open")
    only_ours = config.model_dump_json(include=set(AttributionConfig.model_fields), by_alias=True)
    store.run("facts/keep", fact=CONFIGURATION, value=only_ours)


def _follows(known: AttributionConfig | None, config: AttributionConfig) -> bool:
    return known is not None and known.model_dump() == config.model_dump(include=set(AttributionConfig.model_fields))


def remembered(store: Store) -> AttributionConfig | None:
    """The configuration that the attributions in the store follow, so that a command without one does not undo it."""
    rows = store.rows("facts/kept", fact=CONFIGURATION)
    return AttributionConfig.model_validate_json(rows[0]["value"]) if rows else None


def settings(config: AttributionConfig) -> dict[str, Any]:
    """The configuration as the stages take it: parallel arrays, which one statement can look up."""
    teams = config.organization.teams
    return {
        "timezone": config.periods.timezone,
        "by_session": config.sessions.inherit,  # no stage asks: it decides what is read
        "shared": [pattern_to_regex(pattern) for pattern in config.agents.shared],
        # `transform` wants at least one pair; '' is never looked up to anything but ''.
        "owned_agents": ["", *config.agents.owners],
        "owner_teams": ["", *config.agents.owners.values()],
        "teams": ["", *teams],
        "departments": ["", *(team.department for team in teams.values())],
        "cost_centers": ["", *(team.cost_center for team in teams.values())],
    }


def pattern_to_regex(pattern: str) -> str:
    """`formatter-*` as a regular expression of ClickHouse: `*` is any run of characters, `?` any one, all else is itself."""
    wild = {"*": ".*", "?": "."}
    return "(?s)^" + "".join(wild.get(character) or re.escape(character) for character in pattern) + "$"
