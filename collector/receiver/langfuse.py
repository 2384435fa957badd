"""What the Langfuse SDK asks besides sending traces, as far as an answer is trivial.

Source: Langfuse public API. `auth_check()` reads the projects of the key; the rest of that API (prompts, scores, media) is not
served. What is sent to its ingestion API is refused with the reason, here and in the log: SDKs from before OpenTelemetry send all they have
there, and drop what a server does not take; newer ones send scores there.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collector.receiver.intake import Intake
from collector.receiver.outcome import Outcome, RefusalError

INGESTION_PATH = "/api/public/ingestion"
NOT_SERVED = (
    f"{INGESTION_PATH} is not served: traces are taken by OpenTelemetry, as Langfuse's SDKs send them since langfuse 3 for Python and "
    "@langfuse/otel 4 for JavaScript; scores are not"
)
TRACES_PATH = "/api/public/otel/v1/traces"

PROJECT = {"id": "spanledger", "name": "spanledger", "organization": {"id": "spanledger", "name": "spanledger"}, "metadata": {}}
"""There is one store; keys tag what is sent to it."""


def routes(intake: Intake) -> list[Route]:
    """GET /api/public/health and /api/public/projects; POST /api/public/ingestion, which takes nothing."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "OK", "version": _version()})

    async def projects(request: Request) -> Response:
        try:
            intake.authenticate(request.headers)
        except RefusalError as refusal:
            return JSONResponse({"message": refusal.message}, refusal.outcome.value.http_status)
        return JSONResponse({"data": [PROJECT]})

    async def ingestion(request: Request) -> Response:
        refusal = RefusalError(Outcome.NOT_SERVED, NOT_SERVED)
        try:
            refusal.sender = intake.authenticate(request.headers).name
        except RefusalError as unknown:
            refusal = unknown
        told = intake.refused("http", refusal)
        return JSONResponse({"message": told.message}, told.outcome.value.http_status)

    return [
        Route("/api/public/health", health),
        Route("/api/public/projects", projects),
        Route(INGESTION_PATH, ingestion, methods=["POST"]),
    ]


def _version() -> str:
    try:
        return version("spanledger")
    except PackageNotFoundError:  # run from a checkout
        return "0"
