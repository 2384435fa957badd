"""Secrets that the configuration names and does not hold: in a file, or in an environment variable."""

from __future__ import annotations

import os
from pathlib import Path


def held_secret(file: Path | None, variable: str) -> str:
    """What a file holds, where one is named, else an environment variable; '' where there is nothing.

    Raises OSError or UnicodeDecodeError where the file cannot be read.
    """
    return (file.read_text(encoding="utf-8") if file else os.environ.get(variable, "")).strip()
