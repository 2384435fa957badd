"""What the Langfuse SDK asks besides sending traces, as far as an answer is trivial.

Source: Langfuse public API. `auth_check()` reads the projects of the key; the rest of that API (prompts, scores, media) is not
served.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collector.receiver.intake import Intake
from collector.receiver.outcome import RefusalError

TRACES_PATH = "/api/public/otel/v1/traces"

PROJECT = {"id": "spanledger", "name": "spanledger", "organization": {"id": "spanledger", "name": "spanledger"}, "metadata": {}}
"""There is one store; keys tag what is sent to it."""


def routes(intake: Intake) -> list[Route]:
    """GET /api/public/health and /api/public/projects."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "OK", "version": _version()})

    async def projects(request: Request) -> Response:
        try:
            intake.authenticate(request.headers)
        except RefusalError as refusal:
            return JSONResponse({"message": refusal.message}, refusal.outcome.value.http_status)
        return JSONResponse({"data": [PROJECT]})

    return [Route("/api/public/health", health), Route("/api/public/projects", projects)]


def _version() -> str:
    try:
        return version("spanledger")
    except PackageNotFoundError:  # run from a checkout
        return "0"
