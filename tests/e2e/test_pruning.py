"""Spans of closed months are let go of, by the service that runs and by the command beside it; reports stay as they were."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.otlp import chat, invoke, request, span, trace_id
from tests.e2e.serving import Serving

AUGUST, SEPTEMBER = 93, 124
"""Their first days, counted from the first of May as the spans are."""
REPORT = ["report", "team", "--format", "csv"]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    """One that keeps the spans since September: what it lets go of comes at moments of its own."""
    now = datetime.now(UTC)
    kept = 12 * (now.year - 2026) + now.month - 9
    started = Serving(tmp_path / "data", {"pricing": {"update": False}, "retention": {"spans_months": kept}})
    started.start()
    yield started
    if started.process and started.process.poll() is None:
        started.stop(signal.SIGKILL)


def test_spans_go_and_reports_stay(serving: Serving) -> None:
    bodies, traces = {}, {}
    for month, day in (("2026-08", AUGUST), ("2026-09", SEPTEMBER)):
        trace = traces[month] = trace_id()
        spans = [
            span(trace, 1, invoke("planner", team="sales"), day=day),
            span(trace, 2, chat("gpt-4o", 1000, 100), parent=1, day=day),
        ]
        bodies[month] = request(spans).SerializeToString()
        assert serving.export(bodies[month]).status_code == 200
        serving.stored(trace, 2)
    serving.attributed(*traces.values())
    (closed, _), (_, told) = serving.commands(["close", "2026-08"], REPORT)
    assert closed == 0
    with serving.stopped():
        pass  # it looks for what is to be let go of when it starts, and then once an hour
    serving.until(lambda: serving.spans(traces["2026-08"]) == [], "the spans of August are let go of")
    serving.until(lambda: "retention: let go of the spans of 2026-08\n" in serving.log, "it says so")
    assert len(serving.spans(traces["2026-09"])) == 2, "September is kept"
    refused, closed_too, pruned, again, reopened, repriced, reported, examined = serving.commands(
        ["prune", "--before", "2026-10"],
        ["close", "2026-09"],
        ["prune", "--before", "2026-10", "--content"],
        ["prune", "--before", "2026-10", "--content"],
        ["reopen", "2026-08", "--reason", "to look"],
        ["reprice", "--from", "2026-08-01"],
        REPORT,
        ["doctor"],
    )
    assert refused == (2, "error: 2026-09: open, and only closed months can be let go of; `spanledger close 2026-09` closes one\n")
    assert (closed_too[0], pruned[0], again[0], reopened[0]) == (0, 0, 0, 2)
    assert "let go of the content of 2026-09" in pruned[1]
    assert "there is nothing to let go of before 2026-10" in again[1]
    assert "2026-08 stays closed: its spans were let go of" in reopened[1]
    assert "2026-08, 2026-09: spans that were let go of" in repriced[1]
    assert reported == (0, told)
    assert "the spans of 2026-08 were let go of" in examined[1]
    assert "the content of 2026-09" not in examined[1]
    assert "the content of spans of 2026-09 was let go of" in examined[1]
    assert [row["attributes"] for row in serving.spans(traces["2026-09"])] == [{}, {}]
    for body in bodies.values():  # delivered again, all of it
        assert serving.export(body).status_code == 200
    serving.stored(traces["2026-08"], 2)
    serving.attributed(*traces.values())
    assert serving.commands(REPORT) == [(0, told)]
    assert "audits pass" in serving.command("audit")
