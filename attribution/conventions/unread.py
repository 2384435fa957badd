"""What a span counts and nobody here reads: numbers under keys that look like usage, credits or cost.

So the next emitter is found on its first day, and not by the invoice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from attribution.conventions import values
from attribution.conventions.reading import Decode, as_it_is

KEYS_MAX = 64
"""Told of one span: a sender that invents keys must not fill a store."""
KEY_CHARACTERS_MAX = 200
DEPTH_MAX = 3
"""Levels of JSON looked into."""
_NUMBERED = re.compile(r"(?<![^./#])\d+(?![^./#])")

_LOOKS_LIKE = re.compile(r"token|usage|(?<![a-z])costs?(?![a-z])|credit|billed|spend|(?<![a-z])price", re.IGNORECASE)
_NOT_USED = re.compile(
    r"max_?(\w*_)?tokens?|tokens?_?(limit|budget|max|rate)|(?<![a-z])per_?[a-z]|token_?(type|id|name)|(limit|remaining|budget|quota|rate)"
    r"|time_?to|(?<![a-z])(cost_?cent(er|re)|price_?id)|logprob|(auth|access|refresh|bearer|id|api)_?token|threshold|^spanledger\.",
    re.IGNORECASE,
)
"""Limits, rates and names beside what was used."""
_KNOWN_COPIES = re.compile(
    r"^(gen_ai\.aggregated_usage\.|gen_ai\.usage\.(details\.|partial\.)|pydantic_ai\.|logfire\.metrics|crewai\.crew\.usage_metrics|mlflow\.trace\.tokenUsage"
    r"|codex\.turn\.|gen_ai\.client\.|litellm\.cost\.|gen_ai\.cost\.|llm\.cost\.|langfuse\.observation\.cost_details|ai\.usage\.|gen_ai\.server\.|cost_usd_micros)"
)
"""Namespaces whose figures stand a second time under keys that are read, or are totals of calls that have spans of their own."""


def unread_keys(keys: Iterable[str], wanted: Callable[[str], bool]) -> tuple[str, ...]:
    """The attribute keys that look like usage or cost and are not `wanted` by any convention."""
    return tuple(
        key for key in keys if _LOOKS_LIKE.search(key) and not _NOT_USED.search(key) and not _KNOWN_COPIES.match(key) and not wanted(key)
    )


def unread_usage(keys: Iterable[str], attributes: Mapping[str, Any], decode: Decode = as_it_is) -> dict[str, Decimal]:
    """The numbers of a span under keys that are not read, by attribute key (`key#a/b` inside JSON; `*` stands for numbers in keys).

    Zeros are left out, for they hide nothing. Never raises, whatever the attributes hold.

    Args:
        keys: from `unread_keys`.
        attributes: the span's own.
        decode: makes a Value of an attribute as it is given.

    """
    found: dict[str, Decimal] = {}
    for key in keys:
        for name, figure in _numbers(key, decode(attributes[key])):
            if len(found) >= KEYS_MAX:
                return found
            found[_NUMBERED.sub("*", name)[:KEY_CHARACTERS_MAX]] = figure
    return found


def _numbers(key: str, held: Any) -> Iterator[tuple[str, Decimal]]:
    figure = values.amount(held)
    if figure is not None:
        if figure:
            yield key, figure
        return
    yield from _members(f"{key}#", values.bounded_members(held), DEPTH_MAX)


def _members(begun: str, held: Mapping[str, Any], depth: int) -> Iterator[tuple[str, Decimal]]:
    for name, inner in held.items():
        figure = values.amount(inner)
        if figure:
            if not _NOT_USED.search(str(name)):
                yield f"{begun}{name}", figure
        elif isinstance(inner, dict) and depth > 1:
            yield from _members(f"{begun}{name}/", inner, depth - 1)
