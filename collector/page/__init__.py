"""The page: what the ledger says, for people with a browser, served beside the receiver on `--http`."""

from collector.page.app import PageApp

__all__ = ["PageApp"]
