# /// script
# dependencies = [
#   "autogen-agentchat==0.7.5",
#   "autogen-ext[openai]==0.7.5",
#   "openinference-instrumentation-openai==0.1.66",
#   "openai==2.54.0",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: AutoGen
"""AutoGen's own spans, which tell agents and tools and no usage, around those of the OpenAI client under OpenInference."""

from case import case, main, tracing


def weather(city: str) -> str:
    """Weather of a city."""
    return f"Sun in {city}"


@case
async def agent():
    from openinference.instrumentation.openai import OpenAIInstrumentor

    OpenAIInstrumentor().instrument(tracer_provider=tracing())
    from autogen_agentchat.agents import AssistantAgent
    from autogen_ext.models.openai import OpenAIChatCompletionClient

    model = OpenAIChatCompletionClient(model="gpt-4o")
    await AssistantAgent("planner", model_client=model, tools=[weather], reflect_on_tool_use=True).run(task="Weather in Paris?")


main()
