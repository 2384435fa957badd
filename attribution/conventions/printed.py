"""Objects as Python prints them: `ChatCompletion(id='chatcmpl-1', usage=CompletionUsage(prompt_tokens=10))`.

Frameworks that trace whatever they hold write an SDK's answer so. Nothing is run: names, numbers and texts are read, in time linear in
the length. What people and models said stands between quotes, where it is passed over, whatever it looks like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from attribution.conventions.values import CONTENT_CHARACTERS_MAX

TOKENS_MAX = 200_000
"""Read of one object."""
DEPTH_MAX = 64
"""Levels of one within another."""
TEXT_CHARACTERS_MAX = 200
"""Longer texts are no names: they are left out."""

_BEGIN = re.compile(r"[A-Z]\w*\(")
_TOKEN = re.compile(
    r"""(?P<text>'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*")"""
    r"|(?P<open>[A-Za-z_][\w.]*\(|[\[({])|(?P<close>[\])}])|(?P<name>[A-Za-z_]\w*)=|(?P<word>[-+]?\d[\d.]*(?:e[-+]?\d+)?|[\w.]+)|(?P<mark>[:,])|(?P<rest>.)",
    re.DOTALL,
)
_QUOTES, _LISTS = frozenset("'\""), frozenset("[(")
_WORDS: dict[str, Any] = {"None": None, "True": True, "False": False}


@dataclass(slots=True)
class _Frame:
    """A container that is open."""

    held: dict[str, Any] | list[Any]
    name: str = ""
    """Of the member that comes next."""
    last: Any = None
    """What a colon makes a name of."""

    def put(self, value: Any) -> None:
        if isinstance(self.held, list):
            self.held.append(value)
        elif self.name:
            self.held.setdefault(self.name, value)
            self.name = ""
        else:
            self.last = value


def is_printed(text: str) -> bool:
    """Whether a text begins as a printed object does."""
    return _BEGIN.match(text) is not None


def members(text: str) -> dict[str, Any]:
    """The members of a printed object and of those within it; numbers stay text. Empty where it is none, is cut off, or is too long."""
    if len(text) > CONTENT_CHARACTERS_MAX or not is_printed(text):
        return {}
    root = _Frame([])
    frames = [root]
    for count, found in enumerate(_TOKEN.finditer(text)):
        if count > TOKENS_MAX or len(frames) > DEPTH_MAX or found[0] in _QUOTES:
            return {}
        _take(frames, found)
        if len(frames) == 1:
            break
    whole = root.held[0] if len(frames) == 1 and isinstance(root.held, list) else None
    return whole if isinstance(whole, dict) else {}


def _take(frames: list[_Frame], found: re.Match[str]) -> None:
    """Put one token into the innermost open container."""
    kind, spelled, frame = found.lastgroup, found[0], frames[-1]
    if kind == "open":
        frames.append(_Frame([] if spelled in _LISTS else {}))
        frame.put(frames[-1].held)
    elif kind == "close":
        frames.pop()
    elif kind == "name":
        frame.name = found["name"]
    elif kind == "mark":
        frame.name, frame.last = (frame.last if spelled == ":" and isinstance(frame.last, str) else ""), None
    elif kind == "text":
        frame.put(spelled[1:-1] if len(spelled) <= TEXT_CHARACTERS_MAX else "")
    elif kind == "word":
        frame.put(_WORDS.get(spelled, spelled))
