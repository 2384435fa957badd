"""The one door to ClickHouse: embedded in this process or a server, the same SQL on both.

Statements stand in `.sql` files and are run by name (attribution/storage/statements.py), with bound parameters.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from attribution.errors import StorageError
from attribution.storage.statements import statement

logger = logging.getLogger(__name__)

DATABASE = "spanledger"

ENGINE_SETTINGS: Mapping[str, Any] = {
    # Sorting and joining a batch of traces in memory is bounded by the batch; this bounds a mistake.
    "max_memory_usage": 8 * 1024**3,
    # A request may carry spans of many months; each is a partition.
    "max_partitions_per_insert_block": 0,
    # The default answers an unmatched LEFT JOIN with '' and 0, which is what '' = absent means here.
    "join_use_nulls": 0,
    # Resends are told apart when read (FINAL) and when parts merge; doing it in each insert as well makes it three times as slow.
    "optimize_on_insert": 0,
    # Our inserts are batches already, and what follows must see them.
    "async_insert": 0,
    # The statements are long and their batches short: compiling their expressions takes longer than it saves.
    "compile_expressions": 0,
    # Looks for comparisons that follow from others, in each condition anew: it was half of the analysis of the longest statement.
    "optimize_and_compare_chain": 0,
    # With FINAL too, a condition on the sorting key finds the few traces before other columns are read. No other condition does.
    "optimize_move_to_prewhere_if_final": 1,
    # On a cluster: an insert has reached the shards when it returns, and what a query looks up is here, not on each shard.
    "distributed_foreground_insert": 1,
    "prefer_global_in_and_join": 1,
}


PERMANENT_CODES = frozenset({6, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 190, 321, 407, 444})
"""Errors of ClickHouse that lie in the data and not in the moment: cannot parse, does not fit, sizes do not match."""


BINDS = re.compile(r"\{(\w+):\w")
"""A value that is bound: `{name:Type}`."""
COMMENTS = re.compile(
    r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|\$(?P<mark>\w*)\$.*?\$(?P=mark)\$|/\*.*?\*/)|(?:--|\#[ !])[^\n]*|\n\s*""",
    re.DOTALL,
)
"""What says nothing to ClickHouse; before it what stays, because it may hold the like: quoted texts and names, and comments in a line."""
_AT_ITS_END = {"wait_end_of_query": "1"}
"""The server answers when it is done, and not before an error."""
STATEMENTS_PREPARED = 1024
"""Texts of statements whose preparation is kept; those of this package are about 300."""


