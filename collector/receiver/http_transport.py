"""OTLP over HTTP: protobuf and JSON on one port, told apart by Content-Type.

Source: OTLP specification, "OTLP/HTTP". The event loop only moves bytes; what takes time runs in threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import MessageToJson
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from collector.receiver import langfuse
from collector.receiver.authentication import Sender
from collector.receiver.compression import compressed_bytes_max, decompress, encoding_of, too_large
from collector.receiver.intake import COMMIT_SECONDS_MAX, Intake, Receipt
from collector.receiver.otlp_json import Transcoded, transcode
from collector.receiver.outcome import RETRY_SECONDS, Outcome, RefusalError
from collector.receiver.places import AsyncPlaces
from collector.receiver.signals import SIGNALS, TRACES, Signal

PATHS = {langfuse.TRACES_PATH: TRACES} | {signal.path: signal for signal in SIGNALS}
"""Where what is posted."""

METHODS = ("POST", "GET", "PUT", "PATCH", "DELETE", "OPTIONS")
"""All but the first are refused as everything is: with a Status."""

READ_SECONDS_MAX = 30.0
"""For the whole body; a sender that trickles must not hold a place."""

READ_GRACE_SECONDS = 3.0
"""Within which a body may arrive as slowly as it likes: a retransmission on a bad line takes about so long."""

READ_BYTES_PER_SECOND_MIN = 16 * 1024
"""After that: a batch of 512 spans, compressed, still has its half minute. A place costs who holds it up at least so much."""


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
    places = AsyncPlaces()
    posts = [Route(path, _Export(intake, signal, places).post, methods=METHODS) for path, signal in PATHS.items()]
    return [*posts, *langfuse.routes(intake)]


class _Export:
    """Takes requests of one signal; all signals share the places."""

    def __init__(self, intake: Intake, signal: Signal, places: AsyncPlaces) -> None:
        self._intake, self._signal, self._places = intake, signal, places

    async def post(self, request: Request) -> Response:
        """POST of a request."""
        media = MEDIA.get(_media_type(request.headers))
        name = ""
        try:
            sender = self._intake.authenticate(request.headers)
            name = sender.name
            receipt = await self._receive(request, media, sender)
        except Exception as problem:  # noqa: BLE001  (a plain 500 would tell the sender to drop the batch)
            return refused(self._intake.refused("http", problem, name), media)
        self._intake.accepted("http", receipt)
        return _response(receipt.response, 200, media)

    async def _receive(self, request: Request, media: Media | None, sender: Sender) -> Receipt:
        """A request that is durable. Raises RefusalError and what `refusal` knows."""
        if request.method != METHODS[0]:
            raise RefusalError(Outcome.METHOD, f"{request.method} is not supported: telemetry is sent by POST")
        if media is None:
            raise RefusalError(Outcome.UNSUPPORTED, f"Content-Type must be one of: {', '.join(MEDIA)}")
        encoding = encoding_of(request.headers.get("content-encoding", ""))
        bytes_max = self._intake.config.http_request_bytes_max

        def accept(body: bytes) -> Receipt:
            return self._intake.accept(decompress(body, encoding, bytes_max), sender, media.decode, self._signal)

        async with self._places.taken(sender.name):
            receipt = await run_in_threadpool(accept, await _read(request, bytes_max))
            if receipt.future:
                await asyncio.wait_for(asyncio.wrap_future(receipt.future), COMMIT_SECONDS_MAX)
            return receipt


async def _read(request: Request, bytes_max: int) -> bytes:
    """The body as it was sent. Raises RefusalError: TOO_LARGE, SLOW, DISCONNECTED."""
    sent_max = compressed_bytes_max(bytes_max)
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > sent_max:
        raise too_large(bytes_max)
    body = bytearray()
    begun = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout_at(begun + READ_GRACE_SECONDS) as limit:
            async for chunk in request.stream():
                body += chunk
                if len(body) > sent_max:
                    raise too_large(bytes_max)
                earned = READ_GRACE_SECONDS + len(body) / READ_BYTES_PER_SECOND_MIN
                limit.reschedule(begun + min(earned, READ_SECONDS_MAX))
    except TimeoutError:
        taken = asyncio.get_running_loop().time() - begun
        raise RefusalError(Outcome.SLOW, f"{len(body)} bytes of the body came in {taken:.0f} s, which is too slow") from None
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
    if refusal.outcome is Outcome.METHOD:
        response.headers["Allow"] = METHODS[0]
    if refusal.outcome is Outcome.UNAUTHENTICATED:
        response.headers["WWW-Authenticate"] = 'Basic realm="spanledger", Bearer'
    return response


def _response(message: Any, http_status: int, media: Media | None) -> Response:
    media = media or JSON
    return Response(media.encode(message), http_status, {"Content-Type": media.type})
