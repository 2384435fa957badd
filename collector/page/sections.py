"""What pages are made of: sections, each with its questions and how their answers are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from attribution.reports import Question
from attribution.storage import Store

Row = Mapping[str, Any]
Rows = Sequence[Row]
Kind = Literal["text", "money", "count", "percent", "change", "tokens", "duration", "moment", "id", "code", "prose", "price", "quantity"]
"""A quantity is in the unit that the field `unit` of its row names."""
Link = Callable[[Row], str | None]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure."""

    title: str
    value: str
    detail: str = ""
    exact: str = ""
    """All its digits, where the value is rounded."""
    link: str = ""
    """To what it is made of."""
    tone: Literal["", "good", "bad"] = ""


@dataclass(frozen=True, slots=True)
class Tiles:
    """The figures that a page is about."""

    tiles: Sequence[Tile]
    name: str = "tiles"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: where its values come from, how they look, where they lead."""

    field: str
    title: str
    kind: Kind = "text"
    link: Link | None = None
    before: str = ""
    """Of a change: the field with the figure before."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows, for reading; its export and its SQL have them all."""

    columns: Sequence[Column]
    rows: Rows
    empty: str = "Nothing in these days."
    total: Row | None = None
    """Below the rows; its first column says what it is."""
    name: str = "table"


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one colour of bars."""

    name: str
    values: Sequence[Decimal | int | None]
    texts: Sequence[str]
    dashed: bool = False
    other: bool = False
    """It sums up what has no colour of its own."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures over days."""

    kind: Literal["bar", "line"]
    labels: Sequence[str]
    series: Sequence[Series]
    summary: str
    """What it shows, for those who do not see it."""
    empty: str = "Nothing in these days."
    unit: str = "USD"
    name: str = "chart"

    @property
    def data(self) -> dict[str, Any]:
        """For the script: amounts stay text until they become pixels."""
        return {
            "kind": self.kind,
            "unit": self.unit,
            "labels": list(self.labels),
            "series": [
                {
                    "name": each.name,
                    "values": [None if value is None else str(value) for value in each.values],
                    "texts": list(each.texts),
                    "dashed": each.dashed,
                    "other": each.other,
                }
                for each in self.series
            ],
        }


@dataclass(frozen=True, slots=True)
class Edge:
    """Calls from one agent to another."""

    agent: str
    link: str
    calls: int
    amount: Decimal
    width: float
    """Of the line, in the units of the drawing."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Who calls an agent and whom it calls, with money on the edges."""

    agent: str
    callers: Sequence[Edge]
    callees: Sequence[Edge]
    note: str
    name: str = "graph"


@dataclass(frozen=True, slots=True)
class Bar:
    """A span on the time line: where it begins and how long it is, in thousandths of the trace."""

    begin: float
    length: float


@dataclass(frozen=True, slots=True)
class Leaf:
    """A span in the tree of its trace."""

    span: Row
    depth: int
    own: Decimal
    inclusive: Decimal
    verdict: str
    bar: Bar
    link: str


@dataclass(frozen=True, slots=True)
class Tree:
    """A trace."""

    leaves: Sequence[Leaf]
    cut: str = ""
    """What is left out."""
    name: str = "tree"


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they are, with where they lead."""

    facts: Sequence[tuple[str, str, str]]
    name: str = "facts"


@dataclass(frozen=True, slots=True)
class Lines:
    """Text to copy, each with what it is for."""

    lines: Sequence[tuple[str, str]]
    intro: str = ""
    name: str = "lines"


@dataclass(frozen=True, slots=True)
class Field:
    """What is filled in; a hidden one is known already."""

    name: str
    title: str = ""
    value: str = ""
    kind: Literal["hidden", "text", "long", "amount", "choice"] = "text"
    needed: bool = True
    choices: Sequence[str] = ()
    """Of a choice."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the reader may do here: sent to the address, which answers with where to go on."""

    address: str
    fields: Sequence[Field]
    button: str
    intro: str = ""
    name: str = "form"


Content = Tiles | Table | Chart | Graph | Tree | Facts | Lines | Form
Show = Callable[..., Content]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page with a name of its own in addresses."""

    key: str
    title: str
    show: Show
    """Makes the content of the rows of each question."""
    questions: Sequence[Question] = ()
    note: str = ""
    later: bool = False
    """It takes long with many spans: the page is shown first, and the section when it is there."""
    wide: bool = True
    exports: bool = True
    """Its rows are those of its first question; with a source, those that are shown."""
    source: Callable[[Store], Any] | None = None
    """What the library makes of the answers, where rows alone do not say it: it asks by itself, and `show` takes what it gives."""


@dataclass(frozen=True, slots=True)
class File:
    """A page as a file."""

    media: str
    made: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Page:
    """A page."""

    title: str
    place: str
    """Which entry of the navigation it belongs to."""
    sections: Sequence[Section]
    intro: str = ""
    crumbs: Sequence[tuple[str, str]] = field(default_factory=tuple)
    """The way here: names and addresses."""
    is_dated: bool = True
    """Its figures are those of the days that are chosen."""
    files: Mapping[str, File] = field(default_factory=dict)
    """The whole page in other formats, by their names."""
