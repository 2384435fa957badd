"""Rows of JSON lines, of a JSON list, or of an object that holds a list."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attribution.errors import RefusedError
from collector.importing.spans import Record

HOLDERS = ("data", "observations", "logs", "response")
"""Members of an object that hold its rows."""
Row = Mapping[str, Any]
Line = tuple[int, Row | str]
"""Its number, and a row or why it is none."""
Told = tuple[int, Record | str]
"""The number of a row, and the call that it tells or what is wrong with it."""


def told_by(rows: Iterable[Line], read: Callable[[int, Row], Record | None]) -> Iterator[Told]:
    """What rows tell, by their numbers. `read` returns None for one that tells of no call, and raises ValueError for one that is wrong."""
    for number, row in rows:
        try:
            told = row if isinstance(row, str) else read(number, row)
        except (ValueError, OverflowError) as problem:
            told = str(problem)
        if told is not None:
            yield number, told


def files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """The files themselves, and of a folder those below it that end in `.jsonl`, by their names. Raises RefusedError where it has none."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        below = sorted(path.rglob("*.jsonl"))
        if not below:
            raise RefusedError(f"{path}: there is no file of JSON lines (.jsonl) below it")
        yield from below


def rows_of(path: Path) -> Iterator[Line]:
    """The rows of a file, with numbers from 1; JSON lines are read line by line. Fractions stay as they are written.

    Raises RefusedError where the file cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            first = next((line for line in file if line.strip()), "")
            if _is_row(first):
                file.seek(0)
                yield from _lines(file)
                return
            file.seek(0)
            whole = file.read()
    except (OSError, UnicodeDecodeError) as problem:
        raise RefusedError(f"{path}: cannot be read: {problem}") from None
    yield from _listed(path, whole)


def _is_row(line: str) -> bool:
    """Whether a line is a row by itself, and not the beginning of one JSON text or all of it."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        # A broken row of many is one too; a list or an object over several lines begins by a bracket alone.
        return line.strip() not in {"", "[", "{"} and not line.lstrip().startswith("[")
    return isinstance(row, dict) and not any(isinstance(row.get(name), list) for name in HOLDERS)


def _lines(file: Any) -> Iterator[Line]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, parse_float=str)
        except (ValueError, RecursionError):
            yield number, "is no JSON"
            continue
        yield number, row if isinstance(row, dict) else "is no JSON object"


def _listed(path: Path, whole: str) -> Iterator[Line]:
    try:
        found = json.loads(whole, parse_float=str)
    except (ValueError, RecursionError) as problem:
        raise RefusedError(f"{path}: is neither JSON lines nor JSON: {problem}") from None
    if isinstance(found, dict):
        found = next((found[name] for name in HOLDERS if isinstance(found.get(name), list)), [found])
    if not isinstance(found, list):
        raise RefusedError(f"{path}: a list of rows is needed")
    for number, row in enumerate(found, 1):
        yield number, row if isinstance(row, dict) else "is no JSON object"
