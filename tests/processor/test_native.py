"""What is written in the Native format is what ClickHouse reads."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.storage import Store
from collector.config import Config
from collector.core import native
from collector.core.native import MAP, NAME, TEXT, TIME, UINT64, Amount, List, Maybe, Type
from collector.processor import Processor
from collector.processor.values import number_text, text
from tests.attribution.otlp import exporter_to
from tests.processor.requests import DOUBLES, WHOLE, delivered, request

MONEY = Amount(12)
COLUMNS: dict[str, tuple[Type, list[Any]]] = {
    "texts": (TEXT, ["", "a" * 127, "é" * 64]),
    "short": (TEXT, ["a", "", "bc"]),
    "names": (NAME, ["x", "", "x"]),
    "one_name": (NAME, ["é", "é", "é"]),
    "numbers": (UINT64, [0, 1, 2**64 - 1]),
    "counts": (Maybe(UINT64), [None, 0, 7]),
    "unknown": (Maybe(UINT64), [None, None, None]),
    "money": (MONEY, [None, Decimal("-1.5"), Decimal("99999999999999999999999999.999999999999")]),
    "no_money": (MONEY, [None, None, None]),
    "too_much": (MONEY, [Decimal(10) ** 26, Decimal("1E-12"), Decimal("0.000000000000")]),
    "times": (List(TIME), [[], [1, 2], []]),
    "no_lists": (List(NAME), [[], [], []]),
    "lists": (List(NAME), [["a"], [], ["b", "a"]]),
    "maps": (MAP, [([], []), (["k"], [b"\x01v"]), (["k", "l"], [b"\x00", b"\x02vv"])]),
    "lists_of_maps": (List(MAP), [[], [(["k"], [b"\x01v"]), ([], [])], []]),
    "no_maps": (List(MAP), [[], [], []]),
}


def test_every_type(store: Store, tmp_path: Path) -> None:
    types = {name: kind for name, (kind, _) in COLUMNS.items()}
    block = native.block(types, {name: kind.written(values) for name, (kind, values) in COLUMNS.items()}, 3)
    columns = ", ".join(f"{name} {kind.name}" for name, kind in types.items())
    store.execute(f"CREATE TABLE written ({columns}) ENGINE = Memory")
    try:
        if store.reads_files:
            (tmp_path / "block").write_bytes(block)
            store.execute(f"INSERT INTO written SELECT * FROM file('{tmp_path / 'block'}', 'Native')")
        else:
            store.insert_block("written", list(types), block)
        rows = store.query("SELECT * EXCEPT (times), arrayMap(t -> toUnixTimestamp64Nano(t), times) AS times FROM written")
    finally:
        store.drop("written")
    expected = {name: list(map(plain, values)) for name, (_, values) in COLUMNS.items()} | {
        "too_much": [None, Decimal("1E-12"), Decimal(0)]
    }
    assert {name: [plain(row[name]) for row in rows] for name in COLUMNS} == expected


def plain(value: Any) -> Any:
    """A value as the driver reads it; of a map as it is written, its texts are not long."""
    if isinstance(value, tuple) and len(value) == 2:
        return dict(zip(value[0], (raw[1:].decode() for raw in value[1]), strict=True))
    return list(map(plain, value)) if isinstance(value, list | tuple) else value


def test_a_wrong_number_of_values_is_told() -> None:
    with pytest.raises(KeyError, match="b"):
        native.block({"a": TEXT, "b": TEXT}, {"a": b""}, 1)


def test_numbers_are_spelled_as_clickhouse_spells_them(store: Store) -> None:
    some = random.Random(7)
    doubles = [*DOUBLES, *(some.uniform(-1, 1) * 10.0**exponent for exponent in range(-30, 30) for _ in range(5))]
    doubles += [10.0**exponent for exponent in range(-25, 25)]
    [row] = store.query("SELECT arrayMap(x -> toString(x), {doubles:Array(Float64)}) AS doubles", {"doubles": doubles})
    assert [number_text(number) for number in doubles] == row["doubles"]
    [row] = store.query("SELECT arrayMap(x -> toString(x), {whole:Array(Int64)}) AS whole", {"whole": list(WHOLE)})
    assert [number_text(number) for number in WHOLE] == row["whole"]


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_what_is_nested_is_json(value: Any) -> None:
    if isinstance(value, dict | list):
        assert json.loads(text(value, keep_content=True)) == value


def test_a_delivery_of_everything_is_stored_as_it_was_sent(store: Store) -> None:
    some = random.Random(3)
    batch = [Processor(Config()).process(delivered(request(some), seq)) for seq in range(1, 40)]
    exporter_to(store).export(batch)
    stored = {row["span_id"]: row for row in store.query("SELECT * FROM span_records FINAL")}
    spans = [span for processed in batch for span in processed.spans]
    assert len(spans) == len(stored)
    for span in spans:
        row = stored[span.span_id.hex()]
        assert (row["trace_id"], row["name"], len(row["event_names"])) == (span.trace_id.hex(), span.name, len(span.events))
        assert row["link_span_ids"] == [link.span_id.hex() for link in span.links]
