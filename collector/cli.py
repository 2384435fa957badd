"""The command `spanledger`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from attribution.errors import ConfigurationError, SpanledgerError, TableError

COMMANDS: Mapping[str, tuple[str, str]] = {
    "serve": ("serving", "Receive, price, store and attribute until stopped."),
    "doctor": (
        "serving",
        "Look at the configuration, the data folder, the store and the books; exit 1 and say what to do where something is wrong.",
    ),
    "demo": ("serving", "Send a realistic multi-agent workload through the real OpenTelemetry SDK, attribute it, and print who pays."),
    "attribute": ("ledger", "Attribute all that is pending and return."),
    "report": ("ledger", "Print what each value of a dimension, or of two, costs."),
    "trace": ("ledger", "Print a trace as a tree: agent, model, tokens, cost, and why a span was or was not billed."),
    "sql": ("ledger", "Run SQL that reads on the store."),
    "audit": ("ledger", "Check that the money adds up; exit 1 and print the offending rows when it does not."),
    "prices": ("prices", "Print the prices in force, with their sources and dates, and what they are unsure of; USD per million tokens."),
    "reprice": ("prices", "Apply today's prices to stored spans: print the difference by model, then post it as corrections."),
    "close": ("months", "Close a month, such as 2026-10: attribute what is pending, then freeze its statement."),
    "reopen": ("months", "Open a closed month again; what was booked late for it moves back."),
    "prune": ("months", "Let go of the spans of closed months, or of their content; the ledger stays whole."),
    "statement": (
        "statements",
        "Make the statement of a month: what each team pays, by workflow, agent, model and kind of cost, what is shared and why.",
    ),
    "sign-off": ("disputes:signing", "Agree to what a team is charged in an open month; it counts as long as the month charges that."),
    "dispute": ("disputes", "Disputes over lines of statements: open, answer, settle, reject."),
    "showback": ("showback", "Print what each team pays in a week, the change to the week before, and what explains it."),
    "reconcile": (
        "reconciling",
        "Hold an invoice against the ledger: billed = explained + unseen + variance, by provider, day, model and kind.",
    ),
    "anomalies": ("anomalies", "Print what cost or used far more than what went before it, why, and new agents."),
    "emitters": (
        "emitters",
        "Print what the calls of each emitter cost, and what it does not tell, so that a cost looks exact and is not.",
    ),
    "hints": (
        "hints",
        "Print what agents could save a month, with the evidence: another model, caching, failed and repeated calls, runs for nothing.",
    ),
    "import": ("importing", "Import the history of another program and attribute it; a row counts once however often it is imported."),
    "cluster": ("cluster", "Keep the spans on the shards of a ClickHouse cluster; once, and after each upgrade."),
    "pool": ("pools", "Pools: add cost that no span carries, see who pays for them."),
    "budget": ("budgets", "Budgets: what is left of them; set and remove, acknowledge, extend, pause and resume."),
    "notify": ("notifying", "Send a test message to the receivers of `notify`, at once, and say which have taken it."),
    "mcp": (
        "mcp",
        "Let agents ask a running service what is left for them and whether a call may be made, by MCP; over HTTP with keys of their own.",
    ),
    "quarantine": ("quarantine", "What was acknowledged and could not be stored, or may not be by a policy."),
    "config": ("configuration", "The configuration: check a file, hash a password for it."),
    "export": ("export", "Write what other programs read."),
}
"""Command to its file in `collector/commands`, and what `--help` says of it: that answers at once, for it imports no command. The file's
commands are its `app`, or what is named after a colon."""


DRIVERS = ("urllib3", "clickhouse_connect")


class _Commands(MutableMapping[str, Any]):
    """Commands by name, each imported when it is asked for. One that is a file with a help of its own is all of that file."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            file, _, named = COMMANDS[name][0].partition(":")
            group = get_group(getattr(import_module(f"collector.commands.{file}"), named or "app"))
            group.name = name
            self._loaded[name] = group if group.help else group.commands[name]
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Group(TyperGroup):
    """All commands. Its help is plain text: to draw a frame around it would take longer than all else."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands()

    def list_commands(self, ctx: Any) -> list[str]:
        """Names, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what is wrong with an option is said without the words of the library that reads it."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as problem:
            from attribution.configuration.complaints import in_words  # noqa: PLC0415  (nothing that --help waits for)

            problem.message = in_words(problem.message)
            raise

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Names and what they do, without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


app = typer.Typer(
    cls=_Group,
    name="spanledger",
    help="Who spent what, and who should pay: exact cost attribution for AI agents from OpenTelemetry traces.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415  (nothing that --help waits for)

        typer.echo(f"spanledger {version('spanledger')}")
        raise typer.Exit


@app.callback()
def _main(
    _: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)] = False,
) -> None:
    pass


@contextmanager
def _explained() -> Iterator[None]:
    """What goes wrong on purpose is a sentence, not a traceback."""
    try:
        yield
    except SpanledgerError as problem:
        from rich.console import Console  # noqa: PLC0415  (nothing that --help waits for)
        from rich.markup import escape  # noqa: PLC0415

        # What users and ClickHouse write may look like markup; and what is copied from a terminal must not be folded.
        Console(stderr=True).print(f"[bold red]error:[/] {escape(str(problem))}", highlight=False, soft_wrap=True)
        sys.exit(1 if isinstance(problem, TableError) else 2)


def _read_secrets() -> None:
    """`SPANLEDGER_X_FILE` names a file that holds `SPANLEDGER_X`, as secrets are handed to containers; `SPANLEDGER_X` goes before it."""
    for named, file in dict(os.environ).items():
        name = named.removesuffix("_FILE")
        if name == named or not name.startswith("SPANLEDGER_") or name in os.environ:
            continue
        try:
            os.environ[name] = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise ConfigurationError(named, [f"{file}: cannot be read: {problem}"]) from None


def _quiet_drivers() -> None:
    """What a driver meets is raised, and said where it is known what it means; the driver's own lines say it once more."""
    for name in DRIVERS:
        logging.getLogger(name).setLevel(logging.ERROR)


def main() -> None:
    """Run the command."""
    _quiet_drivers()
    with _explained():
        _read_secrets()
        app()


if __name__ == "__main__":
    main()
