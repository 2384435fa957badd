"""What LiteLLM's proxy spends beyond a limit when many call at once: by its own budgets, and with the guard's hook.

python -m bench.gateway_budgets [CALLS [KIND]]

It makes an environment of its own for the proxy, with a provider of this machine behind it; nothing leaves the machine but that.
Every call has a prompt of 100,000 tokens and costs 0.0416 USD, of which the limit has ten. They come in waves; in the second all
of the first are over, and in the third their records are stored. Two proxies share the load, as replicas do that have no Redis.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import uvicorn
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.e2e.serving import free_port

PACKAGES = ("litellm[proxy]==1.108.7", "opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http")
LIMIT = Decimal("0.416")
COST = Decimal("0.0416")
TOKENS, OUTPUT = 100_000, 1000
PAUSES_SECONDS = (0, 8, 40)
"""Before each wave; before the last all that is in flight is in the store or forgotten."""
KEY = f"sk-{secrets.token_hex(32)}"
GUARD = Path(__file__).parents[1] / "guard"
ROUTES = {"model_name": "gpt-4.1-mini", "litellm_params": {"model": "openai/gpt-4.1-mini", "api_key": "made-up"}}
OWN = {
    "provider budget": {"router_settings": {"provider_budget_config": {"openai": {"budget_limit": float(LIMIT), "time_period": "1d"}}}},
    "key budget": {"general_settings": {"custom_auth": "keys.check", "custom_auth_run_common_checks": True}},
    "guard": {"litellm_settings": {"callbacks": ["otel", "hook.hook"]}, "general_settings": {"custom_auth": "keys.of_sales"}},
}
FILES = {
    "hook.py": "from spanledger_guard import Guard\nfrom spanledger_guard.litellm import GuardHook\nhook = GuardHook(Guard())\n",
    "keys.py": "from litellm.proxy._types import UserAPIKeyAuth\n"
    "async def check(request, api_key):\n"
    f"    return UserAPIKeyAuth(api_key=api_key, token=api_key, max_budget={LIMIT}, spend=0.0)\n"
    "async def of_sales(request, api_key):\n"
    "    return UserAPIKeyAuth(api_key=api_key, token=api_key, team_alias='sales')\n",
}


@contextmanager
def running(command: list[str], ready: str, **variables: str) -> Iterator[None]:
    """A process, from when it answers."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **variables})  # noqa: S603
        try:
            for _ in range(600):
                if process.poll() is not None:
                    log.seek(0)
                    raise SystemExit(log.read().decode())
                try:
                    if httpx.get(ready, timeout=1).is_success:
                        break
                except httpx.TransportError:
                    pass
                time.sleep(0.2)
            yield
        finally:
            process.terminate()
            process.wait()


@contextmanager
def provider() -> Iterator[tuple[str, list[int]]]:
    """One that answers after half a second, with the calls that reached it."""
    calls: list[int] = []

    async def chat(request: Request) -> JSONResponse:
        body = await request.json()
        calls.append(1)
        await asyncio.sleep(0.5)
        usage = {"prompt_tokens": TOKENS, "completion_tokens": OUTPUT, "total_tokens": TOKENS + OUTPUT}
        choice = {"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}
        said = {"id": f"chatcmpl-{time.time_ns()}", "object": "chat.completion", "created": 1, "model": body["model"]}
        return JSONResponse({**said, "choices": [choice], "usage": usage})

    port = free_port()
    app = Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", backlog=4096))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}/v1", calls
    server.should_exit = True
    thread.join()


@contextmanager
def spanledger(folder: Path) -> Iterator[str]:
    """A service with the same limit."""
    config = folder / "spanledger.yaml"
    budgets = {"sales": {"scope": {"team": "sales"}, "limit": str(LIMIT), "per": "day"}}
    config.write_text(yaml.safe_dump({"pricing": {"update": False}, "budgets": budgets}))
    http, grpc, sql = free_port(), free_port(), free_port()
    addresses = [word for name, port in (("--http", http), ("--grpc", grpc), ("--sql", sql)) for word in (name, f"127.0.0.1:{port}")]
    serve = [str(Path(sys.executable).with_name("spanledger")), "serve", "--config", str(config), "--data", str(folder / "data")]
    with running([*serve, *addresses], f"http://127.0.0.1:{http}/readyz"):
        yield f"http://127.0.0.1:{http}"


async def wave(proxies: list[str], calls: int) -> Counter[int]:
    """So many calls at once, by the status of their answers."""
    body = {"model": "gpt-4.1-mini", "max_tokens": OUTPUT, "messages": [{"role": "user", "content": "word " * (TOKENS - 10)}]}
    async with httpx.AsyncClient(timeout=300, limits=httpx.Limits(max_connections=None)) as client:
        asked = [
            client.post(
                f"{proxies[number % len(proxies)]}/v1/chat/completions",
                json=body,
                headers={"Authorization": f"Bearer {KEY}", "x-spanledger-input-tokens": str(TOKENS)},
            )
            for number in range(calls)
        ]
        return Counter(answer.status_code for answer in await asyncio.gather(*asked))


def measure(name: str, replicas: int, litellm: Path, folder: Path, calls: int) -> None:
    """One kind of budget under the load."""
    with ExitStack() as stack:
        url, reached = stack.enter_context(provider())
        service = stack.enter_context(spanledger(folder)) if name == "guard" else ""
        route: dict[str, Any] = {**ROUTES, "litellm_params": {**ROUTES["litellm_params"], "api_base": url}}  # type: ignore[dict-item]
        (folder / "config.yaml").write_text(json.dumps({"model_list": [route], **OWN[name]}))
        for file, text in FILES.items():
            (folder / file).write_text(text)
        ports = [free_port() for _ in range(replicas)]
        variables = {
            "SPANLEDGER_URL": service,
            "PYTHONPATH": f"{folder}:{GUARD}",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_MASTER_KEY": KEY,
        }
        if service:
            records = {"OTEL_EXPORTER": "otlp_http", "OTEL_ENDPOINT": f"{service}/v1/traces", "USE_OTEL_LITELLM_REQUEST_SPAN": "true"}
            variables |= records
        for port in ports:
            command = [str(litellm), "--config", str(folder / "config.yaml"), "--port", str(port)]
            stack.enter_context(running(command, f"http://127.0.0.1:{port}/health/liveliness", **variables))
        proxies = [f"http://127.0.0.1:{port}" for port in ports]
        for number, pause in enumerate(PAUSES_SECONDS, start=1):
            time.sleep(pause)
            statuses = asyncio.run(wave(proxies, calls))
            spent = COST * len(reached)
            line = {"budget": name, "proxies": replicas, "wave": number, "statuses": dict(statuses), "spent": str(spent)}
            print(json.dumps({**line, "beyond": str(max(spent - LIMIT, Decimal(0)))}), flush=True)


def main(calls: int, only: str = "") -> None:
    """Each kind of budget, with one proxy and with two."""
    with tempfile.TemporaryDirectory() as folder:
        litellm = os.environ.get("LITELLM")
        if not litellm:
            subprocess.run([sys.executable, "-m", "venv", f"{folder}/venv"], check=True)  # noqa: S603
            subprocess.run([f"{folder}/venv/bin/pip", "install", "--quiet", *PACKAGES], check=True)  # noqa: S603
            litellm = f"{folder}/venv/bin/litellm"
        for name in [only] if only else OWN:
            for replicas in (1, 2):
                place = Path(folder) / f"{name.replace(' ', '-')}-{replicas}"
                place.mkdir()
                measure(name, replicas, Path(litellm), place, calls)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40, *sys.argv[2:])
