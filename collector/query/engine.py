"""The embedded engine: handles to the data folder that this process owns, and what they answer.

chDB opens one folder per process, and any number of handles to it. A handle runs one query at a time and keeps what was SET on it, so
every request gets a new one (about a millisecond): no setting, database or temporary table passes from one client to another.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import chdb

from attribution.errors import StorageError
from collector.query.errors import QueryError, bad_arguments
from collector.query.functions import Functions

CANONICAL_MEMORY_BYTES_MAX = 256 * 1024 * 1024
"""For spelling a query canonically: nested BETWEENs double its length at each level."""
CANONICAL_BYTES_MAX = 16 * 1024 * 1024
"""Length of a query in canonical spelling, which is longer than what a client wrote."""
_FAILURES = (RuntimeError, chdb.ChdbError, ValueError)
"""What chDB raises: its own error, a RuntimeError from its core, a ValueError for text that is not UTF-8."""
_WIRE_FORMATS = frozenset({"MySQLWire", "PostgreSQLWire"})
"""Formats of other protocols: they have no meaning in HTTP."""


@dataclass(frozen=True)
class Result:
    """What a statement gave: its bytes in the format asked for, and the engine's counts of rows and bytes."""

    data: bytes
    result_rows: int = 0
    result_bytes: int = 0
    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    elapsed_ns: int = 0


@dataclass(frozen=True)
class Facts:
    """What the engine is and has; it does not change while the process lives."""

    version: str
    timezone: str
    display_name: str
    content_types: Mapping[str, str]
    """Output format to the Content-Type that a ClickHouse server sends for it."""
    settings: frozenset[str]
    functions: Functions


class Handle:
    """One connection to the engine, for one request, on one thread."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def run(self, sql: str, output: str = "TabSeparated", parameters: Mapping[str, str] | None = None) -> Result:
        """Run one statement; `parameters` are in ClickHouse's escaped text form, names without `param_`. Raises QueryError."""
        try:
            return _result(self._connection.query(sql, output, params=dict(parameters or {})))
        except _FAILURES as problem:
            raise QueryError.from_engine(problem) from None

    def blocks(self, sql: str, parameters: Mapping[str, str]) -> tuple[Result, list[bytes]]:
        """Run one query and return its counts and its blocks in Native format, each apart. Raises QueryError."""
        try:
            with self._connection.send_query(sql, "Native", params=dict(parameters)) as stream:
                parts = [_result(chunk) for chunk in stream]
        except _FAILURES as problem:
            raise QueryError.from_engine(problem) from None
        return _counts(parts), [part.data for part in parts]

    def insert(self, statement: str, data_format: str, data: bytes) -> Result:
        """Run `INSERT INTO table (columns)` on data in a format. Raises QueryError."""
        try:
            with self._connection.send_insert(statement, data_format) as inserter:
                inserter.append(data)
                done = inserter.finish()
        except _FAILURES as problem:
            raise QueryError.from_engine(problem) from None
        return Result(b"", written_rows=done.rows_written, written_bytes=done.bytes_written, elapsed_ns=int(done.elapsed * 1e9))

    def use(self, database: str) -> None:
        """Make `database` the current one. Raises QueryError 81 where there is none."""
        self.run("USE " + quote(database, "`"))

    def set(self, settings: Mapping[str, str]) -> None:
        """Apply settings to this handle. Raises QueryError 115 for an unknown one."""
        if settings:
            self.run("SET " + ", ".join(f"{quote(name, '`')} = {quote(value)}" for name, value in settings.items()))

    def canonical(self, sql: str, query_bytes_max: int) -> str:
        """Return the one spelling that ClickHouse's formatter gives `sql`, without running it. Raises QueryError 62."""
        self.set({"max_query_size": str(query_bytes_max + 1), "max_memory_usage": str(CANONICAL_MEMORY_BYTES_MAX)})
        try:
            spelled = self.run("SELECT formatQuerySingleLine({query:String})", "RawBLOB", {"query": escape(sql)}).data
        except QueryError as problem:
            text = problem.message.partition(": In scope SELECT formatQuerySingleLine(")[0]
            raise QueryError(problem.code, problem.name, text) from None
        if len(spelled) > CANONICAL_BYTES_MAX:
            raise QueryError(229, "QUERY_IS_TOO_LARGE", f"Query is longer than {CANONICAL_BYTES_MAX} bytes when spelled out")
        self.set({"max_query_size": str(CANONICAL_BYTES_MAX + 1)})
        try:
            return spelled.decode()
        except UnicodeDecodeError:
            raise bad_arguments("The query holds bytes that are not UTF-8; write them with unhex()") from None


