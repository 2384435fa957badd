"""Attribution as the store grows: `python -m bench.scale [MILLIONS OF SPANS]`, 10 without an argument.

Each store is on a process of its own: the embedded engine has one folder a process. Ratios are between figures of this run.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from attribution import reports
from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.prepare import prepare
from attribution.storage import Store
from collector.commands.ledger import TABLE_TOP

CONFIG = AttributionConfig.parse({"agents": {"shared": ["guardrail"]}})
STEP = 1_000_000
GROUP_BY = "SELECT count() FROM (SELECT trace_id, count(), sum(cost) FROM span_records GROUP BY trace_id)"
CHANGED_TRACES = 1000
MILLION = 1_000_000
VIEWS = ("costs_by_team", "costs_by_agent", "allocations")
REPORTS = ("team", "agent", "model", "user")
TRACES = "SELECT * FROM traces WHERE toDate(start_time) BETWEEN {first:Date} AND {last:Date} ORDER BY cost DESC LIMIT 100"
ALWAYS = {"first": reports.FIRST_DAY, "last": reports.LAST_DAY}


def seconds_of(work: Callable[[], object], rounds: int = 1) -> float:
    """Of the fastest round: noise only ever adds."""
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


def fill(store: Store, spans: int, width: int, *, chain: bool = False) -> None:
    """Traces of so many spans each, a million spans a day."""
    sql = (Path(__file__).parent / "spans.sql").read_text(encoding="utf-8")
    shape = {"seed": 1, "width": width, "chain": chain, "traces": max(spans // width, 1), "days": max(spans // MILLION, 1)}
    for first in range(0, spans, STEP):
        store.execute(sql, {**shape, "first": first, "count": min(STEP, spans - first)})


def change(store: Store, traces: int, seed: int) -> None:
    """Traces all over the store change."""
    some = "SELECT trace_id, rand64() FROM traces ORDER BY cityHash64(trace_id, {seed:UInt64}) LIMIT {traces:UInt64}"
    store.execute(f"INSERT INTO changes (trace_id, mark) {some}", {"seed": seed, "traces": traces})


def measure(spans: int, width: int, chain: bool) -> dict[str, float]:
    """All figures of one store, seconds."""
    with TemporaryDirectory() as folder, Store.embedded_in(Path(folder)) as store:
        prepare(store)
        fill(store, spans, width, chain=chain)
        found = {
            "group_by": seconds_of(lambda: store.query(GROUP_BY), 3),
            "attribution": seconds_of(lambda: attribute(store, CONFIG)),
        }
        if spans >= MILLION:
            for seed in range(3):
                change(store, CHANGED_TRACES, seed)
                took = seconds_of(lambda: attribute(store, CONFIG))
                found["incremental"] = min(took, found.get("incremental", took))
            for view in VIEWS:
                found[view] = seconds_of(lambda view=view: store.query(f"SELECT * FROM {view} ORDER BY ALL LIMIT 100"), 3)
            for by in REPORTS:
                found[f"report {by}"] = seconds_of(lambda by=by: reports.report(store, by, top=TABLE_TOP), 2)
            # A line a trace: dashboards ask for a day.
            last_day = store.query("SELECT max(day) AS day FROM ledger_days")[0]["day"]
            for when, days in {"": ALWAYS, " of a day": {"first": last_day, "last": last_day}}.items():
                found[f"traces{when}"] = seconds_of(lambda days=days: store.query(TRACES, days), 3)
                found[f"report task{when}"] = seconds_of(lambda days=days: reports.report(store, "task", top=TABLE_TOP, **days), 2)
            found["all audits"] = seconds_of(lambda: store.count("audits"))
        found["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return found


def apart(spans: int, width: int, *, chain: bool = False) -> dict[str, float]:
    """The same in a process of its own."""
    asked = [sys.executable, "-m", "bench.scale", "--one", str(spans), str(width), str(int(chain))]
    return dict(json.loads(subprocess.run(asked, check=True, capture_output=True, text=True).stdout))  # noqa: S603


def main() -> None:
    """Print what grows and what does not."""
    if "--one" in sys.argv:
        spans, width, chain = map(int, sys.argv[2:])
        print(json.dumps(measure(spans, width, bool(chain))))
        return
    millions = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    one, many = apart(MILLION, 10), apart(millions * MILLION, 10)
    for spans, found in ((MILLION, one), (millions * MILLION, many)):
        rate = spans / found["attribution"] / 1000
        print(
            f"{spans:>11,} spans: attribution of everything {rate:,.0f} k spans/s, {found['attribution'] / found['group_by']:,.0f} times",
            end=" ",
        )
        print(
            f"the plain GROUP BY trace_id ({spans / found['group_by'] / MILLION:,.0f} M spans/s); peak memory {found['peak_mib']:,.0f} MiB"
        )
    ratio = many["incremental"] / one["incremental"]
    print(f"a pass over {CHANGED_TRACES:,} changed traces: {one['incremental']:.2f} s at 1 M spans,", end=" ")
    print(f"{many['incremental']:.2f} s at {millions} M: {ratio:.1f} times")
    questions = [
        *VIEWS,
        *(f"report {by}" for by in REPORTS),
        "traces of a day",
        "report task of a day",
        "traces",
        "report task",
        "all audits",
    ]
    for name in questions:
        print(f"{name:<20} {one[name] * 1000:>9,.0f} ms at 1 M spans {many[name] * 1000:>9,.0f} ms at {millions} M")
    small, large, deep = apart(200_000, 100), apart(200_000, 100_000), apart(200_000, 10_000, chain=True)
    for name, found in (("traces of 100,000 spans", large), ("chains of 10,000 spans", deep)):
        print(f"{name}: {found['attribution'] / small['attribution']:.1f} times the cost a span of traces of 100 spans")


if __name__ == "__main__":
    main()
