"""HTTP compression both ways: request bodies bounded as they unpack, answers in the first coding that the client names."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping
from typing import Protocol

import lz4.frame  # type: ignore[import-untyped]  # it has no type stubs
from backports import zstd

from collector.query.errors import QueryError, too_large

GZIP_LEVEL = 3
"""ClickHouse's default for `http_zlib_compression_level`: the network is local, time matters more than size."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes | None: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


_DECOMPRESSORS: Mapping[str, Callable[[], _Decompressor]] = {
    "gzip": lambda: zlib.decompressobj(wbits=31),
    "deflate": zlib.decompressobj,
    "zstd": zstd.ZstdDecompressor,
    "lz4": lz4.frame.LZ4FrameDecompressor,
}
_COMPRESSORS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, GZIP_LEVEL, mtime=0),
    "deflate": lambda data: zlib.compress(data, GZIP_LEVEL),
    "zstd": zstd.compress,
    "lz4": lz4.frame.compress,
}
CODINGS = tuple(_COMPRESSORS)
"""Content codings that are understood and written."""


def decompress(data: bytes, coding: str, bytes_max: int) -> bytes:
    """Return the body that `data` holds, at most `bytes_max` bytes of it unpacked.

    Raises QueryError 229 beyond the bound, 89 for an unknown coding and 271 for a damaged body.
    """
    if coding in ("", "identity"):
        return data
    start = _DECOMPRESSORS.get(coding)
    if start is None:
        raise QueryError(89, "UNKNOWN_COMPRESSION_METHOD", f"Unknown Content-Encoding {coding!r}; {', '.join(CODINGS)} are understood")
    try:
        return _unpack(data, start, bytes_max)
    except (zlib.error, zstd.ZstdError, RuntimeError, EOFError) as problem:
        raise QueryError(271, "CANNOT_DECOMPRESS", f"The {coding} body is damaged: {problem}") from None


def _unpack(data: bytes, start: Callable[[], _Decompressor], bytes_max: int) -> bytes:
    """Unpack one frame after the other: gzip, zstd and lz4 bodies may hold several."""
    parts: list[bytes] = []
    left = bytes_max
    while data:
        unpacker = start()
        part = unpacker.decompress(data, left + 1)
        left -= len(part)
        if left < 0:
            raise too_large(f"The body unpacks to more than {bytes_max} bytes")
        if not unpacker.eof:
            raise EOFError("it ends early")
        parts.append(part)
        data = unpacker.unused_data or b""
    return b"".join(parts)


def negotiate(accept_encoding: str) -> str | None:
    """Return the first coding of an Accept-Encoding header that can be written; None: send the body as it is."""
    for offer in accept_encoding.split(","):
        coding, _, weight = (part.strip() for part in offer.partition(";"))
        if coding in _COMPRESSORS and weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            return coding
    return None


def compress(data: bytes, coding: str | None) -> bytes:
    """Return `data` in a coding that `negotiate` chose."""
    return _COMPRESSORS[coding](data) if coding else data
