"""Attributes all that is pending: first the traces that changed, pass by pass, then the pools that they changed."""

from __future__ import annotations

import time
from dataclasses import dataclass

from attribution import passes
from attribution.audits import violations_of_books
from attribution.completion import complete
from attribution.configuration import AttributionConfig, Followed, follow
from attribution.pools import mark_open_pools_changed, split_pools
from attribution.storage import Store
from attribution.storage.facts import keep_fact, kept_fact
from attribution.storage.lease import lease
from attribution.traces import any_pending, attribute_traces, mark_open_traces_changed
from attribution.traces.traces import Pass

CONFIGURATION = "attribution configuration"
"""Its name among the facts of the store."""

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


def attribute(store: Store, config: AttributionConfig) -> Summary:
    """Attribute all that is pending and return.

    Running it again posts nothing; killed at any point and run again it ends in the same state (R11, R14).
    """
    begun = time.monotonic()
    # A pass settles its traces and pools at its very end, so nothing pending means that no worker is at any.
    if not any_pending(store) and not store.count("pending_pools") and _is_known(remembered(store), config):
        return Summary(0, 0, 0, 0, 0, time.monotonic() - begun)
    with lease(store):
        return attribute_all(store, config)


def attribute_all(store: Store, config: AttributionConfig) -> Summary:
    """Do it for who holds the lease."""
    begun, first_pass = time.monotonic(), time.time_ns()
    followed = follow_configuration(store, config)
    passes.recover(store)
    store.drop_leftovers("work_", WORK_SECONDS_MAX)
    done = _traces_and_pools(store, followed, config)
    return Summary(
        passes=len(done),
        traces=sum(one.traces for one in done),
        spans=sum(one.spans for one in done),
        postings=passes.postings_since(store, first_pass),
        violations=sum(one.violations for one in done) + violations_of_books(store),
        seconds=time.monotonic() - begun,
    )


def _traces_and_pools(store: Store, followed: Followed, config: AttributionConfig) -> list[Pass]:
    done: list[Pass] = []
    split_at = time.monotonic()
    # What comes after a pass has taken its traces is pending for the next one: no call is attributed before it was looked at.
    for one in attribute_traces(store, followed, lambda traces: complete(store, config, traces)):
        done.append(one)
        if time.monotonic() - split_at > SPLIT_SECONDS_MAX:
            split_pools(store, followed)
            split_at = time.monotonic()
    split_pools(store, followed)
    return done


def follow_configuration(store: Store, config: AttributionConfig) -> Followed:
    """Keep the configuration in the store; where it decides otherwise who pays, open months are to be attributed again.

    Closed months keep the configuration that they were closed under.
    """
    followed = follow(config)
    known = remembered(store)
    if _is_known(known, config):
        return followed
    if known is not None:
        before = follow(known)
        if before.traces != followed.traces:
            mark_open_traces_changed(store, known.periods.timezone, config.periods.timezone)
        if before.pools != followed.pools:
            mark_open_pools_changed(store)
    keep_fact(store, CONFIGURATION, config.model_dump_json(include=set(AttributionConfig.model_fields), by_alias=True))
    return followed


def follow_first(store: Store, config: AttributionConfig) -> None:
    """Let a store that follows no configuration yet follow this one, so that whoever attributes first does so by the same rules."""
    if remembered(store) is None:
        follow_configuration(store, config)


def _is_known(known: AttributionConfig | None, config: AttributionConfig) -> bool:
    return known is not None and known.model_dump() == config.model_dump(include=set(AttributionConfig.model_fields))


def remembered(store: Store) -> AttributionConfig | None:
    """The configuration that the attributions in the store follow, so that a command without one does not undo it."""
    kept = kept_fact(store, CONFIGURATION)
    return None if kept is None else AttributionConfig.model_validate_json(kept)


def configuration_of(store: Store, given: AttributionConfig | None = None) -> AttributionConfig:
    """The configuration that is given, else the one that the store was attributed by last, else the defaults."""
    return given or remembered(store) or AttributionConfig()
