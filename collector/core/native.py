"""ClickHouse's Native format: columns as the engine itself holds them, so that an insert has nothing to parse and little to plan.

A block is its number of columns and of rows, then of each column its name, its type and its values. Numbers are little endian; text has
its length in bytes before it, seven bits a byte. Source: ClickHouse's documentation, "Native" and "Native protocol: columns".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from itertools import accumulate, chain
from typing import Any, Protocol

_ONE_BYTE = 0x80
"""Lengths below it take one byte."""
_DIGITS, _WIDTH = 38, 16
"""Of an amount: digits, and bytes."""
_EXACT = Context(prec=2 * _DIGITS)
_OWN_KEYS = 1 << 9 | 1 << 10
"""Flags of a low-cardinality column: its dictionary comes with it, and is all there is."""
_KEYS_VERSION = (1).to_bytes(8, "little")


class Type(Protocol):
    """How the values of a column are written."""

    @property
    def name(self) -> str:
        """As ClickHouse calls it."""

    @property
    def prefix(self) -> bytes:
        """What goes before all values of a column, also where another type holds these."""

    def written(self, values: Sequence[Any]) -> bytes:
        """The values of a column, one after the other."""


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    head = bytearray()
    while number >= _ONE_BYTE:
        head.append(number & 0x7F | 0x80)
        number >>= 7
    head.append(number)
    return bytes(head)


def text(value: str) -> bytes:
    """Text with its length."""
    return sized(value.encode())


def sized(raw: bytes) -> bytes:
    """Bytes with their length."""
    return (bytes((len(raw),)) if len(raw) < _ONE_BYTE else varint(len(raw))) + raw


def block(columns: Mapping[str, Type], values: Mapping[str, bytes | memoryview], rows: int) -> bytes:
    """A block of columns; `values` are the written ones of each, which nobody reads where there are no rows."""
    parts: list[bytes | memoryview] = [varint(len(columns)), varint(rows)]
    for name, kind in columns.items():
        parts += text(name), text(kind.name)
        if rows:
            parts += kind.prefix, values[name]
    return b"".join(parts)


def _numbers(code: str, values: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(values)}{code}", *values)


_HEADS = tuple(map(chr, range(_ONE_BYTE)))


def _texts(values: Sequence[str]) -> bytes:
    if not any(values):
        return bytes(len(values))
    together = "".join(values)
    if together.isascii() and max(map(len, values)) < _ONE_BYTE:  # a byte a character: encoded at one go
        return "".join([_HEADS[len(value)] + value for value in values]).encode()
    return b"".join(map(text, values))


@dataclass(frozen=True)
class Text:
    """String: str values."""

    name: str = "String"
    prefix: bytes = b""

    def written(self, values: Sequence[str]) -> bytes:
        """The texts."""
        return _texts(values)


@dataclass(frozen=True)
class Name:
    """LowCardinality(String): str values, of which there are few different ones."""

    name: str = "LowCardinality(String)"
    prefix: bytes = _KEYS_VERSION

    def written(self, values: Sequence[str]) -> bytes:
        """A dictionary, and the place of each value in it."""
        if not values:
            return b""
        rows = len(values)
        if values.count(values[0]) == rows:
            return _numbers("Q", (_OWN_KEYS, 1)) + text(values[0]) + _numbers("Q", (rows,)) + bytes(rows)
        place_of = {value: place for place, value in enumerate(dict.fromkeys(values))}
        width, code = next((width, code) for width, code in enumerate("BHI") if len(place_of) <= 1 << (8 << width))
        places = _numbers(code, list(map(place_of.__getitem__, values)))
        return _numbers("Q", (_OWN_KEYS | width, len(place_of))) + _texts(list(place_of)) + _numbers("Q", (rows,)) + places


@dataclass(frozen=True)
class Number:
    """A number of fixed width: int values; `code` is the one of Python's `struct`."""

    name: str
    code: str
    prefix: bytes = b""

    def written(self, values: Sequence[int]) -> bytes:
        """The numbers."""
        return _numbers(self.code, values)


@dataclass(frozen=True)
class Amount:
    """Nullable(Decimal(38, scale)): Decimal values, None where it is unknown or has more digits than that before the point."""

    scale: int
    prefix: bytes = b""

    @property
    def name(self) -> str:
        """Its type."""
        return f"Nullable(Decimal({_DIGITS}, {self.scale}))"

    def written(self, values: Sequence[Decimal | None]) -> bytes:
        """Which are null, then all of them as whole numbers of 16 bytes."""
        return _nullable([None if value is None else self._scaled(value) for value in values], _WIDTH, _wide)

    def _scaled(self, value: Decimal) -> int | None:
        number = int(value.scaleb(self.scale, _EXACT))
        return number if abs(number) < 10**_DIGITS else None


@dataclass(frozen=True)
class Maybe:
    """Nullable(...) of a number: None where it is unknown."""

    inner: Number
    prefix: bytes = b""

    @property
    def name(self) -> str:
        """Its type."""
        return f"Nullable({self.inner.name})"

    def written(self, values: Sequence[int | None]) -> bytes:
        """Which are null, then all of them."""
        return _nullable(values, struct.calcsize(self.inner.code), self.inner.written)


def _nullable(numbers: Sequence[int | None], width: int, written: Callable[[Sequence[int]], bytes]) -> bytes:
    """Which are null, then all of them, so many bytes each."""
    if numbers.count(None) == len(numbers):
        return b"\1" * len(numbers) + bytes(width * len(numbers))
    return bytes([number is None for number in numbers]) + written([number or 0 for number in numbers])


def _wide(numbers: Sequence[int]) -> bytes:
    return b"".join([number.to_bytes(_WIDTH, "little", signed=True) for number in numbers])


@dataclass(frozen=True)
class List:
    """Array(...): sequences of what the inner type takes."""

    inner: Type

    @property
    def name(self) -> str:
        """Its type."""
        return f"Array({self.inner.name})"

    @property
    def prefix(self) -> bytes:
        """That of the inner type."""
        return self.inner.prefix

    def written(self, values: Sequence[Sequence[Any]]) -> bytes:
        """Where each ends, then what they hold."""
        return _ends(list(map(len, values))) + self.inner.written(list(chain.from_iterable(values)))


def _ends(lengths: Sequence[int]) -> bytes:
    return _numbers("Q", list(accumulate(lengths))) if any(lengths) else bytes(8 * len(lengths))


Pairs = tuple[Sequence[str], Sequence[bytes]]
"""Keys of a map and its values, each written as by `text`."""


@dataclass(frozen=True)
class Map:
    """Map(LowCardinality(String), String): Pairs."""

    name: str = "Map(LowCardinality(String), String)"
    prefix: bytes = _KEYS_VERSION

    def written(self, values: Sequence[Pairs]) -> bytes:
        """Where each ends, then the keys, then the values."""
        keys = list(chain.from_iterable([keys for keys, _ in values]))
        return _ends([len(keys) for keys, _ in values]) + NAME.written(keys) + b"".join(chain.from_iterable([texts for _, texts in values]))


TEXT, NAME, MAP = Text(), Name(), Map()
UINT16, UINT64 = Number("UInt16", "H"), Number("UInt64", "Q")
TIME = Number("DateTime64(9, 'UTC')", "q")
"""Nanoseconds since 1970."""
