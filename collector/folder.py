"""The data folder: what lies where, and how a command reaches the store while a server holds it.

DATA/clickhouse/    the embedded ClickHouse; one process at a time
DATA/spool.sqlite   acknowledged requests that are not stored yet
DATA/control.sqlite reservations in flight, of decisions
DATA/temporary/     what the embedded ClickHouse is about to read; emptied at start
DATA/holder.lock    held by the one process that has the embedded ClickHouse open, which it names
DATA/serving.json   where the running server's owner socket is; stale after a crash, which costs one failed connection
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from urllib.parse import urlsplit

from attribution.cluster import shard_database
from attribution.errors import StorageError
from attribution.prepare import prepare
from attribution.storage import DATABASE, Store
from collector.holding import hold
from collector.query.unix import pool_manager

DEFAULT = Path("spanledger-data")
DEMO = Path("spanledger-demo")
"""Where the demo puts its data unless told otherwise; begun anew each time."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Paths in a data folder."""

    path: Path

    @property
    def clickhouse(self) -> Path:
        """The embedded engine's folder."""
        return self.path / "clickhouse"

    @property
    def spool(self) -> Path:
        """The spool's file."""
        return self.path / "spool.sqlite"

    @property
    def control(self) -> Path:
        """What decisions remember."""
        return self.path / "control.sqlite"

    @property
    def temporary(self) -> Path:
        """Files of a moment; what a killed server left is swept when the next one starts."""
        return self.path / "temporary"

    def prepare(self) -> None:
        """Make the folder, for its owner only, and sweep what a killed server left. Only for who holds the spool's lock.

        Raises StorageError where the folder is another user's, as that of a volume in a container is.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self.path.chmod(0o700)
        except PermissionError:
            raise StorageError(
                f"{self.path}: this folder belongs to another user; name one below it: --data {self.path}/spanledger"
            ) from None
        rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir(mode=0o700, exist_ok=True)

    @property
    def serving(self) -> Path:
        """What the running server says of itself."""
        return self.path / "serving.json"

    @contextmanager
    def owner_socket(self) -> Iterator[Path]:
        """A path for the owner's socket, announced while the context lasts.

        It lies in a folder of its own that only the owner may enter: short enough for a socket, wherever DATA lies.
        """
        private = Path(mkdtemp(prefix="spanledger-"))
        socket = private / "owner.sock"
        try:
            self.serving.touch(mode=0o600)
            self.serving.write_text(json.dumps({"pid": os.getpid(), "owner_socket": str(socket)}), encoding="utf-8")
            yield socket
        finally:
            self.serving.unlink(missing_ok=True)
            rmtree(private, ignore_errors=True)

    def served(self) -> Path | None:
        """The owner socket of the server that holds this folder; None when none does."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            socket = Path(json.loads(self.serving.read_text(encoding="utf-8"))["owner_socket"])
            return socket if socket.exists() else None
        return None


def open_store(data: Path, clickhouse: str | None) -> Store:
    """The store, however it can be reached: a ClickHouse server, the running `spanledger serve`, or the folder itself.

    Raises StorageError.
    """
    if clickhouse:
        return _prepared(Store.at(checked_url(clickhouse)))
    folder = Folder(data)
    if not data.exists():
        raise StorageError(f"{data}: there is no such data folder; `spanledger serve --data {data}` makes one, `--data` names another")
    served: list[Store] = []

    def answers() -> bool:
        store = _served(folder)
        served.extend([store] if store else [])
        return store is not None

    # A server that is starting holds the folder before it can be asked.
    if answers() or not hold(folder.path, give_way=answers):
        return served[0]
    return _prepared(Store.embedded_in(folder.clickhouse))


def _served(folder: Folder) -> Store | None:
    """The store through the server that holds the folder; None where none answers."""
    socket = folder.served()
    if socket:
        with contextlib.suppress(StorageError):
            return Store.through(pool_manager(socket))
    return None


@contextmanager
def shards_at(urls: Sequence[str], database: str = DATABASE) -> Iterator[list[Store]]:
    """The shards of a cluster whose ledger is in `database`, while the context lasts. Raises StorageError."""
    with contextlib.ExitStack() as opened:
        yield [opened.enter_context(Store.at(checked_url(url, "--shard"), shard_database(database))) for url in urls]


def checked_url(url: str, option: str = "--clickhouse") -> str:
    """The URL of a ClickHouse server. Raises StorageError where it has no scheme or host: the client would go to localhost."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        shown = url.rpartition("@")[2]
        raise StorageError(f"{option} {shown}: a URL is needed, such as http://user:password@host:8123/ or https://host:8443/")
    return url


def _prepared(store: Store) -> Store:
    prepare(store)
    return store
