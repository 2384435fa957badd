"""Which model and which kind of token a cloud's meter counts: its name says both, in words of billing, in no fixed order.

`USE1-Claude4.6Opus-cache-read-input-token-count-cross-region-global` (AWS), `gpt 4o mini0718 BatchOutp DataZone Tokens` (Azure) and
`Generate content output token count gemini 2.5 flash short input text` (Google) are models with words around them. The words are known;
what is left is the model.

Sources: Amazon Bedrock User Guide, "Understanding your Amazon Bedrock Cost and Usage Report data"; Azure Retail Prices API,
https://prices.azure.com/api/retail/prices, service "Foundry Models"; Google Cloud's SKU groups, https://cloud.google.com/skus/sku-groups.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

DIRECTIONS = {
    "input": ("input", "inpt", "inp", "prompt"),
    "output": ("output", "outpt", "outp", "out", "opt", "response", "completion", "compl"),
}
CACHE = ("cached", "caching", "cache", "cchd", "chd", "cd")
WRITTEN = ("write1h", "write5m", "write30m", "write", "wr", "creation")
COUNTED = ("tokens", "token", "counts", "count", "units", "unit")
PLACES = (
    "glbl",
    "global",
    "gl",
    "regnl",
    "regional",
    "rg",
    "datazone",
    "dzone",
    "dzn",
    "dz",
    "crossregion",
    "region",
    "geo",
    "cris",
    "mantle",
)
TIERS = (
    "batch",
    "flex",
    "priority",
    "pp",
    "standard",
    "std",
    "latencyoptimized",
    "longcontext",
    "longctx",
    "longco",
    "shortco",
    "long",
    "short",
)
VERBS = ("generatecontent", "generate", "content", "embedcontent", "predictions", "prediction", "nonthinking", "for", "ga", "read", "hit")
WORDS = (*DIRECTIONS["input"], *DIRECTIONS["output"], *CACHE, *WRITTEN, *COUNTED, *PLACES, *TIERS, *VERBS)


def _any(words: Iterable[str]) -> str:
    """The longest first: `outpt` is not `out`."""
    return "|".join(sorted(words, key=len, reverse=True))


SPREAD = (
    (re.compile(r"\bcross[- _]region\b", re.IGNORECASE), "crossregion"),
    (re.compile(r"\bdata[- _]zone\b", re.IGNORECASE), "datazone"),
    (re.compile(r"\blatency[- _]optimized\b", re.IGNORECASE), "latencyoptimized"),
    (re.compile(r"\blong[- _](context|ctx)\b", re.IGNORECASE), "longcontext"),
    (re.compile(r"\bnon[- _]thinking\b", re.IGNORECASE), "nonthinking"),
    (re.compile(r"\b1[km] ?(?=tokens?\b)", re.IGNORECASE), ""),
)
"""Words that are written as two, and a unit that says nothing of the model."""
# Words are run together, and numbers to them: `BatchOutp`, `InputTokenCount`, `mini0718`.
_run = re.compile(rf"(?<![a-z])(?:{_any(WORDS)})+(?![a-z])", re.IGNORECASE)
_word = re.compile(_any(WORDS), re.IGNORECASE)
BESIDE = (*DIRECTIONS["input"], *DIRECTIONS["output"], *CACHE, "token")
_medium = re.compile(
    rf"(?<![a-z])(?:text|txt|image|img|audio|aud|video)(?=[- _](?:{_any(BESIDE)}))"
    r"|(?<=(?:input|utput)[- _])(?:text|image|audio|video)(?![a-z])|(?<![a-z])text(?=\s*$)|(?<![a-z])thinking(?= text)",
    re.IGNORECASE,
)
"""What tokens are of, beside the direction they go in; elsewhere it belongs to the model's name, as in `gpt-4o-audio`."""
_version = re.compile(r"(?<!\d)(?:\d{4,}|00\d)(?!\d)")
"""Dates, such as 0806 or 20250514, and 001."""
_no_tokens = re.compile(
    r"storage|hour|reserved|provisioned|ptu|tpm|per[- ]minute|hosting|hosted|training|tuning|image[- ]count|seconds|characters|grounding"
    r"|search|requests?\b|guardrail|customization",
    re.IGNORECASE,
)
_around = re.compile(r"[\s,;:_-]+")


@lru_cache(maxsize=4096)
def read_meter(name: str) -> tuple[str, str | None]:
    """Model and kind of token, as the meter writes the model; the kind is None where it counts no tokens.

    Args:
        name: of the meter, SKU or usage type, without the prefix of its region.

    """
    text = name.replace("_", " ")
    for pattern, one in SPREAD:
        text = pattern.sub(one, text)
    found = [word.lower() for run in _run.finditer(text) for word in _word.findall(run.group())]
    model = _run.sub(" ", _medium.sub(" ", text))
    model = _around.sub(lambda parts: parts.group()[0], _version.sub(" ", model)).strip(" ,;:_-")
    return model, None if _no_tokens.search(text) else _kind(found, text)


def _kind(words: list[str], text: str) -> str | None:
    """By what is said of a cache, else by the first direction: what follows it is of the request, as in `output ... short input text`."""
    if any(word in CACHE for word in words):
        return "cache_write" if any(word in WRITTEN for word in words) else "cache_read"
    for word in words:
        for kind, spellings in DIRECTIONS.items():
            if word in spellings:
                return kind
    return "input" if "embed" in text.lower() and any(word in COUNTED for word in words) else None
