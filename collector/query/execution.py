"""Runs one request on one engine handle: a reader's behind the guard and within the limits, the owner's as it stands."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from collector.query import growth
from collector.query.engine import Engine, Handle, Result, quote
from collector.query.errors import QueryError, bad_arguments
from collector.query.guard import FILES_DATABASE, Query, check
from collector.query.lexer import Token, tokens
from collector.query.limits import Limits
from collector.query.native import REVISION_SERIALIZATION_KIND, reframed
from collector.query.request import Request
from collector.query.settings import changeable_sql, reader_settings

_KEEP_ORDER = {"query_plan_remove_redundant_sorting": "0", "optimize_duplicate_order_by_and_distinct": "0"}
"""A query that is wrapped in another to rename its columns still answers in its own order."""
_RESULTS = ("SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN", "CHECK", "FROM", "KILL", "VALUES", "TABLE")
_STATEMENT_TOKENS_MAX = 10_000
"""Tokens of an INSERT before its data: its columns and settings."""
_DATA_START = re.compile(r"[ \t\r]*\n?")


@dataclass(frozen=True)
class Answer:
    """The result and the name of its format; None: the statement has no result."""

    result: Result
    format: str | None


def run_reader(engine: Engine, request: Request, database: str, limits: Limits) -> Answer:
    """Run a statement that only reads. Raises QueryError when it does more, fails, or exceeds a limit."""
    facts = engine.facts
    with engine.handle() as handle:
        sql = _decoded(request.statement)
        growth.check(sql)
        canonical = handle.canonical(sql, limits.query_bytes_max)
        query = check(canonical, request.parameters, engine.functions(), facts.content_types)
        output = query.format or request.default_format
        if output not in facts.content_types:
            raise QueryError(73, "UNKNOWN_FORMAT", f"Unknown format {output}")
        settings = reader_settings({**request.settings, **query.settings}, limits, facts.settings)
        handle.use(request.database if request.database not in ("", FILES_DATABASE) else database)
        handle.set(settings | _KEEP_ORDER)
        handle.set({"readonly": "1"})
        result = _read(handle, replace(query, sql=_truthful(query.sql)), request, output)
    if len(result.data) > limits.result_bytes_max:
        raise QueryError(396, "TOO_MANY_ROWS_OR_BYTES", f"Limit for result exceeded, max bytes: {limits.result_bytes_max}")
    return Answer(result, output)


def run_owner(engine: Engine, request: Request, database: str) -> Answer:
    """Run any statement. Raises QueryError when it fails."""
    with engine.handle() as handle:
        _use(handle, request.database, database)
        handle.set(request.settings)
        if not request.may_write:
            handle.set({"readonly": "2"})
        insert = _split_insert(request.statement)
        if insert is not None:
            if not request.may_write:
                raise QueryError(164, "READONLY", "Cannot execute query in readonly mode; use POST for queries that write")
            return Answer(handle.insert(*insert), None)
        sql = _decoded(request.statement)
        output = _owner_format(sql, request.default_format)
        return Answer(handle.run(sql, output or request.default_format, request.parameters), output)


def _decoded(statement: bytes) -> str:
    try:
        return statement.decode()
    except UnicodeDecodeError:
        raise bad_arguments("The query is not UTF-8") from None


def _read(handle: Handle, query: Query, request: Request, output: str) -> Result:
    if output != "Native" or not request.revision:
        return handle.run(query.sql, output, request.parameters)
    if not query.is_select:
        return _framed_at_once(handle, query.sql, request)
    if request.revision < REVISION_SERIALIZATION_KIND:
        return _framed(handle, query.sql, request, [], [])
    described = handle.run(f"DESCRIBE TABLE ({query.sql})", "JSONCompactEachRow", request.parameters).data
    shown = [json.loads(line)[0] for line in described.splitlines()]
    inside = _unguessable(len(shown))
    columns = ", ".join(quote(name, "`") for name in inside)
    return _framed(handle, f"SELECT * FROM ({query.sql}) AS renamed({columns})", request, inside, shown)


def _unguessable(count: int) -> list[str]:
    """Column names that occur in no data, so that they mark where a column starts."""
    nonce = secrets.token_hex(16)
    return [f"{nonce}_{place}" for place in range(count)]


def _framed(handle: Handle, sql: str, request: Request, inside: Sequence[str], shown: Sequence[str]) -> Result:
    counts, blocks = handle.blocks(sql, request.parameters)
    return replace(counts, data=b"".join(reframed(blocks, inside, shown, request.revision)))


def _framed_at_once(handle: Handle, sql: str, request: Request) -> Result:
    """SHOW, DESCRIBE, EXISTS and EXPLAIN answer in one block, and chDB does not stream them."""
    names = json.loads(handle.run(sql, "JSONCompactEachRowWithNames", request.parameters).data.partition(b"\n")[0] or "[]")
    result = handle.run(sql, "Native", request.parameters)
    blocks = [result.data] if result.data else []
    return replace(result, data=b"".join(reframed(blocks, names, names, request.revision)))


def _truthful(sql: str) -> str:
    """Let `system.settings` say which settings a reader may send; clients read it before they send any."""
    if "system.settings" not in sql:
        return sql
    read = list(tokens(sql))
    parts, end = [], 0
    for place, token in enumerate(read):
        if [t.text for t in read[place : place + 3]] == ["system", ".", "settings"] and place and read[place - 1].says("FROM", "JOIN"):
            after = read[place + 3] if place + 3 < len(read) else None
            parts += [sql[end : token.start], _changeable_table(after)]
            end = read[place + 2].end
    return "".join([*parts, sql[end:]])


def _changeable_table(after: Token | None) -> str:
    alias = "" if after is not None and after.says("AS") else " AS settings"
    return f"(SELECT * REPLACE (if({changeable_sql()}, 0, readonly) AS readonly) FROM system.settings){alias}"


def _use(handle: Handle, asked: str, database: str) -> None:
    """The owner may work before the store's own database exists, in order to create it."""
    try:
        handle.use(asked or database)
    except QueryError:
        if asked:
            raise


def _owner_format(sql: str, default: str) -> str | None:
    """The format of the result, None where a statement of this kind has none."""
    first = next(tokens(sql), None)
    if first is None or not (first.says(*_RESULTS) or first.text == "("):
        return None
    named = default
    previous: Token | None = None
    for token in tokens(sql):
        if previous is not None and previous.says("FORMAT") and token.kind == "word" and not token.depth:
            named = token.text
        previous = token
    return named


def _split_insert(statement: bytes) -> tuple[str, str, bytes] | None:
    """Split `INSERT INTO table (columns) FORMAT name` from the data after it; None where no such data follows."""
    text = statement.decode("latin-1")  # one character a byte: the data may be anything
    read = islice(tokens(text), _STATEMENT_TOKENS_MAX)
    first = next(read, None)
    if first is None or not first.says("INSERT"):
        return None
    found = _format_place(read)
    if found is None:
        return None
    keyword, name = found
    start = _DATA_START.match(text, name.end)
    data = statement[start.end() if start else name.end :]
    return _decoded(statement[: keyword.start]), name.text, data


def _format_place(read: Iterable[Token]) -> tuple[Token, Token] | None:
    """FORMAT and its name, unless the rows come from VALUES, a query or a file."""
    previous: Token | None = None
    for token in read:
        if previous is not None and previous.says("FORMAT") and not token.depth and token.kind == "word":
            return previous, token
        if not token.depth and token.says("VALUES", "SELECT", "WITH", "INFILE"):
            return None
        previous = token
    return None
