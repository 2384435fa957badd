"""One process at a time has the embedded engine of a folder: who comes second waits, and is told for whom.

The engine itself says no more than that it cannot be opened. A lock on a file of our own is let go however its holder ends; what stands
in the file says who that is.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from attribution.errors import StorageError

WAIT_SECONDS = 60.0
"""A command that attributes a large backlog takes longer; then the second one is refused, and its user knows why."""
LOOK_SECONDS = 0.1

_held: dict[Path, int] = {}
"""The folders that this process has: it may open the engine as often as it likes."""


def hold(folder: Path, *, give_way: Callable[[], bool] = lambda: False, wait_seconds: float = WAIT_SECONDS) -> bool:
    """Wait for the only hold on a folder, and keep it until the process ends; False where `give_way` became true meanwhile.

    Raises StorageError, which names the holder.
    """
    path = (folder / "holder.lock").resolve()
    if path in _held:
        return True
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    limit = time.monotonic() + wait_seconds
    told = False
    while not _locked(descriptor):
        if give_way():
            os.close(descriptor)
            return False
        holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another process"
        if time.monotonic() > limit:
            os.close(descriptor)
            raise StorageError(f"{folder}: is in use by {holder}; it was waited for {wait_seconds:.0f} seconds")
        if not told:
            sys.stderr.write(f"waiting for {holder}, which uses {folder}\n")
            told = True
        time.sleep(LOOK_SECONDS)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()} ({Path(sys.argv[0]).name} {' '.join(sys.argv[1:2])})".encode()[:200], 0)
    _held[path] = descriptor
    return True


def release(folder: Path) -> None:
    """Let others have the folder. Nothing happens where this process does not have it."""
    descriptor = _held.pop((folder / "holder.lock").resolve(), -1)
    if descriptor >= 0:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
