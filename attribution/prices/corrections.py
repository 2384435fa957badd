"""Where genai-prices' book is known to be wrong or silent: dated data with a source each, named in the id of every price it touches.

A correction is taken out again when the book has caught up; tests/prices/test_corrections.py holds each against its source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from genai_prices.types import ClauseRegex, ModelInfo, ModelPrice

DAY_NS = 86_400 * 1_000_000_000
_EPOCH_WEEKDAY = 3
"""1 January 1970 was a Thursday."""
_SATURDAY = 5
UNKNOWN = None
"""A factor that the provider does not publish as one figure: such calls are unpriced."""


def _day(text: str) -> int:
    """Midnight UTC, ns since the epoch."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing that the book has wrong."""

    name: str
    """As the price id names it: `+corrected:NAME`."""
    provider: str
    """By genai-prices' id."""
    models: re.Pattern[str]
    """Ids of models in the book."""
    source: str
    starts_ns: int
    when: tuple[tuple[str, str], ...] = ()
    """Members of the context with the pattern that their value must have; an absent member is ''."""
    factor: Decimal | None = Decimal(1)
    """Of what the tokens cost; UNKNOWN leaves the call without a price."""
    prices: tuple[tuple[str, Decimal], ...] = ()
    """USD by genai-prices' price key, in place of the book's or beside them."""
    not_at: tuple[int, ...] = ()
    """Hours (UTC) at which special prices begin that do not hold."""
    weekends_only: bool = False
    """Of `not_at`: from Monday to Friday they do."""
    ends_ns: int | None = None

    def in_force(self, at_ns: int) -> bool:
        """Whether it holds at a moment."""
        is_dated = at_ns >= self.starts_ns and (self.ends_ns is None or at_ns < self.ends_ns)
        return is_dated and (not self.weekends_only or is_weekend(at_ns))

    def is_for(self, provider: str, model: str, context: dict[str, str]) -> bool:
        """Whether it is about calls of this kind, whenever they were made."""
        return (
            provider == self.provider
            and self.models.fullmatch(model) is not None
            and all(re.fullmatch(pattern, context.get(member, "")) for member, pattern in self.when)
        )


@dataclass(frozen=True, slots=True)
class Addition:
    """A model that the book has not."""

    name: str
    provider: str
    model: str
    names: str
    """Regular expression of what it is called, in lower case."""
    prices: tuple[tuple[str, Decimal], ...]
    source: str

    def info(self) -> ModelInfo:
        """As the book would have it."""
        return ModelInfo(self.model, ClauseRegex(self.names), prices=ModelPrice(**dict(self.prices)))


@dataclass(frozen=True, slots=True)
class Alias:
    """A name that the book resolves to another model than the provider does."""

    name: str
    provider: str
    alias: str
    """Regular expression of the name, in lower case."""
    model: str
    source: str


MANNERS: dict[str, frozenset[str]] = {
    "service_tier": frozenset({"flex", "priority", "fast"}),
    "processing": frozenset({"batch"}),
    "speed": frozenset({"fast"}),
}
"""By member of the context how a call can be served at another price than the usual one."""
_AT_THE_USUAL_PRICE = frozenset({("groq", "flex"), ("anthropic", "priority")})
"""Groq's flex may fail and costs the same; Anthropic's priority is capacity that was paid for."""

_PERPLEXITY = "https://docs.perplexity.ai/getting-started/pricing"
_SIZES = {"low": "|low", "medium": "medium", "high": "high"}
"""By size of what the search brings; Perplexity's default is the smallest."""
_FEES = (("sonar", ("5", "8", "12")), ("sonar-reasoning", ("5", "8", "12")), ("sonar-(reasoning-)?pro", ("6", "10", "14")))

