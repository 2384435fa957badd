"""Attributes traces, pass by pass: a pass reads a batch, runs the stages in the order of their paths, and commits.

The header of each `.sql` file says what its stage does and what holds after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from attribution import passes
from attribution.audits import violations_of
from attribution.configuration import Followed
from attribution.conventions.kinds import GATEWAY_SCOPES, GATEWAYS_OR_LIBRARIES
from attribution.conventions.models import MODEL_PREFIX, MODEL_VERSION
from attribution.storage import Store, quoted_name, statements
from attribution.storage.work_tables import run_stages, work_tables
from attribution.traces import batch

COMMIT = "traces/10_commit/01_attributions"
"""The stage that commits a pass, the last one."""
STAGES = tuple(name for name in statements("traces") if name.startswith("traces/0") and not name.startswith(batch.FOLDER))
"""What decides and posts, between reading a batch and committing it."""

CONVENTIONS = {
    "gateway_scopes": sorted(GATEWAY_SCOPES),
    "proxy_scopes": sorted(GATEWAY_SCOPES - GATEWAYS_OR_LIBRARIES),
    "model_prefix": MODEL_PREFIX,
    "model_version": MODEL_VERSION,
}
"""What conventions know, as parameters of the stages."""
SETTLED_TRACES_MAX = 10_000
"""After more traces than these settled changes are dropped at once; else merges drop them in time."""


Prepare = Callable[[str], object]


def _nothing(_: str) -> None:
    """Prepare nothing."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did."""

    traces: int
    spans: int
    violations: int
    """What the audits of its traces find wrong."""
    last_trace_id: str
    """It came as far as this."""


def any_pending(store: Store) -> bool:
    """Whether a trace changed since it was attributed."""
    return bool(store.rows(f"{batch.FOLDER}/01_any_pending"))


def attribute_traces(store: Store, followed: Followed, prepare: Prepare = _nothing) -> Iterator[Pass]:
    """Attribute all traces that are pending, a pass at a time; the caller holds the lease.

    `prepare`: is called with the table of the traces that a pass has taken, before it reads them.
    """
    after, traces = "", 0
    # Through the traces in the order of their ids, and once more where one with a lower id has changed meanwhile.
    while (reach := batch.reach_of_pass(store, after)) or (after and any_pending(store)):
        if not reach:
            after = ""
            continue
        done = attribute_pass(store, followed, after, reach, prepare)
        after = done.last_trace_id
        traces += done.traces
        if done.traces:
            yield done
    if traces > SETTLED_TRACES_MAX:
        store.run(f"{batch.FOLDER}/14_drop_settled")


def attribute_pass(store: Store, followed: Followed, after: str, reach: str, prepare: Prepare = _nothing) -> Pass:
    """Attribute the pending traces after one and up to another; all figures are 0 when nothing is pending there."""
    with work_tables(store, "traces") as tables:
        size = batch.take(store, tables, after, reach)
        if not size.traces:
            return Pass(0, 0, 0, reach)
        prepare(tables["batch"])
        number = passes.begin(store)
        traces = batch.read(store, tables, size.traces, by_session=followed.by_session)
        parameters = {**tables, **followed.traces, **CONVENTIONS, "version": number}
        traits = run_stages(store, STAGES, **parameters)
        if passes.commit(store, number, COMMIT, **parameters):
            batch.settle(store, tables)
        return Pass(
            traces=traces,
            spans=int(store.query("SELECT sum(spans) AS n FROM {decisions:Identifier}", tables)[0]["n"]),
            violations=violations_of(store, f"trace_id GLOBAL IN (SELECT trace_id FROM {quoted_name(tables['batch'])})", traits),
            last_trace_id=size.last_trace_id,
        )


def mark_open_traces_changed(store: Store, zone_before: str, zone_now: str) -> None:
    """Mark the traces with a span in an open month, because the configuration now decides otherwise who pays for them."""
    store.run("traces/mark_open_traces_changed", zone_before=zone_before, zone_now=zone_now)
