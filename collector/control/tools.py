"""What agents may ask of a running service over MCP: what is left, and whether a call may be made. Over HTTP, as anybody asks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import copy
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3

from attribution.errors import SpanledgerError

SECONDS_MAX = 10.0
SERVER_ERROR = 500
KEY_HEADERS = frozenset({"authorization", "x-api-key"})
"""Where an ingest key stands."""
_SAID_OF_A_BUDGET = ("budget", "unit", "per", "key", "limit", "spent", "reserved", "remaining", "resets_at")
_SAID_OF_A_DECISION = ("decision", "reason", "retry_after_s", *_SAID_OF_A_BUDGET, "amount", "missing")


class ServiceError(SpanledgerError):
    """The service does not answer, or not to this question."""


class Tools:
    """Questions to one service."""

    def __init__(self, url: str, key: str, dimensions: Mapping[str, str]) -> None:
        """`dimensions` are those of every question. Raises ServiceError where `url` is none."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ServiceError(f"--url: {url!r} is not allowed: http://HOST:PORT or https://HOST:PORT is needed")
        self._url, self._dimensions = url.rstrip("/"), dict(dimensions)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = urllib3.PoolManager(timeout=SECONDS_MAX, retries=urllib3.Retry(1, allowed_methods=None))

    def of(self, headers: Mapping[str, str] | None) -> Tools:
        """For who sends these headers (names in any case), with the key that it brings; None: for whose key this has."""
        if headers is None:
            return self
        own = copy(self)
        own._headers = {name: value for name, value in headers.items() if name.lower() in KEY_HEADERS}  # noqa: SLF001  (a copy of this)
        return own

    def what_is_left(self, dimensions: Mapping[str, str] | None = None, run: str = "") -> list[dict[str, Any]]:
        """Of every budget that would hold for a call. Raises ServiceError."""
        said = {**(dimensions or {}), **self._dimensions, **({"run": run} if run else {})}
        answer = self._ask("GET", f"/api/v1/budgets?{urlencode(said)}" if said else "/api/v1/budgets")
        return [{name: one[name] for name in _SAID_OF_A_BUDGET} for one in answer["budgets"]]

    def may_i(self, question: Mapping[str, Any], dimensions: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Whether a call may be made now. Nothing stays reserved: the call itself asks. Raises ServiceError."""
        asked = {name: value for name, value in question.items() if value not in (None, "")}
        answer = self._ask("POST", "/api/v1/decisions", {**asked, "dimensions": {**(dimensions or {}), **self._dimensions}})
        if answer["reservation"]:
            self._ask("DELETE", f"/api/v1/decisions/{answer['reservation']}")
        return {name: answer[name] for name in _SAID_OF_A_DECISION if answer.get(name) not in (None, [], "")}

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        try:
            of = {"json": body, "headers": {**self._headers, "Content-Type": "application/json"}} if body else {"headers": self._headers}
            answer = self._http.request(method, self._url + path, **of)
            said = json.loads(answer.data)
        except (urllib3.exceptions.HTTPError, ValueError) as problem:
            raise ServiceError(f"{self._url} does not answer: {problem}") from None
        if "error" in said or "message" in said or answer.status >= SERVER_ERROR:
            raise ServiceError(f"{self._url}: {said.get('error') or said.get('message') or answer.status}")
        return said
