"""`make faults`: faults of every kind from ever new seeds, until the time is up or one does harm.

A failure prints what replays it: `make faults KIND=... SEED=...`. After each chain nothing that was acknowledged is missing, nothing is
there twice, and the audits are empty.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections.abc import Callable

from tests.faults import services, spools

KINDS: dict[str, Callable[[int], int]] = {
    "power_cut": spools.power_cut,
    "flipped_bits": spools.flipped_bits,
    "kills": services.kills,
    "commands_killed": services.commands_killed,
    "full_disk": services.full_disk,
    "clock_steps": services.clock_steps,
    "poison": services.poison,
    "connections": services.connections,
    "two_services": services.two_services,
}
"""Each returns how many faults its chain had."""
CHEAP_ROUNDS = 10
"""Chains of the kinds that need no service, in each round."""
SEEDS = 2**32


def main() -> None:
    """Run until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="begin with this seed; without it a new one is drawn")
    parser.add_argument("--kind", choices=KINDS, help="this kind only")
    parser.add_argument("--minutes", type=float, default=10.0, help="begin no further chain after so many minutes")
    chosen = parser.parse_args()
    seed = random.randrange(SEEDS) if chosen.seed is None else chosen.seed
    limit = time.monotonic() + 60 * chosen.minutes
    faults = dict.fromkeys([chosen.kind] if chosen.kind else KINDS, 0)
    first = True
    while first or time.monotonic() < limit:
        for kind in faults:
            for each in range(CHEAP_ROUNDS if kind in {"power_cut", "flipped_bits"} and not chosen.kind else 1):
                faults[kind] += chain(kind, seed + each)
        first = False
        print(f"seed {seed}: {', '.join(f'{count} {kind}' for kind, count in faults.items())}: no harm", flush=True)
        seed = (seed + CHEAP_ROUNDS) % SEEDS


def chain(kind: str, seed: int) -> int:
    """One chain; ends the program where it does harm."""
    try:
        return KINDS[kind](seed)
    except Exception:  # noqa: BLE001  (whatever it is, it is what replays)
        traceback.print_exc()
        print(f"\n{kind} does harm; again: make faults KIND={kind} SEED={seed}")
        sys.exit(1)


if __name__ == "__main__":
    main()
