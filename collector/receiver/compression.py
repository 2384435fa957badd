"""Request bodies as they arrive over HTTP: compressed, and not to be trusted."""

from __future__ import annotations

import zlib

from backports import zstd

from collector.receiver.outcome import Outcome, RefusalError

WINDOW = {
    # Content-Encoding: zlib's wbits
    "gzip": zlib.MAX_WBITS | 16,
    "deflate": zlib.MAX_WBITS,  # RFC 9110: the zlib format
}
ZSTD = "zstd"
ZSTD_WINDOW_LOG_MAX = 27
"""128 MiB, what senders may make a decoder keep; levels up to 19 use 8 MiB."""
SUPPORTED = ("identity", *WINDOW, ZSTD)


def encoding_of(header: str) -> str:
    """The one encoding of a Content-Encoding header. Raises RefusalError (UNSUPPORTED)."""
    encoding = header.strip().lower() or "identity"
    if encoding not in SUPPORTED:
        raise RefusalError(Outcome.UNSUPPORTED, f"Content-Encoding {header[:64]!r} is not supported, use one of: {', '.join(SUPPORTED)}")
    return encoding


def compressed_bytes_max(bytes_max: int) -> int:
    """What a body of `bytes_max` can take compressed: incompressible data grows by 5 bytes per 16 KiB block, and a header."""
    return bytes_max + bytes_max // 1024 + 64


def decompress(body: bytes, encoding: str, bytes_max: int) -> bytes:
    """The body as it was before compression; never inflates more than `bytes_max` and one byte.

    Raises RefusalError: TOO_LARGE; MALFORMED when the data is damaged, cut off, or followed by something (no exporter sends
    gzip in several members, and what follows must not be lost in silence).
    """
    if encoding == "identity":
        plain, rest = body, b""
    elif encoding == ZSTD:
        plain, rest = _unpack_zstd(body, bytes_max)
    else:
        plain, rest = _inflate(body, encoding, bytes_max)
    if len(plain) > bytes_max:
        raise too_large(bytes_max)
    if rest:
        raise RefusalError(Outcome.MALFORMED, f"{len(rest)} bytes follow the {encoding} data")
    return plain


def _inflate(body: bytes, encoding: str, bytes_max: int) -> tuple[bytes, bytes]:
    """At most `bytes_max` + 1 bytes, and what follows the data."""
    inflater = zlib.decompressobj(WINDOW[encoding])
    try:
        plain = inflater.decompress(body, bytes_max + 1)
    except zlib.error as problem:
        raise RefusalError(Outcome.MALFORMED, f"the body is not valid {encoding}: {problem}") from problem
    if len(plain) <= bytes_max and not inflater.eof:
        raise RefusalError(Outcome.MALFORMED, f"the {encoding} data is cut off")
    return plain, inflater.unused_data


def _unpack_zstd(body: bytes, bytes_max: int) -> tuple[bytes, bytes]:
    """As `_inflate`."""
    unpacker = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG_MAX})
    try:
        plain = unpacker.decompress(body, bytes_max + 1)
    except zstd.ZstdError as problem:
        raise RefusalError(Outcome.MALFORMED, f"the body is not valid zstd: {problem}") from problem
    if len(plain) <= bytes_max and not unpacker.eof:
        raise RefusalError(Outcome.MALFORMED, "the zstd data is cut off")
    return plain, unpacker.unused_data if unpacker.eof else b""


def too_large(bytes_max: int) -> RefusalError:
    """Not to be sent again as it is."""
    return RefusalError(Outcome.TOO_LARGE, f"the request exceeds {bytes_max} bytes after decompression, send smaller batches")
