"""The page of supported emitters says what the tables say."""

from pathlib import Path

from attribution.conventions import Conventions, is_content, table
from attribution.conventions.page import render

PAGE = Path(__file__).parents[2] / "docs" / "emitters.md"


def test_the_committed_page_is_what_the_tables_render():
    assert PAGE.read_text(encoding="utf-8") == render(), "run `make docs`"


def test_every_key_is_on_the_page():
    page = render()
    fields = (table.TEXTS, table.TEXT_MEMBERS, table.COUNTS, table.UNITS)
    keys = [key for each in fields for found in each.values() for key in found] + [*table.KINDS, *table.COSTS]
    assert [key for key in keys if f"`{key}`" not in page] == []


def test_what_is_counted_and_priced_is_never_content():
    """Content is dropped at storage; what repricing reads again must be there still. What it finds gone is kept as it was read."""
    content = {key for key in Conventions().keys if is_content(key)}
    assert content <= {*table.QUOTED_RESPONSE_IDS, *table.TOLD_IN_CONTENT}
