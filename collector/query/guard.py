"""What a reader may run: decided on ClickHouse's own canonical spelling of the query, by a list of what is allowed.

A second wall stands behind this one: the statement runs on a handle with `readonly=1`. That alone is not enough, for it lets pass
`INTO OUTFILE`, the scalar function `file()`, `DESCRIBE file(...)`, `KILL QUERY`, Python objects of this process as tables, and the
files that the embedded engine shows as tables of the database `default`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from collector.query.errors import QueryError, bad_arguments, refused
from collector.query.functions import Functions
from collector.query.lexer import Token, bounded_tokens

TABLE_FUNCTIONS = frozenset({"numbers", "numbers_mt", "generateseries", "generate_series", "values", "view", "format"})
"""The table functions that read nothing but their arguments, lowercase (ClickHouse knows some in any case). `format` is also a scalar
function; as a table, `readonly=1` refuses it."""

KEYWORDS = frozenset(
    """
    ALL AND ANY AS ASC BETWEEN BY CASE COLUMNS CUBE DESC DISTINCT ELSE EXCEPT EXISTS EXPLAIN FILL FILTER FROM GLOBAL HAVING ILIKE IN
    INTERPOLATE INTERSECT INTERVAL JOIN LIKE LIMIT MATERIALIZED NOT OFFSET ON OR OVER PREWHERE QUALIFY REPLACE ROLLUP SELECT SETS STEP
    STRICT TABLE THEN TO TOTALS UNION USING VALUES VIEW WHEN WHERE WITH
    """.split(),  # noqa: SIM905  (a list of forty strings is harder to read)
)
"""What stands before a bracket and calls nothing. The formatter writes keywords in capitals and without quotes; no function of these
names is refused by the list of functions."""

SYSTEM_TABLES = frozenset({"stack_trace", "jemalloc_profile_text", "jemalloc_sampled_allocations"})
"""These interrupt every thread of the process or read a profile from disk."""

FILES_DATABASE = "default"
"""The embedded engine lays the file system under this database: `default.`/etc/passwd.csv`` is that file."""

_EXPLAIN = ("AST", "SYNTAX", "QUERY", "TREE", "PLAN", "PIPELINE", "ESTIMATE")
_FORBIDDEN_PAIRS = frozenset({("INTO", "OUTFILE"), ("INSERT", "INTO"), ("PARALLEL", "WITH"), ("TABLE", "OVERRIDE")})


@dataclass(frozen=True)
class Query:
    """A statement that only reads: the text to run, without its SETTINGS and FORMAT; what these said."""

    sql: str
    settings: Mapping[str, str]
    format: str | None
    is_select: bool
    """Whether it can stand as a subquery."""


def check(canonical: str, parameters: Mapping[str, str], functions: Functions, formats: Collection[str]) -> Query:
    """Return the statement that may run, or raise QueryError with the code that a ClickHouse server would give.

    `canonical` is the output of `formatQuerySingleLine`, `parameters` the values bound to its placeholders, `functions` what
    the engine has, `formats` the names of its output formats.
    """
    read = bounded_tokens(canonical)
    kind = _kind(read)
    kept, settings = _lift_settings(read)
    ends = _ends(kept)
    placeholders = {at for start, end in ends.items() if kept[start].text == "{" for at in range(start, end)}
    for place in range(len(kept)):
        _check_token(kept, place, functions, parameters)
        if place not in placeholders:
            _check_name(kept, place, functions, ends)
    if kind not in ("SELECT", "EXPLAIN"):
        _refuse_files_database(kept)
    output = _format(kept, formats)
    return Query(_joined(kept[:-2] if output else kept), settings, output, is_select=kind == "SELECT")


def _kind(read: Sequence[Token]) -> str:
    """SELECT, SHOW, DESCRIBE, EXISTS or EXPLAIN; anything else is refused."""
    if not read:
        raise QueryError(62, "SYNTAX_ERROR", "Empty query")
    first = read[0]
    if first.says("SELECT", "WITH") or first.text == "(":
        return "SELECT"
    if first.says("SHOW", "DESCRIBE", "EXISTS"):
        return first.text.upper()
    if first.says("EXPLAIN"):
        _check_explain(read[1:])
        return "EXPLAIN"
    raise refused("Cannot execute query in readonly mode")


def _check_explain(read: Sequence[Token]) -> None:
    """Between EXPLAIN and its query stand only a kind and options such as `header = 1`."""
    for token, after in zip_longest(read, read[1:]):
        if token.says("SELECT", "WITH") or token.text == "(":
            return
        is_option = token.kind == "word" and after is not None and after.text == "="
        if not (token.says(*_EXPLAIN) or is_option or token.kind == "number" or token.text in ("=", ",")):
            break
    raise refused("Cannot execute query in readonly mode: EXPLAIN takes a SELECT")


def _check_token(read: Sequence[Token], place: int, functions: Functions, parameters: Mapping[str, str]) -> None:
    token = read[place]
    before = read[place - 1] if place else None
    after = read[place + 1] if place + 1 < len(read) else None
    if before and (before.text.upper(), token.text.upper()) in _FORBIDDEN_PAIRS and before.kind == token.kind == "word":
        raise refused(f"Cannot execute query in readonly mode: {before.text} {token.text}")
    if token.text == "{":
        _check_placeholder(read[place : place + 5], functions, parameters)
    if token.name in SYSTEM_TABLES:
        raise refused(f"system.{token.name} cannot be read here")
    if token.name == FILES_DATABASE and after and after.text == ".":
        raise _files_database_refused()


def _ends(read: Sequence[Token]) -> dict[int, int]:
    """Where each bracket that opens is closed."""
    open_, ends = [], {}
    for place, token in enumerate(read):
        if token.text in ("(", "[", "{"):
            open_.append(place)
        elif token.text in (")", "]", "}") and open_:
            ends[open_.pop()] = place
    return ends


def _check_name(read: Sequence[Token], place: int, functions: Functions, ends: Mapping[int, int]) -> None:
    """A name may stand for a function wherever it stands, unless it is one part of a longer name or is just given to something."""
    token = read[place]
    before, after = (read[at].text if 0 <= at < len(read) else "" for at in (place - 1, place + 1))
    if not token.name:
        return
    if after == "(":
        _check_bracket(read, place, functions, ends)
    if "." not in (before, after) and before != "AS":
        functions.check_name(token.name)


def _check_bracket(read: Sequence[Token], place: int, functions: Functions, ends: Mapping[int, int]) -> None:
    """A name before a bracket is a keyword, names columns (`AS t(a, b)`, `WITH t(a, b) AS (...)`), or calls a function."""
    token, before = read[place], read[place - 1] if place else None
    lower = token.name.lower().rpartition(".")[2]
    if (token.kind == "word" and token.text in KEYWORDS) or (before and before.text == "AS"):
        return
    if before and before.says("FROM", "JOIN", "TABLE"):
        if lower not in TABLE_FUNCTIONS:
            raise refused(f"Function {token.name} cannot be used in readonly mode")
    elif lower not in TABLE_FUNCTIONS and not _names_columns(read, ends.get(place + 1, len(read))):
        functions.check_call(lower)


def _names_columns(read: Sequence[Token], end: int) -> bool:
    """Whether `AS (` follows the bracket that ends there: a query that is given a name, as no call is."""
    return [token.text for token in read[end + 1 : end + 3]] == ["AS", "("]


def _check_placeholder(read: Sequence[Token], functions: Functions, parameters: Mapping[str, str]) -> None:
    """`{name:Identifier}` puts its value where a name stands, so the value must pass as a name does."""
    if len(read) < 5 or read[2].text != ":" or read[3].name.lower() != "identifier":  # noqa: PLR2004  ({, name, :, type, })
        return
    value = parameters.get(read[1].name, "")
    if "\\" in value:  # escapes could spell any name
        raise refused("An identifier in a parameter cannot hold a backslash")
    if value == FILES_DATABASE:
        raise _files_database_refused()
    if value in SYSTEM_TABLES:
        raise refused(f"system.{value} cannot be read here")
    functions.check_name(value)


def _refuse_files_database(read: Sequence[Token]) -> None:
    if any(token.name == FILES_DATABASE for token in read):
        raise _files_database_refused()


def _files_database_refused() -> QueryError:
    return refused(f"Database {FILES_DATABASE} cannot be read here")


def _lift_settings(read: Sequence[Token]) -> tuple[list[Token], dict[str, str]]:
    """Take the SETTINGS clauses of the statement itself out; they are applied to the handle, within the reader's bounds."""
    kept: list[Token] = []
    settings: dict[str, str] = {}
    place = 0
    while place < len(read):
        if not _starts_settings(read, place):
            kept.append(read[place])
            place += 1
            continue
        if read[place].depth:
            raise refused("Cannot modify settings of a subquery in readonly mode")
        place = _read_settings(read, place + 1, settings)
    return kept, settings


