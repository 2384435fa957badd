"""The page in a real browser: it loads, its charts have data, it leads down to a span, and nothing on it is hard to read or to reach."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector.demo import CONFIG
from tests.e2e.serving import Serving
from tests.page.workload import weeks

CHROMIUM = os.environ.get("CHROMIUM", "") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if not CHROMIUM:
    pytest.skip("there is no Chromium here (Debian's package is `chromium`): NOTHING WAS LOOKED AT IN A BROWSER", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: NOTHING WAS LOOKED AT IN A BROWSER")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed: nothing was tested for accessibility")

MONTH = f"{datetime.now(UTC):%Y-%m}"
PAGES = {
    "overview": "/?compare=previous", "narrowed": "/?team=sales&range=7d", "team": "/team?team=sales", "agent": "/agent?agent=planner",
    "workflow": "/workflow?workflow=ticket", "traces": "/traces", "models": "/models", "pools": "/pools", "quality": "/quality",
    "ledger": "/ledger?team=support", "search": "/search?q=a", "wrong": "/?range=never",
    "budgets": "/budgets", "budget": "/budgets/support",
    "statements": "/statements", "statement": f"/statements/{MONTH}?team=sales", "disputes": "/disputes", "hints": "/hints",
    "anomalies": "/anomalies",
    "dispute": f"/disputes/new?period={MONTH}&team=sales&within=payer&item=revenue&detail=CC-1100",
}  # fmt: skip
WIDTHS = (390, 820, 1440)
COLORS = ["color-contrast", "link-in-text-block"]
"""What axe asks of colors. It takes as long as all else, and a width changes none."""
ALL_ELSE = {"rules": {name: {"enabled": False} for name in COLORS}}
LOOKS: list[tuple[int, str, dict[str, Any]]] = [*((width, "light", ALL_ELSE) for width in WIDTHS)]
LOOKS += [(1440, theme, {"runOnly": COLORS}) for theme in ("light", "dark")]
"""At which widths and in which themes a page is looked at, and what axe is asked there."""
DAYS = 6
BUDGETS = {
    "support": {"scope": {"team": "support"}, "limit": "0.4", "per": "month", "mode": "soft"},
    "each team": {"each": ["team"], "limit": 5, "per": "day"},
    "tokens": {"limit": 10_000_000, "unit": "tokens", "per": "week"},
}
SECONDS_MAX = 120.0
"""For anything to happen beside a browser."""
SCREENSHOTS = os.environ.get("SCREENSHOTS", "")
"""Where to keep what was seen, for people to look at."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A service with days of the workload."""
    with running(Serving(tmp_path_factory.mktemp("page") / "data", {**CONFIG, "budgets": BUDGETS}, seconds_max=SECONDS_MAX)) as started:
        spans = 0
        for body, count in weeks(DAYS, workflows=6):
            assert started.export(body).status_code == 200
            spans += count
        started.until(lambda: started.query("SELECT count() AS n FROM spans")[0]["n"] == spans, "all is stored")
        started.command("attribute", "--config", str(started.config))
        yield started


@contextmanager
def running(service: Serving) -> Iterator[Serving]:
    """A service that is ended, whatever becomes of the test, and that logged nothing unforeseen."""
    try:
        service.start()
        yield service
    finally:
        assert service.stop() == 0, service.log
    assert "Traceback" not in service.log, service.log


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield started
        started.close()


