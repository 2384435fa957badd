"""Who bills a call: emitters' many names for a provider, and what to go by when they name none.

Names are OpenTelemetry's well-known ones where it has one, else the provider's own.
"""

from __future__ import annotations

import re

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "openai": ("open_ai", "text-completion-openai", "openai_responses", "openairesponses", "openaichat"),
    "anthropic": ("claude", "firstparty", "first_party"),
    "aws.bedrock": (
        *("aws", "aws_bedrock", "aws-bedrock", "awsbedrock", "bedrock", "amazon_bedrock", "amazon-bedrock", "amazonbedrock", "amazon"),
        *("bedrock_converse", "bedrock-converse", "bedrock-runtime", "aws.bedrock-runtime", "anthropic_bedrock", "anthropic-bedrock"),
    ),
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
        "google-ai",
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
        "vertex-ai",
        "google_vertex",
        "google_vertex_ai",
        "google_anthropic_vertex",
        "anthropic_vertex",
        "anthropic-vertex",
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
    "together": ("together_ai", "togetherai", "together-ai", "together.ai"),
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

SOLD_TOGETHER = {"azure.ai.inference": "azure.ai.openai", "gcp.gemini": "gcp.gen_ai", "gcp.vertex_ai": "gcp.gen_ai"}
"""What one account has several endpoints for: Azure's invoice does not say through which of them a model was called, and of Google's many
emitters do not. By the name that stands for all of them.
"""

SELL_FOR_OTHERS = frozenset({
    *("aws.bedrock", "azure.ai.openai", "azure.ai.inference", "gcp.vertex_ai", "ibm.watsonx.ai", "openrouter", "together", "fireworks"),
    *("groq", "cerebras", "novita", "databricks", "cloudflare", "github-copilot", "huggingface", "baseten"),
    *("ovhcloud", "avian", "doubleword", "modal", "quicksilverpro", "deepinfra", "sambanova", "nebius", "hyperbolic", "siliconflow"),
})  # fmt: skip
"""They bill for models that others made: who names one of them knows more than who names the maker."""

_HOSTS: tuple[tuple[str, str], ...] = (
    (r"([a-z]{2}\.)?api\.openai\.com", "openai"),
    (r".*\.(openai|cognitiveservices)\.azure\.(com|us|cn)", "azure.ai.openai"),
    (r"(.*\.)?(services|inference)\.ai\.azure\.com", "azure.ai.inference"),
    (r"api\.anthropic\.com", "anthropic"),
    (r"(.*\.)?openrouter\.ai", "openrouter"),
    (r"generativelanguage\.googleapis\.com", "gcp.gemini"),
    (r"(.*[.-])?aiplatform(\.(us|eu)\.rep)?\.googleapis\.com", "gcp.vertex_ai"),
    (r"(.*\.)?bedrock(-runtime|-mantle)?(-fips)?\..*\.(amazonaws\.com(\.cn)?|api\.aws)", "aws.bedrock"),
    (r"api\.groq\.com", "groq"),
    (r"api\.deepseek\.com", "deepseek"),
    (r"(api|codestral)\.mistral\.ai", "mistral_ai"),
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
    (r"router\.huggingface\.co", "huggingface"),
    (r"inference\.baseten\.co", "baseten"),
    (r".*\.(cloud\.databricks\.com|azuredatabricks\.net|gcp\.databricks\.com)", "databricks"),
    (r"api\.cloudflare\.com", "cloudflare"),
    (r"api\.minimaxi?\.(com|io)", "minimax"),
    (r"open\.bigmodel\.cn", "zhipuai"),
    (r"oai\.endpoints\.kepler\.ai\.cloud\.ovh\.net", "ovhcloud"),
    (r"api\.avian\.io", "avian"),
    (r"api\.arcee\.ai", "arcee"),
    (r"api\.doubleword\.ai", "doubleword"),
    (r"api\.meta\.ai", "meta"),
    (r"api\.cursor\.com", "cursor"),
    (r"api\.quicksilverpro\.io", "quicksilverpro"),
    (r"api\.typesafe\.ai", "typesafe"),
    (r".*\.modal\.(run|direct)", "modal"),
    (r"api\.((us|eu\.residency|in\.residency|sg\.residency)\.)?elevenlabs\.io", "elevenlabs"),
    (r"api\.deepinfra\.com", "deepinfra"),
    (r"api\.sambanova\.ai", "sambanova"),
    (r"api\.(studio\.nebius\.(ai|com)|tokenfactory\.nebius\.com)", "nebius"),
    (r"api\.hyperbolic\.xyz", "hyperbolic"),
    (r"dashscope(-intl|-us)?\.aliyuncs\.com", "dashscope"),
    (r"api\.siliconflow\.(cn|com)", "siliconflow"),
)
_HOST_PATTERNS = tuple((re.compile(pattern), name) for pattern, name in _HOSTS)

_BEDROCK_MODEL = re.compile(
    r"arn:aws[a-z-]*:bedrock:|([a-z]{2,6}(-[a-z]+)?\.)?(anthropic|amazon|meta|cohere|mistral|ai21|deepseek|writer|stability|openai|qwen|google|nvidia"
    r"|moonshotai?|minimax|zai|twelvelabs|luma)\.[a-z]"
)
"""Bedrock's names, with the maker before the model and often the region before that: nobody else writes them so."""

