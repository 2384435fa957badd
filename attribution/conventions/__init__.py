"""What a span used and whom it names, read from its attributes whatever convention they follow."""

from attribution.conventions.content import CONTENT_KEYS, CONTENT_PREFIXES, is_content
from attribution.conventions.conventions import Conventions
from attribution.conventions.reading import DIMENSIONS, Decode, Reading, Usage, Value, as_it_is
from attribution.conventions.unread import unread_usage

__all__ = [
    "CONTENT_KEYS",
    "CONTENT_PREFIXES",
    "DIMENSIONS",
    "Conventions",
    "Decode",
    "Reading",
    "Usage",
    "Value",
    "as_it_is",
    "is_content",
    "unread_usage",
]
