"""The rooms of the library are in the order of the flow: nobody imports back up."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import attribution

BELOW = Path(attribution.__file__).parent
ROOMS = sorted(
    path.stem for path in BELOW.iterdir() if not path.name.startswith("_") and (path.suffix == ".py" or (path / "__init__.py").exists())
)
ORDER = [name for name in re.findall(r"`(\w+)`", attribution.__doc__ or "") if name in ROOMS]
"""As the docstring of the package has it."""


def imported(room: str) -> Iterator[str]:
    """Rooms that one imports, itself left out."""
    paths = (BELOW / room).rglob("*.py") if (BELOW / room).is_dir() else [BELOW / f"{room}.py"]
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "attribution":
                yield from node.module.split(".")[1:2] or (alias.name for alias in node.names)
            elif isinstance(node, ast.Import):
                yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("attribution."))


def test_every_room_has_its_place_in_the_docstring() -> None:
    assert sorted(ORDER) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_those_before_it(room: str) -> None:
    assert [other for other in set(imported(room)) - {room} if ORDER.index(other) > ORDER.index(room)] == []
