"""Kept connections to Spanledger, with the standard library alone."""

from __future__ import annotations

import http.client
import json
import weakref
from collections import deque
from typing import Any
from urllib.parse import urlsplit

ANSWER_BYTES_MAX = 16 * 1024 * 1024
KEPT_MAX = 16
"""Connections that are open while nobody asks."""


class UnreachableError(Exception):
    """Spanledger could not be asked: it is away, too slow, or its answer is none."""


class QuestionError(Exception):
    """Spanledger does not understand the question, or does not know the key: a mistake of who asks, on which it must not depend."""


class Connection:
    """Thread safe."""

    def __init__(self, url: str, key: str, timeout_seconds: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"url: {url!r} is not allowed: http://HOST:PORT or https://HOST:PORT is needed")
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._prefix = parts.hostname, parts.port, parts.path.rstrip("/")
        self._headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
        self._timeout = timeout_seconds
        self._kept: deque[http.client.HTTPConnection] = deque()
        self._close = weakref.finalize(self, _close_all, self._kept)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer as JSON. Raises UnreachableError, QuestionError."""
        content = None if body is None else json.dumps(body).encode()
        try:
            status, said = self._once(method, path, content)
        except (OSError, http.client.HTTPException):  # a kept connection may have been closed: one fresh attempt
            _close_all(self._kept)
            try:
                status, said = self._once(method, path, content)
            except (OSError, http.client.HTTPException) as problem:
                raise UnreachableError(f"{type(problem).__name__}: {problem}") from problem
        if status >= http.client.INTERNAL_SERVER_ERROR or status == http.client.TOO_MANY_REQUESTS:
            raise UnreachableError(f"status {status}")
        try:
            found = json.loads(said)
        except ValueError as problem:
            raise UnreachableError("the answer is not JSON") from problem
        if status in {http.client.BAD_REQUEST, http.client.UNAUTHORIZED, http.client.FORBIDDEN}:
            raise QuestionError(str(found.get("error") or found.get("message") or f"status {status}"))
        return found

    def close(self) -> None:
        """Close what is kept; another question opens it again."""
        _close_all(self._kept)

    def _once(self, method: str, path: str, content: bytes | None) -> tuple[int, bytes]:
        try:
            connection = self._kept.pop()
        except IndexError:
            connection = self._kind(self._host, self._port, timeout=self._timeout)
        try:
            connection.request(method, self._prefix + path, content, self._headers)
            answer = connection.getresponse()
            said = answer.read(ANSWER_BYTES_MAX)
        except BaseException:
            connection.close()
            raise
        if len(self._kept) < KEPT_MAX:
            self._kept.append(connection)
        else:
            connection.close()
        return answer.status, said


def _close_all(kept: deque[http.client.HTTPConnection]) -> None:
    while kept:
        kept.pop().close()
