"""Every SQL statement stands in a `.sql` file beside the Python that runs it, and is named by its path below `attribution/`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable


@cache
def statement(name: str) -> str:
    """The text of `attribution/NAME.sql`."""
    return files("attribution").joinpath(f"{name}.sql").read_text(encoding="utf-8")


@cache
def statements(folder: str) -> tuple[str, ...]:
    """Names of the statements below a folder, in the order of their paths."""
    return tuple(sorted(_sql_below(files("attribution").joinpath(folder), folder)))


def _sql_below(place: Traversable, path: str) -> Iterator[str]:
    for entry in place.iterdir():
        if entry.is_dir():
            yield from _sql_below(entry, f"{path}/{entry.name}")
        elif entry.name.endswith(".sql"):
            yield f"{path}/{entry.name.removesuffix('.sql')}"
