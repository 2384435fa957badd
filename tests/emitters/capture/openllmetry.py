# /// script
# dependencies = [
#   "opentelemetry-instrumentation-openai==0.62.4",
#   "opentelemetry-instrumentation-anthropic==0.62.4",
#   "opentelemetry-instrumentation-langchain==0.62.4",
#   "opentelemetry-instrumentation-bedrock==0.62.4",
#   "traceloop-sdk==0.62.4",
#   "openai==3.54.0",
#   "anthropic==2.12.0",
#   "langchain==1.4.7",
#   "langchain-openai==1.7.3",
#   "boto3==1.44.5",
#   "opentelemetry-sdk==1.45.1",
#   "opentelemetry-exporter-otlp-proto-http==1.45.1",
# ]
# ///
# emitter: OpenLLMetry (Traceloop)
# emitter of bedrock_converse: OpenLLMetry, Bedrock
"""Traceloop's OpenLLMetry."""

from case import SINK, case, main, tracing

HI = [{"role": "user", "content": "Weather in Paris?"}]


def weather(city: str) -> str:
    """Weather of a city."""
    return f"Sun in {city}"


def openai():
    from openai import OpenAI
    from opentelemetry.instrumentation.openai import OpenAIInstrumentor

    OpenAIInstrumentor().instrument(tracer_provider=tracing())
    return OpenAI()


def anthropic():
    from anthropic import Anthropic
    from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor

    AnthropicInstrumentor().instrument(tracer_provider=tracing())
    return Anthropic()


@case
def openai_chat():
    openai().chat.completions.create(model="gpt-4o", messages=HI)


@case
def openai_stream():
    for _ in openai().chat.completions.create(model="gpt-4o", messages=HI, stream=True, stream_options={"include_usage": True}):
        pass


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
    for _ in anthropic().messages.create(model="claude-sonnet-4-5", max_tokens=500, messages=HI, stream=True):
        pass


@case
def bedrock_converse():
    import boto3
    from opentelemetry.instrumentation.bedrock import BedrockInstrumentor

    BedrockInstrumentor().instrument(tracer_provider=tracing())
    content = [{"role": "user", "content": [{"text": "Weather in Paris?"}]}]
    boto3.client("bedrock-runtime").converse(modelId="us.anthropic.claude-sonnet-4-5-20250929-v1:0", messages=content)


@case
def langchain_agent():
    """LangChain and the OpenAI client are both instrumented: each model call is told twice."""
    client = openai()
    from langchain.agents import create_agent
    from langchain_openai import ChatOpenAI
    from opentelemetry.instrumentation.langchain import LangchainInstrumentor
    from opentelemetry.trace import get_tracer_provider

    LangchainInstrumentor().instrument(tracer_provider=get_tracer_provider())
    model = ChatOpenAI(model="gpt-4o", client=client.chat.completions)
    create_agent(model, [weather], name="planner").invoke({"messages": HI})


@case
def workflow():
    """Decorators of the SDK: a workflow, an agent and a tool around a call, with association properties."""
    from openai import OpenAI
    from traceloop.sdk import Traceloop
    from traceloop.sdk.decorators import agent, tool, workflow

    Traceloop.init(app_name="capture", api_endpoint=SINK, disable_batch=True, telemetry_enabled=False)
    Traceloop.set_association_properties({"user_id": "ada", "session_id": "s-1", "team": "support"})
    client = OpenAI()

    @tool(name="weather")
    def look(city: str) -> str:
        return weather(city)

    @agent(name="planner")
    def plan() -> None:
        client.chat.completions.create(model="gpt-4o-mini", messages=HI)
        look("Paris")

    @workflow(name="forecast")
    def run() -> None:
        plan()

    run()


main()
