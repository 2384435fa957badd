"""ClickHouse's HTTP interface as an ASGI application over the embedded store.

Reading is open to whoever reaches the port, as ClickHouse's is to its user without a password, unless users are configured.
Source: https://clickhouse.com/docs/interfaces/http.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from collector.query import blocks
from collector.query.authentication import check_user
from collector.query.compression import compress
from collector.query.engine import Engine, Result
from collector.query.errors import QueryError
from collector.query.execution import Answer, run_owner, run_reader
from collector.query.guard import FILES_DATABASE
from collector.query.hosts import check_host
from collector.query.limits import DEFAULT_LIMITS, Limits
from collector.query.request import Request, query_id, read, wants_blocks
from collector.users import Users

_T = TypeVar("_T")
_EXPOSED = ("Query-Id", "Summary", "Server-Display-Name", "Format", "Timezone", "Exception-Code")


def create_app(
    path: Path,
    database: str,
    *,
    owner: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    hosts: Collection[str] = (),
    users: Users | None = None,
) -> Starlette:
    """Return the application that serves the chDB folder `path`, whose store is `database`.

    With `owner` anything may be run: serve that on a Unix socket that only the owner can open. Without, only statements that read.
    `hosts`: names by which readers may address it, beside IP addresses and names without a dot. `users`: who may read; none: everybody.
    The folder is opened at once and let go when the application's lifespan ends. Raises StorageError when it cannot be opened.
    """
    if not owner and database == FILES_DATABASE:
        raise ValueError(f"database must not be {FILES_DATABASE!r}: the embedded engine shows the file system there")
    service = _Service(Engine(path), database, owner=owner, limits=limits, hosts=hosts, users=users or Users(()))
    return Starlette(
        routes=[
            Route("/", service.query, methods=["GET", "POST"]),
            Route("/ping", _ok, methods=["GET"]),
            Route("/replicas_status", _ok, methods=["GET"]),
        ],
        lifespan=service.lifespan,
    )


async def _ok(_: HttpRequest) -> Response:
    return PlainTextResponse("Ok.\n")


class _Service:
    """One engine, the threads that run on it, and the queue before them."""

    def __init__(self, engine: Engine, database: str, *, owner: bool, limits: Limits, hosts: Collection[str], users: Users) -> None:
        self._engine = engine
        self._database = database
        self._owner = owner
        self._limits = limits
        self._hosts = frozenset(host.lower() for host in hosts)
        self._users = users
        self._threads = ThreadPoolExecutor(limits.concurrent_max, thread_name_prefix="query")
        self._free = asyncio.Semaphore(limits.concurrent_max)
        self._waiting = 0

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Let go of the folder at the end, after the queries that run."""
        yield
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        self._engine.close()

    async def query(self, http: HttpRequest) -> Response:
        """Answer one query, or say `Ok.` to a GET without one, as ClickHouse does."""
        if http.method != "POST" and "query" not in http.query_params:
            return await _ok(http)
        headers = self._headers(query_id(http))
        try:
            if not self._owner:
                check_host(http.headers.get("host", ""), self._hosts)
                await check_user(http, self._users)
            request = await read(http, self._limits, owner=self._owner)
            return await self._answer(request, headers)
        except QueryError as problem:
            return self._failure(problem, headers, in_blocks=wants_blocks(http))

    async def _answer(self, request: Request, headers: dict[str, str]) -> Response:
        answer, body = await self._in_thread(lambda: self._run(request))
        headers["X-ClickHouse-Summary"] = _summary(answer.result)
        if answer.format is None:
            return PlainTextResponse(body, headers=headers)
        headers["X-ClickHouse-Format"] = answer.format
        headers["Content-Type"] = self._engine.facts.content_types.get(answer.format, "text/plain; charset=UTF-8")
        if request.coding and body:
            headers["Content-Encoding"] = request.coding
        return Response(body, headers=headers)

    def _run(self, request: Request) -> tuple[Answer, bytes]:
        if self._owner:
            answer = run_owner(self._engine, request, self._database)
        else:
            answer = run_reader(self._engine, request, self._database, self._limits)
        data = answer.result.data
        if request.in_blocks:
            data = blocks.pack(data)
        return answer, compress(data, request.coding) if data and answer.format else data

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        await self._enter()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._free.release()

    async def _enter(self) -> None:
        """Take a place among the running queries, after a bounded wait."""
        if self._waiting >= self._limits.waiting_max:
            raise _busy(self._limits)
        self._waiting += 1
        try:
            await asyncio.wait_for(self._free.acquire(), self._limits.wait_seconds_max)
        except TimeoutError:
            raise _busy(self._limits) from None
        finally:
            self._waiting -= 1

    def _headers(self, identity: str) -> dict[str, str]:
        facts = self._engine.facts
        return {
            "X-ClickHouse-Server-Display-Name": facts.display_name,
            "X-ClickHouse-Query-Id": identity,
            "X-ClickHouse-Timezone": facts.timezone,
            "Access-Control-Expose-Headers": ",".join(f"X-ClickHouse-{name}" for name in _EXPOSED),
        }

    def _failure(self, problem: QueryError, headers: dict[str, str], *, in_blocks: bool) -> Response:
        headers["X-ClickHouse-Exception-Code"] = str(problem.code)
        headers["X-ClickHouse-Summary"] = _summary(Result(b""))
        if problem.status == 503:  # noqa: PLR2004  (Service Unavailable)
            headers["Retry-After"] = "1"
        if problem.status == 401:  # noqa: PLR2004  (Unauthorized)
            headers["WWW-Authenticate"] = 'Basic realm="spanledger"'
        body = problem.body(self._engine.facts.version).encode()
        return PlainTextResponse(blocks.pack(body) if in_blocks else body, problem.status, headers)


def _busy(limits: Limits) -> QueryError:
    return QueryError(202, "TOO_MANY_SIMULTANEOUS_QUERIES", f"Too many simultaneous queries. Maximum: {limits.concurrent_max}")


def _summary(result: Result) -> str:
    """The counts of X-ClickHouse-Summary, which a server sends as strings."""
    counts = {
        "read_rows": result.read_rows,
        "read_bytes": result.read_bytes,
        "written_rows": result.written_rows,
        "written_bytes": result.written_bytes,
        "total_rows_to_read": 0,
        "result_rows": result.result_rows,
        "result_bytes": result.result_bytes,
        "elapsed_ns": result.elapsed_ns,
    }
    return json.dumps({name: str(count) for name, count in counts.items()}, separators=(",", ":"))
