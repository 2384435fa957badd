"""One process per spool: two would each give out the same positions and versions."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from collector.spool.errors import SpoolError


class FileLock:
    """Holds `<path>.lock` until released or the process ends, however it ends.

    A file of its own: closing any descriptor of the database file would drop SQLite's locks on it. Raises SpoolError when
    another process, or another spool in this one, holds it.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as problem:
            raise SpoolError(f"{path}: cannot be opened: {problem}") from problem
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Requests hold prompts: the database is readable by its owner only, and its WAL inherits that.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except BlockingIOError as problem:
            self.release()
            raise SpoolError(f"{path}: the spool is in use by another process") from problem
        except OSError as problem:
            self.release()
            raise SpoolError(f"{path}: cannot be opened: {problem}") from problem

    def release(self) -> None:
        """Let others open the spool. Idempotent."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
