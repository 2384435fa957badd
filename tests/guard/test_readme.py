"""The snippets of guard/README.md run, with the real packages, and each asks before it calls."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.serving import free_port
from tests.emitters.capture import fake_provider
from tests.guard.conftest import Server

FOLDER = Path(__file__).parents[2] / "guard"
SNIPPETS = re.findall(r"```python\n(.*?)```", (FOLDER / "README.md").read_text(encoding="utf-8"), re.DOTALL)
BEFORE = '''
import os
from anthropic import AsyncAnthropic
from openai import OpenAI
from spanledger_guard import Guard
guard, question = Guard(team="sales"), "Weather in Paris?"
def weather(city: str) -> str:
    """Weather of a city."""
    return "Sun"
'''
AFTER = """
if "client" in globals():
    OpenAI(http_client=guard.httpx_client()).responses.create(model="gpt-4o", input=question)
if "hook" in globals():
    import asyncio
    call = {"model": "gpt-4o", "litellm_call_id": "1"}
    asyncio.run(hook.async_pre_call_hook(None, None, call, "completion"))
    asyncio.run(hook.async_log_success_event(call, None, None, None))
if "research" in globals():
    research(question)
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    server = fake_provider.serve("guard", port)
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda text: text.partition("\n")[0])
def test_a_snippet_runs_and_asks(snippet: str, address: str, service: Server) -> None:
    known = {"SPANLEDGER_URL": service.url, "OPENAI_BASE_URL": f"{address}/v1", "OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"}
    script = BEFORE + snippet.replace("http://127.0.0.1:4318", service.url) + AFTER
    variables = {**os.environ, **known, "PYTHONPATH": str(FOLDER), "OPENAI_AGENTS_DISABLE_TRACING": "1"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=variables, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert ("POST", "/api/v1/decisions") in service.paths
    assert service.paths[-1] == ("POST", "/api/v1/decisions/r1/ended")


def test_there_is_a_snippet_for_each_hook() -> None:
    assert len(SNIPPETS) >= 5
    hooks = {path.stem for path in (FOLDER / "spanledger_guard").glob("*.py")}
    assert hooks >= set(re.findall(r"from spanledger_guard\.(\w+) import", "".join(SNIPPETS)))
