# /// script
# dependencies = [
#   "semantic-kernel==1.45.0",
#   "openai==3.54.0",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: Microsoft Agent Framework, Semantic Kernel
"""Microsoft Semantic Kernel's model diagnostics."""

import os

from case import case, main, tracing

os.environ["SEMANTICKERNEL_EXPERIMENTAL_GENAI_ENABLE_OTEL_DIAGNOSTICS"] = "true"


@case
async def agent():
    tracing()
    from semantic_kernel.agents import ChatCompletionAgent
    from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion
    from semantic_kernel.functions import kernel_function

    class Plugin:
        @kernel_function(name="weather", description="Weather of a city.")
        def weather(self, city: str) -> str:
            return f"Sun in {city}"

    agent = ChatCompletionAgent(service=OpenAIChatCompletion(ai_model_id="gpt-4o"), name="planner", plugins=[Plugin()])
    await agent.get_response(messages="Weather in Paris?")


main()
