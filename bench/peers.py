"""What a span costs beside the OpenTelemetry Collector: `python -m bench.peers COLLECTOR URL [REQUESTS]`, built by `make bench-peers`.

The Collector with its ClickHouse exporter (in memory, unpriced), a service of ours that only collects (durable and priced), and a whole one
take the same requests of 500 spans, as fast as each acknowledges them, one after the other on the same ClickHouse server at URL, which must
be otherwise idle; its databases `otel` and `spanledger` are dropped. Figures are CPU seconds of the process and of the server until all
spans can be read, or are attributed.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import clickhouse_connect
import httpx
import yaml
from clickhouse_connect.driver.client import Client

from bench.load import SETTINGS
from bench.sizing import MILLION, SECONDS_MAX, SENDERS, SERVER_CPU, cpu_seconds, memory_mib_max, send, wait_for
from bench.workload import SPANS_A_REQUEST, SPANS_A_TRACE, deliveries
from tests.e2e.serving import Serving, free_port

ROUNDS = 3
LOOK_SECONDS = 0.5
DISK = "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = {database:String}"


@dataclass(frozen=True)
class Receiver:
    """What takes the spans."""

    process: int
    port: int
    database: str
    visible: str
    """How many spans can be read; or are attributed."""


@dataclass(frozen=True)
class Cost:
    """Of one load, a span's share of a million."""

    process: float
    server: float
    disk: float
    """Bytes a span."""
    memory: float
    """MiB that the process had resident at most."""

    @property
    def cpu(self) -> float:
        """CPU seconds a million spans."""
        return self.process + self.server


@contextmanager
def collector(binary: Path, url: str) -> Iterator[Receiver]:
    """The Collector as its ClickHouse exporter's page advises: batches of 5 s or 100,000 spans, its own schema."""
    place, port = urlsplit(url), free_port()
    own = {
        "endpoint": f"http://{place.hostname}:{place.port}",
        "username": place.username or "default",
        "password": place.password or "",
        "database": "otel",
    }
    config = {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{port}"}}}},
        "processors": {"batch": {"timeout": "5s", "send_batch_size": 100_000}},
        "exporters": {"clickhouse": {**own, "create_schema": True}},
        "service": {
            "telemetry": {"metrics": {"level": "none"}, "logs": {"level": "error"}},
            "pipelines": {"traces": {"receivers": ["otlp"], "processors": ["batch"], "exporters": ["clickhouse"]}},
        },
    }
    with TemporaryDirectory() as folder:
        file = Path(folder) / "collector.yaml"
        file.write_text(yaml.safe_dump(config), encoding="utf-8")
        running = subprocess.Popen([binary, "--config", file])  # noqa: S603  (the binary that was asked for)
        try:
            wait_for("the Collector's port", lambda: is_open(port), 1, LOOK_SECONDS)
            yield Receiver(running.pid, port, "otel", "SELECT count() FROM otel.otel_traces")
        finally:
            running.terminate()
            running.wait()


def is_open(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def service(url: str, *options: str) -> Iterator[Receiver]:
    """A service of ours."""
    with TemporaryDirectory() as folder:
        serving = Serving(Path(folder) / "data", SETTINGS, clickhouse=url, seconds_max=SECONDS_MAX, options=options)
        serving.start()
        visible = "SELECT count() FROM spanledger.span_records" if options else f"SELECT {SPANS_A_TRACE} * count() FROM spanledger.traces"
        try:
            yield Receiver(serving.process.pid if serving.process else 0, serving.http_port, "spanledger", visible)
        finally:
            serving.stop()


def one(client: Client, sql: str, **parameters: str) -> int:
    """The one figure that a query answers."""
    return int(client.query(sql, parameters=parameters).first_row[0] or 0)


def take(client: Client, receiver: Receiver, bodies: Sequence[bytes]) -> Cost:
    """Send all but the first, which warms it up."""

    def visible(spans: int) -> None:
        wait_for(receiver.visible, lambda: one(client, receiver.visible), spans, LOOK_SECONDS)

    with httpx.Client(trust_env=False, timeout=60) as http, ThreadPoolExecutor(SENDERS) as senders:
        send(http, receiver.port, bodies[0])
        visible(SPANS_A_REQUEST)
        own, theirs = cpu_seconds(receiver.process), one(client, SERVER_CPU)
        list(senders.map(lambda body: send(http, receiver.port, body), bodies[1:]))
        visible(SPANS_A_REQUEST * len(bodies))
    millions = SPANS_A_REQUEST * (len(bodies) - 1) / MILLION
    return Cost(
        (cpu_seconds(receiver.process) - own) / millions,
        (one(client, SERVER_CPU) - theirs) / MILLION / millions,
        one(client, DISK, database=receiver.database) / (SPANS_A_REQUEST * len(bodies)),
        memory_mib_max(receiver.process),
    )


def main() -> None:
    """Take turns, and print the medians."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("collector", type=Path, help="the binary of the Collector")
    options.add_argument(
        "clickhouse", help="http://user:password@host:port/ of a server whose databases otel and spanledger may be dropped"
    )
    options.add_argument("requests", type=int, nargs="?", default=400)
    chosen = options.parse_args()
    receivers: dict[str, Callable[[], AbstractContextManager[Receiver]]] = {
        "the Collector, in memory, unpriced": lambda: collector(chosen.collector.resolve(), chosen.clickhouse),
        "Spanledger, durable, priced": lambda: service(chosen.clickhouse, "--collect-only"),
        "Spanledger, until attributed": lambda: service(chosen.clickhouse),
    }
    found: dict[str, list[Cost]] = {name: [] for name in receivers}
    for turn in range(ROUNDS):
        bodies = [delivery.body for delivery in deliveries(chosen.requests + 1, turn)]
        for name, start in receivers.items():
            with clickhouse_connect.get_client(dsn=chosen.clickhouse) as client:
                for database in ("otel", "spanledger"):
                    client.command(f"DROP DATABASE IF EXISTS {database} SYNC")
                with start() as receiver:
                    found[name].append(take(client, receiver, bodies))
    first = median(cost.cpu for cost in next(iter(found.values())))
    for name, costs in found.items():
        process, server, cpu, disk, memory = (
            median(getattr(cost, figure) for cost in costs) for figure in ("process", "server", "cpu", "disk", "memory")
        )
        print(
            f"{name:<36} {cpu:>6.0f} CPU s/M ({process:.0f} its own, {server:.0f} ClickHouse's)  {cpu / first:>5.2f} times"
            f"  {disk:>4.0f} bytes a span  {memory:>6,.0f} MiB"
        )


if __name__ == "__main__":
    main()
