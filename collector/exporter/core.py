"""The native core: writes what the wire says of spans as columns, without the interpreter (spans.zig).

It is built when the package is, and where it could not be built, or meets a shape that is not plain, span_records.py does the same.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Sequence
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

from attribution.conventions import CONTENT_KEYS, CONTENT_PREFIXES

logger = logging.getLogger(__name__)
COLUMNS = 22
"""The first ones of span_records.COLUMNS."""
_DONE, _ODD = 0, 1


class _Columns(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.POINTER(ctypes.c_char)),
        ("size", ctypes.c_size_t),
        ("capacity", ctypes.c_size_t),
        ("rows", ctypes.c_uint64),
        ("ends", ctypes.c_uint64 * COLUMNS),
    )


class Core:
    """Converts requests. Not thread safe: one belongs to one thread."""

    def __init__(self, library: Any, *, keep_content: bool) -> None:
        """`library`: as `built` finds it. `keep_content`: attributes that hold content are kept."""
        self._library = library
        keys, prefixes = (b"".join(key.encode() + b"\0" for key in sorted(all_of)) for all_of in (CONTENT_KEYS, CONTENT_PREFIXES))
        self._texts = keys, prefixes  # the library points at them
        self._content = library.spanledger_content(keys, len(keys), prefixes, len(prefixes), keep_content)
        if not self._content:
            raise MemoryError

    def __del__(self) -> None:
        self._library.spanledger_forget(self._content)

    def columns(self, bodies: Sequence[bytes], rows: int, added: bytes) -> list[bytes] | None:
        """The values of the first COLUMNS columns; None where Python has to write them.

        Args:
            bodies: requests in OTLP's protobuf.
            rows: how many spans they hold, at least one.
            added: of each span the attributes to add: how many, then keys and values by turns, as native.varint and native.text write them.

        """
        count = len(bodies)
        found = _Columns()
        pointers, sizes = (ctypes.c_char_p * count)(*bodies), (ctypes.c_size_t * count)(*map(len, bodies))
        state = self._library.spanledger_columns(self._content, pointers, sizes, count, added, len(added), ctypes.byref(found))
        if state == _ODD:
            return None
        if state != _DONE:
            raise MemoryError
        try:
            if found.rows != rows:
                return None
            begins = [0, *found.ends[:-1]]
            whole = memoryview(ctypes.cast(found.data, ctypes.POINTER(ctypes.c_char * found.size)).contents)
            return [bytes(whole[begin:end]) for begin, end in zip(begins, found.ends, strict=True)]
        finally:
            self._library.spanledger_release(ctypes.byref(found))


def core(*, keep_content: bool) -> Core | None:
    """A core of its own for a thread; None where none was built."""
    library = built()
    return Core(library, keep_content=keep_content) if library else None


@cache
def built() -> Any:
    """The library; None where it was not built, which the log says once."""
    here = Path(__file__).parent
    path = next((path for suffix in EXTENSION_SUFFIXES if (path := here / f"_spans{suffix}").exists()), None)
    if path is None:
        logger.warning("the native core is not built: Python writes every span, at several times the CPU; see docs/operating.md")
        return None
    found = ctypes.CDLL(str(path))
    text, size = ctypes.c_char_p, ctypes.c_size_t
    found.spanledger_content.argtypes = (text, size, text, size, ctypes.c_bool)
    found.spanledger_content.restype = ctypes.c_void_p
    found.spanledger_columns.argtypes = (
        ctypes.c_void_p, ctypes.POINTER(text), ctypes.POINTER(size), size, text, size, ctypes.POINTER(_Columns),
    )  # fmt: skip
    found.spanledger_forget.argtypes = (ctypes.c_void_p,)
    found.spanledger_forget.restype = None
    found.spanledger_release.argtypes = (ctypes.POINTER(_Columns),)
    found.spanledger_release.restype = None
    return found
