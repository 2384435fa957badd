#!/usr/bin/env bash
# Langfuse's callback leaves nothing in `input` and `output` of a flex call through LangChain, and tells a priority call twice over.
#
# Packages: langfuse 5.0.4, langchain 1.5.2, langchain-openai 1.7.4, openai 3.57.0.
# Input:    Langfuse's callback and `ChatOpenAI(service_tier=...)` at a local endpoint: 1000 tokens in, half of them from the cache, 300
#           out, 192 of them reasoning. LangChain's own counts of the tiers do not overlap: `priority` is what `priority_cache_read`
#           leaves, `flex` what `flex_cache_read` leaves.
# Expected: usage types that add up to the call, as without a tier: Langfuse sums all types that have `input` in their names, and prices
#           each type by itself.
# Seen:     all types of a tier are taken out of `input` and `output`, but for those of `priority`. So a list of prices that has the
#           usual types finds nothing to price in flex; and priority stands beside itself, 2000 in and 600 out, while its cached tokens
#           are in `input` at the full price, and its own types have none.
#
#             none                     input 500   output 108   all input 1000  all output 300  total 1300
#             flex                     input 0     output 0     all input 1000  all output 300  total 1300
#             priority                 input 1000  output 300   all input 2000  all output 600  total 1300
#             priority, Responses      input 1000  output 300   all input 2000  all output 600  total 1300
#
# What helps: prices of one's own for `input_flex`, `output_flex` and their like; for priority, take its types out of the whole.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'langfuse==5.0.4' 'langchain==1.5.2' 'langchain-openai==1.7.4' 'openai==3.57.0' \
    'opentelemetry-sdk==1.45.2'

cat >one.py <<'PY'
"""Prints what Langfuse's callback tells of one call at each tier."""
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

CHAT_USAGE = {
    "prompt_tokens": 1000,
    "completion_tokens": 300,
    "total_tokens": 1300,
    "prompt_tokens_details": {"cached_tokens": 500, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 192,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}
CHAT = {
    "id": "chatcmpl-local",
    "object": "chat.completion",
    "created": 1795831647,
    "model": "gpt-5-2025-08-07",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Rain tomorrow.", "refusal": None},
            "finish_reason": "stop",
            "logprobs": None,
        }
    ],
    "usage": CHAT_USAGE,
}
MESSAGE = {
    "type": "message",
    "id": "msg_local",
    "status": "completed",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Rain tomorrow.", "annotations": [], "logprobs": []}],
}
RESPONSE = {
    "id": "resp_local",
    "object": "response",
    "created_at": 1795831647,
    "status": "completed",
    "model": "gpt-5-2025-08-07",
    "output": [MESSAGE],
    "error": None,
    "incomplete_details": None,
    "instructions": None,
    "metadata": {},
    "tools": [],
    "parallel_tool_calls": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "top_p": 1.0,
    "usage": {
        "input_tokens": 1000,
        "input_tokens_details": {"cached_tokens": 500, "cache_write_tokens": 0},
        "output_tokens": 300,
        "output_tokens_details": {"reasoning_tokens": 192},
        "total_tokens": 1300,
    },
}


class OpenAI(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = RESPONSE if self.path.endswith("/responses") else CHAT
        body = json.dumps(answer | {"service_tier": asked.get("service_tier", "default")}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


os.environ["NO_PROXY"] = "127.0.0.1"
server = HTTPServer(("127.0.0.1", 0), OpenAI)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"

from langchain_openai import ChatOpenAI
from langfuse import Langfuse
from langfuse.langchain import CallbackHandler
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

spans = InMemorySpanExporter()
langfuse = Langfuse(public_key="local", secret_key="local", base_url=url, span_exporter=spans)
for name, more in (
    ("none", {}),
    ("flex", {"service_tier": "flex"}),
    ("priority", {"service_tier": "priority"}),
    ("priority, Responses", {"service_tier": "priority", "use_responses_api": True}),
):
    spans.clear()
    model = ChatOpenAI(model="gpt-5", base_url=f"{url}/v1", api_key="local", max_retries=0, **more)
    model.invoke("Will it rain?", config={"callbacks": [CallbackHandler()]})
    langfuse.flush()
    (span,) = spans.get_finished_spans()
    told = json.loads(span.attributes["langfuse.observation.usage_details"])
    sums = {side: sum(count for kind, count in told.items() if side in kind) for side in ("input", "output")}
    print(
        f"{name:<25}input {told['input']:<6}output {told['output']:<6}"
        f"all input {sums['input']:<6}all output {sums['output']:<5}total {told['total']}"
    )
PY

cat >seen <<'TXT'
none                     input 500   output 108   all input 1000  all output 300  total 1300
flex                     input 0     output 0     all input 1000  all output 300  total 1300
priority                 input 1000  output 300   all input 2000  all output 600  total 1300
priority, Responses      input 1000  output 300   all input 2000  all output 600  total 1300
TXT
venv/bin/python -m pip list | grep -E '^(langchain|langchain-openai|langfuse|openai) '
venv/bin/python one.py 2>errors | tee now || { cat errors; exit 1; }
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
