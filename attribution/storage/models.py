"""What a table, view or stage says of itself: the header of its `.sql` file, read by machines as well.

    -- View: costs_by_team
    -- Purpose: What each team pays.
    -- Grain: a day and team (day, team)
    -- Columns:
    --     day Date: day of the cost in the configured zone
    -- Holds: direct + allocated = total.

The words in brackets after the grain are its key: no two rows agree in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from attribution.storage.statements import statement

HEADER = re.compile(r"\A(?:--.*\n)+")
FIELD = re.compile(r"^-- (?P<name>[A-Z][a-z]+(?: [a-z]+)?):(?: (?P<text>.*))?$")
COLUMN = re.compile(r"^--     (?P<name>[\w.]+) (?P<rest>\S.*)$")
CONTINUED = re.compile(r"^--\s+(?P<text>\S.*)$")
KEY = re.compile(r"\((?P<columns>[\w., ]+)\)")
KINDS = ("Work table", "View", "Internal view", "Traits")
CARRIES = re.compile(r"the columns of (?P<table>\w+)(?: but (?P<without>[\w, ]+))?")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its ClickHouse type, and what it means."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Model:
    """What the header of one `.sql` file says."""

    statement: str
    """Its path below `attribution/`, without `.sql`."""
    kind: str
    """One of KINDS; '' where the file is no model but a statement that runs."""
    name: str
    """Of the table or view; of traits, whose they are."""
    fields: Mapping[str, str]
    """All fields by name: Purpose, Grain, Holds, Example ..."""
    own_columns: Sequence[Column]
    """Those that the header lists; a work table may carry on columns of another one before them."""
    query: str
    """The statement without its header."""

    @property
    def purpose(self) -> str:
        """What it is for."""
        return self.fields["Purpose"]

    @property
    def key(self) -> tuple[str, ...]:
        """Columns that no two rows agree in; empty where the grain names none."""
        found = KEY.search(self.fields["Grain"])
        return tuple(column.strip() for column in found["columns"].split(",")) if found else ()

    @property
    def needs(self) -> frozenset[str]:
        """Traits of a batch, of which a stage needs any one; none: it has something to do for every batch."""
        return frozenset(trait.strip() for trait in self.fields["Needs"].split(",")) if "Needs" in self.fields else frozenset()


@cache
def model(name: str) -> Model:
    """The model in `attribution/NAME.sql`. Raises ValueError where its header is not well formed."""
    text = statement(name)
    header = HEADER.match(text)
    if not header:
        raise ValueError(f"{name}.sql has no header")
    fields, columns = _read(name, header[0])
    missing = {"Purpose", "Grain"} - fields.keys()
    if missing:
        raise ValueError(f"{name}.sql: the header does not say {', '.join(sorted(missing))}")
    kind = next((kind for kind in KINDS if kind in fields), "")
    return Model(name, kind, fields.get(kind, ""), fields, columns, text[header.end() :])


def columns_of(one: Model, work_table: Callable[[str], Model]) -> Sequence[Column]:
    """All columns of a model in their order; `work_table` finds the one that it carries columns of, by its name."""
    return (*_carried(one, work_table), *one.own_columns)


def _carried(one: Model, work_table: Callable[[str], Model]) -> Iterator[Column]:
    carries = one.fields.get("Carries", "")
    if carries:
        found = CARRIES.fullmatch(carries)
        if not found:
            raise ValueError(f"{one.statement}.sql: `Carries: {carries}` is not `the columns of TABLE but COLUMN, COLUMN`")
        without = {column.strip() for column in (found["without"] or "").split(",")}
        yield from (column for column in columns_of(work_table(found["table"]), work_table) if column.name not in without)


def _read(name: str, header: str) -> tuple[dict[str, str], list[Column]]:
    """Fields by name, and the columns."""
    fields: dict[str, str] = {}
    columns: list[str] = []
    field = ""
    for line in header.splitlines():
        if named := FIELD.match(line):
            field = named["name"]
            fields[field] = (named["text"] or "").strip()
        elif field == "Columns" and COLUMN.match(line):
            columns.append(line.removeprefix("--").strip())
        elif field and (more := CONTINUED.match(line)):
            if field == "Columns" and columns:
                columns[-1] += f" {more['text']}"
            else:
                fields[field] = f"{fields[field]} {more['text']}".strip()
        else:
            raise ValueError(f"{name}.sql: {line!r} belongs to no field of the header")
    return fields, [_column(name, text) for text in columns]


def _column(name: str, text: str) -> Column:
    """`day Date: day of the cost`; the type may have blanks and brackets, the first colon after it ends it."""
    depth = 0
    column, _, rest = text.partition(" ")
    for at, character in enumerate(rest):
        depth += (character == "(") - (character == ")")
        if character == ":" and not depth:
            return Column(column, rest[:at].strip(), rest[at + 1 :].strip())
    raise ValueError(f"{name}.sql: `{text}` is not `NAME TYPE: MEANING`")
