"""Work tables: each pass has its own, and drops them when it ends."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from attribution.storage import Store


@contextmanager
def work_tables(store: Store, names: Sequence[str]) -> Iterator[dict[str, str]]:
    """Names of this pass's own tables, dropped when it ends."""
    own = uuid.uuid4().hex[:12]
    work = {name: f"work_{own}_{name}" for name in names}
    try:
        yield work
    finally:
        store.drop(*work.values())
