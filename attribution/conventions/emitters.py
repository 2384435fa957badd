"""Who writes the spans that the table reads: for the page of supported emitters, which is rendered from here and the table."""

from __future__ import annotations

import re
from dataclasses import dataclass

from attribution.conventions.tokens import Emitter, emitter


@dataclass(frozen=True, slots=True)
class Known:
    """An emitter, as its users know it."""

    name: str
    recognised_by: str
    """What of its spans the table reads."""
    note: str = ""
    scope: str = ""
    span_name: str = ""
    provider: str = ""
    model: str = ""
    openlit: bool = False
    bare_claude_code: bool = False
    mlflow: bool = False
    event: str = ""
    disjoint: bool = False
    """Every count stands for itself."""

    @property
    def counts(self) -> Emitter:
        """How it counts, by the rules that read its spans."""
        return emitter(
            self.scope,
            self.span_name,
            self.provider,
            self.model,
            openlit=self.openlit,
            bare_claude_code=self.bare_claude_code,
            mlflow=self.mlflow,
            event=self.event,
        )


WITHIN_A_NAME = re.compile(r"[\w-]")


@dataclass(frozen=True, slots=True)
class Silence:
    """What an emitter leaves out, so that a figure looks exact and is not."""

    emitter: str
    untold: str
    scopes: tuple[str, ...]
    """How its scopes begin, up to the end of a name: `ai` is not `aisuite`, and `@mastra/otel` is not `@mastra/otel-exporter`."""
    providers: tuple[str, ...] = ()
    """Only of calls of these; none: of all."""
    signal: str = ""
    """Only of this signal."""

    def is_of(self, scope: str, signal: str, provider: str) -> bool:
        """Whether it is about calls that such records tell."""
        at_provider = not self.providers or provider in self.providers
        begins = any(scope.startswith(each) and not WITHIN_A_NAME.match(scope, len(each)) for each in self.scopes)
        return begins and at_provider and self.signal in {"", signal}