class Engine:
    """The engine of one data folder; keeps a handle open so that the folder stays open between requests."""

    def __init__(self, path: Path) -> None:
        """Open the folder. Raises StorageError when another process owns it, or this one has another folder open."""
        self._path = os.path.realpath(path)
        self._keeper = self._connect()
        self.facts = _facts(Handle(self._keeper))

    @contextmanager
    def handle(self) -> Iterator[Handle]:
        """Open a handle of its own for the caller; raises StorageError when the engine is closed or broken."""
        connection = self._connect()
        try:
            yield Handle(connection)
        finally:
            connection.close()

    def functions(self) -> Functions:
        """What the engine has now. Functions that the owner made are found by their files: asking for them takes 60 ms."""
        names = (unquote(file.stem.removeprefix("function_")) for file in Path(self._path).glob("user_defined/function_*.sql"))
        return replace(self.facts.functions, made=frozenset(name.lower() for name in names))

    def close(self) -> None:
        """Let go of the folder; handles that are open keep it until they end."""
        self._keeper.close()

    def _connect(self) -> Any:
        try:
            return chdb.connect(self._path)
        except _FAILURES as problem:
            raise StorageError(f"{self._path}: the embedded store cannot be opened: {problem}") from problem


def quote(text: str, mark: str = "'") -> str:
    """Return `text` as a ClickHouse string literal, or as an identifier with the mark "`"."""
    return mark + text.replace("\\", "\\\\").replace(mark, "\\" + mark) + mark


def escape(text: str) -> str:
    """Return `text` in the escaped form that a bound String parameter takes."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\0", "\\0")


def _result(answer: Any) -> Result:
    return Result(
        data=answer.bytes() or b"",
        result_rows=answer.rows_read(),
        result_bytes=answer.bytes_read(),
        read_rows=answer.storage_rows_read(),
        read_bytes=answer.storage_bytes_read(),
        written_rows=answer.rows_written(),
        written_bytes=answer.bytes_written(),
        elapsed_ns=int(answer.elapsed() * 1e9),
    )


def _counts(parts: Sequence[Result]) -> Result:
    """The counts of a result that came in parts."""
    return Result(
        data=b"",
        result_rows=sum(part.result_rows for part in parts),
        result_bytes=sum(part.result_bytes for part in parts),
        read_rows=max((part.read_rows for part in parts), default=0),
        read_bytes=max((part.read_bytes for part in parts), default=0),
        elapsed_ns=max((part.elapsed_ns for part in parts), default=0),
    )


def _facts(handle: Handle) -> Facts:
    version, timezone, name = handle.run("SELECT version(), timezone(), displayName()").data.decode().rstrip("\n").split("\t")
    formats = _lines(handle, "SELECT name, content_type FROM system.formats WHERE is_output")
    return Facts(
        version=version,
        timezone=timezone,
        display_name=name,
        content_types={row[0]: row[1] for row in formats if row[0] not in _WIRE_FORMATS},
        settings=frozenset(row[0] for row in _lines(handle, "SELECT name FROM system.settings")),
        functions=Functions(
            known=_names(handle, "system.functions"),
            table=_names(handle, "system.table_functions"),
            combinators=_names(handle, "system.aggregate_function_combinators"),
        ),
    )


def _names(handle: Handle, table: str) -> frozenset[str]:
    return frozenset(row[0].lower() for row in _lines(handle, f"SELECT name FROM {table}"))


def _lines(handle: Handle, sql: str) -> list[list[str]]:
    return [line.split("\t") for line in handle.run(sql).data.decode().splitlines()]
