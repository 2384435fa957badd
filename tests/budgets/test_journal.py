"""What decisions remember on disk, and how much disk that takes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from collector.control.bounds import Bound
from collector.control.journal import Journal, Reservation, Run

PAGE_BYTES = 4096


def reservation(number: int, usd: str | None = "0.01") -> Reservation:
    bound = Bound(None if usd is None else Decimal(usd), 1700)
    return Reservation(f"{number:032x}", f"{number:032x}", f"{number:016x}", 1.5, 601.5, {"team": "sales", "run": "ä"}, bound)


def test_what_is_written_is_read_as_it_was(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "control.sqlite")
    written = [reservation(1), reservation(2, None), reservation(3, "0.000000000001")]
    run = Run(1.5, {"team": "sales"}, "planner", 2)
    with journal.together():
        for one in written:
            journal.begin(one, run if one is written[0] else None)
    journal.close()
    again = Journal(tmp_path / "control.sqlite")
    assert again.reservations() == written
    assert again.runs() == {written[0].trace_id: run}
    again.end(one.id for one in written)
    again.close()


def test_a_batch_is_written_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    journal, beside = Journal(tmp_path / "control.sqlite"), Journal(tmp_path / "control.sqlite")
    with journal.together():
        journal.begin(reservation(1), Run(1.5, {}))
        journal.begin(reservation(2), None)
        assert beside.reservations() == []
    assert beside.reservations() == [reservation(1), reservation(2)]
    journal.close()
    beside.close()


def test_the_log_before_the_file_does_not_grow(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "control.sqlite")
    log, sizes = tmp_path / "control.sqlite-wal", []
    for turn in range(5):
        for number in range(100):
            journal.begin(reservation(turn * 100 + number), None)
        journal.end(f"{turn * 100 + number:032x}" for number in range(100))
        journal.checkpoint()
        sizes.append(log.stat().st_size)
    assert sizes[-1] <= sizes[0] + 10 * PAGE_BYTES
    journal.close()
