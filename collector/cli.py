"""The command `spanledger`."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from rich.console import Console
from rich.markup import escape

from attribution import closing, reports
from attribution.attribute import attribute as attribute_pending
from attribution.attribute import remembered
from attribution.cluster import prepare_cluster, shard_database
from attribution.configuration import Driver
from attribution.errors import ConfigurationError, RefusedError, SpanledgerError, TableError
from attribution.ledger import Ledger
from attribution.passes import postings_since
from attribution.pools import as_amount, as_driver
from attribution.prices import PriceBook
from attribution.repricing import repricing
from attribution.storage import Store
from collector import folder
from collector.config import Addresses, Config
from collector.printing import as_csv, as_json, print_differences, print_report, print_table, print_unpriced_models, trace_tree
from collector.quarantine import Quarantine, moment

if TYPE_CHECKING:
    from collector.service import Service

app = typer.Typer(
    name="spanledger",
    help="Who spent what, and who should pay: exact cost attribution for AI agents from OpenTelemetry traces.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
STOP_SECONDS_MAX = 9.0
"""From the signal to the end."""
TABLE_TOP = 200
"""Lines that people still read."""

pool_app = typer.Typer(help="Pools: add cost that no span carries, see who pays for them.", no_args_is_help=True)
app.add_typer(pool_app, name="pool")
quarantine_app = typer.Typer(help="Requests that were acknowledged and could not be stored.", no_args_is_help=True)
app.add_typer(quarantine_app, name="quarantine")
config_app = typer.Typer(help="The configuration: check a file.", no_args_is_help=True)
app.add_typer(config_app, name="config")
console = Console()
# Piped output goes to programs and files: no folding at 80 columns.
if not sys.stdout.isatty():
    console = Console(width=200)


class Format(StrEnum):
    """How a result is printed."""

    table = "table"
    json = "json"
    csv = "csv"


ConfigOption = Annotated[Path | None, typer.Option("--config", envvar="SPANLEDGER_CONFIG", help="The YAML file.", metavar="F")]
DataOption = Annotated[Path, typer.Option("--data", envvar="SPANLEDGER_DATA", help="The data folder.", metavar="DIR")]
ClickHouseOption = Annotated[
    str | None,
    typer.Option(
        "--clickhouse", envvar="SPANLEDGER_CLICKHOUSE", help="Use a ClickHouse server instead of the embedded engine.", metavar="URL"
    ),
]
QuarantineId = Annotated[int, typer.Argument(metavar="ID", help="As `quarantine list` prints it.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print it.")]


def _print_version(asked: bool) -> None:
    if asked:
        console.print(f"spanledger {version('spanledger')}", highlight=False)
        raise typer.Exit


@app.callback()
def _main(
    _: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)] = False,
) -> None:
    pass


@app.command()
def serve(
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
    grpc: Annotated[str, typer.Option(envvar="SPANLEDGER_GRPC", help="OTLP over gRPC.", metavar="HOST:PORT")] = Addresses.grpc,
    http: Annotated[
        str, typer.Option(envvar="SPANLEDGER_HTTP", help="OTLP and the Langfuse SDK over HTTP.", metavar="HOST:PORT")
    ] = Addresses.http,
    sql: Annotated[
        str, typer.Option(envvar="SPANLEDGER_SQL", help="ClickHouse HTTP interface, read-only.", metavar="HOST:PORT")
    ] = Addresses.sql,
) -> None:
    """Receive, price, store and attribute until stopped."""
    from collector.service import Service  # noqa: PLC0415  (servers and exporters, which no other command waits for)

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    stop = threading.Event()
    wake = threading.Event()

    def end_it(*_: object) -> None:
        stop.set()
        wake.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end_it)
    signal.signal(signal.SIGHUP, lambda *_: wake.set())
    with Service(Config.load(config), data, clickhouse=clickhouse, addresses=Addresses(grpc, http, sql)) as service:
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
def demo(data: DataOption = folder.DEMO) -> None:
    """Send a realistic multi-agent workload through the real OpenTelemetry SDK, attribute it, and print who pays."""
    from collector import demo as demonstration  # noqa: PLC0415  (the SDK and the service, which no other command waits for)

    demonstration.run(data, console)


@app.command()
def attribute(
    table: Annotated[
        str | None,
        typer.Option(help="Read this table first, where it is: one that the Collector's ClickHouse exporter fills.", metavar="T"),
    ] = None,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Attribute all that is pending and return."""
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        ledger = Ledger(store)
        if table:
            read = ledger.read_table(table, given)
            console.print(f"{read.spans} spans of {escape(read.table)} read", highlight=False)
        done = ledger.attribute(given)
    console.print(f"{done.traces} traces, {done.spans} spans attributed, {done.postings} postings added", highlight=False)