CORRECTIONS: tuple[Correction, ...] = (
    Correction(
        "peak-hours-on-weekdays",
        "deepseek",
        re.compile(r"deepseek-(flash|v4-.*)"),
        "https://api-docs.deepseek.com/quick_start/pricing: peak hours are from Monday to Friday since 23 August, in Beijing",
        _day("2026-08-22T16:00"),
        not_at=(1, 6),
        weekends_only=True,
    ),
    Correction(
        "no-peak-hours-yet",
        "deepseek",
        re.compile(r"deepseek-(flash|v4-.*)"),
        "https://api-docs.deepseek.com/quick_start/pricing: peak hours came with the prices of 17 August; the book has them before, too",
        _day("2026-04-24"),
        not_at=(1, 6),
        ends_ns=_day("2026-08-17"),
    ),
    *(
        Correction(
            f"search-{size}",
            "perplexity",
            re.compile(models),
            f"{_PERPLEXITY}: the fee of a request goes by the search's size; the book has the largest",
            _day("2025-01-21"),
            (("search_context_size", _SIZES[size]),),
            prices=(("requests_kcount", Decimal(fee)),),
        )
        for models, fees in _FEES
        for size, fee in zip(_SIZES, fees, strict=True)
    ),
    Correction(
        "us-inference",
        "anthropic",
        re.compile(r"claude-([a-z]+)-(4-[6-9]|[5-9]).*"),
        "https://platform.claude.com/docs/en/about-claude/pricing: inference_geo us costs 1.1 times, from Opus 4.6 on",
        _day("2026-02-05"),
        (("region", "us"),),
        Decimal("1.1"),
    ),
    Correction(
        "regional",
        "google",
        re.compile(r"claude-([a-z]+)-(4-[5-9]|[5-9]).*"),
        "https://cloud.google.com/vertex-ai/generative-ai/pricing: regional endpoints cost 1.1 times, from Claude 4.5 on",
        _day("2025-09-29"),
        (("region", "(?!global).+"),),
        Decimal("1.1"),
    ),
    Correction(
        "regional",
        "openai",
        re.compile(r"gpt-(5\.([4-9]|[1-9][0-9])|[6-9]).*"),
        "https://openai.com/api/pricing: endpoints with data residency cost 1.1 times, from gpt-5.4 on",
        _day("2026-03-05"),
        (("region", "[a-z]{2}"),),
        Decimal("1.1"),
    ),
    Correction(
        "flex",
        "google",
        re.compile(r"gemini-.*"),
        "https://ai.google.dev/gemini-api/docs/pricing: flex costs half",
        _day("2026-04-02"),
        (("service_tier", "flex"),),
        Decimal("0.5"),
    ),
    Correction(
        "priority",
        "google",
        re.compile(r"gemini-.*"),
        "https://ai.google.dev/gemini-api/docs/pricing: priority costs 75 to 100 % more, by model",
        _day("2026-04-02"),
        (("service_tier", "priority"),),
        UNKNOWN,
    ),
    *(
        Correction(
            tier,
            "aws",
            re.compile(r".*"),
            "https://aws.amazon.com/bedrock/pricing: flex and batch cost half, priority costs 75 % more",
            _day("2025-11-18"),
            ((member, tier),),
            Decimal(factor),
        )
        for member, tier, factor in (("service_tier", "flex", "0.5"), ("service_tier", "priority", "1.75"), ("processing", "batch", "0.5"))
    ),
    *(
        Correction(
            "search-fee",
            "openai",
            re.compile(models),
            "https://openai.com/api/pricing: these models search the web for every request, at the price of a search",
            _day("2025-03-11"),
            prices=(("requests_kcount", Decimal(fee)),),
        )
        for models, fee in ((r"gpt-4o(-mini)?-search-preview", "25"), (r"gpt-5-search-api", "10"))
    ),
)
_RERANK = "https://cohere.com/pricing: rerank costs by search"
ADDITIONS: tuple[Addition, ...] = tuple(
    Addition("missing-model", provider, model, names, (("rerank_searches_kcount", Decimal(usd)),), source)
    for provider, model, names, usd, source in (
        ("cohere", "rerank-v3.5", r"rerank-(v3\.5|(english|multilingual)-v[23]\.0)", "2", _RERANK),
        ("cohere", "rerank-v4.0-fast", r"rerank-v?4(\.0)?-fast", "2", _RERANK),
        ("cohere", "rerank-v4.0-pro", r"rerank-v?4(\.0)?-pro", "2.5", _RERANK),
        ("aws", "cohere.rerank-v3-5:0", r"cohere\.rerank-v3-5:0", "2", "https://aws.amazon.com/bedrock/pricing: rerank models"),
        ("aws", "amazon.rerank-v1:0", r"amazon\.rerank-v1:0", "1", "https://aws.amazon.com/bedrock/pricing: rerank models"),
    )
)
ALIASES: tuple[Alias, ...] = (
    Alias("dated", "openai", r"gpt-5-search-api-.+", "gpt-5-search-api", "https://developers.openai.com/api/docs/models/gpt-5-search-api"),
    Alias("latest", "mistral", "mistral-large-latest", "mistral-large-2512", "https://docs.mistral.ai/getting-started/models"),
)

