"""What costs without tokens: tools, compute, storage, people, as the configuration says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from operator import itemgetter
from typing import Any

from attribution.configuration.pricing import SELECTORS, Rule, ToolPrice
from attribution.conventions import Reading
from attribution.prices.matching import EPOCH, ns, pattern
from attribution.prices.providers import genai_prices_id
from attribution.prices.usage import is_call

MATCHES_MAX = 8192
"""Names remembered: senders choose them, and they must not fill the memory."""

_SECOND_NS = 9
"""Digits: a duration in ns, moved by so many, is one in seconds."""
_RATE_QUANTUM = Decimal(1).scaleb(-18)
"""As the store holds a rate."""
_EXACT = Context(prec=100)
_GIGABYTE = 9
"""Digits: 10^9 bytes."""
_SECONDS_A_MINUTE = 60
_PROVIDER = SELECTORS.index("provider")
_MODEL = SELECTORS.index("model")


@dataclass(frozen=True, slots=True)
class Tariff:
    """The rates of one rule or tool; those that are given add up."""

    price_id: str
    bucket: str
    currency: str
    per_call: Decimal
    per_second: Decimal
    per_minute: Decimal
    per_unit: Decimal
    unit: str
    """Attribute that is counted; '' where none is."""
    marks: bool
    """It says the bucket and no price."""

    @property
    def pays_own_time(self) -> bool:
        """Whether it is for seconds of a span's own time, and not of all that the span takes."""
        return self.bucket == "compute" and self.per_second > 0

    def rate(self, usd: Decimal) -> Decimal:
        """USD a second, where one unit of the tariff's currency is worth `usd`."""
        return _EXACT.multiply(self.per_second, usd).quantize(_RATE_QUANTUM, ROUND_HALF_EVEN, _EXACT)

    def amount(self, reading: Reading, duration_ns: int, usd: Decimal) -> Decimal | None:
        """What a span costs in USD, not rounded; None where it does not say how much it used."""
        cost = self.per_call
        if self.per_minute:
            cost += (self.per_minute * duration_ns).scaleb(-_SECOND_NS) / _SECONDS_A_MINUTE
        if self.unit:
            used = reading.measures.get(self.unit)
            if used is None:
                return None
            cost += self.per_unit * used
        if self.per_second:  # exact, for attribution takes the time out again and puts the own time in
            return _EXACT.add(cost * usd, time_cost(self.rate(usd), duration_ns))
        return cost * usd


def time_cost(rate: Decimal, duration_ns: int) -> Decimal:
    """What a duration costs at a rate by the second, not rounded."""
    return _EXACT.multiply(rate, duration_ns).scaleb(-_SECOND_NS, _EXACT)


class Tools:
    """Prices by name of the tool: an exact name, else the first pattern that fits."""

    def __init__(self, prices: Mapping[str, ToolPrice]) -> None:
        self._exact = {name: _tool_tariff(name, price) for name, price in prices.items()}
        self._patterns = [(pattern(name), self._exact[name]) for name in prices if "*" in name]
        self._found: dict[str, Tariff | None] = {}

    def __bool__(self) -> bool:
        """Whether any tool has a price."""
        return bool(self._exact)

    def named(self, tool: str) -> Tariff | None:
        """The price under exactly this name."""
        return self._exact.get(tool)

    def find(self, tool: str) -> Tariff | None:
        """What a call of the tool costs."""
        exact = self._exact.get(tool)
        if exact is not None or not self._patterns:
            return exact
        if tool not in self._found:
            if len(self._found) >= MATCHES_MAX:
                self._found.clear()
            self._found[tool] = next((tariff for names, tariff in self._patterns if names.fullmatch(tool)), None)
        return self._found[tool]