class Tab:
    """A tab that remembers what its console says."""

    def __init__(self, browser: Any, served: Serving, width: int = 1440, **options: Any) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="light", base_url=f"http://127.0.0.1:{served.http_port}", **options
        )
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text) if message.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def look(self, width: int, theme: str) -> None:
        """From a window of another width, or with another theme."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=theme)

    def go(self, path: str) -> None:
        """Open a page, and wait for all of its sections."""
        self.page.goto(path)
        self.settled()

    def settled(self) -> None:
        self.page.wait_for_selector("[data-later]", state="detached", timeout=30_000)

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def tab(browser: Any, served: Serving) -> Iterator[Tab]:
    """A tab of its own."""
    opened = Tab(browser, served)
    yield opened
    opened.close()


def a_trace(served: Serving) -> str:
    return str(served.query("SELECT trace_id FROM traces ORDER BY cost DESC, trace_id LIMIT 1")[0]["trace_id"])


def a_span(served: Serving, trace_id: str) -> str:
    return str(served.spans(trace_id, "span_id", "attributed_spans")[1]["span_id"])


def all_pages(served: Serving) -> dict[str, str]:
    trace_id = a_trace(served)
    return {**PAGES, "trace": f"/trace/{trace_id}", "span": f"/trace/{trace_id}/{a_span(served, trace_id)}"}


def test_every_page_fits_is_accessible_and_says_nothing_to_the_console(browser: Any, served: Serving) -> None:
    opened = Tab(browser, served, WIDTHS[0])
    wrong: list[tuple[object, ...]] = []
    for name, path in all_pages(served).items():
        opened.look(WIDTHS[0], "light")
        opened.go(path)
        for width, theme, asked in LOOKS:
            opened.look(width, theme)
            wide = opened.page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                wrong.append((name, "too wide", width, wide))
            found = axe.Axe().run(opened.page, options={"resultTypes": ["violations"], **asked}).response["violations"]
            wrong += [(name, width, theme, each["id"], [node["html"][:160] for node in each["nodes"][:3]]) for each in found]
            if SCREENSHOTS:
                opened.page.screenshot(path=str(Path(SCREENSHOTS) / f"{name}-{theme}-{width}.png"), full_page=True)
    opened.close()
    wrong += [("console", "said", line) for line in opened.said if "the server responded with a status of 400" not in line]
    assert wrong == []


@pytest.mark.parametrize("path", ["/", "/team?team=sales", "/agent?agent=planner", "/workflow?workflow=ticket", "/models", "/pools"])
def test_charts_have_data_and_are_drawn(tab: Tab, path: str) -> None:
    tab.go(path)
    drawn = tab.page.evaluate(
        """[...document.querySelectorAll('canvas[data-chart]')].map((canvas) => {
            const chart = Chart.getChart(canvas);
            const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            return [chart.data.datasets.length, chart.data.datasets.flatMap((set) => set.data).filter((value) => value > 0).length,
                    pixels.filter((value, at) => at % 4 === 3 && value > 0).length];
        })"""
    )
    assert drawn
    for datasets, values, pixels in drawn:
        assert min(datasets, values) > 0
        assert pixels > 2000


def test_a_number_leads_down_to_the_span_and_what_was_asked_survives(tab: Tab) -> None:
    tab.go("/?range=90d&compare=previous")
    tab.page.click("#by-team a:text-is('sales')")
    tab.settled()
    assert tab.page.url.endswith("/team?range=90d&compare=previous&team=sales")
    tab.page.click("#by-agent tbody td a >> nth=0")
    tab.settled()
    assert "/ledger?range=90d&compare=previous&team=sales&agent=" in tab.page.url
    tab.page.click("#postings tbody tr >> nth=0 >> a >> nth=1")
    tab.settled()
    assert re.search(r"/trace/[0-9a-f]{32}/[0-9a-f]{16}$", tab.page.url)
    assert "verdict" in tab.page.text_content("#cost")
    assert tab.said == []


def test_days_and_dimensions_are_chosen_by_hand_and_stay(tab: Tab) -> None:
    tab.go("/")
    tab.page.select_option("select[name=range]", "7d")
    tab.page.wait_for_url("**/?range=7d*")
    tab.page.check("input[name=compare]")
    tab.page.wait_for_url("**compare=previous*")
    tab.page.select_option("select[name=add]", "team")
    tab.page.fill("input[name=value]", "support")
    tab.page.click("text=Narrow")
    tab.page.wait_for_url("**team=support*")
    assert "range=7d" in tab.page.url
    assert "compare=previous" in tab.page.url
    tab.page.click("nav >> text=Models")
    tab.settled()
    assert "range=7d&compare=previous" in tab.page.url
    assert "team=" not in tab.page.url


def test_it_works_by_keyboard_alone(tab: Tab) -> None:
    tab.go("/")
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.className") == "skip"
    tab.page.focus("input[name=q]")
    tab.page.keyboard.type("resear")
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_url("**/search?q=resear")
    assert "researcher" in tab.page.text_content("#found")


def test_it_works_without_scripts(browser: Any, served: Serving) -> None:
    opened = Tab(browser, served, java_script_enabled=False)
    opened.page.goto("/")
    assert "sales" in opened.page.text_content("#by-team")
    opened.page.click("#by-user >> text=show it")
    assert "sales-1" in opened.page.text_content("#by-user")
    opened.close()


def test_sql_is_copied(browser: Any, served: Serving) -> None:
    opened = Tab(browser, served, permissions=["clipboard-read", "clipboard-write"])
    opened.go("/")
    opened.page.click("#by-team summary")
    opened.page.click("#by-team button:text-is('Copy')")
    opened.page.wait_for_selector("#by-team button:text-is('Copied')")
    copied = opened.page.evaluate("navigator.clipboard.readText()")
    opened.close()
    assert copied.startswith("-- Purpose: What each value of a dimension costs")
    assert served.query(copied)


def test_the_page_fills_while_spans_arrive(browser: Any, tmp_path: Path) -> None:
    with running(Serving(tmp_path / "data", CONFIG, seconds_max=SECONDS_MAX)) as empty:
        opened = Tab(browser, empty)
        opened.go("/")
        assert "No span has come yet" in opened.page.text_content("h1")
        for body, _ in weeks(1, workflows=3):
            assert empty.export(body).status_code == 200
        opened.page.wait_for_selector("#by-team >> text=total", timeout=SECONDS_MAX * 1000)
        opened.close()
        assert opened.said == []


def test_a_password_is_asked_for_and_a_team_sees_its_own(browser: Any, tmp_path: Path) -> None:
    from collector.users import hashed  # noqa: PLC0415

    users = [{"name": "sam", "password_scrypt": hashed("sam's"), "teams": ["support"]}]
    with running(Serving(tmp_path / "data", {**CONFIG, "users": users}, seconds_max=SECONDS_MAX)) as closed:
        for body, _ in weeks(1, workflows=10):
            assert closed.export(body).status_code == 200
        address, sam = f"http://127.0.0.1:{closed.http_port}/", ("sam", "sam's")
        closed.until(lambda: "support" in httpx.get(address, auth=sam, trust_env=False, timeout=SECONDS_MAX).text, "it is attributed")
        opened = Tab(browser, closed, http_credentials={"username": sam[0], "password": sam[1]})
        opened.go("/")
        shown = opened.page.text_content("#by-team")
        opened.close()
    assert "support" in shown
    assert "sales" not in shown


def test_somebody_signs_in_at_a_provider_and_out_again(browser: Any, tmp_path: Path, provider: str) -> None:
    oidc = {"issuer": provider, "client_id": "spanledger", "teams": {"team-support": ["support"]}}
    with running(Serving(tmp_path / "data", {**CONFIG, "oidc": oidc}, seconds_max=SECONDS_MAX)) as closed:
        for body, _ in weeks(1, workflows=10):
            assert closed.export(body).status_code == 200
        closed.until(lambda: closed.query("SELECT count() AS n FROM traces WHERE team = 'support'")[0]["n"], "it is attributed")
        opened = Tab(browser, closed)
        opened.page.goto("/team?team=support")
        opened.page.click("button:text-is('sam')")
        opened.page.wait_for_url("**/team?team=support")
        opened.settled()
        assert "sam@example.com" in opened.page.text_content("header")
        assert "deal-desk" not in opened.page.text_content("main")
        assert axe.Axe().run(opened.page).response["violations"] == []
        assert opened.page.evaluate("document.cookie") == ""
        opened.page.click("text=Sign out")
        opened.page.wait_for_url("**/signed-out")
        assert opened.page.request.get("/live").status == 401
        opened.close()
    assert [line for line in opened.said if "Content Security Policy" in line] == [], "the provider's own page says other things"
