"""ClickHouse SQL as tokens: enough to tell words, names and literals apart, not to understand a query.

Source: ClickHouse, `src/Parsers/Lexer.cpp`. The guard reads only text that ClickHouse's own formatter wrote, which has no comments,
closes every quote and spells each name in one way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from collector.query.errors import QueryError

Kind = Literal["word", "quoted", "string", "number", "mark"]

_TOKEN = re.compile(
    r"""
      (?P<space>  \s+ | --[^\n]* | \#[!\s][^\n]* | /\*.*?\*/ )
    | (?P<string> '(?:[^'\\]|\\.|'')*' )
    | (?P<quoted> `(?:[^`\\]|\\.|``)*` | "(?:[^"\\]|\\.|"")*" )
    | (?P<number> \d+(?:\.\d*)?(?:[eE][+-]?\d+)? )
    | (?P<word>   [A-Za-z_$][\w$]* )
    | (?P<mark>   . )
    """,
    re.DOTALL | re.VERBOSE,
)
TOKENS_MAX = 200_000
"""Tokens of a reader's query: ClickHouse refuses more than 50,000 elements, each of which is a few tokens, and reading them takes time
that the whole process waits for."""
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class Token:
    """One token; `start` and `end` are offsets into the text, `depth` counts the brackets around it."""

    kind: Kind
    text: str
    start: int
    end: int
    depth: int

    @property
    def name(self) -> str:
        """The identifier, without quotes; '' for what is no identifier."""
        if self.kind == "word":
            return self.text
        return _ESCAPE.sub(r"\1", self.text[1:-1]) if self.kind == "quoted" else ""

    def says(self, *keywords: str) -> bool:
        """Whether the token is one of these keywords, unquoted, in any case."""
        return self.kind == "word" and self.text.upper() in keywords


def bounded_tokens(sql: str) -> list[Token]:
    """Return the tokens of `sql`. Raises QueryError 168 beyond TOKENS_MAX."""
    read = list(islice(tokens(sql), TOKENS_MAX + 1))
    if len(read) > TOKENS_MAX:
        raise QueryError(168, "TOO_BIG_AST", f"The query has more than {TOKENS_MAX} tokens")
    return read


def tokens(sql: str) -> Iterator[Token]:
    """Yield the tokens of `sql` in order, comments left out; lazy, so that data after an INSERT is never read."""
    depth = 0
    for found in _TOKEN.finditer(sql):
        kind, text = found.lastgroup, found.group()
        if kind == "space":
            continue
        if text in (")", "]", "}"):
            depth -= 1
        yield Token(kind, text, found.start(), found.end(), depth)  # type: ignore[arg-type]  # the groups are the kinds
        if text in ("(", "[", "{"):
            depth += 1
