"""What the validating library finds wrong, in the words of a file: `pools.guardrail.driver: 'calls' is not allowed: must be ...`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from attribution.configuration.section import Section

_LIST = "must be a list, such as [a, b]"
_KEYS = "must hold keys and values"
_NUMBER = "must be a number, such as 1.25"
_WHOLE = "must be a whole number"
_TEXT = "must be text: put it into quotes"
_MOMENT = "must be a day or a time, such as 2026-10-01 or 2026-10-01T12:00:00Z"
_TRUTH = "must be true or false"
_BY_TYPE: Mapping[str, str] = {
    **dict.fromkeys(("tuple_type", "list_type", "set_type", "frozen_set_type"), _LIST),
    **dict.fromkeys(("dict_type", "mapping_type", "model_type", "model_attributes_type"), _KEYS),
    **dict.fromkeys(("decimal_parsing", "decimal_type", "float_parsing", "float_type"), _NUMBER),
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float", "int_parsing_size"), _WHOLE),
    **dict.fromkeys(("bool_parsing", "bool_type"), _TRUTH),
    **dict.fromkeys(("string_type", "invalid_key"), _TEXT),
    "path_type": "must be a path",
}
_WORDS = {
    "^Value error, ": "",
    "Input should be a valid integer.*": _WHOLE,
    "Input should be a valid (?:decimal|number).*": _NUMBER,
    "Input should be a valid boolean.*": _TRUTH,
    "Input should be ": "must be ",
    "Input should have": "must have",
    "String should": "must",
    "Decimal input should": "must",
    "does not match the formats? '%Y-%m-%d'": "is no day: one such as 2026-10-01 is needed",
}


def in_words(message: str) -> str:
    """A message of the library without its own words."""
    for theirs, ours in _WORDS.items():
        message = re.sub(theirs, ours, message)
    return message


def complaints(errors: Sequence[Any], values: Mapping[str, Any], model: type[Section]) -> list[str]:
    """A line for each key that is wrong.

    Args:
        errors: as the library has them. Of a value that may be of one kind or another there is one for each kind.
        values: what was validated.
        model: the section that they are to be.

    """
    found: dict[tuple[Any, ...], tuple[Any, dict[str, None]]] = {}
    for error in errors:
        place = tuple(_place(error, values))
        found.setdefault(place, (error, {}))[1][_said(error, model)] = None
    # What a value holds is wrong only where the value is of the right kind: then it need not be of another.
    inside = {place[:length] for place in found for length in range(1, len(place))}
    return [_line(place, error, ", or ".join(said)) for place, (error, said) in found.items() if place not in inside]


def _place(error: Any, values: Any) -> Iterator[Any]:
    """The keys that lead to what is wrong, without the library's own names for kinds of values."""
    at = values
    for nth, part in enumerate(error["loc"], 1):
        if (isinstance(at, Mapping) and part in at) or (isinstance(at, list | tuple) and isinstance(part, int) and part < len(at)):
            at = at[part]
        elif nth > 1 and error["type"] != "missing":
            continue
        yield part


def _line(place: Sequence[Any], error: Any, said: str) -> str:
    key = ".".join(map(str, place))
    # Of more than one value the message says what in it is wrong.
    shows_value = error["type"] not in {"missing", "extra_forbidden"} and not isinstance(error["input"], Mapping | list | tuple | Section)
    return f"{key}: {error['input']!r} is not allowed: {said}" if shows_value else f"{key}: {said}"


def _said(error: Any, model: type[Section]) -> str:
    kind: str = error["type"]
    if kind == "extra_forbidden":
        return f"there is no such key{_instead(error['loc'], model)}"
    if kind == "missing":
        return "is required"
    if kind.startswith("model_"):
        return f"{_KEYS}{_allowed(_section(error['loc'], model))}"
    if kind.startswith(("date_", "datetime_")):
        return _MOMENT
    if kind == "string_pattern_mismatch":
        field = _section(error["loc"][:-1], model).model_fields.get(str(error["loc"][-1]))
        if field and field.description:
            return f"must be {field.description}"
    return _BY_TYPE.get(kind) or in_words(error["msg"])


def _instead(where: tuple[int | str, ...], model: type[Section]) -> str:
    """`; do you mean X? Allowed are ...`: of the section in which an unknown key stands."""
    section = _section(where[:-1], model)
    near = get_close_matches(str(where[-1]), _names(section), 1)
    return f"{f'; do you mean {near[0]}?' if near else ''}{_allowed(section)}"


def _allowed(section: type[Section]) -> str:
    return f"; allowed are {', '.join(_names(section))}"


def _names(section: type[Section]) -> list[str]:
    return sorted(field.alias or name for name, field in section.model_fields.items())


def _section(where: Sequence[int | str], model: type[Section]) -> type[Section]:
    """The section at the end of a way, or the last one on it."""
    section = model
    for part in where:
        field = section.model_fields.get(part) if isinstance(part, str) else None
        found = _sections(field.annotation) if field else []
        section = found[0] if found else section
    return section


def _sections(kind: Any) -> list[type[Section]]:
    """The sections that a type of a field is made of."""
    if isinstance(kind, type) and issubclass(kind, Section):
        return [kind]
    return [section for argument in get_args(kind) for section in _sections(argument)]
