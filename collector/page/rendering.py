"""Makes HTML of pages and sections, by the templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from collector.page import formats, links
from collector.page.reader import written_out
from collector.page.sections import Column, Content, Page, Row, Section, Table
from collector.page.selection import DIMENSIONS, RANGES
from collector.page.view import View

NAVIGATION = (
    ("overview", "Overview", "/"),
    ("team", "Teams", "/team"),
    ("agent", "Agents", "/agent"),
    ("workflow", "Workflows", "/workflow"),
    ("traces", "Traces", "/traces"),
    ("models", "Models", "/models"),
    ("pools", "Pools", "/pools"),
    ("budgets", "Budgets", "/budgets"),
    ("statements", "Statements", "/statements"),
    ("disputes", "Disputes", "/disputes"),
    ("anomalies", "Anomalies", "/anomalies"),
    ("hints", "Hints", "/hints"),
    ("quality", "Data quality", "/quality"),
)
NUMBERS = frozenset({"money", "price", "count", "percent", "change", "tokens", "duration", "quantity"})
"""Kinds of columns that are aligned to the right."""
HEX_ID = re.compile(r"[0-9a-f]{32}")
ID_SHOWN = 8
"""As git shows them."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A section, and what it shows; neither content nor trouble: it is shown later."""

    section: Section
    content: Content | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell."""

    text: str
    title: str = ""
    link: str = ""
    tone: str = ""


class Renderer:
    """The templates."""

    def __init__(self, version: str) -> None:
        self._templates = Environment(
            loader=PackageLoader("collector.page"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {
            "version": version,
            "navigation": NAVIGATION,
            "ranges": RANGES,
            "dimensions": DIMENSIONS,
            "numbers": NUMBERS,
            "lined_up": lined_up,
            "said": links.said,
            "sql": written_out,
            "money": formats.money,
            "exact": formats.exact,
            "count": formats.count,
        }

    def page(self, view: View, path: str, page: Page, shown: list[Shown]) -> str:
        """A whole page."""
        return self._templates.get_template("page.html").render(view=view, path=path, page=page, shown=shown)

    def section(self, view: View, path: str, shown: Shown) -> str:
        """One section, for the script."""
        return self._templates.get_template("part.html").render(view=view, path=path, shown=shown)

    def failure(self, said: str, phrase: str) -> str:
        """Why there is no page."""
        return self._templates.get_template("failure.html").render(said=said, phrase=phrase)


def lined_up(table: Table) -> tuple[list[list[Cell]], list[Cell]]:
    """The cells of a table row by row, and those of its total; amounts of a column have as many digits as the others."""
    whole = [table.total] if table.total is not None else []
    places = {
        column.field: formats.places_of([row[column.field] for row in (*table.rows, *whole) if isinstance(row[column.field], Decimal)])
        for column in table.columns
        if column.kind == "money"
    }
    rows = [[cell(column, row, places.get(column.field, formats.CENTS)) for column in table.columns] for row in table.rows]
    total = [_total(replace(column, link=None), row, places) for row in whole for column in table.columns]
    return rows, total


def _total(column: Column, row: Row, places: Mapping[str, int]) -> Cell:
    value = row.get(column.field, "")
    return Cell(value or "") if value is None or isinstance(value, str) else cell(column, row, places.get(column.field, formats.CENTS))


def cell(column: Column, row: Row, places: int) -> Cell:
    """A value as it is shown."""
    value = row[column.field]
    link = (column.link(row) if column.link else None) or ""
    if column.kind == "change":
        return _change(value, row[column.before])
    if column.kind == "money" and isinstance(value, Decimal | int | None):
        return Cell(formats.money_in_column(_decimal(value), places), formats.exact(_decimal(value)), link)
    if column.kind == "price":
        return Cell("" if value is None else formats.price(value))
    if column.kind == "percent" and isinstance(value, Decimal | None):
        return Cell(formats.percent(value), "", link)
    if column.kind == "quantity":
        return Cell("") if value is None else Cell(formats.quantity(value, row["unit"]), formats.exact_quantity(value, row["unit"]), link)
    said = _plain(column, value)
    is_id = column.kind == "id" or HEX_ID.fullmatch(said)
    link = link if said else ""  # without a name it would lead nobody anywhere
    return Cell(f"{said[:ID_SHOWN]}…", said, link) if is_id and len(said) > ID_SHOWN else Cell(said, "", link)


def _plain(column: Column, value: Any) -> str:
    if column.kind == "count" and not isinstance(value, str):
        return "" if value is None else formats.count(value)
    if column.kind == "duration":
        return formats.duration(value)
    if column.kind == "moment":
        return formats.moment(value)
    if column.field in DIMENSIONS and isinstance(value, str):
        return links.said(column.field, value)
    return formats.plain(value)


def _change(now: Any, before: Any) -> Cell:
    said = formats.change(now, before)
    return Cell(
        said,
        f"{formats.money(before)} before" if said else "",
        tone="up" if said.startswith("+") else "down" if said.startswith(formats.MINUS) else "",
    )


def _decimal(value: Decimal | int | None) -> Decimal | None:
    return None if value is None else Decimal(value)
