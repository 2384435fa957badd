"""Attributing what a Collector has stored already."""
