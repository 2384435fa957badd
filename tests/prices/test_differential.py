"""Our evaluator against genai-prices' own, over every provider, model, date, tier and special rate, to the last digit."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelPrice, StartDateConstraint, TieredPrices, TimeOfDateConstraint
from genai_prices.units import _get_registry

from attribution.prices.catalog import PricedModel, is_active
from attribution.prices.formula import Formula
from attribution.prices.price import rounded

SEED = 20261101
ROUNDS = 4
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CONTEXTS = (
    None,
    {"service_tier": "priority"},
    {"service_tier": "flex"},
    {"service_tier": "default"},
    {"processing": "batch"},
    {"speed": "fast"},
)


def models():
    return [(provider, model) for provider in get_snapshot().providers for model in provider.models]


def price_sets(model):
    standard = [model.prices] if isinstance(model.prices, ModelPrice) else [condition.prices for condition in model.prices]
    return standard + [variant.prices for variant in model.price_variants or ()]


def constraints(model):
    conditions = [] if isinstance(model.prices, ModelPrice) else list(model.prices)
    return [each.constraint for each in (*conditions, *(model.price_variants or ())) if each.constraint is not None]


def moments(model):
    """A day before, the last microsecond before, and the first of each price; and each hour at which prices change."""
    found = {datetime(2026, 11, 1, 12, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)}
    for constraint in constraints(model):
        if isinstance(constraint, StartDateConstraint):
            start = datetime(constraint.start_date.year, constraint.start_date.month, constraint.start_date.day, tzinfo=UTC)
            found |= {start, start - timedelta(microseconds=1)}
        else:
            for hour in (constraint.start_time, constraint.end_time):
                at = datetime.combine(datetime(2026, 11, 2, tzinfo=UTC).date(), hour)
                found |= {at, at - timedelta(microseconds=1)}
    return sorted(found)


def boundaries(model):
    tiers = [
        tier.start
        for prices in price_sets(model)
        for value in vars(prices).values()
        if isinstance(value, TieredPrices)
        for tier in value.tiers
    ]
    return sorted({start + step for start in tiers for step in (0, 1)})


def random_usage(dice, keys, input_tokens):
    """Every unit that the model prices, wholes no smaller than the parts inside them; sometimes a contradiction."""
    registry = _get_registry()
    units = sorted((registry.units[key] for key in keys if key != "requests"), key=lambda unit: -len(unit.dimensions))
    own, used = {}, {}
    for unit in units:
        own[unit.usage_key] = dice.choice((0, 1, dice.randrange(1000), dice.randrange(1_000_000)))
        inside = (other for other in units if other is not unit and unit.dimensions.items() <= other.dimensions.items())
        used[unit.usage_key] = own[unit.usage_key] + sum(own[other.usage_key] for other in inside)
    if input_tokens is not None and "input_tokens" in used:
        used = dict.fromkeys(used, 0) | {"input_tokens": input_tokens, "output_tokens": dice.randrange(1000)}
        used = {key: value for key, value in used.items() if key in keys}
    elif units and dice.random() < 0.1:
        used[units[-1].usage_key] //= 2
    return used


def theirs(provider, model, used, at, context):
    try:
        return model.calc_price(Usage(**used), provider, genai_request_timestamp=at, price_context=context).total_price
    except ValueError:
        return None  # parts that exceed their whole


def ours(provider, model, used, at, context):
    priced = PricedModel(provider, model, tuple((context or {}).items()))
    rates = priced.rates((at - EPOCH) // timedelta(microseconds=1) * 1000)
    used = priced.adjusted({key: value for key, value in used.items() if value})
    return rates.formula.cost(used, used.get("input_tokens", 0))


def keys_of(model):
    registry = _get_registry()
    found = {key for prices in price_sets(model) for key, value in vars(prices).items() if value is not None}
    return {registry.unit_for_price_key(key).usage_key for key in found}


@pytest.mark.timeout(120)
def test_every_price_of_the_book_is_the_same_to_the_last_digit():
    dice = random.Random(SEED)
    compared = contradictions = 0
    for provider, model in models() * ROUNDS:
        keys = keys_of(model)
        contexts = CONTEXTS if model.price_variants else CONTEXTS[:1]
        cases = [(at, context, None) for at, context in product(moments(model), contexts)]
        cases += [(datetime(2026, 11, 1, 12, tzinfo=UTC), dice.choice(contexts), tokens) for tokens in boundaries(model)]
        for at, context, tokens in cases:
            used = random_usage(dice, keys, tokens)
            got, expected = ours(provider, model, used, at, context), theirs(provider, model, used, at, context)
            if "audio_seconds" in used:  # an hour's price for a second has no end: genai-prices rounds each part of the sum, we the sum
                got, expected = rounded(got), rounded(expected)
            assert got == expected, (provider.id, model.id, at, context, used)
            compared += 1
            contradictions += expected is None
    assert compared > 20_000
    assert 0 < contradictions < compared / 5


def test_fallback_providers_have_no_special_rates_of_their_own():
    snapshot = get_snapshot()
    azure = next(provider for provider in snapshot.providers if provider.id == "azure")
    at = datetime(2026, 11, 1, tzinfo=UTC)
    for ref in ("gpt-5", "gpt-5-mini", "gpt-4.1"):
        model = azure.find_model(ref, all_providers=snapshot.providers)
        used = {"input_tokens": 1000, "output_tokens": 10}
        for context in CONTEXTS:
            assert ours(azure, model, used, at, context) == theirs(azure, model, used, at, context)


def test_fractions_of_units_are_exact_too():
    formula = Formula(ModelPrice(audio_hours=Decimal("0.04")))
    expected = ModelPrice(audio_hours=Decimal("0.04")).calc_price(Usage(audio_seconds=Decimal("12.5")))["total_price"]
    assert formula.cost({"audio_seconds": Decimal("12.5")}, 0) == expected


def test_every_hour_of_a_day_is_decided_alike():
    at = datetime(2026, 11, 2, tzinfo=UTC)
    found = [constraint for _, model in models() for constraint in constraints(model) if isinstance(constraint, TimeOfDateConstraint)]
    assert found
    for constraint in found:
        for minute in range(0, 1440, 10):
            moment = at + timedelta(minutes=minute)
            assert is_active(constraint, (moment - EPOCH) // timedelta(microseconds=1) * 1000) == constraint.active(moment)
