"""Runs everything: `serve`, `demo`."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from attribution.errors import SpanledgerError
from collector import folder
from collector.commands.shared import (
    ClickHouseOption,
    ConfigOption,
    DataOption,
    ShardOption,
    console,
)
from collector.config import Addresses, Config
from collector.logs import LogStyle, configure

if TYPE_CHECKING:
    from collector.service import Service

app = typer.Typer()
STOP_SECONDS_MAX = 9.0
"""From the signal to the end."""
SWITCH_SECONDS = 0.0005
"""For so long one thread may keep the interpreter while another wants it. A decision waits for it several times; Python's own is 5 ms."""


@app.command()
def serve(
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
    shard: ShardOption = None,
    grpc: Annotated[str, typer.Option(envvar="SPANLEDGER_GRPC", help="OTLP over gRPC.", metavar="HOST:PORT")] = Addresses.grpc,
    http: Annotated[
        str, typer.Option(envvar="SPANLEDGER_HTTP", help="OTLP and the Langfuse SDK over HTTP.", metavar="HOST:PORT")
    ] = Addresses.http,
    sql: Annotated[
        str, typer.Option(envvar="SPANLEDGER_SQL", help="ClickHouse HTTP interface, read-only.", metavar="HOST:PORT")
    ] = Addresses.sql,
    collect_only: Annotated[
        bool,
        typer.Option(
            "--collect-only",
            envvar="SPANLEDGER_COLLECT_ONLY",
            help="Receive and store; another serve on the same ClickHouse server attributes, decides and has the page.",
        ),
    ] = False,
    log: Annotated[LogStyle, typer.Option("--log", envvar="SPANLEDGER_LOG", help="How the log is written.")] = LogStyle.text,
) -> None:
    """Receive, price, store and attribute until stopped."""
    from collector.service import Service  # noqa: PLC0415  (servers and exporters, which no other command waits for)

    configure(log)
    sys.setswitchinterval(SWITCH_SECONDS)
    stop = threading.Event()
    wake = threading.Event()

    def end_it(*_: object) -> None:
        stop.set()
        wake.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end_it)
    signal.signal(signal.SIGHUP, lambda *_: wake.set())
    addresses = Addresses(grpc, http, sql)
    given = Config.load(config)
    with Service(given, data, clickhouse=clickhouse, shards=shard or (), addresses=addresses, collect_only=collect_only) as service:
        console.print(f"OTLP/gRPC on port {service.grpc_port}, OTLP/HTTP and Langfuse on port {service.http_port}", highlight=False)
        if not clickhouse:
            console.print(f"SQL (ClickHouse HTTP, read-only) on port {service.sql_port}", highlight=False)
        while not stop.is_set():
            wake.wait()
            wake.clear()
            if not stop.is_set():
                _reload(service, config)
        # What hangs in a query or an insert must not keep the process: all that was acknowledged is on disk.
        end = threading.Timer(STOP_SECONDS_MAX, os._exit, [0])
        end.daemon = True
        end.start()
    console.print("stopped; what was acknowledged is on disk")


def _reload(service: Service, config: Path | None) -> None:
    """A configuration that is wrong changes nothing."""
    try:
        service.reload(Config.load(config))
    except SpanledgerError as problem:
        logging.getLogger(__name__).error("configuration: not reloaded: %s", problem)  # noqa: TRY400  (a known state)


@app.command()
def doctor(config: ConfigOption = None, data: DataOption = folder.DEFAULT, clickhouse: ClickHouseOption = None) -> None:
    """Look at the configuration, the data folder, the store and the books; exit 1 and say what to do where something is wrong."""
    from collector.doctor import examine  # noqa: PLC0415  (the store, for which no other command of this file waits)

    levels = []
    for finding in examine(config, data, clickhouse):
        levels.append(finding.level)
        console.print(
            escape(f"{finding.level:<6}{finding.what}{f': {finding.advice}' if finding.advice else ''}"), highlight=False, soft_wrap=True
        )
    if "wrong" in levels:
        raise typer.Exit(1)


@app.command()
def demo(
    data: DataOption = folder.DEMO,
    to: Annotated[
        str | None, typer.Option("--to", help="Send it to a service that runs, by OTLP over gRPC, instead of starting one.", metavar="URL")
    ] = None,
) -> None:
    """Send a realistic multi-agent workload through the real OpenTelemetry SDK, attribute it, and print who pays."""
    from collector import demo as demonstration  # noqa: PLC0415  (the SDK and the service, which no other command waits for)

    if to:
        demonstration.send_elsewhere(to, console)
    else:
        demonstration.run(data, console)