def _starts_settings(read: Sequence[Token], place: int) -> bool:
    following = read[place + 1 : place + 3]
    return read[place].says("SETTINGS") and len(following) == 2 and bool(following[0].name) and following[1].text == "="  # noqa: PLR2004


def _read_settings(read: Sequence[Token], place: int, settings: dict[str, str]) -> int:
    """Read `name = literal, ...` into `settings`; return the place after it."""
    while True:
        name, value = read[place : place + 1], read[place + 2 : place + 3]
        if not name or not name[0].name or not value:
            raise bad_arguments("SETTINGS takes names and values")
        settings[name[0].name] = _literal(value[0])
        place += 3
        if place >= len(read) or read[place].text != ",":
            return place
        place += 1


def _literal(token: Token) -> str:
    """A number or a string as the engine's SET takes it; DEFAULT would lift a bound, an expression is not a value."""
    if token.kind == "number":
        return token.text
    if token.kind == "string":
        return unquote(token.text)
    if token.says("TRUE", "FALSE"):
        return str(int(token.says("TRUE")))
    raise refused("Settings take a number or a string in readonly mode")


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "a": "\a", "v": "\v", "e": "\x1b"}


def unquote(literal: str) -> str:
    """Return what a ClickHouse string literal stands for."""
    return re.sub(r"\\(.)|''", lambda m: _ESCAPES.get(m[1], m[1]) if m[1] else "'", literal[1:-1], flags=re.DOTALL)


def _format(read: Sequence[Token], formats: Collection[str]) -> str | None:
    """The name after FORMAT at the statement's end, which `ORDER BY FORMAT ASC` is not; `Null` stands in quotes."""
    keyword, name = read[-2:] if len(read) > 2 else (read[0], read[0])  # noqa: PLR2004  (a statement, FORMAT, its name)
    return name.name if keyword.text == "FORMAT" and not keyword.depth and name.name in formats else None


def _joined(kept: Sequence[Token]) -> str:
    """The text of the tokens with the spacing they had."""
    parts, end = [], kept[0].start
    for token in kept:
        parts.append(" " if token.start > end else "")
        parts.append(token.text)
        end = token.end
    return "".join(parts)
