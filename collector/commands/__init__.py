"""The commands, a file for each thing that people do; `collector/cli.py` puts them together."""
