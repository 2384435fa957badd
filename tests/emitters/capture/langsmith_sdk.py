# /// script
# dependencies = [
#   "langsmith==0.15.0",
#   "langchain==1.4.7",
#   "langchain-openai==1.7.3",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: LangChain, LangGraph, LangSmith
"""LangChain and LangGraph traced by LangSmith over OpenTelemetry."""

import os

from case import case, main, tracing

HI = [{"role": "user", "content": "Weather in Paris?"}]
os.environ |= {"LANGSMITH_OTEL_ENABLED": "true", "LANGSMITH_OTEL_ONLY": "true", "LANGSMITH_TRACING": "true", "LANGSMITH_API_KEY": "x"}


def weather(city: str) -> str:
    """Weather of a city."""
    return f"Sun in {city}"


@case
def langchain_agent():
    tracing()
    from langchain.agents import create_agent
    from langchain_openai import ChatOpenAI
    from langsmith import Client

    agent = create_agent(ChatOpenAI(model="gpt-4o"), [weather], name="planner")
    agent.invoke({"messages": HI}, config={"metadata": {"team": "support"}, "tags": ["project:helpdesk"]})
    from langchain_core.tracers.langchain import wait_for_all_tracers

    wait_for_all_tracers()
    assert Client


@case
def wrapped_openai():
    tracing()
    from langsmith import Client
    from langsmith.wrappers import wrap_openai
    from openai import OpenAI

    client = Client()
    wrap_openai(OpenAI(), tracing_extra={"client": client}).chat.completions.create(model="gpt-4o", messages=HI)
    client.flush()


main()
