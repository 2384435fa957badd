"""The command line as a whole: its help is quick, and says what the commands say of themselves."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.main import get_command, get_group

import attribution
from collector import commands
from collector.cli import COMMANDS, app
from tests.e2e.serving import COMMAND, run

HEAVY = {
    "chdb", "clickhouse_connect", "genai_prices", "grpc", "jinja2", "opentelemetry", "pydantic", "reportlab", "rich", "starlette",
    "uvicorn", "xlsxwriter", "yaml",
}  # fmt: skip
"""Packages that take long to import, and that --help has no use for."""
ASKED = """
import sys
from collector.cli import main
sys.argv = ["spanledger", {option!r}]
try:
    main()
except SystemExit:
    pass
names = {{name.partition(".")[0] for name in sys.modules}}
print(sorted(names & {heavy!r}), [name for name in sys.modules if name.startswith("collector.commands")])
"""


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_what_asks_for_no_command_imports_none(option: str) -> None:
    done = run(sys.executable, "-c", ASKED.format(option=option, heavy=HEAVY))
    assert done.stdout.splitlines()[-1] == "[] []"
    assert done.stderr == ""


def test_help_names_every_command() -> None:
    done = run(*COMMAND, "--help")
    assert done.returncode == 0
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_of_a_command_what_it_says_of_itself(name: str) -> None:
    found = get_command(app).commands[name]  # type: ignore[attr-defined]
    assert COMMANDS[name][1] == found.get_short_help_str(200)
    assert found.name == name


def test_every_file_of_commands_is_in_the_table() -> None:
    for path in Path(commands.__path__[0]).glob("*.py"):
        for key, value in vars(import_module(f"collector.commands.{path.stem}")).items():
            if isinstance(value, typer.Typer):
                place = path.stem if key == "app" else f"{path.stem}:{key}"
                named = {name for name, (other, _) in COMMANDS.items() if other == place}
                group = get_group(value)
                assert len(named) == 1 if group.help else named == group.commands.keys(), place


def test_a_wrong_command_is_answered_with_the_nearest() -> None:
    done = run(*COMMAND, "reprot")
    assert done.returncode == 2
    assert "report" in done.stderr


def test_what_the_library_offers_is_there_when_it_is_asked_for() -> None:
    assert all(getattr(attribution, name) for name in attribution.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Leger'"):
        _ = attribution.Leger
