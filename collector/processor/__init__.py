"""Reads what spans used and what that costs."""

from collector.processor.processor import Processed, Processor, Unread

__all__ = ["Processed", "Processor", "Unread"]
