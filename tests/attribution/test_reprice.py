"""Today's prices for yesterday's spans: corrections in the ledger, never edits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest

from attribution.annotation import GEN_AI_COST
from attribution.attribute import attribute
from attribution.repricing import Difference, reprice, repricing
from attribution.storage import Store
from collector.config import Config
from tests.attribution.otlp import Sent, send
from tests.beginnings import Begin
from tests.conventions.test_emitters import CASES

DAY = date(2026, 11, 1)
PLAIN = Config()
SEARCHES = Config.parse({"pricing": {"tools": {"web_search": {"per_call": "0.005"}}}})
AGENT = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "planner", "team": "sales"}


def contract(model: str, price: str, output: str = "0", **more: Any) -> Config:
    return Config.parse({"pricing": {"models": [{"model": model, "input": price, "output": output}], **more}})


def chat(span_id: int, model: str = "gpt-4o", tokens: tuple[int, int] = (1000, 100), **more: Any) -> Sent:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.response.model": model,
        "gen_ai.usage.input_tokens": tokens[0],
        "gen_ai.usage.output_tokens": tokens[1],
    }
    return Sent(span_id, attributes | more.pop("attributes", {}), **more)


def ledger(store: Store) -> list[tuple[Any, ...]]:
    rows = store.query("SELECT kind, span_id, team, amount, reason FROM ledger ORDER BY posted_at, span_id, amount")
    return [(row["kind"], int(row["span_id"], 16), row["team"], row["amount"], row["reason"]) for row in rows]


def billed(store: Store) -> Decimal:
    (row,) = store.query(
        "SELECT (SELECT ifNull(sum(cost), 0) FROM attributed_spans WHERE billable) AS spans, (SELECT sum(amount) FROM ledger) AS ledger"
    )
    assert row["spans"] == row["ledger"]
    assert store.query("SELECT * FROM audits") == []
    return row["ledger"]


def contents(store: Store) -> list[dict[str, Any]]:
    return store.query("SELECT * FROM span_records FINAL ORDER BY trace_id, span_id")


def two_calls(store: Store) -> None:
    """gpt-4o at 2.50 and 10.00: 0.0035; and a model that nobody knows."""
    unknown = chat(3, "our-llm", (2000, 200), parent=1, at=5, lasts=1)
    send(store, PLAIN, [Sent(1, AGENT, name="invoke_agent planner"), chat(2, parent=1, lasts=2), unknown], tags={"project": "apollo"})
    attribute(store, PLAIN)
    assert ledger(store) == [("direct", 2, "sales", Decimal("0.0035"), "billed")]


@pytest.fixture
def priced(store: Store, begin: Begin) -> Store:
    begin(two_calls)
    return store


def test_a_dry_run_tells_the_difference_and_changes_nothing(priced: Store) -> None:
    before, tables = contents(priced), priced.query("SHOW TABLES")
    with repricing(priced, contract("gpt-4o", "2", "8"), DAY) as found:
        # 1,000 * 2 + 100 * 8 = 2,800 per million
        assert found.differences == [
            Difference("openai", "gpt-4o", "llm", 1, Decimal("0.0035"), Decimal("0.0028"), Decimal("-0.0007"), 0, 0)
        ]
    assert contents(priced) == before
    assert priced.query("SHOW TABLES") == tables
    assert attribute(priced, PLAIN).postings == 0


def test_repricing_posts_corrections_that_name_both_prices(priced: Store) -> None:
    reprice(priced, contract("gpt-4o", "2", "8"), DAY)
    attribute(priced, PLAIN)
    reason = "repriced from genai-prices:openai/gpt-4o to contract:gpt-4o@1970-01-01"
    assert ledger(priced)[1:] == [("repricing", 2, "sales", Decimal("-0.0007"), reason)]
    assert billed(priced) == Decimal("0.0028")


def test_again_it_changes_and_posts_nothing(priced: Store) -> None:
    for _ in range(2):
        found = reprice(priced, contract("gpt-4o", "2", "8"), DAY)
        posted = attribute(priced, PLAIN).postings
    assert found == []
    assert posted == 0


def test_an_unknown_model_is_fixed_for_the_past_by_one_contract_price(priced: Store) -> None:
    (unknown,) = priced.query("SELECT * EXCEPT (first_seen, last_seen) FROM unpriced_models")
    assert unknown == {"provider": "openai", "model": "our-llm", "spans": 1, "input_tokens": 2000, "output_tokens": 200}
    fixed = contract("our-llm", "1", "5")
    # 2,000 * 1 + 200 * 5 = 3,000 per million
    assert reprice(priced, fixed, DAY) == [Difference("openai", "our-llm", "llm", 1, Decimal(0), Decimal("0.003"), Decimal("0.003"), 1, 0)]
    attribute(priced, PLAIN)
    reason = "repriced from unpriced to contract:our-llm@1970-01-01"
    assert ledger(priced)[1:] == [("repricing", 3, "sales", Decimal("0.003"), reason)]
    assert priced.query("SELECT * FROM unpriced_models") == []
    assert billed(priced) == Decimal("0.0065")


def test_all_but_the_price_survives(priced: Store) -> None:
    before = contents(priced)
    reprice(priced, contract("*", "1"), DAY)
    changed = {"repriced_at", "repriced_from", "cost", "cost_source", "price_id", "computed_cost", "knowledge", "attributes"}
    for old, new in zip(before, contents(priced), strict=True):
        assert {key: value for key, value in old.items() if key not in changed} == {k: v for k, v in new.items() if k not in changed}
        assert new["tags"] == '{"project": "apollo"}'
        assert (new["repriced_at"] is None) == (old["usage"] == "none")
    attribute(priced, PLAIN)
    assert {row["project"] for row in priced.query("SELECT project FROM ledger")} == {"apollo"}


def test_the_annotation_follows_the_price(priced: Store) -> None:
    reprice(priced, contract("*", "1"), DAY)
    rows = {int(row["span_id"], 16): row for row in contents(priced)}
    told = rows[3]["attributes"]
    assert (told["spanledger.cost.usd"], told["spanledger.cost.source"], told[GEN_AI_COST]) == ("0.002", "contract", "0.002")
    assert (rows[2]["attributes"]["spanledger.cost.price_id"], rows[2]["attributes"][GEN_AI_COST]) == ("contract:*@1970-01-01", "0.001")
    assert rows[2]["reported_cost"] is None, "what we added is not what the emitter reported"
    reprice(priced, PLAIN, DAY)
    rows = {int(row["span_id"], 16): row for row in contents(priced)}
    assert "spanledger.cost.usd" not in rows[3]["attributes"]
    assert GEN_AI_COST not in rows[3]["attributes"]
    assert (rows[2]["cost"], rows[3]["cost"]) == (Decimal("0.0035"), None)


def test_only_days_and_models_that_were_asked_for(priced: Store) -> None:
    config = contract("*", "1")
    assert reprice(priced, config, date(2026, 11, 2)) == []
    assert reprice(priced, config, date(2026, 10, 1), date(2026, 10, 31)) == []
    assert [each.model for each in reprice(priced, config, DAY, DAY, "OUR-*")] == ["our-llm"]
    assert [each.model for each in reprice(priced, config, DAY, DAY)] == ["gpt-4o"]


def test_a_cost_that_the_emitter_reported_stays_its_own(store: Store) -> None:
    reported = chat(1, attributes={GEN_AI_COST: 0.0031})
    elsewhere = chat(2, attributes={"llm.cost.prompt": 0.002, "llm.cost.completion": 0.001}, at=20)
    send(store, contract("gpt-4o", "2", "8"), [reported, elsewhere])
    assert {row["cost_source"] for row in contents(store)} == {"contract"}
    reprice(store, PLAIN, DAY)
    rows = contents(store)
    assert [(row["cost_source"], row["cost"], row["reported_cost"]) for row in rows] == [
        ("reported", Decimal("0.0031"), Decimal("0.0031")),
        ("reported", Decimal("0.003"), Decimal("0.003")),
    ]
    assert [row["attributes"][GEN_AI_COST] for row in rows] == ["0.0031", "0.003"]


def test_a_span_that_came_anew_meanwhile_is_left_alone(priced: Store) -> None:
    with repricing(priced, contract("*", "1"), DAY) as found:
        send(priced, PLAIN, [chat(2, tokens=(2000, 200), parent=1)])
        found.apply()
    rows = {int(row["span_id"], 16): (row["cost"], row["cost_source"]) for row in contents(priced)}
    assert rows[2] == (Decimal("0.007"), "priced")
    assert rows[3] == (Decimal("0.002"), "contract")


def test_a_change_after_a_repricing_is_a_correction_again(priced: Store) -> None:
    reprice(priced, contract("gpt-4o", "2", "8"), DAY)
    attribute(priced, PLAIN)
    send(priced, PLAIN, [Sent(1, AGENT | {"team": "support"}, name="invoke_agent planner", lasts=11)])
    attribute(priced, PLAIN)
    assert [(kind, team, amount) for kind, _, team, amount, _ in ledger(priced)[2:]] == [
        ("correction", "sales", Decimal("-0.0028")),
        ("correction", "support", Decimal("0.0028")),
    ]


def test_rules_for_names_reach_the_past_and_leave_it_again(store: Store) -> None:
    ruled = Config.parse({"pricing": {"rules": [{"bucket": "human_review", "name": "approval*", "per_minute": 2}]}})
    send(store, PLAIN, [Sent(1, name="approval of refund", lasts=90)])
    attribute(store, PLAIN)
    # 1.5 minutes at 2
    assert reprice(store, ruled, DAY) == [Difference("", "", "human_review", 1, Decimal(0), Decimal(3), Decimal(3), 0, 0)]
    attribute(store, PLAIN)
    assert ledger(store) == [("repricing", 1, "", Decimal(3), "repriced from none to rule:human_review/name=approval*")]
    (back,) = reprice(store, PLAIN, DAY)
    assert back.difference == -3
    attribute(store, PLAIN)
    assert billed(store) == 0


def test_a_rule_for_an_agents_own_time_reaches_the_past_and_is_changed_again(store: Store) -> None:
    """The planner takes 10 seconds, 3 of them the researcher's; it writes totals, the researcher does not."""
    totals = AGENT | {"gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100}
    researcher = Sent(2, AGENT | {"gen_ai.agent.name": "researcher"}, parent=1, at=1, lasts=3)

    def by_the_second(rate: str) -> Config:
        return Config.parse({"pricing": {"rules": [{"bucket": "compute", "agent": "*", "per_second": rate}]}})

    send(store, PLAIN, [Sent(1, totals), researcher, chat(3, parent=2, at=1, lasts=2)])
    attribute(store, PLAIN)
    # The whole time, as far as is known before attribution: 0.1 of the planner, 0.03 of the researcher.
    first = reprice(store, by_the_second("0.01"), DAY)
    assert [(each.bucket, each.before, each.after) for each in first] == [
        ("llm", 0, Decimal("0.1")),
        ("compute", 0, Decimal("0.03")),
    ]
    attribute(store, PLAIN)
    assert ledger(store) == [
        ("direct", 3, "sales", Decimal("0.0035"), "billed"),
        (
            "repricing",
            1,
            "sales",
            Decimal("0.07"),
            "repriced from genai-prices:openai/gpt-4o to genai-prices:openai/gpt-4o+rule:compute/agent=*",
        ),
        ("repricing", 2, "sales", Decimal("0.03"), "repriced from none to rule:compute/agent=*"),
    ]
    assert billed(store) == Decimal("0.1035")
    assert reprice(store, by_the_second("0.01"), DAY) == []
    reprice(store, by_the_second("0.02"), DAY)
    attribute(store, PLAIN)
    assert billed(store) == Decimal("0.2035")
    reprice(store, PLAIN, DAY)
    attribute(store, PLAIN)
    assert billed(store) == Decimal("0.0035")


def test_fees_for_web_searches_reach_the_past(store: Store) -> None:
    """Two searches beside a call of 0.0035: 10 per thousand by the book, 5 by our price."""
    send(store, PLAIN, [chat(1, attributes={"gen_ai.usage.details.web_search_requests": 2}), chat(2)])
    store.execute(
        "ALTER TABLE span_records UPDATE request_fees = NULL WHERE true SETTINGS mutations_sync = 1"
    )  # stored before there was one
    for config, cost, fees in ((PLAIN, "0.0235", "0.02"), (SEARCHES, "0.0135", "0.01")):
        assert [each.spans for each in reprice(store, config, DAY)] == [1]
        assert [(row["cost"], row["request_fees"]) for row in contents(store)] == [
            (Decimal(cost), Decimal(fees)),
            (Decimal("0.0035"), None),
        ]
        assert reprice(store, config, DAY) == []


def test_what_was_read_from_content_stays_where_content_was_dropped(store: Store) -> None:
    output = '{"replies": [{"meta": {"model": "gpt-4o", "usage": {"prompt_tokens": 1000, "completion_tokens": 100}}}]}'
    send(store, PLAIN, [Sent(1, {"haystack.component.output": output}, name="haystack.component.run")])
    assert [row["cost"] for row in contents(store)] == [Decimal("0.0035")]
    assert "haystack.component.output" not in contents(store)[0]["attributes"]
    for config in (PLAIN, contract("gpt-4o", "2", "8")):
        assert reprice(store, config, DAY) == []


def test_own_time_off_the_wire_is_what_is_read_from_the_store(store: Store) -> None:
    config = Config.parse({"pricing": {"rules": [{"bucket": "compute", "agent": "*", "per_second": "0.01"}]}})
    send(store, config, [Sent(1, AGENT), chat(2, parent=1)])
    (row,) = store.query("SELECT cost, own_time_rate, own_time_price_id FROM spans WHERE bucket = 'compute'")
    assert row == {"cost": Decimal("0.1"), "own_time_rate": Decimal("0.01"), "own_time_price_id": "rule:compute/agent=*"}
    assert reprice(store, config, DAY) == []


def test_what_is_read_from_the_store_is_what_was_read_off_the_wire(store: Store) -> None:
    """Every emitter of the fixtures, stored and read again, with and without a contract: nothing changes."""
    spans = [
        Sent(nth, attributes, name=name, scope=scope, trace=nth % 7, at=nth * 20)
        for nth, ((scope, name), attributes, *_) in enumerate(CASES.values(), start=1)
    ]
    for config in (PLAIN, contract("*", "1", "2", prefer="priced")):
        send(store, config, spans)
        assert reprice(store, config, DAY) == []


def test_more_spans_than_a_batch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("attribution.repricing.repricing"), "SPANS_A_BATCH", 7)
    send(store, PLAIN, [chat(nth, trace=nth % 3, at=nth * 20) for nth in range(1, 31)])
    attribute(store, PLAIN)
    (difference,) = reprice(store, contract("gpt-4o", "2", "8"), DAY)
    assert (difference.spans, difference.before, difference.after) == (30, Decimal("0.105"), Decimal("0.084"))
    attribute(store, PLAIN)
    assert billed(store) == Decimal("0.084")
