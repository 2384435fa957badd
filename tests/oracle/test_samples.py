"""No total hides what is missing (R15): what is billed and what is shown as missing, held against what was true."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import pytest

from tests.attribution.compare import missing_of
from tests.oracle.model import World, attribute
from tests.oracle.recovery.losses import SAMPLED, add_totals, sample
from tests.oracle.recovery.measure import told
from tests.oracle.recovery.telling import CONFIG, Record, Telling

ALL = Fraction(1)
UNTOLD = Fraction(1, 3)
"""So many of the calls tell no usage."""


def true(telling: Telling) -> Fraction:
    return sum((Fraction(call.cost) for call in telling.calls), Fraction(0))


def shown(world: World, reason: str) -> Fraction:
    """USD that stand in `missing`."""
    return sum((Fraction(usd) for (_, _, of), (_, usd) in missing_of(world).items() if of == reason), Fraction(0))


def billed(world: World) -> Fraction:
    return Fraction(world.billed)


def unpriced(world: World) -> int:
    return sum(count for (_, _, of), (count, _) in missing_of(world).items() if of == "unpriced")


def kept(telling: Telling, share: float) -> list[Record]:
    """Agents all, of the calls a part. Greater shares keep what smaller ones keep, and more."""
    draws = {id(record): telling.random.random() for record in telling.told_by_sdk}
    return [record for record in telling.records if draws.get(id(record), 0) < share]


def streamed(telling: Telling) -> list[Record]:
    """A third of the calls tell no usage."""
    chosen = [record for record in telling.told_by_sdk if telling.random.random() < UNTOLD]
    for record in chosen:
        record.forget("gen_ai.usage.")
    return chosen


def attributed(telling: Telling, records: Iterable[Record]) -> World:
    telling.records = list(records)
    return attribute(telling.spans(), CONFIG)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.98, 1.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_below_totals_billed_and_unobserved_are_the_truth_whatever_is_kept(share: float, seed: int) -> None:
    telling = Telling(seed)
    add_totals(telling, telling.agents)
    world = attributed(telling, kept(telling, share))
    assert billed(world) + shown(world, "unobserved") == true(telling)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.98, 1.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_below_totals_that_also_holds_where_a_third_tells_no_usage(share: float, seed: int) -> None:
    telling = Telling(seed)
    add_totals(telling, telling.agents)
    streamed(telling)
    world = attributed(telling, kept(telling, share))
    assert billed(world) + shown(world, "unobserved") == true(telling)
    if share == 1.0:
        assert billed(world) == true(telling), "totals are the only witnesses of what streamed: nothing is left to show"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.98])
def test_without_totals_what_is_kept_is_billed_and_what_tells_no_usage_is_counted(share: float) -> None:
    telling = Telling(3)
    silent = {id(record) for record in streamed(telling)}
    records = kept(telling, share)
    world = attributed(telling, records)
    calls = [record for record in records if record.of]
    assert billed(world) == sum((Fraction(record.of[0].cost) for record in calls if id(record) not in silent), Fraction(0))
    assert unpriced(world) == sum(id(record) in silent for record in calls)


@pytest.mark.parametrize("seed", range(3))
def test_seeing_more_calls_never_shows_less(seed: int) -> None:
    """Billed and shown together. Billed alone may fall: a total that stood for calls that nobody saw gives way to the first one."""
    telling = Telling(seed, traces=4)
    add_totals(telling, telling.roots)
    streamed(telling)
    calls = [record for record in telling.records if record.of and not record.is_total]
    agents = [record for record in telling.records if record not in calls]
    telling.random.shuffle(calls)
    before = Fraction(0)
    for count in range(len(calls) + 1):
        world = attributed(telling, [*agents, *calls[:count]])
        now = billed(world) + shown(world, "unobserved")
        assert now >= before
        before = now
    assert before == true(telling)


def test_without_totals_seeing_more_calls_never_bills_less() -> None:
    telling = told(["framework_without_id", "log_event", "gateway_below", "retries"], 5, traces=3, share=0.5)
    by_call = {call: [record for record in telling.records if call in record.of] for call in telling.calls}
    others = [record for record in telling.records if not record.of]
    before = Fraction(0)
    for count in range(len(telling.calls) + 1):
        records = [record for call in telling.calls[:count] for record in by_call[call]]
        now = billed(attributed(telling, [*others, *records]))
        assert now == sum((Fraction(call.cost) for call in telling.calls[:count]), Fraction(0)) >= before
        before = now


@pytest.mark.parametrize(("percent", "odds"), [(10, Fraction(9)), (50, Fraction(1)), (98, Fraction(2, 98))])
def test_sampled_traces_are_shown_by_the_odds_that_they_name(percent: int, odds: Fraction) -> None:
    """The estimate is what was kept times the odds: right on average, whatever was kept."""
    telling = Telling(6, traces=30)
    sample(telling, percent, SAMPLED[percent])
    world = attributed(telling, telling.records)
    estimate = shown(world, "sampled")
    assert abs(estimate - billed(world) * odds) < Fraction(1, 10**6)
    assert estimate > 0


def test_estimates_of_many_samples_come_to_the_truth_on_average() -> None:
    """Every trace is kept in one of two samples of a half: both together are billed the truth, and show it once more."""
    telling = Telling(7, traces=10)
    records, traces = telling.records, sorted({record.trace for record in telling.records})
    for record in records:
        record.trace_state = SAMPLED[50]
    halves = (set(traces[::2]), set(traces[1::2]))
    worlds = [attributed(telling, [record for record in records if record.trace in half]) for half in halves]
    assert sum(map(billed, worlds)) == true(telling)
    assert sum(shown(world, "sampled") for world in worlds) == true(telling)


def test_samples_that_do_not_say_so_show_nothing() -> None:
    telling = Telling(8, traces=10)
    sample(telling, 50, "")
    world = attributed(telling, telling.records)
    assert shown(world, "sampled") == 0
    assert billed(world) < true(telling)


def test_sampled_traces_with_totals_show_both() -> None:
    """Whole traces sampled, and of those kept half of the calls."""
    telling = Telling(9, traces=12)
    add_totals(telling, telling.agents)
    for record in telling.records:
        record.trace_state = SAMPLED[50]
    half = set(sorted({record.trace for record in telling.records})[::2])
    kept_calls = [call for record in telling.told_by_sdk if record.trace in half for call in record.of]
    world = attributed(telling, [record for record in kept(telling, 0.5) if record.trace in half])
    assert billed(world) + shown(world, "unobserved") == sum(Fraction(call.cost) for call in kept_calls)
    assert shown(world, "sampled") == billed(world)
