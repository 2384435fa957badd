"""ClickHouse's own compression: what `compress=1` and `decompress=1` of its HTTP interface mean, as the JDBC and Go clients use it.

A stream of blocks, each: a CityHash128 (version 1.0.2) of what follows, the method, the size of the block without the hash, the size
unpacked, the packed bytes. Source: ClickHouse, `src/Compression/CompressedReadBufferBase.cpp`.
"""

from __future__ import annotations

import struct

import lz4.block  # type: ignore[import-untyped]  # it has no type stubs
from backports import zstd
from clickhouse_cityhash.cityhash import CityHash128  # type: ignore[import-untyped]  # it has no type stubs

from collector.query.errors import QueryError, too_large

_HASH = struct.Struct("<QQ")
_HEAD = struct.Struct("<BII")
_LZ4, _ZSTD, _NONE = 0x82, 0x90, 0x02
BLOCK_BYTES = 1024 * 1024
"""Of a block unpacked; ClickHouse's own `max_compress_block_size`."""


def pack(data: bytes) -> bytes:
    """Return `data` as blocks of LZ4, which every client reads."""
    return b"".join(_packed(data[at : at + BLOCK_BYTES]) for at in range(0, len(data), BLOCK_BYTES))


def unpack(data: bytes, bytes_max: int) -> bytes:
    """Return what the blocks hold. Raises QueryError 229 beyond `bytes_max`, 271 where they are damaged."""
    parts, at, left = [], 0, bytes_max
    while at < len(data):
        if len(data) < at + _HASH.size + _HEAD.size:
            raise _damaged("a block ends early")
        method, size, unpacked = _HEAD.unpack_from(data, at + _HASH.size)
        left -= unpacked
        if left < 0:
            raise too_large(f"The body unpacks to more than {bytes_max} bytes")
        block = data[at + _HASH.size : at + _HASH.size + size]
        if size < _HEAD.size or len(block) < size or _hashed(block) != data[at : at + _HASH.size]:
            raise _damaged("a block ends early or its checksum does not match")
        parts.append(_unpacked(method, block[_HEAD.size :], unpacked))
        at += _HASH.size + size
    return b"".join(parts)


def _packed(part: bytes) -> bytes:
    packed: bytes = lz4.block.compress(part, store_size=False)
    block = _HEAD.pack(_LZ4, len(packed) + _HEAD.size, len(part)) + packed
    return _hashed(block) + block


def _hashed(block: bytes) -> bytes:
    """The halves of the number stand the other way round in ClickHouse."""
    number = CityHash128(block)
    return _HASH.pack(number >> 64, number & (1 << 64) - 1)


def _unpacked(method: int, packed: bytes, size: int) -> bytes:
    try:
        if method == _LZ4:
            data: bytes = lz4.block.decompress(packed, uncompressed_size=size)
        elif method == _ZSTD:
            data = bytes(zstd.ZstdDecompressor().decompress(packed, size + 1))
        elif method == _NONE:
            data = packed
        else:
            raise _damaged(f"method {method:#x} is not known")
    except (lz4.block.LZ4BlockError, zstd.ZstdError, MemoryError) as problem:
        raise _damaged(str(problem)) from None
    if len(data) != size:
        raise _damaged("a block is longer or shorter than it says")
    return data


def _damaged(why: str) -> QueryError:
    return QueryError(271, "CANNOT_DECOMPRESS", f"The compressed body is damaged: {why}")
