"""How much of the true money and of the true payers the rules find, by kind of nastiness. The SQL is held to it in tests/attribution."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests.oracle.model import attribute
from tests.oracle.recovery.kinds import Kind, in_order
from tests.oracle.recovery.measure import Figures, Measure, mixed, recovered, told
from tests.oracle.recovery.table import BEGIN, END, found_mixed, page
from tests.oracle.recovery.telling import CONFIG, Telling

WHOLE = [kind for kind in in_order() if not kind.limit]
LIMITED = [kind for kind in in_order() if kind.limit]
HIDING = {"calls_lost", "sampled_silently"}
"""What is gone without a trace."""
DOUBLING = {"gateway_apart_without_id", "exported_by_two_keys", "clocks_far_off"}
"""Told twice, with nothing that says so."""
SAMPLED = {"sampled_10", "sampled_50", "sampled_98"}
Found = list[tuple[Fraction, dict[str, Fraction]]]
"""By call: what is billed, and what each team pays of it."""


def found_by_call(telling: Telling) -> Found:
    measure = Measure(telling, attribute(telling.spans(), CONFIG))
    return [(measure.billed(call), {team: part for team, part in measure.found[call].items() if part}) for call in telling.calls]


def test_a_plain_world_is_found_whole() -> None:
    figures = recovered(Telling(0))
    assert figures == Figures(true=figures.true, exact=figures.true, right=figures.true)
    assert figures.true > 0


def test_the_measure_sees_what_is_billed_twice_too_little_and_to_others() -> None:
    world = Telling(0, traces=1)
    twice, lost, moved = world.told_by_sdk[:3]
    world.apart(twice, scope="other").forget("gen_ai.response.id")
    world.records.remove(lost)
    moved.trace = world.new_id()
    figures = recovered(world)
    assert figures.too_much == twice.of[0].cost
    assert figures.hidden == lost.of[0].cost
    assert figures.unknown == moved.of[0].cost
    assert figures.exact == figures.true - figures.too_much - figures.hidden


@pytest.mark.parametrize("kind", in_order(), ids=lambda kind: kind.name)
def test_every_kind_changes_what_is_told(kind: Kind) -> None:
    plain, nasty = Telling(3), told([kind.name], 3)
    assert (plain.spans(), plain.deliveries().__len__()) != (nasty.spans(), nasty.deliveries().__len__())


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("kind", WHOLE, ids=lambda kind: kind.name)
def test_what_no_limit_is_named_for_is_found_whole(kind: Kind, seed: int) -> None:
    figures = recovered(told([kind.name], seed, traces=3))
    assert figures == Figures(true=figures.true, exact=figures.true, right=figures.true)


@pytest.mark.parametrize("kind", LIMITED, ids=lambda kind: kind.name)
def test_limits_hide_double_and_mischarge_only_what_they_say(kind: Kind) -> None:
    figures = recovered(told([kind.name], 13))
    assert (figures.hidden > 0) == (kind.name in HIDING) or kind.name in SAMPLED
    assert (figures.too_much > 0) == (kind.name in DOUBLING)
    assert (figures.wrong > 0) == (kind.name == "nobody_says_who")
    assert figures.shown + figures.hidden + figures.right + figures.unknown + figures.wrong == figures.true


def test_mixtures_of_what_is_found_whole() -> None:
    """All is billed once or shown, nothing too much. A callee that names its team goes before the caller's session or owner."""
    figures = found_mixed(limits=False, worlds=3)
    assert (figures.too_much, figures.hidden) == (0, 0)
    assert figures.exact >= figures.true * Fraction(99, 100)
    assert figures.right >= figures.true * Fraction(96, 100)


@pytest.mark.parametrize("seed", range(5))
def test_turning_all_clocks_round_changes_nothing(seed: int) -> None:
    names = ("clocks", "framework_without_id", "callee_of_another_team", "totals", "log_event", "retries", "batch_of_messages")
    telling = told(names, seed, share=0.5, traces=4)
    assert any(abs(offset) > 10**8 for offset in telling.clocks.values())
    by_their_clocks = found_by_call(telling)
    telling.clocks = {service: -offset for service, offset in telling.clocks.items()}
    assert found_by_call(telling) == by_their_clocks
    telling.clocks = {}
    assert found_by_call(telling) == by_their_clocks


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_arrival_changes_nothing(seed: int) -> None:
    telling = mixed(seed, limits=True, traces=3)
    found = found_by_call(telling)
    telling.random.shuffle(telling.records)
    assert found_by_call(telling) == found


def test_the_page_says_what_is_found() -> None:
    text = (Path(__file__).parents[2] / "docs" / "attribution.md").read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0] == page(), "python -m bench.recovery --write docs/attribution.md"
