"""Every statement says what it is for; what tables, views and stages say of their columns and grains is what the engine says."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest

from attribution.attribute import attribute
from attribution.audits import audits
from attribution.configuration import AttributionConfig
from attribution.storage import Store, quoted_name, statements, work_tables
from attribution.storage.models import columns_of, model
from attribution.storage.schema import FEEDS, INTERNAL, TABLES, column_comments
from attribution.storage.work_tables import work_table_columns, work_table_models
from attribution.traces import batch
from attribution.views import public_views
from tests.attribution.cases import Settled
from tests.attribution.compare import deliver
from tests.oracle.strategies import Sizes, random_world

ROOMS = sorted(folder.name for folder in files("attribution").iterdir() if folder.is_dir() and not folder.name.startswith("__"))
STATEMENTS = [name for room in ROOMS for name in statements(room)]
INTERNAL_VIEWS = [model(name) for name in statements("views/internal")]
VIEWS = [*public_views(), *INTERNAL_VIEWS, model("audits/audits")]


def test_statements_are_found() -> None:
    assert len(STATEMENTS) > 150
    assert {"traces/03_tree/01_trees", "pools/08_allocations", f"{TABLES}/span_records"} <= set(STATEMENTS)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_says_its_purpose_and_grain(name: str) -> None:
    assert model(name).purpose


@pytest.mark.parametrize("view", public_views(), ids=lambda view: view.name)
def test_a_public_view_says_how_to_join_and_ask_it(view: Any) -> None:
    assert {"Joins", "Example"} <= view.fields.keys()
    assert all(column.meaning for column in view.own_columns)


@pytest.mark.parametrize("view", [*public_views(), model("audits/audits")], ids=lambda view: view.name)
def test_the_example_of_a_view_runs(settled: Settled, view: Any) -> None:
    settled.store.query(view.fields["Example"])


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_has_the_columns_and_the_grain_that_it_says(settled: Settled, view: Any) -> None:
    store = settled.store
    asked = "SELECT name, type, comment FROM system.columns WHERE database = currentDatabase() AND table = {view:String} ORDER BY position"
    there = [(row["name"], row["type"], row["comment"]) for row in store.query(asked, {"view": view.name})]
    assert there == [(column.name, column.type, column.meaning) for column in view.own_columns]
    if view.query.startswith(("SELECT", "WITH")):  # as ClickHouse would name them without our saying so
        assert described(store, view.query) == [(column.name, column.type) for column in view.own_columns]
    assert_unique(store, view.name, view.key)


@pytest.mark.parametrize("name", statements(TABLES), ids=lambda name: name.rpartition("/")[2])
def test_every_column_of_a_table_says_what_it_means(settled: Settled, name: str) -> None:
    table = name.rpartition("/")[2]
    asked = "SELECT name, comment FROM system.columns WHERE database = currentDatabase() AND table = {table:String}"
    there = {row["name"]: row["comment"] for row in settled.store.query(asked, {"table": table})}
    assert [column for column, comment in there.items() if not comment] == []
    assert dict(column_comments(name)) == there


def test_internal_tables_and_views_are_told_apart_at_sight(settled: Settled) -> None:
    rows = settled.store.query("SELECT name, comment FROM system.tables WHERE database = currentDatabase() AND name NOT LIKE 'staging%'")
    public = {view.name for view in public_views()} | {"audits"}
    assert {row["name"] for row in rows if not row["comment"].startswith(INTERNAL)} == public
    feeds = {name.rpartition("/")[2] for name in statements(FEEDS)}
    assert feeds <= {row["name"] for row in rows}


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Stages whose work tables were held against their headers, while they were filled, and these tables."""
    seen: set[str] = set()
    fill = work_tables.fill

    def filled(store: Store, stage: str, **parameters: Any) -> None:
        fill(store, stage, **parameters)
        one = model(stage)
        if one.kind == "Work table":
            if stage not in seen:  # whatever it is filled with, its columns are the same
                assert_yields_its_columns(store, stage, parameters)
            assert_unique(store, parameters[one.name], one.key)
            seen.update((stage, one.name))

    monkeypatch.setattr(work_tables, "is_needed", lambda *_: True)
    monkeypatch.setattr(work_tables, "fill", filled)
    monkeypatch.setattr(batch, "fill", filled)
    return seen


def assert_yields_its_columns(store: Store, stage: str, parameters: Any) -> None:
    declared = [(column.name, column.type) for column in work_table_columns(stage)]
    yielded = described(store, model(stage).query, parameters)
    assert [plain(kind) for _, kind in yielded] == [plain(kind) for _, kind in declared], stage
    # What has a name is where the header says; an expression without one is told by its place.
    named = [(given, name) for (given, _), (name, _) in zip(yielded, declared, strict=True) if re.fullmatch(r"\w+", given)]
    assert [pair for pair in named if pair[0] != pair[1]] == [], stage


def test_a_stage_makes_the_columns_and_the_grain_that_it_says(store: Store, looked_at: set[str]) -> None:
    for seed in range(6):
        case = random_world(seed, Sizes(traces_max=12, spans_max=8, linking_spans_max=4))
        config = AttributionConfig.model_validate({**case.config.model_dump(by_alias=True), "sessions": {"inherit": True}})
        deliver(store, case.deliveries)
        attribute(store, config)
    assert {*work_table_models("traces"), *work_table_models("pools")} - looked_at == set()


def test_what_is_carried_on_is_found() -> None:
    names = [column.name for column in columns_of(work_table_models("traces")["billing"], work_table_models("traces").__getitem__)]
    assert names[:4] == ["trace_id", "to_attribute", "span", "span_dimensions"]
    assert "tool" not in names


def test_every_audit_of_suspects_has_an_audit() -> None:
    of_suspects = {name.rpartition("/")[2] for name in statements(audits.SUSPECTS)}
    assert of_suspects <= {name.rpartition("/")[2] for name in statements(audits.VIOLATIONS)}


def described(store: Store, query: str, parameters: Any = None) -> list[tuple[str, str]]:
    """Names and types of what a query yields."""
    return [(row["name"], row["type"]) for row in store.query(f"DESCRIBE (\n{query})", parameters)]


def plain(kind: str) -> str:
    """A type as an INSERT sees it: dictionaries, names of tuple elements and Bool make no difference."""
    kind = re.sub(r"\s+", " ", kind).replace("( ", "(").replace(" )", ")")
    kind = re.sub(r"LowCardinality\((\w+)\)", r"\1", kind).replace("Bool", "UInt8")
    return re.sub(r"(?<=[(,] )\w+ (?=[A-Z])|(?<=\()[a-z]\w* (?=[A-Z])", "", kind)


def assert_unique(store: Store, table: str, key: tuple[str, ...]) -> None:
    """No two rows agree in all columns of the key."""
    if key:
        columns = ", ".join(map(quoted_name, key))
        assert store.query(f"SELECT {columns}, count() AS n FROM {quoted_name(table)} GROUP BY {columns} HAVING n > 1 LIMIT 3") == []
