"""Which intervals of time are read again, and what is kept of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.budgets import intervals
from attribution.budgets.intervals import LATER, Contents, Interval, Memory, combined, intervals_of, recall, scope_of

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 365 * 86_400).map(lambda seconds: FIRST + timedelta(seconds=seconds))
THREE = [Interval(FIRST + timedelta(hours=n), FIRST + timedelta(hours=n + 1)) for n in range(3)]
CONTENTS: dict[int, Contents] = {1: (1, 11, 0), 2: (1, 22, 0), 3: (1, 33, 0)}


class Ledger:
    """Rows by segment, and which segments were asked for."""

    def __init__(self) -> None:
        self.rows = {segment: [{"segment": segment, "names": ["sales"], "usd": Decimal(segment)}] for segment in CONTENTS}
        self.asked: list[list[int]] = []

    def read(self, scope: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        self.asked.append(scope["segments"])
        return [row for segment in scope["segments"] for row in self.rows[segment]]


@given(st.lists(MOMENTS, min_size=1, max_size=6, unique=True), MOMENTS)
def test_intervals_follow_each_other_and_none_lies_across_a_boundary(boundaries: list[datetime], at: datetime) -> None:
    boundaries = sorted(boundaries)
    found = intervals_of(boundaries, at)
    assert found[0].begin == boundaries[0]
    assert found[-1].end == LATER
    assert all(one.begin < one.end == other.begin for one, other in pairwise(found))
    assert {one.begin for one in found} >= set(boundaries)
    assert all(one.end - one.begin <= timedelta(days=1) for one in found if one.end <= at)
    assert all(one.end - one.begin <= timedelta(hours=1) for one in found if at - timedelta(days=1) <= one.begin and one.end <= at)


def test_only_what_has_changed_is_read() -> None:
    ledger, memory = Ledger(), Memory()
    recall(memory, "team", THREE, CONTENTS, ledger.read)
    ledger.rows[2][0]["usd"] = Decimal(7)
    changed = {**CONTENTS, 2: (2, 22, 0)}
    found = recall(memory, "team", THREE, changed, ledger.read)
    recall(memory, "team", THREE, changed, ledger.read)
    assert ledger.asked == [[1, 2, 3], [2]]
    assert combined(found, [FIRST, THREE[2].begin]) == {(1, ("sales",)): {"usd": Decimal(8)}, (2, ("sales",)): {"usd": Decimal(3)}}


def test_other_names_and_other_intervals_are_read_anew() -> None:
    ledger, memory = Ledger(), Memory()
    recall(memory, "team", THREE, CONTENTS, ledger.read)
    recall(memory, "user", THREE, CONTENTS, ledger.read)
    wider = [Interval(THREE[0].begin, THREE[1].end), THREE[2]]
    found = recall(memory, "user", wider, {1: (2, 33, 0), 2: CONTENTS[3]}, ledger.read)
    assert ledger.asked == [[1, 2, 3], [1, 2, 3], [1]]
    assert set(found) == set(wider)


def test_an_interval_that_has_become_empty_is_not_read() -> None:
    ledger, memory = Ledger(), Memory()
    recall(memory, "team", THREE, CONTENTS, ledger.read)
    found = recall(memory, "team", THREE, {1: CONTENTS[1]}, ledger.read)
    assert set(found) == {THREE[0]}
    assert len(ledger.asked) == 1


def test_rows_beyond_the_bound_are_read_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "ROWS_MAX", 2)
    ledger, memory = Ledger(), Memory()
    for _ in range(2):
        assert len(recall(memory, "team", THREE, CONTENTS, ledger.read)) == 3
    assert ledger.asked == [[1, 2, 3], [3]]


def test_intervals_side_by_side_are_one_span_of_time() -> None:
    scope = scope_of(intervals_of([FIRST], FIRST + timedelta(hours=4)), [1, 2, 4])
    assert scope["begins"] == [FIRST, FIRST + timedelta(hours=3)]
    assert scope["ends"] == [FIRST + timedelta(hours=2), FIRST + timedelta(hours=4)]
    assert scope["since"] == FIRST


def test_sums_that_come_to_nothing_are_nothing() -> None:
    ledger = Ledger()
    ledger.rows[2] = [{"segment": 2, "names": ["sales"], "usd": Decimal(-1)}]
    found = recall(Memory(), "team", THREE[:2], {1: CONTENTS[1], 2: CONTENTS[2]}, ledger.read)
    assert combined(found, [FIRST]) == {}
