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
