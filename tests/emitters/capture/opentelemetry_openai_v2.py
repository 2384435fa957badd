# /// script
# dependencies = [
#   "opentelemetry-instrumentation-openai-v2==2.4b0",
#   "opentelemetry-util-genai==0.4b0",
#   "openai==2.54.0",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: OpenTelemetry GenAI
"""OpenTelemetry's first instrumentation of the OpenAI client."""

from case import case, main, tracing

HI = [{"role": "user", "content": "Weather in Paris?"}]


def client():
    from openai import OpenAI
    from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor

    OpenAIInstrumentor().instrument(tracer_provider=tracing())
    return OpenAI()


@case
def chat():
    client().chat.completions.create(model="gpt-4o", messages=HI)


@case
def stream():
    for _ in client().chat.completions.create(model="gpt-4o", messages=HI, stream=True, stream_options={"include_usage": True}):
        pass


@case
def embeddings():
    client().embeddings.create(model="text-embedding-3-small", input="Paris")


main()
