"""How long the page takes with many spans: `python -m bench.pages [MILLIONS OF SPANS] [--data DIR]`, 10 without an argument.

A store of one day is attributed and then multiplied in SQL to a year of such days: spans, decisions, postings and rollups get other trace
ids, days and months, so that all sums hold and the audits of sums return nothing. What stays behind: hashes of response ids inside of
decisions, which only passes read, and a change is noted of no trace. A service is started on it, and asked for its pages, first once for
each after its start (the disk may be in the memory of the system), then some times more; the fastest counts. Sections that a page asks for
later are asked by themselves. `--data`: keep the store there, and use it again.
"""

from __future__ import annotations

import argparse
import html
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from attribution import reports
from attribution.attribute import attribute
from attribution.budgets import Memory, replay
from attribution.prepare import prepare
from attribution.storage import Store
from bench.scale import ALWAYS, CONFIG, MILLION, TRACES, fill
from bench.sizing import cpu_seconds
from bench.workload import SPANS_A_TRACE
from collector.commands.ledger import TABLE_TOP
from collector.config import Config
from collector.folder import Folder, open_store
from tests.e2e.serving import Serving

DAYS = 365
DAYS_AT_A_TIME = 73
FIRST_DAY = date(2026, 9, 21)
"""That bench/spans.sql begins with."""
ROUNDS = 5
SLOW_SECONDS = 5.0
"""What has taken longer is not asked again."""
SETTINGS = {
    "pricing": {"update": False},
    "agents": {"shared": ["guardrail"]},
    "budgets": {
        "team": {"each": ["team"], "limit": 1_000_000, "per": "day"},
        "everything": {"limit": 100_000_000, "per": "day"},
    },
}
LATER = re.compile(r'data-later="([^"]+)"')
"""Addresses of the sections that a page asks for once it is shown."""
TOO_LONG = "takes longer, or more memory, than a page may"
UNDATED = ("/trace/", "/budgets", "/disputes", "/search", "/statements", "/hints")
MERGING = "SELECT count() AS n FROM system.merges"
MERGE_SECONDS_MAX = 600.0
SECONDS_MAX = 300.0
AUDITED_MAX = 20 * MILLION

_TRACE = "lower(hex(sipHash128({0}, days)))"
OTHER = f"{_TRACE} AS {{0}}"
OTHER_TASK = f"if(length({{0}}) = 32, {_TRACE}, {{0}}) AS {{0}}"  # a trace is its own task
OTHER_TASKS = f"arrayMap(one -> if(length(one) = 32, {_TRACE.format('one')}, one), {{0}}) AS {{0}}"
OTHER_KEY = f"cityHash64(if(length(name) = 32, {_TRACE.format('name')}, name)) AS {{0}}"
OTHER_DAY = "addDays({0}, days) AS {0}"
OTHER_DAYS = "arrayMap(one -> addDays(one, days), {0}) AS {0}"
OTHER_MONTH = "formatDateTime(addDays({{first_day:Date}}, days), '%Y-%m') AS {0}"
OTHER_START = "arrayMap(one -> one + days * 86400000000000, {0}) AS {0}"
OTHER_RESPONSE = "if({0} = '', '', concat({0}, '-', toString(days))) AS {0}"
CHANGED: Mapping[str, Mapping[str, str]] = {
    "span_records": {"trace_id": OTHER, "start_time": OTHER_DAY, "response_id": OTHER_RESPONSE},
    "attributions": {"trace_id": OTHER, "start_time": OTHER_DAY, "end_time": OTHER_DAY, "day": OTHER_DAYS, "task": OTHER_TASKS},
    "first_postings": {"trace_id": OTHER, "start_ns": OTHER_START, "day": OTHER_DAYS, "task": OTHER_TASKS},
    "trace_days": {"trace_id": OTHER, "start_time": OTHER_DAY, "end_time": OTHER_DAY, "task": OTHER_TASK},
    "postings": {"effective_at": OTHER_DAY, "day": OTHER_DAY, "effective_period": OTHER_MONTH, "period": OTHER_MONTH},
    "cost_days": {"period": OTHER_MONTH, "day": OTHER_DAY, "task": OTHER_TASK},
    "ledger_days": {"effective_period": OTHER_MONTH, "period": OTHER_MONTH, "day": OTHER_DAY},
    "ledger_names": {"day": OTHER_DAY, "name": OTHER_TASK, "key": OTHER_KEY},
    **{table: {"day": OTHER_DAY} for table in ("agent_days", "initiator_days", "activity", "initiator_parts")},
    **{table: {"period": OTHER_MONTH} for table in ("pool_use", "pool_weights")},
    "pool_splits": {"period": OTHER_MONTH, "use_period": OTHER_MONTH},
}
"""What differs in the rows of another day."""
PAGES = (
    "/", "/team", "/team?team=sales", "/agent", "/agent?agent=guardrail", "/workflow", "/workflow?workflow=invoke_agent", "/traces",
    "/trace/{trace}", "/trace/{trace}/{span}", "/models", "/pools", "/budgets", "/budgets/everything", "/statements",
    "/statements/{month}?team=sales", "/disputes", "/hints", "/quality", "/ledger", "/ledger?team=sales", "/search?q=user-23",
    "/search?q={beginning}",
)  # fmt: skip
REPORTS = ("team", "agent", "model", "user", "task")


