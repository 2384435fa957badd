"""Anomalies on the page: what is shown is the view's, a cost leads to the traces that made it, and a team sees its own."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from attribution.attribute import attribute
from attribution.reports import anomalies
from attribution.storage import Store
from collector.users import hashed
from tests.attribution.otlp import send
from tests.budgets.test_anomalies import FACTORS, USUAL, Days
from tests.budgets.world import config
from tests.page.conftest import Served

DAYS = "from=2026-11-01&to=2026-11-15"
USERS = [
    {"name": "fay", "password_scrypt": hashed("fay's")},
    {"name": "sam", "password_scrypt": hashed("sam's"), "teams": ["support"]},
]
FAY, SAM = ("fay", "fay's"), ("sam", "sam's")


@pytest.fixture
def served(store: Store) -> Iterator[Served]:
    wild = (50_000, 0)
    days = [
        Days("triage", team="support").on(*USUAL), Days("triage", team="support", traces=2, tokens=wild).on(9),
        Days("revenue").on(*USUAL), Days("revenue", tokens=wild).on(9),
        Days("both").on(*USUAL), Days("both", team="support", tokens=wild).on(9),
        Days("named", team="support", said={"task": "one task"}).on(*USUAL),
        Days("named", team="support", said={"task": "one task"}, tokens=wild).on(9),
    ]  # fmt: skip
    send(store, config({}), [span for some in days for span in some])
    attribute(store, config({}))
    page = Served(store, USERS, open_to_all=False)
    yield page
    page.close()


def rows(page: Served, section: str, of: tuple[str, str], more: str = "") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(page.text(f"/anomalies?{DAYS}{more}&section={section}&format=csv", auth=of))))


def test_the_page_has_what_the_view_has(served: Served) -> None:
    shown = [row for section in ("cost", "agents") for row in rows(served, section, FAY)]
    found = anomalies(served.store)
    assert {(row["kind"], row["subject"], Decimal(row["value"])) for row in shown} == {
        (row["kind"], row["subject"], row["value"]) for row in found
    }  # fmt: skip
    assert all(sum(Decimal(row[name]) for name in FACTORS) == Decimal(row["more"]) for row in shown)
    assert {row["subject"] for row in rows(served, "cost", FAY, "&workflow=triage")} > {"triage"}
    assert {row["workflow"] for row in rows(served, "cost", FAY, "&workflow=triage")} == {"triage"}
    assert 'href="/anomalies?' in served.text(f"/?{DAYS}", auth=FAY)
    assert "a day over 3 sigma" in served.text(f"/workflow?workflow=triage&{DAYS}&section=cost", auth=FAY)


def test_a_cost_leads_to_the_traces_that_made_it(served: Served) -> None:
    text = served.text(f"/anomalies?{DAYS}&section=cost", auth=FAY)
    leads = {html.unescape(link) for link in re.findall(r'href="(/traces?[/?][^"]+)"', text)}
    assert {"/traces?from=2026-11-10&to=2026-11-10&workflow=triage", "/traces?from=2026-11-10&to=2026-11-10&task=one+task"} < leads
    trace = next(link for link in leads if link.startswith("/trace/"))
    assert "$0.125" in served.text(trace, auth=FAY)
    made = csv.DictReader(
        io.StringIO(served.text("/traces?from=2026-11-10&to=2026-11-10&workflow=triage&section=traces&format=csv", auth=FAY))
    )
    assert sum(Decimal(row["cost"]) for row in made) == Decimal("0.25")


def test_a_team_sees_what_is_its_own_alone(served: Served) -> None:
    seen = [row for section in ("cost", "agents") for row in rows(served, section, SAM)]
    assert {row["team"] for row in seen} == {"support"}
    assert {row["subject"] for row in seen if row["scope"] == "workflow"} == {"triage", "named"}
    assert rows(served, "cost", SAM, "&team=sales") == []
    text = served.text(f"/anomalies?{DAYS}&section=cost", auth=SAM)
    assert not re.search("revenue|both|several|sales", re.sub(r"<pre.*?</pre>", "", text, flags=re.DOTALL))
