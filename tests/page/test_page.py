"""The page: every address answers, its numbers are those of the ledger, and nobody sees what is not theirs."""

from __future__ import annotations

import csv
import functools
import html
import io
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pyarrow import parquet

from attribution import reports
from attribution.storage import Store
from collector.page.app import HEADERS, STATIC
from tests.page.conftest import Served

MONTH = f"{datetime.now(UTC):%Y-%m}"
PAGES = (
    "/", "/?compare=previous", "/?team=sales", "/?user=sales-1&team=sales", "/?range=today", "/?from=2026-01-01&to=2026-12-31", "/?team=",
    "/team", "/team?team=sales", "/team?team=nobody", "/agent", "/agent?agent=planner", "/agent?agent=guardrail", "/agent?agent=nobody",
    "/workflow", "/workflow?workflow=ticket", "/traces", "/traces?agent=triage", "/traces?model=gpt-4o-2024-08-06", "/models",
    "/models?model=gpt-4o-2024-08-06", "/models?compare=previous", "/pools", "/pools?pool=guardrail", "/quality", "/ledger",
    "/ledger?team=support&pool=", "/search?q=res", "/search?q=100%25", "/search?q=", "/budgets", "/budgets/support",
    "/budgets/each%20team%2Fday", "/budgets/all%20of%20us", "/budgets/tokens", "/budgets/loops", "/statements", "/statements?team=sales",
    f"/statements/{MONTH}", f"/statements/{MONTH}?team=sales", f"/statements/{MONTH}?team=support", "/disputes", "/hints",
    "/hints?range=7d", "/anomalies", "/anomalies?range=90d&team=sales", "/anomalies?workflow=ticket&model=gpt-4o",
)  # fmt: skip
LATER = re.compile(r'data-later="([^"]+)"')
FILES = re.compile(r'href="([^"]+)" download')


def addresses(found: re.Pattern[str], text: str) -> list[str]:
    return [html.unescape(address) for address in found.findall(text)]


def a_trace(store: Store, where: str = "1") -> str:
    return str(store.query(f"SELECT trace_id FROM traces WHERE {where} ORDER BY cost DESC, trace_id LIMIT 1")[0]["trace_id"])


def a_span(store: Store, trace_id: str) -> str:
    asked = "SELECT span_id FROM attributed_spans WHERE trace_id = {trace:String} ORDER BY amount DESC, span_id LIMIT 1"
    return str(store.query(asked, {"trace": trace_id})[0]["span_id"])


@functools.cache
def whole(page: Served, path: str) -> str:
    """A page and all sections that come later; no test changes them."""
    text = page.text(path)
    return text + "".join(page.text(address) for address in addresses(LATER, text))


@pytest.mark.both_engines
@pytest.mark.parametrize("path", PAGES)
def test_every_page_and_every_section_is_shown(page: Served, path: str) -> None:
    assert 'class="trouble"' not in whole(page, path)


def test_every_table_is_exported_as_csv_and_parquet(page: Served) -> None:
    files = {address for path in PAGES for address in addresses(FILES, whole(page, path)) if "section=" in address}
    assert len(files) > 60
    for address in sorted(files):
        answer = page.get(address)
        assert answer.status_code == 200, (address, answer.text)
        assert "attachment" in answer.headers.get("content-disposition", ""), address
        if "format=csv" in address:
            assert next(csv.reader(io.StringIO(answer.text)))
        else:
            assert parquet.read_table(io.BytesIO(answer.content)).num_columns


@pytest.mark.parametrize("by", ["team", "workflow", "user"])
def test_the_numbers_are_those_of_the_report(page: Served, by: str) -> None:
    rows = list(csv.DictReader(io.StringIO(page.text(f"/?section=by-{by}&format=csv"))))
    lines = reports.report(page.store, by).lines
    assert {row["value"]: Decimal(row["total"]) for row in rows} == {line.value: line.total for line in lines}


