"""The spool keeps what was acknowledged, whatever the disk does. A failure is one seed: `make faults KIND=power_cut SEED=n`."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from collector.spool import Spool, SpoolError
from collector.spool.store import Store
from tests.faults import spools
from tests.faults.disk import logging


@pytest.mark.parametrize("seed", range(8))
def test_a_power_cut_loses_nothing_that_was_acknowledged(seed: int) -> None:
    assert spools.power_cut(seed) == spools.CUTS_OF_A_RUN


@pytest.mark.parametrize("seed", range(8))
def test_bits_that_flip_are_named_and_harm_nothing_else(seed: int) -> None:
    assert spools.flipped_bits(seed) == spools.CUTS_OF_A_RUN


def test_the_disk_of_the_tests_finds_a_spool_that_does_not_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the tests above would prove nothing."""
    opened = Store.__init__

    def careless(self: Store, path: Path) -> None:
        opened(self, path)
        self._db.execute("PRAGMA synchronous = OFF")

    monkeypatch.setattr(Store, "__init__", careless)
    found = 0
    for seed in range(5):
        try:
            spools.power_cut(seed)
        except (AssertionError, SpoolError):
            found += 1
        spools.close_all()
    assert found


def test_what_is_left_after_all_is_synced_is_what_was_written(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    with logging(folder) as disk:
        spool = Spool(folder / "spool.sqlite", bytes_max=1 << 30)
        spool.put(b"x" * 10_000, 1, {}).result(10)
    disk.after_power_cut(len(disk.log), Random(1), tmp_path / "left")
    for name in ("spool.sqlite", "spool.sqlite-wal"):
        assert (tmp_path / "left" / name).read_bytes() == (folder / name).read_bytes()
    spool.close()


def test_a_spool_that_cannot_be_read_as_a_whole_is_taken_over_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    spool = Spool(path, bytes_max=1 << 30)
    bodies = [bytes([number]) * 9000 for number in range(40)]
    for body in bodies:
        spool.put(body, 2, {"team": "t"}, "sales").result(10)
    spool.close()
    content = bytearray(path.read_bytes())
    leaves = sorted({found.start() // 4096 * 4096 for found in re.finditer(b'"team": "t"}', content)})
    page = leaves[len(leaves) // 2]
    content[page : page + 8] = b"\xff" * 8
    path.write_bytes(content)
    with spools.Heard() as said:
        spool = Spool(path, bytes_max=1 << 30)
    found = {delivery.body for delivery in spools.deliveries(spool)}
    assert "is damaged" in said.text()
    assert found <= set(bodies)
    assert len(found) >= len(bodies) - 4
    assert list(tmp_path.glob("*.damaged-1"))
    assert spool.put(b"after", 1, {}).result(10) > len(bodies), "no seq is given out twice"
    spools.check_books(spool)
    spool.close()
