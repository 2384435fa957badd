"""The statement of a month: all that a team pays, what of it is shared and why, what changed; closed, never again changed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from attribution.attribute import attribute
from attribution.closing import close, reopen
from attribution.configuration import AttributionConfig
from attribution.errors import NotFoundError, RefusedError
from attribution.pools import add_cost
from attribution.statements import Item, statement_of
from attribution.storage import Store
from tests.attribution.cases import call, guarded, work
from tests.attribution.compare import deliver
from tests.beginnings import Begin
from tests.oracle.model import Span

OCTOBER = int(datetime(2026, 10, 15, 12, tzinfo=UTC).timestamp())
LATER = datetime(2027, 6, 1, tzinfo=UTC)
SHARED = AttributionConfig.parse({"agents": {"shared": ["guardrail"]}})


def bill(store: Store, *spans: Span) -> None:
    deliver(store, spans)
    attribute(store, SHARED)


def of_october(store: Store) -> None:
    """Sales spends 1 itself; the guardrail costs 3 and is called once by sales and twice by support; somebody pays 4 for a platform."""
    bill(
        store,
        call("a", trace="t1", at=OCTOBER, cost="1", span_team="sales"),
        *guarded("t2", "sales", "1", at=OCTOBER),
        *guarded("t3", "support", "1", at=OCTOBER),
        *guarded("t4", "support", "1", at=OCTOBER),
    )
    add_cost(store, SHARED, "platform", Decimal(4), "2026-10", driver="even", note="licence")
    attribute(store, SHARED)


@pytest.fixture
def october(store: Store, begin: Begin) -> Store:
    begin(of_october)
    return store


def test_an_open_month_is_provisional_and_sums_up(october: Store) -> None:
    found = statement_of(october, SHARED, "2026-10")
    assert found.closed_at is None
    assert {team.team: (team.direct, team.allocated, team.total) for team in found.teams} == {
        "sales": (1, 3, 4),
        "support": (0, 4, 4),
    }
    assert found.total == 8
    sales = next(team for team in found.teams if team.team == "sales")
    pools = {item.item: item for item in sales.sections["pool"]}
    assert pools["guardrail"] == Item("guardrail", "by invocations in 2026-10", 0, Decimal(1), Decimal("0.333333333333"), Decimal(1))
    assert (pools["platform"].detail, pools["platform"].share, pools["platform"].amount) == ("by even parts", Decimal("0.5"), 2)


def test_one_team_can_be_asked_for_and_others_are_named_as_missing(october: Store) -> None:
    assert [team.team for team in statement_of(october, SHARED, "2026-10", "support").teams] == ["support"]
    with pytest.raises(RefusedError, match=r"^2139-12 has not begun: it is 20"):
        statement_of(october, SHARED, "2139-12")
    with pytest.raises(NotFoundError, match="marketing"):
        statement_of(october, SHARED, "2026-10", "marketing")
    with pytest.raises(RefusedError, match="October"):
        statement_of(october, SHARED, "October")


def test_the_statement_of_a_closed_month_never_changes(october: Store) -> None:
    before = statement_of(october, SHARED, "2026-10")
    close(october, SHARED, "2026-10", LATER)
    closed = statement_of(october, SHARED, "2026-10")
    assert closed.closed_at is not None
    assert closed.teams == before.teams
    bill(october, call("z", trace="t9", at=OCTOBER, cost="7", span_team="sales"), *guarded("t5", "sales", "9", at=OCTOBER))
    assert statement_of(october, SHARED, "2026-10") == closed
    november = statement_of(october, SHARED, "2026-11")
    (sales,) = (team for team in november.teams if team.team == "sales")
    late = [(item.item, item.detail, item.amount) for item in sales.sections["change"]]
    assert late == [("late", "late for 2026-10, which is closed: billed", 7)]
    assert sum(team.total for team in november.teams) == 16


def test_a_month_that_was_closed_before_items_were_kept_keeps_them_when_asked(october: Store) -> None:
    close(october, SHARED, "2026-10", LATER)
    closed = statement_of(october, SHARED, "2026-10")
    october.execute("TRUNCATE TABLE statement_items")
    assert statement_of(october, SHARED, "2026-10") == closed
    assert october.count("statement_items") == sum(len(items) for team in closed.teams for items in team.sections.values())


def test_a_month_that_was_reopened_has_a_new_statement(october: Store) -> None:
    close(october, SHARED, "2026-10", LATER)
    reopen(october, SHARED, "2026-10", "forgot one")
    bill(october, call("z", trace="t9", at=OCTOBER, cost="7", span_team="sales"))
    assert statement_of(october, SHARED, "2026-10").closed_at is None
    close(october, SHARED, "2026-10", LATER)
    assert statement_of(october, SHARED, "2026-10").total == 15


def test_calls_without_a_price_are_missing_and_not_nothing(store: Store) -> None:
    bill(store, work("a", trace="t1", at=OCTOBER, span_team="sales", agent="x"), call("b", trace="t1", parent="a", at=OCTOBER, cost=None))
    (sales,) = statement_of(store, SHARED, "2026-10").teams
    assert (sales.team, sales.total, sales.missing) == ("sales", 0, 1)


def test_what_was_inferred_is_named(store: Store) -> None:
    owned = AttributionConfig.parse({"agents": {"owners": {"indexer": "platform"}}})
    deliver(store, [work("a", trace="t1", at=OCTOBER, agent="indexer"), call("b", "a", trace="t1", at=OCTOBER, cost="2")])
    attribute(store, owned)
    (platform,) = statement_of(store, owned, "2026-10").teams
    assert platform.sections["inferred"] == [Item("owner", "", 1, Decimal(0), Decimal(0), Decimal(2))]
