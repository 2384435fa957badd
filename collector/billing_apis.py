"""What providers bill, asked of their own APIs: pages, waiting and errors are the same for all, the reading is that of files.

Sources: OpenAI `/v1/organization/costs` and `/usage/completions`, Anthropic `/v1/organizations/analytics/cost` and `/usage` (beta
`analytics-usage-cost-2026-08-24`), OpenRouter `/api/v1/activity`, GitHub `/organizations/ORG/settings/billing/ai_credit/usage`.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import urllib3

from attribution.billing import KINDS, BilledLine, read_answers, with_counts
from attribution.errors import ConfigurationError, RefusedError
from collector.exporter.otlp import after_seconds, shown

SECONDS_MAX = 60.0
"""Of one request: reports of a month are made when they are asked for."""
BYTES_MAX = 64 * 2**20
"""Of one answer, unpacked."""
PAGES_MAX = 1000
"""Of one report: a month by day, model and kind is some dozens."""
ATTEMPTS_MAX = 5
RETRIED_STATUS = frozenset({408, 429, 500, 502, 503, 504, 529})
DAYS_OF_OPENROUTER = 30
"""How many days, ended in UTC, it keeps."""
DAYS_OF_ANTHROPIC = 31
"""The most that one report may have."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TEXT_SHOWN_MAX = 300

Parameters = list[tuple[str, str]]
Question = tuple[str, Parameters]
"""A path below the address, and its parameters."""


@dataclass(frozen=True, slots=True)
class BillingApi:
    """How a provider is asked what it bills."""

    address: str
    key: str
    """The variable that holds the key."""
    key_is: str
    """Which key that is."""
    costs: Callable[[date, date, str], Iterator[Question]]
    """By first and last day, and the organization; answers that name a next page are followed."""
    headers: Callable[[str], Mapping[str, str]]
    usage: Callable[[date, date], Iterator[Question]] | None = None
    """Where tokens are told apart from costs."""


def fetch_invoice(
    provider: str,
    first: date,
    last: date,
    *,
    address: str | None = None,
    organization: str = "",
    wait: Callable[[float], None] = time.sleep,
) -> list[BilledLine]:
    """What a provider bills of some days, in UTC.

    Args:
        provider: one of BILLING_APIS; its key is in the environment.
        first: the first day.
        last: the last day, which is over.
        address: of the API, in place of the provider's own.
        organization: whose bill it is, for GitHub.
        wait: sleeps that many seconds.

    Raises:
        ConfigurationError: the key, the organization or an address that may be trusted with the key is missing.
        RefusedError: the provider refuses, stays away or answers what cannot be read; it is named, the key never.

    """
    api = BILLING_APIS[provider]
    asked = _Asked(provider, (address or api.address).rstrip("/"), _key(provider, api), wait)
    answers = [answer for question in api.costs(first, last, organization) for answer in asked.pages(*question)]
    lines = [line for line in read_answers(answers, provider, asked.where) if first <= line.day <= last]
    if api.usage and any(line.quantity is None and line.kind in KINDS for line in lines):
        counts = [answer for question in api.usage(first, last) for answer in asked.pages(*question)]
        lines = with_counts(lines, counts, provider, asked.where)
    if not lines:
        raise RefusedError(f"{provider} bills nothing from {first} to {last}")
    return lines


def _key(provider: str, api: BillingApi) -> str:
    key = os.environ.get(api.key, "").strip()
    if not key:
        raise ConfigurationError(api.key, [f"is not set: {provider} needs {api.key_is}; or {api.key}_FILE names a file that holds it"])
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(api.key, ["is no key: there are spaces or other characters in it that no key has"])
    return key


