"""Work tables: each pass has its own, and drops them when it ends.

A `.sql` file with a header `Work table: NAME` is a query. Its header declares the columns, so the table is made without ClickHouse having
to analyze the query for them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from functools import cache
from typing import Any

from attribution.storage.models import Column, Model, columns_of, model
from attribution.storage.statements import statement, statements
from attribution.storage.store import Store, quoted_name

PLANNED_QUICKLY = "SETTINGS query_plan_merge_expressions = 0"
"""Stages are many steps over many columns. To merge their steps takes a tenth of a small pass, and makes no large one faster."""

INSERTED_INTO = re.compile(r"^INSERT INTO \S+(?:\s+\([^)]+\))?", re.MULTILINE)
"""The part of an INSERT that settings follow."""


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


def run_stages(store: Store, stages: Iterable[str], **parameters: Any) -> AbstractSet[str]:
    """Run stages in their order: make and fill the work table of each, or execute its statement. Which traits the batch has.

    A long statement takes its time to be analyzed, so a stage says in its header which traits it needs. Statements of the kind Traits
    say which of them the batch has. A stage that needs none of these leaves its table empty.
    """
    traits: set[str] = set()
    for stage in stages:
        one = model(stage)
        if one.kind == "Work table":
            make(store, stage, **parameters)
        if not is_needed(one, traits):
            continue
        if one.kind == "Traits":
            traits.update(name for name, is_there in store.rows(stage, **parameters)[0].items() if is_there)
        else:
            fill(store, stage, **parameters)
    return traits


def is_needed(one: Model, traits: AbstractSet[str]) -> bool:
    """Whether a stage has anything to do for a batch with these traits."""
    return not one.needs or not one.needs.isdisjoint(traits)


def make(store: Store, stage: str, **parameters: Any) -> None:
    """Make the work table of a stage, empty."""
    one = model(stage)
    declared = ", ".join(f"{quoted_name(column.name)} {column.type}" for column in work_table_columns(stage))
    store.execute(f"CREATE TABLE {quoted_name(parameters[one.name])} ({declared}) ENGINE = {one.fields.get('Engine', 'Memory')}")


def fill(store: Store, stage: str, **parameters: Any) -> None:
    """Insert what the query of a stage yields into its work table; execute it where it makes none."""
    one = model(stage)
    sql = f"INSERT INTO {{{one.name}:Identifier}}\n{one.query}" if one.kind == "Work table" else statement(stage)
    store.execute(INSERTED_INTO.sub(rf"\g<0> {PLANNED_QUICKLY}", sql, count=1), parameters)


@cache
def work_table_columns(stage: str) -> Sequence[Column]:
    """All columns of the work table of a stage, in their order."""
    return columns_of(model(stage), work_table_models(stage.split("/", maxsplit=1)[0]).__getitem__)
