"""History of other programs: what a row means, what is wrong with one, and that it counts once however often it is imported."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from attribution.attribute import attribute
from attribution.errors import RefusedError
from attribution.reports import report
from attribution.storage import Store
from collector.commands.export import log_lines
from collector.config import Config
from collector.importing import Imported, import_files

CONFIG = Config.parse({"pricing": {"update": False}, "agents": {"shared": ["guardrail"]}, "senders": {"proxy": {"gateway": True}}})
LOG = {
    "timestamp": "2026-10-03T10:00:00Z",
    "team": "sales",
    "chain": "forecast",
    "agent": "planner",
    "model": "gpt-4o",
    "provider": "openai",
}


def imported(store: Store, folder: Path, rows: Iterable[Any], name: str = "log", sender: str = "import") -> Imported:
    path = folder / "history.jsonl"
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), encoding="utf-8")
    done = import_files(store, CONFIG, [path], name, sender)
    attribute(store, CONFIG)
    assert store.query("SELECT * FROM audits") == []
    return done


def by(store: Store, dimension: str) -> dict[str, Decimal]:
    return {line.value: line.total for line in report(store, dimension).lines if line.total}


def test_a_cost_log_becomes_records_once(store: Store, tmp_path: Path) -> None:
    rows: list[Any] = [
        {**LOG, "cost_usd": "0.1234567890123", "input_tokens": 10, "output_tokens": 2},
        {**LOG, "cost_usd": 0.25, "task": "case-1", "user": "ada"},
        {**LOG, "cost_usd": 0.25, "task": "case-1", "user": "ada"},
        {**LOG, "id": "c4", "input_tokens": 1_000_000, "output_tokens": 0},
        {**LOG, "id": "c5", "cost": 2, "tool": "search", "model": ""},
        {**LOG, "id": "c6", "cost": 3, "agent": "guardrail"},
        {**LOG, "id": "c7", "model": "acme-1"},
    ]
    assert imported(store, tmp_path, rows).rows == 7
    assert by(store, "team") == {"sales": Decimal("0.123456789012") + Decimal("0.5") + Decimal("2.5") + 2 + 3}
    assert by(store, "agent") == {"planner": Decimal("5.123456789012"), "guardrail": 3}
    assert by(store, "bucket")["tool"] == 2
    assert by(store, "task")["case-1"] == Decimal("0.5"), "two rows that say the same are two calls"
    before = store.query("SELECT count() AS n, sum(amount) AS usd FROM ledger")
    random.Random(7).shuffle(rows)
    assert imported(store, tmp_path, [*rows, rows[0]] if rows[0].get("id") else rows).refused == []
    assert store.query("SELECT count() AS n, sum(amount) AS usd FROM ledger") == before
    missing = store.query("SELECT sum(count) AS n FROM missing WHERE reason = 'unpriced'")
    assert missing == [{"n": 1}], "acme-1 has no price, which is not 0"


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("{broken", "is no JSON"),
        ("[1]", "is no JSON object"),
        ({**LOG, "timestamp": "", "cost": 1}, "a time is needed: time, timestamp"),
        ({**LOG, "timestamp": "soon", "cost": 1}, "'soon' is no time"),
        ({**LOG, "cost": "much"}, "'much' is no number"),
        ({**LOG, "cost": -1}, "a cost of -1 is below 0"),
        ({**LOG, "cost": "NaN"}, "'NaN' is no number"),
        ({**LOG, "input_tokens": 1.5}, "input: '1.5' is no count of tokens"),
        ({**LOG, "cost": True}, "True is no number"),
        ({**LOG, "cost": 1, "end_time": "2026-10-03T09:00:00Z"}, "ends before it begins"),
        ({**LOG, "model": "", "team": "x"}, "a cost, tokens or a model are needed"),
        ({**LOG, "timestamp": 99_999_999_999_999_999_999, "cost": 1}, "is no time"),
    ],
)
def test_a_wrong_row_is_named_and_all_others_are_imported(store: Store, tmp_path: Path, row: Any, complaint: str) -> None:
    if store.embedded is False:
        pytest.skip("the same code on both engines")
    done = imported(store, tmp_path, [{**LOG, "cost": 1}, row, {**LOG, "cost": 2}])
    assert (done.rows, done.refused_count) == (2, 1)
    assert done.refused[0].startswith(f"{tmp_path / 'history.jsonl'}, row 2: ")
    assert complaint in done.refused[0]
    assert by(store, "team") == {"sales": 3}


@pytest.mark.parametrize("wrap", [list, lambda rows: {"data": rows}, lambda rows: {"observations": rows, "meta": {}}])
def test_a_list_is_read_as_lines_are(store: Store, tmp_path: Path, wrap: Any) -> None:
    if store.embedded is False:
        pytest.skip("the same code on both engines")
    path = tmp_path / "history.json"
    for indent in (None, 2):
        path.write_text(json.dumps(wrap([{**LOG, "id": "1", "cost": 1}, {**LOG, "id": "2", "cost": 2}]), indent=indent), encoding="utf-8")
        assert import_files(store, CONFIG, [path], "log", "import").rows == 2
    attribute(store, CONFIG)
    assert by(store, "team") == {"sales": 3}
    path.write_text("[1, 2", encoding="utf-8")
    with pytest.raises(RefusedError, match="neither JSON lines nor JSON"):
        import_files(store, CONFIG, [path], "log", "import")


LITELLM: Mapping[str, Any] = {
    "request_id": "chatcmpl-1",
    "call_type": "acompletion",
    "api_key": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05",
    "spend": 0.004215,
    "prompt_tokens": 1200,
    "completion_tokens": 90,
    "total_tokens": 1290,
    "startTime": "2026-10-05T08:00:00.120000Z",
    "endTime": "2026-10-05T08:00:02.500000Z",
    "model": "claude-sonnet-4-5",
    "custom_llm_provider": "anthropic",
    "cache_hit": "False",
    "user": "ada",
    "end_user": "",
    "team_id": "t-9",
    "session_id": "s-1",
    "status": "success",
    "metadata": {
        "user_api_key_team_alias": "support",
        "additional_usage_values": {"cache_read_input_tokens": 1000, "cache_creation_input_tokens": 0},
        "spend_logs_metadata": {"workflow": "triage", "project": "helpdesk"},
    },
}


FAILED = {
    "request_id": "chatcmpl-3",
    "status": "failure",
    "spend": 0.0,
    "prompt_tokens": 0,
    "completion_tokens": 0,
    "metadata": {"user_api_key_team_alias": "support"},
}
EMBEDDING = {
    "request_id": "emb-4",
    "call_type": "aembedding",
    "model": "text-embedding-3-small",
    "custom_llm_provider": "openai",
    "metadata": "{}",
}


def test_spend_logs_of_litellm(store: Store, tmp_path: Path) -> None:
    rows = [
        LITELLM,
        {**LITELLM, "request_id": "chatcmpl-2", "cache_hit": "True", "spend": 0.0},
        {**LITELLM, **FAILED},
        {**LITELLM, **EMBEDDING},
    ]
    for _ in range(2):
        assert imported(store, tmp_path, rows, "litellm", "proxy").refused == []
    assert by(store, "team") == {"support": Decimal("0.004215"), "t-9": Decimal("0.004215")}
    assert by(store, "workflow") == {"triage": Decimal("0.004215"), "aembedding text-embedding-3-small": Decimal("0.004215")}
    (span,) = store.query(
        "SELECT input_tokens, cache_read_tokens, output_tokens, user, session, project, provider, model, sender, duration_ns"
        " FROM attributed_spans WHERE response_id = 'chatcmpl-1'"
    )
    assert span == {
        "input_tokens": 1200, "cache_read_tokens": 1000, "output_tokens": 90, "user": "ada", "session": "s-1", "project": "helpdesk",
        "provider": "anthropic", "model": "claude-sonnet-4-5", "sender": "proxy", "duration_ns": 2_380_000_000,
    }  # fmt: skip
    costs = store.query("SELECT response_id, cost FROM attributed_spans WHERE response_id IN ('chatcmpl-2', 'chatcmpl-3') ORDER BY 1")
    assert [row["cost"] for row in costs] == [0, 0], "its cache answered, and what failed without usage costs nothing"


LANGFUSE: Mapping[str, Any] = {
    "id": "obs-2",
    "traceId": "trace-1",
    "type": "GENERATION",
    "name": "answer",
    "startTime": "2026-10-06T12:00:00.000Z",
    "endTime": "2026-10-06T12:00:03.000Z",
    "parentObservationId": "obs-1",
    "model": "gpt-4o-2024-08-06",
    "usageDetails": {"input": 900, "input_cached_tokens": 100, "output": 50, "total": 1050},
    "costDetails": {"input": 0.00225, "input_cached_tokens": 0.000125, "output": 0.0005, "total": 0.002875},
    "metadata": {"team": "research", "nested": {"a": 1}},
    "environment": "production",
    "userId": "u-1",
    "sessionId": "s-7",
    "traceName": "rag",
    "level": "DEFAULT",
}


AGENT = {
    "id": "obs-1",
    "type": "AGENT",
    "name": "reader",
    "parentObservationId": None,
    "usageDetails": {},
    "costDetails": {},
    "model": None,
}


def test_observations_of_langfuse_keep_their_tree(store: Store, tmp_path: Path) -> None:
    rows = [
        {
            **LANGFUSE,
            "id": "obs-1",
            "type": "AGENT",
            "name": "reader",
            "parentObservationId": None,
            "usageDetails": {},
            "costDetails": {},
            "model": None,
        },
        LANGFUSE,
        {**LANGFUSE, "id": "obs-3", "usageDetails": {"input": 1000, "output": 100, "total": 1100}, "costDetails": {}, "totalCost": "0.01"},
    ]
    for _ in range(2):
        assert imported(store, tmp_path, rows, "langfuse").refused == []
    assert by(store, "team") == {"research": Decimal("0.012875")}
    assert by(store, "agent") == {"reader": Decimal("0.012875")}
    assert by(store, "workflow") == {"rag": Decimal("0.012875")}
    spans = store.query(
        "SELECT input_tokens, cache_read_tokens, output_tokens, environment, user, session"
        " FROM attributed_spans WHERE billable ORDER BY amount"
    )
    assert spans[0] == {
        "input_tokens": 1000, "cache_read_tokens": 100, "output_tokens": 50, "environment": "production", "user": "u-1", "session": "s-7",
    }  # fmt: skip


def test_an_exported_log_is_the_same_ledger_again(store: Store, tmp_path: Path) -> None:
    rows = [
        {
            **LOG,
            "id": f"r{nth}",
            "cost_usd": f"{nth}.{nth:012}",
            "input_tokens": nth,
            "output_tokens": 1,
            "department": "x",
            "user": f"u{nth % 3}",
        }
        for nth in range(1, 8)
    ]
    imported(
        store, tmp_path, [*rows, {**LOG, "id": "t", "cost": "0.5", "tool": "search", "model": ""}, {**LOG, "id": "n", "model": "acme-1"}]
    )
    kept = {dimension: by(store, dimension) for dimension in ("team", "department", "user", "workflow", "agent", "model", "bucket")}
    lines = list(log_lines(store, "UTC", date(2026, 10, 1), date(2026, 10, 31)))
    assert len(lines) == 9
    # Into the same store it changes nothing; the row says who sent it.
    imported(store, tmp_path, [line.rstrip("\n") for line in lines], sender="somebody")
    assert {dimension: by(store, dimension) for dimension in kept} == kept
    store.execute("TRUNCATE ALL TABLES FROM {database:Identifier} NOT LIKE 'schema_versions'", {"database": store.database})
    assert by(store, "team") == {}
    imported(store, tmp_path, [line.rstrip("\n") for line in lines])
    assert {dimension: by(store, dimension) for dimension in kept} == kept
    assert list(log_lines(store, "UTC", None, None)) == lines
