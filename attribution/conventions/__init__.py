"""What a span used and whom it names, read from its attributes whatever convention they follow."""

from attribution.conventions.content import CONTENT_KEYS, CONTENT_PREFIXES, is_content
from attribution.conventions.conventions import Conventions
from attribution.conventions.reading import DIMENSIONS, Reading, Usage, Value

__all__ = ["CONTENT_KEYS", "CONTENT_PREFIXES", "DIMENSIONS", "Conventions", "Reading", "Usage", "Value", "is_content"]
