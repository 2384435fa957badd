"""Who bills a call: emitters' many names for a provider, and what to go by when they name none.

Names are OpenTelemetry's well-known ones where it has one, else the provider's own.
"""

from __future__ import annotations

import re

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "openai": ("open_ai", "text-completion-openai", "openai_responses"),
    "anthropic": ("claude", "firstparty", "first_party"),
    "aws.bedrock": ("aws", "aws_bedrock", "bedrock", "amazon_bedrock", "amazon-bedrock", "amazon", "bedrock_converse", "bedrock-runtime"),
    "azure.ai.openai": ("az.ai.openai", "azure", "azure_openai", "azure-openai", "azureopenai", "azure.openai", "azure_text"),
    "azure.ai.inference": ("az.ai.inference", "azure_ai", "azure-ai", "azure_ai_inference", "azure.ai", "foundry"),
    "gcp.gemini": (
        "gemini",
        "google",
        "google.generative-ai",
        "google_ai_studio",
        "google_genai",
        "genai",
        "google-gla",
        "googleai",
        "google_ai",
    ),
    "gcp.vertex_ai": (
        "vertex_ai",
        "vertexai",
        "vertex",
        "google.vertex",
        "google_vertexai",
        "google-vertex",
        "vertex_ai_beta",
        "vertexai_ai",
    ),
    "gcp.gen_ai": (),
    "cohere": ("cohere_chat",),
    "mistral_ai": ("mistral", "mistralai", "mistral-ai"),
    "groq": (),
    "deepseek": (),
    "perplexity": ("perplexity_ai",),
    "x_ai": ("xai", "x-ai", "grok"),
    "ibm.watsonx.ai": ("watsonx", "ibm", "watsonx_ai"),
    "moonshot_ai": ("moonshot", "moonshotai"),
    "openrouter": (),
    "together": ("together_ai", "togetherai", "together-ai"),
    "fireworks": ("fireworks_ai", "fireworks-ai"),
    "cerebras": (),
    "voyageai": ("voyage", "voyage_ai"),
    "github-copilot": ("github_copilot", "github.copilot", "copilot", "github"),
    "novita": (),
    "databricks": (),
    "cloudflare": ("workers-ai",),
    "elevenlabs": (),
    "zai": (),
}
PROVIDERS: dict[str, str] = {spelling: name for name, others in _SPELLINGS.items() for spelling in (name, *others)}
"""Spelling in lower case to name."""

CARRIERS = frozenset({
    *("strands-agents", "langchain", "langgraph", "crewai", "microsoft.agent_framework", "gcp.vertex.agent", "autogen", "unknown"),
    *("llamaindex", "llama_index", "llama-index", "haystack", "semantic_kernel", "semantic-kernel", "smolagents", "agno", "dspy"),
    *("pydantic-ai", "pydantic_ai", "openai_agents", "openai-agents", "dify", "n8n", "mcp", "_other", "other", "none", "null", "custom"),
    "base_component",  # LlamaIndex's classes that do not name themselves
    *("litellm", "litellm_proxy", "gateway", "vercel", "portkey", "helicone"),
})  # fmt: skip
"""Frameworks and pass-through gateways: they carried the call, somebody else bills it."""

