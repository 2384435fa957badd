"""Makes HTML of pages and sections, by the templates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from collector.page import formats, links
from collector.page.reader import written_out
from collector.page.sections import Column, Content, Page, Row, Section
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
    ("quality", "Data quality", "/quality"),
)
NUMBERS = frozenset({"money", "count", "percent", "change", "tokens", "duration"})
"""Kinds of columns that are aligned to the right."""


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
            "cell": cell,
            "unlinked": lambda column: replace(column, link=None),
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

    def failure(self, said: str, status: int) -> str:
        """Why there is no page."""
        return self._templates.get_template("failure.html").render(said=said, status=status, phrase=HTTPStatus(status).phrase)


def cell(column: Column, row: Row) -> Cell:
    """A value as it is shown."""
    value = row[column.field]
    link = (column.link(row) if column.link else None) or ""
    if column.kind == "change":
        return _change(value, row[column.before])
    if column.kind == "money" and isinstance(value, Decimal | int | None):
        return Cell(formats.money(_decimal(value)), formats.exact(_decimal(value)), link)
    if column.kind == "percent" and isinstance(value, Decimal | None):
        return Cell(formats.percent(value), "", link)
    if column.kind == "id":
        return Cell(str(value)[:8] + ("…" if len(str(value)) > 8 else ""), str(value), link)  # noqa: PLR2004  (as git shows them)
    return Cell(_plain(column, value), "", link)


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
