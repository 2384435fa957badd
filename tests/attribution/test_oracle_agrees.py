"""The SQL against an oracle that was written from the rules: every nastiness at once, in any order and batching (R1 to R11, R14)."""

from __future__ import annotations

from random import Random

import pytest

from attribution.attribute import attribute
from attribution.storage import Store
from tests.attribution.compare import assert_agrees, deliver, deliver_in_batches
from tests.oracle import model
from tests.oracle.strategies import Sizes, random_world

WORLD = Sizes(traces_max=100, spans_max=12, linking_spans_max=8)
"""Its records share two response ids, and each is held against each: twice the traces take four times as long and show no more."""


@pytest.mark.both_engines
@pytest.mark.parametrize("seed", range(4))
def test_sql_equals_the_oracle(store: Store, seed: int) -> None:
    case = random_world(seed, WORLD)
    deliver(store, case.deliveries)
    attribute(store, case.config)
    assert_agrees(store, model.attribute(case.deliveries, case.config))


@pytest.mark.parametrize("seed", [100, 101])
def test_r14_order_and_batching_do_not_matter(store: Store, seed: int) -> None:
    case = random_world(seed, Sizes(traces_max=60, spans_max=12, linking_spans_max=8))
    deliver_in_batches(store, case.deliveries, case.config, Random(seed))
    assert_agrees(store, model.attribute(case.deliveries, case.config))


@pytest.mark.both_engines
def test_r11_attributing_again_posts_nothing(store: Store) -> None:
    case = random_world(7, Sizes(traces_max=40, spans_max=12, linking_spans_max=8))
    deliver(store, case.deliveries)
    attribute(store, case.config)
    postings = store.query("SELECT * FROM ledger ORDER BY ALL")
    deliver(store, case.deliveries)
    assert attribute(store, case.config).postings == 0
    assert store.query("SELECT * FROM ledger ORDER BY ALL") == postings
