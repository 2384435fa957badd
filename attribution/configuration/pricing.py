"""The section `pricing` of the configuration: contract prices, tools, rules, fees, currencies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from attribution.configuration.section import Money, Positive, Section

FEE_KEY = "spanledger.fee.usd"
"""The attribute in which a span carries its own fee, USD."""
USD = "USD"

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""ISO 4217."""
RuleBucket = Literal["compute", "storage", "orchestration", "human_review", "tool", "platform"]
Attribute = Annotated[str, Field(min_length=1)]
"""An attribute key; `key#member` is a member of the JSON object under it."""


class Dated(Section):
    """What holds from one moment to another; days begin at midnight UTC."""

    from_: Annotated[date | datetime, Field(alias="from")] = date(1970, 1, 1)
    to: date | datetime | None = None
    """First moment at which it no longer holds; None: open."""

    @property
    def starts(self) -> datetime:
        """First instant at which it is in force, UTC."""
        return _instant(self.from_)

    @property
    def ends(self) -> datetime | None:
        """First instant at which it is no longer in force, UTC; None: open."""
        return None if self.to is None else _instant(self.to)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.ends is not None and self.ends <= self.starts:
            raise ValueError(f"`to` {self.to} must come after `from` {self.from_}")
        return self


def _instant(day: date | datetime) -> datetime:
    if isinstance(day, datetime):
        return day if day.tzinfo else day.replace(tzinfo=UTC)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


class ModelPrice(Dated):
    """A contract price per million tokens; `*` matches any run of characters in provider and model."""

    provider: str = "*"
    model: str
    currency: Currency = USD
    input: Money
    output: Money | None = None
    """None: the model answers without tokens, as embeddings do; an answer that has some is then of unknown price."""
    cache_read: Money | None = None
    """None: cached input costs what input costs."""
    cache_write: Money | None = None
    """None: cache writes cost what input costs."""
    cache_write_1h: Money | None = None
    """None: one-hour cache writes cost what cache writes cost."""
    reasoning: Money | None = None
    """None: reasoning costs what output costs."""


class ToolPrice(Section):
    """What a call of a tool costs; what is given adds up."""

    per_call: Money | None = None
    per_unit: Money | None = None
    """For each of what `unit` counts."""
    unit: Attribute | None = None
    """Attribute of the span that holds a number."""
    currency: Currency = USD

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.per_call is None and self.per_unit is None:
            raise ValueError("a price is needed: per_call or per_unit")
        if (self.per_unit is None) != (self.unit is None):
            raise ValueError("per_unit and unit need each other: unit names the attribute that holds the number")
        return self


SELECTORS = ("name", "agent", "service", "tool", "provider", "model")
RATES = ("per_call", "per_second", "per_minute", "per_gpu_second", "per_gb", "per_unit")


class Rule(Dated):
    """What spans cost that have no price by tokens, and what their own time costs.

    Every selector that is given must match; rates that are given add up.
    """

    bucket: RuleBucket
    name: str | None = None
    """Pattern for the span's name; `*` matches any run of characters, here and below."""
    agent: str | None = None
    """Pattern for the agent identity on the span itself."""
    service: str | None = None
    tool: str | None = None
    provider: str | None = None
    """With `provider` or `model` a rule is for model calls only."""
    model: str | None = None
    per_call: Money | None = None
    per_second: Money | None = None
    """Of the time that the span takes; of what is no model call, in the bucket compute, of its own time: without that of other agents."""
    per_minute: Money | None = None
    """Of the time that the span takes, what it waits for included: for people."""
    per_gpu_second: Money | None = None
    """As per_second, for each of `gpus`."""
    gpus: Positive | None = None
    per_gb: Money | None = None
    """For each 10^9 bytes of what `unit` counts."""
    per_unit: Money | None = None
    """For each of what `unit` counts."""
    unit: Attribute | None = None
    """Attribute of the span that holds a number; bytes for `per_gb`."""
    currency: Currency = USD

    @property
    def marks(self) -> bool:
        """Whether it only says the bucket, and no price."""
        return all(getattr(self, rate) is None for rate in RATES)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if all(getattr(self, selector) is None for selector in SELECTORS):
            raise ValueError(f"say which spans: {', '.join(SELECTORS[:-1])} or {SELECTORS[-1]}")
        if self.marks and self.bucket != "orchestration":
            raise ValueError(f"a rate is needed: {', '.join(RATES[:-1])} or {RATES[-1]}; only orchestration goes without")
        if self.per_gb is not None and self.per_unit is not None:
            raise ValueError("per_gb or per_unit, not both: there is one unit")
        if (self.per_gb is None and self.per_unit is None) != (self.unit is None):
            raise ValueError("per_unit or per_gb and unit need each other: unit names the attribute that holds the number")
        if self.gpus is not None and self.per_gpu_second is None:
            raise ValueError("gpus goes with per_gpu_second")
        return self


class CurrencyRate(Section):
    """What one unit of a currency is worth from a moment on, until the next rate."""

    from_: Annotated[date | datetime, Field(alias="from")]
    usd: Positive

    @property
    def starts(self) -> datetime:
        """First instant at which it is in force, UTC."""
        return _instant(self.from_)


class Pricing(Section):
    """Where prices come from, and which one wins."""

    prefer: Literal["reported", "priced"] = "reported"
    models: tuple[ModelPrice, ...] = ()
    tools: Mapping[str, ToolPrice] = {}
    """By name of the tool or pattern; an exact name goes before patterns, patterns go in the order of the file."""
    rules: tuple[Rule, ...] = ()
    """The first one that matches and is in force is taken."""
    fee: tuple[Attribute, ...] = ()
    """Attribute keys that hold a span's own fee in USD, tried before FEE_KEY."""
    currencies: Mapping[Currency, tuple[CurrencyRate, ...]] = {}
    corrections: bool = True
    """Put right what is known to be wrong in the price book (attribution/prices/corrections.py); the price id names it."""
    update: bool = True
    """Fetch new prices hourly while serving; the price book that is installed serves until then."""

    @field_validator("currencies")
    @classmethod
    def _distinct(cls, currencies: Mapping[str, tuple[CurrencyRate, ...]]) -> Mapping[str, tuple[CurrencyRate, ...]]:
        if USD in currencies:
            raise ValueError("USD needs no rate: rates say what other currencies are worth in USD")
        for code, rates in currencies.items():
            if len({rate.starts for rate in rates}) < len(rates):
                raise ValueError(f"{code} has two rates from the same moment")
        return currencies

    @model_validator(mode="after")
    def _rated(self) -> Self:
        for key, currency in self._currencies_used():
            if currency != USD and not self.currencies.get(currency):
                missing = f"currencies: {{{currency}: [{{from: DATE, usd: RATE}}]}}"
                raise ValueError(f"{key}.currency: {currency!r} is not allowed: it has no rate; add {missing}")
        return self

    def _currencies_used(self) -> Iterator[tuple[str, str]]:
        yield from ((f"models.{nth}", price.currency) for nth, price in enumerate(self.models))
        yield from ((f"tools.{name}", price.currency) for name, price in self.tools.items())
        yield from ((f"rules.{nth}", rule.currency) for nth, rule in enumerate(self.rules))
