"""What the spool does when the process is killed, the disk fails, or the file is not its own."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from collector.spool import Spool, SpoolError

Open = Callable[..., Spool]

PUT_UNTIL_KILLED = """
import sys, threading
from pathlib import Path
from collector.spool import Spool

spool = Spool(Path(sys.argv[1]), bytes_max=1 << 30)
out = threading.Lock()

def send(sender):
    for index in range(1_000_000):
        body = f"{sender}/{index} ".encode() * 200
        spool.put(body, 3, {}).result()
        with out:
            print(body[:20].split()[0].decode(), flush=True)

for sender in range(8):
    threading.Thread(target=send, args=(sender,)).start()
"""

HOLD = """
import sys
from pathlib import Path
from collector.spool import Spool

spool = Spool(Path(sys.argv[1]), bytes_max=1 << 20)
print("open", flush=True)
sys.stdin.read()
"""


def python(script: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603


def test_kill_9_loses_nothing_that_was_acknowledged(path: Path, open_spool: Open) -> None:
    for _ in range(2):  # the second run starts from what the first one left
        with python(PUT_UNTIL_KILLED, path) as sender:
            acknowledged = [sender.stdout.readline().strip() for _ in range(300)]
            sender.kill()
            acknowledged += sender.stdout.read().split("\n")[:-1]
        spool = open_spool(bytes_max=1 << 30)
        deliveries = spool.take(after=0, requests_max=1_000_000, bytes_max=1 << 30)
        assert set(acknowledged) <= {d.body.split()[0].decode() for d in deliveries}
        assert spool.depth.requests == len(deliveries)
        assert spool.depth.quarantined == 0
        assert all(a.version + a.spans <= b.version for a, b in pairwise(deliveries))
        spool.close()


def test_a_second_process_is_refused_and_the_first_one_goes_on(path: Path, open_spool: Open) -> None:
    with python(HOLD, path) as holder:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(SpoolError, match=r"spool\.db: the spool is in use by another process"):
            open_spool()
        holder.stdin.close()
    open_spool().put(b"a", 1, {}).result(10)


def test_a_second_spool_in_the_same_process_is_refused(spool: Spool, open_spool: Open) -> None:
    with pytest.raises(SpoolError, match="in use"):
        open_spool()
    spool.put(b"a", 1, {}).result(10)


def test_a_disk_that_is_full_fails_the_senders_and_keeps_what_was_acknowledged(spool: Spool) -> None:
    """SQLite reports a full disk and a full page limit by the same code, SQLITE_FULL."""
    spool.put(b"a", 1, {}).result(10)
    pages = spool._submit(lambda: spool._writing._db.execute("PRAGMA page_count").fetchone()[0]).result(10)
    spool._submit(lambda: spool._writing._db.execute(f"PRAGMA max_page_count = {pages}").fetchone()).result(10)
    refused = spool.put(bytes(100_000), 1, {})
    with pytest.raises(SpoolError, match=r"spool\.db: cannot be written: database or disk is full"):
        refused.result(10)
    spool._submit(lambda: spool._writing._db.execute("PRAGMA max_page_count = 100000").fetchone()).result(10)
    spool.put(b"c", 1, {}).result(10)
    assert [d.body for d in spool.take(after=0, requests_max=10, bytes_max=1000)] == [b"a", b"c"]
    assert (spool.depth.requests, spool.depth.bytes, spool._queued_bytes) == (2, 2, 0)


def test_a_failed_commit_fails_all_that_shared_it(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(type(spool._writing), "add", fail)
    futures = [spool.put(b"a", 1, {}) for _ in range(3)]
    for future in futures:
        with pytest.raises(SpoolError, match="disk I/O error"):
            future.result(10)
    monkeypatch.undo()
    assert spool.put(b"a", 1, {}).result(10) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"this is not a database, it is a letter" * 100, "file is not a database"),
        (None, "has layout 3, this release knows up to 2"),
    ],
)
def test_a_file_that_is_no_spool_of_this_release_is_refused_by_name(
    path: Path, open_spool: Open, content: bytes | None, message: str
) -> None:
    if content:
        path.write_bytes(content)
    else:
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA user_version = 3")
    with pytest.raises(SpoolError, match=f"spool\\.db: cannot be opened: {message}"):
        open_spool()


def test_a_folder_that_cannot_be_made_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SpoolError, match=r"spool\.db: cannot be opened"):
        Spool(tmp_path / "file" / "spool.db", bytes_max=1)
