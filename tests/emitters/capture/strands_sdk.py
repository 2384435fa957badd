# /// script
# dependencies = [
#   "strands-agents[openai,anthropic,otel]==1.62.0",
#   "openai==2.54.0",
#   "anthropic==0.125.0",
#   "boto3==1.44.5",
#   "opentelemetry-sdk==1.45.1",
#   "opentelemetry-exporter-otlp-proto-http==1.45.1",
# ]
# ///
# emitter: Strands Agents
"""Strands Agents, whose `invoke_agent` repeats the sum of its calls."""

from case import case, main, tracing


def agent(model):
    from strands import Agent, tool

    tracing()

    @tool
    def weather(city: str) -> str:
        """Weather of a city."""
        return f"Sun in {city}"

    Agent(model=model, name="planner", tools=[weather], callback_handler=None)("Weather in Paris?")


@case
def openai():
    from strands.models.openai import OpenAIModel

    agent(OpenAIModel(model_id="gpt-4o"))


@case
def anthropic():
    from strands.models.anthropic import AnthropicModel

    agent(AnthropicModel(model_id="claude-sonnet-4-5", max_tokens=500))


main()
