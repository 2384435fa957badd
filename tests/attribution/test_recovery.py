"""What the oracle finds of the true money and payers (tests/oracle/test_recovery.py), the product finds off the wire."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from attribution.attribute import attribute
from attribution.storage import Store
from collector.processor import Processor
from tests.attribution.compare import assert_agrees
from tests.attribution.otlp import exporter_to
from tests.oracle import model
from tests.oracle.recovery.kinds import in_order
from tests.oracle.recovery.measure import mixed, told
from tests.oracle.recovery.telling import CONFIG, SECOND, Record, Telling

pytestmark = pytest.mark.both_engines

APART = 600 * SECOND
"""Of worlds that share a store: they have nothing to do with each other."""
MIXTURES = 12


def worlds() -> list[Telling]:
    """One of each kind, and mixtures."""
    alone = [told([kind.name], seed, traces=1, begin=APART * seed) for seed, kind in enumerate(in_order())]
    return alone + [mixed(seed, limits=True, traces=1, begin=APART * seed) for seed in range(len(alone), len(alone) + MIXTURES)]


def test_the_product_finds_what_the_oracle_finds_in_any_order_and_batching(store: Store) -> None:
    random = Random(1)
    processor, exporter = Processor(CONFIG), exporter_to(store)
    tellings = worlds()
    sent = [(telling, batch) for telling in tellings for batch in batches(telling, random)]
    random.shuffle(sent)
    number = 1
    for part in (sent[: len(sent) // 2], sent[len(sent) // 2 :]):
        processed = []
        for telling, batch in part:
            for request in telling.requests(batch):
                processed.append(processor.process(replace(request, version=number)))
                number += request.spans
        exporter.export(processed)
        attribute(store, CONFIG)
    assert_agrees(store, model.attribute([span for telling in tellings for span in telling.spans()], CONFIG))


def batches(telling: Telling, random: Random) -> list[list[Record]]:
    """A few records each, in any order."""
    found = []
    for is_ended in (False, True):
        deliveries = [record for record in telling.deliveries() if record.is_ended == is_ended]
        random.shuffle(deliveries)
        size = random.randint(1, 4)
        found += [deliveries[at : at + size] for at in range(0, len(deliveries), size)]
    return found
