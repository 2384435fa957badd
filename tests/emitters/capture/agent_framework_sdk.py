# /// script
# dependencies = [
#   "agent-framework-core==1.23.0",
#   "agent-framework-openai==1.17.0",
#   "agent-framework-anthropic==1.0.0b261022",
#   "openai==3.54.0",
#   "anthropic==1.17.0",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: Microsoft Agent Framework, Semantic Kernel
# emitter of anthropic: Microsoft Agent Framework, Anthropic
"""Microsoft Agent Framework, whose `invoke_agent` repeats the sum of its calls."""

import os

from case import case, main, tracing


def weather(city: str) -> str:
    """Weather of a city."""
    return f"Sun in {city}"


async def run(client):
    from agent_framework import Agent

    await Agent(client, instructions="Help.", name="planner", tools=[weather]).run("Weather in Paris?")


def instrument(**variables: str):
    os.environ |= {"ENABLE_INSTRUMENTATION": "true", **variables}
    tracing()
    from agent_framework.observability import enable_instrumentation

    enable_instrumentation()


@case
async def openai():
    instrument()
    from agent_framework.openai import OpenAIChatCompletionClient

    await run(OpenAIChatCompletionClient(model="gpt-4o"))


@case
async def openai_latest():
    instrument(OTEL_SEMCONV_STABILITY_OPT_IN="gen_ai_latest_experimental")
    from agent_framework.openai import OpenAIChatCompletionClient

    await run(OpenAIChatCompletionClient(model="gpt-4o"))


@case
async def anthropic():
    instrument(OTEL_SEMCONV_STABILITY_OPT_IN="gen_ai_latest_experimental")
    from agent_framework.anthropic import AnthropicClient

    await run(AnthropicClient(model="claude-sonnet-4-5"))


main()