@dataclass(frozen=True, slots=True)
class _Dated:
    """A rule, made ready to be asked."""

    selectors: tuple[tuple[int, re.Pattern[str]], ...]
    """Position in SELECTORS, and what the span must have there."""
    starts_ns: int
    ends_ns: int | None
    tariff: Tariff

    def matches(self, facts: Sequence[str]) -> bool:
        """A name that is absent matches nothing: `agent: "*"` are spans that name an agent."""
        return all(
            facts[at] and (wanted.fullmatch(facts[at]) or (at == _PROVIDER and wanted.fullmatch(genai_prices_id(facts[at]))))
            for at, wanted in self.selectors
        )

    def in_force(self, at_ns: int) -> bool:
        return self.starts_ns <= at_ns and (self.ends_ns is None or at_ns < self.ends_ns)


class Rules:
    """Rules in the order of the file."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = [_dated(rule) for rule in rules]
        # What no rule looks at must not make one set of names many.
        looked_at = sorted({at for rule in self._rules for at, _ in rule.selectors})
        self._key: Any = itemgetter(*looked_at) if looked_at else len
        self._found: dict[tuple[Any, bool], list[_Dated]] = {}

    def find(self, reading: Reading, name: str, service: str, at_ns: int) -> Tariff | None:
        """The first rule that matches and is in force. Rules for providers and models are for model calls only: what is around
        a call often names its model too, and its time would be paid for twice.
        """  # noqa: D205
        model = reading.model or reading.request_model
        facts = (name, reading.agent, service, reading.tool, reading.provider, model)
        matching = self._matching(facts, is_call=is_call(reading))
        return next((rule.tariff for rule in matching if rule.in_force(at_ns)), None)

    def _matching(self, facts: tuple[str, ...], *, is_call: bool) -> list[_Dated]:
        key = (self._key(facts), is_call)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= MATCHES_MAX:
                self._found.clear()
            found = self._found[key] = [
                rule
                for rule in self._rules
                if (is_call or all(at not in {_PROVIDER, _MODEL} for at, _ in rule.selectors)) and rule.matches(facts)
            ]
        return found


def _tool_tariff(name: str, price: ToolPrice) -> Tariff:
    return Tariff(
        price_id=f"rule:tool/{name}",
        bucket="tool",
        currency=price.currency,
        per_call=price.per_call or Decimal(0),
        per_second=Decimal(0),
        per_minute=Decimal(0),
        per_unit=price.per_unit or Decimal(0),
        unit=price.unit or "",
        marks=False,
    )


def _dated(rule: Rule) -> _Dated:
    asked = tuple((at, pattern(wanted)) for at, name in enumerate(SELECTORS) if (wanted := getattr(rule, name)) is not None)
    return _Dated(asked, ns(rule.starts), None if rule.ends is None else ns(rule.ends), _rule_tariff(rule))


def _rule_tariff(rule: Rule) -> Tariff:
    of_gpus = (rule.per_gpu_second or Decimal(0)) * (rule.gpus or 1)
    return Tariff(
        price_id=rule_id(rule),
        bucket=rule.bucket,
        currency=rule.currency,
        per_call=rule.per_call or Decimal(0),
        per_second=(rule.per_second or Decimal(0)) + of_gpus,
        per_minute=rule.per_minute or Decimal(0),
        per_unit=rule.per_unit or (rule.per_gb or Decimal(0)).scaleb(-_GIGABYTE),
        unit=rule.unit or "",
        marks=rule.marks,
    )


def rule_id(rule: Rule) -> str:
    """`rule:compute/agent=researcher@2026-01-01`: bucket, selectors, and the start where one is given."""
    start = f"@{rule.starts:%Y-%m-%d}" if rule.starts != EPOCH else ""
    return f"rule:{rule.bucket}/{selectors(rule)}{start}"


def selectors(rule: Rule) -> str:
    """What a rule is for: `service=vllm,model=llama*`."""
    return ",".join(f"{name}={wanted}" for name in SELECTORS if (wanted := getattr(rule, name)) is not None)