def test_the_postings_of_a_number_sum_to_it(page: Served) -> None:
    costs = {row["value"]: row["total"] for row in csv.DictReader(io.StringIO(page.text("/?section=by-team&format=csv")))}
    for team, total in costs.items():
        made_of = csv.DictReader(io.StringIO(page.text(f"/ledger?team={team}&section=postings&format=csv")))
        assert sum(Decimal(row["amount"]) for row in made_of) == Decimal(total)
    narrowed = csv.DictReader(io.StringIO(page.text("/?team=sales&section=by-user&format=csv")))
    assert sum(Decimal(row["total"]) for row in narrowed) == Decimal(costs["sales"])


def test_the_sql_that_is_shown_gives_what_is_shown(page: Served) -> None:
    text = whole(page, "/?team=sales&compare=previous")
    statements = {html.unescape(each) for each in re.findall(r"<pre tabindex=\"0\" aria-label=\"SQL[^>]*>(.*?)</pre>", text, re.DOTALL)}
    assert len(statements) > 4
    for sql in statements:
        assert not re.search(r"\{\w+:", sql)
        page.store.query(sql)


def test_a_trace_and_a_span_say_what_they_cost_and_why(page: Served) -> None:
    trace_id = a_trace(page.store)
    text = page.text(f"/trace/{trace_id}")
    assert "not billed: it repeats the calls below" in text
    assert "list price" in text
    assert "calls back" in text
    span = page.text(f"/trace/{trace_id}/{a_span(page.store, trace_id)}")
    assert "genai-prices:" in span
    assert "What was posted for it" in span
    assert "gen_ai.usage.input_tokens" in span


def test_a_search_for_a_whole_trace_id_leads_to_it(page: Served) -> None:
    trace_id = a_trace(page.store)
    answer = page.get(f"/search?q=%20{trace_id.upper()}%20")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/trace/{trace_id}")
    assert f"/trace/{trace_id}" in page.text(f"/search?q={trace_id[:6]}")


def test_to_narrow_is_an_address_of_its_own(page: Served) -> None:
    answer = page.get("/agent?range=7d&compare=previous&team=sales&add=model&value=gpt-4o")
    assert (answer.status_code, answer.headers["location"]) == (303, "/agent?range=7d&compare=previous&team=sales&model=gpt-4o")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/?from=2026-13-01", 400, "from: &#39;2026-13-01&#39; is no day such as 2026-10-31"),
        ("/?from=2026-02-02&to=2026-01-01", 400, "from: 2026-02-02 is after to: 2026-01-01"),
        ("/?to=9999-01-01", 400, "to: 9999-01-01 is not between"),
        ("/?range=fortnight", 400, "range: &#39;fortnight&#39; is none of today, 7d"),
        ("/trace/abc", 400, "is no trace id: it has 32 hexadecimal digits"),
        (f"/trace/{'0' * 32}/xyz", 400, "is no span id: it has 16 hexadecimal digits"),
        (f"/trace/{'f' * 32}", 404, "there is no attributed trace ffff"),
        ("/?section=nothing", 404, "there is no section &#39;nothing&#39; on this page; there is figures"),
        ("/?section=by-team&format=xls", 400, "format: &#39;xls&#39; is none of csv, parquet"),
        ("/models?section=prices&format=csv", 404, "is no table"),
        ("/static/../app.py", 404, ""),
        ("/static/secret", 404, "there is no such file"),
    ],
)
def test_what_cannot_be_shown_says_why(page: Served, path: str, status: int, said: str) -> None:
    answer = page.get(path)
    assert answer.status_code == status
    assert said in answer.text


def test_values_are_text_and_never_markup(page: Served) -> None:
    nasty = "<script>alert(1)</script>'\"\\"
    for path in ("/", "/team", "/agent", "/workflow", "/pools", "/models"):
        name = {"/": "user", "/models": "model", "/pools": "pool"}.get(path, path[1:])
        text = page.text(path, params={name: nasty})
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text
    assert "<script>alert" not in page.text("/search", params={"q": nasty})


