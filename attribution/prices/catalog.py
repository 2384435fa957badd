"""genai-prices' own book: which model a span names, and which of the model's rates were in force."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from genai_prices.data_snapshot import DataSnapshot
from genai_prices.types import ModelInfo, ModelPrice, Provider, StartDateConstraint, TimeOfDateConstraint

from attribution.conventions.providers import canonical, is_open
from attribution.prices.corrections import DAY_NS, Correction, additions, alias, corrections, is_weekend, without_price
from attribution.prices.formula import Formula, Quantities, Quantity
from attribution.prices.linear import ALWAYS_NS
from attribution.prices.providers import genai_prices_id

Constraint = StartDateConstraint | TimeOfDateConstraint | None
Context = tuple[tuple[str, str], ...]
"""What a price may depend on besides the time: service tier, speed, processing."""

_VENDORS: dict[str, tuple[str, ...]] = {
    "aws": ("amazon", "anthropic", "meta", "mistral", "cohere", "ai21", "deepseek", "qwen", "openai", "writer", "google", "nvidia"),
    "openrouter": ("openai", "anthropic", "google", "meta-llama", "mistralai", "deepseek", "qwen", "x-ai", "cohere", "moonshotai", "z-ai"),
}
"""Whose models a provider sells under `vendor.model` or `vendor/model`: OpenLLMetry cuts the vendor off."""
_SEPARATORS = {"aws": ".", "openrouter": "/"}

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
    factor: Decimal | None = Decimal(1)
    """Of what the tokens cost by the formula; None: nobody knows it."""


class PricedModel:
    """A model of the book, its rates by time."""

    def __init__(
        self, provider: Provider, model: ModelInfo, context: Context, corrected: Sequence[Correction] = (), named: str = ""
    ) -> None:
        """`corrected`: what the book has wrong of such calls; `named`: the correction by which the name was found."""
        self.provider, self.model = provider, model
        self._corrected = corrected
        self._named = named
        own = any(model is other for other in provider.models)
        self._conditions = _conditions(model)
        self._variants = _variants(model, dict(context)) if own else []  # another provider's special rates are not this one's
        self._name = f"genai-prices:{provider.id}/{model.id}"
        constraints = [each[0] for each in (*self._conditions, *self._variants)]
        starts = {_start_ns(each) for each in constraints if isinstance(each, StartDateConstraint)}
        ends = {each.ends_ns for each in corrected if each.ends_ns is not None}
        self._starts_ns = sorted(starts | ends | {each.starts_ns for each in corrected})
        self._weekly = any(each.weekends_only for each in corrected)
        hours = [(each.start_time, each.end_time) for each in constraints if isinstance(each, TimeOfDateConstraint)]
        self._hours_ns = sorted({_day_ns(hour) for pair in hours for hour in pair})
        self._rates: dict[tuple[int, int, bool], Rates] = {}

    def rates(self, at_ns: int) -> Rates:
        """The rates in force at a moment, ns since the epoch."""
        weekend = self._weekly and is_weekend(at_ns)
        period = (bisect_right(self._starts_ns, at_ns), bisect_right(self._hours_ns, at_ns % DAY_NS), weekend)  # in which none changes
        rates = self._rates.get(period)
        if rates is None:
            rates = self._rates[period] = self._compile(self._chosen(at_ns), [each for each in self._corrected if each.in_force(at_ns)])
        return rates

    def period(self, at_ns: int) -> tuple[int, int]:
        """A time around a moment in which the rates do not change: from when and until when, ns since the epoch."""
        after = bisect_right(self._starts_ns, at_ns)
        first = self._starts_ns[after - 1] if after else ALWAYS_NS[0]
        last = self._starts_ns[after] if after < len(self._starts_ns) else ALWAYS_NS[1]
        if not self._weekly and not self._hours_ns:
            return first, last
        midnight = at_ns - at_ns % DAY_NS
        hours = [0, *self._hours_ns, DAY_NS]
        within = bisect_right(hours, at_ns % DAY_NS)
        return max(first, midnight + hours[within - 1]), min(last, midnight + hours[within])

    def _chosen(self, at_ns: int) -> tuple[int, ...]:
        """Positions of the standard prices in force, and of the special ones."""
        conditions = self._conditions
        standard = next((index for index in range(len(conditions) - 1, -1, -1) if self._is_active(conditions[index][0], at_ns)), 0)
        return (standard, *(index for index, (constraint, _, _) in enumerate(self._variants) if is_active(constraint, at_ns)))

    def _is_active(self, constraint: Constraint, at_ns: int) -> bool:
        if not is_active(constraint, at_ns):
            return False
        if isinstance(constraint, TimeOfDateConstraint):
            return not any(constraint.start_time.hour in each.not_at for each in self._corrected if each.in_force(at_ns))
        return True

    def _compile(self, chosen: tuple[int, ...], corrected: Sequence[Correction]) -> Rates:
        constraint, standard = self._conditions[chosen[0]]
        variants = [self._variants[index] for index in chosen[1:]]
        overrides: dict[str, Any] = {}
        for _, prices, _ in variants:  # the first one that has a price for a unit wins
            for key, price in vars(prices).items():
                if price is not None:
                    overrides.setdefault(key, price)
        factor: Decimal | None = Decimal(1)
        applied = [self._named] if self._named else []
        for each in corrected:
            overrides |= each.prices
            factor = None if factor is None or each.factor is None else factor * each.factor
            applied.append(each.name)
        formula = Formula(ModelPrice(**{**vars(standard), **overrides}))
        dates = [each.start_date for each in (constraint, *(v[0] for v in variants)) if isinstance(each, StartDateConstraint)]
        labels = "".join(dict.fromkeys(f"+{label}" for _, _, label in variants))
        hours = _hours(constraint) if isinstance(constraint, TimeOfDateConstraint) else ""
        fixed = "".join(f"+corrected:{name}" for name in applied)
        return Rates(formula, f"{self._name}{labels}{f'@{max(dates)}' if dates else ''}{hours}{fixed}", factor)

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
    """One snapshot of genai-prices."""

    def __init__(self, snapshot: DataSnapshot, *, corrected: bool = True) -> None:
        """`corrected`: with what is known to be wrong in the book put right."""
        self.snapshot = snapshot
        self.corrected = corrected
        self._by_id = {provider.id: provider for provider in snapshot.providers}

    def find(self, name: str, model: str, context: Context) -> PricedModel | None:
        """The model in the book of a provider; None where it has none, or where the model alone fits several providers."""
        if not model:
            return None
        provider = self._by_id.get(genai_prices_id(name)) if name else self._only_provider(model)
        if provider is None:
            return None
        renamed = alias(provider.id, model) if self.corrected else None
        spellings = _spellings(renamed.model if renamed else model, provider)
        for spelling in spellings:
            info = provider.find_model(spelling, all_providers=self.snapshot.providers)
            if info is not None:
                known = _corrections(provider, info, dict(context)) if self.corrected else []
                return PricedModel(provider, info, context, known, renamed.name if renamed else "")
        return next((each for spelling in spellings for each in self.added(provider, spelling)), None)

    def added(self, provider: Provider, model: str | None) -> Iterator[PricedModel]:
        """The models of this name, or all, that the book of a provider lacks."""
        for each in additions(provider.id) if self.corrected else ():
            info = each.info()
            if model is None or info.is_match(model):
                yield PricedModel(provider, info, (), (), each.name)

    def _only_provider(self, model: str) -> Provider | None:
        if is_open(model):  # anyone may serve it
            return None
        found = [each for each in self.snapshot.providers if each.model_match is not None and each.model_match.is_match(model.lower())]
        return found[0] if len(found) == 1 else None


def _corrections(provider: Provider, model: ModelInfo, context: dict[str, str]) -> list[Correction]:
    found = corrections(provider.id, model.id, context)
    own = any(model is other for other in provider.models)
    variants = [item for each in model.price_variants or () for item in each.when.items()] if own else []
    return found + without_price(provider.id, (*variants, *(item for each in found for item in each.when)), context)


def is_active(constraint: Constraint, at_ns: int) -> bool:
    """Whether a price with this constraint is in force, as genai-prices decides it, without building a datetime."""
    if constraint is None:
        return True
    if isinstance(constraint, StartDateConstraint):
        return at_ns >= _start_ns(constraint)
    moment, start, end = at_ns % DAY_NS, _day_ns(constraint.start_time), _day_ns(constraint.end_time)
    return start <= moment < end if start <= end else moment >= start or moment < end


_EPOCH_ORDINAL = 719_163
"""date(1970, 1, 1).toordinal()"""


def _start_ns(constraint: StartDateConstraint) -> int:
    return (constraint.start_date.toordinal() - _EPOCH_ORDINAL) * DAY_NS


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
    """The model as named, then without a path or this provider's own name before it (`openai/gpt-4o`, `models/gemini-2.5-pro`,
    `openrouter/openai/gpt-4o`), then under each of the vendors whose models this provider sells.
    """  # noqa: D205
    path, _, tail = model.rpartition("/")
    owner = path.rpartition("/")[2].lower()
    known = owner in _RESOURCE_PATHS or path.startswith("arn:") or genai_prices_id(canonical(owner)) == provider.id
    found: tuple[str, ...] = (model, tail) if tail and path and known else (model,)
    head, _, rest = model.partition("/")
    if rest and rest != tail and genai_prices_id(canonical(head)) == provider.id:
        found += (rest,)
    if provider.id == "aws" and ":" not in model:  # as its endpoint for OpenAI's client names it: openai.gpt-oss-120b
        found += (f"{model}-1:0",)
    separator = _SEPARATORS.get(provider.id, "")
    if separator and separator not in model.partition(":")[0].partition("-v")[0]:
        found += tuple(f"{vendor}{separator}{model}" for vendor in _VENDORS[provider.id])
    return found
