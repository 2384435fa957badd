"""Closed months let go of their spans, or of their content; no amount moves, whatever arrives, links or is priced again afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from attribution.attribute import attribute
from attribution.closing import close, reopen
from attribution.configuration import AttributionConfig
from attribution.errors import ConfigurationError, RefusedError
from attribution.pruning import first_kept, prune, prune_next, prunings
from attribution.repricing import reprice
from attribution.storage import Store
from collector.config import Config
from collector.retention import RetentionKeeper
from tests.attribution.cases import DAY, call, guarded, work
from tests.attribution.compare import deliver
from tests.beginnings import Begin
from tests.oracle.model import Span

CONFIG = AttributionConfig.parse({"agents": {"shared": ["guardrail"]}, "sessions": {"inherit": True}})
JUNE = int(datetime(2026, 6, 20, 12, tzinfo=UTC).timestamp())
JULY = JUNE + 30 * DAY
MONTHS_END = int(datetime(2026, 6, 30, 23, 59, 55, tzinfo=UTC).timestamp())
LATER = datetime(2027, 2, 1, tzinfo=UTC)

TRACE = [
    work("r", trace="long", at=MONTHS_END, lasts=60, span_team="sales", agent="planner"),
    call("c", "r", trace="long", at=MONTHS_END + 1, cost="2", response_id="resp-1"),
    call("d", "r", trace="long", at=MONTHS_END + 20, cost="3"),
]
"""It reaches from June into July."""
FIRST_OF_SESSION = call("s", trace="first", at=JUNE, cost="1", span_team="support", span_session="talk", service="bot")


def dress(store: Store) -> None:
    """Give all spans content, as the exporter stores it."""
    store.execute(
        "ALTER TABLE span_records UPDATE attributes = map('gen_ai.prompt', 'secret words'), resource = map('host', 'h1'), "
        "status = 'Ok', kind = 'Client', event_names = ['said'], event_times = [start_time], event_attributes = [map('text', 'secret')] "
        "WHERE pruned = 'no' AND empty(attributes) SETTINGS mutations_sync = 2"
    )


def bill(store: Store, *spans: Span, config: AttributionConfig = CONFIG) -> int:
    deliver(store, spans)
    dress(store)
    return attribute(store, config).postings


def violations(store: Store) -> list[dict[str, Any]]:
    return store.query("SELECT * FROM audits")


def ledger(store: Store) -> dict[tuple[str, str], Decimal]:
    rows = store.query("SELECT period, team, sum(amount) AS usd FROM ledger WHERE pool = '' OR kind = 'allocation' GROUP BY period, team")
    return {(row["period"], row["team"]): row["usd"] for row in rows if row["usd"]}


def everything(store: Store) -> dict[str, list[dict[str, Any]]]:
    """What people are told of the money."""
    views = (
        "ledger",
        "statements",
        "allocations",
        "costs_by_team",
        "costs_by_agent",
        "daily_costs",
        "traces",
        "missing",
        "closings",
        "savings",
    )
    return {view: store.query(f"SELECT * FROM {view} ORDER BY ALL") for view in views}


def shown(store: Store) -> set[tuple[str, str]]:
    return {(row["trace_id"], row["span_id"]) for row in store.query("SELECT trace_id, span_id FROM spans")}


def contents(store: Store) -> int:
    return int(
        store.query("SELECT countIf(notEmpty(attributes) OR notEmpty(resource) OR notEmpty(event_names)) AS n FROM span_records")[0]["n"]
    )


def june_and_july_are_closed(store: Store) -> None:
    """A trace reaches from one into the other."""
    bill(store, *TRACE, *guarded("shared", "sales", "4", at=JUNE), FIRST_OF_SESSION)
    for month in ("2026-06", "2026-07"):
        close(store, CONFIG, month, LATER)


@pytest.fixture
def closed(store: Store, begin: Begin) -> Store:
    begin(june_and_july_are_closed)
    return store


def test_the_spans_go_and_no_figure_moves(closed: Store) -> None:
    before = everything(closed)
    assert prune(closed, CONFIG, "2026-07") == ["2026-06"]
    assert shown(closed) == {("long", "d")}
    assert closed.query("SELECT SpanId FROM otel_traces") == [{"SpanId": "d"}]
    assert everything(closed) == before
    assert violations(closed) == []
    assert closed.query("SELECT sum(amount) AS usd FROM attributed_spans")[0]["usd"] == 10
    assert contents(closed) == 1
    assert [(row["period"], row["pruned"]) for row in prunings(closed)] == [("2026-06", "span")]
    assert closed.query("SELECT period, pruned FROM prunings") == [{"period": "2026-06", "pruned": "span"}]


def test_the_content_goes_and_the_spans_stay(closed: Store) -> None:
    before = everything(closed)
    assert prune(closed, CONFIG, "2026-08", content=True) == ["2026-06", "2026-07"]
    assert len(shown(closed)) == 7
    assert contents(closed) == 0
    assert closed.query("SELECT DISTINCT StatusCode, length(`Links.Attributes`) = length(`Links.TraceId`) AS even FROM otel_traces") == [
        {"StatusCode": "Ok", "even": 1}
    ]
    assert everything(closed) == before
    assert violations(closed) == []
    assert prune(closed, CONFIG, "2026-08") == ["2026-06", "2026-07"]
    assert shown(closed) == set()


def test_a_second_time_there_is_nothing_to_do(closed: Store) -> None:
    prune(closed, CONFIG, "2026-08")
    assert prune(closed, CONFIG, "2026-08") == []
    assert prune(closed, CONFIG, "2026-08", content=True) == []
    assert attribute(closed, CONFIG).postings == 0


def test_an_open_month_is_refused_by_name_and_nothing_is_gone(store: Store) -> None:
    bill(store, *TRACE)
    close(store, CONFIG, "2026-06", LATER)
    with pytest.raises(RefusedError, match=r"^2026-07: open, and only closed months"):
        prune(store, CONFIG, "2026-08")
    with pytest.raises(RefusedError, match="'August' is no month"):
        prune(store, CONFIG, "August")
    assert contents(store) == 3
    assert prunings(store) == []


def test_by_itself_only_closed_months_go(store: Store) -> None:
    bill(store, *TRACE)
    close(store, CONFIG, "2026-06", LATER)
    assert prune_next(store, CONFIG, "2026-08") == ["2026-06"]
    assert prune_next(store, CONFIG, "2026-08") == []
    assert shown(store) == {("long", "d")}


def test_a_span_that_is_sent_again_costs_nothing_more(closed: Store) -> None:
    before = everything(closed)
    prune(closed, CONFIG, "2026-08")
    assert bill(closed, *(replace(span, version=2) for span in TRACE)) == 0
    assert everything(closed) == before
    assert violations(closed) == []
    assert prune(closed, CONFIG, "2026-08") == ["2026-06", "2026-07"]
    assert contents(closed) == 0


def test_a_late_span_of_a_pruned_trace_is_billed_once_to_who_started_it(closed: Store) -> None:
    prune(closed, CONFIG, "2026-08")
    before = ledger(closed)
    bill(closed, call("e", "r", trace="long", at=MONTHS_END + 2, cost="7"))
    assert ledger(closed) == {**before, ("2026-08", "sales"): 7}
    assert violations(closed) == []
    assert shown(closed) == {("long", "e")}


def test_another_record_of_a_pruned_call_is_the_same_call(closed: Store) -> None:
    prune(closed, CONFIG, "2026-08")
    before = ledger(closed)
    bill(closed, call("g", "c", trace="long", at=MONTHS_END + 2, lasts=5, cost="2", response_id="resp-1", service="proxy"))
    told = closed.query("SELECT DISTINCT call_id FROM attributed_spans WHERE trace_id = 'long' AND span_id IN ('c', 'g')")
    assert told == [{"call_id": "long:g"}]
    assert {team: sum(usd for (_, each), usd in ledger(closed).items() if each == team) for team in ("sales", "support")} == {
        team: sum(usd for (_, each), usd in before.items() if each == team) for team in ("sales", "support")
    }
    assert violations(closed) == []


def test_links_and_sessions_lead_to_pruned_traces(closed: Store) -> None:
    prune(closed, CONFIG, "2026-08")
    in_session = call("t", trace="second", at=JUNE + 3600, cost="1", span_session="talk", service="bot")
    linking = call("l", trace="linking", at=JULY + 40 * DAY, cost="1", link_trace_ids=("long",), link_span_ids=("r",))
    bill(closed, in_session, linking)
    found = closed.query(
        "SELECT trace_id, team, initiator_source FROM attributed_spans WHERE trace_id IN ('second', 'linking') ORDER BY trace_id"
    )
    assert [tuple(row.values()) for row in found] == [("linking", "sales", "link"), ("second", "support", "session")]
    assert violations(closed) == []


def test_prices_of_what_is_gone_stay(closed: Store) -> None:
    dearer = AttributionConfig.parse({"pricing": {"models": [{"model": "gpt-4o", "input": 900, "output": 900}]}})
    prune(closed, CONFIG, "2026-07")
    prune(closed, CONFIG, "2026-08", content=True)
    assert reprice(closed, dearer, date(2026, 6, 1)) == []
    assert attribute(closed, CONFIG).postings == 0


def test_a_pruned_month_stays_closed_and_one_without_content_opens(closed: Store) -> None:
    prune(closed, CONFIG, "2026-07")
    prune(closed, CONFIG, "2026-08", content=True)
    with pytest.raises(RefusedError, match=r"^2026-06 stays closed: its spans were let go of"):
        reopen(closed, CONFIG, "2026-06", "to look")
    before = ledger(closed)
    reopen(closed, CONFIG, "2026-07", "to look")
    assert ledger(closed) == before
    assert violations(closed) == []


def test_another_configuration_moves_nothing_in_pruned_months(closed: Store) -> None:
    prune(closed, CONFIG, "2026-08")
    before = ledger(closed)
    attribute(closed, AttributionConfig.parse({"agents": {"shared": ["planner"]}}))
    assert ledger(closed) == before
    assert violations(closed) == []


@pytest.mark.parametrize(("zone", "kept"), [("Asia/Tokyo", {"y", "z"}), ("America/New_York", {"z"})])
def test_months_end_where_the_zone_says(store: Store, zone: str, kept: set[str]) -> None:
    config = AttributionConfig.parse({"periods": {"timezone": zone}})
    midnight = int(datetime(2026, 7, 1, tzinfo=UTC).timestamp())
    # In Tokyo July begins at 15:00 of the day before, in New York at 4:00: x is in June in both, y in Tokyo's July.
    spans = [call(name, trace=name, at=midnight + hour * 3600, cost="1") for name, hour in (("x", -10), ("y", 2), ("z", 5))]
    bill(store, *spans, config=config)
    close(store, config, "2026-06", LATER)
    assert prune(store, config, "2026-07") == ["2026-06"]
    assert {span for _, span in shown(store)} == kept
    assert contents(store) == len(kept)
    assert violations(store) == []
    assert prune(store, config, "2026-07") == []


class KilledError(Exception):
    """The process ends here."""


def test_killed_at_any_statement_it_ends_in_the_same_state(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    bill(store, *TRACE)
    for month in ("2026-06", "2026-07"):
        close(store, CONFIG, month, LATER)
    before, run = everything(store), Store.run
    steps = [0]

    def dying(self: Store, name: str, **parameters: Any) -> None:
        if name.startswith("pruning/"):
            steps[0] -= 1
            if not steps[0]:
                raise KilledError
        run(self, name, **parameters)

    monkeypatch.setattr(Store, "run", dying)
    for left in range(1, 20):
        steps[0] = left
        try:
            prune(store, CONFIG, "2026-08")
        except KilledError:
            assert everything(store) == before
            assert violations(store) == []
        else:
            break
    assert 2 < left < 19
    assert contents(store) == 0
    assert shown(store) == set()
    assert store.query("SELECT count() AS n FROM prunings")[0]["n"] == 2


@pytest.mark.parametrize(("months", "first"), [(1, "2027-01"), (2, "2026-12"), (13, "2026-01"), (14, "2025-12")])
def test_so_many_months_are_kept_beside_the_one_that_runs(months: int, first: str) -> None:
    tokyo = AttributionConfig.parse({"periods": {"timezone": "Asia/Tokyo"}})
    assert first_kept(tokyo, months, datetime(2027, 1, 31, 20, tzinfo=UTC)) == first


def test_content_is_not_kept_longer_than_its_spans() -> None:
    assert Config.parse({"retention": {"content_months": 3, "spans_months": 3}}).retention.spans_months == 3
    with pytest.raises(ConfigurationError, match=r"retention.*content_months is 4, and after spans_months, 3, there is no content left"):
        Config.parse({"retention": {"content_months": 4, "spans_months": 3}})
    with pytest.raises(ConfigurationError, match=r"retention\.spans_months"):
        Config.parse({"retention": {"spans_months": 0}})


def test_what_retention_keeps_no_longer_goes_a_partition_at_a_turn(closed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, config = RetentionKeeper(), Config.parse({"retention": {"content_months": 1, "spans_months": 600}})
    monkeypatch.setattr("collector.retention.first_kept", lambda _, months: {1: "2026-08", 600: "1976-01"}[months])
    keeper.turn(closed, Config())
    assert contents(closed) == 7, "nothing is configured, and it looks again in an hour"
    keeper = RetentionKeeper()
    left = []
    for _ in range(3):
        keeper.turn(closed, config)
        left.append(contents(closed))
    assert left == [1, 0, 0]
    assert len(shown(closed)) == 7


def test_what_retention_cannot_do_is_logged_and_stops_nothing(
    closed: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise RefusedError("the spans are elsewhere")

    monkeypatch.setattr("collector.retention.prune_next", refuse)
    RetentionKeeper().turn(closed, Config.parse({"retention": {"spans_months": 1}}))
    assert caplog.messages == ["retention: nothing is let go of: the spans are elsewhere"]
