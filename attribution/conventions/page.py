"""docs/emitters.md, rendered from the table: `python -m attribution.conventions.page docs/emitters.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attribution.conventions import table
from attribution.conventions.dimensions import BUILT_IN, TASK_TYPE
from attribution.conventions.emitters import KNOWN, SILENT, Known
from attribution.conventions.kinds import leaf_kinds

_HEAD = """\
# Supported emitters

This page is rendered from the tables that read the spans (`attribution/conventions`, `make docs`). Nothing has to be configured: what a
span says decides how it is read, and spans of several conventions may be mixed in one trace.

For each fact the first key that has a usable value wins, in the order below. Nothing is ever added across keys: a span that is written in
two conventions says the same thing twice. `key#a/b` is member b of member a of the JSON object under `key` (a number is the
place in a list), `events@key` an attribute of the span's events. Numbers in text are read;
negative ones and NaN are absent.

## Who is read how

Spanledger counts the whole prompt, cache included, and the whole answer, reasoning included. Where an emitter leaves them out, they are
added; where its own figures show that they are outside (a cache larger than the input, a total that includes both), too.
"""
_SILENT = """
## Who does not tell what

The figure looks exact and is not: what the span does not say cannot be billed. Another span of the same call may tell it.
`spanledger emitters` shows it beside what the calls of each emitter cost.
"""
_ANSWERS = """
## The provider's own answer

These attributes may quote it, and what it tells (counts, tier, speed, region, searches, cost) goes before what the emitter made of it. Most
are content: what was read is kept as JSON under `{told}`, and read again from there. The last ones hold what the AI SDK keeps by provider.
They are JSON, or objects as Python prints them (`ChatCompletion(id='...', usage=CompletionUsage(...))`).

{keys}
"""
_CALLS = """
## What is a model call

The first of these keys that says anything decides. The kinds in the table are model calls, and billed. Tools, agents, chains, workflows
and everything else that carries figures repeat the calls below them: they are billed only where no call below them was seen.
"""

_BY_RULE = {"ai.operationId": "names with `.do`, such as `ai.generateText.doGenerate`"}


def render() -> str:
    """The page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    yield from _grid(("emitter", "recognised by", "cached input", "reasoning", "note"), map(_row, KNOWN))
    yield _SILENT
    yield from _grid(("emitter", "does not tell"), ((each.emitter, each.untold) for each in SILENT))
    yield _ANSWERS.format(told=table.ANSWER_FACTS, keys=_code((*table.ANSWERS, *table.PROVIDER_METADATA, *table.OWN_USAGES)))
    yield _CALLS
    yield from _grid(
        ("key", "values that are model calls"), ((_code([key]), _code(leaf_kinds(key)) or _BY_RULE.get(key, "none")) for key in table.KINDS)
    )
    for title, text, fields in _SECTIONS:
        yield f"\n## {title}\n\n{text}\n" if text else f"\n## {title}\n"
        yield from _grid(("what", "keys, in order"), ((name, _code(keys)) for name, keys in fields.items()))
    yield ""


def _row(known: Known) -> tuple[str, ...]:
    cached = "added" if known.disjoint or known.counts.excludes_cache else "included"
    reasoning = "added" if known.disjoint or known.counts.excludes_reasoning else "included"
    return known.name, known.recognised_by, cached, reasoning, known.note


def _merged(first: Mapping[str, Sequence[str]], more: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {name: (*keys, *more.get(name, ())) for name, keys in first.items()}


_SECTIONS: tuple[tuple[str, str, Mapping[str, Sequence[str]]], ...] = (
    ("Names", "", _merged(table.TEXTS, table.TEXT_MEMBERS)),
    ("Tokens", "", table.COUNTS),
    (
        "Other units",
        "Priced where the price book has a price for them.",
        table.UNITS | {"calls of the provider's own tools, by name": tuple(table.TOOLS_CALLED)},
    ),
    (
        "Cost that the emitter reports",
        "USD for the whole span, above zero; zero usually means that the emitter did not know the model.",
        {"the whole": table.COSTS} | {f"else the sum of ({nth})": keys for nth, keys in enumerate(table.COST_PARTS, start=1)},
    ),
    (
        "Who pays, and for what",
        "After the keys under `dimensions` in the configuration.",
        BUILT_IN | {"kind of task": TASK_TYPE},
    ),
)


def _grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _code(keys: Iterable[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
