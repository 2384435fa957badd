"""Where the table says that a fact stands, narrowed to the keys that spans of one shape have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from attribution.conventions import table
from attribution.conventions.tokens import NAMES

Source = tuple[str, tuple[str, ...]]
"""An attribute key and the path of members below it; an empty path is the value itself."""


def source(spelling: str) -> Source:
    """`key#a/b` of the table, parsed."""
    key, _, path = spelling.partition("#")
    return key, tuple(path.split("/")) if path else ()


def present(spellings: Iterable[str], keys: frozenset[str]) -> list[Source]:
    """The sources that a span with these keys has, in order."""
    return [found for found in map(source, spellings) if found[0] in keys]


def by_field(fields: Mapping[str, Sequence[str]], keys: frozenset[str]) -> dict[str, list[Source]]:
    """The same for each field, without those that such a span cannot have."""
    return {field: found for field, spellings in fields.items() if (found := present(spellings, keys))}


def response_ids(scope: str, keys: frozenset[str]) -> list[Source]:
    """Where spans of a scope have the response id under keys that mean it there only."""
    return present((key for key, owner in table.SCOPED_RESPONSE_IDS.items() if scope.startswith(owner)), keys)


def counts(keys: frozenset[str], *, claude_code: bool) -> list[tuple[int, list[Source]]]:
    """Sources by position in NAMES. Counts that exclude the cache and counts that include it never mix: where a span has Langfuse's
    disjoint buckets, or Claude Code's bare keys, only they count.
    """  # noqa: D205
    if table.LANGFUSE_USAGE in keys:
        keys = frozenset({table.LANGFUSE_USAGE})
    elif claude_code and table.BARE_INPUT in keys:
        keys = frozenset(key for key in keys if "." not in key)
    return [(index, found) for index, name in enumerate(NAMES) if (found := present(table.COUNTS[name], keys))]


def picker(names: Iterable[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Takes the values under these keys out of attributes."""
    keys = tuple(names)
    if not keys:
        return lambda _: ()
    if len(keys) == 1:
        return lambda attributes: (attributes[keys[0]],)
    return itemgetter(*keys)
