"""A Collector's table is read where it is: all of it, once, whatever happens on the way."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.errors import StorageError, TableError
from attribution.ledger import Ledger
from attribution.prepare import prepare
from attribution.repricing import reprice
from attribution.storage import Store
from attribution.tables import read_table, reading, windows
from tests.attribution.otlp import Sent, send
from tests.table.exporter import TABLE, export, request_of

CONFIG = AttributionConfig()
NOON = int(datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()) * 10**9
SECOND = 10**9
HOUR = 3600 * SECOND


def chat(trace_id: int, span_id: int, tokens: int = 1000, *, at: int = 0, team: str = "", **more: Any) -> dict[str, Any]:
    """A call of gpt-4o that costs 2.50 per million tokens."""
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.response.model": "gpt-4o",
        "gen_ai.usage.input_tokens": tokens,
        "gen_ai.usage.output_tokens": 0,
        **({"team": team} if team else {}),
        **more.pop("attributes", {}),
    }
    return {"trace_id": trace_id, "span_id": span_id, "start_ns": NOON + at, "attributes": attributes, **more}


def put(store: Store, table: str, *spans: dict[str, Any]) -> None:
    export(store, table, [request_of(spans)])


def settle(store: Store, table: str, config: AttributionConfig = CONFIG) -> tuple[int, int]:
    """Spans read and postings made."""
    read = read_table(store, config, table).spans
    posted = attribute(store, config).postings
    assert store.query("SELECT * FROM audits") == []
    assert store.count("table_changes") == 0
    return read, posted


def billed(store: Store) -> Decimal:
    (row,) = store.query("SELECT sum(amount) AS billed FROM ledger")
    return row["billed"]


def state(store: Store) -> list[dict[str, Any]]:
    """All that may not depend on how it came about."""
    paid = store.query("SELECT trace_id, span_id, team, sum(amount) AS usd FROM ledger GROUP BY ALL HAVING usd != 0 ORDER BY ALL")
    return store.query("SELECT * EXCEPT repriced_at FROM attributed_spans ORDER BY trace_id, span_id") + paid


def test_all_of_a_table_is_read_and_then_what_is_new(store: Store, table: str) -> None:
    put(store, table, chat(1, 1, team="sales"), chat(1, 2, at=1))
    assert settle(store, table) == (2, 2)
    assert billed(store) == Decimal("0.005")
    assert settle(store, table) == (0, 0)
    put(store, table, chat(1, 3, at=2), chat(2, 1, at=-400 * 24 * HOUR))
    assert settle(store, table) == (2, 2)
    assert billed(store) == Decimal("0.01")
    assert store.query("SELECT DISTINCT team FROM attributed_spans WHERE trace_id LIKE '%1' ORDER BY team") == [{"team": "sales"}]


def test_an_empty_table_is_followed(store: Store, table: str) -> None:
    assert settle(store, table) == (0, 0)
    put(store, table, chat(1, 1))
    assert settle(store, table) == (1, 1)


def test_the_table_itself_is_not_altered(store: Store, table: str) -> None:
    before = store.query(f"SHOW CREATE TABLE {table}")
    put(store, table, chat(1, 1))
    settle(store, table)
    assert store.query(f"SHOW CREATE TABLE {table}") == before
    assert store.query(f"SELECT count() AS n FROM {table}") == [{"n": 1}]


def test_the_same_span_twice_is_one_span(store: Store, table: str) -> None:
    put(store, table, chat(1, 1), chat(1, 1))
    put(store, table, chat(1, 1))
    assert settle(store, table) == (1, 1)
    put(store, table, chat(1, 1))
    assert settle(store, table) == (1, 0)
    assert billed(store) == Decimal("0.0025")
    assert store.count("spans") == 1
    assert store.count("otel_traces") == 1


def contents_of(trace_id: int) -> list[dict[str, Any]]:
    """One span as it is told four times; the last one has ended and has usage."""
    untold = {"gen_ai.usage.output_tokens": None, "gen_ai.usage.input_tokens": None}
    return [
        chat(trace_id, 1, 0, duration_ns=0, attributes=untold),  # as it begins
        chat(trace_id, 1, 7, duration_ns=0),  # it has usage, and has not ended
        chat(trace_id, 1, 9000, duration_ns=3 * SECOND, attributes=untold),
        chat(trace_id, 1, 3000, duration_ns=2 * SECOND, status_message="late", events=["asked"], attributes={"gen_ai.prompt": "hello"}),
    ]


@pytest.mark.parametrize("at_once", [True, False])
def test_of_several_contents_arrival_does_not_say_which_stands(store: Store, table: str, at_once: bool) -> None:
    """Each order of arrival in a trace of its own."""
    orders = [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)]
    for step in range(4):
        put(store, table, *(contents_of(trace_id)[order[step]] for trace_id, order in enumerate(orders, 1)))
        if not at_once:
            settle(store, table)
    settle(store, table)
    paid = store.query("SELECT trace_id, sum(amount) AS usd FROM ledger GROUP BY trace_id ORDER BY trace_id")
    assert [(int(row["trace_id"], 16), row["usd"]) for row in paid] == [(nth, Decimal("0.0075")) for nth in (1, 2, 3)]
    rows = store.query(
        "SELECT TraceId, SpanAttributes['gen_ai.usage.input_tokens'] AS tokens, StatusMessage AS message FROM otel_traces ORDER BY TraceId"
    )
    assert [(int(row["TraceId"], 16), row["tokens"], row["message"]) for row in rows] == [(nth, "3000", "late") for nth in (1, 2, 3)]
    assert store.query("SELECT count() AS n FROM span_records WHERE has(mapKeys(attributes), 'gen_ai.prompt')") == [{"n": 0}]


def test_of_contents_with_usage_the_one_that_ends_last_stands(store: Store, second: Store, table: str) -> None:
    put(store, table, chat(1, 1, 5000, duration_ns=2 * SECOND), chat(1, 2, 1000), chat(1, 2, 3000))
    put(store, table, chat(1, 1, 1000, duration_ns=SECOND, at=HOUR), chat(1, 1, 1000, duration_ns=SECOND))
    for each in (store, second):
        settle(each, table)
    # Of equal ends any, but always the same.
    assert state(store) == state(second)
    kept = store.query("SELECT source_table FROM span_records FINAL WHERE span_id LIKE '%2'")
    assert kept == [{"source_table": ""}]


def test_what_is_received_and_what_a_table_holds_are_deliveries_alike(store: Store, table: str) -> None:
    received = Sent(1, {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.response.model": "gpt-4o"})
    send(store, CONFIG, [received], tags={"team": "sales"})  # type: ignore[arg-type]
    put(store, table, chat(1, 1))
    settle(store, table)
    assert store.query("SELECT team, input_tokens FROM attributed_spans") == [{"team": "", "input_tokens": 1000}], "it has usage"


def test_a_changed_span_posts_a_correction(store: Store, table: str) -> None:
    put(store, table, chat(1, 1, team="sales"))
    settle(store, table)
    put(store, table, chat(1, 1, 3000, team="support", duration_ns=2 * SECOND))
    settle(store, table)
    rows = store.query("SELECT kind, team, amount FROM ledger ORDER BY posted_at, amount")
    assert [(row["kind"], row["team"], row["amount"]) for row in rows] == [
        ("direct", "sales", Decimal("0.0025")),
        ("correction", "sales", Decimal("-0.0025")),
        ("correction", "support", Decimal("0.0075")),
    ]


def test_a_model_without_a_price_shows_as_ever(store: Store, table: str) -> None:
    put(store, table, chat(1, 1, attributes={"gen_ai.response.model": "our-llm"}))
    settle(store, table)
    assert store.query("SELECT model, spans FROM unpriced_models") == [{"model": "our-llm", "spans": 1}]


def test_batches_are_bounded_and_lose_nothing(store: Store, second: Store, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = random.Random(1)
    starts = [0] * 50 + [generator.randrange(HOUR) for _ in range(100)] + [generator.randrange(10**4) * 24 * HOUR for _ in range(50)]
    spans = [chat(number // 3, number, at=-start) for number, start in enumerate(starts, 1)]
    put(store, table, *spans)
    settle(second, table)
    monkeypatch.setattr(windows, "SPANS_A_WINDOW", 7)
    monkeypatch.setattr(reading, "CHANGES_AT_HAND", 11)
    read, _ = settle(store, table)
    assert read == len(spans)
    assert state(store) == state(second)
    put(store, table, *(chat(99, number, at=number) for number in range(1000, 1030)))
    assert settle(store, table)[0] == 30


def kill_at(monkeypatch: pytest.MonkeyPatch, nth: int, *, done: bool) -> None:
    """The nth statement that changes anything is the last, done or not."""
    statements = iter(range(1, 10_000))

    def counting(original: Any) -> Any:
        def run(self: Store, *given: Any, **named: Any) -> None:
            last = next(statements) == nth
            if not last or done:
                original(self, *given, **named)
            if last:
                raise StorageError("killed")

        return run

    for name in ("execute", "insert"):
        monkeypatch.setattr(Store, name, counting(getattr(Store, name)))


@pytest.mark.parametrize("done", [True, False])
def test_killed_at_every_statement_it_ends_in_the_same_state(
    store: Store, second: Store, table: str, monkeypatch: pytest.MonkeyPatch, *, done: bool
) -> None:
    put(store, table, chat(1, 1, team="sales"), chat(1, 2, at=HOUR), chat(2, 1, at=2 * HOUR), chat(2, 1, 2000, at=2 * HOUR))
    monkeypatch.setattr(windows, "SPANS_A_WINDOW", 1)
    monkeypatch.setattr(reading, "CHANGES_AT_HAND", 1)
    kills = 0
    while True:
        kills += 1
        with monkeypatch.context() as patched:
            kill_at(patched, kills, done=done)
            try:
                read_table(store, CONFIG, table)
                break
            except StorageError:
                pass
        if kills == 5:  # on the way: some come as changes
            put(store, table, chat(3, 1, at=-HOUR), chat(1, 2, at=HOUR), chat(3, 2))
    settle(store, table)
    settle(second, table)
    assert kills > 8
    assert state(store) == state(second)


def test_what_is_inserted_while_the_table_is_read_is_not_lost(store: Store, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, table, *(chat(1, number, at=number * HOUR) for number in range(1, 6)))
    monkeypatch.setattr(windows, "SPANS_A_WINDOW", 1)
    original, more = reading._Reader._read, iter(range(100, 200))

    def read(self: reading._Reader, *given: Any, **named: Any) -> int:
        found = original(self, *given, **named)
        if (number := next(more)) < 110:
            put(store, table, chat(2, number, at=number % 2 * 10 * HOUR))
        return found

    monkeypatch.setattr(reading._Reader, "_read", read)
    settle(store, table)
    assert store.count("spans") == store.query(f"SELECT uniqExact(TraceId, SpanId) AS n FROM {table}")[0]["n"] == 15


def test_a_table_that_is_made_anew_is_read_anew(store: Store, table: str) -> None:
    put(store, table, chat(1, 1))
    settle(store, table)
    store.execute(f"DROP TABLE {table} SYNC")
    prepare(store)
    assert store.query("SELECT cost, attributes FROM spans") == [{"cost": Decimal("0.0025"), "attributes": {}}]
    store.execute(TABLE.format(name=table))
    put(store, table, chat(1, 2), chat(1, 1))
    settle(store, table)
    put(store, table, chat(1, 3))
    assert settle(store, table)[0] == 1
    assert billed(store) == Decimal("0.0075")


def test_two_tables_make_one_ledger(store: Store, table: str) -> None:
    other = f"{table}_old"
    store.execute(TABLE.format(name=other))
    put(store, table, chat(1, 1, team="sales", attributes={"from": "new"}))
    put(store, other, chat(1, 2, at=1, attributes={"from": "old"}))
    for each in (table, other):
        settle(store, each)
    rows = store.query("SELECT attributes['from'] AS source, team FROM attributed_spans ORDER BY span_id")
    assert rows == [{"source": "new", "team": "sales"}, {"source": "old", "team": "sales"}]


def test_span_links_and_response_ids_are_read(store: Store, table: str) -> None:
    put(store, table, chat(1, 1, team="sales"), chat(2, 1, links=[1], at=1))
    quoted = {"gen_ai.response.id": "resp-1"}
    for trace_id, service in ((3, "agents"), (4, "gateway")):
        export(store, table, [request_of([chat(trace_id, 1, attributes=quoted)], {"service.name": service})])
    settle(store, table)
    assert store.query("SELECT team FROM attributed_spans WHERE trace_id LIKE '%2'") == [{"team": "sales"}]
    assert store.query("SELECT count() AS n FROM attributed_spans WHERE unbilled_reason = 'duplicate'") == [{"n": 1}]


def test_spans_of_a_table_are_priced_anew(store: Store, table: str) -> None:
    put(store, table, chat(1, 1), chat(1, 2, at=1), chat(1, 2, 2000, at=1))
    settle(store, table)
    was = billed(store)
    contract = AttributionConfig.parse({"pricing": {"models": [{"model": "gpt-4o", "input": "5", "output": "0"}]}})
    (difference,) = reprice(store, contract, date(2026, 11, 1))
    assert (difference.spans, difference.before, difference.after) == (2, was, 2 * was)
    attribute(store, CONFIG)
    assert billed(store) == 2 * was
    assert store.query("SELECT * FROM audits") == []
    assert reprice(store, contract, date(2026, 11, 1)) == []
    assert settle(store, table) == (0, 0)
    assert store.query("SELECT countIf(notEmpty(attributes)) AS n FROM span_records WHERE source_table != ''") == [{"n": 0}]


def test_what_the_table_has_dropped_keeps_its_price(store: Store, table: str) -> None:
    put(store, table, chat(1, 1), chat(1, 2, at=24 * HOUR))
    settle(store, table)
    store.execute(f"ALTER TABLE {table} DROP PARTITION '2026-11-01'")
    free = AttributionConfig.parse({"pricing": {"models": [{"model": "gpt-4o", "input": "0", "output": "0"}]}})
    assert [(each.spans, each.after) for each in reprice(store, free, date(2026, 11, 1))] == [(1, Decimal(0))]
    attribute(store, CONFIG)
    assert billed(store) == Decimal("0.0025")
    assert settle(store, table) == (0, 0)


def test_early_layouts_are_read(store: Store, table: str) -> None:
    """Int64 durations, plain maps, names as OpenTelemetry's protocol spells them."""
    early = f"{table}_early"
    sql = TABLE.format(name=early).replace("Duration UInt64", "Duration Int64").replace("LowCardinality(String)", "String")
    store.execute(sql)
    put(store, table, chat(1, 1))
    store.execute(f"INSERT INTO {early} SELECT * REPLACE ('SPAN_KIND_CLIENT' AS SpanKind, 'STATUS_CODE_OK' AS StatusCode) FROM {table}")
    settle(store, early)
    row = "SELECT kind, status, attributes['gen_ai.response.model'] AS model FROM spans"
    assert store.query(row) == [{"kind": "Client", "status": "Ok", "model": "gpt-4o"}]


