"""The formats that a statement is sent in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from attribution.statements import Statement
from collector.documents.document import document_of
from collector.documents.html import as_html
from collector.documents.lines import COLUMNS, as_lines, as_nested
from collector.printing import as_csv, as_json_object


@dataclass(frozen=True, slots=True)
class Made:
    """How a statement becomes a file."""

    media: str
    write: Callable[[Statement], bytes]


def _xlsx(statement: Statement) -> bytes:
    from collector.documents.xlsx import as_xlsx  # noqa: PLC0415  (for what draws workbooks and PDF no service waits)

    return as_xlsx(document_of(statement), as_lines(statement))


def _pdf(statement: Statement) -> bytes:
    from collector.documents.pdf import as_pdf  # noqa: PLC0415  (as above)

    return as_pdf(document_of(statement))


MADE: Mapping[str, Made] = {
    "csv": Made("text/csv; charset=utf-8", lambda statement: as_csv(as_lines(statement), COLUMNS).encode()),
    "json": Made("application/json", lambda statement: f"{as_json_object(as_nested(statement))}\n".encode()),
    "xlsx": Made("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
    "html": Made("text/html; charset=utf-8", lambda statement: as_html(document_of(statement))),
    "pdf": Made("application/pdf", _pdf),
}
"""By the name of the format."""