UNIT_FEES: dict[tuple[str, str], tuple[str, Decimal]] = {
    ("openai", "code_executions"): ("openai/container", Decimal("0.03")),
    ("google", "map_prompts"): ("google/maps", Decimal("0.025")),
    ("x-ai", "sources"): ("x-ai/source", Decimal("0.025")),
    ("x-ai", "web_searches"): ("x-ai/web_search", Decimal("0.005")),
    ("x-ai", "x_searches"): ("x-ai/x_search", Decimal("0.005")),
    ("x-ai", "code_executions"): ("x-ai/code_execution", Decimal("0.005")),
}
"""USD for one of what the provider's own tools used and the book has no price for, by genai-prices' provider and usage key. Sources:
https://openai.com/api/pricing (a container of the code interpreter costs 0.03 USD a GB), https://ai.google.dev/gemini-api/docs/pricing
(a prompt that rests on Google's maps 25 USD a thousand), https://docs.x.ai/docs/models (a source 25 USD a thousand, a search 5)."""
TOOL_FEES: dict[str, tuple[str, Decimal]] = {
    "ws_": ("openai/web_search", Decimal("0.010")),
    "fs_": ("openai/file_search", Decimal("0.0025")),
}
"""USD for what a provider's own tool did, where the tool has a span of its own, by the beginning of the call's id. Source:
https://openai.com/api/pricing (10 USD per 1,000 web searches, 2.50 USD per 1,000 file searches)."""


def corrections(provider: str, model: str, context: dict[str, str]) -> list[Correction]:
    """All that are about such calls."""
    return [each for each in CORRECTIONS if each.is_for(provider, model, context)]


def without_price(provider: str, priced: Iterable[tuple[str, str]], context: Mapping[str, str]) -> list[Correction]:
    """Where a call was served in a special manner for which the book has the usual price only: nobody knows what it costs.

    Args:
        provider: by genai-prices' id.
        priced: the manners that have a price, as members of the context and their values.
        context: what is known of the call.

    """
    known = set(priced)
    return [
        Correction(f"unknown-{stated}", provider, re.compile(r".*"), "", 0, factor=UNKNOWN)
        for member, special in MANNERS.items()
        if (stated := context.get(member, "")) in special
        and (member, stated) not in known
        and (provider, stated) not in _AT_THE_USUAL_PRICE
    ]


def additions(provider: str) -> list[Addition]:
    """The models that the book of a provider lacks."""
    return [each for each in ADDITIONS if each.provider == provider]


def alias(provider: str, model: str) -> Alias | None:
    """The correction of a name."""
    return next((each for each in ALIASES if each.provider == provider and re.fullmatch(each.alias, model.lower())), None)


def is_weekend(at_ns: int) -> bool:
    """Saturday or Sunday. In UTC: the hours that matter are of one day in Beijing, too."""
    return (at_ns // DAY_NS + _EPOCH_WEEKDAY) % 7 >= _SATURDAY
