"""Every question of the cookbook is answered on the demo's data, through the port that people ask."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from attribution.attribute import attribute
from attribution.storage import Store
from collector.config import Config
from collector.demo import CONFIG
from collector.processor import Processor
from collector.query import create_app
from collector.spool import Delivery
from tests.attribution.otlp import exporter_to
from tests.conftest import ENGINES, own_store
from tests.e2e.otlp import chat, request, span, trace_id
from tests.page.workload import weeks

PAGE = (Path(__file__).parents[1] / "docs" / "cookbook.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^### (.+?)\n.*?```sql\n(.+?)\n```\n\nColumns: (.+?)\.\n", PAGE, re.MULTILINE | re.DOTALL)
MONEY = {
    "usd", "direct", "shared", "allocated", "own", "inclusive", "nobody", "median", "p95", "most", "usd_per_trace", "usd_per_million",
    "usd_by_the_end", "billed_and_added", "difference",
}  # fmt: skip


@pytest.fixture(scope="module", params=ENGINES)
def demo(request: pytest.FixtureRequest, embedded_path: Path) -> Iterator[Store]:
    """Days of the demo's workload, and what it has not: an answer from a cache, and a model that nobody has a price for."""
    config = Config.parse(CONFIG)
    with own_store(request.param, embedded_path) as store:
        for number, (body, spans) in enumerate([*weeks(2, workflows=8), (others(), 2)]):
            exporter_to(store).export([Processor(config).process(Delivery(number + 1, time.time_ns(), spans, {}, body))])
        attribute(store, config)
        yield store


def others() -> bytes:
    trace = trace_id()
    spans = [
        span(trace, 1, {**chat("gpt-4o", 900, 90), "litellm.cache_hit": True, "team": "sales"}),
        span(trace, 2, {**chat("a-model-of-our-own", 500, 50), "team": "sales"}),
    ]
    return request(spans).SerializeToString()


@pytest.fixture(scope="module")
def port(demo: Store) -> Iterator[TestClient | None]:
    """The read-only port of the embedded engine, which allows functions by a list; a server has its own."""
    if not demo.embedded:
        yield None
        return
    with TestClient(create_app(demo.client.path, demo.database), base_url="http://127.0.0.1") as client:
        yield client


def answered(demo: Store, port: TestClient | None, sql: str) -> Any:
    asked = f"{sql} FORMAT JSON"
    if port is None:
        with demo.another() as reader:  # who reads so only reads from then on
            return json.loads(reader.read(asked, "JSON"))
    answer = port.post("/", content=asked, params={"database": demo.database})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(("question", "sql", "columns"), QUESTIONS, ids=[question for question, _, _ in QUESTIONS])
def test_a_question_is_answered(demo: Store, port: TestClient | None, question: str, sql: str, columns: str) -> None:
    found = answered(demo, port, sql)
    assert found["data"], question
    assert [column["name"] for column in found["meta"]] == re.findall(r"`(\w+)`", columns)
    types = {column["name"]: column["type"] for column in found["meta"] if column["name"] in MONEY}
    assert not any("Float" in type_ for type_ in types.values()), "money is exact"


def test_there_are_twenty_questions_and_each_is_run() -> None:
    assert len(QUESTIONS) == 20
    assert len(QUESTIONS) == PAGE.count("\n### ") == PAGE.count("```sql")


def of(title: str) -> str:
    (sql,) = (sql for question, sql, _ in QUESTIONS if question.startswith(title))
    return sql


def test_the_answers_agree_with_each_other(demo: Store, port: TestClient | None) -> None:
    """One total, whatever it is asked by."""
    money = lambda row, column: Decimal(str(row[column]))  # noqa: E731
    books = answered(demo, port, of("Do the books"))["data"]
    assert all(money(row, "difference") == 0 for row in books)
    billed = sum(Decimal(row["usd"]) for row in demo.query("SELECT toString(sum(amount)) AS usd FROM attributed_spans"))
    for title in ("What of it", "What kinds", "How was the team", "Does cost grow"):
        asked = of(title).replace("sum(amount) AS usd", "toString(sum(amount)) AS usd")
        total = demo.query(f"SELECT toString(sum(toDecimal128(usd, 12))) AS usd FROM ({asked})")[0]["usd"]
        assert Decimal(total) == billed, title