class Store:
    """A database of spans, attributions and postings. Thread safe: one statement at a time.

    Raises StorageError when ClickHouse refuses or cannot be reached; its text is ClickHouse's own.
    """

    def __init__(self, client: Client, database: str, reopen: Callable[[], Self], *, served: bool = False) -> None:
        self.client = client
        self.database = database
        self._reopen = reopen
        self.embedded = type(client).__name__ == "ChdbClient"
        self.reads_files = self.embedded or served
        """Whether its engine reads files of this machine: it is embedded, here or in the process that serves it."""
        self._lock = threading.RLock()

    @classmethod
    def embedded_in(cls, folder: Path, database: str = DATABASE) -> Self:
        """Open the store in `folder`, made if missing; one process at a time may hold it."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls._connected(database, interface="chdb", path=str(folder))

    @classmethod
    def at(cls, url: str, database: str = DATABASE, **options: Any) -> Self:
        """Open the store on the ClickHouse server at `http://user:password@host:8123/`."""
        return cls._connected(database, dsn=url, autogenerate_session_id=False, **options)

    @classmethod
    def through(cls, pool_manager: Any, database: str = DATABASE) -> Self:
        """Open the store that another process serves over the connections of `pool_manager` (urllib3)."""
        where = {"host": "localhost", "port": 8123, "autogenerate_session_id": False, "pool_mgr": pool_manager}
        return cls._connected(database, served=True, **where)

    @classmethod
    def beside(cls, client: Client, database: str = DATABASE) -> Self:
        """Open the store that a client of clickhouse-connect speaks to; over connections of its own, the client stays as it is."""
        if type(client).__name__ == "ChdbClient":
            return cls._connected(database, interface="chdb", path=client.path)
        headers = {name: value for name, value in client.headers.items() if name != "User-Agent"}
        return cls._connected(database, dsn=client.url, pool_mgr=client.http, headers=headers, autogenerate_session_id=False)

    @classmethod
    def _connected(cls, database: str, *, served: bool = False, **how: Any) -> Self:
        try:
            client = clickhouse_connect.get_client(**how)
            client.command("CREATE DATABASE IF NOT EXISTS {database:Identifier}", parameters={"database": database})
            client.database = database
            for name, value in ENGINE_SETTINGS.items():
                client.set_client_setting(name, value)
        except ClickHouseError as problem:
            raise _storage_error(problem) from None
        return cls(client, database, lambda: cls._connected(database, served=served, **how), served=served)

    def run(self, name: str, **parameters: Any) -> None:
        """Execute `attribution/NAME.sql`."""
        self.execute(statement(name), parameters)

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """The result of `attribution/NAME.sql`, a dict per row."""
        return self.query(statement(name), parameters)

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Execute one statement."""
        with self._lock:
            try:
                self.client.command(*_sent(sql, parameters))
            except ClickHouseError as problem:
                raise _storage_error(problem) from None

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The result of one query, a dict per row."""
        with self._lock:
            try:
                return list(self.client.query(*_sent(sql, parameters)).named_results())
            except ClickHouseError as problem:
                raise _storage_error(problem) from None

    def columns(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Sequence[Any]]:
        """The result of one query, a sequence of values per column; no columns where it has no rows."""
        with self._lock:
            try:
                found = self.client.query(*_sent(sql, parameters), column_oriented=True)
                return list(found.result_columns)
            except ClickHouseError as problem:
                raise _storage_error(problem) from None

    def arrow(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The result of one query as a `pyarrow.Table`: amounts are exact decimals, times have nanoseconds."""
        with self._lock:
            try:
                return self.client.query_arrow(*_sent(sql, parameters))
            except ClickHouseError as problem:
                raise _storage_error(problem) from None

    def written(self, sql: str, parameters: Mapping[str, Any] | None, output_format: str) -> bytes:
        """The result of one query in a format of ClickHouse, as it writes it."""
        with self._lock:
            try:
                return bytes(self.client.raw_query(*_sent(sql, parameters), fmt=output_format))
            except ClickHouseError as problem:
                raise _storage_error(problem) from None

    def count(self, table: str) -> int:
        """Rows of a table or view."""
        return int(self.query("SELECT count() AS n FROM {table:Identifier}", {"table": table})[0]["n"])

    def read(self, sql: str, output_format: str) -> str:
        """The result of one query that reads, as text in a format of ClickHouse; the query's own FORMAT goes before `output_format`."""
        own = re.search(r"\sFORMAT\s+(\w+)[\s;]*$", sql, re.IGNORECASE)
        if own:
            sql, output_format = sql[: own.start()], own[1]
        with self._lock:
            try:
                # On the embedded engine this cannot be undone, so the handle reads only from here on.
                self.client.set_client_setting("readonly", 1 if self.embedded else 2)
                return bytes(self.client.raw_query(sql, fmt=output_format)).decode(errors="replace")
            except ClickHouseError as problem:
                raise _storage_error(problem) from None

    def insert(self, table: str, columns: Sequence[str], values: Sequence[Sequence[Any]], *, by_column: bool = False) -> None:
        """Insert rows given as sequences in the order of `columns`, or a sequence of values for each of `columns`."""
        with self._lock:
            try:
                self.client.insert(table, values, column_names=columns, database=self.database, column_oriented=by_column)
            except ClickHouseError as problem:
                raise _storage_error(problem) from None

    def insert_block(self, table: str, columns: Sequence[str], block: bytes) -> None:
        """Insert a block of ClickHouse's Native format, on a server.

        The driver sends a view of memory as it is: it neither copies it, nor decodes it as text, nor sends it again by itself.
        """
        with self._lock:
            try:
                self.client.raw_insert(table, columns, memoryview(block), _AT_ITS_END, "Native")
            except ClickHouseError as problem:
                raise _storage_error(problem) from None

    def drop(self, *tables: str) -> None:
        """Drop work tables, those that are there."""
        if tables:
            self.execute(f"DROP TABLE IF EXISTS {', '.join(map(quoted_name, tables))}")

    def drop_leftovers(self, prefix: str, seconds: int) -> None:
        """Drop the tables with a prefix that are older than so many seconds: a process that was killed left them."""
        self.drop(*(row["name"] for row in self.rows("storage/leftover_tables", prefix=prefix, seconds=seconds)))

    def another(self) -> Self:
        """A second connection to the same store."""
        return self._reopen()

    def reading(self, limits: Mapping[str, Any]) -> Self:
        """A second connection, which only reads, within `limits` (settings of ClickHouse)."""
        other = self._reopen()
        try:
            for name, value in {**limits, "readonly": 1 if other.embedded else 2}.items():
                other.client.set_client_setting(name, value)
        except ClickHouseError as problem:
            raise _storage_error(problem) from None
        return other

    def close(self) -> None:
        """Close the connection to the server, or release the folder."""
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _sent(sql: str, parameters: Mapping[str, Any] | None) -> tuple[str, dict[str, Any]]:
    """A statement and its parameters as the driver gets them."""
    text, names = _prepared(sql)
    given = parameters or {}
    return text, {name: given[name] for name in names if name in given}


@lru_cache(STATEMENTS_PREPARED)
def _prepared(sql: str) -> tuple[str, Sequence[str]]:
    """A statement without comments and indentation, and the names that it binds.

    The embedded engine parses a statement twice, and a small pass is mostly such work. The driver walks letter by letter through every
    value that it is given, so it gets only those that are bound.
    """
    text = COMMENTS.sub(lambda found: found[1] or "\n", sql)
    return text, tuple(dict.fromkeys(BINDS.findall(text)))


def quoted(text: str) -> str:
    """A literal, for the few places where ClickHouse binds no parameters: views."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quoted_name(name: str) -> str:
    """An identifier, for the same places."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _storage_error(problem: ClickHouseError) -> StorageError:
    # The driver wraps why it cannot be reached into what it was about to ask.
    unreached = getattr(problem.__cause__, "reason", None)
    if unreached:
        return StorageError(f"ClickHouse cannot be reached: {unreached}")
    code = re.search(r"Code: (\d+)", str(problem))
    return StorageError(str(problem).strip(), permanent=code is not None and int(code[1]) in PERMANENT_CODES)