@dataclass(slots=True)
class _Asked:
    """A provider's API that is being asked."""

    provider: str
    address: str
    key: str
    wait: Callable[[float], None]
    where: str = field(init=False)
    pool: urllib3.PoolManager = field(init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
            raise ConfigurationError("--url", [f"{shown(self.address)!r} is not allowed: https://, for a key is sent there"])
        self.where = shown(self.address)
        # Redirects are not followed: they would take the key along.
        self.pool = urllib3.PoolManager(timeout=SECONDS_MAX, retries=False)

    def pages(self, path: str, parameters: Parameters) -> Iterator[Mapping[str, Any]]:
        """The answers to a question, page by page."""
        page = ""
        for _ in range(PAGES_MAX):
            answer = self._answer(path, [*parameters, ("page", page)] if page else parameters)
            yield answer
            before, page = page, str(answer.get("next_page") or "")
            if not page or answer.get("has_more") is False:
                if answer.get("has_more"):
                    raise RefusedError(f"{self.where}{path}: more pages follow (`has_more`), but the answer does not name the next")
                return
            if page == before:
                raise RefusedError(f"{self.where}{path}: the page after {page[:TEXT_SHOWN_MAX]!r} is said to be the same page")
        raise RefusedError(f"{self.where}{path}: more than {PAGES_MAX} pages: ask for fewer days")

    def _answer(self, path: str, parameters: Parameters) -> Mapping[str, Any]:
        status, body = self._got(path, parameters)
        where = f"{self.where}{path}"
        try:
            answer = json.loads(body, parse_float=Decimal)
        except ValueError:
            answer = None
        if status != 200:  # noqa: PLR2004
            raise RefusedError(f"{where} answers {status}: {self._said(answer, body)}{self._help(status)}")
        if not isinstance(answer, dict):
            raise RefusedError(f"{where}: the answer is no JSON object: {self._said(None, body)}")
        return answer

    def _got(self, path: str, parameters: Parameters) -> tuple[int, bytes]:
        """Status and body of an answer; asked again where that may help."""
        url = f"{self.address}{path}?{urlencode(parameters)}"
        headers = {"Accept": "application/json", "User-Agent": "spanledger", **BILLING_APIS[self.provider].headers(self.key)}
        for attempt in range(1, ATTEMPTS_MAX + 1):
            status, body, after_s, why = 0, b"", 0.0, ""
            try:
                answer = self.pool.request("GET", url, headers=headers, preload_content=False)
                try:
                    status, body = answer.status, answer.read(BYTES_MAX + 1, decode_content=True)
                    after_s = after_seconds(answer.headers.get("Retry-After", ""))
                finally:
                    answer.release_conn()
            except urllib3.exceptions.HTTPError as problem:
                why = type(problem).__name__
            if len(body) > BYTES_MAX:
                raise RefusedError(f"{self.where}{path}: the answer has more than {BYTES_MAX} bytes: ask for fewer days")
            if not why and status not in RETRIED_STATUS:
                break
            if attempt == ATTEMPTS_MAX:
                if why:
                    raise RefusedError(f"{self.where}{path} cannot be reached: {why}, {ATTEMPTS_MAX} times")
                break
            self.wait(after_s or 2.0 ** (attempt - 1))
        return status, body

    def _said(self, answer: Any, body: bytes) -> str:
        """What an answer says is wrong, without the key, which some repeat."""
        error = answer.get("error", answer) if isinstance(answer, dict) else None
        text = error.get("message") if isinstance(error, dict) else error
        plain = str(text or body[:TEXT_SHOWN_MAX].decode("utf-8", "replace") or "nothing")
        return plain.replace(self.key, "(the key)")[:TEXT_SHOWN_MAX]

    def _help(self, status: int) -> str:
        api = BILLING_APIS[self.provider]
        address = ", and the address the API's" if status == 404 else ""  # noqa: PLR2004  (GitHub hides with it what a key may not see)
        return f" ({api.key} has to be {api.key_is}{address})" if status in {401, 403, 404} else ""


def _unix(day: date) -> str:
    return str(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()))


def _openai(first: date, last: date, *, path: str, by: str, limit: int) -> Iterator[Question]:
    until = last + timedelta(days=1)
    yield (
        path,
        [("start_time", _unix(first)), ("end_time", _unix(until)), ("bucket_width", "1d"), ("group_by[]", by), ("limit", str(limit))],
    )


def _anthropic(first: date, last: date, *, path: str, by: list[str]) -> Iterator[Question]:
    while first <= last:
        until = min(last, first + timedelta(days=DAYS_OF_ANTHROPIC - 1)) + timedelta(days=1)
        days = [("starting_at", f"{first}T00:00:00Z"), ("ending_at", f"{until}T00:00:00Z"), ("time_bucket_width", "1d")]
        yield path, [*days, ("order_by", "time"), ("order", "asc"), *(("group_by[]", each) for each in by), ("limit", "1000")]
        first = until


def _openrouter(first: date, _last: date, _organization: str) -> Iterator[Question]:
    kept_from = datetime.now(UTC).date() - timedelta(days=DAYS_OF_OPENROUTER)
    if first < kept_from:
        raise RefusedError(f"openrouter keeps {DAYS_OF_OPENROUTER} days, from {kept_from} on: ask by --from and --to, each week or so")
    yield "/activity", []


def _copilot(first: date, last: date, organization: str) -> Iterator[Question]:
    if not organization:
        raise ConfigurationError("--organization", ["is missing: GitHub bills organizations"])
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        asked = [("year", str(day.year)), ("month", str(day.month)), ("day", str(day.day))]
        yield f"/organizations/{quote(organization, safe='')}/settings/billing/ai_credit/usage", asked


def _bearer(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}"}


BILLING_APIS: Mapping[str, BillingApi] = {
    "openai": BillingApi(
        "https://api.openai.com/v1",
        "SPANLEDGER_OPENAI_ADMIN_KEY",
        "an admin key of the organization",
        lambda first, last, _: _openai(first, last, path="/organization/costs", by="line_item", limit=180),
        _bearer,
        lambda first, last: _openai(first, last, path="/organization/usage/completions", by="model", limit=31),
    ),
    "anthropic": BillingApi(
        "https://api.anthropic.com",
        "SPANLEDGER_ANTHROPIC_ADMIN_KEY",
        "an admin key, or a key that may read analytics",
        lambda first, last, _: _anthropic(first, last, path="/v1/organizations/analytics/cost", by=["model", "cost_type", "token_type"]),
        lambda key: {**_bearer(key), "anthropic-version": "2026-10-21", "anthropic-beta": "analytics-usage-cost-2026-08-24"},
        lambda first, last: _anthropic(first, last, path="/v1/organizations/analytics/usage", by=["model"]),
    ),
    "openrouter": BillingApi(
        "https://openrouter.ai/api/v1", "SPANLEDGER_OPENROUTER_MANAGEMENT_KEY", "a management key", _openrouter, _bearer
    ),
    "copilot": BillingApi(
        "https://api.github.com",
        "SPANLEDGER_GITHUB_TOKEN",
        "a token that may read the organization's administration",
        _copilot,
        lambda key: {**_bearer(key), "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2026-03-10"},
    ),
}
"""Who can be asked."""
