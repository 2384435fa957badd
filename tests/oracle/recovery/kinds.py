"""What a kind of nastiness is, and all of them in the order in which they fall upon a world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.oracle.recovery.telling import Telling


@dataclass(frozen=True)
class Kind:
    """One thing that real systems do to what is told."""

    name: str
    about: str
    """For the table."""
    falls_upon: Callable[[Telling], None]
    limit: str
    """Why the rules cannot find all of it; empty: they find all, exactly, and who pays."""


KINDS: dict[str, Kind] = {}
STAGES = ("payers", "layers", "losses")
"""The modules, in the order in which theirs fall upon a world: who started what, who tells of it, what of that is lost."""


def in_order() -> list[Kind]:
    """All of them."""
    return sorted(KINDS.values(), key=lambda kind: STAGES.index(kind.falls_upon.__module__.rpartition(".")[2]))


def kind(limit: str = "") -> Callable[[Callable[[Telling], None]], Callable[[Telling], None]]:
    """Register a kind; its name and docstring are those of the function."""

    def registered(falls_upon: Callable[[Telling], None]) -> Callable[[Telling], None]:
        name = falls_upon.__name__
        KINDS[name] = Kind(name, " ".join((falls_upon.__doc__ or "").split()).removesuffix("."), falls_upon, limit)
        return falls_upon

    return registered
