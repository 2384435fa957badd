"""Makes the views from their `.sql` files. Their headers become comments in ClickHouse, so that DESCRIBE explains them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from attribution.storage import Store, quoted, quoted_name, statement, statements
from attribution.storage.models import Model, model
from attribution.storage.schema import INTERNAL as INTERNAL_COMMENT

INTERNAL, PUBLIC, CONTENTS = "views/internal", "views/public", "views/span_contents"


@cache
def public_views() -> tuple[Model, ...]:
    """The contract, in the order in which the views are made."""
    return tuple(map(model, statements(PUBLIC)))


def view_statements(store: Store) -> Iterator[str]:
    """The statements that make all views, in order, as the tables are by now."""
    for name in statements(INTERNAL):
        yield definition(model(name), INTERNAL_COMMENT)
    yield _span_contents(store)
    for one in public_views():
        yield definition(one)


def definition(one: Model, *comments: str) -> str:
    """The statement that makes a view, with comments on it and its columns."""
    columns = ",\n".join(f"    {quoted_name(column.name)} {column.type} COMMENT {quoted(column.meaning)}" for column in one.own_columns)
    comment = " ".join([*comments, one.purpose, f"One row for {one.fields['Grain']}."])
    return f"CREATE OR REPLACE VIEW {quoted_name(one.name)}\n(\n{columns}\n)\nAS\n{one.query}COMMENT {quoted(comment)}"


def follow_source_tables(store: Store) -> None:
    """Make `span_contents` anew: the spans, with their attributes wherever these are."""
    store.execute(_span_contents(store))


def _span_contents(store: Store) -> str:
    tables = [row["source_table"] for row in store.rows(f"{CONTENTS}/source_tables")]
    here = f"source_table NOT IN ({', '.join(map(quoted, tables))})" if tables else "true"
    parts = [statement(f"{CONTENTS}/stored_here").replace("{here}", here)]
    for table in tables:
        held = statement(f"{CONTENTS}/stored_in_table").replace("{source_table}", quoted(table))
        parts.append(held.replace("{name}", ".".join(map(quoted_name, table.split(".")))))
    comment = quoted(f"{INTERNAL_COMMENT} The spans with their attributes, wherever these are. One row for a span, resends counted once.")
    return "CREATE OR REPLACE VIEW span_contents AS\n" + "\nUNION ALL\n".join(parts) + f"\nCOMMENT {comment}"
