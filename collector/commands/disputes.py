"""What teams say to their statements: `dispute` and `sign-off`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from attribution import disputes
from attribution.errors import RefusedError
from attribution.periods import check_period
from attribution.pools import as_amount
from collector import folder
from collector.commands.shared import (
    ClickHouseOption,
    ConfigOption,
    DataOption,
    Format,
    FormatOption,
    WhyOption,
    console,
    known_configuration,
    named,
    print_rows,
)
from collector.printing import print_table, usd

app = typer.Typer(help="Disputes over lines of statements: open, answer, settle, reject.", no_args_is_help=True)
signing = typer.Typer()
COLUMNS = [
    "dispute", "period", "team", "section", "item", "detail", "amount", "state", "opened_at", "opened_by", "reason", "answers", "settled",
    "payer", "ended_at", "ended_by", "outcome",
]  # fmt: skip
SIGNED = ["at", "team", "who", "amount", "note"]
SHOWN = ["dispute", "period", "team", "section", "item", "amount", "state", "reason", "answers", "settled", "payer"]

MonthArgument = Annotated[str, typer.Argument(metavar="MONTH", help="Of the statement, such as 2026-10.")]
DisputeArgument = Annotated[str, typer.Argument(metavar="ID", help="The dispute; its first digits are enough.")]
WhoOption = Annotated[str, typer.Option("--by", help="Who says it; else who is logged in here.", metavar="NAME")]
TeamOption = Annotated[str, typer.Option("--team", help="Whose statement it is.", metavar="T")]
AmountOption = Annotated[str | None, typer.Option("--amount", help="USD; without it, all of it.", metavar="USD")]


@app.command("open")
def dispute_open(
    period: MonthArgument,
    team: TeamOption,
    section: Annotated[str, typer.Option(help="Section of the line, as `statement --format csv` names it.", metavar="S")],
    item: Annotated[str, typer.Option(help="Item of the line.", metavar="I")],
    why: WhyOption,
    detail: Annotated[str | None, typer.Option(help="Detail of the line, where the item has several.", metavar="D")] = None,
    amount: AmountOption = None,
    who: WhoOption = "",
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Dispute a line of a team's statement, or a part of its amount."""
    disputed = None if amount is None else as_amount(amount)
    with folder.open_store(data, clickhouse) as store:
        number = disputes.open_dispute(
            store, known_configuration(store, config), period, team, section, item, detail, amount=disputed, who=named(who), reason=why
        )
    console.print(f"dispute {number} is open", highlight=False)


@app.command("answer")
def dispute_answer(
    dispute: DisputeArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is answered; it is kept.")],
    who: WhoOption = "",
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Answer a dispute; it stays open."""
    with folder.open_store(data, clickhouse) as store:
        disputes.answer(store, dispute, named(who), text)
    console.print(f"dispute {dispute} is answered", highlight=False)


@app.command("settle")
def dispute_settle(
    dispute: DisputeArgument,
    payer: Annotated[str, typer.Option("--to", help="The team that pays instead; '' for nobody.", metavar="TEAM")],
    why: WhyOption,
    amount: AmountOption = None,
    approver: Annotated[str, typer.Option("--approver", help="Who approves it; else who is logged in here.", metavar="NAME")] = "",
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """End a dispute by an adjustment: the team pays less, another one instead."""
    settled = None if amount is None else as_amount(amount)
    with folder.open_store(data, clickhouse) as store:
        booked = disputes.settle(
            store, known_configuration(store, config), dispute, payer, amount=settled, approver=named(approver), reason=why
        )
    console.print(f"dispute {dispute} is settled: the adjustment is booked in {booked}", highlight=False)


@app.command("reject")
def dispute_reject(
    dispute: DisputeArgument,
    why: WhyOption,
    who: WhoOption = "",
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """End a dispute without an adjustment."""
    with folder.open_store(data, clickhouse) as store:
        disputes.reject(store, dispute, named(who), why)
    console.print(f"dispute {dispute} is rejected", highlight=False)


@app.command("list")
def dispute_list(
    period: Annotated[str, typer.Argument(metavar="MONTH", help="Only those of this month.")] = "",
    team: Annotated[list[str] | None, typer.Option(help="Only those of this team.", metavar="T")] = None,
    output: FormatOption = Format.table,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Print disputes, what was answered and what became of them."""
    with folder.open_store(data, clickhouse) as store:
        rows = disputes.found(store, period, team)
    if output is not Format.table:
        print_rows(rows, output, COLUMNS)
        return
    shown: list[dict[str, Any]] = [
        {
            **{name: row[name] for name in SHOWN},
            "answers": "; ".join(row["answers"]),
            "settled": "" if row["settled"] is None else usd(row["settled"]),
        }
        for row in rows
    ]
    print_table(console, "Disputes", shown, money=["amount"])


@signing.command("sign-off")
def sign_off(
    period: MonthArgument,
    team: Annotated[str | None, typer.Option("--team", help="Whose statement it is.", metavar="T")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Sign nothing; print who signed, of all teams or the one that is named.")] = False,
    note: Annotated[str, typer.Option(help="What is written to it.", metavar="TEXT")] = "",
    who: WhoOption = "",
    output: FormatOption = Format.table,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Agree to what a team is charged in an open month; it counts as long as the month charges that."""
    if listed:
        _print_signed(period, team, output, data, clickhouse)
        return
    if team is None:
        raise RefusedError("--team: whose statement is signed must be said; `--list` prints who signed")
    with folder.open_store(data, clickhouse) as store:
        amount = disputes.sign_off(store, known_configuration(store, config), period, team, named(who), note)
    console.print(f"{period} is signed off for team {team}: {usd(amount)}", highlight=False, markup=False)


def _print_signed(period: str, team: str | None, output: Format, data: Path, clickhouse: str | None) -> None:
    check_period(period)
    with folder.open_store(data, clickhouse) as store:
        rows = disputes.signed(store, period, None if team is None else [team])
    if output is Format.table:
        print_table(console, f"Signed for {period}", rows, money=["amount"], digits=2)
    else:
        print_rows(rows, output, SIGNED)
