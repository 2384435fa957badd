"""A run of an agent in each framework, with the hook of the guard; to import them all takes seconds."""

from __future__ import annotations

import asyncio
from typing import Any

import openai
from agents import Agent, OpenAIChatCompletionsModel, RunConfig, Runner, function_tool, set_trace_processors
from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_openai import ChatOpenAI
from pydantic import SecretStr
from pydantic_ai import Agent as PydanticAgent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.usage import UsageLimits

from tests.guard.conftest import Server  # isort: skip  (makes the guard importable)
from spanledger_guard import Guard
from spanledger_guard.langchain import GuardCallback
from spanledger_guard.openai_agents import GuardHooks
from spanledger_guard.pydantic_ai import GuardCapability

MODEL = "gpt-4.1-mini"
QUESTION = "Weather in Paris?"
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
