# /// script
# dependencies = [
#   "smolagents==1.26.0",
#   "openinference-instrumentation-smolagents==0.1.43",
#   "openai==3.54.0",
#   "litellm==1.110.2",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: smolagents
"""smolagents under OpenInference, whose AGENT span repeats the sum; the answer is there as Python prints it, but of streams."""

import os

from case import case, main, tracing


def planner(model):
    from openinference.instrumentation.smolagents import SmolagentsInstrumentor
    from smolagents import ToolCallingAgent, tool

    SmolagentsInstrumentor().instrument(tracer_provider=tracing())

    @tool
    def weather(city: str) -> str:
        """Weather of a city.

        Args:
            city: its name
        """
        return f"Sun in {city}"

    return ToolCallingAgent(tools=[weather], model=model, name="planner", max_steps=1)


def openai(model, **how):
    from smolagents import OpenAIModel

    return OpenAIModel(model_id=model, api_base=os.environ["OPENAI_BASE_URL"], **how)


@case
def agent():
    planner(openai("gpt-4o")).run("Weather in Paris?")


@case
def flex():
    planner(openai("gpt-5", service_tier="flex")).run("Weather in Paris?")


@case
def anthropic():
    from smolagents import LiteLLMModel

    planner(LiteLLMModel(model_id="anthropic/claude-sonnet-4-5")).run("Weather in Paris?")


main()
