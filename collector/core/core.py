"""The native core: writes spans as columns, without the interpreter (zig/spans.zig).

It is built when the package is, and where it could not be built, or meets a shape that is not plain, span_records.py does the same.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from attribution.conventions import CONTENT_KEYS, CONTENT_PREFIXES

logger = logging.getLogger(__name__)
_DONE, _ODD = 0, 1
RESOURCES_MAX = 64
"""Of one request; one with more is left to Python."""


class _Columns(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.POINTER(ctypes.c_char)),
        ("size", ctypes.c_size_t),
        ("capacity", ctypes.c_size_t),
        ("rows", ctypes.c_uint64),
    )


class _Part(ctypes.Structure):
    _fields_ = (("begin", ctypes.c_size_t), ("size", ctypes.c_size_t))


class _Request(ctypes.Structure):
    _fields_ = (
        ("body", ctypes.c_char_p),
        ("size", ctypes.c_size_t),
        ("recipes", ctypes.c_void_p),
        ("recipe_of", ctypes.POINTER(ctypes.c_uint32)),
        ("spans", ctypes.c_size_t),
        ("given", ctypes.c_char_p),
        ("given_size", ctypes.c_size_t),
        ("tags", ctypes.c_uint32),
    )


class KnownRecipes:
    """Recipes that the core holds. Not thread safe: those that learn and follow them are one thread."""

    def __init__(self, library: Any, beginning: bytes) -> None:
        """`library`: as `built` finds it. `beginning`: what all recipes share, as recipes.py spells it."""
        self._library = library
        self.pointer = library.spanledger_recipes(beginning, len(beginning))
        if not self.pointer:
            raise MemoryError

    def __del__(self) -> None:
        self._library.spanledger_forget_recipes(self.pointer)

    def learn(self, recipe: bytes) -> bool:
        """Keep a recipe; False where the core does not take it."""
        state = self._library.spanledger_learn(self.pointer, recipe, len(recipe))
        if state not in {_DONE, _ODD}:
            raise MemoryError
        return bool(state == _DONE)

    def find(self, body: bytes, spans: int, tags: int) -> Found | None:
        """The recipes of the spans of a request; None where Python has to read it. `tags`: bits of the dimensions that its key has."""
        recipe_of, places = (ctypes.c_uint32 * spans)(), (_Part * spans)()
        resources, count = (_Part * RESOURCES_MAX)(), ctypes.c_size_t(RESOURCES_MAX)
        state = self._library.spanledger_find(self.pointer, body, len(body), tags, recipe_of, places, spans, resources, ctypes.byref(count))
        if state == _ODD:
            return None
        if state != _DONE:
            raise MemoryError
        return Found(recipe_of, places, [_part(body, place) for place in resources[: count.value]])


class Found:
    """Of each span of a request the number of its recipe, from 1, or 0 where it has none; and the resources, as they are on the wire."""

    def __init__(self, recipe_of: Any, places: Any, resources: Sequence[bytes]) -> None:
        self.recipe_of = recipe_of
        self._places = places
        self.resources = resources

    def span(self, body: bytes, at: int) -> bytes:
        """A span as it is on the wire."""
        return _part(body, self._places[at])


def _part(body: bytes, place: _Part) -> bytes:
    return body[place.begin : place.begin + place.size]


@dataclass(frozen=True, slots=True)
class Request:
    """A request for the core to write.

    Without `recipes` Python has read all of its spans; else those without a recipe in `recipe_of`, and `given` and `tags` are as
    recipes.py says.
    """

    body: bytes
    recipes: KnownRecipes | None = None
    recipe_of: Any = ()
    given: bytes = b""
    tags: int = 0


class Core:
    """Writes requests. Not thread safe: one belongs to one thread."""

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

    @contextmanager
    def columns(
        self, requests: Sequence[Request], rows: int, letters: bytes, columns: int, read: Sequence[bytes], read_rows: int, added: bytes
    ) -> Iterator[list[memoryview]]:
        """The values of all columns, while they are there; none where Python has to write them.

        Args:
            requests: in OTLP's protobuf.
            rows: how many spans they hold, at least one.
            letters: the kinds of the columns that are not on the wire.
            columns: how many there are with those that are.
            read: the columns that are not on the wire of the spans that Python has read, as facts.plainly writes them.
            read_rows: how many spans it has read.
            added: of each of these the attributes to add: how many, then keys and values by turns, as native.varint and native.text write
                them.

        """
        given = (_Request * len(requests))(*map(_request, requests))
        found, ends, read_ends = _Columns(), (ctypes.c_uint64 * columns)(), (ctypes.c_size_t * len(read))(*accumulate(map(len, read)))
        state = self._library.spanledger_columns(
            self._content, given, len(given), letters, len(letters), b"".join(read), read_ends, read_rows, added, len(added), ends,
            ctypes.byref(found),
        )  # fmt: skip
        if state not in {_DONE, _ODD}:
            raise MemoryError
        if state == _ODD:
            yield []
            return
        try:
            whole = memoryview(ctypes.cast(found.data, ctypes.POINTER(ctypes.c_char * found.size)).contents)
            yield [whole[begin:end] for begin, end in pairwise((0, *ends))] if found.rows == rows else []
        finally:
            self._library.spanledger_release(ctypes.byref(found))


def _request(request: Request) -> _Request:
    pointer = request.recipes.pointer if request.recipes else None
    recipe_of = request.recipe_of if request.recipes else (ctypes.c_uint32 * 0)()
    return _Request(request.body, len(request.body), pointer, recipe_of, len(recipe_of), request.given, len(request.given), request.tags)


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
    text, size, pointer, number = ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_uint32
    of_many = ctypes.POINTER
    _declare(found.spanledger_content, pointer, text, size, text, size, ctypes.c_bool)
    _declare(found.spanledger_forget, None, pointer)
    _declare(found.spanledger_recipes, pointer, text, size)
    _declare(found.spanledger_forget_recipes, None, pointer)
    _declare(found.spanledger_learn, ctypes.c_int, pointer, text, size)
    _declare(
        found.spanledger_find,
        ctypes.c_int,
        pointer,
        text,
        size,
        number,
        of_many(number),
        of_many(_Part),
        size,
        of_many(_Part),
        of_many(size),
    )
    _declare(
        found.spanledger_columns, ctypes.c_int, pointer, of_many(_Request), size, text, size, text, of_many(size), size, text, size,
        of_many(ctypes.c_uint64), of_many(_Columns),
    )  # fmt: skip
    _declare(found.spanledger_release, None, of_many(_Columns))
    return found


def _declare(function: Any, gives: Any, *takes: Any) -> None:
    function.argtypes, function.restype = takes, gives
