"""Refuses a query whose canonical spelling would be exponentially longer than itself, before anything spells it.

ClickHouse reads `x BETWEEN a AND b` as `x >= a AND x <= b`: x stands there twice, so BETWEENs inside one another double the text at each
level. Its formatter holds that text outside of the memory that `max_memory_usage` counts, and cannot be interrupted.
"""

from __future__ import annotations

from collector.query.errors import QueryError
from collector.query.lexer import Token, bounded_tokens

NESTED_BETWEEN_MAX = 10
"""BETWEENs inside one another: 2 to the power of this times the length. Nobody writes two."""


def check(sql: str) -> None:
    """Raise QueryError 168 where BETWEENs stand inside one another beyond the bound, or where that cannot be told."""
    if sql.lower().count("between") <= NESTED_BETWEEN_MAX:
        return
    is_plain = sql.isascii() and "$" not in sql and "#" not in sql  # heredocs and other quotes could hide one from our lexer
    if not is_plain or _nested(sql) > NESTED_BETWEEN_MAX:
        raise QueryError(168, "TOO_BIG_AST", f"More than {NESTED_BETWEEN_MAX} BETWEENs inside one another")


class _Bracket:
    """What stands between two brackets: the nesting of the expression being read, and the deepest before it."""

    def __init__(self) -> None:
        self.level = 0
        self.deepest = 0
        self.open = 0
        """BETWEENs whose AND is still to come."""

    def read(self, token: Token) -> None:
        if token.says("BETWEEN"):
            self.level += 1
            self.open += 1
            self.deepest = max(self.deepest, self.level)
        elif token.says("AND") and self.open:
            self.open -= 1
        elif token.says("AND", "OR") or token.text in (",", ";"):
            self.level = 0


def _nested(sql: str) -> int:
    """The most BETWEENs that may stand inside one another."""
    brackets = [_Bracket()]
    for token in bounded_tokens(sql):
        if token.text in ("(", "[", "{"):
            brackets.append(_Bracket())
        elif token.text in (")", "]", "}") and len(brackets) > 1:
            inner = brackets.pop().deepest
            brackets[-1].level = max(brackets[-1].level, inner)
            brackets[-1].deepest = max(brackets[-1].deepest, inner)
        else:
            brackets[-1].read(token)
    return max(bracket.deepest for bracket in brackets)
