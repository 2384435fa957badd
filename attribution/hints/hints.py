"""What agents could save: another model, a cache, fewer retries, calls back and runs for nothing; in USD a month, with the evidence.

Another model and a cache are priced as calls are, by `attribution/appraisal.py`: the average call of an agent, times its calls. Every other
figure is what was billed. What a run did is known by its calls: agents, models and numbers of tokens. Hints overlap: what one saves,
another cannot save again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal
from zoneinfo import ZoneInfo

from attribution.amounts import nearest
from attribution.appraisal import Appraiser
from attribution.configuration import AttributionConfig
from attribution.errors import RefusedError
from attribution.storage import Store

MONTH_DAYS = 30
CACHED_PROMPT_MIN = 1024
"""Tokens of a prompt below which OpenAI, Anthropic and Google keep none in a cache."""
Kind = Literal["model", "cache", "failed", "repeated", "reentrant", "same", "unchanged", "unused"]
Row = Mapping[str, Any]
_ZERO = Decimal(0)
_MINUTE = 60 * 10**9


@dataclass(frozen=True, slots=True)
class Hint:
    """What could be saved at one agent, in USD a month at the rate of the days that were looked at."""

    kind: Kind
    agent: str
    """Of what concerns whole runs, the one that begins them."""
    usd_a_month: Decimal
    """Negative: a model that was asked about costs more."""
    evidence: str


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is taken for possible."""

    models: Sequence[str] = ()
    """`provider/model`, each; none: the models that any agent used."""
    hit_rate: Decimal = Decimal("0.8")
    """Share of prompts that comes from a cache where an agent keeps its prefix."""


@dataclass(frozen=True, slots=True)
class _Model:
    provider: str
    model: str

    @classmethod
    def of(cls, text: str) -> _Model:
        provider, _, model = text.partition("/")
        if not provider or not model:
            raise RefusedError(f"{text!r} is no model: provider and model are needed, such as openai/gpt-4o-mini")
        return cls(provider, model)


def hints(store: Store, config: AttributionConfig, first: date, last: date, assumed: Assumed | None = None) -> list[Hint]:
    """What agents could save, judged by the days from `first` to `last`, both included; the largest first.

    Raises RefusedError where a model to be asked about has no name or no price.
    """
    assumed = assumed or Assumed()
    calls, repeated, reentrant, same, scheduled = (store.rows(name, **when) for name, when in statements_of_hints(config, first, last))
    at = datetime.combine(last, time(12), ZoneInfo(config.periods.timezone))
    priced = _Priced(Appraiser(config), int(at.timestamp()) * 10**9)
    found = [
        *_other_models(calls, priced, [_Model.of(text) for text in assumed.models]),
        *_caches(calls, priced, assumed.hit_rate),
        *_failed(calls),
        *_repeated(repeated),
        *_reentrant(reentrant),
        *_same(same),
        *_scheduled(scheduled),
    ]
    days = (last - first).days + 1
    monthly = [Hint(kind, agent, nearest(Fraction(saved) * MONTH_DAYS / days), evidence) for kind, agent, saved, evidence in found]
    return sorted(monthly, key=lambda hint: (-hint.usd_a_month, hint.kind, hint.agent, hint.evidence))


def statements_of_hints(config: AttributionConfig, first: date, last: date) -> list[tuple[str, dict[str, Any]]]:
    """The statements, each with its parameters, whose answers hints are made of."""
    days: dict[str, Any] = {"first": first, "last": last}
    when = {**days, "timezone": config.periods.timezone}
    return [
        ("hints/calls", when),
        ("hints/repeated", when),
        ("hints/reentrant", days),
        ("hints/same", {**when, "prompt_min": CACHED_PROMPT_MIN}),
        ("hints/scheduled", when),
    ]


Found = tuple[Kind, str, Decimal, str]
"""Kind, agent, USD saved in the days, evidence."""


class _Priced:
    """Prices the average call of some calls, as if it were sent to a model."""

    def __init__(self, appraiser: Appraiser, at_ns: int) -> None:
        self._appraiser = appraiser
        self._at_ns = at_ns

    def cost(self, row: Row, model: _Model, cache_read: int | None = None) -> Decimal | None:
        """USD of all the calls; None where the model has no price."""
        calls = row["calls"]
        read = row["cache_read"] if cache_read is None else cache_read
        counts = {"input_tokens": row["input"], "output_tokens": row["output"], "cache_read.input_tokens": read}
        counts["cache_creation.input_tokens"] = min(row["cache_write"], row["input"] - read)
        attributes: dict[str, Any] = {f"gen_ai.usage.{name}": round(Fraction(count, calls)) for name, count in counts.items()}
        attributes |= {"gen_ai.operation.name": "chat", "gen_ai.provider.name": model.provider, "gen_ai.request.model": model.model}
        price = self._appraiser.appraise("", f"chat {model.model}", "", attributes, self._at_ns, _MINUTE)[1]
        return None if price.cost is None else price.cost * calls


