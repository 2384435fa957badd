"""A reader's bounds hold, and a client can lower them but not lift them."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import httpx
import pytest

from collector.query import Limits

from .conftest import Served

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def tight(serve_reader: Callable[[Limits], AbstractContextManager[Served]]) -> Iterator[Served]:
    limits = Limits(
        seconds_max=1,
        result_rows_max=100,
        result_bytes_max=MIB,
        read_rows_max=1_000_000_000,
        memory_bytes_max=32 * MIB,
        threads_max=1,
        concurrent_max=2,
        waiting_max=2,
        wait_seconds_max=1,
        query_bytes_max=2048,
        parameter_bytes_max=1024,
    )
    with serve_reader(limits) as served:
        yield served


LOOSER = [
    {},
    {"max_execution_time": "0", "max_result_rows": "0", "max_result_bytes": "0", "max_memory_usage": "0", "max_rows_to_read": "0"},
    {
        "max_execution_time": "1e9",
        "max_result_rows": "9999999999",
        "max_result_bytes": "inf",
        "max_memory_usage": "-1",
        "max_threads": "64",
    },
]


@pytest.mark.parametrize("asked", LOOSER, ids=["nothing", "none", "much"])
@pytest.mark.parametrize("in_query", [False, True])
@pytest.mark.parametrize(
    ("sql", "status", "code"),
    [
        ("SELECT count() FROM numbers(900000000) WHERE NOT ignore(sipHash64(number))", 408, 159),
        ("SELECT sleepEachRow(0.3) FROM numbers(100) SETTINGS max_block_size = 1", 408, 159),
        ("SELECT number FROM numbers(101)", 500, 396),
        ("SELECT repeat('x', 100000) FROM numbers(50)", 500, 396),
        ("SELECT count() FROM numbers(2000000000)", 500, 158),
        ("SELECT groupArray(number) AS a, length(a) FROM numbers(100000000)", 500, 241),
    ],
    ids=["time", "sleep", "rows", "bytes", "read", "memory"],
)
def test_limits_cannot_be_lifted(*, tight: Served, asked: dict[str, str], in_query: bool, sql: str, status: int, code: int) -> None:
    clause = ", ".join(f"{name} = '{value}'" for name, value in asked.items())
    if in_query and asked:
        sql += f", {clause}" if "SETTINGS" in sql else f" SETTINGS {clause}"
        asked = {}
    answer = tight.http.post("/", params=asked, content=sql)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (status, str(code)), answer.text


def test_limits_can_be_lowered(reader: Served) -> None:
    answer = reader.http.post("/", params={"max_result_rows": "5"}, content="SELECT number FROM numbers(6)")
    assert answer.headers["X-ClickHouse-Exception-Code"] == "396"
    answer = reader.http.post(
        "/", params={"max_execution_time": "0.5"}, content="SELECT sleepEachRow(0.3) FROM numbers(9) SETTINGS max_block_size=1"
    )
    assert answer.headers["X-ClickHouse-Exception-Code"] == "159"
    assert reader.http.post("/", params={"max_threads": "many"}, content="SELECT 1").headers["X-ClickHouse-Exception-Code"] == "36"


def test_no_answer_is_ever_cut_short(tight: Served) -> None:
    assert tight.http.post("/", content="SELECT number FROM numbers(100)").text.count("\n") == 100


def test_text_that_grows_when_written_is_bounded(tight: Served) -> None:
    """max_result_bytes counts columns; a format may write many times that."""
    sql = "SELECT repeat('\\0', 10000) FROM numbers(60)"
    assert tight.http.post("/", content=f"{sql} FORMAT RowBinary").status_code == 200
    assert tight.http.post("/", content=f"{sql} FORMAT JSON").headers["X-ClickHouse-Exception-Code"] == "396"


@pytest.mark.parametrize(
    "request_",
    [
        {"content": "SELECT 1" + " " * 2048},
        {"content": "SELECT 1" + " " * 100_000},
        {"params": {"query": "SELECT 1" + " " * 2048}},
        {"params": {"param_a": "x" * 1100}, "content": "SELECT {a:String}"},
        {"files": {"query": (None, "SELECT {a:String}"), "param_a": (None, "x" * 1100)}},
        {"content": gzip.compress(b" " * 50 * MIB), "headers": {"Content-Encoding": "gzip"}},
    ],
    ids=["query", "body", "url", "parameters", "form", "bomb"],
)
def test_size_of_a_request(tight: Served, request_: dict[str, object]) -> None:
    answer = tight.http.post("/", **request_)  # type: ignore[arg-type]
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (413, "229")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 40 + "number" + " BETWEEN 0 AND 1)" * 40 + " FROM numbers(1)",
        "SELECT number" + " BETWEEN 0 AND 1" * 40 + " FROM numbers(1)",
        "SELECT number" + " NOT between 0 AND 1" * 40 + " FROM numbers(1)",
        "SELECT $a$'$a$, number" + " BETWEEN 0 AND 1" * 40 + ", $a$'$a$ FROM numbers(1)",
        "SELECT \u2018'\u2019, number" + " BETWEEN 0 AND 1" * 40 + ", \u2018'\u2019 FROM numbers(1)",
        "SELECT f(" * 40 + "1" + ") BETWEEN 0 AND 1" * 40,
        "SELECT 1 WHERE (x, (y " + "BETWEEN 0 AND 1 " * 11 + ")) = 1",
    ],
)
def test_a_query_that_grows_when_spelled_out(reader: Served, sql: str) -> None:
    """Each BETWEEN repeats its operand in the canonical spelling: 40 of them would be a terabyte."""
    assert reader.http.post("/", content=sql).headers["X-ClickHouse-Exception-Code"] == "168"


def test_many_betweens_beside_one_another(reader: Served) -> None:
    sql = "SELECT count() FROM numbers(10) WHERE " + " OR ".join(f"(number BETWEEN {n} AND {n + 1} AND number < 5)" for n in range(50))
    assert reader.http.post("/", content=sql).text == "5\n"


def test_a_query_of_too_many_parts(reader: Served) -> None:
    answer = reader.http.post("/", content="SELECT 1" + ",1" * 500_000)
    assert answer.headers["X-ClickHouse-Exception-Code"] == "168"


def test_deep_nesting(reader: Served) -> None:
    answer = reader.http.post("/", content="SELECT " + "(" * 50_000 + "1" + ")" * 50_000)
    assert answer.headers["X-ClickHouse-Exception-Code"] in ("306", "62", "167")


def test_too_many_at_once(tight: Served) -> None:
    """Two run, two wait, and after a second of waiting the rest are asked to come back."""

    def slow(_: int) -> httpx.Response:
        return tight.http.post("/", content="SELECT sleepEachRow(0.9) FROM numbers(3) SETTINGS max_block_size = 1")

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(slow, range(12)))
    busy = [answer for answer in answers if answer.status_code == 503]
    assert busy
    assert {answer.headers["X-ClickHouse-Exception-Code"] for answer in busy} == {"202"}
    assert {answer.headers["Retry-After"] for answer in busy} == {"1"}
    assert tight.http.post("/", content="SELECT 1").text == "1\n"


def test_many_in_parallel(reader: Served) -> None:
    """More than run at once, fewer than may wait: every one gets its own answer, with its own settings."""

    def ask(number: int) -> tuple[str, int]:
        sql = f"SELECT {number}, getSetting('max_result_rows') FROM numbers({number % 5 + 1})"
        answer = reader.http.post("/", params={"max_result_rows": str(number + 10)}, content=sql)
        return answer.text, number

    with ThreadPoolExecutor(24) as threads:
        for text, number in threads.map(ask, range(120)):
            assert text == f"{number}\t{number + 10}\n" * (number % 5 + 1)


def test_a_long_query_does_not_stop_others(reader: Served) -> None:
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(reader.http.post, "/", content="SELECT sleep(3)")
        time.sleep(0.2)
        assert reader.http.get("/ping").text == "Ok.\n"
        assert reader.http.post("/", content="SELECT 1").text == "1\n"
        assert not slow.done()
        assert slow.result().text == "0\n"
