"""The prices in force, for people to read: `spanledger prices [MODEL]`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from genai_prices.types import ModelInfo, ModelPrice, Provider, StartDateConstraint

from attribution.configuration.pricing import RATES, Pricing, Rule, ToolPrice
from attribution.prices.catalog import Catalog, PricedModel
from attribution.prices.contracts import Contract, Contracts
from attribution.prices.corrections import CORRECTIONS, UNKNOWN, corrections
from attribution.prices.currencies import Currencies, Exchange
from attribution.prices.matching import EPOCH, ns, pattern
from attribution.prices.rules import rule_id, selectors


@dataclass(slots=True, frozen=True)
class PriceRow:
    """One price in force."""

    provider: str
    model: str
    """The model, or the pattern for models; of tools and rules what they are for."""
    prices: dict[str, Decimal]
    """USD by kind, named as in genai-prices: `input_mtok` is per million tokens, `web_searches_kcount` per thousand searches; of tools and
    rules as in the configuration. What is configured in another currency is shown at the rate in force."""
    tiers: dict[str, tuple[tuple[int, Decimal], ...]]
    """By kind, lowest first: calls with more input tokens than the first figure cost the second."""
    source: str
    """contract, priced or rule."""
    price_id: str
    starts: datetime | None
    """None: from the beginning."""
    ends: datetime | None
    """None: open."""
    unsure: tuple[str, ...] = ()
    """What the price leaves out or takes for granted, in sentences: calls that nobody publishes one price for, then what the book itself
    says of the model and of the provider."""


def rows_in_force(
    pricing: Pricing, contracts: Contracts, catalog: Catalog, currencies: Currencies, model: str | None, at: datetime
) -> list[PriceRow]:
    """Contracts first, then the book, then tools and rules, in the order in which they are tried."""
    at_ns = ns(at if at.tzinfo else at.replace(tzinfo=UTC))
    in_force = (each for each in contracts.all() if each.in_force(at_ns) and (model is None or each.names_model(model)))
    found = [_contract_row(each, exchange) for each in in_force if (exchange := currencies.exchange(each.terms.currency, at_ns))]
    found += [_book_row(each, at_ns) for each in _models(catalog, model)]
    found += _tool_rows(pricing, currencies, model, at_ns)
    found += _rule_rows(pricing, currencies, model, at_ns)
    return [row for row in found if row.prices]  # some models are listed in the book without a price


def _tool_rows(pricing: Pricing, currencies: Currencies, named: str | None, at_ns: int) -> Iterator[PriceRow]:
    for name, price in pricing.tools.items():
        exchange = currencies.exchange(price.currency, at_ns)
        if exchange and (named is None or pattern(name).fullmatch(named)):
            yield PriceRow("", name, _rates(price, exchange), {}, "rule", f"rule:tool/{name}{exchange.label}", None, None)


def _rule_rows(pricing: Pricing, currencies: Currencies, named: str | None, at_ns: int) -> Iterator[PriceRow]:
    for rule in pricing.rules:
        exchange = currencies.exchange(rule.currency, at_ns)
        ends = rule.ends
        in_force = ns(rule.starts) <= at_ns and (ends is None or at_ns < ns(ends))
        asked = named is None or any(wanted and pattern(wanted).fullmatch(named) for wanted in (rule.model, rule.tool))
        if exchange and in_force and asked:
            starts = None if rule.starts == EPOCH else rule.starts
            yield PriceRow(
                rule.provider or "", selectors(rule), _rates(rule, exchange), {}, "rule", rule_id(rule) + exchange.label, starts, ends
            )


def _rates(price: ToolPrice | Rule, exchange: Exchange) -> dict[str, Decimal]:
    return {rate: amount * exchange.usd for rate in RATES if (amount := getattr(price, rate, None)) is not None}


def _models(catalog: Catalog, model: str | None) -> Iterator[PricedModel]:
    for provider in catalog.snapshot.providers:
        found = provider.models if model is None else [provider.find_model(model, all_providers=catalog.snapshot.providers)]
        named = [info for info in found if info is not None]
        for info in named:
            yield PricedModel(provider, info, (), corrections(provider.id, info.id, {}) if catalog.corrected else [])
        if model is None or not named:
            yield from catalog.added(provider, model)


def _contract_row(contract: Contract, exchange: Exchange) -> PriceRow:
    terms = contract.terms
    kinds = ("input", "output", "cache_read", "cache_write", "cache_write_1h", "reasoning")
    prices = {f"{kind}_mtok": price * exchange.usd for kind in kinds if (price := getattr(terms, kind)) is not None}
    starts = None if terms.starts == EPOCH else terms.starts
    return PriceRow(terms.provider, terms.model, prices, {}, "contract", contract.price_id + exchange.label, starts, terms.ends)


def _book_row(model: PricedModel, at_ns: int) -> PriceRow:
    provider, info, rates = model.provider, model.model, model.rates(at_ns)
    prices = {rate.price_key: rate.price for rate in rates.formula.rates}
    tiers = {rate.price_key: tuple(reversed(rate.tiers)) for rate in rates.formula.rates if rate.tiers}
    starts, ends = _validity(info, at_ns)
    return PriceRow(provider.id, info.id, prices, tiers, "priced", rates.price_id, starts, ends, _doubts(provider, info, at_ns))


def _doubts(provider: Provider, info: ModelInfo, at_ns: int) -> tuple[str, ...]:
    unpublished = (
        f"{', '.join(f'{member} {value}' for member, value in each.when)}: without a price, {each.source}"
        for each in CORRECTIONS
        if each.factor is UNKNOWN and each.provider == provider.id and each.models.fullmatch(info.id) and each.in_force(at_ns)
    )
    return (*unpublished, *(" ".join(told.split()) for told in (info.price_comments, provider.price_comments) if told))


def _validity(info: ModelInfo, at_ns: int) -> tuple[datetime | None, datetime | None]:
    """The dates around the moment at which the price changed and changes."""
    if isinstance(info.prices, ModelPrice):
        return None, None
    constraints = (each.constraint for each in info.prices)
    dates = sorted(_midnight(each.start_date) for each in constraints if isinstance(each, StartDateConstraint))
    moment = EPOCH + timedelta(microseconds=at_ns // 1000)
    past = [each for each in dates if each <= moment]
    coming = [each for each in dates if each > moment]
    return (past[-1] if past else None), (coming[0] if coming else None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
