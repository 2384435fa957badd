"""What costs without tokens: tools, compute, storage, people, fees. Every figure is worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from attribution.configuration import AttributionConfig
from attribution.configuration.pricing import Pricing
from attribution.conventions import Conventions, Reading
from attribution.errors import ConfigurationError
from attribution.prices import Price, PriceBook
from attribution.prices.rules import MATCHES_MAX

NOV = int(datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()) * 10**9
SECOND = 10**9
LLM = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100}
GPT = LLM | {"gen_ai.provider.name": "openai", "gen_ai.response.model": "gpt-4o"}
OWN = LLM | {"gen_ai.response.model": "llama-3.3-70b"}
TOOL = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}
AGENT = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "researcher"}
EUR = {"currencies": {"EUR": [{"from": "2026-07-01", "usd": "1.1"}, {"from": "2026-01-01", "usd": "1.08"}]}}
JUNE, JANUARY = (int(datetime(2026, *day, tzinfo=UTC).timestamp()) * 10**9 for day in ((6, 30), (1, 1)))


def price(
    pricing: dict[str, Any], attributes: dict[str, Any], *, name: str = "span", service: str = "", lasts: float = 10, at: int = NOV
) -> Price:
    book = PriceBook(Pricing.model_validate(pricing))
    reading = Conventions(measures=book.measures).read_span("test", name, attributes)
    return book.price(reading, at, round(lasts * SECOND), name=name, service=service)


def shown(found: Price) -> tuple[str, str, Decimal | None, str, str]:
    return found.usage, found.bucket, found.cost, found.source, found.price_id


def rules(*given: dict[str, Any]) -> dict[str, Any]:
    return {"rules": list(given)}


@pytest.mark.parametrize(
    ("rule", "attributes", "cost"),
    [
        ({"bucket": "tool", "name": "geocode", "per_call": "0.005"}, {}, "0.005"),
        ({"bucket": "compute", "name": "geocode", "per_second": "0.0001"}, {}, "0.00125"),  # 12.5 seconds
        ({"bucket": "compute", "name": "geocode", "per_gpu_second": "0.0008", "gpus": 4}, {}, "0.04"),  # 12.5 * 4 * 0.0008
        ({"bucket": "compute", "name": "geocode", "per_gpu_second": "0.0008"}, {}, "0.01"),
        ({"bucket": "human_review", "name": "geocode", "per_minute": "1.2"}, {}, "0.25"),  # 12.5 / 60 * 1.2
        ({"bucket": "storage", "name": "geocode", "per_gb": "0.02", "unit": "bytes"}, {"bytes": 1_500_000_000}, "0.03"),
        ({"bucket": "tool", "name": "geocode", "per_unit": "0.0003", "unit": "places"}, {"places": "7"}, "0.0021"),
        ({"bucket": "tool", "name": "geocode", "per_unit": "0.1", "unit": "hours"}, {"hours": 0.1}, "0.01"),
        ({"bucket": "tool", "name": "geocode", "per_unit": "0.1", "unit": "metadata#n"}, {"metadata": '{"n": 3}'}, "0.3"),
        ({"bucket": "tool", "name": "geocode", "per_call": "1", "per_second": "2", "per_minute": "60"}, {}, "38.5"),  # 1 + 25 + 12.5
        ({"bucket": "platform", "name": "geocode", "per_call": 0}, {}, "0"),
    ],
)
def test_rates(rule, attributes, cost):
    found = price(rules(rule), attributes, name="geocode", lasts=12.5)
    assert shown(found) == ("leaf", rule["bucket"], Decimal(cost), "rule", f"rule:{rule['bucket']}/name=geocode")
    assert found.computed_cost == Decimal(cost)


def test_a_third_of_a_minute_is_rounded_once_at_the_end():
    rule = {"bucket": "human_review", "name": "*", "per_minute": 1}
    assert price(rules(rule), {}, lasts=20).cost == Decimal("0.333333333333")
    assert price(rules(rule), {}, lasts=40).cost == Decimal("0.666666666667")


@pytest.mark.parametrize(
    ("selectors", "span", "matches"),
    [
        ({"name": "POST /api*"}, {"name": "POST /api/search"}, True),
        ({"name": "post /API*"}, {"name": "POST /api/search"}, True),
        ({"name": "POST /api"}, {"name": "POST /api/search"}, False),
        ({"name": "a.c"}, {"name": "abc"}, False),
        ({"service": "ocr-*"}, {"service": "ocr-eu"}, True),
        ({"service": "*"}, {"service": ""}, False),
        ({"agent": "research*"}, {"attributes": AGENT}, True),
        ({"agent": "*"}, {"attributes": {}}, False),
        ({"agent": "writer"}, {"attributes": AGENT}, False),
        ({"agent": "researcher", "service": "ocr"}, {"attributes": AGENT, "service": "ocr"}, True),
        ({"agent": "researcher", "service": "ocr"}, {"attributes": AGENT, "service": "other"}, False),
        ({"tool": "sea*"}, {"attributes": TOOL}, True),
        ({"model": "llama*"}, {"attributes": OWN}, True),
        ({"model": "llama*", "service": "vllm"}, {"attributes": OWN, "service": "vllm"}, True),
        ({"provider": "acme"}, {"attributes": OWN | {"gen_ai.provider.name": "acme"}}, True),
        ({"provider": "mistral"}, {"attributes": OWN | {"gen_ai.provider.name": "mistral_ai"}}, True),
        ({"model": "llama*"}, {"attributes": AGENT | {"gen_ai.request.model": "llama-3.3-70b"}}, False),
    ],
)
def test_selectors(selectors, span, matches):
    given = {"attributes": {}} | span
    found = price(rules({"bucket": "compute", "per_call": 1, **selectors}), given.pop("attributes"), **given)
    assert (found.source == "rule") is matches


def test_the_first_rule_that_matches_and_is_in_force_wins():
    given = rules(
        {"bucket": "tool", "name": "geo*", "to": "2026-06-01", "per_call": 1},
        {"bucket": "tool", "name": "geo*", "from": "2026-06-01", "per_call": 2},
        {"bucket": "tool", "name": "geocode", "per_call": 3},
    )
    midnight = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp()) * 10**9
    assert [price(given, {}, name="geocode", at=at).cost for at in (midnight - 1, midnight)] == [1, 2]
    assert price(given, {}, name="geocode").price_id == "rule:tool/name=geo*@2026-06-01"


def test_orchestration_without_a_rate_only_marks():
    given = rules({"bucket": "orchestration", "name": "retry*"}, {"bucket": "tool", "name": "*", "per_call": 9})
    assert shown(price(given, GPT, name="retry 2")) == ("leaf", "orchestration", Decimal("0.0035"), "priced", "genai-prices:openai/gpt-4o")
    assert shown(price(given, TOOL, name="retry 2")) == ("none", "orchestration", Decimal(0), "none", "")


def test_what_has_a_price_by_tokens_or_reports_its_cost_is_no_business_of_rules():
    given = rules({"bucket": "compute", "name": "*", "per_second": 1})
    assert price(given, GPT).source == "priced"
    assert price(given, OWN | {"gen_ai.usage.cost": 0.5}).source == "reported"
    aggregate = price(given, AGENT | {"gen_ai.usage.input_tokens": 1000, "gen_ai.request.model": "gpt-4o"})
    assert (aggregate.usage, aggregate.bucket) == ("aggregate", "llm")


def test_a_self_hosted_model_is_paid_by_gpu_time_before_it_is_unpriced():
    given = rules({"bucket": "compute", "model": "llama*", "per_gpu_second": "0.0006", "gpus": 8})
    # 2.5 seconds on 8 GPUs
    assert shown(price(given, OWN, lasts=2.5)) == ("leaf", "compute", Decimal("0.012"), "rule", "rule:compute/model=llama*")
    contracted = given | {"models": [{"model": "llama*", "input": 1, "output": 1}]}
    assert shown(price(contracted, OWN))[1:4] == ("llm", Decimal("0.0011"), "contract")
    assert price(given, LLM | {"gen_ai.response.model": "qwen"}).source == "unpriced"
    both = price(given, OWN | {"gen_ai.usage.cost": 0.5}, lasts=2.5)
    assert (both.cost, both.source, both.bucket, both.computed_cost) == (Decimal("0.5"), "reported", "llm", Decimal("0.012"))
    assert price(given | {"prefer": "priced"}, OWN | {"gen_ai.usage.cost": 0.5}, lasts=2.5).source == "rule"


def test_totals_of_several_calls_are_paid_by_no_rule():
    given = rules({"bucket": "compute", "model": "llama*", "per_gpu_second": 1}, {"bucket": "compute", "agent": "*", "per_second": 1})
    found = price(given, AGENT | {"gen_ai.request.model": "llama-3.3-70b", "gen_ai.usage.input_tokens": 5})
    assert shown(found) == ("aggregate", "llm", None, "unpriced", "")


BY_THE_SECOND = {"bucket": "compute", "agent": "*", "per_second": "0.0001"}
TOTALS = AGENT | {"gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 1000}


def own_time(found: Price) -> tuple[Decimal | None, str]:
    return found.own_time_rate, found.own_time_price_id


def test_own_time_is_in_the_price_that_the_rule_makes_and_beside_totals():
    rule_id = "rule:compute/agent=*"
    alone = price(rules(BY_THE_SECOND), AGENT)
    assert (shown(alone), own_time(alone)) == (("leaf", "compute", Decimal("0.001"), "rule", rule_id), (Decimal("0.0001"), rule_id))
    beside = price(rules(BY_THE_SECOND), TOTALS)
    assert (beside.usage, beside.bucket, beside.cost, own_time(beside)) == ("aggregate", "llm", Decimal("0.0025"), own_time(alone))
    both = price(rules(BY_THE_SECOND | {"per_call": 1}), AGENT)
    assert (both.cost, own_time(both)) == (Decimal("1.001"), own_time(alone))


def test_own_time_is_compute_and_of_no_model_call():
    assert own_time(price(rules(BY_THE_SECOND | {"bucket": "tool"}), AGENT)) == (None, "")
    assert own_time(price(rules({"bucket": "compute", "agent": "*", "per_minute": 1}), AGENT)) == (None, "")
    call = price(rules(BY_THE_SECOND), OWN | {"gen_ai.agent.name": "researcher"})
    assert (call.cost, own_time(call)) == (Decimal("0.001"), (None, ""))
    assert own_time(price(rules(BY_THE_SECOND), GPT | {"gen_ai.agent.name": "researcher"})) == (None, "")
    assert own_time(price(rules(BY_THE_SECOND), AGENT | {"gen_ai.operation.name": "chat"})) == (None, "")


@pytest.mark.parametrize("own", [{"spanledger.fee.usd": 2}, {"gen_ai.usage.cost": 2}, {"gen_ai.tool.name": "priced"}])
def test_what_a_span_says_that_it_costs_stands_for_its_time_too(own):
    given = rules(BY_THE_SECOND) | {"tools": {"priced": {"per_call": 2}}}
    found = price(given, TOOL | {"gen_ai.agent.name": "researcher"} | own)
    assert (found.cost, own_time(found)) == (2, (None, ""))


def test_a_rate_in_another_currency_is_told_in_usd_and_unknown_before_the_first_one():
    given = EUR | rules(BY_THE_SECOND | {"currency": "EUR", "per_second": "0.333333333333333333"})
    now, early = price(given, TOTALS), price(given, TOTALS, at=JANUARY - 1)
    assert own_time(now) == (Decimal("0.366666666666666666"), "rule:compute/agent=*;EUR=1.1")
    assert own_time(early) == (None, "rule:compute/agent=*")
    alone = price(given, AGENT, at=JANUARY - 1)
    assert (alone.cost, own_time(alone)) == (None, (None, ""))
    # what attribution takes out again: 0.366666666666666666 * 10
    assert price(given, AGENT).cost == Decimal("3.666666666667")


@pytest.mark.parametrize(
    ("tools", "attributes", "cost", "price_id"),
    [
        ({"search": {"per_call": "0.01"}}, {}, "0.01", "rule:tool/search"),
        ({"sea*": {"per_call": "0.02"}}, {}, "0.02", "rule:tool/sea*"),
        ({"*": {"per_call": 9}, "search": {"per_call": "0.01"}}, {}, "0.01", "rule:tool/search"),
        ({"se*": {"per_call": 1}, "sea*": {"per_call": 2}}, {}, "1", "rule:tool/se*"),
        ({"search": {"per_unit": "0.001", "unit": "hits"}}, {"hits": 12}, "0.012", "rule:tool/search"),
        ({"search": {"per_call": "0.01", "per_unit": "0.001", "unit": "hits"}}, {"hits": 12}, "0.022", "rule:tool/search"),
    ],
)
def test_tools(tools, attributes, cost, price_id):
    assert shown(price({"tools": tools}, TOOL | attributes)) == ("leaf", "tool", Decimal(cost), "rule", price_id)


def test_a_rule_can_price_tools_that_have_no_price_of_their_own():
    given = {"tools": {"search": {"per_call": 1}}} | rules({"bucket": "tool", "tool": "*", "per_call": 2})
    assert price(given, TOOL).cost == 1
    assert price(given, TOOL | {"gen_ai.tool.name": "other"}).cost == 2


@pytest.mark.parametrize("stated", [None, "many", -1, float("nan")])
def test_a_count_that_is_missing_leaves_the_cost_unknown_and_not_zero(stated):
    attributes = {} if stated is None else {"hits": stated}
    found = price({"tools": {"search": {"per_call": 1, "per_unit": 1, "unit": "hits"}}}, TOOL | attributes)
    assert shown(found) == ("leaf", "tool", None, "unpriced", "rule:tool/search")


@pytest.mark.parametrize(
    ("attributes", "bucket", "cost"),
    [
        ({"spanledger.fee.usd": "0.0125"}, "tool", "0.0125"),
        ({"spanledger.fee.usd": 0.1}, "tool", "0.1"),
        ({"spanledger.fee.usd": 2}, "tool", "2"),
        ({"spanledger.fee.usd": "0"}, "tool", "0"),
        ({"acme.cost": "3", "spanledger.fee.usd": "2"}, "tool", "3"),
        ({"acme.cost": "nothing", "spanledger.fee.usd": "2"}, "tool", "2"),
        (TOOL | {"spanledger.fee.usd": "2"}, "tool", "2"),
        ({"gen_ai.operation.name": "retrieval", "spanledger.fee.usd": "2"}, "storage", "2"),
        (OWN | {"spanledger.fee.usd": "2"}, "llm", "2"),
    ],
)
def test_a_span_carries_its_own_fee(attributes, bucket, cost):
    given = {"fee": ["acme.cost"], "tools": {"search": {"per_call": 9}}}
    assert shown(price(given, attributes)) == ("leaf", bucket, Decimal(cost), "rule", "rule:fee")


def test_a_fee_takes_its_bucket_from_the_rule_that_matches():
    given = rules({"bucket": "human_review", "name": "approve*", "per_minute": 1})
    assert shown(price(given, {"spanledger.fee.usd": "2"}, name="approve")) == ("leaf", "human_review", Decimal(2), "rule", "rule:fee")


@pytest.mark.parametrize("stated", ["-1", "free", "NaN", True])
def test_what_is_no_amount_is_no_fee(stated):
    assert price({}, {"spanledger.fee.usd": stated}).source == "none"


def test_a_fee_does_not_stand_in_for_what_is_known():
    assert price({}, GPT | {"spanledger.fee.usd": "2"}).source == "priced"
    reported = price({}, TOOL | {"spanledger.fee.usd": "2", "gen_ai.usage.cost": 0.5})
    assert (reported.cost, reported.source, reported.computed_cost) == (Decimal("0.5"), "reported", 2)


def test_amounts_that_no_store_can_hold_are_unknown():
    found = price(rules({"bucket": "tool", "name": "*", "per_unit": "1e20", "unit": "n"}), {"n": 10**12})
    assert (found.cost, found.source) == (None, "unpriced")


def test_a_price_in_another_currency_is_paid_at_the_rate_of_the_start():
    given = EUR | {"models": [{"provider": "openai", "model": "gpt-4o*", "from": "2025-01-01", "currency": "EUR", "input": 2, "output": 8}]}
    # 2,800 per million: 0.0028 EUR
    assert shown(price(given, GPT, at=JUNE))[2:] == (Decimal("0.003024"), "contract", "contract:openai/gpt-4o*@2025-01-01;EUR=1.08")
    assert shown(price(given, GPT, at=NOV))[2:] == (Decimal("0.00308"), "contract", "contract:openai/gpt-4o*@2025-01-01;EUR=1.1")
    assert price(given, GPT, at=JANUARY).cost == Decimal("0.003024")
    before = price(given, GPT | {"gen_ai.usage.cost": 0.5}, at=JANUARY - 1)
    assert shown(before)[2:] == (None, "unpriced", "contract:openai/gpt-4o*@2025-01-01")


def test_tools_and_rules_may_be_in_another_currency_too():
    tools = EUR | {"tools": {"search": {"per_call": "0.01", "currency": "EUR"}, "web_search": {"per_call": "0.005", "currency": "EUR"}}}
    assert shown(price(tools, TOOL))[2:] == (Decimal("0.011"), "rule", "rule:tool/search;EUR=1.1")
    assert shown(price(tools, TOOL, at=JANUARY - 1))[2:] == (None, "unpriced", "rule:tool/search")
    searched = price(tools, GPT | {"gen_ai.usage.details.web_search_requests": 2})
    # 0.0035 + 2 * 0.005 * 1.1
    assert shown(searched)[2:] == (Decimal("0.0145"), "priced", "genai-prices:openai/gpt-4o+rule:tool/web_search;EUR=1.1")
    assert price(tools, GPT | {"gen_ai.usage.details.web_search_requests": 2}, at=JANUARY - 1).cost is None
    review = EUR | rules({"bucket": "human_review", "name": "approve", "per_minute": 1, "currency": "EUR"})
    # a third of a minute, times 1.1: rounded at the end only
    assert price(review, {}, name="approve", lasts=20).cost == Decimal("0.366666666667")


@pytest.mark.parametrize(
    ("pricing", "complaint"),
    [
        ({"models": [{"model": "m", "input": 1, "currency": "EUR"}]}, "pricing: models.0.currency: 'EUR' is not allowed: it has no rate"),
        ({"tools": {"t": {"per_call": 1, "currency": "EUR"}}, "currencies": {"EUR": []}}, "tools.t.currency: 'EUR' is not allowed"),
        ({"currencies": {"USD": [{"from": "2026-01-01", "usd": 1}]}}, "pricing.currencies: USD needs no rate"),
        ({"currencies": {"EUR": [{"from": "2026-01-01", "usd": 0}]}}, "pricing.currencies.EUR.0.usd: 0 is not allowed"),
        ({"currencies": {"EUR": [{"from": "2026-01-01", "usd": 1}, {"from": "2026-01-01", "usd": 2}]}}, "EUR has two rates"),
        ({"currencies": {"euro": []}}, "pricing.currencies.euro"),
        (rules({"bucket": "tool", "per_call": 1}), "pricing.rules.0: say which spans: name, agent, service, tool, provider or model"),
        (rules({"bucket": "compute", "name": "x"}), "pricing.rules.0: a rate is needed: per_call"),
        (rules({"bucket": "storage", "name": "x", "per_gb": 1}), "pricing.rules.0: per_unit or per_gb and unit need each other"),
        (rules({"bucket": "storage", "name": "x", "per_call": 1, "unit": "n"}), "need each other"),
        (rules({"bucket": "compute", "name": "x", "per_call": 1, "gpus": 2}), "gpus goes with per_gpu_second"),
        (rules({"bucket": "llm", "name": "x", "per_call": 1}), "pricing.rules.0.bucket: 'llm' is not allowed"),
        (rules({"bucket": "tool", "name": "x", "per_call": -1}), "pricing.rules.0.per_call: -1 is not allowed"),
        (rules({"bucket": "tool", "name": "x", "per_call": 1, "from": "2026-02-01", "to": "2026-01-01"}), "must come after"),
        ({"tools": {"t": {}}}, "pricing.tools.t: a price is needed: per_call or per_unit"),
        ({"tools": {"t": {"per_unit": 1}}}, "pricing.tools.t: per_unit and unit need each other"),
        ({"fee": [""]}, "pricing.fee.0"),
    ],
)
def test_what_is_wrong_is_said_at_the_start(pricing, complaint):
    with pytest.raises(ConfigurationError) as refused:
        AttributionConfig.parse({"pricing": pricing})
    assert complaint in str(refused.value)


def test_all_of_it_survives_the_way_into_the_store_and_back():
    pricing = EUR | rules({"bucket": "compute", "agent": "a*", "from": "2026-01-01", "per_gpu_second": "0.1", "gpus": 2, "currency": "EUR"})
    config = AttributionConfig.parse({"pricing": pricing | {"fee": ["x"], "tools": {"t": {"per_unit": 1, "unit": "n"}}}})
    assert AttributionConfig.model_validate_json(config.model_dump_json(by_alias=True)) == config


def test_in_force_shows_tools_rules_and_foreign_prices_in_usd():
    given = EUR | {
        "models": [{"model": "gpt-4o", "currency": "EUR", "input": 2, "output": 8}],
        "tools": {"search": {"per_call": "0.01"}},
        "rules": [{"bucket": "compute", "model": "llama*", "per_gpu_second": "0.1", "currency": "EUR"}],
    }
    book = PriceBook(Pricing.model_validate(given))
    now = datetime(2026, 11, 1, tzinfo=UTC)
    (contract, *_) = book.in_force("gpt-4o", now)
    assert (contract.prices, contract.price_id) == (
        {"input_mtok": Decimal("2.2"), "output_mtok": Decimal("8.8")},
        "contract:gpt-4o@1970-01-01;EUR=1.1",
    )
    assert [(row.source, row.model, row.prices) for row in book.in_force("search", now)] == [
        ("rule", "search", {"per_call": Decimal("0.01")})
    ]
    own = [row for row in book.in_force("llama-own", now) if row.source == "rule"]
    assert [(row.model, row.prices, row.price_id) for row in own] == [
        ("model=llama*", {"per_gpu_second": Decimal("0.11")}, "rule:compute/model=llama*;EUR=1.1")
    ]
    assert len(book.in_force(None, now)) > 1000


def test_only_what_rules_name_is_read():
    book = PriceBook(Pricing.model_validate(rules({"bucket": "tool", "name": "x", "per_unit": 1, "unit": "metadata#n"})))
    conventions = Conventions(measures=book.measures)
    assert book.measures == ("spanledger.fee.usd", "metadata#n")
    assert conventions.wanted("metadata")
    assert not conventions.wanted("n")
    assert not Conventions().wanted("spanledger.fee.usd")


def test_a_rule_prices_the_rerank_of_which_no_span_tells_figures():
    """AI SDK 7: two spans alike, of which the ledger bills the lower one."""
    rerank = {"gen_ai.operation.name": "rerank", "gen_ai.provider.name": "cohere", "gen_ai.request.model": "rerank-v3.5"}
    book = PriceBook(Pricing.model_validate(rules({"bucket": "platform", "model": "rerank*", "per_call": "0.002"})))
    found = book.price(Conventions().read_span("gen_ai", "rerank", rerank), NOV)
    assert (found.usage, found.cost, found.source) == ("aggregate", Decimal("0.002"), "rule")


def test_spans_without_attributes_cost_something_only_where_a_rule_names_them():
    pricing = rules({"bucket": "tool", "name": "geo*", "service": "maps", "per_call": 1})
    assert price(pricing, {}, name="geocode", service="maps").cost == 1
    assert price(pricing, {}, name="geocode").source == "none"
    assert price({}, {}, name="geocode", service="maps").source == "none"


def test_what_is_remembered_is_bounded():
    book = PriceBook(Pricing.model_validate(rules({"bucket": "tool", "name": "geo*", "per_call": 1}) | {"tools": {"a*": {"per_call": 1}}}))
    for number in range(MATCHES_MAX + 100):
        book.price(Reading(operation="execute_tool", tool=f"t{number}"), NOV, name=f"n{number}")
    assert len(book._rules._found) <= MATCHES_MAX
    assert len(book._tools._found) <= MATCHES_MAX
