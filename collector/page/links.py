"""Where values lead: every dimension has its page, every amount the postings that it is made of."""

from __future__ import annotations

from collections.abc import Mapping

from collector.page.sections import Column, Kind, Link, Row
from collector.page.selection import DIMENSIONS, Selection
from collector.printing import APPLIES_TO_ALL, NONE, UNATTRIBUTED

PAGES: Mapping[str, str] = {"team": "/team", "agent": "/agent", "workflow": "/workflow", "model": "/models", "pool": "/pools"}
"""Dimensions with a page of their own; others narrow the overview."""


def of_value(selection: Selection, dimension: str, value: str) -> str:
    """The page of a value of a dimension, of the same days."""
    only = selection.only(**{dimension: value})
    return only.link(PAGES.get(dimension, "/")) if value or dimension not in PAGES else only.link("/ledger")


def said(dimension: str, value: str) -> str:
    """A value for people: '' is what was not found, or what does not apply."""
    return value or (UNATTRIBUTED if dimension in APPLIES_TO_ALL else NONE)


def value_column(selection: Selection, dimension: str, field: str = "") -> Column:
    """A column of values of a dimension, each with a link to its page."""
    name = field or dimension
    return Column(name, dimension.replace("_", " "), "text", lambda row: of_value(selection, dimension, str(row[name])))


def amount_column(selection: Selection, field: str, title: str, **dimensions: str) -> Column:
    """A column of amounts; each leads to the postings with the row's values: `dimensions` has the field of each."""
    return Column(field, title, "money", postings(selection, **dimensions))


def postings(selection: Selection, **dimensions: str) -> Link:
    """To the postings of a row; `dimensions` has the field of each."""

    def link(row: Row) -> str:
        return selection.link("/ledger", **{dimension: str(row[field]) for dimension, field in dimensions.items()})

    return link


def trace_column(field: str = "trace_id") -> Column:
    """A column of traces."""
    return Column(field, "trace", "id", lambda row: f"/trace/{row[field]}" if row[field] else None)


def columns_of(selection: Selection, *names: str, **kinds: Kind) -> list[Column]:
    """Columns by name: dimensions lead to their pages, the others are of the kind that is given."""
    made: list[Column] = []
    for name in (*names, *kinds):
        if name in DIMENSIONS:
            made.append(value_column(selection, name))
        elif name == "trace_id":
            made.append(trace_column())
        else:
            made.append(Column(name, name.replace("_", " "), kinds.get(name, "text")))
    return made
