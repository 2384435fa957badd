"""Budgets written to limits that providers and gateways have themselves: the last line, where a call asks nobody.

OpenAI    GET, POST /v1/organization/projects/{project}/spend_limit: whole cents of USD a calendar month
LiteLLM   GET /key/info, POST /key/update: `max_budget` in USD, `budget_duration`
OpenRouter  GET, PATCH /api/v1/keys/{hash}: `limit` in USD, `limit_reset`

We know of no limit that Anthropic's Admin API sets.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any
from urllib.parse import quote

import urllib3

from attribution.budgets import Event, Standing, events, keep_events, limit_of
from attribution.errors import RefusedError, SpanledgerError
from attribution.storage import Store
from collector.config import Config, ProviderLimit
from collector.secrets import held_secret

SECONDS_MAX = 30.0
NOT_FOUND = 404
ANSWER_CHARACTERS_MAX = 300
"""Of what a provider says is wrong."""
CENT = Decimal("0.01")
PERIODS: Mapping[str, Mapping[str, str]] = {
    "openai": {"month": "month"},
    "litellm": {"hour": "1h", "day": "1d", "week": "7d", "month": "1mo"},
    "openrouter": {"day": "daily", "week": "weekly", "month": "monthly"},
}
"""By provider: how it calls the windows of budgets that it has. All of them begin in UTC."""


class ProviderError(SpanledgerError):
    """A provider does not answer, or not to this request."""


@dataclass(frozen=True, slots=True)
class Set:
    """A limit as a provider has it."""

    amount: Decimal | None
    """USD; None: there is no limit."""
    period: str = ""
    """As the provider calls it."""

    def __str__(self) -> str:
        return "none" if self.amount is None else f"{self.amount.normalize():f} USD {self.period or 'in all'}"


@dataclass(frozen=True, slots=True)
class Change:
    """What one limit is and would be."""

    of: ProviderLimit
    there: Set
    ours: Set

    @property
    def is_needed(self) -> bool:
        """Whether they differ."""
        return self.there != self.ours


def planned(store: Store, config: Config, at: datetime) -> list[Change]:
    """What would be written. Raises RefusedError where a provider cannot hold a budget, ProviderError, StorageError."""
    standing = Standing.of(events(store, kinds=("extended",)))
    ours = [_ours(config, one, standing, at) for one in config.provider_limits]  # all are looked at before anybody is asked
    return [Change(one, _Endpoint(one).read(), limit) for one, limit in zip(config.provider_limits, ours, strict=True)]


def push(store: Store, changes: Sequence[Change], *, who: str, reason: str = "") -> None:
    """Write what differs, and keep a record of each. Raises ProviderError, StorageError; what was written before then stays."""
    for change in changes:
        if change.is_needed:
            _Endpoint(change.of).write(change.ours)
            detail = {"provider": change.of.provider, "target": change.of.target, "before": str(change.there), "after": str(change.ours)}
            amount = change.ours.amount or Decimal(0)
            event = Event(
                "pushed", change.of.budget, amount=amount, who=who, reason=reason, detail=json.dumps(detail), at=datetime.now(UTC)
            )
            keep_events(store, [event])


def _ours(config: Config, one: ProviderLimit, standing: Standing, at: datetime) -> Set:
    limit = limit_of(config, one.budget)
    known = PERIODS[one.provider]
    if not limit.is_money or limit.key_names or limit.budget.per not in known:
        raise RefusedError(
            f"provider_limits: {one.provider} cannot hold {one.budget}: a budget of money, without each, per {' or '.join(known)} is needed"
        )
    amount = limit.usd(limit.budget.limit + standing.extension(limit.counter((), at), at), at).quantize(CENT, ROUND_DOWN)
    if limit.budget.limit and not amount:
        raise RefusedError(f"provider_limits: {one.budget}: its limit is less than a cent of USD at the rate of now")
    return Set(amount, known[limit.budget.per])


class _Endpoint:
    """One limit of a provider, over HTTP. The secret is in no message."""

    def __init__(self, one: ProviderLimit) -> None:
        self._one = one
        self._url = one.url.rstrip("/")
        headers = {"Authorization": f"Bearer {_secret(one)}"}
        self._http = urllib3.PoolManager(headers=headers, timeout=SECONDS_MAX, retries=False)

    def read(self) -> Set:
        """What it is now."""
        target = quote(self._one.target, safe="")
        if self._one.provider == "openai":
            found = self._ask("GET", f"/organization/projects/{target}/spend_limit", absent={})
            cents = found.get("threshold_amount")
            return Set(None) if cents is None else Set(Decimal(str(cents)) * CENT, found.get("interval") or "")
        if self._one.provider == "litellm":
            info = self._ask("GET", f"/key/info?key={target}").get("info") or {}
            return _set(info.get("max_budget"), info.get("budget_duration"))
        data = self._ask("GET", f"/keys/{target}").get("data") or {}
        return _set(data.get("limit"), data.get("limit_reset"))

    def write(self, ours: Set) -> None:
        """Make it ours."""
        target, amount = quote(self._one.target, safe=""), float(ours.amount or 0)  # JSON has no other numbers; cents are exact in it
        if self._one.provider == "openai":
            cents = int((ours.amount or Decimal(0)) / CENT)
            body: dict[str, Any] = {"currency": "USD", "interval": ours.period, "threshold_amount": cents}
            self._ask("POST", f"/organization/projects/{target}/spend_limit", body)
        elif self._one.provider == "litellm":
            self._ask("POST", "/key/update", {"key": self._one.target, "max_budget": amount, "budget_duration": ours.period})
        else:
            self._ask("PATCH", f"/keys/{target}", {"limit": amount, "limit_reset": ours.period})

    def _ask(self, method: str, path: str, body: Any = None, absent: Any = None) -> Any:
        """`absent`: the answer where there is nothing; None: that is an error."""
        where = f"provider_limits: {self._one.budget}: {self._one.provider} at {self._url}"
        try:
            answer = self._http.request(method, self._url + path, **({} if body is None else {"json": body}))
        except urllib3.exceptions.HTTPError as problem:
            raise ProviderError(f"{where} does not answer: {problem}") from None
        if answer.status == NOT_FOUND and absent is not None:
            return absent
        text = answer.data.decode(errors="replace")
        if answer.status // 100 != 2:  # noqa: PLR2004  (success)
            shown = " ".join(text.replace(_secret(self._one), "...").split())[:ANSWER_CHARACTERS_MAX]
            raise ProviderError(f"{where} answers {answer.status} to {method} of {self._one.target}: {shown}")
        try:
            found = json.loads(text, parse_float=Decimal)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ProviderError(f"{where} answers something that is no JSON object: is the url right?")
        return found


def _set(amount: Any, period: Any) -> Set:
    return Set(None) if amount is None else Set(Decimal(str(amount)), period or "")


def _secret(one: ProviderLimit) -> str:
    try:
        secret = held_secret(one.admin_key_file, one.admin_key_env)
    except (OSError, UnicodeDecodeError) as problem:
        raise RefusedError(f"provider_limits: {one.budget}: admin_key_file: cannot be read: {problem}") from None
    if not secret:
        named = f"the file {one.admin_key_file}" if one.admin_key_file else f"the environment variable {one.admin_key_env}"
        raise RefusedError(f"provider_limits: {one.budget}: {named} holds no key of an administrator")
    return secret
