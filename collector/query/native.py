r"""ClickHouse's Native format at the protocol revision that a client asks for.

The embedded engine writes revision 0. A client that sends `client_protocol_version` (clickhouse-go, and with it Grafana's data source)
expects more in every block: a block info before it, and from revision 54454 on a byte after every column's type that says how the
column is serialized (0: as usual). What follows the type is the same up to revision 54490.

Source: ClickHouse, `src/Formats/NativeWriter.cpp`, `src/Core/ProtocolDefines.h`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from collector.query.errors import QueryError

REVISION_SERIALIZATION_KIND = 54454
REVISION_OUT_OF_ORDER_BUCKETS = 54480
REVISION_MAX = 54490
"""Later ones write strings with their sizes apart."""

_BLOCK_INFO = b"\x01\x00\x02\xff\xff\xff\xff"  # 1: no overflow row; 2: no bucket (-1)
_NO_BUCKETS = b"\x03\x00"
_END = b"\x00"
_AS_USUAL = b"\x00"


def reframed(blocks: Iterable[bytes], inside: Sequence[str], shown: Sequence[str], revision: int) -> Iterator[bytes]:
    """Yield the blocks as a server writes them for `revision`.

    `inside` are the column names that the blocks carry, which must not occur in the data before their column, and `shown`
    the names that the client is to see; both are read only from revision 54454 on. Raises QueryError when a block is not as described.
    """
    info = _BLOCK_INFO + (_NO_BUCKETS if revision >= REVISION_OUT_OF_ORDER_BUCKETS else b"") + _END
    for block in blocks:
        yield info
        yield _with_kinds(block, inside, shown) if revision >= REVISION_SERIALIZATION_KIND else block


def _with_kinds(block: bytes, inside: Sequence[str], shown: Sequence[str]) -> bytes:
    columns, place = _read_varint(block, 0)
    _, place = _read_varint(block, place)
    if columns != len(inside):
        raise _misread()
    parts = [block[:place]]
    for name, label in zip(inside, shown, strict=True):
        header = _string(name)
        found = block.find(header, place)
        if found < 0:
            raise _misread()
        type_bytes, type_start = _read_varint(block, found + len(header))
        parts += [block[place:found], _string(label), block[found + len(header) : type_start + type_bytes], _AS_USUAL]
        place = type_start + type_bytes
    parts.append(block[place:])
    return b"".join(parts)


def _misread() -> QueryError:
    return QueryError(49, "LOGICAL_ERROR", "The engine's Native block is not as described")


def _string(text: str) -> bytes:
    raw = text.encode(errors="surrogateescape")
    return _varint(len(raw)) + raw


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:  # noqa: PLR2004  (seven bits a byte)
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(data: bytes, place: int) -> tuple[int, int]:
    """Return the number and the place after it."""
    number = shift = 0
    while True:
        byte = data[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004  (the last byte has no high bit)
            return number, place
        shift += 7
