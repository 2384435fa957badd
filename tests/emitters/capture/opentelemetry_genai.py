# /// script
# dependencies = [
#   "opentelemetry-instrumentation-genai-openai==1.3b0",
#   "opentelemetry-instrumentation-genai-anthropic==1.3b0",
#   "opentelemetry-instrumentation-genai-langchain==1.3b0",
#   "opentelemetry-util-genai==1.3b0",
#   "openai==3.54.0",
#   "anthropic==2.12.0",
#   "langchain==1.4.7",
#   "langchain-openai==1.7.3",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: OpenTelemetry GenAI
"""OpenTelemetry's instrumentations on the newest conventions (semantic-conventions-genai)."""

from case import case, main, tracing

HI = [{"role": "user", "content": "Weather in Paris?"}]


def openai():
    from openai import OpenAI
    from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor

    OpenAIInstrumentor().instrument(tracer_provider=tracing())
    return OpenAI()


def anthropic():
    from anthropic import Anthropic
    from opentelemetry.instrumentation.genai.anthropic import AnthropicInstrumentor

    AnthropicInstrumentor().instrument(tracer_provider=tracing())
    return Anthropic()


@case
def openai_chat():
    openai().chat.completions.create(model="gpt-4o", messages=HI)


@case
def openai_responses():
    openai().responses.create(model="gpt-5", input="Weather in Paris?")


@case
def openai_embeddings():
    openai().embeddings.create(model="text-embedding-3-small", input="Paris")


@case
def anthropic_messages():
    anthropic().messages.create(model="claude-sonnet-4-5", max_tokens=500, messages=HI)


@case
def anthropic_stream():
    with anthropic().messages.stream(model="claude-sonnet-4-5", max_tokens=500, messages=HI) as stream:
        stream.get_final_message()


@case
def langchain_agent():
    """LangChain and the OpenAI client are both instrumented: each model call is told twice."""
    client = openai()
    from langchain.agents import create_agent
    from langchain_openai import ChatOpenAI
    from opentelemetry.instrumentation.genai.langchain import LangChainInstrumentor
    from opentelemetry.trace import get_tracer_provider

    def weather(city: str) -> str:
        """Weather of a city."""
        return f"Sun in {city}"

    LangChainInstrumentor().instrument(tracer_provider=get_tracer_provider())
    model = ChatOpenAI(model="gpt-4o", client=client.chat.completions)
    create_agent(model, [weather], name="planner").invoke({"messages": HI})


main()
