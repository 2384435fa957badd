"""The rows of what providers export: CSV, Parquet, JSON lines, or JSON as an API answers; tables and lines are read piece by piece."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO, TypeGuard

from attribution.billing.lines import Row, columns_of
from attribution.errors import RefusedError

PARQUET_ROWS = 10_000
"""Read at once."""
Placed = tuple[str, Row | str]
"""Where a row stands, such as `line 7`, and the row or what is wrong with it."""


def placed_rows(path: Path, *, answers: bool) -> Iterator[Placed]:
    """The rows of a file, by its name: `.parquet`, `.csv`, and all else as JSON; but for Parquet also with `.gz`.

    Args:
        path: the file.
        answers: whether JSON is what an API answers, and not rows.

    Raises RefusedError where the file cannot be read.
    """
    name = path.name.lower().removesuffix(".gz")
    try:
        if name.endswith(".parquet"):
            yield from _parquet(path)
            return
        with _opened(path) as file:
            if name.endswith(".csv"):
                yield from _table(file)
            elif answers:
                yield from _answers_of(path, file)
            else:
                yield from _json_rows(path, file)
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as problem:
        raise RefusedError(f"{path}: cannot be read: {problem}") from None


def _opened(path: Path) -> TextIO:
    packed = path.name.lower().endswith(".gz")
    # newline="": line ends within quotes belong to the value.
    return gzip.open(path, "rt", encoding="utf-8-sig", newline="") if packed else path.open(encoding="utf-8-sig", newline="")


def _table(file: TextIO) -> Iterator[Placed]:
    reader = csv.reader(file)
    names = tuple(next(reader, []))
    columns = columns_of(names)
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            yield f"line {reader.line_num}", f"is no CSV: {problem}"
            continue
        if len(values) > len(names):
            yield f"line {reader.line_num}", f"has {len(values)} values, and the header {len(names)} columns"
        elif values:
            yield f"line {reader.line_num}", Row(columns, values)


def _parquet(path: Path) -> Iterator[Placed]:
    try:
        from pyarrow import parquet  # noqa: PLC0415  (an extra)
    except ImportError:
        raise RefusedError("pyarrow is not installed: pip install 'spanledger[dataframes]'") from None
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(PARQUET_ROWS):
                columns = columns_of(tuple(batch.schema.names))
                for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    number += 1
                    yield f"row {number}", Row(columns, values)
    except ValueError as problem:
        raise RefusedError(f"{path}: cannot be read as Parquet: {problem}") from None


def _json_rows(path: Path, file: TextIO) -> Iterator[Placed]:
    """Of JSON lines, or of one list."""
    first = next((line for line in file if line.strip()), "")
    file.seek(0)
    if first.lstrip().startswith("["):
        items = _json(path, file)
        if not _are_objects(items):
            raise RefusedError(f"{path}: a list of rows is needed")
        yield from ((f"row {number}", Row.of(item)) for number, item in enumerate(items, 1))
        return
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line, parse_float=Decimal)
        except (ValueError, RecursionError):
            yield f"line {number}", "is no JSON"
            continue
        yield f"line {number}", Row.of(item) if isinstance(item, dict) else "is no JSON object"


def _answers_of(path: Path, file: TextIO) -> Iterator[Placed]:
    answer = _json(path, file)
    answers = answer if isinstance(answer, list) else [answer]
    yield from answered(answers, str(path))
    if answers and answers[-1].get("has_more"):
        raise RefusedError(f"{path}: more pages follow this answer (`has_more`): fetch them all, as a list of answers")


def _json(path: Path, file: TextIO) -> Any:
    try:
        return json.load(file, parse_float=Decimal)
    except (json.JSONDecodeError, RecursionError) as problem:
        raise RefusedError(f"{path}: is no JSON: {problem}") from None


def _are_objects(items: Any) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(items, list) and all(isinstance(item, dict) for item in items)


def answered(answers: Sequence[Any], where: str) -> Iterator[tuple[str, Row]]:
    """The rows of answers: what is in their buckets, each with the start of its bucket, or what is in them without buckets."""
    yield from ((f"row {number}", Row.of(members)) for number, members in enumerate(_members(answers, where), 1))


def _members(answers: Iterable[Any], where: str) -> Iterator[Mapping[str, Any]]:
    for answer in answers:
        items = answer.get("data", answer.get("usageItems")) if isinstance(answer, dict) else None
        if not _are_objects(items) or not all(_are_objects(item.get("results", [])) for item in items):
            raise RefusedError(f"{where}: an answer of the provider's API is needed, with its `data` or `usageItems`")
        for item in items:
            if "results" in item:
                starts = item.get("start_time", item.get("starting_at"))
                yield from ({**result, "starts": starts} for result in item["results"])
            else:
                yield {**item, "timePeriod": answer.get("timePeriod")}
