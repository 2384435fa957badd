"""The table of docs/attribution.md: what is found, by kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from tests.oracle.recovery.kinds import Kind, in_order
from tests.oracle.recovery.measure import Figures, mixed, recovered, told

BEGIN, END = "<!-- python -m bench.recovery --write docs/attribution.md -->\n", "<!-- end -->"
WORLDS = 4
"""Of each kind; of mixtures ten times as many."""
TRACES = 15
MIXTURES = {
    "three to eight of the kinds that are found whole, each upon a third of the calls": False,
    "the same, of all kinds": True,
}
Show = Callable[[str], None]


def found(kind: Kind, worlds: int = WORLDS) -> Figures:
    """Of a kind alone."""
    return total(recovered(told([kind.name], seed, traces=TRACES)) for seed in range(worlds))


def found_mixed(*, limits: bool, worlds: int = WORLDS) -> Figures:
    """Of kinds at once; `limits`: such too that cannot be found whole."""
    return total(recovered(mixed(seed, limits=limits)) for seed in range(10 * worlds))


def total(figures: Iterable[Figures]) -> Figures:
    """Of several worlds together."""
    return sum(figures, Figures())


def page(worlds: int = WORLDS) -> str:
    """What stands between the marks."""
    return "\n".join(lines(worlds)) + "\n"


def lines(worlds: int) -> Iterator[str]:
    """One after the other, for it takes a while."""
    kinds = in_order()
    yield "Found whole, to the last digit, each call with its payer:\n"
    yield from (f"- {kind.about}." for kind in kinds if not kind.limit)
    yield "\nNot found whole, in percent of the true money (the right payer: of the money found):\n"
    yield "| what happens | exact | too much | too little, shown | too little, hidden | right payer | no payer | why |"
    yield "|---|---|---|---|---|---|---|---|"
    yield from (row(kind.about, found(kind, worlds), kind.limit) for kind in kinds if kind.limit)
    yield from (row(f"**Mixed**: {about}", found_mixed(limits=limits, worlds=worlds), "") for about, limits in MIXTURES.items())


def row(about: str, figures: Figures, why: str) -> str:
    """Of the table."""
    billed = figures.right + figures.unknown + figures.wrong
    of_true = [percent(part, figures.true) for part in (figures.exact, figures.too_much, figures.shown, figures.hidden)]
    return f"| {' | '.join([about, *of_true, percent(figures.right, billed), percent(figures.unknown, billed), why])} |"


def percent(part: Fraction, whole: Fraction) -> str:
    """With one digit; what is not all is never 100, what is not nothing never 0."""
    if not whole:
        return "-"
    if part in {0, whole}:
        return "100" if part else "0"
    return f"{min(max(float(100 * part / whole), 0.1), 99.9):.1f}"
