# /// script
# dependencies = [
#   "openlit==1.45.0",
#   "openai==2.54.0",
#   "anthropic==0.125.0",
#   "google-genai==2.34.0",
#   "opentelemetry-sdk==1.45.1",
#   "opentelemetry-exporter-otlp-proto-http==1.45.1",
# ]
# ///
# emitter: OpenLIT
# emitter of anthropic_messages: OpenLIT, Anthropic and Bedrock
# emitter of google: OpenLIT, Google
"""OpenLIT, which also reports a cost."""

import json
from pathlib import Path

from case import SINK, case, main

HI = [{"role": "user", "content": "Weather in Paris?"}]


PRICES = {"chat": {"gpt-4o": {"promptPrice": 0.0025, "completionPrice": 0.01, "cacheReadPrice": 0.00125}}}
"""USD per thousand tokens, in OpenLIT's form: its own list is fetched from the internet."""


def instrument(pricing_json=None):
    import openlit

    openlit.init(otlp_endpoint=SINK, application_name="capture", environment="test", disable_metrics=True, pricing_json=pricing_json)


@case
def openai_chat():
    instrument()
    from openai import OpenAI

    OpenAI().chat.completions.create(model="gpt-4o", messages=HI)


@case
def reported_cost():
    prices = Path("prices.json")
    prices.write_text(json.dumps(PRICES))
    instrument(str(prices))
    from openai import OpenAI

    OpenAI().chat.completions.create(model="gpt-4o", messages=HI)


@case
def openai_embeddings():
    instrument()
    from openai import OpenAI

    OpenAI().embeddings.create(model="text-embedding-3-small", input="Paris")


@case
def anthropic_messages():
    instrument()
    from anthropic import Anthropic

    Anthropic().messages.create(model="claude-sonnet-4-5", max_tokens=500, messages=HI)


@case
def google():
    instrument()
    from google import genai

    client = genai.Client()
    client.models.generate_content(model="gemini-2.5-flash", contents="Weather in Paris?")


@case
def unknown_model():
    """OpenLIT reports a cost of 0 for a model that it does not know."""
    instrument()
    from openai import OpenAI

    OpenAI().chat.completions.create(model="in-house-7b", messages=HI)


main()
