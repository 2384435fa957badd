"""Names are made of words that docs/glossary.md defines, or of plain English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from attribution.storage.models import model

ROOT = Path(__file__).parent.parent
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
OWN, _, FIELD = GLOSSARY.partition("## Terms of OpenTelemetry")
ENTRY = re.compile(r"^- \*\*(.+?)\*\*: (.+)$", re.MULTILINE)

PLAIN = frozenset(
    re.findall(
        r"\w+",
        """
    add added again answer answers any anywhere apply at balance began begin by change changed code computed count daily day detail
    differ difference does drop end ended every example expensive expires extent factor first forget from given has hash here hold
    holder id in input is keep key known last least leftover line linked made month most moved name named new not nth numbers of open
    opened or other outcome output own per previous public rate reached read reason relative reopen request said same seen set several
    sign since size source start state stored target that there time to top total twice unfinished unknown until up usd used value
    who write written
        """,
    )
)
"""Words that need no definition: they mean here what they mean everywhere."""


def headwords() -> set[tuple[str, ...]]:
    """Each word or phrase that is defined, as its words in lower case."""
    own = [word for words, _ in ENTRY.findall(OWN) for word in words.split(", ")]
    return {tuple(word.lower().split()) for word in [*own, *re.findall(r"\*\*(.+?)\*\*", FIELD)]}


DEFINED = headwords()


def names() -> Iterator[tuple[str, str]]:
    """Where a name is used, and the name: folders, stages, work tables, tables, views and their columns."""
    below = ROOT / "attribution"
    for path in sorted(below.rglob("*.sql")):
        name = path.relative_to(below).with_suffix("")
        if "migrations" in name.parts:  # they are named for what they do, once
            continue
        yield from ((str(name), part) for part in name.parts)
        one = model(str(name))
        yield str(name), one.name
        yield from ((f"{name}, column", column.name) for column in one.own_columns)
        yield from ((f"{name}, member", member) for column in one.own_columns for member in re.findall(r"[(,] ?(\w+) [A-Z]", column.type))
        if name.parts[:3] == ("storage", "schema", "tables"):
            yield from (
                (f"{name}, column", column)
                for column in re.findall(r"^    (\w+) +[A-Z]\w+", path.read_text(encoding="utf-8"), re.MULTILINE)
            )


def words_of(name: str) -> list[str]:
    """The words of `span_records`, `SpanId` or `Links.TraceId`, in lower case; numbers are left out."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def undefined(name: str) -> list[str]:
    """Words of a name that are neither defined, alone or as part of a phrase, nor plain; NS, USD and the like are units."""
    words, missing = words_of(name), []
    while words:
        length = next((n for n in (3, 2, 1) if n <= len(words) and is_defined(tuple(words[:n]))), 0)
        if not length and not is_plain(words[0]):
            missing.append(words[0])
        words = words[length or 1 :]
    return missing


def is_defined(phrase: tuple[str, ...]) -> bool:
    return any((*phrase[:-1], last) in DEFINED for last in singulars(phrase[-1]))


def is_plain(word: str) -> bool:
    return word in {"ns", "otel"} or any(each in PLAIN for each in singulars(word))


def singulars(word: str) -> Iterator[str]:
    """The word itself, and what it may be the plural of."""
    yield word
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
    if word.endswith("es"):
        yield word[:-2]
    if word.endswith("s"):
        yield word[:-1]


def test_every_word_of_a_name_is_defined_or_plain() -> None:
    missing = {(word, where) for where, name in names() for word in undefined(name)}
    assert not missing, f"define them in docs/glossary.md, or take the field's word: {sorted(missing)}"


@pytest.mark.parametrize(
    ("name", "missing"), [("gribble", ["gribble"]), ("span_gribbles", ["gribbles"]), ("pool_weights", []), ("SpanId", [])]
)
def test_an_invented_word_is_noticed(name: str, missing: list[str]) -> None:
    assert undefined(name) == missing


def test_every_word_is_defined_once_and_in_order() -> None:
    found = [words.lower() for words, _ in ENTRY.findall(OWN)]
    assert found == sorted(found)
    forms = [form for words in found for form in words.split(", ")] + re.findall(r"\*\*(.+?)\*\*", FIELD)
    assert [form for form in set(forms) if forms.count(form) > 1] == []


def test_a_definition_is_one_to_three_short_sentences() -> None:
    assert {words for words, text in ENTRY.findall(OWN) if not text.endswith(".") or text.count(". ") > 2} == set()


def test_a_plain_word_is_not_defined_as_well_and_is_used() -> None:
    used = {single for _, name in names() for word in words_of(name) for single in singulars(word)}
    assert {word for word in PLAIN if (word,) in DEFINED or word not in used} == set()
