# /// script
# dependencies = [
#   "openinference-instrumentation-openai==0.1.66",
#   "openinference-instrumentation-anthropic==3.1.0",
#   "openinference-instrumentation-langchain==0.1.80",
#   "openinference-instrumentation-openai-agents==2.6.0",
#   "openinference-instrumentation-bedrock==0.1.61",
#   "openinference-instrumentation-google-genai==1.4.14",
#   "openai==3.54.0",
#   "anthropic==2.12.0",
#   "langchain==1.4.7",
#   "langchain-openai==1.7.3",
#   "openai-agents==0.24.0",
#   "google-genai==2.34.0",
#   "boto3==1.44.5",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: OpenInference
# emitter of bedrock_invoke_nova: OpenInference, Bedrock `invoke_model` of Nova and streams
# emitter of openai_agents: OpenAI Agents SDK
"""Arize's OpenInference instrumentations."""

import json
import os

from case import case, main, tracing

HI = [{"role": "user", "content": "Weather in Paris?"}]


def weather(city: str) -> str:
    """Weather of a city."""
    return f"Sun in {city}"


def openai():
    from openai import OpenAI
    from openinference.instrumentation.openai import OpenAIInstrumentor

    OpenAIInstrumentor().instrument(tracer_provider=tracing())
    return OpenAI()


def anthropic():
    from anthropic import Anthropic
    from openinference.instrumentation.anthropic import AnthropicInstrumentor

    AnthropicInstrumentor().instrument(tracer_provider=tracing())
    return Anthropic()


def bedrock():
    import boto3
    from openinference.instrumentation.bedrock import BedrockInstrumentor

    BedrockInstrumentor().instrument(tracer_provider=tracing())
    return boto3.client("bedrock-runtime")


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
def openai_dual():
    """Both conventions on the same span."""
    os.environ["OPENINFERENCE_ENABLE_GENAI_SEMCONV"] = "true"
    openai().chat.completions.create(model="gpt-4o", messages=HI)


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
def anthropic_web_search():
    """A tool that Anthropic's own server runs: two searches."""
    tools = [{"type": "web_search_20250305", "name": "web_search"}]
    anthropic().messages.create(model="claude-haiku-4-5", max_tokens=500, messages=HI, tools=tools)


@case
def bedrock_converse():
    content = [{"role": "user", "content": [{"text": "Weather in Paris?"}]}]
    bedrock().converse(modelId="us.anthropic.claude-sonnet-4-5-20250929-v1:0", messages=content)


@case
def bedrock_invoke_nova():
    content = {"messages": [{"role": "user", "content": [{"text": "Weather in Paris?"}]}]}
    bedrock().invoke_model(modelId="amazon.nova-pro-v1:0", body=json.dumps(content))


@case
def google_genai():
    from google import genai
    from openinference.instrumentation.google_genai import GoogleGenAIInstrumentor

    GoogleGenAIInstrumentor().instrument(tracer_provider=tracing())
    client = genai.Client()
    client.models.generate_content(model="gemini-2.5-flash", contents="Weather in Paris?")


@case
def langchain_agent():
    """LangChain and the OpenAI client are both instrumented: each model call is told twice."""
    client = openai()
    from langchain.agents import create_agent
    from langchain_openai import ChatOpenAI
    from openinference.instrumentation.langchain import LangChainInstrumentor
    from opentelemetry.trace import get_tracer_provider

    LangChainInstrumentor().instrument(tracer_provider=get_tracer_provider())
    model = ChatOpenAI(model="gpt-4o", client=client.chat.completions)
    create_agent(model, [weather], name="planner").invoke({"messages": HI})


@case
def openai_agents():
    from agents import Agent, Runner, function_tool
    from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor

    OpenAIAgentsInstrumentor().instrument(tracer_provider=tracing())
    agent = Agent(name="planner", model="gpt-4o", instructions="Help.", tools=[function_tool(weather)])
    Runner.run_sync(agent, "Weather in Paris?")


main()
