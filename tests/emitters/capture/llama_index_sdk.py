# /// script
# dependencies = [
#   "llama-index-core==0.14.25",
#   "llama-index-llms-openai==0.8.3",
#   "llama-index-llms-anthropic==0.12.3",
#   "llama-index-embeddings-openai==0.7.0",
#   "llama-index-observability-otel==0.7.0",
#   "llama-index-llms-google-genai==0.11.3",
#   "openai==2.54.0",
#   "anthropic==0.110.0",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: LlamaIndex
# emitter of anthropic: LlamaIndex, Anthropic and Bedrock
"""LlamaIndex's own OpenTelemetry integration, which writes usage into events only."""

from case import SINK, case, main


def start():
    from llama_index.observability.otel import LlamaIndexOpenTelemetry
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    integration = LlamaIndexOpenTelemetry(span_exporter=OTLPSpanExporter(f"{SINK}/v1/traces"), service_name_or_resource="capture")
    integration.start_registering()


def question():
    from llama_index.core.llms import ChatMessage

    return [ChatMessage(role="user", content="Weather in Paris?")]


@case
def openai():
    start()
    from llama_index.llms.openai import OpenAI

    OpenAI(model="gpt-4o").chat(question())


@case
def openai_stream():
    start()
    from llama_index.llms.openai import OpenAI

    options = {"stream_options": {"include_usage": True}}
    for _ in OpenAI(model="gpt-4o", additional_kwargs=options).stream_chat(question()):
        pass


@case
def complete():
    start()
    from llama_index.llms.openai import OpenAI

    OpenAI(model="gpt-4o").complete("Weather in Paris?")


@case
def anthropic():
    start()
    from llama_index.llms.anthropic import Anthropic

    Anthropic(model="claude-sonnet-4-5").chat(question())


@case
def google():
    start()
    from llama_index.llms.google_genai import GoogleGenAI

    GoogleGenAI(model="gemini-2.5-flash", context_window=1000, max_tokens=500).chat(question())


@case
def embeddings():
    start()
    from llama_index.embeddings.openai import OpenAIEmbedding

    OpenAIEmbedding(model="text-embedding-3-small").get_text_embedding("Paris")


@case
def agent():
    import asyncio

    start()
    from llama_index.core.agent.workflow import FunctionAgent
    from llama_index.llms.openai import OpenAI

    def weather(city: str) -> str:
        """Weather of a city."""
        return f"Sun in {city}"

    async def run():
        options = {"stream_options": {"include_usage": True}}
        await FunctionAgent(name="planner", tools=[weather], llm=OpenAI(model="gpt-4o", additional_kwargs=options)).run("Weather in Paris?")

    asyncio.run(run())


main()
