"""A document as one page of HTML without scripts, which prints a team a page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from collector.documents.document import Document, Page, Table

STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; color: #1c2530; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
h1 { margin: 0 } h2 { border-bottom: 2px solid #2b5b84; margin-top: 2.5rem } h3 { margin: 1.4rem 0 .3rem }
.state { color: #5b6672 } .provisional { color: #a33a00; font-weight: 600 }
table { border-collapse: collapse; width: 100% }
th, td { padding: .25rem .6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { border-bottom: 1px solid #8a96a3 } tr.total td { border-top: 1px solid #8a96a3; font-weight: 600 }
.right { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.sign { border-top: 1px solid #1c2530; margin-top: 3rem; padding-top: .3rem; width: 45% }
@media print { section { break-before: page } section:first-of-type { break-before: auto } body { margin: 0 } }
"""


def as_html(document: Document) -> bytes:
    """UTF-8."""
    mark = "state" if document.state.startswith("closed") else "state provisional"
    head = f'<head><meta charset="utf-8"><title>{escape(document.title)}</title><style>{STYLE}</style></head>'
    parts = [
        f'<!doctype html>\n<html lang="en">{head}<body>',
        f'<h1>{escape(document.title)}</h1>\n<p class="{mark}">{escape(document.state)}</p>',
        *map(_section, document.pages),
        *(f'<p class="sign">{escape(line)}</p>' for line in document.sign_off),
        "</body></html>\n",
    ]
    return "\n".join(parts).encode()


def _section(page: Page) -> str:
    notes = "".join(f"<p>{escape(note)}</p>" for note in page.notes)
    return f"<section><h2>{escape(page.heading)}</h2>{notes}{''.join(map(_table, page.tables))}</section>"


def _table(table: Table) -> str:
    marks = ["" if column.kind == "text" else ' class="right"' for column in table.columns]
    head = "".join(f"<th{mark}>{escape(column.name)}</th>" for mark, column in zip(marks, table.columns, strict=True))
    *rows, last = [_row(row, marks) for row in table.texts()]
    body = "".join(f"<tr>{row}</tr>\n" for row in rows)
    end = f'<tr class="total">{last}</tr>\n' if table.has_total else f"<tr>{last}</tr>\n"
    return f"<h3>{escape(table.title)}</h3><table><thead><tr>{head}</tr></thead><tbody>\n{body}{end}</tbody></table>\n"


def _row(row: Sequence[str], marks: Sequence[str]) -> str:
    return "".join(f"<td{mark}>{escape(text)}</td>" for mark, text in zip(marks, row, strict=True))