def make(data: Path, spans: int) -> None:
    """A store of so many spans in a year."""
    with Store.embedded_in(Folder(data).clickhouse) as store:
        prepare(store)
        fill(store, spans // DAYS // SPANS_A_TRACE * SPANS_A_TRACE, SPANS_A_TRACE)
        attribute(store, CONFIG)
        multiply(store)
        begun = time.monotonic()
        while store.query(MERGING)[0]["n"] and time.monotonic() < begun + MERGE_SECONDS_MAX:
            time.sleep(1)
        violations = store.query("SELECT audit, count() AS n FROM audits GROUP BY audit") if spans <= AUDITED_MAX else None
        print(f"{store.count('span_records'):,} spans of {store.count('traces'):,} traces;", end=" ")
        print("audits not asked" if violations is None else f"violations: {violations or 'none'}", flush=True)


def multiply(store: Store) -> None:
    """Make a year of the day that the store has; today is its last."""
    today = (datetime.now(UTC).date() - FIRST_DAY).days
    shifts = [days for days in range(today - DAYS + 1, today + 1) if days]
    for table, changed in CHANGED.items():
        other = ", ".join(how.format(column) for column, how in changed.items())
        only = "WHERE trace_id != ''" if "trace_id" in changed else ""
        store.execute(f"CREATE TABLE day_one ENGINE = MergeTree ORDER BY tuple() AS SELECT * FROM {table} {only}")
        shifted = "day_one AS one CROSS JOIN (SELECT arrayJoin({shifts:Array(Int32)}) AS days) AS shifts"
        sql = f"INSERT INTO {table} SELECT one.* REPLACE ({other}) FROM {shifted}"
        for first in range(0, len(shifts), DAYS_AT_A_TIME):
            store.execute(sql, {"shifts": shifts[first : first + DAYS_AT_A_TIME], "first_day": FIRST_DAY})
        store.drop("day_one")
    store.execute("TRUNCATE TABLE changes")


def ask(data: Path) -> None:
    """Start a service on a store, and print how long each page takes."""
    serving = Serving(data, SETTINGS, seconds_max=SECONDS_MAX)
    begun = time.monotonic()
    serving.start()
    print(f"ready after {time.monotonic() - begun:.0f} s", flush=True)
    process = serving.process.pid if serving.process else 0
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{serving.http_port}", trust_env=False, timeout=SECONDS_MAX) as http:
            for path in _addresses(serving):
                page = _timed(path, process, lambda path=path: _got(http, path))
                for address in map(html.unescape, LATER.findall(page)):
                    _timed(f"    {address}", process, lambda address=address: _got(http, address))
        with open_store(data, None) as store:
            last = store.query("SELECT max(day) AS day FROM ledger_days")[0]["day"]
            for when, days in {"of all time": ALWAYS, "of a day": {"first": last, "last": last}}.items():
                _timed(f"SQL traces {when}", process, lambda days=days: str(store.query(TRACES, days)))
                for by in REPORTS:
                    _timed(f"report {by} {when}", process, lambda by=by, days=days: str(reports.report(store, by, top=TABLE_TOP, **days)))
    finally:
        serving.stop()


def replays(data: Path) -> None:
    """How long a service with budgets takes to learn what was spent: at its start, and again where nothing has changed since."""
    with Store.embedded_in(Folder(data).clickhouse) as store:
        at = store.query("SELECT max(end_time) AS at FROM attributions")[0]["at"].replace(tzinfo=UTC)
        for per in ("day", "month"):
            config = Config.parse({"pricing": {"update": False}, "budgets": {"team": {"each": ["team"], "limit": 1_000_000, "per": per}}})
            memory, taken = Memory(), []
            for _ in range(2):
                before = time.process_time()
                replay(store, config, at, memory=memory)
                taken.append(time.process_time() - before)
            first, again = taken
            print(f"replay of the budgets of a {per}: {first:.1f} CPU s first, {again:.2f} again", flush=True)


def _addresses(serving: Serving) -> list[str]:
    trace = serving.query("SELECT trace_id, start_time FROM traces ORDER BY start_time DESC, trace_id LIMIT 1")[0]
    span = serving.query("SELECT span_id FROM spans WHERE trace_id = {trace:String} AND model != '' LIMIT 1", trace=trace["trace_id"])[0]
    known = {
        "trace": trace["trace_id"],
        "span": span["span_id"],
        "month": f"{trace['start_time']:%Y-%m}",
        "beginning": trace["trace_id"][:6],
    }
    of_a_year = [f"{path}{'&' if '?' in path else '?'}range=year" for path in PAGES if not path.startswith(UNDATED)]
    return [path.format(**known) for path in (*PAGES, *of_a_year)]


def _got(http: httpx.Client, path: str) -> str:
    answer = http.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answers {answer.status_code}")
    return answer.text


def _timed(name: str, process: int, work: Callable[[], str]) -> str:
    """Do it some times, and print how long the first one took, the fastest of the others, and the mean CPU time of these."""
    taken: list[float] = []
    for rounds in range(ROUNDS + 1):
        if rounds > 1 and sum(taken) > SLOW_SECONDS:
            break
        if rounds == 1:
            before = cpu_seconds(process)
        begun = time.perf_counter()
        found = work()
        taken.append(time.perf_counter() - begun)
    first, *again = taken
    cpu = (cpu_seconds(process) - before) / len(again)
    trouble = "  TAKES TOO LONG" if TOO_LONG in found else ""
    print(f"{name:<70} {first * 1000:>7,.0f} ms first {min(again) * 1000:>7,.0f} ms again {cpu * 1000:>7,.0f} CPU ms{trouble}", flush=True)
    return found


def main() -> None:
    """Make the store where it is not there, and ask."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("millions", nargs="?", type=float, default=10)
    options.add_argument("--data", type=Path, help="keep the store there")
    chosen = options.parse_args()
    with TemporaryDirectory() as folder:
        data = chosen.data or Path(folder) / "data"
        if not data.exists():
            _apart(f"make(pages.Path({str(data)!r}), {int(chosen.millions * MILLION)})")
        _apart(f"replays(pages.Path({str(data)!r}))")
        ask(data)


def _apart(call: str) -> None:
    """In a process of its own, as the embedded engine has one folder a process."""
    subprocess.run([sys.executable, "-c", f"from bench import pages; pages.{call}"], check=True)  # noqa: S603  (our own call)


if __name__ == "__main__":
    main()
