"""Whether memory stays as it is under a steady load: `python -m bench.steady [MINUTES]`.

A service of its own is sent 500 spans/s, ten requests of 50. Each minute a line says what it has resident, how much of a core it took, and
how many spans are stored. At the end all that was acknowledged is stored, and the audits are asked.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.sizing import SPANS, cpu_seconds, memory_mib, number, send, wait
from bench.workload import deliveries
from tests.e2e.serving import Serving

SPANS_A_SECOND, SPANS_A_REQUEST = 500, 50
MINUTE = 60.0


def keep_sending(serving: Serving, stopping: threading.Event, rate: int, spans: int) -> int:
    """Send so many spans a second, in requests of so many, until told to stop. How many were acknowledged."""
    begun, sent = time.monotonic(), 0
    with httpx.Client(trust_env=False, timeout=60) as client:
        for delivery in deliveries(sys.maxsize, spans=spans):
            if stopping.wait(max(begun + sent / rate - time.monotonic(), 0)):
                break
            send(client, serving.http_port, delivery.body)
            sent += spans
    return sent


def main(minutes: int) -> None:
    """Send for so many minutes, and print a line of each."""
    with TemporaryDirectory() as folder:
        serving = Serving(Path(folder) / "data", {"pricing": {"update": False}})
        serving.start()
        process = serving.process.pid if serving.process else 0
        stopping, acknowledged = threading.Event(), []
        sender = threading.Thread(target=lambda: acknowledged.append(keep_sending(serving, stopping, SPANS_A_SECOND, SPANS_A_REQUEST)))
        sender.start()
        try:
            for minute in range(1, minutes + 1):
                before = cpu_seconds(process)
                time.sleep(MINUTE)
                cores = (cpu_seconds(process) - before) / MINUTE
                print(f"{minute:>4} min {memory_mib(process):>6.0f} MiB  {cores:.2f} cores  {number(serving, SPANS):>9,} spans", flush=True)
        finally:
            stopping.set()
            sender.join()
        wait(serving, SPANS, *acknowledged)
        violations = number(serving, "SELECT count() AS n FROM audits")
        print(f"{acknowledged[0]:,} spans acknowledged, all stored; {violations} violations")
        serving.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
