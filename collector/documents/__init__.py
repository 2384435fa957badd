"""What is sent to people: statements as a table, CSV, JSON, a workbook, a page or a PDF.

`document.py` says what stands where, once; `pdf.py`, `xlsx.py` and the others only draw it. The same statement gives the same bytes: no
clock is read here.
"""

from collector.documents.document import Column, Document, Page, Table, document_of
from collector.documents.lines import COLUMNS, as_lines, as_nested
from collector.documents.made import MADE
from collector.documents.terminal import print_on_terminal

__all__ = ["COLUMNS", "MADE", "Column", "Document", "Page", "Table", "as_lines", "as_nested", "document_of", "print_on_terminal"]
