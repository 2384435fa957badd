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

_prefix, _version = re.compile(MODEL_PREFIX), re.compile(MODEL_VERSION)


def plain_model(model: str) -> str:
    """A model without prefixes, dates, versions and case; '' for none."""
    return _version.sub(r"\1", _prefix.sub("", model.lower(), count=1)).replace(".", "-")
