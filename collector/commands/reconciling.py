"""Invoices held against the ledger: `reconcile`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from attribution.attribute import configuration_of
from attribution.billing import FORMATS, REST, Invoice, PrincipalBilled, Reconciled, by_principal, keep_reconciled, read_invoice, reconcile
from attribution.configuration import AttributionConfig
from attribution.errors import ConfigurationError, RefusedError
from attribution.ledger import Ledger
from attribution.pools import add_cost
from attribution.storage import Store
from collector import folder
from collector.billing_apis import BILLING_APIS, fetch_invoice
from collector.commands.days import FirstDayOption, LastDayOption, MonthOption, check_days, days_of_month
from collector.commands.shared import ClickHouseOption, ConfigOption, DataOption, Format, FormatOption, console, print_rows
from collector.config import Config
from collector.printing import print_table, usd

app = typer.Typer()
MONEY = ["billed", "explained", "unseen", "variance"]
PRINCIPAL_MONEY = ["billed", "unseen_at_least", "unseen_at_most"]


@app.command(name="reconcile")
def reconcile_command(
    provider: Annotated[
        str,
        typer.Option(
            help=f"Whose file it is: {', '.join(FORMATS)}; or whose API is asked: {', '.join(BILLING_APIS)}.",
            metavar="P",
        ),
    ],
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE...", help="What the provider exports or answers: CSV, Parquet, JSON; without a file the API is asked."
        ),
    ] = None,
    month: MonthOption = None,
    first: FirstDayOption = None,
    last: LastDayOption = None,
    organization: Annotated[str, typer.Option(help="Whose bill GitHub is asked for.", metavar="ORG")] = "",
    url: Annotated[str | None, typer.Option(help="Another address of the API, such as a proxy's.", metavar="URL")] = None,
    true_up: Annotated[
        str | None, typer.Option("--true-up", help="Add what no span tells of to this pool, in its month, which is open.", metavar="POOL")
    ] = None,
    principals: Annotated[
        bool, typer.Option("--principals", help="Say what each principal is billed, and what of it may be unseen.")
    ] = False,
    output: FormatOption = Format.table,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Hold an invoice against the ledger: billed = explained + unseen + variance, by provider, day, model and kind."""
    days: tuple[date, ...] = ()
    check_days(first, last, month, None)
    if files:
        if month or first or last or url or organization:
            raise ConfigurationError("FILE", ["says which days it bills: leave out --month, --from, --to, --url and --organization"])
        invoice = read_invoice(files, provider)
    else:
        days = _days_that_ended(provider, month, first, last)
        invoice = Invoice(fetch_invoice(provider, *days, address=url, organization=organization))
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        found = reconcile(store, invoice.lines, days)
        billed_for = by_principal(invoice.lines, found)
        keep_reconciled(store, found, billed_for)
        if output is not Format.table:
            shown, columns = (billed_for, PrincipalBilled) if principals else (found, Reconciled)
            print_rows([asdict(each) for each in shown], output, list(columns.__dataclass_fields__))
        else:
            _print_tables(found, billed_for)
        if invoice.refused_count:
            _say_refused(invoice, f"nothing is added to pool {true_up}" if true_up else "billed is at least what is said here")
        if true_up:
            for added in _true_up(store, configuration_of(store, given), true_up, found):
                typer.echo(added, err=output is not Format.table)  # what reads rows next reads nothing else
            Ledger(store).attribute(given)


def _print_tables(found: Sequence[Reconciled], billed_for: Sequence[PrincipalBilled]) -> None:
    rows: list[dict[str, Any]] = [asdict(each) for each in found]
    print_table(console, "Reconciliation", rows, money=MONEY)
    if billed_for:
        print_table(console, "By principal", _of_all_days(billed_for), money=PRINCIPAL_MONEY)
    sums = {name: sum((row[name] for row in rows), Decimal(0)) for name in MONEY}
    print_table(console, "In all", [sums], money=MONEY)
    if sums["billed"]:
        # What the ledger has beyond the invoice explains nothing of it.
        explained = sum((each.explained for each in found if each.kind != REST), Decimal(0))
        console.print(f"explained: {explained / sums['billed'] * 100:.2f}% of what is billed", highlight=False)


def _of_all_days(billed_for: Sequence[PrincipalBilled]) -> list[dict[str, Any]]:
    """A row for each principal, those first that are billed most."""
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for each in billed_for:
        one = sums.setdefault((each.provider, each.principal), [Decimal(0)] * len(PRINCIPAL_MONEY))
        one[:] = [amount + getattr(each, name) for amount, name in zip(one, PRINCIPAL_MONEY, strict=True)]
    rows = [
        {"provider": provider, "principal": principal, **dict(zip(PRINCIPAL_MONEY, amounts, strict=True))}
        for (provider, principal), amounts in sums.items()
    ]
    return sorted(rows, key=lambda row: (row["provider"], -row["billed"], row["principal"]))


def _say_refused(invoice: Invoice, so: str) -> NoReturn:
    for line in invoice.refused:
        typer.echo(line, err=True)
    raise RefusedError(f"rows that cannot be read: {invoice.refused_count}; {so}: mend them and reconcile again")


def _days_that_ended(provider: str, month: str | None, first: datetime | None, last: datetime | None) -> tuple[date, date]:
    """The days that an API is asked for: of a day that has not ended in UTC, neither side knows all."""
    if provider not in BILLING_APIS:
        raise RefusedError(f"{provider!r} has no API that can be asked: name its FILE; of {', '.join(BILLING_APIS)} the API can be asked")
    if month:
        asked = days_of_month(month)
    elif first and last:
        asked = first.date(), last.date()
    else:
        raise ConfigurationError("--month", ["is missing: the API is asked for a month, or by --from and --to, where no FILE is named"])
    ended = datetime.now(UTC).date() - timedelta(days=1)
    if asked[0] > ended:
        raise ConfigurationError("--month" if month else "--from", [f"no day from {asked[0]} on has ended yet, in UTC"])
    return asked[0], min(asked[1], ended)


def _true_up(store: Store, config: AttributionConfig, pool: str, found: Sequence[Reconciled]) -> Iterator[str]:
    """Of each month and provider only what the pool does not have yet: the same days again add nothing, corrected or more days the rest."""
    providers = sorted({each.provider for each in found})
    for month in sorted({f"{each.day:%Y-%m}" for each in found}):
        for row in store.rows("billing/unseen_of_month", period=month, providers=providers):
            note = f"true-up: {row['provider']} billed what no span tells of"
            missing = row["unseen"] - store.rows("billing/additions_of_note", period=month, pool=pool, note=note)[0]["amount"]
            if missing:
                add_cost(store, config, pool, missing, month, note=note)
                yield f"{usd(missing)} added to pool {pool} in {month}"
