# /// script
# dependencies = [
#   "crewai[anthropic,google-genai]==1.15.30",
#   "openai==2.54.0",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: CrewAI
"""CrewAI's native spans: they tell the whole prompt, but that Gemini's is empty."""

import os

from case import case, main

os.environ |= {"CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_TRACING_ENABLED": "false", "CREWAI_TESTING": "true"}


def forecast(model):
    from crewai import LLM, Agent, Crew, Task
    from crewai.telemetry.tracing.session import TraceSession
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    planner = Agent(role="planner", goal="Tell the weather.", backstory="Knows it.", llm=LLM(model=model))
    task = Task(description="Weather in Paris?", expected_output="A sentence.", agent=planner)
    session = TraceSession("3f0c5c1e-5f0e-4f6b-9d0e-0c5d8f1e2a3b", [OTLPSpanExporter()])  # what a run opens, but for its destination
    with session.activate():
        Crew(agents=[planner], tasks=[task], name="forecast").kickoff()
    session.shutdown()


@case
def crew():
    forecast("openai/gpt-4o")


@case
def anthropic():
    forecast("anthropic/claude-sonnet-4-5")


@case
def google():
    forecast("gemini/gemini-2.5-flash")


main()
