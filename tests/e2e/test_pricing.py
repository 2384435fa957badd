"""What a span costs once it is stored: every source of a cost, and what has none (R5)."""

from __future__ import annotations

from decimal import Decimal

from tests.e2e.otlp import chat, invoke, request, span, trace_id
from tests.e2e.serving import Serving, only


def test_r5_every_source_of_a_cost(serving: Serving) -> None:
    trace = trace_id()
    said = {"gen_ai.usage.cost": 0.25}
    tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "web_search"}
    spans = [
        span(trace, 1, invoke("writer", team="sales"), day=5),
        span(trace, 2, chat("gpt-4o", 1000, 100), parent=1, day=5),
        span(trace, 3, chat("gpt-4o", 1001, 100, **said), parent=1, day=5),
        span(trace, 4, chat("gpt-4.1-mini", 1002, 100, **said), parent=1, day=5),  # the contract: 1.50 in, 6.00 out
        span(trace, 5, tool, parent=1, day=5),
        span(trace, 6, chat("acme-secret-1", 1003, 100), parent=1, day=5),
        span(trace, 7, chat("acme-secret-1", 1004, 100, **said), parent=1, day=5),
        span(trace, 8, {"http.method": "GET"}, parent=1, day=5),
    ]
    assert serving.export(request(spans).SerializeToString()).status_code == 200
    serving.stored(trace, 8)
    rows = [tuple(row.values()) for row in serving.spans(trace, "cost_source, cost, bucket, price_id")]
    book = rows[1][3]
    assert book.startswith("genai-prices:openai/gpt-4o")
    assert rows == [
        ("none", Decimal(0), "orchestration", ""),
        ("priced", Decimal("0.0035"), "llm", book),
        ("reported", Decimal("0.25"), "llm", ""),
        ("contract", Decimal("0.002103"), "llm", "contract:openai/gpt-4.1*@2026-01-01"),
        ("rule", Decimal("0.001"), "tool", "rule:tool/web_search"),
        ("unpriced", None, "llm", ""),
        ("reported", Decimal("0.25"), "llm", ""),
        ("none", Decimal(0), "orchestration", ""),
    ]
    both = [tuple(row.values()) for row in serving.spans(trace, "reported_cost, computed_cost")]
    assert both[2:4] == [(Decimal("0.25"), Decimal("0.0035025")), (Decimal("0.25"), Decimal("0.002103"))]

    serving.attributed(trace)
    counted = only(serving.query("SELECT cost, unpriced_spans FROM traces WHERE trace_id = {trace:String}", trace=trace))
    assert counted == {"cost": Decimal("0.506603"), "unpriced_spans": 1}
    (_, report), (_, tree) = serving.commands(["report", "model", "--from", "2026-05-05", "--to", "2026-05-05"], ["trace", trace])
    assert "missing: 1 calls without a known price" in report
    assert "acme-secret-1 1,003/100 tokens  unknown (unpriced)" in tree


def test_a_cost_is_unknown_exactly_where_it_says_unpriced(serving: Serving) -> None:
    assert serving.query("SELECT * FROM spans WHERE (cost IS NULL) != (cost_source = 'unpriced')") == []
    assert serving.query("SELECT * FROM spans WHERE cost_source = 'none' AND (usage != 'none' OR cost != 0)") == []
    assert serving.query("SELECT * FROM spans WHERE cost_source NOT IN ('reported','contract','priced','rule','unpriced','none')") == []
    buckets = "('llm', 'tool', 'compute', 'storage', 'orchestration', 'human_review', 'platform')"
    assert serving.query(f"SELECT * FROM spans WHERE bucket NOT IN {buckets}") == []
