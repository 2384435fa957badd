"""Who bills: names, hosts, models (ATTRIBUTES.md, sections 1 and 9)."""

import pytest

from attribution.conventions import Conventions
from attribution.conventions.providers import PROVIDERS, canonical

WELL_KNOWN = (
    *("openai", "anthropic", "aws.bedrock", "azure.ai.openai", "azure.ai.inference", "gcp.gemini", "gcp.vertex_ai", "gcp.gen_ai"),
    *("cohere", "mistral_ai", "groq", "deepseek", "perplexity", "x_ai", "ibm.watsonx.ai", "moonshot_ai"),
)


def provider(named="", model="", address="", **more):
    attributes = {"gen_ai.provider.name": named, "gen_ai.request.model": model, "server.address": address, **more}
    return Conventions().read_span("s", "n", {key: value for key, value in attributes.items() if value}).provider


@pytest.mark.parametrize("name", WELL_KNOWN)
def test_well_known_names_stay(name):
    assert provider(name) == name
    assert PROVIDERS[name] == name


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("az.ai.openai", "azure.ai.openai"),
        ("vertex_ai", "gcp.vertex_ai"),
        ("gemini", "gcp.gemini"),
        ("xai", "x_ai"),
        ("OpenAI", "openai"),
        ("AWS", "aws.bedrock"),
        ("openai.responses", "openai"),
        ("google.vertex.chat", "gcp.vertex_ai"),
        ("google.generative-ai", "gcp.gemini"),
        ("amazon-bedrock", "aws.bedrock"),
        ("acme", "acme"),
        ("langchain", ""),
        ("Unknown", ""),
        ("gcp.vertex.agent", ""),
    ],
)
def test_spellings(named, expected):
    assert canonical(named) == expected


@pytest.mark.parametrize(
    "framework", ["strands-agents", "langchain", "crewai", "microsoft.agent_framework", "gcp.vertex.agent", "autogen", "Unknown"]
)
def test_frameworks_bill_nothing(framework):
    assert provider(framework, "claude-sonnet-4-5") == "anthropic"
    assert provider(framework, "claude-sonnet-4-5", "api.openai.com") == "openai"
    assert provider(framework, "my-model") == ""
    assert provider(framework, "gpt-4o", **{"llm.provider": "azure"}) == "azure.ai.openai"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("openrouter.ai", "openrouter"),
        ("my-co.openai.azure.com", "azure.ai.openai"),
        ("https://api.groq.com/openai/v1", "groq"),
        ("bedrock-runtime.us-east-1.amazonaws.com", "aws.bedrock"),
        ("us-central1-aiplatform.googleapis.com", "gcp.vertex_ai"),
        ("aiplatform.eu.rep.googleapis.com", "gcp.vertex_ai"),
        ("bedrock-mantle.us-east-1.api.aws", "aws.bedrock"),
        ("adb-77.azuredatabricks.net", "databricks"),
        ("my-co.openai.azure.us", "azure.ai.openai"),
        ("api.minimax.io", "minimax"),
        ("oai.endpoints.kepler.ai.cloud.ovh.net", "ovhcloud"),
        ("llm-gateway.acme.internal", "openai"),
        ("api.openai.com.evil.example", "openai"),
        ("localhost", "openai"),
    ],
)
def test_the_host_that_was_called_tells_more_than_the_api_flavour(address, expected):
    assert provider("openai", "gpt-4o", address) == expected


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-4o", "openai"),
        ("o3-mini", "openai"),
        ("gpt-oss-120b", ""),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "aws.bedrock"),
        ("gemini-2.5-pro", "gcp.gemini"),
        ("openai/gpt-4o", "openai"),
        ("llama-3.1-70b", ""),
        ("deepseek-r1", ""),
        ("openai.gpt-oss-120b-1:0", "aws.bedrock"),
        ("us-gov.qwen.qwen3-32b-v1:0", "aws.bedrock"),
        ("qwen3.5-plus", ""),
        ("grok-4", "x_ai"),
    ],
)
def test_without_a_name_the_model_tells_where_only_one_can_bill(model, expected):
    assert provider(model=model) == expected


@pytest.mark.parametrize(
    ("named", "model", "expected"),
    [
        ("openai", "gemini-2.5-flash", "gcp.gemini"),
        ("openai", "ft:gpt-4o:acme", "openai"),
        ("openai", "my-own-model", "openai"),
        ("openai", "google/gemini-2.5-flash", "openai"),  # a reseller's name
        ("openai", "openai.gpt-oss-20b", "aws.bedrock"),
        ("anthropic", "eu.anthropic.claude-haiku-4-5-20251001-v1:0", "aws.bedrock"),
        ("groq", "gemini-2.5-flash", "groq"),
    ],
)
def test_who_sells_no_others_models_named_its_api_only(named, model, expected):
    assert provider(named, model) == expected
    assert provider(named, model, "llm.reseller.example") == named


def test_the_base_address_among_the_parameters_tells_the_host():
    parameters = '{"base_url": "https://api.groq.com/openai/v1/", "model_kwargs": {}}'
    assert provider("openai", "openai/gpt-oss-20b", **{"llm.invocation_parameters": parameters}) == "groq"
    assert provider("openai", "gpt-4o", "my-co.openai.azure.com", **{"llm.invocation_parameters": parameters}) == "azure.ai.openai"
