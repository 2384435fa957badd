# /// script
# dependencies = [
#   "pydantic-ai-slim[openai,anthropic,google]==2.68.0",
#   "logfire==5.2.0",
#   "openai-agents==0.24.0",
#   "openai==3.54.0",
#   "anthropic==2.12.0",
#   "google-genai==2.34.0",
# ]
# ///
# emitter: pydantic-ai, logfire
# emitter of logfire_openai_agents: OpenAI Agents SDK
"""pydantic-ai, alone and under logfire; logfire's own instrumentations of OpenAI, Anthropic and the OpenAI Agents SDK."""

from case import case, main, tracing

HI = [{"role": "user", "content": "Weather in Paris?"}]


def weather(city: str) -> str:
    """Weather of a city."""
    return f"Sun in {city}"


def configured():
    import logfire

    logfire.configure(send_to_logfire=False, console=False, service_name="capture", inspect_arguments=False)
    return logfire


def agent(model: str):
    from pydantic_ai import Agent

    tracing()
    Agent.instrument_all()
    return Agent(model, name="planner", tools=[weather])


@case
def openai_chat():
    agent("openai-chat:gpt-4o").run_sync("Weather in Paris?")


@case
def openai_responses():
    agent("openai-responses:gpt-5").run_sync("Weather in Paris?")


@case
def anthropic():
    agent("anthropic:claude-sonnet-4-5").run_sync("Weather in Paris?")


@case
def google():
    agent("google:gemini-2.5-flash").run_sync("Weather in Paris?")


@case
def older_totals():
    """The totals of the agent under the names of the calls, as before version 2."""
    from pydantic_ai import Agent
    from pydantic_ai.models.instrumented import InstrumentationSettings

    planner = agent("openai-chat:gpt-4o")
    planner.instrument = InstrumentationSettings(use_aggregated_usage_attribute_names=False)
    assert isinstance(planner, Agent)
    planner.run_sync("Weather in Paris?")


@case
def logfire_openai():
    from openai import OpenAI

    configured().instrument_openai()
    OpenAI().chat.completions.create(model="gpt-4o", messages=HI)


@case
def logfire_anthropic():
    from anthropic import Anthropic

    configured().instrument_anthropic()
    Anthropic().messages.create(model="claude-sonnet-4-5", max_tokens=500, messages=HI)


@case
def logfire_pydantic_ai():
    from pydantic_ai import Agent

    configured().instrument_pydantic_ai()
    Agent("openai-chat:gpt-4o", name="planner", tools=[weather]).run_sync("Weather in Paris?")


@case
def logfire_openai_agents():
    from agents import Agent, Runner, function_tool

    configured().instrument_openai_agents()
    Runner.run_sync(Agent(name="planner", model="gpt-4o", tools=[function_tool(weather)]), "Weather in Paris?")


main()
