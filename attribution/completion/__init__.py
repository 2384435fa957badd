"""Completes calls with what the spans above them tell."""

from attribution.completion.completion import complete

__all__ = ["complete"]
