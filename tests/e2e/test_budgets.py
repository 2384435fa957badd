"""Budgets of a running service: decisions over HTTP, commands beside it, and what a killed one has promised."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from tests.e2e.serving import Serving

RUN = "77" * 16


@pytest.fixture
def budgeted(tmp_path: Path) -> Iterator[Serving]:
    """A service with a budget a day and one a run."""
    budgets = {"sales": {"scope": {"team": "sales"}, "limit": "0.45", "per": "month"}, "run": {"limit": "0.30", "per": "run"}}
    started = Serving(tmp_path / "data", {"pricing": {"update": False}, "budgets": budgets})
    started.start()
    yield started
    assert started.stop() == 0, started.log
    assert "Traceback" not in started.log


def ask(serving: Serving, span: str, *, run: str = RUN, team: str = "sales") -> dict[str, Any]:
    """May a call go on that costs 0.12?"""
    body = {
        "dimensions": {"team": team},
        "trace_id": run,
        "span_id": span,
        "model": "gpt-4.1-mini",
        "input_tokens": 300_000,
        "output_tokens_max": 0,
    }
    answer = serving.export(json.dumps(body).encode(), path="/api/v1/decisions", kind="application/json")
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def record(span: str, run: str = RUN) -> bytes:
    """The record of such a call."""
    request = ExportTraceServiceRequest()
    one = request.resource_spans.add().scope_spans.add().spans.add(name="chat", trace_id=bytes.fromhex(run), span_id=bytes.fromhex(span))
    one.start_time_unix_nano, one.end_time_unix_nano = time.time_ns() - 10**9, time.time_ns()
    said = {"team": "sales", "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4.1-mini"}
    for key, text in said.items():
        one.attributes.add(key=key, value=AnyValue(string_value=text))
    for key, count in {"gen_ai.usage.input_tokens": 300_000, "gen_ai.usage.output_tokens": 0}.items():
        one.attributes.add(key=key, value=AnyValue(int_value=count))
    return request.SerializeToString()


def test_a_budget_from_the_first_question_to_an_extension(budgeted: Serving) -> None:
    spans = [f"{number:016x}" for number in range(1, 9)]
    assert [ask(budgeted, span)["decision"] for span in spans[:3]] == ["allow", "allow", "throttle"]
    # What was promised survives the end of the process.
    budgeted.stop(signal.SIGKILL)
    budgeted.start()
    assert ask(budgeted, spans[2])["decision"] == "throttle"
    # A record takes the place of its reservation, and the other is given back.
    assert budgeted.export(record(spans[0])).status_code == 200

    def sales() -> dict[str, Any]:
        (found,) = [one for one in budgeted.get("/api/v1/budgets").json()["budgets"] if one["budget"] == "sales"]
        return {name: float(found[name]) for name in ("spent", "reserved", "remaining")}

    budgeted.until(lambda: sales() == {"spent": 0.12, "reserved": 0.12, "remaining": 0.21}, "the record is counted")
    budgeted.attributed(RUN)
    assert sales() == {"spent": 0.12, "reserved": 0.12, "remaining": 0.21}
    other = "88" * 16
    assert ask(budgeted, spans[3], run=other)["decision"] == "allow"
    assert ask(budgeted, spans[4], run=other)["budget"] == "sales"
    # People extend it, and the service follows.
    said = budgeted.command("budget", "extend", "sales", "1.50", "--why", "quarter end", "--by", "ann")
    assert said == "sales is extended by 1.50 USD\n"
    budgeted.until(lambda: ask(budgeted, spans[4], run=other)["decision"] == "allow", "the extension counts")
    (row,) = [row for row in json.loads(budgeted.command("budget", "list", "--format", "json")) if row["budget"] == "sales"]
    assert {name: row[name] for name in ("limit", "extended", "spent", "percent", "state")} == {
        "limit": "0.45", "extended": "1.500000000000", "spent": "0.120000000000", "percent": "6.2", "state": "",
    }  # fmt: skip
    assert "quarter end" in budgeted.command("budget", "show", "sales")
    # A run is paused, and goes on.
    assert budgeted.command("budget", "pause", RUN, "--why", "it loops", "--by", "ann") == f"{RUN} is paused\n"
    budgeted.until(lambda: ask(budgeted, spans[6])["reason"] == f"run {RUN} is paused by ann: it loops", "the pause counts")
    assert [one["stop"] for one in budgeted.get("/api/v1/stops").json()["stops"]] == ["paused"]
    budgeted.command("budget", "resume", RUN)
    budgeted.until(lambda: not budgeted.get("/api/v1/stops").json()["stops"], "the run goes on")
    wrong = budgeted.commands(
        ("budget", "show", "marketing"),
        ("budget", "extend", "sales", "much", "--why", "x"),
        ("budget", "extend", "sales", "1", "--why", "x", "--key", "ann"),
        ("budget", "resume", RUN),
        ("budget", "pause", "sales", "--why", "x", "--until", "2020-01-01"),
    )
    assert [(code, said.strip()) for code, said in wrong] == [
        (2, "error: there is no budget 'marketing'; there is run, sales"),
        (2, "error: 'much' is no amount: a number with at most 12 digits after the point is needed, such as 50 or 12.50"),
        (2, "error: key: sales counts each value of nothing: 0 are needed, 1 are given"),
        (2, f"error: {RUN} is not paused"),
        (2, "error: until: 2020-01-01T00:00:00Z is over"),
    ]
    of_run = budgeted.command("budget", "show", "run", "--of", RUN, "--format", "csv").splitlines()
    assert of_run[1].startswith(f"run,{RUN},USD,0.30,0,0.12")


def test_calls_that_ask_a_service_at_once_pass_no_limit(budgeted: Serving) -> None:
    import asyncio  # noqa: PLC0415

    async def all_at_once() -> list[str]:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            url = f"http://127.0.0.1:{budgeted.http_port}/api/v1/decisions"
            bodies = [
                {
                    "dimensions": {"team": "sales"},
                    "trace_id": f"{n % 5 + 1:032x}",
                    "span_id": f"{n + 1:016x}",
                    "model": "gpt-4.1-mini",
                    "input_tokens": 300_000,
                    "output_tokens_max": 0,
                }
                for n in range(40)
            ]
            answers = await asyncio.gather(*(http.post(url, json=body) for body in bodies))
            return [answer.json()["decision"] for answer in answers]

    verdicts = asyncio.run(all_at_once())
    assert sorted(verdicts) == ["allow"] * 3 + ["throttle"] * 37
