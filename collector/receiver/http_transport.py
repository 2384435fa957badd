"""OTLP over HTTP: protobuf and JSON on one port, told apart by Content-Type.

Source: OTLP specification, "OTLP/HTTP". The event loop only moves bytes; what takes time runs in threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import MessageToJson
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from collector.receiver import langfuse
from collector.receiver.compression import compressed_bytes_max, decompress, encoding_of, too_large
from collector.receiver.intake import COMMIT_SECONDS_MAX, Intake, Receipt
from collector.receiver.otlp_json import Transcoded, transcode
from collector.receiver.outcome import RETRY_SECONDS, Outcome, RefusalError
from collector.receiver.signals import SIGNALS, TRACES, Signal

PATHS = {langfuse.TRACES_PATH: TRACES} | {signal.path: signal for signal in SIGNALS}
"""Where what is posted."""

REQUESTS_MAX = 32
"""Bodies in memory at a time, each up to the request limit, twice while it is decompressed. Others wait with their body
unread."""

TURN_SECONDS_MAX = 5.0
"""How long a request waits for its turn before it is asked to come back: half of what exporters wait in all."""

READ_SECONDS_MAX = 30.0
"""For the whole body; a sender that trickles must not hold a place."""


@dataclass(frozen=True, slots=True)
class Media:
    """How a request is encoded, and so its answer."""

    type: str
    decode: Callable[[bytes, Signal], Transcoded] | None
    encode: Callable[[Any], bytes | str]


PROTOBUF = Media("application/x-protobuf", None, lambda message: bytes(message.SerializeToString()))
JSON = Media("application/json", transcode, lambda message: str(MessageToJson(message, indent=None)))
MEDIA = {media.type: media for media in (PROTOBUF, JSON)}


def http_routes(intake: Intake) -> list[Route]:
    """The receiver's routes: OTLP, and what the Langfuse SDK asks beside it."""
    turns = asyncio.Semaphore(REQUESTS_MAX)
    posts = [Route(path, _Export(intake, signal, turns).post, methods=["POST"]) for path, signal in PATHS.items()]
    return [*posts, *langfuse.routes(intake)]


class _Export:
    """Takes requests of one signal; all signals take turns together."""

    def __init__(self, intake: Intake, signal: Signal, turns: asyncio.Semaphore) -> None:
        self._intake, self._signal, self._turns = intake, signal, turns

    async def post(self, request: Request) -> Response:
        """POST of a request."""
        media = MEDIA.get(_media_type(request.headers))
        try:
            receipt = await self._receive(request, media)
        except Exception as problem:  # noqa: BLE001  (a plain 500 would tell the sender to drop the batch)
            return refused(self._intake.refused("http", problem), media)
        self._intake.accepted("http", receipt)
        return _response(receipt.response, 200, media)

    async def _receive(self, request: Request, media: Media | None) -> Receipt:
        """A request that is durable. Raises RefusalError and what `refusal` knows."""
        sender = self._intake.authenticate(request.headers)
        if media is None:
            raise RefusalError(Outcome.UNSUPPORTED, f"Content-Type must be one of: {', '.join(MEDIA)}")
        encoding = encoding_of(request.headers.get("content-encoding", ""))
        bytes_max = self._intake.config.http_request_bytes_max

        def accept(body: bytes) -> Receipt:
            return self._intake.accept(decompress(body, encoding, bytes_max), sender, media.decode, self._signal)

        async with self._turn():
            receipt = await run_in_threadpool(accept, await _read(request, bytes_max))
            if receipt.future:
                await asyncio.wait_for(asyncio.wrap_future(receipt.future), COMMIT_SECONDS_MAX)
            return receipt

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            await asyncio.wait_for(self._turns.acquire(), TURN_SECONDS_MAX)
        except TimeoutError:
            raise RefusalError(Outcome.BUSY, "too many requests at a time, send again later") from None
        try:
            yield
        finally:
            self._turns.release()


async def _read(request: Request, bytes_max: int) -> bytes:
    """The body as it was sent. Raises RefusalError: TOO_LARGE, SLOW, DISCONNECTED."""
    sent_max = compressed_bytes_max(bytes_max)
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > sent_max:
        raise too_large(bytes_max)
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS_MAX):
            async for chunk in request.stream():
                body += chunk
                if len(body) > sent_max:
                    raise too_large(bytes_max)
    except TimeoutError:
        raise RefusalError(Outcome.SLOW, f"the body did not arrive within {READ_SECONDS_MAX:.0f} s") from None
    except ClientDisconnect:
        raise RefusalError(Outcome.DISCONNECTED, "the sender closed the connection") from None
    return bytes(body)


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def refused(refusal: RefusalError, media: Media | None) -> Response:
    """A google.rpc.Status in the encoding of the request, JSON where that is unknown."""
    answer = refusal.outcome.value
    response = _response(refusal.status, answer.http_status, media)
    if answer.retry:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    if refusal.outcome is Outcome.UNAUTHENTICATED:
        response.headers["WWW-Authenticate"] = 'Basic realm="spanledger", Bearer'
    return response


def _response(message: Any, http_status: int, media: Media | None) -> Response:
    media = media or JSON
    return Response(media.encode(message), http_status, {"Content-Type": media.type})
