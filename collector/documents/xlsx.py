"""A document as a workbook: a sheet a page, amounts as numbers, and all lines with all digits as text on the last sheet.

A spreadsheet counts in binary fractions of 15 digits: the sheet `Exact` is what the books say.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook

from collector.documents.document import Cell, Column, Document, Page, Table
from collector.documents.lines import COLUMNS

SHEET_NAME_MAX = 31
NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")
CELL_MAX = 32_767
"""What Excel allows."""
FORMATS: Mapping[str, Mapping[str, Any]] = {
    "text": {"text_wrap": True, "valign": "top"},
    "usd": {"num_format": "#,##0.00"},
    "share": {"num_format": "0.00%"},
    "number": {"num_format": "#,##0.######"},
}
WIDTHS = {"text": 34, "usd": 16, "share": 10, "number": 14}


def as_xlsx(document: Document, lines: Sequence[Mapping[str, Any]]) -> bytes:
    """The workbook; texts are written as texts, so that none of them is a formula."""
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    book.set_properties({"title": document.title, "subject": document.state, "created": document.made_at.replace(tzinfo=None)})
    formats = {kind: book.add_format(how) for kind, how in FORMATS.items()}
    totals = {kind: book.add_format({**how, "bold": True, "top": 1}) for kind, how in FORMATS.items()}
    bold, title = book.add_format({"bold": True, "bottom": 1}), book.add_format({"bold": True, "font_size": 16})
    taken: set[str] = set()
    for page in document.pages:
        sheet = book.add_worksheet(_sheet_name(page.heading, taken))
        sheet.write_string(0, 0, document.title, title)
        row = 1
        for text in (document.state, page.heading, *page.notes):
            sheet.write_string(row, 0, text[:CELL_MAX])
            row += 1
        for place, kind in enumerate(_widest(page)):
            sheet.set_column(place, place, WIDTHS[kind])
        for table in page.tables:
            row = _write(sheet, row + 1, table, formats, totals, bold)
        for text in document.sign_off:
            sheet.write_string(row + 2, 0, text)
            row += 2
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
    _write_exact(book.add_worksheet(_sheet_name("Exact", taken)), lines, bold)
    book.close()
    return out.getvalue()


def _write(sheet: Any, row: int, table: Table, formats: Mapping[str, Any], totals: Mapping[str, Any], bold: Any) -> int:
    """Write a table; the row below it."""
    sheet.write_string(row, 0, table.title, bold)
    for place, column in enumerate(table.columns):
        sheet.write_string(row + 1, place, column.name, bold)
    for offset, cells in enumerate(table.rows):
        is_total = table.has_total and offset == len(table.rows) - 1
        for place, (cell, column) in enumerate(zip(cells, table.columns, strict=True)):
            _write_cell(sheet, row + 2 + offset, place, cell, column, totals if is_total else formats)
    return row + 2 + len(table.rows)


def _write_cell(sheet: Any, row: int, place: int, cell: Cell, column: Column, formats: Mapping[str, Any]) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, place, cell[:CELL_MAX], formats["text"])
    else:
        sheet.write_number(row, place, cell, formats[column.kind])


def _write_exact(sheet: Any, lines: Sequence[Mapping[str, Any]], bold: Any) -> None:
    for place, name in enumerate(COLUMNS):
        sheet.write_string(0, place, name, bold)
        sheet.set_column(place, place, 22)
    for row, line in enumerate(lines, 1):
        for place, name in enumerate(COLUMNS):
            value = line[name]
            sheet.write_string(row, place, (f"{value:f}" if isinstance(value, Decimal) else str(value))[:CELL_MAX])


def _widest(page: Page) -> list[str]:
    """The kind of each column, the widest of all tables of a page."""
    count = max((len(table.columns) for table in page.tables), default=0)
    kinds = [[table.columns[place].kind for table in page.tables if place < len(table.columns)] for place in range(count)]
    return [max(each, key=lambda kind: WIDTHS[kind]) for each in kinds]


def _sheet_name(heading: str, taken: set[str]) -> str:
    """A name that Excel allows and no other sheet has; Excel does not tell cases apart."""
    plain = NOT_IN_SHEET_NAMES.sub("_", heading)[:SHEET_NAME_MAX].strip() or "Sheet"
    name, number = plain, 2
    while name.casefold() in taken:
        mark = f" {number}"
        name, number = plain[: SHEET_NAME_MAX - len(mark)] + mark, number + 1
    taken.add(name.casefold())
    return name
