"""Passes: what one writes counts all at once, when it is committed, or never; then it is added to the rollups."""

from attribution.passes.passes import begin, commit, postings_since, recover, roll_up

__all__ = ["begin", "commit", "postings_since", "recover", "roll_up"]
