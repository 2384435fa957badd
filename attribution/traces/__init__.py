"""Traces: a pass reads a batch of traces that changed, decides who pays for them, and posts the difference.

The folders are the stages in their order: 01_batch reads, 02_lookups to 09_postings decide and post, 10_commit makes it count.
"""

from attribution.traces.traces import any_pending, attribute_traces, mark_open_traces_changed

__all__ = ["any_pending", "attribute_traces", "mark_open_traces_changed"]
