#!/usr/bin/env bash
# LiteLLM's budget of a provider is passed by all calls that are under way together: 20 calls spend four times the limit.
#
# Package:  litellm 1.110.2, its Router in one process, with the prices that are in it.
# Input:    `provider_budget_config` of 0.208 USD a day for `openai`, and 20 calls at once to a provider on 127.0.0.1 that answers after
#           half a second and bills 100,000 tokens in and 1,000 out (gpt-4.1-mini: 0.0416 USD). Then one more.
# Expected: five calls, and an error for the others.
# Seen:     the router compares what was spent before it passes a call on and adds what a call cost after its answer. Nothing is held
#           for calls under way, although the prompt and `max_tokens` say beforehand what they may cost. So all 20 pass; the next one is
#           refused, and the message tells four times the budget.
#
#             at once   20 calls   0.832 USD of 0.208
#             after     refused
#
# What helps: hold what a call may cost before it is made, and give back the rest (the proxy does so for budgets of keys); limit calls under
# way with `max_parallel_requests`; reckon with the most expensive call times the number of those under way.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'litellm==1.110.2'
venv/bin/python -m pip list | grep -E '^litellm '

LITELLM_LOCAL_MODEL_COST_MAP=True venv/bin/python - <<'PY'
import asyncio
import json
import logging
import sys
import threading
import time
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import litellm

CALLS, LIMIT, COST = 20, Decimal("0.208"), Decimal("0.0416")
reached = []


class Provider(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        reached.append(1)
        time.sleep(0.5)
        choice = {"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 100_000, "completion_tokens": 1000, "total_tokens": 101_000}
        said = {"id": f"c{len(reached)}", "object": "chat.completion", "created": 1, "model": "gpt-4.1-mini", "choices": [choice], "usage": usage}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 100
    daemon_threads = True


async def main(url):
    logging.disable()
    one = {"model": "openai/gpt-4.1-mini", "api_key": "made-up", "api_base": url}
    router = litellm.Router(
        model_list=[{"model_name": "mini", "litellm_params": one}],
        provider_budget_config={"openai": {"budget_limit": float(LIMIT), "time_period": "1d"}},
        num_retries=0,
    )
    prompt = [{"role": "user", "content": "word " * 99_990}]

    async def call():
        try:
            await router.acompletion("mini", prompt, max_tokens=1000)
        except Exception as problem:
            return str(problem)
        return ""

    await asyncio.gather(*(call() for _ in range(CALLS)))
    spent = COST * len(reached)
    await asyncio.sleep(3)
    refused = await call()
    print("at once  ", len(reached), "calls  ", spent.normalize(), "USD of", LIMIT)
    print("after    ", "refused" if refused else "allowed")
    return len(reached), bool(refused)


server = Server(("127.0.0.1", 0), Provider)
threading.Thread(target=server.serve_forever, daemon=True).start()
found = asyncio.run(main(f"http://127.0.0.1:{server.server_port}"))
sys.exit(found != (CALLS, True))
PY
