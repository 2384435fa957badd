"""What is sent to people: statements as a table, CSV, JSON, a workbook, a page or a PDF.

`document.py` says what stands where, once; the others only draw it. The same statement gives the same bytes: no clock is read here.
"""

from collector.documents.document import Column, Document, Page, Table, document_of
from collector.documents.html import as_html
from collector.documents.lines import COLUMNS, as_lines, as_nested
from collector.documents.made import MADE
from collector.documents.pdf import as_pdf
from collector.documents.terminal import print_on_terminal
from collector.documents.xlsx import as_xlsx

__all__ = [
    "COLUMNS",
    "MADE",
    "Column",
    "Document",
    "Page",
    "Table",
    "as_html",
    "as_lines",
    "as_nested",
    "as_pdf",
    "as_xlsx",
    "document_of",
    "print_on_terminal",
]
