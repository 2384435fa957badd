"""OpenTelemetry's names of providers and those of genai-prices."""

from __future__ import annotations

GENAI_PRICES_IDS: dict[str, str] = {
    "openai": "openai",
    "anthropic": "anthropic",
    "aws.bedrock": "aws",
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "gcp.gemini": "google",
    "gcp.vertex_ai": "google",
    "gcp.gen_ai": "google",
    "cohere": "cohere",
    "mistral_ai": "mistral",
    "groq": "groq",
    "deepseek": "deepseek",
    "perplexity": "perplexity",
    "x_ai": "x-ai",
    "moonshot_ai": "moonshotai",
}
"""All of OpenTelemetry's well-known providers but `ibm.watsonx.ai`, which genai-prices has no prices for."""


def genai_prices_id(provider: str) -> str:
    """The id to look for; a name that is in no table is tried as it is, never by resemblance: a proxy that is called
    `openai-compatible` does not bill what OpenAI bills.
    """  # noqa: D205
    return GENAI_PRICES_IDS.get(provider, provider)
