"""A document in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from collector.documents.document import Document, Table


def print_on_terminal(console: Console, document: Document) -> None:
    """Page by page; what is for signing is for paper."""
    console.print(f"[bold]{escape(document.title)}[/], {escape(document.state)}", highlight=False)
    for page in document.pages:
        console.print(f"\n[bold]{escape(page.heading)}[/]", highlight=False)
        for note in page.notes:
            console.print(escape(note), highlight=False)
        for table in page.tables:
            console.print(_grid(table))


def _grid(table: Table) -> Grid:
    grid = Grid(title=table.title, title_justify="left", title_style="bold")
    for column in table.columns:
        grid.add_column(column.name, justify="left" if column.kind == "text" else "right", overflow="fold")
    rows = list(table.texts())
    for place, row in enumerate(rows, 1):
        grid.add_row(*map(escape, row), end_section=table.has_total and place == len(rows) - 1)
    return grid
