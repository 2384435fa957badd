"""The pages of docs/quickstart: run where the development extras have the packages, else held to what was captured."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from attribution.conventions.emitters import KNOWN
from tests.e2e.conftest import SECRET
from tests.e2e.serving import ROOT, Serving, free_port, run
from tests.emitters.capture import fake_provider

FOLDER = ROOT / "docs" / "quickstart"
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md")) if path.stem != "README"}
RUN = sorted(name for name, text in PAGES.items() if "A test runs this page." in text)
TRIED = sorted(PAGES.keys() - set(RUN))
ADDRESS = "http://127.0.0.1:4318"


def block(name: str, language: str) -> str:
    """The one block of code in a language; empty: there is none."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGES[name], re.DOTALL)
    assert len(found) < 2, name
    return str(found[0]) if found else ""


def exported(name: str) -> dict[str, str]:
    """The variables that a page exports."""
    lines = re.findall(r"^export (.*?)(?:  #.*)?$", block(name, "sh"), re.MULTILINE)
    return dict(part.split("=", 1) for line in lines for part in line.split())


def packages(name: str) -> dict[str, str]:
    """Those that were captured, with their versions."""
    found = re.findall(r"`(@?[\w./-]+)(?:\[[\w,]+\])?(?:==|@)([\w.]+)`", PAGES[name].partition("Tried with ")[2])
    return dict(found)


def captured(name: str) -> Path:
    found = re.search(r"\(`(tests/emitters/capture/\S+)`\)", PAGES[name])
    assert found
    return ROOT / found[1]


@pytest.fixture(scope="module")
def provider() -> Iterator[Mapping[str, str]]:
    """Where the SDKs find a provider."""
    port = free_port()
    server = fake_provider.serve("quickstart", port)
    here = f"http://127.0.0.1:{port}"
    yield {
        "OPENAI_API_KEY": "made-up",
        "OPENAI_BASE_URL": f"{here}/v1",
        "ANTHROPIC_API_KEY": "made-up",
        "ANTHROPIC_BASE_URL": here,
    }
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", RUN)
def test_a_page_is_run_and_its_team_pays(keyed: Serving, provider: Mapping[str, str], name: str) -> None:
    """With the ingest key of the service, whose tag says the same team as the page."""
    here = f"http://127.0.0.1:{keyed.http_port}"
    given = {key: value.replace(ADDRESS, here) for key, value in exported(name).items()}
    if "LANGFUSE_SECRET_KEY" in given:
        given |= {"LANGFUSE_PUBLIC_KEY": "sales-agents", "LANGFUSE_SECRET_KEY": SECRET}
    else:
        given |= {"OTEL_EXPORTER_OTLP_HEADERS": f"x-api-key={SECRET}"}
    before = {row["trace_id"] for row in keyed.query("SELECT DISTINCT trace_id FROM spans")}
    done = run(sys.executable, "-c", block(name, "python"), **given, **provider)
    assert done.returncode == 0, done.stderr
    new = "SELECT trace_id FROM spans WHERE trace_id NOT IN {before:Array(String)} AND usage = 'leaf'"
    keyed.until(lambda: keyed.query(new, before=list(before)), "its call is stored")
    (trace,) = {row["trace_id"] for row in keyed.query(new, before=list(before))}
    keyed.attributed(trace)
    found = keyed.query("SELECT team, user, amount FROM attributed_spans WHERE trace_id = {t:String} AND billable", t=trace)
    assert [row["team"] for row in found] == ["sales"]
    assert [row["user"] for row in found] == ["ada"]
    assert found[0]["amount"] > 0


@pytest.mark.parametrize("name", TRIED)
def test_a_page_names_the_versions_that_were_captured(name: str) -> None:
    script = captured(name).read_text(encoding="utf-8")
    found = packages(name)
    assert found, "with which versions was it tried?"
    for package, version in found.items():
        assert re.search(rf'"{re.escape(package)}(\[[\w,-]+\])?(==|@){re.escape(version)}"', script), f"{package} {version}"


@pytest.mark.parametrize("name", TRIED)
def test_a_page_calls_what_was_captured(name: str) -> None:
    """What it imports of the packages, the captured script does."""
    script = "\n".join(path.read_text(encoding="utf-8") for path in (captured(name), captured(name).with_stem("case")) if path.exists())
    flat = re.sub(r"\s+", " ", script)
    for module, names in imports(name):
        assert re.search(rf"\b(from|import) {re.escape(module)}\b", flat), module
        assert all(re.search(rf"\b{each}\b", flat) for each in names), (module, names)


def imports(name: str) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(ast.parse(block(name, "python"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or "", [each.name for each in node.names]
        if isinstance(node, ast.Import):
            yield from ((each.name, []) for each in node.names if each.name != "asyncio")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_sends_here_and_says_who_pays(name: str) -> None:
    text = PAGES[name]
    assert "127.0.0.1:4318" in text
    assert re.search(r"team=\w+|\"team\": \"sales\"", text)
    assert f"({name}.md)" in (FOLDER / "README.md").read_text(encoding="utf-8")
    tomllib.loads(block(name, "toml"))


@pytest.mark.parametrize("name", [*PAGES, "README"])
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (FOLDER / f"{name}.md").read_text(encoding="utf-8")):
        assert (FOLDER / target).exists(), target
    for file in re.findall(r"`((?:deploy|tests|docs)/[^`]+)`", PAGES.get(name, "")):
        assert (ROOT / file).exists(), file


def test_there_is_a_page_for_the_frameworks_that_people_use() -> None:
    """Each page is about an emitter that is read."""
    known = " ".join(emitter.name for emitter in KNOWN).lower()
    for title in (text.partition("\n")[0].removeprefix("# ") for text in PAGES.values()):
        words = [word for word in re.findall(r"[a-z]{4,}", title.lower()) if word not in {"through", "hand", "client", "google", "agents"}]
        assert any(word in known for word in words), title
