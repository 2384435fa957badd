"""Windows of budgets: in the zone and the fiscal year of the team, also on days that are not 24 hours long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.budgets import ALWAYS, Limits, window_of
from attribution.configuration.budgets import CALENDAR, Budget
from tests.budgets.world import config

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Singapore", "America/Sao_Paulo", "Pacific/Apia", "Asia/Beirut")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def budget(per: str, **more: Any) -> Budget:
    return Budget.model_validate({"limit": 1, "per": per, **more})


@pytest.mark.parametrize(
    ("per", "more", "at", "start", "end"),
    [
        ("day", {"timezone": "Asia/Singapore"}, "2026-11-01T15:59", "2026-10-31T16:00", "2026-11-01T16:00"),
        ("day", {"timezone": "Asia/Singapore"}, "2026-11-01T16:00", "2026-11-01T16:00", "2026-11-02T16:00"),
        ("day", {"timezone": "Europe/Berlin"}, "2026-03-29T12:00", "2026-03-28T23:00", "2026-03-29T22:00"),  # 23 hours
        ("day", {"timezone": "Europe/Berlin"}, "2026-10-25T12:00", "2026-10-24T22:00", "2026-10-25T23:00"),  # 25 hours
        ("day", {"timezone": "Asia/Beirut"}, "2026-03-29T12:00", "2026-03-28T22:00", "2026-03-29T21:00"),  # no midnight
        ("hour", {"timezone": "Asia/Kolkata"}, "2026-11-01T12:29", "2026-11-01T11:30", "2026-11-01T12:30"),
        ("hour", {"timezone": "Europe/Berlin"}, "2026-10-25T00:30", "2026-10-25T00:00", "2026-10-25T01:00"),  # 2 o'clock
        ("hour", {"timezone": "Europe/Berlin"}, "2026-10-25T01:30", "2026-10-25T01:00", "2026-10-25T02:00"),  # and again
        ("week", {}, "2026-11-01T12:00", "2026-10-26T00:00", "2026-11-02T00:00"),
        ("week", {"week_starts": "sunday"}, "2026-11-01T12:00", "2026-11-01T00:00", "2026-11-08T00:00"),
        ("month", {}, "2026-02-28T23:59", "2026-02-01T00:00", "2026-03-01T00:00"),
        ("month", {"year_starts": "04-06"}, "2026-04-05T23:00", "2026-03-06T00:00", "2026-04-06T00:00"),
        ("month", {"year_starts": "04-06"}, "2026-01-05T23:00", "2025-12-06T00:00", "2026-01-06T00:00"),
        ("quarter", {}, "2026-12-31T23:59", "2026-10-01T00:00", "2027-01-01T00:00"),
        ("quarter", {"year_starts": "02-01"}, "2026-01-15T00:00", "2025-11-01T00:00", "2026-02-01T00:00"),
        ("quarter", {"year_starts": "04-06"}, "2026-07-06T00:00", "2026-07-06T00:00", "2026-10-06T00:00"),
        ("month", {"timezone": "America/New_York"}, "2026-11-01T03:59", "2026-10-01T04:00", "2026-11-01T04:00"),
    ],
)
def test_a_window_is_that_of_the_calendar(per: str, more: dict[str, str], at: str, start: str, end: str) -> None:
    window = window_of(budget(per, **more), utc(at), "UTC")
    assert (window.start, window.end) == (utc(start), utc(end))


def test_a_budget_without_a_zone_has_that_of_the_periods() -> None:
    assert window_of(budget("day"), utc("2026-11-01T12:00"), "Asia/Singapore").end == utc("2026-11-01T16:00")


@pytest.mark.parametrize("per", ["run", "task", "session"])
def test_a_run_has_no_window(per: str) -> None:
    assert window_of(budget(per), utc("2026-11-01T12:00"), "UTC") == ALWAYS


@given(
    per=st.sampled_from(CALENDAR),
    zone=st.sampled_from(ZONES),
    at=st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001
    month=st.integers(1, 12),
    day=st.integers(1, 28),
)
def test_windows_follow_each_other_without_gaps(per: str, zone: str, at: datetime, month: int, day: int) -> None:
    more = {"year_starts": f"{month:02}-{day:02}"} if per in {"month", "quarter"} else {}
    one = budget(per, timezone=zone, **more)
    window = window_of(one, at.replace(tzinfo=UTC), "UTC")
    assert window.start <= at.replace(tzinfo=UTC) < window.end
    assert window_of(one, window.start, "UTC") == window
    assert window_of(one, window.end - timedelta(microseconds=1), "UTC") == window
    assert window_of(one, window.end, "UTC").start == window.end


@pytest.mark.parametrize("zone", [*ZONES, "Australia/Lord_Howe"])
@given(st.data())
def test_a_limit_knows_the_same_windows(zone: str, data: st.DataObject) -> None:
    """It remembers them by the minute."""
    limits = Limits(config({per: {"limit": 1, "per": per, "timezone": zone} for per in CALENDAR}))
    near = data.draw(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  (in UTC)
    for seconds in data.draw(st.lists(st.floats(0, 600), max_size=5)):
        at = near + timedelta(seconds=seconds)
        for limit in limits:
            assert limit.window(at) == window_of(limit.budget, at, "UTC")
