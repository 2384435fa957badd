"""Months close (R12): a statement never changes again, what is late is posted into the open month, dated and explained."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from attribution.attribute import attribute
from attribution.closing import close, closings, reopen
from attribution.configuration import AttributionConfig
from attribution.errors import RefusedError
from attribution.pools import add_cost
from attribution.storage import Store
from tests.attribution.cases import DAY, call, guarded, work
from tests.attribution.compare import deliver
from tests.beginnings import Begin
from tests.oracle.model import Span

SECOND = 10**9
OCTOBER = int(datetime(2026, 10, 15, 12, tzinfo=UTC).timestamp())
NOVEMBER = OCTOBER + 31 * DAY
LATER = datetime(2027, 6, 1, tzinfo=UTC)
PLAIN = AttributionConfig.parse({"agents": {"shared": ["guardrail"]}})


def bill(store: Store, *spans: Span, config: AttributionConfig = PLAIN) -> None:
    deliver(store, spans)
    attribute(store, config)


def spent(cost: str, team: str = "sales", *, trace: str = "t1", at: int = OCTOBER, **more: Any) -> Span:
    return call("a", trace=trace, at=at, cost=cost, span_team=team, **more)


def ledger(store: Store, where: str = "true") -> list[tuple[Any, ...]]:
    """Every posting as it was posted: kind, day, team, amount, reason."""
    rows = store.query(
        f"SELECT kind, toString(day) AS day, team, amount, reason FROM ledger WHERE {where} ORDER BY posted_at, amount, team"
    )
    assert store.query("SELECT * FROM audits") == []
    return [(row["kind"], row["day"], row["team"], str(row["amount"].normalize()), row["reason"]) for row in rows]


def statement(store: Store, period: str) -> dict[str, Decimal]:
    rows = store.query(f"SELECT team, sum(total) AS total FROM statements WHERE period = '{period}' GROUP BY team")
    return {row["team"]: row["total"] for row in rows}


def october_is_closed(store: Store) -> None:
    """Sales spent 1 in October."""
    bill(store, spent("1"))
    lines = close(store, PLAIN, "2026-10", LATER)
    assert [(line["team"], line["direct"], line["allocated"], line["total"]) for line in lines] == [("sales", 1, 0, 1)]


@pytest.fixture
def closed(store: Store, begin: Begin) -> Store:
    begin(october_is_closed)
    return store


def test_closing_attributes_what_is_pending_first(store: Store) -> None:
    deliver(store, [spent("1")])
    close(store, PLAIN, "2026-10", LATER)
    assert ledger(store) == [("direct", "2026-10-15", "sales", "1", "billed")]
    assert statement(store, "2026-10") == {"sales": 1}


def test_a_late_span_is_posted_into_the_open_month_dated_and_explained(closed: Store) -> None:
    bill(closed, spent("2", "support", trace="t2"))
    assert ledger(closed)[1:] == [("late", "2026-11-01", "support", "2", "late for 2026-10, which is closed: billed")]
    (late,) = closed.query("SELECT period, effective_period, toString(effective_at) AS at FROM ledger WHERE kind = 'late'")
    assert late == {"period": "2026-11", "effective_period": "2026-10", "at": "2026-10-15 12:00:00.000000000"}
    assert statement(closed, "2026-10") == {"sales": 1}
    assert closed.query("SELECT sum(total) AS usd FROM costs_by_team WHERE day < '2026-11-01'") == [{"usd": 1}]


def test_a_changed_span_posts_only_the_difference(closed: Store) -> None:
    bill(closed, spent("1.25", version=2))
    why = "late for 2026-10, which is closed: the span or its trace changed: posted anew"
    assert ledger(closed)[1:] == [("late", "2026-11-01", "sales", "0.25", why)]
    bill(closed, spent("1.25", version=2))
    assert len(ledger(closed)) == 2


def test_a_change_of_team_moves_the_cost_in_the_open_month(closed: Store) -> None:
    bill(closed, spent("1", "support", version=2))
    assert [posting[:4] for posting in ledger(closed)[1:]] == [
        ("late", "2026-11-01", "sales", "-1"),
        ("late", "2026-11-01", "support", "1"),
    ]


def test_what_is_late_goes_to_the_earliest_open_month(closed: Store) -> None:
    close(closed, PLAIN, "2026-11", LATER)
    bill(closed, spent("2", trace="t2"))
    assert ledger(closed)[1:] == [("late", "2026-12-01", "sales", "2", "late for 2026-10, which is closed: billed")]


def test_late_cost_is_closed_with_the_month_it_was_booked_in(closed: Store) -> None:
    bill(closed, spent("2", trace="t2"))
    close(closed, PLAIN, "2026-11", LATER)
    assert statement(closed, "2026-11") == {"sales": 2}
    bill(closed, spent("3", trace="t2", version=2))
    assert [posting[:4] for posting in ledger(closed)[1:]] == [("late", "2026-11-01", "sales", "2"), ("late", "2026-12-01", "sales", "1")]


def test_reopening_moves_what_was_late_back_and_closing_again_holds(closed: Store) -> None:
    bill(closed, spent("2", trace="t2"))
    reopen(closed, PLAIN, "2026-10", " the invoice was wrong ")
    assert ledger(closed)[2:] == [
        ("late", "2026-11-01", "sales", "-2", "an earlier month is open again: taken back"),
        ("correction", "2026-10-15", "sales", "2", "the month is open again: posted anew"),
    ]
    assert [(row["period"], row["state"], row["reason"]) for row in closings(closed)] == [
        ("2026-10", "reopened", "the invoice was wrong"),
        ("2026-10", "closed", ""),
    ]
    close(closed, PLAIN, "2026-10", LATER)
    assert statement(closed, "2026-10") == {"sales": 3}
    assert attribute(closed, PLAIN).postings == 0
    bill(closed, spent("2.5", trace="t2", version=2))
    assert ledger(closed)[4:] == [
        ("late", "2026-11-01", "sales", "0.5", "late for 2026-10, which is closed: the span or its trace changed: posted anew")
    ]


def test_reopening_while_a_later_month_is_closed_moves_it_through_the_next_open_one(closed: Store) -> None:
    bill(closed, spent("2", trace="t2"))
    close(closed, PLAIN, "2026-11", LATER)
    reopen(closed, PLAIN, "2026-10", "the invoice was wrong")
    assert [posting[:4] for posting in ledger(closed)[2:]] == [
        ("late", "2026-12-01", "sales", "-2"),
        ("correction", "2026-10-15", "sales", "2"),
    ]
    assert statement(closed, "2026-11") == {"sales": 2}


def allocated(store: Store, *columns: str, period: str = "2026-11") -> list[tuple[Any, ...]]:
    """Who pays of the pools of a month: late_from, team, amount and more."""
    names = ", ".join(("late_from", "team", "amount", *columns))
    return [
        tuple(row.values()) for row in store.query(f"SELECT {names} FROM allocations WHERE period = '{period}' ORDER BY late_from, team")
    ]


def test_late_cost_of_a_pool_is_split_by_the_month_in_which_it_arose_late_entries_included(store: Store) -> None:
    bill(store, *guarded("t1", "sales", "1", at=OCTOBER), *guarded("t2", "support", "0.5", at=NOVEMBER))
    before = close(store, PLAIN, "2026-10", LATER)
    bill(store, *guarded("t3", "legal", "2", at=OCTOBER))
    half = Decimal("0.5")
    assert allocated(store, "share") == [("", "support", half, 1), ("2026-10", "legal", 1, half), ("2026-10", "sales", 1, half)]
    assert allocated(store, period="2026-10") == [("", "sales", 1)]
    assert statement(store, "2026-10") == {line["team"]: line["total"] for line in before}
    assert store.query("SELECT DISTINCT effective_period FROM ledger WHERE kind = 'allocation' AND team = 'legal'") == [
        {"effective_period": "2026-10"}
    ]
    bill(store, *guarded("t4", "legal", "1", at=OCTOBER))
    assert allocated(store)[1:] == [("2026-10", "legal", 2), ("2026-10", "sales", 1)], "the split moves while the month is open"
    close(store, PLAIN, "2026-11", LATER)
    bill(store, *guarded("t5", "sales", "4", at=OCTOBER))
    assert allocated(store)[1:] == [("2026-10", "legal", 2), ("2026-10", "sales", 1)], "closed"
    assert allocated(store, period="2026-12") == [("2026-10", "legal", 2), ("2026-10", "sales", 2)]
    assert statement(store, "2026-11") == {"support": half, "legal": 2, "sales": 1}
    assert store.query("SELECT * FROM audits") == []


def test_late_cost_of_a_pool_comes_back_when_its_month_is_opened_again(store: Store) -> None:
    bill(store, *guarded("t1", "sales", "1", at=OCTOBER))
    close(store, PLAIN, "2026-10", LATER)
    bill(store, *guarded("t3", "legal", "2", at=OCTOBER))
    reopen(store, PLAIN, "2026-10", "the invoice was wrong")
    assert allocated(store) == []
    assert allocated(store, period="2026-10") == [("", "legal", Decimal("1.5")), ("", "sales", Decimal("1.5"))]
    assert store.query("SELECT sum(amount) AS usd FROM ledger WHERE period = '2026-11'") == [{"usd": 0}]
    assert store.query("SELECT * FROM audits") == []


@pytest.mark.parametrize(
    ("driver", "due"),
    [
        ("cost", {"legal": Decimal("1.2"), "sales": Decimal("0.8")}),  # 3 late and 2 of what arose in October
        ("caused", {"legal": Decimal(1), "sales": Decimal(1)}),  # each caused 1 of what the pool cost in October
        ("tokens", {"legal": Decimal("0.5"), "sales": Decimal("1.5")}),
        ("even", {"legal": Decimal(1), "sales": Decimal(1)}),
    ],
)
def test_late_cost_goes_by_every_driver_of_its_own_month(store: Store, driver: str, due: dict[str, Decimal]) -> None:
    config = AttributionConfig.parse({"agents": {"shared": ["guardrail"]}, "pools": {"guardrail": {"driver": driver}}})
    first, second = guarded("t1", "sales", "2", at=OCTOBER), guarded("t2", "legal", "2", at=OCTOBER)
    first[-1] = replace(first[-1], input_tokens=30, output_tokens=0)
    second[-1] = replace(second[-1], input_tokens=10, output_tokens=0)
    bill(store, *first, spent("2", trace="t3"), *guarded("t4", "support", "1", at=NOVEMBER), config=config)
    close(store, config, "2026-10", LATER)
    bill(store, *second, spent("3", "legal", trace="t5"), config=config)
    assert {team: amount for late_from, team, amount in allocated(store) if late_from == "2026-10"} == due
    assert store.query("SELECT * FROM audits") == []


def test_late_cost_of_pools_that_serve_each_other_is_solved_by_its_own_month(store: Store) -> None:
    config = AttributionConfig.parse(
        {
            "agents": {"shared": ["guardrail", "search"]},
            "pools": {"guardrail": {"serves": {"search": 50}}, "search": {}},
        }
    )
    search = {"shared": "search"}
    bill(store, *guarded("t1", "sales", "1", at=OCTOBER), *guarded("t2", "support", "1", at=OCTOBER, **search), config=config)
    bill(store, *guarded("t3", "support", "8", at=NOVEMBER), config=config)
    close(store, config, "2026-10", LATER)
    bill(store, *guarded("t4", "legal", "4", at=OCTOBER), config=config)
    late = {team: amount for late_from, team, amount in allocated(store) if late_from == "2026-10"}
    assert late == {"legal": 1, "sales": 1, "support": 2}, "half of it through the search, which support alone used in October"
    assert store.query("SELECT sum(amount) AS usd FROM pool_routes WHERE late_from = '2026-10'") == [{"usd": 4}]
    assert store.query("SELECT * FROM audits") == []


def test_a_closed_month_keeps_its_configuration_and_an_open_one_follows(store: Store) -> None:
    bill(store, *guarded("t1", "sales", "1", at=OCTOBER), *guarded("t2", "sales", "1", at=NOVEMBER))
    close(store, PLAIN, "2026-10", LATER)
    attribute(store, AttributionConfig.parse({"organization": {"teams": {"sales": {"department": "revenue"}}}}))
    rows = store.query("SELECT toString(day) AS day, department, direct, allocated FROM costs_by_team ORDER BY day")
    assert [tuple(row.values()) for row in rows] == [("2026-10-15", "", 0, 1), ("2026-11-15", "revenue", 1, 0)]
    assert store.query("SELECT * FROM audits") == []


def test_repricing_a_closed_month_is_late(closed: Store) -> None:
    closed.execute(
        "INSERT INTO span_records SELECT * REPLACE (toDecimal128('3', 12) AS cost, now64(9) AS repriced_at, 'book:1' AS repriced_from,"
        " 'contract:2' AS price_id) FROM span_records FINAL"
    )
    attribute(closed, PLAIN)
    why = "late for 2026-10, which is closed: repriced from book:1 to contract:2"
    assert ledger(closed)[1:] == [("late", "2026-11-01", "sales", "2", why)]


def test_two_workers_post_what_is_late_once(closed: Store) -> None:
    deliver(closed, [spent("2", trace=f"late-{nth}") for nth in range(20)])
    failures: list[BaseException] = []

    def race() -> None:
        with closed.another() as own:
            try:
                attribute(own, PLAIN)
            except BaseException as problem:  # noqa: BLE001  (reported by the test's own thread)
                failures.append(problem)

    workers = [threading.Thread(target=race) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert closed.query("SELECT sum(amount) AS usd, count() AS n FROM ledger WHERE kind = 'late'") == [{"usd": 40, "n": 20}]


@pytest.mark.parametrize("month", ["2026-13", "october", "2026-1", "", "1926-10"])
def test_what_is_no_month_is_refused(store: Store, month: str) -> None:
    for do in (lambda: close(store, PLAIN, month, LATER), lambda: reopen(store, PLAIN, month, "why")):
        with pytest.raises(RefusedError, match="is no month"):
            do()


def test_a_month_that_has_not_ended_where_it_is_counted_is_refused(store: Store) -> None:
    new_years_eve = datetime(2026, 12, 31, 12, tzinfo=UTC)
    with pytest.raises(RefusedError, match="2026-12 has not ended"):
        close(store, PLAIN, "2026-12", new_years_eve)
    auckland = AttributionConfig.parse({"periods": {"timezone": "Pacific/Auckland"}})
    assert close(store, auckland, "2026-12", new_years_eve) == []


def test_closing_twice_and_reopening_without_need_or_reason_are_refused(closed: Store) -> None:
    with pytest.raises(RefusedError, match="closed already"):
        close(closed, PLAIN, "2026-10", LATER)
    with pytest.raises(RefusedError, match="a reason is needed"):
        reopen(closed, PLAIN, "2026-10", "  ")
    with pytest.raises(RefusedError, match="2026-09 is not closed"):
        reopen(closed, PLAIN, "2026-09", "why not")
    with pytest.raises(RefusedError, match="2026-10 is closed: add to an open month, or reopen it"):
        add_cost(closed, PLAIN, "gpu cluster", Decimal(1), "2026-10")


def test_the_audit_finds_what_changed_in_a_closed_month(closed: Store) -> None:
    closed.execute(
        "INSERT INTO postings (posted_at, effective_at, period, day, kind, team, amount)"
        " VALUES (now64(9), '2026-10-20 00:00:00', '2026-10', '2026-10-20', 'direct', 'legal', 7)"
    )
    found = closed.query("SELECT detail, amount FROM audits WHERE audit = 'closed month changed'")
    assert [row["amount"] for row in found] == [7]
    assert "2026-10: team legal" in found[0]["detail"]


def test_an_agent_that_is_entered_late_counts_as_use_of_its_own_month(store: Store) -> None:
    bill(store, *guarded("t1", "sales", "1", at=OCTOBER))
    close(store, PLAIN, "2026-10", LATER)
    bill(store, work("a", trace="t2", at=OCTOBER, agent="planner", span_team="support"), *guarded("t3", "support", "0", at=NOVEMBER))
    assert store.query("SELECT team, amount FROM allocations WHERE period = '2026-10'") == [{"team": "sales", "amount": 1}]
    assert store.query("SELECT min(day) AS day FROM ledger") == [{"day": date(2026, 10, 15)}]