def test_browsers_are_told_to_run_nothing_but_our_script(page: Served) -> None:
    for path in ("/", "/nowhere-at-all", f"/trace/{'f' * 32}", "/live"):
        answer = page.get(path)
        assert path == "/nowhere-at-all" or {name: answer.headers[name] for name in HEADERS} == HEADERS
    text = whole(page, "/") + whole(page, "/agent?agent=planner")
    assert not re.search(r"<script(?![^>]* src=)|\sstyle=|\son\w+=|javascript:", text)
    for name in STATIC:
        assert page.get(f"/static/{name}").status_code == 200


def test_a_page_of_the_web_cannot_read_it_through_a_browser(page: Served) -> None:
    answer = page.get("/", headers={"Host": "evil.example.com"})
    assert answer.status_code == 403
    assert "sales" not in answer.text


def test_elsewhere_than_on_loopback_it_is_closed_until_there_are_users(filled: Store) -> None:
    served = Served(filled, open_to_all=False)
    answer = served.get("/")
    served.close()
    assert answer.status_code == 403
    assert "the configuration names no users" in answer.text


def test_users_have_passwords(of_users: Served) -> None:
    for given in (None, ("fay", "sam's"), ("eve", "fay's")):
        answer = of_users.get("/", auth=given)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")
        assert "sales" not in answer.text
    assert "sales" in of_users.text("/", auth=("fay", "fay's"))
    assert of_users.get("/live").status_code == 401


@pytest.mark.parametrize("path", PAGES)
def test_who_may_see_a_team_sees_nothing_of_others(of_users: Served, path: str) -> None:
    sam = ("sam", "sam's")
    answer = of_users.get(path, auth=sam)
    assert answer.status_code in {200, 403, 404}, answer.text
    shown = answer.text + "".join(of_users.get(address, auth=sam).text for address in addresses(LATER, answer.text))
    figures = re.sub(r"<(?:input|option|h1|title)[^>]*>[^<]*|<ul class=\"chips\".*?</ul>", "", shown, flags=re.DOTALL)
    assert "deal-desk" not in figures
    assert "sales-" not in re.sub(r"team=sales|user=sales-1", "", figures) or "user=sales-1" in path
    assert "researcher" not in figures


def test_who_may_see_a_team_sees_all_of_it(of_users: Served, page: Served) -> None:
    whole_table = csv.DictReader(io.StringIO(page.text("/?section=by-team&format=csv")))
    own = list(csv.DictReader(io.StringIO(of_users.text("/?section=by-team&format=csv", auth=("sam", "sam's")))))
    assert own == [row for row in whole_table if row["value"] == "support"]


def test_who_may_see_a_team_sees_no_trace_of_another(of_users: Served) -> None:
    sam = ("sam", "sam's")
    others = a_trace(of_users.store, "team = 'sales'")
    assert of_users.get(f"/trace/{others}", auth=sam).status_code == 404
    assert of_users.get(f"/trace/{others}/{a_span(of_users.store, others)}", auth=sam).status_code == 404
    own = a_trace(of_users.store, "team = 'support'")
    assert of_users.get(f"/trace/{own}", auth=sam).status_code == 200
    assert of_users.get("/search?q=sal", auth=sam).status_code == 403


def test_an_empty_store_says_how_to_send_the_first_span(store: Store) -> None:
    served = Served(store)
    text = served.text("/")
    state = served.get("/live").json()["state"]
    served.close()
    for line in ("OTEL_EXPORTER_OTLP_ENDPOINT=", "LANGFUSE_BASE_URL=", "TRACELOOP_BASE_URL=", "OTEL_RESOURCE_ATTRIBUTES=team="):
        assert line in text
    assert state
