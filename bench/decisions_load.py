"""What decisions take over HTTP while spans come in: `python -m bench.decisions_load [SECONDS]`.

A service of its own is sent 2,000 spans/s all the time, and beside them, one after the other: nothing; 1,000 requests/s of an empty handler
(`/healthz`), which is what HTTP itself takes; 1,000 decisions/s, each by itself; the same in batches of 50. Printed are what was achieved,
how long an answer took from when it was sent, and the CPU time of the service for each beyond what it takes without.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.decisions import BUDGETS
from bench.sizing import cpu_seconds
from bench.steady import keep_sending
from tests.e2e.serving import Serving

SPANS_A_SECOND, SPANS_A_REQUEST = 2000, 500
ASKED_A_SECOND = 1000
ASKERS = 8
"""Connections, each with one request at a time."""
Body = Callable[[int], dict[str, Any] | None]


@dataclass(frozen=True)
class Kind:
    """What is asked, of so many at a time; `body` None: with GET."""

    name: str
    path: str
    at_a_time: int
    body: Body


def question(number: int) -> dict[str, Any]:
    """The next call of one of 20 teams and 500 users, ten in a run."""
    return {
        "dimensions": {"team": f"team-{number % 20}", "user": f"user-{number % 500}"},
        "trace_id": f"{number // 10 + 1:032x}",
        "span_id": f"{number + 1:016x}",
        "model": "gpt-4.1-mini",
        "input_tokens": 1200,
        "output_tokens_max": 500,
    }


KINDS = (
    Kind("an empty handler", "/healthz", 1, lambda _: None),
    Kind("a decision each", "/api/v1/decisions", 1, lambda nth: question(10_000_000 + nth)),
    Kind(
        "50 decisions each", "/api/v1/decisions", 50, lambda nth: {"decisions": [question(20_000_000 + nth * 50 + at) for at in range(50)]}
    ),
)


def ask(serving: Serving, kind: Kind, seconds: float) -> list[float]:
    """Ask at the rate, from several connections; how long each answer took, in seconds."""
    rate = ASKED_A_SECOND / kind.at_a_time
    begun = time.monotonic()

    def of_one(asker: int) -> list[float]:
        taken = []
        connection = http.client.HTTPConnection("127.0.0.1", serving.http_port, timeout=30)
        for nth in range(asker, int(rate * seconds), ASKERS):
            time.sleep(max(begun + nth / rate - time.monotonic(), 0))
            if time.monotonic() > begun + seconds:
                break
            body = kind.body(nth)
            text = json.dumps(body) if body else None
            sent = time.perf_counter()
            connection.request("POST" if text else "GET", kind.path, text, {"Content-Type": "application/json"} if text else {})
            answer = connection.getresponse()
            answer.read()
            taken.append(time.perf_counter() - sent)
            if answer.status != 200:
                raise RuntimeError(f"{kind.path} answers {answer.status}")
        connection.close()
        return taken

    with ThreadPoolExecutor(ASKERS) as askers:
        return [one for taken in askers.map(of_one, range(ASKERS)) for one in taken]


def main(seconds: float) -> None:
    """Measure each kind, and print a line of it."""
    with TemporaryDirectory() as folder:
        serving = Serving(Path(folder) / "data", {"pricing": {"update": False}, "budgets": BUDGETS})
        serving.start()
        process = serving.process.pid if serving.process else 0
        stopping = threading.Event()
        sender = threading.Thread(target=keep_sending, args=(serving, stopping, SPANS_A_SECOND, SPANS_A_REQUEST))
        sender.start()
        try:
            time.sleep(seconds / 2)  # the first passes of attribution are dearer
            before = cpu_seconds(process)
            time.sleep(seconds)
            alone = cpu_seconds(process) - before
            print(f"{'spans alone':<20} {alone / seconds:.2f} cores", flush=True)
            for kind in KINDS:
                before, begun = cpu_seconds(process), time.monotonic()
                taken = sorted(ask(serving, kind, seconds))
                elapsed, spent = time.monotonic() - begun, cpu_seconds(process) - before
                beyond = (spent - alone * elapsed / seconds) / (len(taken) * kind.at_a_time)
                p50, p99, worst = (1000 * taken[min(int(len(taken) * share), len(taken) - 1)] for share in (0.5, 0.99, 1))
                print(
                    f"{kind.name:<20} {spent / elapsed:.2f} cores  {len(taken) * kind.at_a_time / elapsed:>5.0f}/s  "
                    f"p50 {p50:.1f} ms  p99 {p99:.1f} ms  most {worst:.0f} ms  {beyond * 1000:.2f} CPU ms each",
                    flush=True,
                )
        finally:
            stopping.set()
            sender.join()
            serving.stop()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20)
