# /// script
# dependencies = [
#   "google-adk==2.13.0",
#   "google-genai==2.34.0",
#   "opentelemetry-sdk==1.44.0",
#   "opentelemetry-exporter-otlp-proto-http==1.44.0",
# ]
# ///
# emitter: Google ADK
"""Google's Agent Development Kit."""

import os

from case import case, main, tracing


def weather(city: str) -> str:
    """Weather of a city."""
    return f"Sun in {city}"


async def run():
    tracing()
    from google.adk.agents import Agent
    from google.adk.runners import InMemoryRunner
    from google.genai import types

    agent = Agent(name="planner", model="gemini-2.5-flash", instruction="Help.", tools=[weather])
    runner = InMemoryRunner(agent=agent, app_name="capture")
    session = await runner.session_service.create_session(app_name="capture", user_id="ada")
    message = types.Content(role="user", parts=[types.Part(text="Weather in Paris?")])
    async for _ in runner.run_async(user_id="ada", session_id=session.id, new_message=message):
        pass


@case
async def agent():
    await run()


@case
async def schema_2():
    os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "gen_ai_latest_experimental"
    await run()


main()
