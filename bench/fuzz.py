"""`make fuzz`: mutants of the corpora from ever new seeds, until the time is up or one does harm, which is then kept in its corpus."""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
import traceback

from tests.fuzz.targets import CORPORA, TARGETS, corpus, mutant

SEEDS = 2**32
ROUND = 500
"""Mutants of a target before the next one has its turn."""


def main() -> None:
    """Run until the time is up."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=10.0)
    options.add_argument("--target", choices=TARGETS)
    options.add_argument("--seed", type=int, help="begin with this seed; without it a new one is drawn")
    chosen = options.parse_args()
    seed = random.randrange(SEEDS) if chosen.seed is None else chosen.seed
    limit = time.monotonic() + 60 * chosen.minutes
    seeds = {target: corpus(target) for target in ([chosen.target] if chosen.target else TARGETS)}
    done = dict.fromkeys(seeds, 0)
    while time.monotonic() < limit:
        for target, known in seeds.items():
            for each in range(seed, seed + ROUND):
                attack(target, mutant(known, each))
            done[target] += ROUND
        seed = (seed + ROUND) % SEEDS
    print(", ".join(f"{count:,} of {target}" for target, count in done.items()) + ": no harm")


def attack(target: str, data: bytes) -> None:
    """Feed one; ends the program where it does harm."""
    try:
        TARGETS[target](data)
    except BaseException:  # noqa: BLE001  (whatever it is, it is what is looked for)
        traceback.print_exc()
        kept = CORPORA / target / f"found-{hashlib.sha256(data).hexdigest()[:12]}"
        kept.write_bytes(data)
        print(f"\nkept as {kept}: mend it, and leave it there")
        sys.exit(1)


if __name__ == "__main__":
    main()
