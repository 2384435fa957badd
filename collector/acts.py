"""What users of the page do, over HTTP.

GET  /api/v1/disputes?period=MONTH&team=T       those that the user may see
POST /api/v1/disputes                           opens one: period, team, section, item, reason; detail, amount, who
POST /api/v1/disputes/ID/answer                 text; who
POST /api/v1/disputes/ID/settle                 payer, reason; amount, who
POST /api/v1/disputes/ID/reject                 reason; who
POST /api/v1/sign-offs                          period, team; note, who
POST /api/v1/budgets/NAME/set                   the keys of a budget that are set or changed, reason; who
POST /api/v1/budgets/NAME/remove                reason; who
POST /api/v1/budgets/NAME/acknowledge           reason, who; of a budget that counts each value, which: `"team": "sales"`
POST /api/v1/budgets/NAME/extend                amount, reason; until, who; which
POST /api/v1/budgets/NAME/pause                 reason; until, who
POST /api/v1/budgets/NAME/resume                reason, who
POST /api/v1/runs/TRACE_ID/pause, .../resume    likewise

Who may do what is in `collector/disputing.py` and `collector/budgeting.py`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from attribution.errors import RefusedError, SpanledgerError
from collector.acting import Act, Said, status_of
from collector.bodies import read_body
from collector.budgeting import Budgeting
from collector.config import Config
from collector.disputing import Disputing
from collector.page.access import Readers
from collector.page.errors import PageError
from collector.printing import as_json, as_json_object
from collector.query.errors import QueryError
from collector.query.hosts import check_host

PREFIX = "/api/v1"
BODY_BYTES_MAX = 64 * 1024


class ActApi:
    """The routes of what users do. `config` is asked anew each time, for it may be read again."""

    def __init__(self, disputing: Disputing, budgeting: Budgeting, config: Callable[[], Config], readers: Readers) -> None:
        self._disputing = disputing
        self._budgeting = budgeting
        self._config = config
        self._readers = readers

    def routes(self) -> list[Route]:
        """All addresses."""
        runs: Mapping[str, Act] = {"/runs/{name}/pause": self._budgeting.pause, "/runs/{name}/resume": self._budgeting.resume}
        acts = {**self._disputing.acts(), **self._budgeting.acts(), **runs}
        return [
            Route(f"{PREFIX}/disputes", self._endpoint(None), methods=["GET"]),
            *(Route(f"{PREFIX}{path}", self._endpoint(act), methods=["POST"]) for path, act in acts.items()),
        ]

    def _endpoint(self, act: Act | None) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                check_host(request.headers.get("host", ""), frozenset(host.lower() for host in self._config().sql.hosts))
                said = await _said(request) if request.method == "POST" else {}
                # In a thread: a password takes 50 ms, a statement longer.
                return _json(await asyncio.to_thread(self._done, act, request, said), 200)
            except QueryError as problem:
                return _failure(problem.message, 403)
            except PageError as problem:
                return _failure(str(problem), problem.status)
            except SpanledgerError as problem:
                return _failure(str(problem), status_of(problem))

        return endpoint

    def _done(self, act: Act | None, request: Request, said: Said) -> str:
        user = self._readers.of(request.headers)
        if act is None:
            asked = request.query_params
            return as_json(self._disputing.listed(asked.get("period", ""), asked.getlist("team") or None, user))
        return as_json_object(act(str(request.path_params.get("name", "")), said, user))


async def _said(request: Request) -> Mapping[str, Any]:
    """The body. A page of the web cannot send JSON to another site without being asked for leave. Raises RefusedError."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError("the body must be JSON, with Content-Type: application/json")
    body = await read_body(request, BODY_BYTES_MAX)
    if body is None:
        raise RefusedError(f"the body has more than {BODY_BYTES_MAX} bytes")
    try:
        said = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise RefusedError("the body is not JSON") from None
    if not isinstance(said, dict):
        raise RefusedError("the body must be a JSON object")
    return said


def _json(body: str, status: int) -> Response:
    return Response(body, status, {"Cache-Control": "no-store"}, "application/json")


def _failure(message: str, status: int) -> Response:
    return _json(as_json_object({"error": message}), status)
