"""What users meet is documented: commands, options, settings, views, metrics, dependencies."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from typer.main import get_command

from attribution.reports import REPORTS
from attribution.views import public_views
from attribution.views.page import page
from collector.cli import app
from collector.config import Config

ROOT = Path(__file__).parent.parent
DOCS = {path.name: path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ALL = "\n".join(DOCS.values())
COMMANDS: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]


def keys(model: type[BaseModel]) -> Iterator[str]:
    """Every key of the configuration, nested ones too."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        for kind in [field.annotation, *_arguments(field.annotation)]:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from keys(kind)


def _arguments(kind: Any) -> Iterator[Any]:
    for argument in getattr(kind, "__args__", ()):
        yield argument
        yield from _arguments(argument)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_documented(name: str) -> None:
    assert f"spanledger {name}" in ALL or f"make {name}" in ALL


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_says_what_it_is_for(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    assert [option.name for option in command.params if option.param_type_name == "option" and not option.help] == []


@pytest.mark.parametrize("key", sorted(set(keys(Config))))
def test_every_setting_is_documented(key: str) -> None:
    assert re.search(rf"\b{key}\b", DOCS["configuration.md"] + DOCS.get("pricing.md", ""))


@pytest.mark.parametrize("name", [one.name for one in public_views()] + ["audits"])
def test_every_view_is_documented(name: str) -> None:
    assert f"\n## {name}\n" in DOCS["views.md"]


def test_the_page_of_views_is_what_their_headers_render() -> None:
    assert DOCS["views.md"] == page(), "run `make docs`"


def test_every_dimension_of_report_is_in_the_readme() -> None:
    assert all(by in DOCS["README.md"] for by in REPORTS)


def test_every_dependency_earns_its_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"] + project["optional-dependencies"]["dataframes"]
    names = [re.match(r"[A-Za-z0-9.-]+", requirement)[0] for requirement in wanted]  # type: ignore[index]
    assert [name for name in names if name not in DOCS["dependencies.md"] and not name.startswith("types-")] == []


def test_links_between_pages_lead_somewhere() -> None:
    for name, text in DOCS.items():
        folder = ROOT if name == "README.md" else ROOT / "docs"
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (folder / target).exists(), f"{name}: {target}"


def test_what_contributing_names_exists() -> None:
    """Paths, and tests by name; a folder may be written with a slash at its end."""
    names = re.findall(r"`((?:attribution|bench|collector|docs|findings|tests)/[^`\s]*|[A-Z]+\.md)`", CONTRIBUTING)
    assert len(names) > len({"rooms", "recipes"})
    for name in names:
        path, _, test = name.partition("::")
        assert (ROOT / path).exists(), name
        assert not test or f"\ndef {test}(" in (ROOT / path).read_text(encoding="utf-8"), name
    for target in re.findall(r"\]\(([^)#:]+)\)", CONTRIBUTING):
        assert (ROOT / target).exists(), target


def test_contributing_names_every_room() -> None:
    rooms = [path.parent.name for path in (ROOT / "attribution").glob("*/__init__.py")]
    assert [room for room in rooms if f"`attribution/{room}/`" not in CONTRIBUTING] == []


def test_commands_of_contributing_are_targets_of_make() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)`", CONTRIBUTING)) <= targets
