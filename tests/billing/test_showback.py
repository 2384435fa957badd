"""Showback: what each team pays in a week, and what explains the change to the week before; sent once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.reports import Change, last_week, showback
from attribution.storage import Store
from collector.commands import showback as command
from collector.config import Config, Notify
from collector.control.journal import Journal
from tests.attribution.cases import call, guarded
from tests.attribution.compare import deliver
from tests.oracle.model import Span

MONDAY = date(2026, 10, 12)
TUESDAY = int(datetime(2026, 10, 13, 12, tzinfo=UTC).timestamp())
WEEK = 7 * 86_400
SHARED = AttributionConfig.parse({"agents": {"shared": ["guardrail"]}})


def runs(workflow: str, cost: str, count: int, *, at: int = TUESDAY, team: str = "sales") -> list[Span]:
    return [call("a", trace=f"{workflow}{at}{nth}", at=at, cost=cost, span_team=team, span_workflow=workflow) for nth in range(count)]


def test_the_change_to_the_week_before_is_explained(store: Store) -> None:
    deliver(
        store,
        [
            *runs("forecast", "2", 3, at=TUESDAY - WEEK),
            *runs("forecast", "2.5", 5),
            *runs("refund", "1", 2),
            *runs("old", "4", 1, at=TUESDAY - WEEK),
            *runs("same", "1", 1, at=TUESDAY - WEEK),
            *runs("same", "1", 1),
            *guarded("g1", "sales", "3", at=TUESDAY),
            *runs("none", "9", 1, at=TUESDAY - 2 * WEEK),
            call("u", trace="u", at=TUESDAY, cost=None, span_team="sales", span_workflow="refund"),
        ],
    )
    attribute(store, SHARED)
    (sales,) = showback(store, "UTC", MONDAY)
    assert (sales.team, sales.before, sales.amount, sales.difference) == ("sales", 11, Decimal("18.5"), Decimal("7.5"))
    changes = {change.workflow or change.pool: change for change in sales.changes}
    forecast = changes["forecast"]
    assert (forecast.difference, forecast.by_volume, forecast.by_each) == (Decimal("6.5"), 4, Decimal("2.5"))
    assert (changes["refund"].by_volume, changes["old"].by_volume, changes["same"].difference) == (2, -4, 0)
    assert (changes["guardrail"].by_volume, changes["guardrail"].by_each) == (0, 3)
    assert command.title(sales) == "Showback 2026-10-12 to 2026-10-18: sales"
    assert command.text(sales).splitlines() == [
        "at least $18.50, $7.50 more than the week before ($11.00)",
        "+$6.50 workflow forecast: 5 runs, 3 before (+$4.00); what each cost (+$2.50)",
        "-$4.00 workflow old: no runs any more",
        "+$3.00 its part of guardrail",
        "+$2.00 workflow refund: new, 3 runs",
    ]


@given(
    before=st.decimals(-99, 99, places=12),
    amount=st.decimals(-99, 99, places=12),
    runs_before=st.integers(0, 9),
    runs_now=st.integers(0, 9),
    pool=st.sampled_from(["", "p"]),
)
def test_volume_and_each_sum_to_the_difference(before: Decimal, amount: Decimal, runs_before: int, runs_now: int, pool: str) -> None:
    change = Change("w", pool, before, amount, runs_before, runs_now)
    assert change.by_volume + change.by_each == amount - before
    if before == amount and runs_before == runs_now:
        assert (change.by_volume, change.by_each) == (0, 0)


def test_the_last_week_is_the_one_that_has_ended() -> None:
    assert last_week(date(2026, 10, 18)) == date(2026, 10, 5)
    assert last_week(date(2026, 10, 19)) == date(2026, 10, 12)


def test_it_is_put_into_the_outbox_once_for_who_wants_it(store: Store, tmp_path: Path) -> None:
    deliver(store, [*runs("forecast", "1", 1), *runs("x", "1", 1, team="lab"), *runs("y", "1", 1, team="")])
    attribute(store, SHARED)
    config = Config.parse({}).model_copy(
        update={
            "notify": (
                Notify(name="all", url="json://localhost/a", events=("showback",)),
                Notify(name="labs", url="json://localhost/b", events=("showback", "tier"), teams=("lab*",)),
                Notify(name="budgets", url="json://localhost/c"),
            )
        }
    )
    for _ in range(2):
        command._send(showback(store, "UTC", MONDAY), config, tmp_path)
    journal = Journal(tmp_path / "control.sqlite")
    try:
        assert sorted((message.receiver, message.title.rpartition(" ")[2]) for message in journal.due(9e9)) == [
            ("all", "(unattributed)"), ("all", "lab"), ("all", "sales"), ("labs", "lab"),
        ]  # fmt: skip
    finally:
        journal.close()
