"""The prices in force, for people to read: `spanledger prices [MODEL]`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from genai_prices.types import ModelInfo, ModelPrice, Provider, StartDateConstraint

from attribution.prices.catalog import Catalog, PricedModel
from attribution.prices.contracts import Contract, Contracts

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True, frozen=True)
class PriceRow:
    """One price in force."""

    provider: str
    model: str
    prices: dict[str, Decimal]
    """USD by kind, named as in genai-prices: `input_mtok` is per million tokens, `web_searches_kcount` per thousand searches."""
    tiers: dict[str, tuple[tuple[int, Decimal], ...]]
    """By kind, lowest first: calls with more input tokens than the first figure cost the second."""
    source: str
    """contract or priced."""
    price_id: str
    starts: datetime | None
    """None: from the beginning."""
    ends: datetime | None
    """None: open."""


def rows_in_force(contracts: Contracts, catalog: Catalog, model: str | None, at: datetime) -> list[PriceRow]:
    """Contracts first, then the book, in the order in which they are tried."""
    at_ns = _ns(at if at.tzinfo else at.replace(tzinfo=UTC))
    found = [_contract_row(each) for each in contracts.all() if each.in_force(at_ns) and (model is None or each.names_model(model))]
    found += [_book_row(provider, info, at_ns) for provider, info in _models(catalog, model)]
    return [row for row in found if row.prices]  # some models are listed in the book without a price


def _models(catalog: Catalog, model: str | None) -> Iterator[tuple[Provider, ModelInfo]]:
    for provider in catalog.snapshot.providers:
        if model is None:
            yield from ((provider, info) for info in provider.models)
        elif (info := provider.find_model(model, all_providers=catalog.snapshot.providers)) is not None:
            yield provider, info


def _contract_row(contract: Contract) -> PriceRow:
    terms = contract.terms
    kinds = ("input", "output", "cache_read", "cache_write", "cache_write_1h", "reasoning")
    prices = {f"{kind}_mtok": price for kind in kinds if (price := getattr(terms, kind)) is not None}
    starts = None if terms.starts == _EPOCH else terms.starts
    return PriceRow(terms.provider, terms.model, prices, {}, "contract", contract.price_id, starts, terms.ends)


def _book_row(provider: Provider, info: ModelInfo, at_ns: int) -> PriceRow:
    rates = PricedModel(provider, info, ()).rates(at_ns)
    prices = {rate.price_key: rate.price for rate in rates.formula.rates}
    tiers = {rate.price_key: tuple(reversed(rate.tiers)) for rate in rates.formula.rates if rate.tiers}
    starts, ends = _validity(info, at_ns)
    return PriceRow(provider.id, info.id, prices, tiers, "priced", rates.price_id, starts, ends)


def _validity(info: ModelInfo, at_ns: int) -> tuple[datetime | None, datetime | None]:
    """The dates around the moment at which the price changed and changes."""
    if isinstance(info.prices, ModelPrice):
        return None, None
    constraints = (each.constraint for each in info.prices)
    dates = sorted(_midnight(each.start_date) for each in constraints if isinstance(each, StartDateConstraint))
    moment = _EPOCH + timedelta(microseconds=at_ns // 1000)
    past = [each for each in dates if each <= moment]
    coming = [each for each in dates if each > moment]
    return (past[-1] if past else None), (coming[0] if coming else None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _ns(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000