@app.command()
def report(
    by: Annotated[str, typer.Argument(help=", ".join(reports.REPORTS), metavar="BY")],
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.", metavar="D")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.", metavar="D")] = None,
    top: Annotated[
        int | None,
        typer.Option(
            min=0, help=f"So many lines, the most expensive, and the sum of the others; 0: all. A table has {TABLE_TOP}.", metavar="N"
        ),
    ] = None,
    output: FormatOption = Format.table,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Print what each value of a dimension costs."""
    _in_order(first, last)
    if top is None:
        top = TABLE_TOP if output is Format.table else 0
    with folder.open_store(data, clickhouse) as store:
        result = reports.report(store, by, _day(first), _day(last), top)
    if output is Format.table:
        print_report(console, result)
        return
    amounts = ("direct", "shared", "total", "attributed", "coverage")
    rows = [{by: line.value, **{name: getattr(line, name) for name in amounts}} for line in result.lines]
    _print_rows(rows, output, [by, *amounts])


@app.command()
def trace(
    trace_id: Annotated[str, typer.Argument(metavar="TRACE_ID")], data: DataOption = folder.DEFAULT, clickhouse: ClickHouseOption = None
) -> None:
    """Print a trace as a tree: agent, model, tokens, cost, and why a span was or was not billed."""
    with folder.open_store(data, clickhouse) as store:
        spans = reports.trace(store, trace_id)
    root = spans[0]
    payer = ", ".join(f"{name} {root[name]}" for name in ("team", "department", "cost_center", "user", "workflow") if root[name])
    console.print(f"started by: {escape(payer) or 'nobody known'}", highlight=False)
    for tree in trace_tree(spans):
        console.print(tree, highlight=False)
    console.print(f"billed: {sum(span['amount'] for span in spans)} USD", highlight=False)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(metavar="QUERY")],
    output: Annotated[str, typer.Option("--format", help="A format of ClickHouse.", metavar="FORMAT")] = "PrettyCompactMonoBlock",
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Run SQL that reads on the store."""
    with folder.open_store(data, clickhouse) as store:
        sys.stdout.write(store.read(query, output))


@app.command()
def audit(data: DataOption = folder.DEFAULT, clickhouse: ClickHouseOption = None) -> None:
    """Check that the money adds up; exit 1 and print the offending rows when it does not."""
    with folder.open_store(data, clickhouse) as store:
        violations = reports.audit(store)
    if violations:
        print_table(console, "Violated", violations, money=["amount"])
        raise typer.Exit(1)
    console.print("all audits pass: no money is lost, invented or counted twice", highlight=False)


