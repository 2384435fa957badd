# /// script
# dependencies = [
#   "ag2[openai,anthropic,gemini]==1.2.1",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: ag2
"""ag2's middleware: what each provider counts as it comes, once more beside each call. The Anthropic SDK's own span is below."""

import os

from case import PROVIDER, case, main, tracing


def agent(provider, name, config, below=None):
    from ag2 import Agent
    from ag2.middleware.builtin.telemetry import TelemetryMiddleware

    middleware = [TelemetryMiddleware(tracer_provider=provider, agent_name=name)]
    tools = [below.as_tool(description="Knows the weather.")] if below else []
    return Agent(name, prompt="Be short.", config=config, middleware=middleware, tools=tools)


def openai():
    from ag2.config import OpenAIConfig

    return OpenAIConfig(model="gpt-4o", api_key="made-up", base_url=os.environ["OPENAI_BASE_URL"])


@case
async def telemetry():
    provider = tracing()
    await agent(provider, "planner", openai(), agent(provider, "forecaster", openai())).ask("Weather in Paris?")


@case
async def anthropic():
    from ag2.config import AnthropicConfig

    provider = tracing()
    config = AnthropicConfig(model="claude-sonnet-4-5", api_key="made-up", base_url=PROVIDER, max_tokens=99)
    await agent(provider, "planner", config).ask("Weather in Paris?")


@case
async def google():
    from ag2.config import GeminiConfig

    provider = tracing()
    await agent(provider, "planner", GeminiConfig(model="gemini-2.5-flash", api_key="made-up")).ask("Weather in Paris?")


main()