_HOSTS: tuple[tuple[str, str], ...] = (
    (r"api\.openai\.com", "openai"),
    (r".*\.(openai|cognitiveservices)\.azure\.com", "azure.ai.openai"),
    (r"(.*\.)?(services|inference)\.ai\.azure\.com", "azure.ai.inference"),
    (r"api\.anthropic\.com", "anthropic"),
    (r"(.*\.)?openrouter\.ai", "openrouter"),
    (r"generativelanguage\.googleapis\.com", "gcp.gemini"),
    (r"(.*[.-])?aiplatform\.googleapis\.com", "gcp.vertex_ai"),
    (r"bedrock(-runtime)?(-fips)?\..*\.amazonaws\.com(\.cn)?", "aws.bedrock"),
    (r"api\.groq\.com", "groq"),
    (r"api\.deepseek\.com", "deepseek"),
    (r"api\.mistral\.ai", "mistral_ai"),
    (r"(.*\.)?api\.x\.ai", "x_ai"),
    (r"api\.cohere\.(ai|com)", "cohere"),
    (r"api\.perplexity\.ai", "perplexity"),
    (r"api\.together\.(ai|xyz)", "together"),
    (r"api\.fireworks\.ai", "fireworks"),
    (r"api\.moonshot\.(ai|cn)", "moonshot_ai"),
    (r"api\.cerebras\.ai", "cerebras"),
    (r"api\.novita\.ai", "novita"),
    (r"api\.voyageai\.com", "voyageai"),
    (r".*\.ml\.cloud\.ibm\.com", "ibm.watsonx.ai"),
    (r"(.*\.)?githubcopilot\.com", "github-copilot"),
    (r"api\.z\.ai", "zai"),
)
_HOST_PATTERNS = tuple((re.compile(pattern), name) for pattern, name in _HOSTS)

_MODELS: tuple[tuple[str, str], ...] = (
    (r"(arn:aws[a-z-]*:bedrock:|([a-z]{2,6}\.)?(anthropic|amazon|meta|cohere|mistral|ai21|deepseek|writer|stability)\.)", "aws.bedrock"),
    (r"(?!gpt-oss)(gpt-|chatgpt-|o[134](-|$)|text-embedding-(3|ada)|whisper-1$|tts-1|dall-e)", "openai"),
    (r"claude", "anthropic"),
    (r"(models/)?gemini", "gcp.gemini"),
    (r"(command-|command$|embed-(english|multilingual)|rerank-)", "cohere"),
    (r"grok-", "x_ai"),
    (r"deepseek-(chat|reasoner)$", "deepseek"),
    (r"(mistral-(large|medium|small|embed|ocr)|codestral|magistral|ministral|pixtral-large)", "mistral_ai"),
    (r"sonar", "perplexity"),
    (r"voyage-", "voyageai"),
)  # open-weight models (llama, qwen, gpt-oss, ...) are served by anyone: their name tells no biller
_MODEL_PATTERNS = tuple((re.compile(pattern), name) for pattern, name in _MODELS)


def biller(named: str, model: str, address: str) -> str:
    """The provider that bills: the host that was called if it is known, else the name given, else what the model tells.

    The host comes first because the name often is the API flavour only: the OpenAI client calls OpenRouter, Azure, Groq.
    """
    by_host = _by_host(address) if address else ""
    if not by_host:
        by_name = canonical(named)
        return by_name or _by_model(model)
    return by_host


def canonical(named: str) -> str:
    """One name for each provider; '' for frameworks and gateways. The AI SDK appends the API: `openai.chat`, `google.vertex.chat`."""
    name = named.strip().lower().removesuffix("_llm").removesuffix("embedding")  # LlamaIndex names its class: openai_llm, OpenAIEmbedding
    if name in PROVIDERS:
        return PROVIDERS[name]
    if name in CARRIERS:
        return ""
    head = name
    while "." in head:
        head = head.rpartition(".")[0]
        if head in PROVIDERS:
            return PROVIDERS[head]
        if head in CARRIERS:
            return ""
    return name


def _by_host(address: str) -> str:
    host = address.lower().partition("://")[2] or address.lower()
    host = host.partition("/")[0].partition(":")[0]
    return next((name for pattern, name in _HOST_PATTERNS if pattern.fullmatch(host)), "")


def _by_model(model: str) -> str:
    lowered = model.lower()
    prefix, slash, _ = lowered.partition("/")
    if slash and prefix in PROVIDERS:
        return PROVIDERS[prefix]
    return next((name for pattern, name in _MODEL_PATTERNS if pattern.match(lowered)), "")