@app.command()
def prices(
    model: Annotated[str | None, typer.Argument(metavar="MODEL")] = None,
    unknown: Annotated[bool, typer.Option("--unknown", help="Models without a price instead, and the line that would price each.")] = False,
    config: ConfigOption = None,
    output: FormatOption = Format.table,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Print the prices in force, with their sources and dates; USD per million tokens."""
    if unknown:
        _print_unpriced_models(data, clickhouse, output)
        return
    rows: list[Any] = PriceBook(Config.load(config).pricing).in_force(model, datetime.now(UTC))
    rows = [row if isinstance(row, dict) else asdict(row) for row in rows]
    if not rows:
        raise SpanledgerError(f"no price is known for {model}; add one under pricing.models")
    if output is Format.table:
        print_table(console, "Prices in force", rows)
    else:
        _print_rows(rows, output, list(rows[0]))


@app.command()
def reprice(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.", metavar="D")],
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.", metavar="D")] = None,
    model: Annotated[str | None, typer.Option(help="Only this model; * is any characters.", metavar="M")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the difference and change nothing.")] = False,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Apply today's prices to stored spans: print the difference by model, then post it as corrections."""
    _in_order(first, last)
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        followed = remembered(store)
        with repricing(store, given or followed or Config(), first.date(), _day(last), model) as found:
            print_differences(console, found.differences)
            if dry_run or not found.spans:
                return
            begun = time.time_ns()
            found.apply()
        attribute_pending(store, followed or given or Config())
        # A server that runs may have been quicker.
        added = postings_since(store, begun)
    console.print(f"{found.spans} spans priced anew, {added} postings added", highlight=False)


@app.command()
def close(
    period: Annotated[str | None, typer.Argument(metavar="PERIOD")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Print every closing and reopening instead.")] = False,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Close a month, such as 2026-10: attribute what is pending, then freeze its statement."""
    if listed == (period is not None):
        raise RefusedError("name the month to close, such as 2026-10, or ask for the --list")
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        if period is None:
            print_table(console, "Closings", closing.closings(store))
            return
        lines = Ledger(store).close_month(period, given).rows()
    print_table(console, f"Statement of {period}", lines, money=["direct", "allocated", "total"])
    console.print(f"{period} is closed: what is late for it is posted into the open month", highlight=False)


@app.command()
def reopen(
    period: Annotated[str, typer.Argument(metavar="PERIOD")],
    reason: Annotated[str, typer.Option(help="Why; it is kept.", metavar="TEXT")],
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Open a closed month again; what was booked late for it moves back."""
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        Ledger(store).reopen_month(period, reason, given)
    console.print(f"{period} is open again", highlight=False)


@app.command()
def cluster(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The cluster in the configuration of the node that is asked.")],
    clickhouse: Annotated[str, typer.Option("--clickhouse", help="The node that is asked.", metavar="URL")],
    shard: Annotated[list[str], typer.Option(help="A shard; once for each.", metavar="URL")],
) -> None:
    """Keep the spans on the shards of a ClickHouse cluster; once, and after each upgrade."""
    with _explained(), ExitStack() as opened:
        store = opened.enter_context(Store.at(clickhouse))
        prepare_cluster(store, name, [opened.enter_context(Store.at(url, shard_database())) for url in shard])
    console.print(f"spans are kept on the {len(shard)} shards of {name}, everything else on this node", highlight=False)


@pool_app.command("add", context_settings={"ignore_unknown_options": True})  # -5.00 is an amount
def pool_add(
    pool: Annotated[str, typer.Argument(metavar="POOL")],
    amount: Annotated[str, typer.Argument(metavar="USD")],
    period: Annotated[str, typer.Option(help="The month, such as 2026-10.", metavar="PERIOD")],
    driver: Annotated[str | None, typer.Option(help=f"What splits the pool in that month: {', '.join(get_args(Driver))}.")] = None,
    note: Annotated[str, typer.Option(help="Why; the posting's reason.", metavar="TEXT")] = "",
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Add cost that no span carries to a pool; a negative amount takes it back."""
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        ledger = Ledger(store)
        ledger.add_cost(pool, as_amount(amount), period, driver=as_driver(driver), note=note, config=given)
        ledger.attribute(given)
        _print_pools(store, period, pool)


@pool_app.command("list")
def pool_list(
    period: Annotated[str, typer.Option(help="Only this month, such as 2026-10.", metavar="PERIOD")] = "",
    output: FormatOption = Format.table,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Print the pools: what they cost, what splits them, and how their cost comes to the teams."""
    with folder.open_store(data, clickhouse) as store:
        if output is Format.table:
            _print_pools(store, period)
        else:
            _print_rows(reports.pool_routes(store, period), output, ["period", "pool", "via", "team", "share", "amount"])


def _print_pools(store: Store, period: str, only: str = "") -> None:
    found = [row for row in reports.pools(store, period) if only in {"", row["pool"]}]
    routes = [row for row in reports.pool_routes(store, period) if only in {"", row["pool"]}]
    print_table(console, "Pools", found, money=["spans", "added", "cost"])
    print_table(console, "Who pays for them", routes, money=["amount"])


@config_app.command("check")
def config_check(file: Annotated[Path, typer.Argument(metavar="F", help="The YAML file.")]) -> None:
    """Read a configuration as `serve` does, and say what is wrong with it."""
    Config.load(file)
    console.print(f"{file} is well", highlight=False)


@quarantine_app.command("list")
def quarantine_list(output: FormatOption = Format.table, data: DataOption = folder.DEFAULT) -> None:
    """Print what was set aside, and why."""
    rows = [
        {
            "id": one.seq,
            "received": moment(one.received_ns),
            "set_aside": moment(one.quarantined_ns),
            "spans": one.spans,
            "bytes": one.size,
            "reason": one.reason,
        }
        for one in Quarantine(data).list()
    ]
    if output is Format.table:
        print_table(console, "Quarantine", rows, money=[])
    else:
        _print_rows(rows, output, ["id", "received", "set_aside", "spans", "bytes", "reason"])


@quarantine_app.command("show")
def quarantine_show(number: QuarantineId, data: DataOption = folder.DEFAULT) -> None:
    """Print one request as OTLP JSON, its ids in base64."""
    sys.stdout.write(Quarantine(data).text(number) + "\n")


@quarantine_app.command("retry")
def quarantine_retry(number: QuarantineId, data: DataOption = folder.DEFAULT) -> None:
    """Let one request be stored again, by the server that runs or the next one."""
    Quarantine(data).retry(number)
    console.print(f"{number} waits to be stored", highlight=False)


@quarantine_app.command("drop")
def quarantine_drop(number: QuarantineId, data: DataOption = folder.DEFAULT) -> None:
    """Delete one request for good: its spans will be missing."""
    Quarantine(data).drop(number)
    console.print(f"{number} is deleted", highlight=False)


def _print_unpriced_models(data: Path, clickhouse: str | None, output: Format) -> None:
    with folder.open_store(data, clickhouse) as store:
        rows = reports.unpriced_models(store)
    if output is not Format.table:
        _print_rows(rows, output, ["provider", "model", "spans", "input_tokens", "output_tokens", "first_seen", "last_seen", "fix"])
    else:
        print_unpriced_models(console, rows)


def _print_rows(rows: list[dict[str, Any]], output: Format, columns: list[str]) -> None:
    sys.stdout.write(as_json(rows) + "\n" if output is Format.json else as_csv(rows, columns))


def _in_order(first: datetime | None, last: datetime | None) -> None:
    if first and last and first > last:
        raise ConfigurationError("--from", [f"{first:%Y-%m-%d} is after --to {last:%Y-%m-%d}: no day lies between"])


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


@contextmanager
def _explained() -> Iterator[None]:
    """What goes wrong on purpose is a sentence, not a traceback."""
    try:
        yield
    except SpanledgerError as problem:
        # What users and ClickHouse write may look like markup; and what is copied from a terminal must not be folded.
        Console(stderr=True).print(f"[bold red]error:[/] {escape(str(problem))}", highlight=False, soft_wrap=True)
        sys.exit(1 if isinstance(problem, TableError) else 2)


def _read_secrets() -> None:
    """`SPANLEDGER_CLICKHOUSE_FILE` names a file that holds `SPANLEDGER_CLICKHOUSE`, as secrets are handed to containers."""
    name = "SPANLEDGER_CLICKHOUSE"
    file = os.environ.get(f"{name}_FILE")
    if not file or name in os.environ:
        return
    try:
        os.environ[name] = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigurationError(f"{name}_FILE", [f"{file}: cannot be read: {problem}"]) from None


def main() -> None:
    """Run the command."""
    with _explained():
        _read_secrets()
        app()


if __name__ == "__main__":
    main()
