"""Hooks of frameworks, with the real packages: they ask before each call, and a loop that nobody ends is stopped."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider

from attribution.storage import Store
from tests.budgets.world import World, config, deciding

from tests.guard.conftest import CHAT, TOOL_CALL, Server, decision, handing_over  # isort: skip  (makes the guard importable)
from spanledger_guard import Guard, GuardError, RefusedError

MODEL = "gpt-4.1-mini"
LIMIT = 4
TRACER = TracerProvider().get_tracer("test")
Run = Callable[[Guard, Server], Any]
FRAMEWORKS = ("langchain", "langchain_awaited", "openai_agents", "openai_agents_untraced", "pydantic_ai")
of_each = pytest.mark.parametrize("name", FRAMEWORKS)


@pytest.fixture
def frameworks() -> ModuleType:
    """Imported when a test asks for it, and not by every process that finds tests."""
    from tests.guard import frameworks  # noqa: PLC0415

    return frameworks


@pytest.fixture
def runs(frameworks: ModuleType) -> dict[str, Run]:
    return {name: getattr(frameworks, name) for name in FRAMEWORKS}


@of_each
def test_each_call_is_asked_for_and_its_end_told(runs: dict[str, Run], name: str, provider: Server, service: Server) -> None:
    provider.answers = [(200, TOOL_CALL), (200, CHAT)]
    runs[name](Guard(service.url, team="sales"), provider)
    assert [path for _, path in service.paths] == ["/api/v1/decisions", "/api/v1/decisions/r1/ended"] * 2
    asked = [one for _, path, one in service.asked if path == "/api/v1/decisions"]
    assert [one["dimensions"] for one in asked] == [{"team": "sales", "agent": "planner"}] * 2
    assert {one["model"] for one in asked} == {MODEL}
    assert len({one["trace_id"] for one in asked}) == 1, "a run is known as one"
    assert len(asked[0]["trace_id"]) == 32
    assert len({one.get("span_id", number) for number, one in enumerate(asked)}) == 2, "each call is one of its own"
    assert 50 < asked[0]["input_tokens"] < asked[1]["input_tokens"] < 5000


@of_each
def test_a_refused_call_ends_the_run_before_the_provider_is_asked(
    runs: dict[str, Run], name: str, provider: Server, service: Server
) -> None:
    service.answers = [(200, decision("deny", reason="sales: 0 USD of 1 are left"))]
    with pytest.raises(RefusedError, match="sales: 0 USD of 1 are left"):
        runs[name](Guard(service.url), provider)
    assert (len(service.asked), provider.asked) == (1, [])


def test_an_output_limit_is_told(runs: dict[str, Run], provider: Server, service: Server) -> None:
    for name in ("langchain", "pydantic_ai"):
        runs[name](Guard(service.url), provider)
    asked = [one for _, path, one in service.asked if path == "/api/v1/decisions"]
    assert [one["output_tokens_max"] for one in asked] == [50, 50]


def test_runs_in_a_span_are_those_of_its_trace(runs: dict[str, Run], provider: Server, service: Server) -> None:
    with TRACER.start_as_current_span("work") as span:
        for run in runs.values():
            run(Guard(service.url), provider)
    asked = [one for _, path, one in service.asked if path == "/api/v1/decisions"]
    assert {one["trace_id"] for one in asked} == {f"{span.get_span_context().trace_id:032x}"}


def test_loops_of_real_frameworks_are_stopped(store: Store, frameworks: ModuleType, runs: dict[str, Run], provider: Server) -> None:
    """A model that calls a tool for ever: by iterations of the run, by its cost, and agents that hand over to each other by hops."""
    budgets = {
        "turns": {"scope": {"team": "turns"}, "unit": "iterations", "limit": LIMIT, "per": "run"},
        "cost": {"scope": {"team": "cost"}, "limit": "0.02", "per": "run"},
        "hops": {"scope": {"team": "hops"}, "unit": "agent_hops", "limit": LIMIT, "per": "run"},
    }
    provider.answers = [(200, TOOL_CALL)]
    with deciding(World(store, config(budgets))) as url:
        for name, run in runs.items():
            for within in (False, True):  # no span asks; the span of an agent asks for all of its calls
                provider.asked.clear()
                with TRACER.start_as_current_span("agent") if within else Guard(url).tags(), pytest.raises(GuardError):
                    run(Guard(url, team="turns"), provider)
                assert len(provider.asked) == LIMIT, (name, within)
            provider.asked.clear()
            with pytest.raises(GuardError, match="cost: "):
                run(Guard(url, team="cost"), provider)
            assert 0 < len(provider.asked) < 20, name
        provider.answers = [(200, handing_over("ba"[number % 2], number)) for number in range(40)]
        provider.asked.clear()
        with pytest.raises(RefusedError, match="hops: 0 agent_hops of 4 are left"):
            frameworks.handing_over_for_ever(Guard(url, team="hops"), provider)
        assert len(provider.asked) == LIMIT
