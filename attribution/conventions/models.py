"""How a model is called, whoever calls it: layers and invoices have several names for one (R1).

`us.anthropic.claude-sonnet-4-5-20250929-v1:0` and `anthropic/claude-sonnet-4.5` are both `claude-sonnet-4-5`. Statements are given the
expressions, so that ClickHouse and Python tell models apart alike.
"""

from __future__ import annotations

import re

MODEL_PREFIX = r"^(.*/)?(([a-z-]+|ai21)[.])*"
"""`openai/`, `models/`, `us.anthropic.`, of a name in lower case."""
MODEL_VERSION = r"^(.+?)([-@:]latest|[-@]20[0-9]{2}(-?[0-9]{2}){2}|-[01][0-9]-?[0-3][0-9]|-2[0-9][01][0-9]|-v?[0-9]+:[0-9]+|-00[0-9])+$"
"""A date (2024-08-06, 20250929, 05-20, 0613, 2411), a version (v1:0, 001) or `latest`; something must be left before it."""

DECORATION = re.compile(r"(?<![a-z])(preview|instruct|latest|experimental|exp|text)(?![a-z])")
"""Words of a name that invoices have or leave out as they like."""

_prefix, _version = re.compile(MODEL_PREFIX), re.compile(MODEL_VERSION)


def plain_model(model: str) -> str:
    """A model without prefixes, dates, versions and case; '' for none."""
    return _version.sub(r"\1", _prefix.sub("", model.lower(), count=1)).replace(".", "-")


def billed_as(model: str) -> tuple[str, str]:
    """The same for the names that a model has on invoices: its letters in any order, and its numbers.

    `Claude4.6Opus` is billed for `claude-opus-4-6`, `Nova2.0Lite` for `nova-2-lite`, `gpt 35 turbo` for `gpt-3.5-turbo`.
    """
    name = DECORATION.sub("", plain_model(model))
    numbers = (number for number in re.findall(r"\d+", name) if number.strip("0"))
    return "".join(sorted(filter(str.isalpha, name))), "".join(numbers)
