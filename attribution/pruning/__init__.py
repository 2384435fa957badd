"""Lets go of the spans of closed months, or of their content. The figures stay, and with them every audit and report."""

from attribution.pruning.pruning import first_kept, prune, prune_next, prunings

__all__ = ["first_kept", "prune", "prune_next", "prunings"]
