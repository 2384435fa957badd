"""Patterns of names, as the configuration has them: `*` is any run of characters, `?` any one, all else is itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WILD = {"*": ".*", "?": "."}


def pattern_to_regex(pattern: str) -> str:
    """`formatter-*` as a regular expression, of ClickHouse and of Python."""
    return "(?s)^" + "".join(_WILD.get(character) or re.escape(character) for character in pattern) + "$"


def any_of(patterns: Sequence[str]) -> str:
    """One regular expression of several patterns; of none, one that nothing matches."""
    return "|".join(map(pattern_to_regex, patterns)) or "[^\\s\\S]"


def matches(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern. What is absent fits nothing."""
    return bool(name) and re.fullmatch(pattern_to_regex(pattern), name) is not None
