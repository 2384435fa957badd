# /// script
# dependencies = [
#   "haystack-ai==3.4.0",
#   "opentelemetry-haystack==2.0.0",
#   "openai==3.54.0",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: LlamaIndex, Haystack
"""Haystack's own OpenTelemetry tracer, with and without content; usage is in the content only."""

import os

from case import case, main, tracing


def run():
    tracing()
    from haystack import Pipeline
    from haystack import tracing as haystack
    from haystack.components.generators.chat import OpenAIChatGenerator
    from haystack.dataclasses import ChatMessage
    from haystack_integrations.tracing.opentelemetry import OpenTelemetryTracer
    from opentelemetry import trace

    haystack.enable_tracing(OpenTelemetryTracer(trace.get_tracer("haystack")))
    pipeline = Pipeline()
    pipeline.add_component("llm", OpenAIChatGenerator(model="gpt-4o"))
    pipeline.run({"llm": {"messages": [ChatMessage.from_user("Weather in Paris?")]}})


@case
def pipeline():
    run()


@case
def content():
    os.environ["HAYSTACK_CONTENT_TRACING_ENABLED"] = "true"
    run()


main()
