"""R5: contract, reported, price book, rule, unpriced; with every figure worked out by hand."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import Usage, calc_price, data_snapshot

from attribution.configuration.pricing import Pricing
from attribution.conventions import Reading
from attribution.prices import PriceBook

NOV = int(datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()) * 10**9
CONTRACT = {"provider": "openai", "model": "gpt-4o*", "from": "2026-01-01", "input": 2.00, "cache_read": 1.00, "output": 8.00}


def book(**pricing):
    return PriceBook(Pricing.model_validate(pricing))


def chat(**fields):
    usual = {"usage": "leaf", "operation": "chat", "provider": "openai", "model": "gpt-4o", "input_tokens": 1000, "output_tokens": 100}
    return Reading(**{**usual, **fields})


def shown(price):
    return price.usage, price.bucket, price.cost, price.source, price.price_id


def test_worked_case_of_the_design():
    """gpt-4o at 2.50 and 10.00: 1,000 in, 100 out."""
    assert shown(book().price(chat(), NOV)) == ("leaf", "llm", Decimal("0.0035"), "priced", "genai-prices:openai/gpt-4o")
    assert book().price(chat(input_tokens=2000, output_tokens=200), NOV).cost == Decimal("0.0070")
    assert book().price(chat(input_tokens=400, output_tokens=20), NOV).cost == Decimal("0.0012")


def test_contract_wins_over_reported_and_book():
    price = book(models=[CONTRACT]).price(chat(reported_cost=Decimal("0.5"), cache_read_tokens=400), NOV)
    # 600 * 2 + 400 * 1 + 100 * 8 = 2,400 per million
    assert shown(price) == ("leaf", "llm", Decimal("0.0024"), "contract", "contract:openai/gpt-4o*@2026-01-01")
    assert (price.reported_cost, price.computed_cost) == (Decimal("0.5"), Decimal("0.0024"))


def test_reported_wins_over_the_book_and_both_are_kept():
    price = book().price(chat(reported_cost=Decimal("0.5")), NOV)
    assert shown(price) == ("leaf", "llm", Decimal("0.5"), "reported", "")
    assert (price.reported_cost, price.computed_cost) == (Decimal("0.5"), Decimal("0.0035"))


def test_prefer_priced_puts_the_book_first_but_not_before_nothing():
    assert book(prefer="priced").price(chat(reported_cost=Decimal("0.5")), NOV).cost == Decimal("0.0035")
    unknown = book(prefer="priced").price(chat(model="no-such-model", reported_cost=Decimal("0.5")), NOV)
    assert shown(unknown) == ("leaf", "llm", Decimal("0.5"), "reported", "")
    assert book(prefer="priced", models=[CONTRACT]).price(chat(reported_cost=Decimal("0.5")), NOV).source == "contract"


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "no-such-model"},
        {"model": ""},
        {"provider": "acme-gateway"},
        {"provider": "openai-compatible"},
        {"provider": "ibm.watsonx.ai", "model": "granite"},
        {"provider": "", "model": "llama-3.1-70b"},
        {"provider": "github-copilot", "model": "gpt-4o"},  # in the book without a price
        {"input_tokens": None, "output_tokens": None},
    ],
)
def test_unknown_is_unpriced_and_never_guessed(fields):
    price = book().price(chat(**fields), NOV)
    assert shown(price) == ("leaf", "llm", None, "unpriced", "")
    assert price.computed_cost is None


def test_no_tokens_used_is_free_and_not_unknown():
    assert book().price(chat(input_tokens=0, output_tokens=0), NOV).cost == 0


def test_a_model_with_a_price_for_audio_says_nothing_of_text():
    whisper = chat(model="whisper-1", output_tokens=None)
    assert book().price(whisper, NOV).source == "unpriced"
    minute = book().price(chat(model="whisper-1", input_tokens=None, output_tokens=None, units={"seconds": 60}), NOV)
    assert minute.cost == Decimal("0.006")


@pytest.mark.parametrize(
    ("provider", "model", "is_known"),
    [
        ("openai", "gpt-audio", True),
        ("openai", "gpt-4o-audio-preview", False),
        ("openrouter", "openai/gpt-audio", False),
        ("openrouter", "openai/gpt-4o", False),
    ],
)
def test_what_is_spoken_does_not_cost_what_is_written(provider: str, model: str, is_known: bool):
    spoken = chat(provider=provider, model=model, input_audio_tokens=800)
    assert (book().price(spoken, NOV).cost is not None) == is_known
    written = chat(provider=provider, model=model, output_audio_tokens=0)
    assert book().price(written, NOV).cost is not None, "without audio it has a price"


def test_the_request_model_stands_in_where_the_response_model_is_unpriced():
    price = book().price(chat(model="gpt-4o-our-deployment-7", request_model="gpt-4o"), NOV)
    assert price.cost == Decimal("0.0035")
    assert book().price(chat(model="unheard-of", request_model="gpt-4o"), NOV).cost == Decimal("0.0035")


def test_without_a_provider_the_model_must_fit_one_only():
    assert book().price(chat(provider=""), NOV).price_id == "genai-prices:openai/gpt-4o"


@pytest.mark.parametrize(
    ("provider", "model", "price_id"),
    [
        ("azure.ai.openai", "gpt-4o", "genai-prices:azure/gpt-4o"),
        ("gcp.vertex_ai", "claude-sonnet-4-5", "genai-prices:google/claude-sonnet-4-5"),
        ("aws.bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "genai-prices:aws/"),
        ("openrouter", "openai/gpt-4o", "genai-prices:openrouter/openai/gpt-4o"),
        ("openai", "openai/gpt-4o", "genai-prices:openai/gpt-4o"),
        ("gcp.gemini", "models/gemini-2.5-pro", "genai-prices:google/gemini-2.5-pro"),
        ("x_ai", "grok-4-0709", "genai-prices:x-ai/grok-4"),
        ("mistral_ai", "mistral-large-latest", "genai-prices:mistral/mistral-large"),
    ],
)
def test_providers_of_opentelemetry_are_found_in_the_book(provider, model, price_id):
    price = book().price(chat(provider=provider, model=model), NOV)
    assert price.source == "priced"
    assert price.price_id.startswith(price_id)


def test_cache_and_its_lifetimes():
    """claude-sonnet-4-5: input 3, read 0.30, write 3.75, one hour 6, output 15."""
    reading = chat(
        provider="anthropic",
        model="claude-sonnet-4-5",
        input_tokens=10_000,
        output_tokens=1000,
        cache_read_tokens=5000,
        cache_write_tokens=3000,
        cache_write_1h_tokens=1000,
    )
    # 2,000 * 3 + 5,000 * 0.3 + 2,000 * 3.75 + 1,000 * 6 + 1,000 * 15 = 36,000 per million
    assert book().price(reading, NOV).cost == Decimal("0.036")


@pytest.mark.parametrize(("tokens", "cost"), [(199_999, "0.599997"), (200_000, "0.6"), (200_001, "1.200006")])
def test_tiers_begin_above_their_boundary_and_apply_to_all_tokens(tokens, cost):
    reading = chat(provider="anthropic", model="claude-sonnet-4-5", input_tokens=tokens, output_tokens=0)
    assert book().price(reading, NOV).cost == Decimal(cost)


def test_totals_of_several_calls_cross_no_tier():
    reading = chat(usage="aggregate", operation="invoke_agent", provider="anthropic", model="claude-sonnet-4-5", input_tokens=200_001)
    price = book().price(reading, NOV)
    assert (price.usage, price.bucket, price.cost) == ("aggregate", "llm", Decimal("0.601503"))


def test_prices_change_at_midnight_utc():
    """mistral-large-4 has prices from 2026-10-20 and from 2026-10-29."""
    midnight = int(datetime(2026, 10, 29, tzinfo=UTC).timestamp()) * 10**9
    reading = chat(provider="mistral_ai", model="mistral-large-4")
    before, after = book().price(reading, midnight - 1), book().price(reading, midnight)
    assert before.price_id == "genai-prices:mistral/mistral-large-4@2026-10-20"
    assert after.price_id == "genai-prices:mistral/mistral-large-4@2026-10-29"


def test_service_tier_and_batch():
    standard = book().price(chat(model="gpt-5"), NOV)
    priority = book().price(chat(model="gpt-5", service_tier="priority"), NOV)
    batch = book().price(chat(model="gpt-5", service_tier="batch"), NOV)
    assert priority.cost > standard.cost > batch.cost
    assert priority.price_id.startswith("genai-prices:openai/gpt-5+priority")
    assert batch.price_id.startswith("genai-prices:openai/gpt-5+batch")


def test_cache_hit_costs_nothing_and_tells_what_it_saved():
    price = book(models=[CONTRACT]).price(chat(cache_hit=True), NOV)
    assert shown(price) == ("leaf", "llm", Decimal(0), "priced", "rule:cache_hit")
    assert price.computed_cost == Decimal("0.0028")
    assert book().price(chat(cache_hit=True, model="unheard-of"), NOV).cost == 0


@pytest.mark.parametrize(
    ("prefer", "rule", "reported", "expected"),
    [
        ("reported", None, None, ("none", "tool", Decimal(0), "none", "")),
        ("reported", "0.001", None, ("leaf", "tool", Decimal("0.001"), "rule", "rule:tool/web_search")),
        ("reported", None, "0.02", ("leaf", "tool", Decimal("0.02"), "reported", "")),
        ("reported", "0.001", "0.02", ("leaf", "tool", Decimal("0.02"), "reported", "")),
        ("priced", "0.001", "0.02", ("leaf", "tool", Decimal("0.001"), "rule", "rule:tool/web_search")),
        ("reported", "0", None, ("leaf", "tool", Decimal(0), "rule", "rule:tool/web_search")),
    ],
)
def test_tools(prefer, rule, reported, expected):
    prices = book(prefer=prefer, tools={"web_search": {"per_call": rule}} if rule else {})
    reading = Reading(operation="execute_tool", tool="web_search", reported_cost=Decimal(reported) if reported else None)
    assert shown(prices.price(reading, NOV)) == expected


def test_a_tool_with_an_agent_behind_it_costs_its_fee_not_what_it_repeats():
    agent = chat(usage="aggregate", operation="execute_tool", tool="research", reported_cost=Decimal(1))
    assert book().price(agent, NOV).usage == "aggregate"
    assert shown(book(tools={"research": {"per_call": 2}}).price(agent, NOV)) == ("leaf", "tool", Decimal(2), "rule", "rule:tool/research")


HAIKU = {"provider": "anthropic", "model": "claude-haiku-4-5-20251001"}
"""10 per thousand web searches."""
SEARCH = {"web_search_requests": 2}


@pytest.mark.parametrize(
    ("pricing", "fields", "cost", "fees"),
    [
        ({}, HAIKU | {"units": SEARCH}, "0.0215", "0.02"),  # 1,000 * 1 + 100 * 5 per million, and 2 * 10 per thousand
        ({}, HAIKU, "0.0015", None),
        ({}, HAIKU | {"units": {"web_search_requests": 0}}, "0.0015", None),
        ({}, {"units": SEARCH}, "0.0235", "0.02"),  # gpt-4o: the same for searches
        ({"tools": {"web_search": {"per_call": "0.005"}}}, {"units": SEARCH}, "0.0135", "0.01"),
        ({"tools": {"web_search": {"per_call": "0.005"}}}, HAIKU | {"units": SEARCH}, "0.0115", "0.01"),
        ({}, {"provider": "deepseek", "model": "deepseek-chat", "units": SEARCH}, None, None),  # searches without a price
        ({"models": [CONTRACT]}, {"units": SEARCH}, "0.0228", "0.02"),
        ({"models": [{"model": "claude*", "input": 1, "output": 1}]}, HAIKU | {"units": SEARCH}, "0.0211", "0.02"),
        ({}, HAIKU | {"units": SEARCH, "reported_cost": Decimal("0.03")}, "0.03", "0.02"),  # what the book says that they are
        ({"prefer": "priced"}, HAIKU | {"units": SEARCH, "reported_cost": Decimal("0.03")}, "0.0215", "0.02"),
        ({}, HAIKU | {"units": SEARCH, "reported_cost": Decimal("0.01")}, "0.01", None),  # which cannot be: nobody knows
        ({}, HAIKU | {"units": SEARCH, "cache_hit": True}, "0", None),
        ({}, {"model": "no-such-model", "units": SEARCH}, None, None),
        ({}, {"provider": "perplexity", "model": "sonar", "input_tokens": 1000, "output_tokens": 0}, "0.006", None),
        ({}, {"provider": "mistral_ai", "model": "mistral-ocr-latest", "input_tokens": None, "output_tokens": None, "units": {"pages": 3}},
         "0.012", "0.012"),
    ],
)  # fmt: skip
def test_what_part_of_the_cost_is_for_more_than_tokens(pricing, fields, cost, fees):
    """Every request of sonar costs 0.005: whoever tells of the call tells that, so it is no fee that one of them tells."""
    price = book(**pricing).price(chat(**fields), NOV)
    assert (price.cost, price.request_fees) == (cost and Decimal(cost), fees and Decimal(fees))


def test_web_searches_of_the_server_by_book_rule_and_beside_a_contract():
    """gpt-4o: web searches at 10 per thousand."""
    reading = chat(units={"web_search_requests": 2})
    assert book().price(reading, NOV).cost == Decimal("0.0235")
    by_rule = book(tools={"web_search": {"per_call": 0.005}}).price(reading, NOV)
    assert (by_rule.cost, by_rule.price_id) == (Decimal("0.0135"), "genai-prices:openai/gpt-4o+rule:tool/web_search")
    assert book(models=[CONTRACT]).price(reading, NOV).cost == Decimal("0.0228")


@pytest.mark.parametrize(
    ("operation", "bucket"),
    [("invoke_agent", "orchestration"), ("chain", "orchestration"), ("", "orchestration"), ("chat", "llm"), ("execute_tool", "tool")],
)
def test_nothing_used_costs_nothing(operation, bucket):
    assert shown(book().price(Reading(operation=operation), NOV)) == ("none", bucket, Decimal(0), "none", "")


def test_amounts_are_rounded_half_even_at_the_twelfth_digit_only_where_needed():
    for stated, stored in [("0.0000000000005", "0"), ("0.0000000000015", "2E-12"), ("0.10", "0.10")]:
        price = book().price(chat(reported_cost=Decimal(stated)), NOV)
        assert price.cost == Decimal(stored)
        assert price.cost.as_tuple().exponent >= -12


def test_audio_that_was_cached_is_inside_both():
    """gpt-4o-realtime-preview prices audio, cached audio and text apart; the least overlap that fits is taken."""
    usage = {"input_tokens": 1000, "output_tokens": 100, "cache_read_tokens": 600, "input_audio_tokens": 700}
    expected = calc_price(
        Usage(**usage, cache_audio_read_tokens=300),
        "gpt-4o-realtime-preview",
        provider_id="openai",
        genai_request_timestamp=datetime(2026, 11, 1, 12, tzinfo=UTC),
    )
    assert book().price(chat(model="gpt-4o-realtime-preview", **usage), NOV).cost == expected.total_price


def test_contradictory_media_leave_the_wholes():
    text = book().price(chat(model="gpt-4o-realtime-preview", output_audio_tokens=0), NOV).cost
    contradictory = chat(model="gpt-4o-realtime-preview", output_audio_tokens=500)
    assert book().price(contradictory, NOV).cost == text


def test_a_new_snapshot_is_used_at_once():
    prices = book()
    assert prices.price(chat(), NOV).source == "priced"
    try:
        data_snapshot.set_custom_snapshot(data_snapshot.DataSnapshot(providers=[], from_auto_update=True))
        assert prices.price(chat(), NOV).source == "unpriced"
    finally:
        data_snapshot.set_custom_snapshot(None)
    assert prices.price(chat(), NOV).source == "priced"


def test_what_is_remembered_is_bounded():
    prices = book(models=[CONTRACT])
    for number in range(9000):
        prices.price(chat(provider="acme", model=f"m{number}"), NOV)
    assert len(prices._offers) <= 8192
