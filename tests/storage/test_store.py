"""The door to ClickHouse: a statement arrives as it was meant."""

from __future__ import annotations

import pytest

from attribution.storage import Store


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("SELECT 'x -- y'  -- don't", "x -- y"),
        ("SELECT 'it''s -- here'", "it's -- here"),
        ("SELECT 'it\\'s -- here' # don't", "it's -- here"),
        ("SELECT /* don't */ 'x -- y'", "x -- y"),
        ("SELECT $q$it's -- here$q$", "it's -- here"),
        ('SELECT "a--b" FROM (SELECT 1 AS "a--b")', 1),
        ("SELECT `it's -- here` FROM (SELECT 1 AS `it's -- here`)", 1),
        ("SELECT 'one\n    two'", "one\n    two"),
        ("SELECT {value:String} || '{other:String}' -- {none:String}", "a{other:String}"),
    ],
)
def test_only_comments_are_left_out(store: Store, said: str, meant: object) -> None:
    (row,) = store.query(said, {"value": "a", "none": "b"})
    assert list(row.values()) == [meant]


def test_the_latest_version_is_chosen_before_any_condition_but_on_the_key(store: Store) -> None:
    """Conditions on the sorting key may be looked at first; one on another column would bring an older version back."""
    store.execute("CREATE TABLE versions (id UInt32, version UInt32, value String) ENGINE = ReplacingMergeTree(version) ORDER BY id")
    for version, value in enumerate(("old", "new")):
        store.execute("INSERT INTO versions VALUES (7, {version:UInt32}, {value:String})", {"version": version, "value": value})
    for condition, found in (("value = 'old'", []), ("id = 7 AND value = 'old'", []), ("version = 0", []), ("id IN (7)", ["new"])):
        assert [row["value"] for row in store.query(f"SELECT value FROM versions FINAL WHERE {condition}")] == found
    plan = store.query("EXPLAIN actions = 1 SELECT value FROM versions FINAL WHERE id = 7 AND value = 'new'")
    assert any("Prewhere" in line["explain"] for line in plan)
