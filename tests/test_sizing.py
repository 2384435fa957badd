"""The page of sizes reckons with its own figures, and with what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from bench.sizing import SIZES, figures, sizes
from bench.workload import SPANS_A_REQUEST, deliveries
from collector.config import Ingest
from collector.service import PACE

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "sizing.md").read_text(encoding="utf-8")


def test_the_sizes_follow_from_the_figures() -> None:
    assert SIZES.sub(lambda _: sizes(PAGE), PAGE) == PAGE, "run `python -m bench.sizing --write docs/sizing.md`"
    assert figures(PAGE).keys() == {"service_cpu", "clickhouse_cpu", "embedded_cpu", "disk_bytes", "peak", "use"}


def cores(page: str) -> float:
    """Of the collectors, at a thousand million spans a day."""
    (found,) = re.findall(r"^\| 1,000 million \| [\d,]+ \| ([\d.,]+)", sizes(page), re.MULTILINE)
    return float(found.replace(",", ""))


def test_twice_the_cost_is_twice_the_cores() -> None:
    cost = figures(PAGE)["service_cpu"]
    (row,) = [line for line in PAGE.splitlines() if line.endswith("| `service_cpu` |")]
    dearer = PAGE.replace(row, row.replace(f"| {cost:g} |", f"| {2 * cost:g} |"))
    assert figures(dearer)["service_cpu"] == 2 * cost
    assert abs(cores(dearer) - 2 * cores(PAGE)) < 0.2


def test_what_the_page_says_of_the_program_is_so() -> None:
    assert PACE == 4, "it rests four times as long as it works"
    speed = re.search(r"measures it: ([\d,]+) spans/s", PAGE)
    assert speed
    assert speed[1] in (DOCS / "attribution.md").read_text(encoding="utf-8")
    a_span = len(next(deliveries(1)).body) / SPANS_A_REQUEST
    assert f"{a_span:.0f} bytes a span" in PAGE
    assert Ingest().spool_bytes_max / a_span > 6_000_000