_MODELS: tuple[tuple[str, str], ...] = (
    (r"(?!gpt-oss)(gpt-|chatgpt-|o[134](-|$)|text-embedding-(3|ada)|whisper-1$|tts-1|dall-e)", "openai"),
    (r"claude", "anthropic"),
    (r"(models/)?gemini", "gcp.gemini"),
    (r"(command-|command$|embed-(english|multilingual|v[0-9])|rerank-)", "cohere"),
    (r"grok-", "x_ai"),
    (r"deepseek-(chat|reasoner)$", "deepseek"),
    (r"(mistral-(large|medium|small|embed|ocr)|codestral|magistral|ministral|pixtral-large)", "mistral_ai"),
    (r"sonar", "perplexity"),
    (r"voyage-", "voyageai"),
)  # open-weight models (llama, qwen, gpt-oss, ...) are served by anyone: their name tells no biller
_MODEL_PATTERNS = tuple((re.compile(pattern), name) for pattern, name in _MODELS)


_OPEN_WEIGHTS = re.compile(
    r"(.*/)?(gpt-oss|(meta-)?llama|codellama|gemma|codegemma|qwen|qwq|phi-?[1-9]|mixtral|open-mi[sx]tral|mistral-(7b|nemo|small-[0-9.]*-?[0-9]+b)"
    r"|devstral-small|deepseek-(r[1-9]|v[1-9]|coder|llm)|glm-|kimi-|granite|falcon|olmo|nemotron|starcoder|yi-|bge-|nomic-|minimax-m)"
)
"""Models that anyone may serve, whoever made them."""
_SELLS_NONE = frozenset({"openai", "anthropic"})
"""They bill nobody for others' models: there their name is that of the API only."""
_API_FLAVOURS = _SELLS_NONE | {"mistral_ai", "deepseek", "cohere", "gcp.gemini"}
"""Makers whose clients are used for servers of one's own."""
_LOCAL = re.compile(
    r"localhost|[^.]+|127\..*|0\.0\.0\.0|10\..*|192\.168\..*|172\.(1[6-9]|2[0-9]|3[01])\..*|169\.254\..*|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\..*"
    r"|.*\.(local|localhost|localdomain|internal|lan|intranet|svc|cluster|home\.arpa|ts\.net)|f[cd][0-9a-f]{2}:.*|fe80:.*|::1"
)
"""Hosts that no provider has: what answers there is the company's own, or a proxy of its own before somebody's API."""


def biller(named: str, model: str, address: str) -> str:
    """The provider that bills: the host that was called if it is known, else the name given, else what the model tells.

    The host comes first because the name often is the API flavour only: the OpenAI client calls OpenRouter, Azure, Groq. At a
    local host stands a proxy or a model of the company's own, and open weights there are billed by nobody.
    """
    host = _host(address) if address else ""
    by_host = _by_host(host) if host else ""
    if by_host:
        return by_host
    by_name = canonical(named)
    if by_name in _API_FLAVOURS and is_open(model) and (by_name in _SELLS_NONE or _LOCAL.fullmatch(host)):
        return ""
    if by_name in _SELLS_NONE and not host and "/" not in model:
        return _by_model(model) or by_name  # OpenAI's client calls Gemini; OpenAI does not sell it
    return by_name or _by_model(model)


_REGIONS: dict[str, re.Pattern[str]] = {
    "gcp.vertex_ai": re.compile(r"([a-z]+-[a-z]+[0-9]+)-aiplatform\.googleapis\.com|aiplatform\.(us|eu)\.rep\.googleapis\.com"),
    "openai": re.compile(r"([a-z]{2})\.api\.openai\.com"),
}
"""Hosts whose name says where the provider works, where that has a price. Bedrock says it in the name of the model."""


def region_of(provider: str, address: str) -> str:
    """`us-east5` of `us-east5-aiplatform.googleapis.com`; '' where the host works anywhere, or does not say."""
    hosts = _REGIONS.get(provider)
    found = hosts.fullmatch(_host(address)) if hosts and address else None
    return next(filter(None, found.groups()), "") if found else ""


def is_own_name(provider: str, model: str) -> bool:
    """Whether a model is called by a name of the company's own: Azure's deployments are, and what OpenAI's client calls by a name that is
    not OpenAI's may be the alias of a proxy.
    """  # noqa: D205
    if provider == "openai":
        return "/" not in model and not is_open(model) and _by_model(model) == ""
    return provider in {"azure.ai.openai", "azure.ai.inference"}


def is_open(model: str) -> bool:
    """Whether anyone may serve a model: its name then tells no biller."""
    lowered = model.lower()
    return _BEDROCK_MODEL.match(lowered) is None and _OPEN_WEIGHTS.match(lowered) is not None


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


def _host(address: str) -> str:
    """The name or number of the host in an address, a URL or a host with its port."""
    lowered = address.strip().lower()
    authority = (lowered.partition("://")[2] or lowered).partition("/")[0].rpartition("@")[2]
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority if authority.count(":") > 1 else authority.partition(":")[0]


def _by_host(host: str) -> str:
    return next((name for pattern, name in _HOST_PATTERNS if pattern.fullmatch(host)), "")


def _by_model(model: str) -> str:
    lowered = model.lower()
    if _BEDROCK_MODEL.match(lowered):
        return "aws.bedrock"
    if is_open(lowered):
        return ""
    prefix, slash, _ = lowered.partition("/")
    if slash and prefix in PROVIDERS:
        return PROVIDERS[prefix]
    return next((name for pattern, name in _MODEL_PATTERNS if pattern.match(lowered)), "")
