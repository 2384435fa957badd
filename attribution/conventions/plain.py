"""Spans whose facts are constants or single attributes as they are: what is known of them once holds for all that are alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attribution.conventions.tokens import INPUT, NAMES, READ, REASONING, TOTAL, TOTAL_SLACK, WRITE, Emitter

PLAIN_COUNTS = NAMES[: REASONING + 1]
"""Counts that can be read so, beside the total."""
TOTAL_NAME = NAMES[TOTAL]


@dataclass(frozen=True, slots=True)
class PlainReading:
    """How the spans of one shape with the same names are read. It holds for a span where

    - the attributes `equal` have the same values, it failed or did not fail as well, and its name is the same or, where that is not looked
      at, none that tells;
    - the `texts` and `dims` are texts without blanks or quotes around them, and no spelling of nothing;
    - the `counts` are whole numbers that need no settling: a part is not more than its whole, and the total, where there is one, is that
      of input and output, exceeds it by at most `slack`, and differs from it neither by what was cached nor by what was reasoned.
    """  # noqa: D415

    equal: tuple[str, ...]
    is_named: bool
    """The span's name must be the same."""
    counts: Mapping[str, str]
    """Attribute by field of a Reading, and by TOTAL_NAME."""
    texts: Mapping[str, str]
    """Attribute by field of a Reading: response_id, agent, workflow_name, task_type."""
    dims: Mapping[str, str]
    """Attribute by dimension."""
    slack: int


def plain_counts(sources: Mapping[int, str], how: Emitter) -> dict[str, str] | None:
    """The attribute of each count by its name; None where such counts have to be settled.

    Args:
        sources: attribute by position in a list of counts.
        how: how the emitter counts.

    """
    if INPUT not in sources or not all(position <= REASONING or position == TOTAL for position in sources):
        return None
    moved = (how.excludes_cache and not sources.keys().isdisjoint({READ, WRITE})) or (how.excludes_reasoning and REASONING in sources)
    if moved or how.counts_tool_input:
        return None
    return {NAMES[position]: key for position, key in sources.items()}


def slack(how: Emitter) -> int:
    """By how many tokens a total may exceed input and output before it tells of more."""
    return 0 if how.total_tells_reasoning else TOTAL_SLACK
