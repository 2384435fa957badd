"""Every correction of the price book, held against what its source says, and against the book without it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from attribution.configuration.pricing import Pricing
from attribution.conventions import Reading
from attribution.prices import PriceBook
from attribution.prices.corrections import ADDITIONS, ALIASES, CORRECTIONS, is_weekend

FRIDAY, SATURDAY, SUNDAY, MONDAY = (datetime(2026, 11, day, 2, tzinfo=UTC) for day in (6, 7, 8, 9))


def priced(at=MONDAY, corrections=True, **fields):
    reading = Reading(usage="leaf", operation="chat", **{"input_tokens": 1_000_000, "output_tokens": 0, **fields})
    return PriceBook(Pricing(corrections=corrections)).price(reading, int(at.timestamp()) * 1_000_000_000)


@pytest.mark.parametrize(
    ("at", "usd"), [(FRIDAY, "0.3"), (SATURDAY, "0.15"), (SUNDAY, "0.15"), (MONDAY, "0.3"), (MONDAY.replace(hour=5), "0.15")]
)
def test_deepseeks_peak_hours_are_on_weekdays(at, usd):
    price = priced(at, provider="deepseek", model="deepseek-v4-flash")
    assert price.cost == Decimal(usd)
    assert price.price_id.endswith("+corrected:peak-hours-on-weekdays") == (at in {SATURDAY, SUNDAY})
    assert priced(SATURDAY, corrections=False, provider="deepseek", model="deepseek-v4-flash").cost == Decimal("0.3")


def test_the_discount_by_hours_of_2025_held_on_weekends_too():
    night = SATURDAY.replace(year=2025, month=6, day=7, hour=20)
    assert priced(night, provider="deepseek", model="deepseek-chat") == priced(
        night, corrections=False, provider="deepseek", model="deepseek-chat"
    )


@pytest.mark.parametrize(
    ("model", "size", "usd"),
    [
        ("sonar-pro", "", "3.006"),
        ("sonar-pro", "low", "3.006"),
        ("sonar-pro", "medium", "3.010"),
        ("sonar-pro", "high", "3.014"),
        ("sonar", "", "1.005"),
        ("sonar", "high", "1.012"),
        ("sonar-reasoning-pro", "medium", "2.010"),
    ],
)
def test_perplexitys_fee_goes_by_the_size_of_the_search(model, size, usd):
    price = priced(provider="perplexity", model=model, search_context_size=size)
    assert (price.cost, price.price_id) == (Decimal(usd), f"genai-prices:perplexity/{model}+corrected:search-{size or 'low'}")


@pytest.mark.parametrize(
    ("provider", "model", "region", "factor"),
    [
        ("anthropic", "claude-opus-4-8", "us", "1.1"),
        ("anthropic", "claude-opus-4-8", "global", "1"),
        ("anthropic", "claude-haiku-4-5", "us", "1"),
        ("gcp.vertex_ai", "claude-haiku-4-5@20251001", "us-east5", "1.1"),
        ("gcp.vertex_ai", "claude-haiku-4-5@20251001", "global", "1"),
        ("gcp.vertex_ai", "claude-haiku-4-5@20251001", "", "1"),
        ("gcp.vertex_ai", "gemini-2.5-flash", "us-central1", "1"),
        ("openai", "gpt-5.4", "eu", "1.1"),
        ("openai", "gpt-5", "eu", "1"),
    ],
)
def test_where_a_model_works_can_have_a_price(provider, model, region, factor):
    searches = {} if "claude" in model and provider == "gcp.vertex_ai" else {"web_search_requests": 1}  # there without a price
    fields = {"provider": provider, "model": model, "input_tokens": 1000, "output_tokens": 10, "units": searches}
    plain, corrected = priced(corrections=False, region=region, **fields), priced(region=region, **fields)
    fees = plain.request_fees or 0
    assert corrected.cost - fees == (plain.cost - fees) * Decimal(factor)  # a fee is the same everywhere
    assert ("+corrected:" in corrected.price_id) == (factor != "1")


def test_geminis_flex_costs_half_and_its_priority_is_unknown():
    assert priced(provider="gcp.gemini", model="gemini-2.5-flash", service_tier="flex").cost == Decimal("0.15")
    unknown = priced(provider="gcp.gemini", model="gemini-2.5-flash", service_tier="priority")
    assert (unknown.cost, unknown.source) == (None, "unpriced")
    assert unknown.price_id == "genai-prices:google/gemini-2.5-flash+corrected:priority"


def test_the_latest_large_model_of_mistral_is_todays():
    price = priced(provider="mistral_ai", model="mistral-large-latest")
    assert (price.cost, price.price_id) == (Decimal("0.5"), "genai-prices:mistral/mistral-large-2512+corrected:latest")
    assert priced(corrections=False, provider="mistral_ai", model="mistral-large-latest").cost == Decimal(2)


@pytest.mark.parametrize(
    ("provider", "named", "found"),
    [
        ("aws.bedrock", "nova-lite-v1:0", "aws/amazon.nova-lite-v1:0"),
        ("openrouter", "gpt-4o-mini", "openrouter/openai/gpt-4o-mini"),
        ("openrouter", "openrouter/openai/gpt-4o-mini", "openrouter/openai/gpt-4o-mini"),
    ],
)
def test_names_that_an_emitter_cut_or_lengthened(provider, named, found):
    assert priced(provider=provider, model=named).price_id == f"genai-prices:{found}"


def test_a_free_variant_is_never_priced_as_the_paid_one():
    assert priced(provider="openrouter", model="gpt-4o-mini:free").cost is None


def test_openais_audio_without_a_price_is_unknown():
    assert priced(provider="openai", model="gpt-4o", input_audio_tokens=10).cost is None
    assert priced(provider="gcp.gemini", model="gemini-2.5-pro", input_audio_tokens=10).cost is not None


def test_what_a_total_tells_beyond_its_parts_is_unknown():
    assert priced(provider="openai", model="gpt-4o", is_partial=True).source == "unpriced"


@pytest.mark.parametrize(("currency", "cost"), [("", "2"), ("EUR", "2.2"), ("XXX", "2.5")])
def test_a_cost_in_another_currency_is_converted_or_not_believed(currency, cost):
    pricing = Pricing.model_validate({"currencies": {"EUR": [{"from": "2026-01-01", "usd": "1.1"}]}})
    fields = {"provider": "openai", "model": "gpt-4o", "input_tokens": 1_000_000, "output_tokens": 0, "reported_cost": Decimal(2)}
    reading = Reading(usage="leaf", operation="chat", reported_currency=currency, **fields)
    assert PriceBook(pricing).price(reading, int(MONDAY.timestamp()) * 1_000_000_000).cost == Decimal(cost)


@pytest.mark.parametrize(("begins", "tool", "usd"), [("ws_", "web_search", "0.01"), ("fs_", "file_search", "0.0025")])
def test_openais_own_search_with_a_span_of_its_own_has_its_fee(begins, tool, usd):
    price = PriceBook(Pricing()).price(Reading(operation="execute_tool", tool=tool, tool_fee=begins), 0)
    assert (price.usage, price.bucket, price.cost, price.price_id) == ("leaf", "tool", Decimal(usd), f"corrected:openai/{tool}")


@pytest.mark.parametrize(
    ("provider", "model", "usd"),
    [
        ("cohere", "rerank-v3.5", "0.004"),
        ("cohere", "rerank-multilingual-v3.0", "0.004"),
        ("cohere", "rerank-v4.0-pro", "0.005"),
        ("aws.bedrock", "amazon.rerank-v1:0", "0.002"),
        ("azure.ai.inference", "rerank-v3.5", None),
    ],
)
def test_models_that_the_book_has_not(provider, model, usd):
    fields = {"provider": provider, "model": model, "input_tokens": None, "output_tokens": None, "units": {"searches": 2}}
    price = priced(**fields)
    assert price.cost == (usd and Decimal(usd))
    assert priced(corrections=False, **fields).source == "unpriced"
    if usd:
        assert price.price_id.endswith("+corrected:missing-model")


def test_models_that_the_book_has_not_are_listed():
    at = MONDAY
    found = PriceBook(Pricing()).in_force("rerank-v3.5", at)
    assert [(row.provider, row.prices) for row in found] == [("cohere", {"rerank_searches_kcount": Decimal(2)})]
    assert not PriceBook(Pricing(corrections=False)).in_force("rerank-v3.5", at)
    assert {each.model for each in ADDITIONS} <= {row.model for row in PriceBook(Pricing()).in_force(None, at)}


def test_a_cost_worked_out_by_the_same_book_is_put_right_too():
    latest = {"provider": "mistral_ai", "model": "mistral-large-latest", "reported_cost": Decimal(2), "reported_by_book": True}
    price = priced(**latest)
    assert (price.cost, price.source, price.reported_cost) == (Decimal("0.5"), "priced", Decimal(2))
    assert priced(**latest | {"reported_by_book": False}).source == "reported"
    assert priced(corrections=False, **latest).source == "reported"


def test_a_cost_worked_out_by_the_same_book_stands_where_nothing_is_known_to_be_wrong():
    """It may know a tier that the span does not tell."""
    assert priced(provider="openai", model="gpt-5", reported_cost=Decimal("0.625"), reported_by_book=True).cost == Decimal("0.625")


@pytest.mark.parametrize(("reported", "usd"), [("0.03", "0.335"), ("0.34", "0.34")])
def test_fees_that_a_reported_cost_cannot_hold_are_not_in_it(reported, usd):
    """A million tokens at 0.30 and one grounded prompt at 0.035."""
    grounded = {"provider": "gcp.gemini", "model": "gemini-2.5-flash", "units": {"web_search_requests": 1}}
    assert priced(**grounded, reported_cost=Decimal(reported), reported_by_book=True).cost == Decimal(usd)


@pytest.mark.parametrize("by_book", [True, False])
def test_a_reported_cost_that_is_exactly_that_of_the_tokens_lacks_the_fees_that_its_span_tells(by_book):
    grounded = {"provider": "gcp.gemini", "model": "gemini-2.5-flash", "units": {"web_search_requests": 1}, "reported_by_book": by_book}
    assert priced(**grounded, reported_cost=Decimal("0.3")).cost == Decimal("0.335")
    assert priced(**grounded, reported_cost=Decimal("0.31")).cost == Decimal("0.31")


def test_the_list_says_where_the_book_is_unsure():
    def unsure(model, provider, at=MONDAY):
        return next(row.unsure for row in PriceBook(Pricing()).in_force(model, at) if row.provider == provider)

    assert unsure("gemini-2.5-flash", "google")[0].startswith("service_tier priority: without a price, https://")
    assert not any("service_tier" in doubt for doubt in unsure("gemini-2.5-flash", "google", datetime(2026, 1, 1, tzinfo=UTC)))
    assert any("Global" in doubt for doubt in unsure("gpt-4o", "azure"))
    assert unsure("rerank-v3.5", "cohere") == ()


@pytest.mark.parametrize(
    ("provider", "model", "units", "usd"),
    [
        ("x_ai", "grok-voice-latest", {"seconds": 90}, "0.12"),  # 4.80 an hour since August 2026
        ("openai", "gpt-live-1", {"seconds": 60}, "0.05"),
        ("openai", "whisper-1", {"seconds": 120}, "0.012"),
        ("openai", "tts-1", {"characters": 900}, "0.0135"),
        ("openai", "gpt-live-1", {}, None),
    ],
)
def test_voice_that_is_billed_by_time_or_by_the_letter(provider, model, units, usd):
    price = priced(provider=provider, model=model, units=units, input_tokens=None, output_tokens=None)
    assert price.cost == (usd and Decimal(usd))


def test_a_container_of_the_code_interpreter_has_its_fee():
    fields = {"provider": "openai", "model": "gpt-5", "units": {"code_executions": 4}}
    price = priced(**fields)
    assert (price.cost, price.request_fees) == (Decimal("1.37"), Decimal("0.12"))
    assert price.price_id.endswith("+corrected:openai/container")
    assert "container" not in priced(provider="openai", model="gpt-5").price_id
    assert priced(corrections=False, **fields).cost is None


def test_open_weights_of_nobody_known_have_no_price():
    assert priced(model="gpt-oss-120b").source == "unpriced"
    assert priced(model="openai/gpt-oss-120b", provider="groq").source == "priced"


def test_every_correction_says_where_it_is_from():
    assert all("https://" in each.source for each in (*CORRECTIONS, *ALIASES))


def test_weekends():
    assert [is_weekend(int(day.timestamp()) * 1_000_000_000) for day in (FRIDAY, SATURDAY, SUNDAY, MONDAY)] == [False, True, True, False]


@pytest.mark.parametrize(("day", "usd"), [(22, "1.32"), (23, "0.66")])
def test_the_weekend_after_the_price_change_still_had_peak_hours_on_saturday(day, usd):
    """The rule for weekends came a week after the peak hours: from 23 August on, Beijing time."""
    at = datetime(2026, 8, day, 2, tzinfo=UTC)
    assert priced(at, provider="deepseek", model="deepseek-v4-pro").cost == Decimal(usd)


@pytest.mark.parametrize(
    ("at", "usd", "corrected"),
    [
        (datetime(2026, 8, 16, 23, 59, tzinfo=UTC), "0.435", True),
        (datetime(2026, 8, 14, 2, tzinfo=UTC), "0.435", True),  # a Friday at what is a peak hour since
        (datetime(2026, 8, 17, 2, tzinfo=UTC), "1.32", False),
        (datetime(2026, 8, 17, 5, tzinfo=UTC), "0.66", False),
    ],
)
def test_deepseek_had_no_peak_hours_before_its_prices_of_august(at, usd, corrected):
    price = priced(at, provider="deepseek", model="deepseek-v4-pro")
    assert price.cost == Decimal(usd)
    assert price.price_id.endswith("+corrected:no-peak-hours-yet") == corrected


@pytest.mark.parametrize(
    ("manner", "provider", "model", "stated"),
    [
        ({"service_tier": "priority"}, "azure.ai.openai", "gpt-5", "priority"),
        ({"service_tier": "flex"}, "mistral_ai", "mistral-large-2512", "flex"),
        ({"service_tier": "batch"}, "gcp.gemini", "gemini-3.5-flash", "batch"),
        ({"speed": "fast"}, "anthropic", "claude-opus-4-6", "fast"),
    ],
)
def test_what_was_served_in_a_manner_without_a_price_is_unknown(manner, provider, model, stated):
    special = priced(provider=provider, model=model, **manner)
    assert (special.cost, special.source) == (None, "unpriced")
    assert special.price_id.endswith(f"+corrected:unknown-{stated}")
    usual = priced(provider=provider, model=model)
    assert usual.cost is not None
    assert priced(corrections=False, provider=provider, model=model, **manner).cost == usual.cost


@pytest.mark.parametrize(
    ("provider", "model", "tier"), [("groq", "openai/gpt-oss-120b", "flex"), ("anthropic", "claude-sonnet-4-5", "priority")]
)
def test_some_tiers_cost_the_usual(provider, model, tier):
    assert priced(provider=provider, model=model, service_tier=tier).cost == priced(provider=provider, model=model).cost


@pytest.mark.parametrize(("tier", "usd"), [("flex", "0.4"), ("priority", "1.4"), ("batch", "0.4"), ("default", "0.8")])
def test_bedrocks_tiers(tier, usd):
    assert priced(provider="aws.bedrock", model="us.amazon.nova-pro-v1:0", service_tier=tier).cost == Decimal(usd)


@pytest.mark.parametrize(
    ("model", "tokens", "fee"),
    [
        ("gpt-5-search-api", "1.25", "0.01"),
        ("gpt-5-search-api-2025-10-14", "1.25", "0.01"),
        ("gpt-4o-search-preview-2025-03-11", "2.5", "0.025"),
    ],
)
def test_models_that_always_search_cost_a_search(model, tokens, fee):
    price = priced(provider="openai", model=model)
    assert price.cost == Decimal(tokens) + Decimal(fee)
    assert "+corrected:search-fee" in price.price_id


@pytest.mark.parametrize(
    ("provider", "model", "unit", "usd"),
    [
        ("gcp.gemini", "gemini-2.5-flash", "map_prompts", "0.025"),
        ("x_ai", "grok-4.3", "sources", "0.025"),
        ("x_ai", "grok-4.3", "web_search_requests", "0.005"),
        ("x_ai", "grok-4.3", "x_searches", "0.005"),
        ("gcp.gemini", "gemini-3-flash-preview", "map_searches", None),
        ("openai", "gpt-5", "image_generations", None),
        ("anthropic", "claude-opus-5", "advisor_messages", None),
    ],
)
def test_fees_of_tools_and_those_that_nobody_knows(provider, model, unit, usd):
    bare = priced(provider=provider, model=model, input_tokens=1000)
    price = priced(provider=provider, model=model, input_tokens=1000, units={unit: 2})
    assert price.cost == (None if usd is None else bare.cost + 2 * Decimal(usd))


def test_what_shortened_the_history_is_billed_beside_the_answer():
    units = {"compaction_input_tokens": 5000, "compaction_output_tokens": 300}
    split = units | {"compaction_cache_read_tokens": 4000}
    call = {"provider": "anthropic", "model": "claude-opus-4-8", "input_tokens": 1000, "output_tokens": 200}
    assert priced(**call, units=units).cost == Decimal(6 * 5 * 1000 + 500 * 25) / 10**6
    assert priced(**call, units=split).cost == Decimal(2000 * 5 + 4000 // 2 + 500 * 25) / 10**6
    assert priced(**call, units=units, cache_read_tokens=500).cost is None, "of the history, too, some was cached, and nobody says how much"
    assert priced(**call, units=split, speed="fast").cost == Decimal(2000 * 10 + 4000 + 500 * 50) / 10**6
    assert priced(**call, units=split, service_tier="batch").cost == Decimal(2000 * 5 + 4000 // 2 + 500 * 25) / 2 / 10**6


def test_what_shortened_the_history_is_billed_by_contract_too():
    terms = {"provider": "anthropic", "model": "claude-opus-4-8", "from": "2026-01-01", "input": 1, "output": 2}
    reading = Reading(
        usage="leaf", operation="chat", provider="anthropic", model="claude-opus-4-8", input_tokens=1000, output_tokens=200,
        units={"compaction_input_tokens": 5000, "compaction_output_tokens": 300},
    )  # fmt: skip
    price = PriceBook(Pricing.model_validate({"models": [terms]})).price(reading, int(MONDAY.timestamp()) * 10**9)
    assert (price.cost, price.source) == (Decimal("0.007"), "contract")


@pytest.mark.parametrize(
    ("provider", "model"), [("openai", "gpt-audio"), ("gcp.gemini", "gemini-2.5-flash-image"), ("openai", "gpt-image-1.5")]
)
def test_an_answer_of_which_nobody_says_whether_it_is_text_is_unknown(provider, model):
    assert priced(provider=provider, model=model, output_tokens=100).cost is None
    told = {"output_audio_tokens": 0} if "audio" in model else {"output_image_tokens": 100}
    assert priced(provider=provider, model=model, output_tokens=100, **told).cost is not None


@pytest.mark.parametrize("model", ["openai.gpt-oss-120b", "openai.gpt-oss-120b-1:0"])
def test_bedrocks_names_for_the_client_of_openai(model):
    assert priced(provider="aws.bedrock", model=model).price_id == "genai-prices:aws/openai.gpt-oss-120b-1:0"