_OI = "openinference.instrumentation."
_OTEL = "opentelemetry.instrumentation."
_AI_SDK = ("gen_ai", "@ai-sdk/otel")
SILENT: tuple[Silence, ...] = (
    Silence("Anthropic SDK's own spans", "web searches, speed, region", ("com.anthropic.sdk",)),
    Silence("OpenTelemetry genai-anthropic", "web searches, speed, region", (f"{_OTEL}genai.anthropic",)),
    Silence(
        "OpenTelemetry genai-openai", "fees of OpenAI's own tools, the cost that OpenRouter returns, totals", (f"{_OTEL}genai.openai",)
    ),
    Silence("OpenTelemetry genai-langchain", "service tier, cache", (f"{_OTEL}genai.langchain",), ("openai", "groq", "deepseek")),
    Silence(
        "JS instrumentation-openai",
        "service tier, cache, fees of OpenAI's own tools, the cost that OpenRouter returns; images have no span",
        ("@opentelemetry/instrumentation-openai",),
    ),
    Silence(
        "OpenLLMetry JS, OpenAI",
        "service tier, cache, fees of OpenAI's own tools, the host, usage of streams; embeddings have no span",
        ("@traceloop/instrumentation-openai",),
    ),
    Silence(
        "OpenLLMetry JS, Anthropic",
        "one-hour cache writes, web searches, the response id",
        ("@traceloop/instrumentation-anthropic",),
    ),
    Silence(
        "OpenLLMetry JS, LangChain",
        "the response id: beside the span of the SDK, which is in another trace, billed twice; cache, service tier, web searches, the host",
        ("@traceloop/instrumentation-langchain",),
    ),
    Silence(
        "OpenLLMetry JS, Bedrock",
        "cache; all usage of Converse and of `global.` models, which are calls without a price then",
        ("@traceloop/instrumentation-bedrock",),
    ),
    Silence("JS instrumentation-aws-sdk", "cache of Bedrock's calls", ("@opentelemetry/instrumentation-aws-sdk",), ("aws.bedrock",)),
    Silence(
        "OpenInference JS, Bedrock",
        "the model whose id begins with a region (`us.`, `global.`): its calls have no price",
        ("@arizeai/openinference-instrumentation-bedrock",),
    ),
    Silence("OpenTelemetry genai-bedrock, `InvokeModel` of Nova", "cache", (f"{_OTEL}genai.bedrock",)),
    Silence("botocore, `InvokeModel`", "cache", (f"{_OTEL}botocore",), ("aws.bedrock",)),
    Silence(
        "Converse through any instrumentation",
        "one-hour cache writes, service tier",
        (f"{_OTEL}botocore", f"{_OTEL}genai.bedrock", f"{_OTEL}bedrock", f"{_OI}bedrock"),
        ("aws.bedrock",),
    ),
    Silence("OpenLIT", "real tokens of streams without usage: it counts words", ("openlit",)),
    Silence(
        "OpenLIT, Anthropic",
        "one-hour cache writes, web searches, batch, region, speed: calls of the beta API have no span",
        ("openlit",),
        ("anthropic", "gcp.vertex_ai"),
    ),
    Silence(
        "OpenLIT, OpenAI",
        "tokens of images, audio, the model behind an Azure deployment of embeddings, searches of streams; that a page was opened and not "
        "searched for; that an answer was only read again (`responses.retrieve`): it is billed as a call",
        ("openlit",),
        ("openai", "azure.ai.openai"),
    ),
    Silence("OpenLIT, Gemini", "service tier, searches, audio, images, what tools put into the prompt", ("openlit",), ("gcp.gemini",)),
    Silence(
        "OpenLIT, LangChain",
        "service tier; of Anthropic the cache of what is not streamed, and the model of streams, which have no price then",
        ("openlit.instrumentation.langchain",),
    ),
    Silence(
        "OpenTelemetry google-genai",
        "service tier, searches, what tools put into the prompt",
        (f"{_OTEL}google_genai",),
    ),
    Silence(
        "xAI's live search and the cost that it returns, but through OpenInference, logfire, MLflow and pydantic-ai",
        "sources and the cost",
        (
            f"{_OTEL}genai.openai",
            f"{_OTEL}genai.langchain",
            f"{_OTEL}openai.v1",
            f"{_OTEL}langchain",
            "openlit",
            "langfuse-sdk",
            *_AI_SDK,
            "litellm",
        ),
        ("x_ai",),
    ),
    Silence("logfire, OpenAI", "service tier, the host, fees of OpenAI's own tools; speech", ("logfire.openai", "logfire.openai_agents")),
    Silence("logfire, Anthropic", "speed", ("logfire.anthropic",), ("anthropic",)),
    Silence("MLflow", "the host; usage of Anthropic's streams without the helper", ("mlflow.tracing.provider",)),
    Silence("OpenLIT, xAI and Gemini through OpenAI's client", "thoughts", ("openlit",), ("x_ai", "gcp.gemini")),
    Silence("OpenLIT, OpenRouter", "the cost that OpenRouter returns", ("openlit",), ("openrouter",)),
    Silence("OpenLLMetry, OpenAI", "fees of OpenAI's own tools, images, audio, cache writes", (f"{_OTEL}openai.v1",), ("openai",)),
    Silence("OpenLLMetry, Anthropic", "one-hour cache writes, batch, speed, web searches", (f"{_OTEL}anthropic",)),
    Silence(
        "OpenLLMetry, Gemini",
        "service tier, searches, audio; what tools put into the prompt counts as thoughts",
        (f"{_OTEL}google_generativeai",),
    ),
    Silence("OpenLLMetry, LangChain", "service tier, cache writes", (f"{_OTEL}langchain",)),
    Silence("OpenLLMetry, Bedrock", "`global.` of the model: a tenth too much; cache of `InvokeModel`", (f"{_OTEL}bedrock",)),
    Silence(
        "OpenLLMetry, OpenRouter",
        "the cost that OpenRouter returns, and whether the key was one's own",
        (f"{_OTEL}openai.v1",),
        ("openrouter",),
    ),
    Silence(
        "agno",
        "the host, so that OpenAI's class for Groq and others is unpriced; Groq's and Mistral's cache; audio; fees of tools; the model "
        "behind an Azure deployment",
        (f"{_OI}agno",),
    ),
    Silence("agno, Gemini and xAI", "thoughts", (f"{_OI}agno",), ("gcp.gemini", "x_ai")),
    Silence(
        "LangChain through OpenInference and OpenLLMetry, streams; OpenLLMetry's Responses",
        "the response id: beside a span of the SDK (Anthropic's own, or any instrumentation's), which is in another trace, billed twice",
        (f"{_OI}langchain", f"{_OTEL}langchain"),
    ),
    Silence(
        "LangChain through OpenTelemetry and OpenLLMetry",
        "fees of the providers' own tools, images",
        (f"{_OTEL}genai.langchain", f"{_OTEL}langchain"),
    ),
    Silence(
        "LangChain's `ChatOpenAI` for others than OpenAI",
        "the host",
        (f"{_OI}langchain", f"{_OTEL}genai.langchain", f"{_OTEL}langchain", "langfuse-sdk"),
        ("openai", ""),
    ),
    Silence(
        "LangChain with Gemini",
        "audio, service tier",
        (f"{_OI}langchain", f"{_OTEL}genai.langchain", f"{_OTEL}langchain"),
        ("gcp.gemini", "gcp.gen_ai"),
    ),
    Silence(
        "LangChain with Cohere", "billed units: tokens are more", (f"{_OI}langchain", f"{_OTEL}langchain", "langfuse-sdk"), ("cohere",)
    ),
    Silence(
        "LangChain with Mistral, streams; through OpenTelemetry and OpenLLMetry all",
        "cache",
        (f"{_OI}langchain", f"{_OTEL}genai.langchain", f"{_OTEL}langchain"),
        ("mistral_ai",),
    ),
    Silence(
        "LangChain with Azure through OpenLLMetry and Langfuse, streams",
        "the model behind a deployment",
        (f"{_OTEL}langchain", "langfuse-sdk"),
        ("azure.ai.openai",),
    ),
    Silence(
        "LangChain for JavaScript with Anthropic, streams",
        "that the output of the first event is counted twice",
        ("@arizeai/openinference-instrumentation-langchain", "@traceloop/instrumentation-langchain", "langfuse-sdk"),
        ("anthropic",),
    ),
    Silence("OpenAI Agents SDK through OpenInference, chat API", "cache, service tier", (f"{_OI}openai_agents",)),
    Silence("OpenAI Agents SDK through OpenInference JS, chat API", "the host", ("@arizeai/openinference-instrumentation-openai-agents",)),
    Silence(
        "Langfuse JS",
        "service tier, the host, lifetimes of cache writes, images, usage of embeddings; of LangChain and of what is not streamed, "
        "fees of the providers' own tools",
        ("langfuse-sdk",),
        ("openai", "anthropic", ""),
    ),
    Silence("Langfuse, LangChain with Anthropic", "web searches, region", ("langfuse-sdk",), ("anthropic",)),
    Silence("Langfuse, LangChain with Gemini", "searches, images", ("langfuse-sdk",), ("gcp.gemini",)),
    Silence("Langfuse, LangChain with Mistral", "cache", ("langfuse-sdk",), ("mistral_ai",)),
    Silence("Langfuse, OpenAI's client", "the host, cache writes, and the cost that OpenRouter returns", ("langfuse-sdk",), ("openai", "")),
    Silence(
        "OpenAI's client for Perplexity, but through OpenInference",
        "the size of a search: the smallest is taken",
        (f"{_OTEL}openai.v1", f"{_OTEL}genai.openai", "langfuse-sdk"),
        ("perplexity",),
    ),
    Silence(
        "OpenAI's client for Gemini through OpenTelemetry genai-openai or pydantic-ai",
        "thoughts",
        (f"{_OTEL}genai.openai", "pydantic-ai"),
        ("gcp.gemini",),
    ),
    Silence("OpenInference, OpenAI", "the host: data residency costs a tenth more", (f"{_OI}openai",), ("openai",)),
    Silence("OpenInference, Gemini's embeddings", "usage", (f"{_OI}google_genai",)),
    Silence("Groq through OpenInference, streams", "usage", (f"{_OI}groq",)),
    Silence("Cohere through OpenInference, streams", "billed units: tokens are more", (f"{_OI}cohere",)),
    Silence("OpenInference JS, streams of chats and embeddings", "usage", ("@arizeai/openinference-instrumentation-openai",)),
    Silence(
        "OpenInference JS, Anthropic, streams",
        "web searches, and through the stream helper the response id: beside the SDK's own span, which is in another trace, billed twice",
        ("@arizeai/openinference-instrumentation-anthropic",),
    ),
    Silence(
        "Strands TypeScript",
        "service tier, the host, and the response id: beside the Anthropic SDK's own span, which is in another trace, billed twice",
        ("strands-agents",),
    ),
    Silence(
        "Mastra 1",
        "the host; of streams, and with core 1.1 always, service tier, one-hour cache writes, Anthropic's web searches, the cost that "
        "OpenRouter returns, and whether the models are those of the AI SDK 5, whose input leaves Anthropic's cache out, and whose output "
        "leaves Gemini's thoughts out; of Bedrock always; core 1.1 counts cache writes twice",
        ("@mastra/otel-exporter",),
    ),
    Silence("Mastra before 1", "service tier, the host, cache writes, fees of the providers' own tools", ("@mastra/otel",)),
    Silence(
        "Sentry JS 10 (11 sends no spans through OpenTelemetry)",
        "service tier, the host, one-hour cache writes, fees of the providers' own tools, the cost that OpenRouter returns",
        ("@sentry/node",),
    ),
    Silence("LangSmith JS", "the host, the cost that OpenRouter returns, Anthropic's web searches", ("langsmith",)),
    Silence("pydantic-ai, Cohere", "billed units: tokens are more", ("pydantic-ai",), ("cohere",)),
    Silence("pydantic-ai, Anthropic", "region, batch", ("pydantic-ai",), ("anthropic",)),
    Silence("pydantic-ai, Bedrock and Gemini", "service tier", ("pydantic-ai",), ("aws.bedrock", "gcp.gemini")),
    Silence("pydantic-ai, OpenRouter", "the cost that OpenRouter returns", ("pydantic-ai",), ("openrouter",)),
    Silence("Genkit's embeddings", "usage", ("genkit-tracer",), ("openai", "gcp.gemini", "gcp.vertex_ai")),
    Silence("ag2", "service tier, one-hour cache writes, the host", ("opentelemetry.instrumentation.ag2",)),
    Silence("smolagents, streams", "cache, thoughts, service tier", (f"{_OI}smolagents",)),
    Silence(
        "CrewAI's own spans",
        "service tier, one-hour cache writes, the host; Gemini's input, so that its calls have no price",
        ("crewai",),
    ),
    Silence(
        "CrewAI through OpenInference and OpenLLMetry",
        "every call: the model's client has to be instrumented too",
        (f"{_OI}crewai", f"{_OTEL}crewai"),
    ),
    Silence("DSPy", "usage", (f"{_OI}dspy",)),
    Silence("Gemini CLI's spans", "cached tokens, thoughts, most often all usage: switch its logs on", ("gemini-cli",), signal="span"),
    Silence(
        "Claude Code's spans",
        "one-hour cache writes, web searches: its log events tell the cost",
        ("com.anthropic.claude_code",),
        signal="span",
    ),
    Silence("Codex CLI's log events", "trace, service tier", ("codex",), signal="log"),
    Silence(
        "AI SDK 5, answers that are not streamed",
        "cache and thoughts, unless the provider's metadata has them (Anthropic's and Gemini's have)",
        ("ai",),
        ("openai", "groq", "openrouter", "aws.bedrock"),
    ),
    Silence("AI SDK 5, Bedrock", "that its input leaves the cache out", ("ai",), ("aws.bedrock",)),
    Silence("AI SDK 4 to 6, OpenAI", "service tier of the chat API, containers of the code interpreter, images", ("ai",), ("openai",)),
    Silence("AI SDK 4 to 6, OpenAI's client for others", "the host", ("ai",), ("openai", "")),
    Silence("AI SDK 4 to 6, `openai-compatible` for OpenRouter", "the cost that it returns", ("ai",), ("openrouter",)),
    Silence(
        "AI SDK 7",
        "Anthropic's tier, cache lifetimes, speed, region and web searches, unless `providerMetadata` is recorded",
        _AI_SDK,
        ("anthropic",),
    ),
    Silence(
        "AI SDK 7, OpenAI",
        "service tier of the chat API; that of Responses, unless `providerMetadata` is recorded; containers of the code interpreter",
        _AI_SDK,
        ("openai",),
    ),
    Silence(
        "AI SDK 7, Gemini",
        "service tier, searches, audio, what tools put into the prompt, unless `providerMetadata` is recorded",
        _AI_SDK,
        ("gcp.gemini",),
    ),
    Silence("AI SDK 7, Cohere", "billed units: tokens are more", _AI_SDK, ("cohere",)),
    Silence(
        "AI SDK 7, Perplexity",
        "the size of a search, unless `providerMetadata` is recorded: the smallest is taken",
        _AI_SDK,
        ("perplexity",),
    ),
    Silence("AI SDK 7, OpenRouter", "the cost that it returns, unless `providerMetadata` is recorded", _AI_SDK, ("openrouter",)),
)
"""Who leaves out what. Another span of the same call may tell it."""


