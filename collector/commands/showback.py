"""What each team pays in a week, and why that changed: `showback`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from attribution.attribute import configuration_of
from attribution.errors import NotFoundError, RefusedError
from attribution.reports import Change, Showback, last_week, showback
from collector import folder
from collector.commands.shared import ClickHouseOption, ConfigOption, DataOption, Format, FormatOption, console, print_rows
from collector.config import Config
from collector.control.journal import Journal
from collector.control.notify import Outbox
from collector.printing import AT_LEAST, NONE, UNATTRIBUTED, usd_rounded

app = typer.Typer()
COLUMNS = [
    "first",
    "last",
    "team",
    "workflow",
    "pool",
    "before",
    "amount",
    "difference",
    "by_volume",
    "by_each",
    "runs_before",
    "runs",
    "at_least",
]
CHANGES_MAX = 10
"""That people are told of each team; the rest is one line."""


@app.command("showback")
def showback_command(
    _: Annotated[bool, typer.Option("--week", help="Of a week, from Monday to Sunday: the last one that has ended.")] = True,
    of: Annotated[datetime | None, typer.Option("--of", formats=["%Y-%m-%d"], help="Of the week with this day.", metavar="D")] = None,
    team: Annotated[str | None, typer.Option(help="Only this team; '' for what nobody was found for.", metavar="T")] = None,
    send: Annotated[bool, typer.Option("--send", help="Send it to the receivers of `notify` that want it, once a week and team.")] = False,
    output: FormatOption = Format.table,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Print what each team pays in a week, the change to the week before, and what explains it."""
    given = Config.load(config) if config else None
    if send and not any("showback" in receiver.events for receiver in (given.notify if given else ())):
        raise RefusedError("--send: no receiver wants it: name one under notify, with `events: [showback]`, in the file of --config")
    with folder.open_store(data, clickhouse) as store:
        timezone = configuration_of(store, given).periods.timezone
        monday = of.date() - timedelta(days=of.weekday()) if of else last_week(datetime.now(ZoneInfo(timezone)).date())
        found = [each for each in showback(store, timezone, monday) if team is None or each.team == team]
    if team is not None and not found:
        raise NotFoundError(f"team {team!r} paid nothing in the week from {monday} and in the one before")
    if send and given:
        _send(found, given, data)
    if output is Format.table and not found:
        console.print(f"no team paid anything in the week from {monday} and in the one before", highlight=False)
    elif output is Format.table:
        sys.stdout.write("\n".join(f"{title(each)}\n{text(each)}\n" for each in found))
    else:
        print_rows([row for each in found for row in _rows(each)], output, COLUMNS)


def _send(found: Sequence[Showback], config: Config, data: Path) -> None:
    """Into the outbox of the service, which sends it when it runs."""
    path = folder.Folder(data).control
    if not path.parent.exists():
        raise RefusedError(f"--send: {data}: there is no data folder of the service that would send it; name it with --data")
    journal = Journal(path)
    try:
        for each in found:
            Outbox(journal).put_showback(each.team, str(each.first), title(each), text(each), config.notify)
    finally:
        journal.close()


def title(one: Showback) -> str:
    """`Showback 2026-11-16 to 2026-11-22: sales`."""
    return f"Showback {one.first} to {one.last}: {one.team or UNATTRIBUTED}"


def text(one: Showback) -> str:
    """What a team pays, how much more that is, and why: as people read it."""
    total = f"{f'{AT_LEAST} ' if one.at_least else ''}{_usd(one.amount)}"
    changed = [change for change in one.changes if change.difference]
    shown, rest = changed[:CHANGES_MAX], changed[CHANGES_MAX:]
    left = sum((change.difference for change in rest), Decimal(0))
    lines = [f"{total}, {_compared(one.difference)} the week before ({_usd(one.before)})"]
    lines += [f"{_signed(change.difference)} {_why(change)}" for change in shown]
    if rest:
        lines.append(f"{_signed(left)} {len(rest)} others")
    return "\n".join(lines)


def _why(change: Change) -> str:
    if change.pool:
        return f"its part of {change.pool}"
    what = f"workflow {change.workflow or NONE}"
    if not change.runs_before and change.runs:
        return f"{what}: new, {_runs(change.runs)}"
    if not change.runs:
        return f"{what}: no runs any more" if change.runs_before else what
    of_runs = f"{_runs(change.runs)}, {change.runs_before} before ({_signed(change.by_volume)})"
    return f"{what}: {of_runs}; what each cost ({_signed(change.by_each)})"


def _compared(difference: Decimal) -> str:
    return "as much as" if not difference else f"{_usd(abs(difference))} {'more' if difference > 0 else 'less'} than"


def _runs(count: int) -> str:
    return f"{count} run" if count == 1 else f"{count} runs"


def _signed(amount: Decimal) -> str:
    return f"{'+' if amount > 0 else ''}{_usd(amount)}"


def _usd(amount: Decimal) -> str:
    return usd_rounded(amount, 2)


def _rows(one: Showback) -> Iterator[dict[str, Any]]:
    for change in one.changes:
        yield {
            "first": one.first,
            "last": one.last,
            "team": one.team,
            **{name: getattr(change, name) for name in COLUMNS[3:-1]},
            "at_least": one.at_least,
        }
