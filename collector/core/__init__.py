"""The native core, and the format of the blocks that it writes."""
