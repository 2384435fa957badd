"""The price of a call as a sum over its counts, where it is one: what was worked out once holds for all calls that are alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

ALWAYS_NS = (0, 2**63 - 1)
"""From when and until when, ns since the epoch."""
ANY_COUNT = (0, 2**63 - 1)
"""The fewest and the most."""


@dataclass(frozen=True, slots=True)
class Linear:
    """What calls cost that have the names of one call and the same counts above zero."""

    weights: Mapping[str, Fraction]
    """USD for each token, by field of a Reading; of what is not counted in tokens there is none."""
    base: Fraction
    """USD for the call itself."""
    limits: Sequence[Mapping[str, int]]
    """Sums over the counts, by factors, that are not below zero: a part is not more than its whole."""
    input_tokens: tuple[int, int]
    """The fewest and the most with which this tier of prices holds."""
    from_ns: int
    until_ns: int
    """The calls that start in between."""

    def cost(self, counts: Mapping[str, int]) -> Fraction:
        """USD, not rounded; `counts` by field of a Reading."""
        return self.base + sum((self.weights.get(name, Fraction(0)) * count for name, count in counts.items()), Fraction(0))


FREE = Linear({}, Fraction(0), (), ANY_COUNT, *ALWAYS_NS)
"""Nothing that counts decide, whenever it was: no call, or one that nobody has a price for."""
