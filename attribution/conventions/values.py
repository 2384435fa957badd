"""From what the wire carries to text, counts and exact money; what cannot be trusted is absent, never zero."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

COUNT_MAX = 2**53
"""No call uses more; beyond it an emitter that counts in doubles has lost digits."""

AMOUNT_MAX = Decimal(10) ** 15
"""Fits Decimal(38, 12) with room for sums over every span of a year."""

DIGITS_MAX = 40
"""After the point: what is smaller is nothing, and arithmetic with it would be slow."""

CONTENT_CHARACTERS_MAX = 2**22
"""Of content that is read for the usage in it: an answer with an image has two million, and JSON is parsed at 100 million a second."""

PYTHON_CHARACTERS_MAX = 4096
"""Of a printed dictionary; a usage has some hundreds, and parsing takes 100 times that of JSON."""

TEXT_NUMBER_MAX = 40
"""Characters of a number in text: parsing a longer one costs more than it can tell."""


NOTHING = frozenset({"none", "null", "undefined", "nil", "<nil>", "nan"})
"""What printing an absent value leaves, in lower case: nobody and nothing is called so."""
NOTHING_CHARACTERS_MAX = max(map(len, NOTHING))


def is_nothing(named: str) -> bool:
    """Whether a text is only the spelling of an absent value."""
    return named.lower() in NOTHING


def text(value: Any) -> str:
    """A name or an identity; JSON-encoded strings are decoded once, '' where there is none."""
    if isinstance(value, str):
        value = value.strip()
        return _decoded(value) if value[:1] == '"' and len(value) > 1 else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], list):
        return text(value[0])
    return ""


def _decoded(quoted: str) -> str:
    try:
        value = json.loads(quoted)
    except (ValueError, RecursionError):
        return quoted
    return value.strip() if isinstance(value, str) else quoted


_RESPONSE_ID = re.compile(r"""(?:"id": ?"|(?<!ModelResponse)\(id=')((resp_|chatcmpl-|msg_)[\w-]{1,200})["']""")
"""In JSON, or as Python prints the object; LiteLLM's own (ModelResponse) has an id that LiteLLM made up for other APIs than OpenAI's."""
_RESPONSE_MARKS = ("resp_", "chatcmpl-", "msg_")
"""OpenAI's and Anthropic's; a response of OpenAI's newer API holds messages that have ids too."""


def quoted_response_id(answer: Any) -> str:
    """The id that the provider gave to the answer that is quoted in JSON; '' where there is none."""
    if not isinstance(answer, str):
        return ""
    found = min(_RESPONSE_ID.finditer(answer), key=lambda match: _RESPONSE_MARKS.index(match[2]), default=None)
    return found[1] if found else ""


def amount(value: Any) -> Decimal | None:
    """A finite figure, zero or more, exactly as it is spelled; a double is its shortest decimal spelling."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, str):
        value = value.strip()
        if len(value) > TEXT_NUMBER_MAX:
            return None
    if not isinstance(value, str | int | Decimal):
        return None
    return _bounded(value)


def _bounded(value: str | int | Decimal) -> Decimal | None:
    try:
        figure = Decimal(value)
    except InvalidOperation:
        return None
    if not figure.is_finite() or not 0 <= figure < AMOUNT_MAX:
        return None
    if figure.adjusted() < -DIGITS_MAX:
        return Decimal(0)
    return figure.copy_abs()  # -0 is 0


def count(value: Any) -> int | None:
    """A whole number of tokens or calls; numbers in text are read, fractions and negatives are not counts."""
    if type(value) is int:
        return value if 0 <= value < COUNT_MAX else None
    figure = amount(value)
    if figure is None or figure >= COUNT_MAX or figure != figure.to_integral_value():
        return None
    return int(figure)


def cost(value: Any) -> Decimal | None:
    """USD above zero."""
    figure = amount(value)
    return figure or None


def members(value: Any) -> Mapping[str, Any]:
    """The members of a JSON object (or of a map that is already decoded); empty where it is none."""
    for _ in range(2):  # Langfuse encodes metadata that already is JSON once more
        if not isinstance(value, str):
            break
        try:
            value = _python(value) if value.startswith("{'") else _DECODER.decode(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return {}
    return value if isinstance(value, dict) else {}


def bounded_members(value: Any) -> Mapping[str, Any]:
    """The same of content; empty where it is too long."""
    return {} if isinstance(value, str) and len(value) > CONTENT_CHARACTERS_MAX else members(value)


def _python(spelling: str) -> Any:
    """A dictionary as Python prints it, which is what LiteLLM and LangSmith put where JSON would be."""
    if len(spelling) > PYTHON_CHARACTERS_MAX:
        raise ValueError(f"{len(spelling)} characters of Python")
    return ast.literal_eval(spelling)


def _never(_: str) -> None:
    """NaN and infinities are no figures."""


def _exact(number: str) -> Decimal | None:
    return Decimal(number) if len(number) <= TEXT_NUMBER_MAX else None


_DECODER = json.JSONDecoder(parse_float=_exact, parse_constant=_never)


def member(value: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """What a path of names leads to; None where it leads nowhere."""
    if len(path) == 1:
        return value.get(path[0])
    reached: Any = value
    for name in path:
        if isinstance(reached, dict):
            reached = reached.get(name)
        elif isinstance(reached, list) and name.isdigit() and int(name) < len(reached):
            reached = reached[int(name)]
        else:
            return None
    return reached


def tags(value: Any) -> dict[str, str]:
    """`team:support` and `team=support` in a list, a JSON list or a comma string; the first of a name wins."""
    found: dict[str, str] = {}
    for tag in _tag_list(value):
        if not isinstance(tag, str):
            continue
        name, mark, rest = tag.partition(":")
        if not mark or "=" in name:
            name, mark, rest = tag.partition("=")
        if mark and rest.strip():
            found.setdefault(name.strip(), rest.strip())
    return found


def _tag_list(value: Any) -> list[Any]:
    if isinstance(value, str):
        if not value.lstrip().startswith("["):
            return list(value.split(","))
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return value if isinstance(value, list) else []
