"""A document as a PDF on A4, a team a page, with its state and the page's number on each."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from hashlib import md5
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import KeepTogether, PageBreak, Paragraph, SimpleDocTemplate, Spacer, TableStyle
from reportlab.platypus import Table as Grid

from collector.documents.document import Column, Document, Page, Table

REGULAR, BOLD = "Vera", "VeraBd"
CELL_SIZE = 8
INK, LINE = colors.HexColor("#1c2530"), colors.HexColor("#8a96a3")
MARGIN, FOOT = 18 * mm, 10 * mm
WIDTH = A4[0] - 2 * MARGIN
PARTS = {"text": 3.0, "usd": 1.5, "share": 1.0, "number": 1.2}
"""How wide a column is beside others, at least."""
PADDING_RIGHT, PADDING_NUMBER_LEFT = 6, 3
"""Points around a number in its cell."""
NUMBERS_MAX = 0.75
"""Share of the page that numbers may take from the names beside them: five columns of millions."""
ROWS_TOGETHER_MAX = 12
"""A table as short as this is not torn apart."""


def as_pdf(document: Document) -> bytes:
    """The PDF. Its text stands uncompressed; its dates are those of the document."""
    _load_fonts()
    out = io.BytesIO()
    template = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=document.title,
        subject=document.state,
        creator="Spanledger",
        # Its own clock would be another one each time, and compressed bytes differ between versions of zlib.
        invariant=1,
        pageCompression=0,
    )
    story: list[Any] = [_line(document.title, 18, bold=True), _line(document.state, 9)]
    for place, page in enumerate(document.pages):
        if place:
            story.append(PageBreak())
        story += _page(page)
    story.append(KeepTogether([item for text in document.sign_off for item in (Spacer(1, 16 * mm), _line("_" * 50, 9), _line(text, 9))]))

    def date(canvas: Any) -> None:
        # It would take the environment's SOURCE_DATE_EPOCH, else the year 2000.
        stamp = canvas._doc._timeStamp  # noqa: SLF001  (the library has no other way)
        stamp.t, stamp.lt = document.made_at.timestamp(), document.made_at.timetuple()
        stamp.YMDhms, stamp.dhh, stamp.dmm = tuple(stamp.lt)[:6], 0, 0
        canvas._doc.signature = md5(f"{document.title} {document.state}".encode(), usedforsecurity=False)  # noqa: SLF001  (begins the id)

    def foot(canvas: Any, _: Any) -> None:
        canvas.setFont(REGULAR, 7)
        canvas.setFillColor(LINE)
        canvas.drawString(MARGIN, FOOT, f"{document.title} - {document.state}")
        canvas.drawRightString(A4[0] - MARGIN, FOOT, f"page {canvas.getPageNumber()}")

    def first(canvas: Any, page: Any) -> None:
        date(canvas)
        foot(canvas, page)

    template.build(story, onFirstPage=first, onLaterPages=foot)
    return out.getvalue()


@cache
def _load_fonts() -> None:
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))


def _page(page: Page) -> list[Any]:
    story: list[Any] = [Spacer(1, 4 * mm), _line(page.heading, 13, bold=True), *(_line(note, 9) for note in page.notes)]
    for table in page.tables:
        drawn = [Spacer(1, 4 * mm), _line(table.title, 10, bold=True), Spacer(1, 1 * mm), _grid(table)]
        story += [KeepTogether(drawn)] if len(table.rows) <= ROWS_TOGETHER_MAX else drawn
    return story


def _grid(table: Table) -> Grid:
    rows = list(table.texts())
    last = len(rows) if table.has_total else None
    head = [_cell(column.name, column, bold=True) for column in table.columns]
    cells = [
        [_cell(text, column, bold=place == last) for text, column in zip(row, table.columns, strict=True)]
        for place, row in enumerate(rows, 1)
    ]
    grid = Grid([head, *cells], colWidths=_widths(table.columns, rows), repeatRows=1)
    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, 0), 0.6, LINE), ("TOPPADDING", (0, 0), (-1, -1), 1.5)]
    style += [("BOTTOMPADDING", (0, 0), (-1, -1), 1.5), ("LINEABOVE", (0, -1), (-1, -1), 0.6, LINE)] if table.has_total else []
    style += [("LEFTPADDING", (at, 0), (at, -1), PADDING_NUMBER_LEFT) for at, column in enumerate(table.columns) if column.kind != "text"]
    grid.setStyle(TableStyle(style))
    return grid


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[float]:
    """Points by column. Numbers have what their longest needs, for one that is broken reads as another; names have what is left."""
    whole = sum(PARTS[column.kind] for column in columns)
    widths = [WIDTH * PARTS[column.kind] / whole for column in columns]
    numbers = [place for place, column in enumerate(columns) if column.kind != "text"]
    for place in numbers:
        longest = max((pdfmetrics.stringWidth(row[place], BOLD, CELL_SIZE) for row in rows), default=0.0)
        widths[place] = max(widths[place], longest + PADDING_NUMBER_LEFT + PADDING_RIGHT)
    taken = sum(widths[place] for place in numbers)
    left = WIDTH - min(taken, WIDTH * NUMBERS_MAX)
    names = sum(PARTS["text"] for column in columns if column.kind == "text")
    return [
        left * PARTS["text"] / names if column.kind == "text" else width * (WIDTH - left) / taken
        for column, width in zip(columns, widths, strict=True)
    ]


def _cell(text: str, column: Column, *, bold: bool) -> Paragraph:
    return _line(text, CELL_SIZE, bold=bold, right=column.kind != "text")


def _line(text: str, size: float, *, bold: bool = False, right: bool = False) -> Paragraph:
    font = BOLD if bold else REGULAR
    style = ParagraphStyle(
        f"{font}{size}{right}",
        fontName=font,
        fontSize=size,
        leading=size * 1.3,
        textColor=INK,
        alignment=2 if right else 0,
        splitLongWords=1,
    )
    return Paragraph(escape(printable(text, font)), style)


def printable(text: str, font: str = REGULAR) -> str:
    """A text with what the font has no shape for written as `U+4E2D`: nothing is left out, and no two names become one."""
    _load_fonts()
    known = pdfmetrics.getFont(font).face.charToGlyph
    return "".join(char if ord(char) in known else f"U+{ord(char):04X}" for char in text)