def _other_models(calls: Sequence[Row], priced: _Priced, asked: Sequence[_Model]) -> Iterator[Found]:
    """What each agent would cost with another model: with each that was asked about, else with the cheapest that anybody uses."""
    by_agent: dict[str, list[Row]] = defaultdict(list)
    for row in calls:
        by_agent[row["agent"]].append(row)
    others = list(asked) or sorted({_Model(row["provider"], row["model"]) for row in calls}, key=lambda each: (each.provider, each.model))
    for agent, rows in by_agent.items():
        spent = sum((row["amount"] for row in rows), _ZERO)
        found = [(then, other) for other in others if (then := _whole(rows, priced, other, required=bool(asked))) is not None]
        if not asked:
            found = sorted(found, key=lambda each: each[0])[:1]
        for then, other in found:
            if asked or then < spent:
                evidence = f"{_mix(rows)} cost {_usd(spent)} USD; with {other.provider}/{other.model} {_usd(then)}"
                yield "model", agent, spent - then, evidence


def _whole(rows: Sequence[Row], priced: _Priced, other: _Model, *, required: bool) -> Decimal | None:
    costs = [priced.cost(row, other) for row in rows]
    if None in costs and required:
        raise RefusedError(f"{other.provider}/{other.model} has no price: `spanledger prices {other.model}` shows what is known")
    return None if None in costs else sum((cost for cost in costs if cost is not None), _ZERO)


def _caches(calls: Sequence[Row], priced: _Priced, hit_rate: Decimal) -> Iterator[Found]:
    for row in calls:
        wanted = int(Fraction(hit_rate) * row["input"])
        if row["input"] < CACHED_PROMPT_MIN * row["calls"] or row["cache_read"] >= wanted:
            continue
        model = _Model(row["provider"], row["model"])
        now, then = priced.cost(row, model), priced.cost(row, model, wanted)
        if now is not None and then is not None and then < now:
            evidence = (
                f"{_share(row['cache_read'], row['input'])} of the prompts of {row['calls']:,} calls of {row['model']} came from a cache;"
                f" at {hit_rate * 100:.0f}% they would cost {_usd(then)} instead of {_usd(now)} USD, without what writing the cache costs"
            )
            yield "cache", row["agent"], now - then, evidence


def _failed(calls: Sequence[Row]) -> Iterator[Found]:
    for row in calls:
        if row["failed_amount"] > 0:
            evidence = f"{row['failed']:,} of {row['calls']:,} calls of {row['model']} ended with an error and were billed"
            yield "failed", row["agent"], row["failed_amount"], evidence


def _repeated(rows: Sequence[Row]) -> Iterator[Found]:
    for row in rows:
        yield (
            "repeated",
            row["agent"],
            row["amount"],
            f"{row['repeated']:,} calls repeat one: same span above, model and length of prompt",
        )


def _reentrant(rows: Sequence[Row]) -> Iterator[Found]:
    for row in rows:
        entries = row["invoked"] + row["called_back"]
        evidence = f"{row['called_back']:,} of {entries:,} entries were calls back: about that share of {_usd(row['inclusive'])} USD"
        yield "reentrant", row["agent"], nearest(Fraction(row["inclusive"]) * row["called_back"] / entries), evidence


def _same(rows: Sequence[Row]) -> Iterator[Found]:
    for row in rows:
        evidence = (
            f"{row['repeated']:,} runs of teams {', '.join(row['teams'])} have the calls of another team's run of the day, with prompts as"
            " long: one run could serve all"
        )
        yield "same", row["agent"], row["amount"], evidence


def _scheduled(rows: Sequence[Row]) -> Iterator[Found]:
    for row in rows:
        whose = f" of team {row['team']}" if row["team"] else ""
        runs = f"{row['runs']:,} runs of {row['workflow']}{whose}, {_apart(row['every_ns'])} apart"
        if row["unchanged_amount"] > 0:
            evidence = f"{row['unchanged']:,} of {runs}, had the calls of the run before, with as many tokens asked and answered"
            yield "unchanged", row["agent"], row["unchanged_amount"], evidence
        # Where nobody ever links to a run, nothing is known of who uses them.
        if row["linked"] and row["unlinked_amount"] > 0:
            yield "unused", row["agent"], row["unlinked_amount"], f"other traces link to {row['linked']:,} of {runs}"


def _apart(ns: int) -> str:
    """A time in the largest unit that it has one or more of."""
    seconds = ns // 10**9
    units = ((86_400, "d"), (3600, "h"), (60, "min"))
    size, unit = next(((size, unit) for size, unit in units if seconds >= size), (1, "s"))
    return f"{float(round(Fraction(seconds, size), 1)):g} {unit}"


def _mix(rows: Sequence[Row]) -> str:
    calls, whole, cached, output = (sum(row[name] for row in rows) for name in ("calls", "input", "cache_read", "output"))
    return f"{calls:,} calls with {whole:,} input tokens, {_share(cached, whole)} of them cached, and {output:,} output tokens"


def _usd(amount: Decimal) -> str:
    """Two digits after the point, or as many as two that count need: two amounts below a cent are told apart."""
    return f"{amount:.{max(2, 1 - amount.adjusted()) if amount else 2}f}"


def _share(part: int, whole: int) -> str:
    return f"{round(Fraction(100 * part, whole))}%" if whole else "0%"
