"""Decisions over HTTP: for guards, gateways and runtimes that poll.

POST   /api/v1/decisions                one question, or several (`{"decisions": [...]}`, or a list)
DELETE /api/v1/decisions/RESERVATION    the call was not made
POST   /api/v1/decisions/RESERVATION/ended  the call was made and is over
GET    /api/v1/stops                    what is stopped now; as server-sent events where `Accept: text/event-stream`
GET    /api/v1/budgets                  what is left; of what would hold for one call: `?team=sales&agent=planner&run=TRACE`
any    /api/v1/ext_authz/...            Envoy's `ext_authz` over HTTP (collector/control/envoy.py)
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from attribution.budgets import RUN
from attribution.errors import SpanledgerError
from collector.bodies import read_body
from collector.control.answers import answer, budgets, stops
from collector.control.asking import Ask, AskError, read, read_one
from collector.control.control import Control, notified
from collector.control.decisions import Decision
from collector.control.envoy import answer_to_envoy, asked_by_envoy
from collector.receiver.authentication import Sender
from collector.receiver.http_transport import refused
from collector.receiver.outcome import RefusalError

BODY_BYTES_MAX = 4 * 1024 * 1024
"""A batch of questions; of a call that Envoy asks about, its prompt."""
ALIVE_SECONDS = 15.0
"""Between two comments on a stream of events, so that nobody takes it for dead."""
Authenticate = Callable[[Mapping[str, str]], Sender]
"""Headers to who sends; raises RefusalError."""
Endpoint = Callable[[Request, Mapping[str, str]], Awaitable[Response]]


def control_routes(control: Control, authenticate: Authenticate) -> list[Route]:
    """The routes of decisions; whoever may send spans may ask."""
    api = _Api(control)

    def route(path: str, endpoint: Endpoint, *methods: str) -> Route:
        async def guarded(request: Request) -> Response:
            try:
                tags = authenticate(request.headers).tags
                return await endpoint(request, tags)
            except RefusalError as refusal:
                return refused(refusal, None)
            except AskError as problem:
                return JSONResponse({"error": str(problem)}, 400)
            except SpanledgerError as problem:  # the store is away, and a run asks for the first time
                return JSONResponse({"error": str(problem)}, 503, {"Retry-After": "2"})

        return Route(path, guarded, methods=list(methods))

    everything = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
    return [
        route("/api/v1/decisions", api.decide, "POST"),
        route("/api/v1/decisions/{reservation}", api.release, "DELETE"),
        route("/api/v1/decisions/{reservation}/release", api.release, "POST"),
        route("/api/v1/decisions/{reservation}/ended", api.ended, "POST"),
        route("/api/v1/stops", api.stops, "GET"),
        route("/api/v1/budgets", api.budgets, "GET"),
        route("/api/v1/ext_authz", api.envoy, *everything),
        route("/api/v1/ext_authz/{path:path}", api.envoy, *everything),
    ]


class _Api:
    def __init__(self, control: Control) -> None:
        self._control = control

    async def decide(self, request: Request, tags: Mapping[str, str]) -> Response:
        asked = read(_json(await _body(request)))
        asks = asked if isinstance(asked, tuple) else (asked,)
        answers = [answer(decision) for decision in await self._decided(asks, tags)]
        return Response(to_json({"decisions": answers} if isinstance(asked, tuple) else answers[0]), media_type=JSONResponse.media_type)

    async def release(self, request: Request, _: Mapping[str, str]) -> Response:
        released = self._control.decider.release(request.path_params["reservation"])
        return JSONResponse({"released": released}, 200 if released else 404)

    async def ended(self, request: Request, _: Mapping[str, str]) -> Response:
        ended = self._control.decider.ended(request.path_params["reservation"])
        return JSONResponse({"ended": ended}, 200 if ended else 404)

    async def stops(self, request: Request, _: Mapping[str, str]) -> Response:
        if "text/event-stream" in request.headers.get("accept", ""):
            return StreamingResponse(self._stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        return JSONResponse({"stops": stops(self._control.decider)})

    async def budgets(self, request: Request, tags: Mapping[str, str]) -> Response:
        """A key with a team sees its own budgets only, and those that are for everybody."""
        decider = self._control.decider
        said = dict(request.query_params)
        if said:
            ask = read_one({"trace_id": said.pop(RUN, ""), "dimensions": said})
            await self._control.know([ask])
            parts = decider.holding(ask, tags)
        else:
            parts = [part for part in decider.parts() if part.limit.is_for(tags)]
        return JSONResponse({"budgets": budgets(parts, decider.now())})

    async def envoy(self, request: Request, tags: Mapping[str, str]) -> Response:
        ask = asked_by_envoy(request.headers, await _body(request))
        return answer_to_envoy((await self._decided((ask,), tags))[0])

    async def _decided(self, asks: Sequence[Ask], tags: Mapping[str, str]) -> list[Decision]:
        return await self._control.decide_soon(asks, tags)

    async def _stream(self) -> AsyncIterator[str]:
        """An event with all stops at once, and then whenever they are others."""
        sent = None
        while True:
            found = stops(self._control.decider)
            names = [{name: one[name] for name in ("stop", "budget", "scope", "resets_at")} for one in found]
            if names != sent:
                sent = names
                yield f"event: stops\ndata: {json.dumps({'stops': found})}\n\n"
            else:
                yield ": alive\n\n"
            await notified(self._control, ALIVE_SECONDS)


async def _body(request: Request) -> bytes:
    """The body, bounded. Raises AskError."""
    body = await read_body(request, BODY_BYTES_MAX)
    if body is None:
        raise AskError(f"the body has more than {BODY_BYTES_MAX} bytes")
    return body


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise AskError("the body is not JSON") from None
