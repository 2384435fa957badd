"""genai-prices' own book: which model a span names, and which of the model's rates were in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from genai_prices.data_snapshot import DataSnapshot
from genai_prices.types import ModelInfo, ModelPrice, Provider, StartDateConstraint, TimeOfDateConstraint

from attribution.conventions.providers import canonical
from attribution.prices.formula import Formula, Quantities, Quantity
from attribution.prices.providers import genai_prices_id

Constraint = StartDateConstraint | TimeOfDateConstraint | None
Context = tuple[tuple[str, str], ...]
"""What a price may depend on besides the time: service tier, speed, processing."""

DAY_NS = 86_400 * 1_000_000_000
MODELS_MAX = 8192
"""Names remembered, priced or not: senders choose them, and they must not fill the memory."""

_RESOURCE_PATHS = frozenset({"models", "foundation-model", "deployments"})
"""What stands before the model in the resource names of Google, AWS and Azure."""
_WHISPER = frozenset({"whisper-large-v3", "whisper-large-v3-turbo"})
_WHISPER_SECONDS_MIN = 10
"""Groq bills at least so much audio for a request."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What is in force at one moment for one model."""

    formula: Formula
    price_id: str


class PricedModel:
    """A model of the book, its rates by time."""

    def __init__(self, provider: Provider, model: ModelInfo, context: Context) -> None:
        self.provider, self.model = provider, model
        own = any(model is other for other in provider.models)
        self._conditions = _conditions(model)
        self._variants = _variants(model, dict(context)) if own else []  # another provider's special rates are not this one's
        self._name = f"genai-prices:{provider.id}/{model.id}"
        self._rates: dict[tuple[int, ...], Rates] = {}
        self._always = None if self._variants or len(self._conditions) > 1 else self._compile((0,))

    def rates(self, at_ns: int) -> Rates:
        """The rates in force at a moment, ns since the epoch."""
        if self._always is not None:
            return self._always
        conditions = self._conditions
        standard = next((index for index in range(len(conditions) - 1, -1, -1) if is_active(conditions[index][0], at_ns)), 0)
        chosen = (standard, *(index for index, (constraint, _, _) in enumerate(self._variants) if is_active(constraint, at_ns)))
        rates = self._rates.get(chosen)
        if rates is None:
            rates = self._rates[chosen] = self._compile(chosen)
        return rates

    def _compile(self, chosen: tuple[int, ...]) -> Rates:
        constraint, standard = self._conditions[chosen[0]]
        variants = [self._variants[index] for index in chosen[1:]]
        overrides: dict[str, Any] = {}
        for _, prices, _ in variants:  # the first one that has a price for a unit wins
            for key, price in vars(prices).items():
                if price is not None:
                    overrides.setdefault(key, price)
        formula = Formula(ModelPrice(**{**vars(standard), **overrides}))
        dates = [each.start_date for each in (constraint, *(v[0] for v in variants)) if isinstance(each, StartDateConstraint)]
        labels = "".join(dict.fromkeys(f"+{label}" for _, _, label in variants))
        hours = _hours(constraint) if isinstance(constraint, TimeOfDateConstraint) else ""
        return Rates(formula, f"{self._name}{labels}{f'@{max(dates)}' if dates else ''}{hours}")

    def adjusted(self, used: Quantities) -> Quantities:
        """Quantities as the provider bills them."""
        if self.provider.id != "groq" or self.model.id not in _WHISPER:
            return used
        seconds = used.get("audio_seconds") or used.get("input_audio_seconds")
        if not seconds:
            return used
        billed: Quantity = max(seconds, _WHISPER_SECONDS_MIN)
        return {**used, "audio_seconds": billed, "input_audio_seconds": billed}


class Catalog:
    """One snapshot of genai-prices, with what was found in it."""

    def __init__(self, snapshot: DataSnapshot) -> None:
        self.snapshot = snapshot
        self._by_id = {provider.id: provider for provider in snapshot.providers}
        self._found: dict[tuple[str, str, Context], PricedModel | None] = {}

    def find(self, provider: str, model: str, context: Context) -> PricedModel | None:
        """The model in the book; None where it has none, or where the name alone fits several providers."""
        key = (provider, model, context)
        try:
            return self._found[key]
        except KeyError:
            found = self._find(provider, model, context) if model else None
        if len(self._found) >= MODELS_MAX:
            self._found.clear()
        self._found[key] = found
        return found

    def _find(self, name: str, model: str, context: Context) -> PricedModel | None:
        provider = self._by_id.get(genai_prices_id(name)) if name else self._only_provider(model)
        if provider is None:
            return None
        for spelling in _spellings(model, provider):
            info = provider.find_model(spelling, all_providers=self.snapshot.providers)
            if info is not None:
                return PricedModel(provider, info, context)
        return None

    def _only_provider(self, model: str) -> Provider | None:
        found = [each for each in self.snapshot.providers if each.model_match is not None and each.model_match.is_match(model.lower())]
        return found[0] if len(found) == 1 else None


def is_active(constraint: Constraint, at_ns: int) -> bool:
    """Whether a price with this constraint is in force, as genai-prices decides it, without building a datetime."""
    if constraint is None:
        return True
    if isinstance(constraint, StartDateConstraint):
        return at_ns // DAY_NS >= constraint.start_date.toordinal() - _EPOCH_ORDINAL
    moment, start, end = at_ns % DAY_NS, _day_ns(constraint.start_time), _day_ns(constraint.end_time)
    return start <= moment < end if start <= end else moment >= start or moment < end


_EPOCH_ORDINAL = 719_163
"""date(1970, 1, 1).toordinal()"""


def _day_ns(moment: time) -> int:
    if moment.tzinfo is not None:
        moment = datetime.combine(datetime(1970, 1, 2, tzinfo=UTC), moment).astimezone(UTC).time()
    return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1_000_000_000 + moment.microsecond * 1000


def _conditions(model: ModelInfo) -> list[tuple[Constraint, ModelPrice]]:
    if isinstance(model.prices, ModelPrice):
        return [(None, model.prices)]
    return [(each.constraint, each.prices) for each in model.prices]


def _variants(model: ModelInfo, context: Mapping[str, str]) -> list[tuple[Constraint, ModelPrice, str]]:
    return [
        (each.constraint, each.prices, ",".join(each.when.values()))
        for each in model.price_variants or ()
        if all(context.get(key) == value for key, value in each.when.items())
    ]


def _hours(constraint: TimeOfDateConstraint) -> str:
    return f"@{constraint.start_time:%H:%M}-{constraint.end_time:%H:%M}"


def _spellings(model: str, provider: Provider) -> tuple[str, ...]:
    """The model as named, then without a path or this provider's own name before it: `openai/gpt-4o`, `models/gemini-2.5-pro`."""
    path, _, tail = model.rpartition("/")
    owner = path.rpartition("/")[2].lower()
    known = owner in _RESOURCE_PATHS or path.startswith("arn:") or genai_prices_id(canonical(owner)) == provider.id
    return (model, tail) if tail and path and known else (model,)
