"""What a reader may run: decided on ClickHouse's own canonical spelling of the query, by a list of what is allowed.

A second wall stands behind this one: the statement runs on a handle with `readonly=1`. That alone is not enough, for it lets pass
`INTO OUTFILE`, the scalar function `file()`, `DESCRIBE file(...)`, `KILL QUERY`, Python objects of this process as tables, and the
files that the embedded engine shows as tables of the database `default`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from collector.query.errors import QueryError, bad_arguments, refused
from collector.query.lexer import Token, bounded_tokens

TABLE_FUNCTIONS = frozenset({"numbers", "numbers_mt", "generateseries", "generate_series", "values", "view", "format"})
"""The table functions that read nothing but their arguments, lowercase (ClickHouse knows some in any case). `format` is also a scalar
function; as a table, `readonly=1` refuses it."""

FUNCTIONS = frozenset(
    {
        "file",  # reads a file
        "catboostevaluate",  # loads a model from a file
        "hascolumnintable",  # opens a file through the database `default`
        "logtrace",  # writes to the server's log
        "generateserialid",  # counts in ZooKeeper
        "showcertificate",  # reads the server's certificate
        "timeseriesstoretags",  # writes into the query's context
    },
)
"""Scalar functions that reach outside the store, lowercase."""

_NETWORK_FUNCTION = re.compile(r"ai[a-z]+")
"""aiGenerate, aiClassify, aiEmbed ... ask a language model over the network; no other function of ClickHouse starts so."""

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


def check(canonical: str, parameters: Mapping[str, str], table_functions: Collection[str], formats: Collection[str]) -> Query:
    """Return the statement that may run, or raise QueryError with the code that a ClickHouse server would give.

    `canonical` is the output of `formatQuerySingleLine`, `parameters` the values bound to its placeholders, and `table_functions`
    the lowercase names of all table functions that the engine has; `formats` are the names of its output formats.
    """
    read = bounded_tokens(canonical)
    kind = _kind(read)
    kept, settings = _lift_settings(read)
    for place in range(len(kept)):
        _check_token(kept, place, table_functions, parameters)
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
    for token, after in zip(read, [*read[1:], None], strict=True):
        if token.says("SELECT", "WITH") or token.text == "(":
            return
        is_option = token.kind == "word" and after is not None and after.text == "="
        if not (token.says(*_EXPLAIN) or is_option or token.kind == "number" or token.text in ("=", ",")):
            break
    raise refused("Cannot execute query in readonly mode: EXPLAIN takes a SELECT")


def _check_token(read: Sequence[Token], place: int, table_functions: Collection[str], parameters: Mapping[str, str]) -> None:
    token = read[place]
    before = read[place - 1] if place else None
    after = read[place + 1] if place + 1 < len(read) else None
    if before and (before.text.upper(), token.text.upper()) in _FORBIDDEN_PAIRS and before.kind == token.kind == "word":
        raise refused(f"Cannot execute query in readonly mode: {before.text} {token.text}")
    if token.text == "{":
        _check_placeholder(read[place : place + 5], parameters)
    if not token.name:
        return
    if (after and after.text == "(") or (before and before.says("APPLY")):
        _check_function(token.name, before, table_functions)
    if token.name in SYSTEM_TABLES:
        raise refused(f"system.{token.name} cannot be read here")
    if token.name == FILES_DATABASE and after and after.text == ".":
        raise _files_database_refused()


def _check_function(name: str, before: Token | None, table_functions: Collection[str]) -> None:
    """A call in the place of a table must be on the list; a call elsewhere must not be one of a table function."""
    lower = name.lower().rpartition(".")[2]
    in_table_place = before is not None and before.says("FROM", "JOIN", "TABLE")
    allowed = lower in TABLE_FUNCTIONS if in_table_place else lower in TABLE_FUNCTIONS or lower not in table_functions
    if not allowed or lower in FUNCTIONS or _NETWORK_FUNCTION.fullmatch(lower):
        raise refused(f"Function {name} cannot be used in readonly mode")


def _check_placeholder(read: Sequence[Token], parameters: Mapping[str, str]) -> None:
    """`{name:Identifier}` puts its value where a name stands, so the value must pass as a name does."""
    texts = [token.text for token in read]
    if len(texts) < 5 or texts[2] != ":" or texts[3] != "Identifier":  # noqa: PLR2004  ({, name, :, type, })
        return
    value = parameters.get(texts[1], "")
    if value == FILES_DATABASE:
        raise _files_database_refused()
    if value in SYSTEM_TABLES:
        raise refused(f"system.{value} cannot be read here")


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
