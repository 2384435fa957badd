"""What a span counts and nobody here reads: numbers under keys that look like usage, credits or cost.

So the next emitter is found on its first day, and not by the invoice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from attribution.conventions import values
from attribution.conventions.conventions import Conventions
from attribution.conventions.reading import Decode, as_it_is

KEYS_MAX = 64
"""Told of one span: a sender that invents keys must not fill a store."""
DEPTH_MAX = 3
"""Levels of JSON looked into."""

_LOOKS_LIKE = re.compile(r"token|usage|(?<![a-z])costs?(?![a-z])|credit|billed|spend|(?<![a-z])price", re.IGNORECASE)
_NOT_USED = re.compile(
    r"max_?(\w*_)?tokens?|tokens?_?(limit|budget|max|rate)|(?<![a-z])per_?[a-z]|token_?(type|id|name)|(limit|remaining|budget|quota|rate)"
    r"|time_?to|(?<![a-z])(cost_?cent(er|re)|price_?id)|logprob|(auth|access|refresh|bearer|id|api)_?token|threshold|^spanledger\.",
    re.IGNORECASE,
)
"""Limits, rates and names beside what was used."""
_KNOWN_COPIES = re.compile(
    r"^(gen_ai\.aggregated_usage\.|gen_ai\.usage\.(details\.|partial\.)|pydantic_ai\.|logfire\.metrics|crewai\.crew\.usage_metrics|mlflow\.trace\.tokenUsage"
    r"|codex\.turn\.|gen_ai\.client\.|litellm\.cost\.|gen_ai\.cost\.|llm\.cost\.|langfuse\.observation\.cost_details|ai\.usage\.|gen_ai\.server\.)"
)
"""Namespaces whose figures stand a second time under keys that are read, or are totals of calls that have spans of their own."""


def unread_usage(conventions: Conventions, attributes: Mapping[str, Any], decode: Decode = as_it_is) -> dict[str, Decimal]:
    """Numbers of a span that look like usage or cost and that no convention reads, by attribute key (`key#a/b` inside JSON).

    Zeros are left out, for they hide nothing. Never raises, whatever the attributes hold.

    Args:
        conventions: what is read.
        attributes: the span's own; all of them, not only those that are `wanted`.
        decode: makes a Value of an attribute as it is given.

    """
    found: dict[str, Decimal] = {}
    for key, held in attributes.items():
        if conventions.wanted(key) or not _LOOKS_LIKE.search(key) or _NOT_USED.search(key) or _KNOWN_COPIES.match(key):
            continue
        for name, figure in _numbers(key, decode(held)):
            if len(found) >= KEYS_MAX:
                return found
            found[name] = figure
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
