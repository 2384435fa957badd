"""What a running service costs under several loads: `python -m bench.load [--beside CHECKOUT] [--clickhouse URL]`.

A service of its own is sent traces of ten spans: a trickle, two even rates, and as fast as it acknowledges. Of each load: how long an
acknowledgement takes, when all of it is stored and attributed, and the CPU time of the service until then, with that of a ClickHouse server
where it is on one (which must be otherwise idle). With `--beside` a service of another checkout takes each load in turn, so that both are
measured on the same machine in the same minutes; the ratio is of CPU time, which hardly depends on what else the machine does.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import clickhouse_connect
import httpx

from attribution.storage import DATABASE
from bench.sizing import MILLION, SECONDS_MAX, SERVER_CPU, SPANS, TRACES, cpu_seconds, memory_mib_max, number, send, wait
from bench.workload import SPANS_A_TRACE, deliveries
from tests.e2e.serving import Serving

LOOK_SECONDS = 0.5
SENDERS = 8
SETTINGS = {"pricing": {"update": False}, "agents": {"shared": ["guardrail"]}}


@dataclass(frozen=True)
class Load:
    """Requests of so many spans, so many a second; 0: as fast as they are acknowledged."""

    name: str
    spans: int
    requests_a_second: float
    requests: int


LOADS = (
    Load("a trace every half second", 10, 2, 60),
    Load("1,000 spans/s", 500, 2, 40),
    Load("5,000 spans/s", 500, 10, 200),
    Load("as fast as acknowledged", 500, 0, 300),
)


@dataclass
class Build:
    """A service of one checkout, and what was sent to it."""

    name: str
    serving: Serving
    spans: int = 0

    @property
    def process(self) -> int:
        """Its number."""
        return self.serving.process.pid if self.serving.process else 0

    @property
    def cpu(self) -> float:
        """CPU seconds so far, its ClickHouse server's among them."""
        theirs = number(self.serving, SERVER_CPU) / MILLION if self.serving.clickhouse else 0.0
        return cpu_seconds(self.process) + theirs

    def take(self, load: Load, seed: int) -> float:
        """Send a load, wait until it is attributed, and print; CPU seconds a million spans."""
        bodies = [delivery.body for delivery in deliveries(load.requests, seed, load.spans)]
        spans = load.spans * load.requests
        before, begun = self.cpu, time.monotonic()
        taken = sorted(self._send(bodies, load, begun))
        self.spans += spans
        sent = time.monotonic()
        stored = wait(self.serving, SPANS, self.spans, LOOK_SECONDS) - sent
        attributed = wait(self.serving, TRACES, self.spans // SPANS_A_TRACE, LOOK_SECONDS) - sent
        cost, elapsed = self.cpu - before, time.monotonic() - begun
        p50, p99 = (1000 * taken[int(len(taken) * share)] for share in (0.5, 0.99))
        print(
            f"{self.name:<12} {load.name:<26} {cost / spans * MILLION:>7.0f} CPU s/M  {cost / elapsed:>5.2f} cores  ack {p50:>4.0f} ms, "
            f"p99 {p99:>5.0f} ms  stored after {stored:>4.1f} s, attributed after {attributed:>4.1f} s",
            flush=True,
        )
        return cost / spans * MILLION

    def _send(self, bodies: Sequence[bytes], load: Load, begun: float) -> list[float]:
        """How long each acknowledgement took, from when its request was due."""

        def timed(nth: int) -> float:
            due = begun + nth / load.requests_a_second if load.requests_a_second else time.monotonic()
            time.sleep(max(due - time.monotonic(), 0))
            send(http, self.serving.http_port, bodies[nth])
            return time.monotonic() - due

        with httpx.Client(trust_env=False, timeout=60) as http, ThreadPoolExecutor(SENDERS) as senders:
            return list(senders.map(timed, range(len(bodies))))


@contextmanager
def running(name: str, clickhouse: str | None, **how: Any) -> Iterator[Build]:
    """A service on an empty store."""
    if clickhouse:
        with clickhouse_connect.get_client(dsn=clickhouse) as client:
            client.command(f"DROP DATABASE IF EXISTS {DATABASE}")
    with TemporaryDirectory() as folder:
        serving = Serving(Path(folder) / "data", SETTINGS, clickhouse=clickhouse, seconds_max=SECONDS_MAX, **how)
        serving.start()
        try:
            yield Build(name, serving)
        finally:
            serving.stop()


def main() -> None:
    """Take every load, one build after the other."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--beside", type=Path, help="another checkout, whose service takes the same loads")
    options.add_argument("--clickhouse", help="a server whose database spanledger may be dropped; not with --beside")
    chosen = options.parse_args()
    if chosen.beside and chosen.clickhouse:
        options.error("two services of different builds cannot share a store: --beside is embedded")
    with ExitStack() as stack:
        builds = [stack.enter_context(running("this build", chosen.clickhouse))]
        if chosen.beside:
            builds.append(stack.enter_context(running("that build", None, checkout=chosen.beside.resolve())))
        for seed, load in enumerate(LOADS, 1):
            costs = [build.take(load, seed) for build in builds]
            if chosen.beside:
                print(f"{load.name}: {costs[1] / costs[0]:.1f} times the CPU in that build")
        for build in builds:
            print(f"{build.name}: {memory_mib_max(build.process):,.0f} MiB at most")


if __name__ == "__main__":
    main()
