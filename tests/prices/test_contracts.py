"""Which contract applies, and what it says of each kind of token."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from attribution.configuration.pricing import Pricing
from attribution.conventions import Reading
from attribution.prices import PriceBook


def ns(*date):
    return int(datetime(*date, tzinfo=UTC).timestamp()) * 10**9


JUNE = ns(2026, 6, 1)


def price(models, at=JUNE, **fields):
    reading = {"usage": "leaf", "operation": "chat", "provider": "openai", "model": "gpt-4o", "input_tokens": 1_000_000, "output_tokens": 0}
    return PriceBook(Pricing.model_validate({"models": models})).price(Reading(**{**reading, **fields}), at)


def terms(model, price, **more):
    return {"model": model, "input": price, **more}


@pytest.mark.parametrize(
    ("models", "cost"),
    [
        ([terms("gpt-*", 1), terms("gpt-4o", 2)], 2),
        ([terms("gpt-4o", 2), terms("gpt-4o*", 1)], 2),
        ([terms("gpt-*", 1), terms("gpt-4*", 2), terms("*", 3)], 2),
        ([terms("gpt-4o", 1), terms("gpt-4o", 2, provider="openai")], 2),
        ([terms("gpt-4o", 1, provider="open*"), terms("gpt-4o", 2, provider="openai")], 2),
        ([terms("gpt-4o", 1, **{"from": "2026-01-01"}), terms("gpt-4o", 2, **{"from": "2026-05-01"})], 2),
        ([terms("gpt-4o", 2, **{"from": "2026-05-01"}), terms("gpt-4o", 1, **{"from": "2026-07-01"})], 2),
        ([terms("gpt-4o", 2), terms("gpt-4o", 1)], 2),
        ([terms("GPT-4O", 2)], 2),
        ([terms("gpt-4o", 1, provider="anthropic"), terms("*", 2)], 2),
        ([terms("gpt.4o", 1), terms("*4o", 2)], 2),
    ],
)
def test_the_most_specific_contract_wins(models, cost):
    found = price(models)
    assert (found.cost, found.source) == (Decimal(cost), "contract")


def test_a_contract_holds_from_its_first_instant_to_before_its_end():
    models = [terms("gpt-4o", 7, **{"from": "2026-06-01", "to": "2026-07-01"})]
    start, end = ns(2026, 6, 1), ns(2026, 7, 1)
    assert [price(models, at).source for at in (start - 1, start, end - 1, end)] == ["priced", "contract", "contract", "priced"]


def test_every_kind_has_its_price_or_the_one_it_falls_back_to():
    counts = {
        "input_tokens": 10_000,
        "output_tokens": 1000,
        "cache_read_tokens": 4000,
        "cache_write_tokens": 3000,
        "cache_write_1h_tokens": 1000,
        "reasoning_tokens": 400,
    }
    bare = terms("gpt-4o", 2, output=8)
    assert price([bare], **counts).cost == Decimal("0.028")  # 10,000 * 2 + 1,000 * 8
    full = bare | {"cache_read": 1, "cache_write": 3, "cache_write_1h": 5, "reasoning": 10}
    # 3,000 * 2 + 4,000 * 1 + 2,000 * 3 + 1,000 * 5 + 600 * 8 + 400 * 10 = 29,800
    assert price([full], **counts).cost == Decimal("0.0298")
    assert price([bare | {"cache_write": 3}], **counts).cost == Decimal("0.031")  # one hour as other writes


def test_a_contract_of_zero_is_free():
    assert price([terms("gpt-4o", 0)]).cost == 0


def test_a_contract_needs_tokens():
    assert price([terms("gpt-4o", 2)], input_tokens=None, output_tokens=None).source == "unpriced"
    assert price([terms("gpt-4o", 2)], input_tokens=None, output_tokens=None, reported_cost=Decimal(1)).source == "reported"


def test_a_contract_prices_what_no_book_knows():
    assert price([terms("our-own-*", 2)], provider="acme", model="our-own-llm").cost == 2


def test_the_request_model_names_a_contract_only_where_the_answer_is_a_dated_name_of_it():
    exact = [terms("gpt-4o", 2)]
    assert price(exact, model="gpt-4o-2024-08-06", request_model="gpt-4o").source == "contract"
    assert price(exact, model="", request_model="gpt-4o").source == "contract"
    assert price(exact, model="claude-sonnet-4-5", provider="anthropic", request_model="gpt-4o").source == "priced"


def test_the_provider_may_be_named_as_opentelemetry_or_as_the_book_does():
    for name in ("azure.ai.openai", "azure", "AZURE*"):
        assert price([terms("gpt-4o", 2, provider=name)], provider="azure.ai.openai").source == "contract"
    assert price([terms("gpt-4o", 2, provider="openai")], provider="").source == "contract"


def test_price_ids_name_pattern_and_start():
    assert price([terms("gpt-4o*", 2, **{"from": "2026-01-01"})]).price_id == "contract:gpt-4o*@2026-01-01"
    assert price([terms("gpt-4o*", 2, provider="openai")]).price_id == "contract:openai/gpt-4o*@1970-01-01"


def test_in_force_shows_contracts_first_and_then_every_provider_of_the_model():
    book = PriceBook(Pricing.model_validate({"models": [terms("gpt-4*", 2, output=8, **{"from": "2026-01-01"}), terms("claude*", 1)]}))
    rows = book.in_force("gpt-4o", datetime(2026, 6, 1, tzinfo=UTC))
    assert [(row.source, row.provider) for row in rows][:1] == [("contract", "*")]
    assert rows[0].prices == {"input_mtok": Decimal(2), "output_mtok": Decimal(8)}
    assert rows[0].starts == datetime(2026, 1, 1, tzinfo=UTC)
    assert {row.provider for row in rows} >= {"openai", "azure"}
    openai = next(row for row in rows if row.provider == "openai")
    assert openai.prices["input_mtok"] == Decimal("2.5")
    assert all(row.prices for row in rows)


def test_in_force_shows_dates_and_tiers():
    book = PriceBook(Pricing())
    (row,) = [row for row in book.in_force("mistral-large-4", datetime(2026, 10, 25)) if row.provider == "mistral"]  # noqa: DTZ001
    assert (row.starts, row.ends) == (datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 10, 29, tzinfo=UTC))
    (claude,) = [row for row in book.in_force("claude-sonnet-4-5", datetime(2026, 10, 25, tzinfo=UTC)) if row.provider == "anthropic"]
    assert claude.tiers["input_mtok"] == ((200_000, Decimal(6)),)
    assert len(book.in_force(None, datetime(2026, 10, 25, tzinfo=UTC))) > 1000


def test_a_contract_without_output_prices_embeddings_and_no_answers():
    models = [terms("gpt-4o", "0.02")]
    assert price(models).cost == Decimal("0.02")
    assert price(models, output_tokens=None).cost == Decimal("0.02")
    answered = price(models, output_tokens=1)
    assert (answered.cost, answered.source, answered.price_id) == (None, "unpriced", "contract:gpt-4o@1970-01-01")
    assert price([terms("gpt-4o", "0.02", output=0)], output_tokens=1).cost == Decimal("0.02"), "free is said"
