"""What a span takes until somebody is charged for it: `python -m bench.sizing [REQUESTS] [--clickhouse URL]`.

docs/sizing.md reckons with it: `--write docs/sizing.md` renders its table of sizes from its table of figures.

A service of its own is sent requests of 500 spans as fast as it acknowledges them, until all are stored and attributed. CPU time hardly
depends on what else the machine does; elapsed time does. Of a ClickHouse server, which must be otherwise idle, its own count of CPU time.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import clickhouse_connect
import httpx

from attribution.storage import DATABASE
from bench.workload import SPANS_A_REQUEST, SPANS_A_TRACE, deliveries
from collector.service import PACE
from tests.e2e.serving import Serving

MILLION = 1_000_000
SECONDS_MAX = 1800.0
LOOK_SECONDS = 2.0
SENDERS = 8
DAY_SECONDS = 86_400
ATTRIBUTION_PACE = PACE + 1
"""It rests so long after it has worked that it must be this many times as fast as spans come."""
DAYS = (1, 10, 100, 1000, 5000)
"""Millions of spans a day."""
FIGURE = re.compile(r"^\| .+ \| ([\d.,]+) \| .+ \| `(\w+)` \|$", re.MULTILINE)
"""Of the table of figures: the value, and the name that it has here."""
SIZES = re.compile(r"(?<=<!-- sizes -->\n).*?(?=<!-- end of sizes -->)", re.DOTALL)
SERVER_CPU = "SELECT sum(value) AS n FROM system.events WHERE event = 'OSCPUVirtualTimeMicroseconds'"
DISK = f"SELECT sum(bytes_on_disk) AS n FROM system.parts WHERE active AND database = '{DATABASE}'"
TRACES = "SELECT count() AS n FROM traces"
SPANS = "SELECT count() AS n FROM spans"


def cpu_seconds(process: int) -> float:
    """User and system time of a process and its threads."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib_max(process: int) -> float:
    """The most that it had resident."""
    return _memory_mib(process, "VmHWM")


def memory_mib(process: int) -> float:
    """What it has resident now."""
    return _memory_mib(process, "VmRSS")


def _memory_mib(process: int, name: str) -> float:
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def number(serving: Serving, sql: str) -> int:
    """The one figure that a query answers."""
    return int(serving.query(sql)[0]["n"] or 0)


def wait(serving: Serving, sql: str, at_least: int, look_seconds: float = LOOK_SECONDS) -> float:
    """Until a figure is so large; when that was."""
    return wait_for(sql, lambda: number(serving, sql), at_least, look_seconds)


def wait_for(what: str, figure: Callable[[], int], at_least: int, look_seconds: float) -> float:
    """The same of any figure. Asking costs the service something, so it is asked seldom."""
    limit = time.monotonic() + SECONDS_MAX
    while figure() < at_least:
        if time.monotonic() > limit:
            raise TimeoutError(f"{what} stays below {at_least}")
        time.sleep(look_seconds)
    return time.monotonic()


def send(http: httpx.Client, port: int, body: bytes) -> None:
    """Until it is acknowledged."""
    address = f"http://127.0.0.1:{port}/v1/traces"
    while http.post(address, content=body, headers={"Content-Type": "application/x-protobuf"}).status_code != 200:
        time.sleep(0.1)


def measure(serving: Serving, requests: int) -> None:
    """Send, wait and print."""
    process, spans = serving.process.pid if serving.process else 0, requests * SPANS_A_REQUEST
    bodies = [delivery.body for delivery in deliveries(requests)]
    before, server_before = cpu_seconds(process), number(serving, SERVER_CPU) if serving.clickhouse else 0
    begun = time.monotonic()
    with httpx.Client(trust_env=False, timeout=60) as http, ThreadPoolExecutor(SENDERS) as senders:
        list(senders.map(lambda body: send(http, serving.http_port, body), bodies))
    wait(serving, SPANS, spans)
    stored = time.monotonic() - begun
    wait(serving, TRACES, spans // SPANS_A_TRACE)
    took = cpu_seconds(process) - before
    print(f"{spans:,} spans: stored after {stored:.1f} s, attributed after {time.monotonic() - begun:.1f} s")
    print(f"service: {took / spans * MILLION:.0f} CPU s a million spans, {memory_mib_max(process):,.0f} MiB at most")
    if serving.clickhouse:
        theirs = (number(serving, SERVER_CPU) - server_before) / MILLION
        print(f"ClickHouse: {theirs / spans * MILLION:.0f} CPU s a million spans")
    print(f"disk: {number(serving, DISK) / spans:.0f} bytes a span")


def figures(page: str) -> dict[str, float]:
    """The figures of the page, by name."""
    return {name: float(value.replace(",", "")) for value, name in FIGURE.findall(page)}


def sizes(page: str) -> str:
    """The table of sizes that follows from the figures of the page."""
    known = figures(page)
    lines = [
        "| spans a day | a second when busy | cores of collectors | collectors | cores of ClickHouse | attribution/s | disk a month |",
        "|---|---|---|---|---|---|---|",
    ]
    for millions in DAYS:
        mean = millions * MILLION / DAY_SECONDS
        ours, theirs = (mean * known["peak"] * known[name] / MILLION / known["use"] for name in ("service_cpu", "clickhouse_cpu"))
        disk = millions * MILLION * 30 * known["disk_bytes"] / 1000**3
        lines.append(
            f"| {millions:,} million | {mean * known['peak']:,.0f} | {ours:,.1f} | {max(math.ceil(ours), 2):,} | {theirs:,.1f} "
            f"| {mean * ATTRIBUTION_PACE:,.0f} | {disk:,.0f} GB |"
        )
    alone = 2 * known["use"] / known["embedded_cpu"] * MILLION / known["peak"] * DAY_SECONDS
    lines += ["", f"One pod with the embedded engine on two cores: {alone / MILLION:,.0f} million spans a day."]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure one service and end it, or render the page."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("requests", nargs="?", type=int, default=400)
    options.add_argument("--clickhouse", help="a server whose database spanledger may be dropped")
    options.add_argument("--write", type=Path, help="the page whose table of sizes is rendered, instead of measuring")
    chosen = options.parse_args()
    if chosen.write:
        page = chosen.write.read_text(encoding="utf-8")
        chosen.write.write_text(SIZES.sub(lambda _: sizes(page), page), encoding="utf-8")
        return
    settings = {"pricing": {"update": False}, "agents": {"shared": ["guardrail"]}}
    if chosen.clickhouse:
        with clickhouse_connect.get_client(dsn=chosen.clickhouse) as client:
            client.command(f"DROP DATABASE IF EXISTS {DATABASE}")
    with TemporaryDirectory() as folder:
        serving = Serving(Path(folder) / "data", settings, clickhouse=chosen.clickhouse, seconds_max=SECONDS_MAX)
        serving.start()
        try:
            measure(serving, chosen.requests)
        finally:
            serving.stop()


if __name__ == "__main__":
    main()
