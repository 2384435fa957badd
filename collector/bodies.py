"""Bodies of requests that are no telemetry: small, and bounded."""

from __future__ import annotations

from starlette.requests import Request


async def read_body(request: Request, bytes_max: int) -> bytes | None:
    """The body; None where it is longer. No more than that is held."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > bytes_max:
            return None
    return bytes(body)
