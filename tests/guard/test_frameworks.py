"""Hooks of frameworks, with the real packages: they ask before each call, and a loop that nobody ends is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import openai
import pytest
from agents import Agent, OpenAIChatCompletionsModel, RunConfig, Runner, function_tool, set_trace_processors
from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_openai import ChatOpenAI
from opentelemetry.sdk.trace import TracerProvider
from pydantic import SecretStr
from pydantic_ai import Agent as PydanticAgent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.usage import UsageLimits

from attribution.storage import Store
from tests.budgets.world import World, config, deciding

from tests.guard.conftest import CHAT, TOOL_CALL, Server, decision, handing_over  # isort: skip  (makes the guard importable)
from spanledger_guard import Guard, GuardError, RefusedError
from spanledger_guard.langchain import GuardCallback
from spanledger_guard.openai_agents import GuardHooks
from spanledger_guard.pydantic_ai import GuardCapability

MODEL = "gpt-4.1-mini"
QUESTION = "Weather in Paris?"
LIMIT = 4
TRACER = TracerProvider().get_tracer("test")
set_trace_processors([])  # the SDK of OpenAI sends its own traces to OpenAI


def weather(city: str) -> str:
    """Weather of a city."""
    return f"Sun in {city}"


def chat_model(provider: Server, **more: Any) -> BaseChatModel:
    return ChatOpenAI(model=MODEL, base_url=provider.url, api_key=SecretStr("k"), max_retries=0, max_completion_tokens=50, **more)


def langchain(guard: Guard, provider: Server) -> Any:
    with openai.DefaultHttpxClient() as http:
        agent = create_agent(chat_model(provider, http_client=http), [weather], name="planner")
        return agent.invoke({"messages": [{"role": "user", "content": QUESTION}]}, config={"callbacks": [GuardCallback(guard)]})


def langchain_awaited(guard: Guard, provider: Server) -> Any:
    async def run() -> Any:
        async with openai.DefaultAsyncHttpxClient() as http:
            agent = create_agent(chat_model(provider, http_async_client=http), [weather], name="planner")
            asked: Any = {"messages": [{"role": "user", "content": QUESTION}]}
            return await agent.ainvoke(asked, config={"callbacks": [GuardCallback(guard)]})

    return asyncio.run(run())


def client_of_openai(provider: Server) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(api_key="k", base_url=provider.url, max_retries=0)


def openai_agents(guard: Guard, provider: Server, **more: Any) -> Any:
    async def run() -> Any:
        async with client_of_openai(provider) as client:
            agent = Agent("planner", model=OpenAIChatCompletionsModel(MODEL, client), tools=[function_tool(weather)])
            return await Runner.run(agent, QUESTION, hooks=GuardHooks(guard), max_turns=50, **more)

    return asyncio.run(run())


def openai_agents_untraced(guard: Guard, provider: Server) -> Any:
    return openai_agents(guard, provider, run_config=RunConfig(tracing_disabled=True))


def pydantic_ai(guard: Guard, provider: Server) -> Any:
    async def run() -> Any:
        async with client_of_openai(provider) as client:
            model = OpenAIChatModel(MODEL, provider=OpenAIProvider(openai_client=client))
            agent = PydanticAgent(model, name="planner", tools=[weather], capabilities=[GuardCapability(guard)])
            return await agent.run(QUESTION, usage_limits=UsageLimits(request_limit=50), model_settings={"max_tokens": 50})

    return asyncio.run(run())


def handing_over_for_ever(guard: Guard, provider: Server) -> Any:
    async def run() -> Any:
        async with client_of_openai(provider) as client:
            one, other = (Agent(name, model=OpenAIChatCompletionsModel(MODEL, client)) for name in "ab")
            one.handoffs, other.handoffs = [other], [one]
            return await Runner.run(one, QUESTION, hooks=GuardHooks(guard), max_turns=50)

    return asyncio.run(run())


Run = Callable[[Guard, Server], Any]
FRAMEWORKS: list[Run] = [langchain, langchain_awaited, openai_agents, openai_agents_untraced, pydantic_ai]
of_each = pytest.mark.parametrize("run", FRAMEWORKS, ids=lambda run: run.__name__)


@of_each
def test_each_call_is_asked_for_and_its_end_told(run: Run, provider: Server, service: Server) -> None:
    provider.answers = [(200, TOOL_CALL), (200, CHAT)]
    run(Guard(service.url, team="sales"), provider)
    assert [path for _, path in service.paths] == ["/api/v1/decisions", "/api/v1/decisions/r1/ended"] * 2
    asked = [one for _, path, one in service.asked if path == "/api/v1/decisions"]
    assert [one["dimensions"] for one in asked] == [{"team": "sales", "agent": "planner"}] * 2
    assert {one["model"] for one in asked} == {MODEL}
    assert len({one["trace_id"] for one in asked}) == 1, "a run is known as one"
    assert len(asked[0]["trace_id"]) == 32
    assert len({one.get("span_id", number) for number, one in enumerate(asked)}) == 2, "each call is one of its own"
    assert 50 < asked[0]["input_tokens"] < asked[1]["input_tokens"] < 5000


@of_each
def test_a_refused_call_ends_the_run_before_the_provider_is_asked(run: Run, provider: Server, service: Server) -> None:
    service.answers = [(200, decision("deny", reason="sales: 0 USD of 1 are left"))]
    with pytest.raises(RefusedError, match="sales: 0 USD of 1 are left"):
        run(Guard(service.url), provider)
    assert (len(service.asked), provider.asked) == (1, [])


def test_an_output_limit_is_told(provider: Server, service: Server) -> None:
    langchain(Guard(service.url), provider)
    pydantic_ai(Guard(service.url), provider)
    asked = [one for _, path, one in service.asked if path == "/api/v1/decisions"]
    assert [one["output_tokens_max"] for one in asked] == [50, 50]


def test_runs_in_a_span_are_those_of_its_trace(provider: Server, service: Server) -> None:
    with TRACER.start_as_current_span("work") as span:
        for run in FRAMEWORKS:
            run(Guard(service.url), provider)
    asked = [one for _, path, one in service.asked if path == "/api/v1/decisions"]
    assert {one["trace_id"] for one in asked} == {f"{span.get_span_context().trace_id:032x}"}


def test_loops_of_real_frameworks_are_stopped(store: Store, provider: Server) -> None:
    """A model that calls a tool for ever: by iterations of the run, by its cost, and agents that hand over to each other by hops."""
    budgets = {
        "turns": {"scope": {"team": "turns"}, "unit": "iterations", "limit": LIMIT, "per": "run"},
        "cost": {"scope": {"team": "cost"}, "limit": "0.02", "per": "run"},
        "hops": {"scope": {"team": "hops"}, "unit": "agent_hops", "limit": LIMIT, "per": "run"},
    }
    provider.answers = [(200, TOOL_CALL)]
    with deciding(World(store, config(budgets))) as url:
        for run in FRAMEWORKS:
            for within in (False, True):  # no span asks; the span of an agent asks for all of its calls
                provider.asked.clear()
                with TRACER.start_as_current_span("agent") if within else Guard(url).tags(), pytest.raises(GuardError):
                    run(Guard(url, team="turns"), provider)
                assert len(provider.asked) == LIMIT, (run, within)
            provider.asked.clear()
            with pytest.raises(GuardError, match="cost: "):
                run(Guard(url, team="cost"), provider)
            assert 0 < len(provider.asked) < 20, run
        provider.answers = [(200, handing_over("ba"[number % 2], number)) for number in range(40)]
        provider.asked.clear()
        with pytest.raises(RefusedError, match="hops: 0 agent_hops of 4 are left"):
            handing_over_for_ever(Guard(url, team="hops"), provider)
        assert len(provider.asked) == LIMIT
