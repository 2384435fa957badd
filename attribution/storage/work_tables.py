"""Work tables: each pass has its own, and drops them when it ends.

A `.sql` file with a header `Work table: NAME` is a query. Its header declares the columns, so the table is made without ClickHouse having
to analyze the query for them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from attribution.storage.models import Column, Model, columns_of, model
from attribution.storage.statements import condition_of, statement, statements
from attribution.storage.store import Store, quoted_name


@cache
def work_table_models(folder: str) -> dict[str, Model]:
    """The work tables that the statements below a folder make, by name."""
    models = (model(name) for name in statements(folder))
    return {one.name: one for one in models if one.kind == "Work table"}


@contextmanager
def work_tables(store: Store, folder: str) -> Iterator[dict[str, str]]:
    """Names of this pass's own tables, for every work table below a folder; dropped when it ends."""
    own = uuid.uuid4().hex[:12]
    tables = {name: f"work_{own}_{name}" for name in work_table_models(folder)}
    try:
        yield tables
    finally:
        store.drop(*tables.values())


def run_stage(store: Store, stage: str, **parameters: Any) -> None:
    """Make and fill the work table of a stage, or execute its statement; a stage with nothing to do leaves its table empty.

    A long statement takes its time to be analyzed, so stages that few batches need are preceded by a short question.
    """
    if model(stage).kind == "Work table":
        make(store, stage, **parameters)
    condition = condition_of(stage)
    if condition is None or store.rows(condition, **parameters):
        fill(store, stage, **parameters)


def make(store: Store, stage: str, **parameters: Any) -> None:
    """Make the work table of a stage, empty."""
    one = model(stage)
    declared = ", ".join(f"{quoted_name(column.name)} {column.type}" for column in work_table_columns(stage))
    store.execute(f"CREATE TABLE {quoted_name(parameters[one.name])} ({declared}) ENGINE = {one.fields.get('Engine', 'Memory')}")


def fill(store: Store, stage: str, **parameters: Any) -> None:
    """Insert what the query of a stage yields into its work table; execute it where it makes none."""
    one = model(stage)
    store.execute(f"INSERT INTO {{{one.name}:Identifier}}\n{one.query}" if one.kind == "Work table" else statement(stage), parameters)


@cache
def work_table_columns(stage: str) -> Sequence[Column]:
    """All columns of the work table of a stage, in their order."""
    return columns_of(model(stage), work_table_models(stage.split("/", maxsplit=1)[0]).__getitem__)
