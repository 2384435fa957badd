# /// script
# dependencies = [
#   "smolagents==1.26.0",
#   "openinference-instrumentation-smolagents==0.1.43",
#   "openai==3.54.0",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: smolagents
"""smolagents under OpenInference, whose AGENT span repeats the sum."""

import os

from case import case, main, tracing


@case
def agent():
    from openinference.instrumentation.smolagents import SmolagentsInstrumentor
    from smolagents import OpenAIModel, ToolCallingAgent, tool

    SmolagentsInstrumentor().instrument(tracer_provider=tracing())

    @tool
    def weather(city: str) -> str:
        """Weather of a city.

        Args:
            city: its name
        """
        return f"Sun in {city}"

    model = OpenAIModel(model_id="gpt-4o", api_base=os.environ["OPENAI_BASE_URL"])
    ToolCallingAgent(tools=[weather], model=model, name="planner", max_steps=1).run("Weather in Paris?")


main()
