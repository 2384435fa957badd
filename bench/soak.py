"""`make soak`: the properties of attribution with ever new seeds, on each engine there is, until the time is up or one fails.

A failure prints what replays it: `make soak SEED=... ` runs the same worlds again.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from attribution.prepare import prepare
from attribution.storage import Store
from tests.attribution.test_histories import test_sql_keeps_the_books_of_the_oracle
from tests.attribution.test_killed import test_killed_at_any_point
from tests.attribution.test_oracle_agrees import test_r14_order_and_batching_do_not_matter, test_sql_equals_the_oracle
from tests.conftest import SERVER_URL

PROPERTIES: tuple[Callable[[Store, int], None], ...] = (
    test_sql_equals_the_oracle,
    test_r14_order_and_batching_do_not_matter,
    test_sql_keeps_the_books_of_the_oracle,
    test_killed_at_any_point,
)
SEEDS = 2**32


@contextmanager
def fresh(engine: str, folder: Path) -> Iterator[Store]:
    """A store that nothing else uses."""
    database = f"soak_{uuid.uuid4().hex[:12]}"
    with Store.at(SERVER_URL, database) if engine == "server" else Store.embedded_in(folder, database) as store:
        prepare(store)
        yield store
        store.execute("DROP DATABASE {database:Identifier}", {"database": database})


def main() -> None:
    """Run until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="begin with this seed; without it a new one is drawn")
    parser.add_argument("--minutes", type=float, default=10.0, help="begin no further round after so many minutes")
    chosen = parser.parse_args()
    seed = random.randrange(SEEDS) if chosen.seed is None else chosen.seed
    engines = ("embedded", "server") if SERVER_URL else ("embedded",)
    if not SERVER_URL:
        print("CLICKHOUSE_TEST_URL is not set: on the embedded engine only")
    limit = time.monotonic() + 60 * chosen.minutes
    rounds = 0
    with TemporaryDirectory() as folder:
        while not rounds or time.monotonic() < limit:
            for engine in engines:
                for prove in PROPERTIES:
                    try:
                        with fresh(engine, Path(folder)) as store:
                            prove(store, seed)
                    except Exception:  # noqa: BLE001  (whatever it is, it is what replays)
                        traceback.print_exc()
                        print(f"\n{prove.__name__} fails on the {engine} engine; again: make soak SEED={seed}")
                        sys.stdout.flush()
                        os._exit(1)  # chDB holds on to the folder
            rounds += 1
            print(f"seed {seed}: {len(PROPERTIES)} properties hold on {' and '.join(engines)}", flush=True)
            seed = (seed + 1) % SEEDS


if __name__ == "__main__":
    main()
