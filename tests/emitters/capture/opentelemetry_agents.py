# /// script
# dependencies = [
#   "opentelemetry-instrumentation-genai-openai-agents==1.3b0",
#   "opentelemetry-instrumentation-genai-openai==1.3b0",
#   "opentelemetry-util-genai==1.3b0",
#   "openai-agents==0.24.0",
#   "openai==3.54.0",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: OpenAI Agents SDK
"""OpenTelemetry's instrumentation of the OpenAI Agents SDK, with that of the OpenAI client below it."""

from case import case, main, tracing


@case
def openai():
    from agents import Agent, Runner, function_tool
    from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
    from opentelemetry.instrumentation.genai.openai_agents import OpenAIAgentsInstrumentor

    def weather(city: str) -> str:
        """Weather of a city."""
        return f"Sun in {city}"

    provider = tracing()
    OpenAIInstrumentor().instrument(tracer_provider=provider)
    OpenAIAgentsInstrumentor().instrument(tracer_provider=provider)
    Runner.run_sync(Agent(name="planner", model="gpt-4o", tools=[function_tool(weather)]), "Weather in Paris?")


main()
