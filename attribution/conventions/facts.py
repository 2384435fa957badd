"""What the names on a span say, without its figures: what it is, who billed it, who did it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from attribution.conventions.kinds import REPEATING_NAMES, Verdict, classify, is_quoting
from attribution.conventions.providers import biller, canonical, is_own_name, region_of
from attribution.conventions.reading import Usage
from attribution.conventions.tokens import CLAUDE_CODE_EVENTS, CLAUDE_CODE_SCOPE, Emitter, emitter

CREWAI_SCOPE = "crewai"
"""CrewAI's own spans: their gen_ai.agent.name is a hash, the role names the agent."""
AI_SDK_SCOPES = frozenset({"ai", "gen_ai", "@ai-sdk/otel"})
TOOL_FEE_SCOPES = AI_SDK_SCOPES | {"@mastra/otel-exporter"}
"""They write a span for each call of a provider's own tool, and tell of it nowhere else that is read."""
_LOGFIRE_SCOPES = frozenset({"logfire.openai", "logfire.anthropic"})
"""logfire's instrumentations of clients: each span is one request, or what one stream used."""
_STRANDS = "strands-agents"
"""Strands names itself as the provider; TypeScript's by the name of the service, as it calls its scope too."""
_REPEATED_OPERATIONS = frozenset({"embeddings", "rerank"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What all spans of one shape with the same names share."""

    verdict: Verdict
    operation: str
    provider: str
    model: str
    request_model: str
    service_tier: str
    speed: str
    region: str
    search_context_size: str
    cache_hit: bool
    entity: str
    """What `traceloop.entity.name` is the name of: agent, tool, ...; '' where nothing says."""
    agent_is_span_name: bool
    tool_is_span_name: bool
    emitter: Emitter
    is_of_one_call: bool
    """The answer that it quotes is that of one call: its own, or the one below it."""
    is_own_name: bool
    """The model is called by a name of the company's own: what answered is told by the answer."""
    is_begun: bool
    """logfire tells what a stream used on a record of its own, when it has ended: without figures a span is that of the request."""
    is_repeated: bool
    """AI SDK 7 repeats the operation of an embedding or a rerank on the span around it: without figures a span may be that one, and
    is billed where no call is below it."""

    def usage(self, tokens: tuple[int | None, int | None], cost: Decimal | None, *, units: bool, failed: bool) -> Usage:
        """What the figures of a span with these names are; `tokens` is input and output."""
        told = tokens != (None, None) or cost is not None
        if self.verdict == "leaf":
            return "leaf" if told or units else self._untold_call(failed=failed)
        if self.verdict == "untold" and told and self.model:
            return "leaf"
        if self.verdict == "never":
            return "none"
        if self.verdict == "tool":  # a cost of its own is a fee; tokens are those of an agent behind the tool
            cost = None
        return "aggregate" if tokens[0] or tokens[1] or cost is not None else "none"

    def _untold_call(self, *, failed: bool) -> Usage:
        """What a call is that tells nothing of its use."""
        if (failed and not self.cache_hit) or self.is_begun:  # no provider bills a request that it refused
            return "none"
        if self.is_repeated:
            return "aggregate" if self.model else "none"
        return "leaf"

    def agent_of(self, span_name: str) -> str:
        """The identity that the span's name tells, where no attribute does."""
        named = _after(span_name, "invoke_agent") if self.agent_is_span_name else ""
        return "" if named in {self.model, self.request_model} else named

    def tool_of(self, span_name: str) -> str:
        """The tool that the span's name tells."""
        return _after(span_name, "execute_tool") if self.tool_is_span_name else ""


def find_facts(
    scope: str,
    name: str,
    texts: Mapping[str, str],
    kinds: Mapping[str, str],
    providers: Sequence[str],
    *,
    borne_elsewhere: bool,
    bare_counts: bool,
    mlflow: bool,
    strands: bool = False,
) -> Facts:
    """Judge the names of a span.

    Args:
        scope: instrumentation scope.
        name: the span's name where a rule looks at it, else ''.
        texts: by field of the table; those that decide nothing but themselves are left out.
        kinds: by key, in the order of the table.
        providers: the names given for the provider, in order.
        borne_elsewhere: its figures stand on another span.
        bare_counts: tokens are counted under keys without a convention before them, as Claude Code's are.
        mlflow: MLflow counted the tokens.
        strands: the span has an attribute that Strands alone writes.

    """
    verdict, operation = classify(kinds, scope, name, borne_elsewhere=borne_elsewhere)
    model = texts.get("model", "")
    strands = strands or _STRANDS in providers
    if strands:
        providers = [named for named in providers if named != scope]
    provider = biller(_named_provider(texts, providers), model, texts.get("address", ""))
    event = kinds.get("event.name", "").lower()
    claude_code = scope.startswith(CLAUDE_CODE_SCOPE) or kinds.get("span.type") == "llm_request" or event in CLAUDE_CODE_EVENTS
    openlit = texts.get("sdk", "") == "openlit"
    return Facts(
        verdict=verdict,
        operation=operation,
        provider=provider,
        model=model,
        request_model=texts.get("request_model", ""),
        service_tier=_tier(texts, openlit=openlit),
        speed=speed(texts.get("speed", "")),
        region=texts.get("region", "").lower() or region_of(provider, texts.get("address", "")),
        search_context_size=texts.get("search_context_size", "").lower(),
        cache_hit=is_true(texts.get("cache_hit", "")),
        entity=kinds.get("traceloop.span.kind", ""),
        agent_is_span_name=operation == "invoke_agent" and not claude_code,
        tool_is_span_name=operation == "execute_tool",
        emitter=emitter(
            scope,
            name,
            provider,
            model,
            openlit=openlit,
            bare_claude_code=claude_code and bare_counts,
            mlflow=mlflow,
            strands=strands,
            event=event,
            api=texts.get("api", ""),
        ),
        is_of_one_call=verdict == "leaf"
        or (verdict == "repeats" and name in REPEATING_NAMES)
        or (verdict == "untold" and scope in _LOGFIRE_SCOPES)
        or is_quoting(kinds),
        is_own_name=is_own_name(provider, model),
        is_begun=scope in _LOGFIRE_SCOPES and kinds.get("logfire.span_type") == "span",
        is_repeated=operation in _REPEATED_OPERATIONS and scope in AI_SDK_SCOPES,
    )


def _tier(texts: Mapping[str, str], *, openlit: bool) -> str:
    """Of answers of the Responses API that are streamed OpenLIT says `default` whatever they say: what was asked for is known."""
    invented = openlit and texts.get("api") == "responses" and is_true(texts.get("streamed", ""))
    return tier(texts.get("asked_tier" if invented else "service_tier", ""))


def tier(stated: str) -> str:
    """The service tier in lower case; `auto` asks for one and says none, nor does the `null` of LlamaIndex."""
    lowered = stated.lower()
    return "" if lowered in {"auto", "null", "none"} else lowered


def speed(stated: str) -> str:
    """In lower case; `normal` and `standard` are no speed of their own."""
    lowered = stated.lower()
    return "" if lowered in {"normal", "standard"} else lowered


def is_true(stated: str) -> bool:
    """Emitters write booleans as booleans, words and numbers."""
    return stated.lower() in {"true", "1"}


def _named_provider(texts: Mapping[str, str], providers: Sequence[str]) -> str:
    """The first name that is not a framework's; a gateway's `provider/model` says best who really answered."""
    prefix, slash, _ = texts.get("gateway_model", "").partition("/")
    names = (prefix, *providers) if slash else providers
    return next((name for name in names if canonical(name)), "")


def _after(span_name: str, operation: str) -> str:
    """Who a span's name means: OpenTelemetry's `invoke_agent planner` is planner, other names stand for themselves."""
    named = span_name.strip()
    return named.removeprefix(operation).strip() if named.startswith(operation) else named
