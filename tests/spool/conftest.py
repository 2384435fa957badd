"""A spool in a folder of its own, closed after the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.spool import Spool

MIB = 1024 * 1024


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool.db"


@pytest.fixture
def open_spool(path: Path) -> Iterator[Callable[..., Spool]]:
    """Opens the same file each time it is called."""
    opened: list[Spool] = []

    def open_(**options: Any) -> Spool:
        opened.append(Spool(path, **{"bytes_max": MIB, **options}))
        return opened[-1]

    yield open_
    for spool in opened:
        spool.close()


@pytest.fixture
def spool(open_spool: Callable[..., Spool]) -> Spool:
    return open_spool()
