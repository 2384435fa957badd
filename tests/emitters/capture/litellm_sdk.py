# /// script
# dependencies = [
#   "litellm==1.106.2",
#   "openai==2.54.0",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: LiteLLM
"""LiteLLM's callback `otel`; the proxy's keys and teams come as metadata of the call."""

import io
import os
import time

from case import PROVIDER, SINK, case, main

HI = [{"role": "user", "content": "Weather in Paris?"}]
TEAM = {"user_api_key_team_id": "t-1", "user_api_key_team_alias": "support", "user_api_key_user_id": "ada"}
os.environ |= {"OTEL_EXPORTER": "otlp_http", "OTEL_ENDPOINT": f"{SINK}/v1/traces", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}


def litellm():
    import litellm

    litellm.callbacks = ["otel"]
    return litellm


def flush():
    from opentelemetry import trace

    time.sleep(2)  # callbacks of synchronous calls run in a thread
    trace.get_tracer_provider().force_flush()


@case
def openai_chat():
    litellm().completion(model="openai/gpt-4o", messages=HI, metadata=TEAM)
    flush()


@case
def anthropic_messages():
    litellm().completion(model="anthropic/claude-sonnet-4-5", messages=HI)
    flush()


@case
def embeddings():
    litellm().embedding(model="openai/text-embedding-3-small", input=["Paris"])
    flush()


@case
def image_generation():
    litellm().image_generation(model="openai/gpt-image-1", prompt="Sun", size="1024x1024", quality="medium")
    flush()


@case
def transcription():
    audio = io.BytesIO(b"RIFF")
    audio.name = "sun.wav"
    litellm().transcription(model="openai/gpt-4o-mini-transcribe", file=audio)
    flush()


@case
def rerank():
    litellm().rerank(model="cohere/rerank-v3.5", query="sun", documents=["Paris", "Rome"], api_base=f"{PROVIDER}/v2/rerank")
    flush()


main()
