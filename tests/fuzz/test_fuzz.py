"""The corpora and some mutants of them in CI; `make fuzz` goes on for as long as one likes, and puts what does harm into the corpus."""

from __future__ import annotations

import pytest

from tests.fuzz.targets import CORPORA, TARGETS, corpus, mutant

MUTANTS = {"json": 400, "sql": 1500, "configuration": 150}


def test_every_corpus_has_a_target() -> None:
    assert {path.name for path in CORPORA.iterdir()} == TARGETS.keys()


@pytest.mark.parametrize("target", TARGETS)
def test_the_corpus_does_no_harm(target: str) -> None:
    for data in corpus(target):
        TARGETS[target](data)


@pytest.mark.parametrize("target", TARGETS)
def test_mutants_do_no_harm(target: str) -> None:
    seeds = corpus(target)
    for seed in range(MUTANTS[target]):
        TARGETS[target](mutant(seeds, seed))
