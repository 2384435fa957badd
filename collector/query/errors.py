"""ClickHouse's errors as HTTP answers: the code, the text, and the status that a ClickHouse server gives them.

Source: ClickHouse, `src/Common/ErrorCodes.cpp` and `src/Server/HTTP/exceptionCodeToHTTPStatus.cpp`.
"""

from __future__ import annotations

import re
from typing import Self

_MESSAGE = re.compile(
    r"Code: (?P<code>\d+)\. DB::Exception: (?P<text>.*?)\.? \((?P<name>[A-Z0-9_]+)\)(?: \(version [^)]*\))?\s*$", re.DOTALL
)
_URL = re.compile(r"\b(?:[a-z][a-z0-9+.-]*)://[^\s'\"`,)]+", re.IGNORECASE)
"""The engine names addresses that it was given or knows, with whatever secret stands in them."""
_REPEATED = re.compile(r"Code: \d+\. DB::Exception: (?=Code: \d+\. DB::Exception: )")
_VERSION_INSIDE = re.compile(r" \(version [\d.]+[^)]*\)\. \([A-Z0-9_]+\)\s*$")
_BAD_REQUEST = frozenset({6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376, 427, 675, 676})
_NOT_FOUND = frozenset({46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511})
_OTHER_STATUS = {48: 501, 76: 503, 159: 408, 194: 401, 202: 503, 209: 503, 229: 413, 381: 411, 439: 503, 497: 403, 516: 403, 779: 415}
"""202, too many queries at once, is 500 on a server: 503 makes clients try again, which is what they should do."""


class QueryError(Exception):
    """A query that failed or was refused; `code` and `name` are ClickHouse's, `message` the text between them."""

    def __init__(self, code: int, name: str, message: str) -> None:
        self.code = code
        self.name = name
        self.message = message
        super().__init__(message)

    @classmethod
    def from_engine(cls, problem: Exception) -> Self:
        """Read the engine's own words; what is not in ClickHouse's form becomes 1001, STD_EXCEPTION."""
        text = _URL.sub("(address left out)", str(problem))
        text = _VERSION_INSIDE.sub("", _REPEATED.sub("", text[max(text.find("Code: "), 0) :]))
        found = _MESSAGE.match(text)
        if found is None:
            return cls(1001, "STD_EXCEPTION", text.strip() or type(problem).__name__)
        return cls(int(found["code"]), found["name"], found["text"])

    @property
    def status(self) -> int:
        """The HTTP status, 400 to 503."""
        if self.code in _BAD_REQUEST:
            return 400
        if self.code in _NOT_FOUND:
            return 404
        return _OTHER_STATUS.get(self.code, 500)

    def body(self, version: str) -> str:
        """The line that a ClickHouse server of that version sends."""
        return f"Code: {self.code}. DB::Exception: {self.message}. ({self.name}) (version {version})\n"


def refused(message: str) -> QueryError:
    """What a read-only ClickHouse says to a statement that is not only reading."""
    return QueryError(164, "READONLY", message)


def bad_arguments(message: str) -> QueryError:
    """A request that cannot be understood."""
    return QueryError(36, "BAD_ARGUMENTS", message)


def unsupported(message: str) -> QueryError:
    """A part of ClickHouse's HTTP interface that this one does not have."""
    return QueryError(48, "NOT_IMPLEMENTED", message)


def too_large(message: str) -> QueryError:
    """A request beyond its bound."""
    return QueryError(229, "QUERY_IS_TOO_LARGE", message)