REFUSED = {
    "otel.nothing": "there is no table otel.nothing",
    "nothing": "there is no table default.nothing",
    "a.b.c": "'a.b.c' is no name of a table",
    "otel.`x`": "is no name of a table",
    "otel_traces; DROP TABLE x": "is no name of a table",
    "/etc/passwd": "is no name of a table",
    "": "'' is no name of a table",
}


@pytest.mark.parametrize(("name", "says"), REFUSED.items())
def test_what_is_no_table_is_refused(store: Store, name: str, says: str) -> None:
    with pytest.raises(TableError, match="expected is") as refused:
        read_table(store, CONFIG, name)
    assert says in str(refused.value)


CHANGES: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "missing": (
        ["DROP COLUMN ScopeVersion", "DROP INDEX idx_duration", "DROP COLUMN Duration"],
        ["the column ScopeVersion is missing: expected is String", "the column Duration is missing: expected is UInt64"],
    ),
    "json": (
        ["DROP INDEX idx_span_attr_key", "DROP COLUMN SpanAttributes", "ADD COLUMN SpanAttributes JSON"],
        ["the column SpanAttributes is JSON: expected is Map(LowCardinality(String), String); the exporter's JSON layout is not supported"],
    ),
    "type": (["DROP COLUMN TraceId", "ADD COLUMN TraceId UInt64"], ["the column TraceId is UInt64: expected is String"]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_another_layout_is_refused_and_everything_wrong_is_named(store: Store, table: str, name: str) -> None:
    changes, complaints = CHANGES[name]
    for change in changes if name != "type" else ["DROP INDEX idx_trace_id", *changes]:
        store.execute(f"ALTER TABLE {table} {change}")
    with pytest.raises(TableError) as refused:
        read_table(store, CONFIG, table)
    lines = str(refused.value).splitlines()
    assert len(lines) == len(complaints)
    assert all(f"{table}: {complaint}" in str(refused.value) for complaint in complaints)
    assert store.count("source_tables") == 0


def test_what_cannot_be_followed_is_refused(store: Store) -> None:
    with pytest.raises(TableError, match="has the engine View, whose changes cannot be followed"):
        read_table(store, CONFIG, f"{store.database}.otel_traces")


@pytest.mark.parametrize(("shared", "refused"), [(0, True), (1, False)])
def test_inserts_into_another_replica_would_go_unseen(
    store: Store, table: str, monkeypatch: pytest.MonkeyPatch, *, shared: int, refused: bool
) -> None:
    original = Store.rows

    def replicated(self: Store, name: str, **parameters: Any) -> list[dict[str, Any]]:
        rows = original(self, name, **parameters)
        return [{**row, "replicas": 2, "shared": shared} for row in rows] if name == "tables/01_columns" else rows

    monkeypatch.setattr(Store, "rows", replicated)
    if refused:
        with pytest.raises(TableError, match="has 2 replicas, and inserts into the others would go unseen: expected is one replica"):
            read_table(store, CONFIG, table)
    else:
        assert read_table(store, CONFIG, table).spans == 0


def test_the_configuration_that_the_store_follows_prices(store: Store, table: str) -> None:
    put(store, table, chat(1, 1))
    ledger = Ledger(store)
    ledger.attribute({"pricing": {"models": [{"model": "gpt-4o", "input": 7, "output": 0}]}}, table=table)
    put(store, table, chat(1, 2, at=1))
    ledger.attribute(table=table)
    assert billed(store) == Decimal("0.014")
