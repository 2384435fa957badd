"""Which functions a reader may use, wherever he names one: a list, so that what is new in the engine is refused until it is known.

A function need not be called to run: `arrayMap(file, paths)` and `* APPLY file` hand it to another one, and `{f:Identifier}` puts its name
there from a parameter. So every name in a query is looked at, not only those before a bracket. An aggregate function may also be
named in a string (`arrayReduce('sum', xs)`); all of those compute from their arguments.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from importlib.resources import files

from collector.query.errors import QueryError, refused

_ROWS_MARK, _AGGREGATES_MARK = "# Functions of a row.", "# Aggregate and window functions"


def _listed() -> tuple[frozenset[str], frozenset[str]]:
    text = (files("collector") / "query" / "functions.txt").read_text(encoding="utf-8").partition(_ROWS_MARK)[2]
    return tuple(frozenset(_names(part)) for part in text.split(_AGGREGATES_MARK))  # type: ignore[return-value]  # it has two parts


def _names(part: str) -> list[str]:
    return " ".join(part.splitlines()[1:]).split()


SCALAR, AGGREGATE = _listed()


@dataclass(frozen=True)
class Functions:
    """What the engine has; all names in lowercase, as a name is looked up here in any case."""

    known: Collection[str]
    """Functions of a row and aggregate functions."""
    table: Collection[str]
    combinators: Collection[str]
    """Ends of names of aggregate functions: `if`, `array`, `merge` ..."""
    made: Collection[str] = ()
    """By whoever owns the store; what they do is not known here."""

    def check_call(self, name: str) -> None:
        """Raise QueryError where a call of `name` is not allowed."""
        lower = name.lower()
        if lower in self.made or not (lower in SCALAR or self._is_aggregate(lower)):
            if lower in self.known or lower in self.made or lower in self.table:
                raise _refused(name)
            raise QueryError(46, "UNKNOWN_FUNCTION", f"Unknown function {name}")

    def check_name(self, name: str) -> None:
        """Raise QueryError where `name` could be a function that is not allowed, handed to another."""
        lower = name.lower()
        if lower in self.made or (lower in self.known and not (lower in SCALAR or self._is_aggregate(lower))):
            raise refused(
                f"Function {name} cannot be used in readonly mode, and so its name cannot stand alone; "
                "write a column of that name with its table, as in t.name"
            )

    def _is_aggregate(self, lower: str) -> bool:
        """Whether it is one of the list, with any combinators after it."""
        if lower in AGGREGATE:
            return True
        ends = [end for end in self.combinators if lower.endswith(end) and len(end) < len(lower)]
        return any(self._is_aggregate(lower.removesuffix(end)) for end in ends)


def _refused(name: str) -> QueryError:
    return refused(f"Function {name} cannot be used in readonly mode")
