"""Faults on purpose, each replayed from its seed: `make faults` draws ever new ones, the tests here try a few of each kind."""