def untold(scope: str, signal: str, provider: str) -> list[Silence]:
    """What the records of a scope do not tell of a provider's calls."""
    return [each for each in SILENT if each.is_of(scope, signal, provider)]


KNOWN: tuple[Known, ...] = (
    Known("OpenTelemetry GenAI", "`gen_ai.*`, new names and deprecated ones"),
    Known("OpenInference", "`openinference.span.kind`, `llm.*`"),
    Known(
        "OpenInference, Bedrock `invoke_model` of Nova and streams",
        "scope `openinference.instrumentation.bedrock`",
        "passes on the provider's own counts",
        scope="openinference.instrumentation.bedrock",
        span_name="bedrock.invoke_model",
        model="amazon.nova-pro-v1:0",
    ),
    Known("Langfuse", "`langfuse.observation.*`", "disjoint buckets, unless they have OpenAI's shape", disjoint=True),
    Known(
        "OpenLLMetry (Traceloop)",
        "`traceloop.*`, `llm.request.type`, `gen_ai.usage.*`",
        "of Anthropic's streams it counts the output tokens of the first event twice, and tells not how many",
    ),
    Known(
        "OpenTelemetry, Bedrock",
        "scopes `opentelemetry.instrumentation.botocore`, `.genai.bedrock`",
        "pass on the provider's own counts; of `InvokeModel` botocore drops the cache",
        scope="opentelemetry.instrumentation.botocore.bedrock-runtime",
        provider="aws.bedrock",
    ),
    Known("agno, OpenAI and others", "through OpenInference", scope="openinference.instrumentation.agno", provider="openai"),
    Known(
        "agno, Anthropic and Bedrock",
        "scope `openinference.instrumentation.agno`",
        "passes on the provider's own counts",
        scope="openinference.instrumentation.agno",
        provider="anthropic",
    ),
    Known("OpenLLMetry, Bedrock", "scope `opentelemetry.instrumentation.bedrock`", scope="opentelemetry.instrumentation.bedrock"),
    Known(
        "OpenLLMetry, Gemini and Vertex AI",
        "scopes `opentelemetry.instrumentation.google_generativeai`, `.vertexai`",
        scope="opentelemetry.instrumentation.google_generativeai",
    ),
    Known("OpenLIT", "`telemetry.sdk.name` `openlit`", "a cost of 0 is a model that it does not know", openlit=True),
    Known("OpenLIT, Anthropic and Bedrock", "the same", openlit=True, provider="anthropic"),
    Known(
        "OpenLIT, LangChain, LiteLLM and Claude Agent SDK",
        "scopes `openlit.instrumentation.langchain`, `.litellm`, `.claude_agent_sdk`",
        scope="openlit.instrumentation.litellm",
        openlit=True,
        provider="anthropic",
    ),
    Known("OpenLIT, Google", "the same", openlit=True, provider="gcp.gemini"),
    Known("Vercel AI SDK 4 to 6", "`ai.operationId`, `ai.usage.*`", "`ai.generateText` repeats `.doGenerate` below it"),
    Known("Vercel AI SDK 7", "scope `@ai-sdk/otel`, `gen_ai.*`", "`invoke_agent` repeats the calls below it"),
    Known("pydantic-ai, logfire", "`operation.cost`, `gen_ai.aggregated_usage.*` is ignored", "of the Claude Agent SDK the root is billed"),
    Known("OpenAI Agents SDK", "`gen_ai.*` through OpenTelemetry, OpenInference or logfire", "task and turn totals are ignored"),
    Known("LangChain, LangGraph, LangSmith", "`langsmith.span.kind`, `gen_ai.*`", "its own kind goes before the operation that it derives"),
    Known("CrewAI", "`crewai.*`, `gen_ai.*`", "`crewai.crew.usage_metrics` is ignored"),
    Known(
        "Google ADK",
        "`gcp.vertex.agent.*`, `gen_ai.*`",
        "schema 1: `call_llm` repeats `generate_content`; JavaScript's has it alone, with cache and thoughts if content is recorded",
    ),
    Known(
        "Strands Agents",
        "`gen_ai.event.start_time`, provider `strands-agents`",
        "the provider is told from the model; TypeScript's names the service instead, and leaves Anthropic's and Bedrock's cache out",
    ),
    Known("Microsoft Agent Framework, Semantic Kernel", "`gen_ai.*`", scope="agent_framework", provider="openai"),
    Known("Microsoft Agent Framework, Anthropic", "scope `agent_framework`", scope="agent_framework", provider="anthropic"),
    Known("LiteLLM", "`litellm.*`, `gen_ai.cost.*`", "`litellm.cache_hit`: an answer from its cache costs nothing"),
    Known("MLflow", "`mlflow.spanType`, `mlflow.chat.tokenUsage`", mlflow=True),
    Known("MLflow, Gemini", "the same", mlflow=True, model="gemini-2.5-pro"),
    Known("Claude Code, Claude Agent SDK", "scope `com.anthropic.claude_code`, `span.type`", bare_claude_code=True),
    Known("Claude Code, log events", "event `claude_code.api_request`", "with the cost; one call with its span", bare_claude_code=True),
    Known(
        "Codex CLI",
        "span `handle_responses`, the model from the spans above; log event `codex.sse_event`",
        "`codex.turn.token_usage.*` repeats the calls of a turn",
    ),
    Known("Gemini CLI", "`gen_ai.operation.name` `llm_call`", "tells neither cached tokens nor thoughts; its log events do"),
    Known(
        "Gemini CLI, log events",
        "event `gemini_cli.api_response`",
        "`gen_ai.client.inference.operation.details` repeats it",
        event="gemini_cli.api_response",
    ),
    Known("GitHub Copilot", "`gen_ai.*`, provider `github`", "`github.copilot.nano_aiu` counts credits, which cost 0.01 USD each"),
    Known("AutoGen", "`gen_ai.system` `autogen`", "tells agents and tools; calls by the model's own instrumentation"),
    Known(
        "smolagents",
        "through OpenInference",
        "the agent's span repeats the calls below it; cache, thoughts and tier are in the answer as Python prints it",
    ),
    Known("MCP clients and servers", "`gen_ai.operation.name` `execute_tool`", "a tool's price is billed once for both: docs/pricing.md"),
    Known("Dify", "`gen_ai.span.kind`, `gen_ai.user.id`"),
    Known("n8n", "`n8n.workflow.name`", "no tokens of its own: names the workflow"),
    Known(
        "LlamaIndex",
        "scope `llamaindex.opentelemetry.tracer`, its events",
        "streams and embeddings tell no tokens: they are calls without a price",
        scope="llamaindex.opentelemetry.tracer",
        provider="openai",
    ),
    Known("LlamaIndex, Anthropic and Bedrock", "the same", scope="llamaindex.opentelemetry.tracer", provider="anthropic"),
    Known("Haystack", "`haystack.component.output`, `haystack.agent.step.llm.output`", "told only with `HAYSTACK_CONTENT_TRACING_ENABLED`"),
    Known("Genkit", "`genkit:*`, the answer in `genkit:output`"),
    Known(
        "ag2",
        "`ag2.span.type`",
        "`record_usage` repeats the call beside it, but for `compaction`, `aggregation`; agents without its middleware are unseen",
    ),
    Known(
        "Mastra",
        "`mastra.span.type`, `gen_ai.*`",
        "`model_generation` repeats or sums the calls of a loop; `model_step` quotes the answer to the call below it",
    ),
    Known("LiveKit Agents", "`gen_ai.*`"),
    Known("vLLM", "scope `vllm`, span `llm_request`", "price it by GPU time: docs/pricing.md"),
)
