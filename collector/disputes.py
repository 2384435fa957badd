"""Disputes and sign-offs over HTTP, for the users of the page.

GET  /api/v1/disputes?period=MONTH&team=T       those that the user may see
POST /api/v1/disputes                           opens one: period, team, section, item, reason; detail, amount, who
POST /api/v1/disputes/ID/answer                 text; who
POST /api/v1/disputes/ID/settle                 payer, reason; amount, who
POST /api/v1/disputes/ID/reject                 reason; who
POST /api/v1/sign-offs                          period, team; note, who

Whoever sees a team opens disputes for it, answers them and signs. Only an operator without teams of its own settles and rejects. `who`
is the user's name; where no user is configured, and everybody is on loopback, the body says it.
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

from attribution import disputes
from attribution.errors import NotFoundError, RefusedError, SpanledgerError
from attribution.pools import as_amount
from attribution.storage import Store
from collector.bodies import read_body
from collector.config import Config, User
from collector.page.access import reader
from collector.page.errors import PageError
from collector.printing import as_json, as_json_object
from collector.query.errors import QueryError
from collector.query.hosts import check_host
from collector.users import Users

BODY_BYTES_MAX = 64 * 1024
TEXT_MAX = 4000
"""Characters of a name or a reason."""
Work = Callable[[Request, Mapping[str, Any], User | None], str]


class ForbiddenError(SpanledgerError):
    """The user may not do this."""


STATUS: Mapping[type[SpanledgerError], int] = {ForbiddenError: 403, NotFoundError: 404, RefusedError: 400}
"""Of what is refused; of all else the store is away."""


class DisputeApi:
    """The routes of disputes. `config` is asked anew each time, for it may be read again."""

    def __init__(self, store: Store, config: Callable[[], Config], users: Users, *, open_to_all: bool) -> None:
        self._store = store
        self._config = config
        self._users = users
        self._open_to_all = open_to_all

    def routes(self) -> list[Route]:
        """All addresses."""
        one = "/api/v1/disputes/{dispute}"
        posts: Mapping[str, Work] = {
            "/api/v1/disputes": self._open,
            f"{one}/answer": self._answer,
            f"{one}/settle": self._settle,
            f"{one}/reject": self._reject,
            "/api/v1/sign-offs": self._sign_off,
        }
        return [
            Route("/api/v1/disputes", self._endpoint(self._list), methods=["GET"]),
            *(Route(path, self._endpoint(work), methods=["POST"]) for path, work in posts.items()),
        ]

    def _endpoint(self, work: Work) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                check_host(request.headers.get("host", ""), frozenset(host.lower() for host in self._config().sql.hosts))
                said = await _said(request) if request.method == "POST" else {}
                # In a thread: a password takes 50 ms, a statement longer.
                return _json(await asyncio.to_thread(self._done, work, request, said), 200)
            except QueryError as problem:
                return _failure(problem.message, 403)
            except PageError as problem:
                return _failure(str(problem), problem.status)
            except SpanledgerError as problem:
                return _failure(str(problem), next((status for kind, status in STATUS.items() if isinstance(problem, kind)), 503))

        return endpoint

    def _done(self, work: Work, request: Request, said: Mapping[str, Any]) -> str:
        return work(request, said, reader(self._users, request.headers.get("authorization", ""), open_to_all=self._open_to_all))

    def _list(self, request: Request, _: Mapping[str, Any], user: User | None) -> str:
        asked = request.query_params
        teams = asked.getlist("team") or None
        if user and user.teams:
            teams = [team for team in teams or user.teams if team in user.teams]
        return as_json(disputes.found(self._store, asked.get("period", ""), teams))

    def _open(self, _: Request, said: Mapping[str, Any], user: User | None) -> str:
        team = _text(said, "team")
        _check_sees(user, team)
        dispute = disputes.open_dispute(
            self._store,
            self._config(),
            _text(said, "period"),
            team,
            _text(said, "section"),
            _text(said, "item"),
            _text(said, "detail") if "detail" in said else None,
            amount=_amount(said),
            who=_who(said, user),
            reason=_text(said, "reason"),
        )
        return as_json_object({"dispute": dispute})

    def _answer(self, request: Request, said: Mapping[str, Any], user: User | None) -> str:
        dispute = self._seen(request, user)
        disputes.answer(self._store, dispute, _who(said, user), _text(said, "text"))
        return as_json_object({"dispute": dispute})

    def _settle(self, request: Request, said: Mapping[str, Any], user: User | None) -> str:
        _check_decides(user)
        dispute = self._seen(request, user)
        booked = disputes.settle(
            self._store,
            self._config(),
            dispute,
            _text(said, "payer"),
            amount=_amount(said),
            approver=_who(said, user),
            reason=_text(said, "reason"),
        )
        return as_json_object({"dispute": dispute, "booked": booked})

    def _reject(self, request: Request, said: Mapping[str, Any], user: User | None) -> str:
        _check_decides(user)
        dispute = self._seen(request, user)
        disputes.reject(self._store, dispute, _who(said, user), _text(said, "reason"))
        return as_json_object({"dispute": dispute})

    def _sign_off(self, _: Request, said: Mapping[str, Any], user: User | None) -> str:
        team = _text(said, "team")
        _check_sees(user, team)
        note = _text(said, "note") if "note" in said else ""
        amount = disputes.sign_off(self._store, self._config(), _text(said, "period"), team, _who(said, user), note)
        return as_json_object({"team": team, "amount": amount})

    def _seen(self, request: Request, user: User | None) -> str:
        """The id of a dispute that the user may see; to others it is not there."""
        dispute = str(request.path_params["dispute"])
        teams = list(user.teams) if user and user.teams else None
        if not any(str(row["dispute"]) == dispute for row in disputes.found(self._store, teams=teams)):
            raise NotFoundError(f"there is no dispute {dispute!r}")
        return dispute


def _check_sees(user: User | None, team: str) -> None:
    if user and user.teams and team not in user.teams:
        raise ForbiddenError(f"{user.name} does not see team {team!r}")


def _check_decides(user: User | None) -> None:
    if user and (user.teams or user.role != "operator"):
        raise ForbiddenError(f"{user.name} may not settle or reject disputes: an operator does, who sees all teams")


def _who(said: Mapping[str, Any], user: User | None) -> str:
    return user.name if user else _text(said, "who")


def _amount(said: Mapping[str, Any]) -> Decimal | None:
    if said.get("amount") is None:
        return None
    return as_amount(str(said["amount"]))


def _text(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key)
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise RefusedError(f"{key}: a text of at most {TEXT_MAX} characters is needed")
    return value


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
