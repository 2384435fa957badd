# /// script
# dependencies = [
#   "haystack-ai==3.4.0",
#   "opentelemetry-haystack==2.0.0",
#   "anthropic-haystack==8.0.1",
#   "google-genai-haystack==7.0.0",
#   "openai==3.54.0",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: Haystack
"""Haystack's own OpenTelemetry tracer, with and without content; usage is in the content only."""

import os

from case import case, main, tracing


def start(content=True):
    tracing()
    if content:
        os.environ["HAYSTACK_CONTENT_TRACING_ENABLED"] = "true"
    from haystack import tracing as haystack
    from haystack_integrations.tracing.opentelemetry import OpenTelemetryTracer
    from opentelemetry import trace

    haystack.enable_tracing(OpenTelemetryTracer(trace.get_tracer("haystack")))


def run(name, component, **question):
    from haystack import Pipeline

    pipeline = Pipeline()
    pipeline.add_component(name, component)
    pipeline.run({name: question})


def messages():
    from haystack.dataclasses import ChatMessage

    return [ChatMessage.from_user("Weather in Paris?")]


def openai():
    from haystack.components.generators.chat import OpenAIChatGenerator

    run("llm", OpenAIChatGenerator(model="gpt-4o"), messages=messages())


@case
def pipeline():
    start(content=False)
    openai()


@case
def content():
    start()
    openai()


@case
def anthropic():
    start()
    from haystack_integrations.components.generators.anthropic import AnthropicChatGenerator

    run("llm", AnthropicChatGenerator(model="claude-sonnet-4-5"), messages=messages())


@case
def google():
    start()
    from haystack_integrations.components.generators.google_genai import GoogleGenAIChatGenerator

    run("llm", GoogleGenAIChatGenerator(model="gemini-2.5-flash"), messages=messages())


@case
def embeddings():
    start()
    from haystack.components.embedders import OpenAITextEmbedder

    run("embedder", OpenAITextEmbedder(model="text-embedding-3-small"), text="Paris")


@case
def agent():
    start()
    from haystack.components.agents import Agent
    from haystack.components.generators.chat import OpenAIChatGenerator
    from haystack.tools import create_tool_from_function

    def weather(city: str) -> str:
        """Weather of a city."""
        return f"Sun in {city}"

    run(
        "planner",
        Agent(chat_generator=OpenAIChatGenerator(model="gpt-4o"), tools=[create_tool_from_function(weather)]),
        messages=messages(),
    )


main()
