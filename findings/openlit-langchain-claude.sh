#!/usr/bin/env bash
# OpenLIT's span of a call of Claude through LangChain leaves the cache out of a plain answer, and the model out of a stream.
#
# Packages: openlit 1.45.0, langchain-anthropic 1.7.10, langchain-core 1.8.3, anthropic 0.125.0.
# Input:    `ChatAnthropic` at a local endpoint, once by `invoke`, once by `stream`: 100 tokens of prompt, 2000 from the cache, 1000
#           written to it, 200 out. LangChain's own `usage_metadata` says 3100 and 200 with the same details both times.
# Expected: one model and one set of counts for one call.
# Seen:     of `invoke` the input is Anthropic's own, 100, and the cache is told to be 0: $0.0033 at Claude Sonnet 4.5's prices, of
#           $0.00765 that are billed. Of `stream` the input is LangChain's, 3100 with the cache in it, and the model is `anthropic`: the
#           provider's name, asked and answered, for which no list has a price. OpenLIT's span of Anthropic's client, which knows both,
#           is left out below LangChain's.
#
#             invoke  model claude-sonnet-4-5-20250929  input 100   read 0     written 0     output 200
#             stream  model anthropic                   input 3100  read 2000  written 1000  output 200
#
#           Nothing on the span says whether its input holds the cache.
# What helps: another instrumentation of LangChain, or OpenLIT without LangChain (`disabled_instrumentors`), so that the client's spans
#           are written.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'openlit==1.45.0' 'langchain-anthropic==1.7.10' 'langchain-core==1.8.3' 'anthropic==0.125.0' \
    'opentelemetry-sdk==1.45.1'

cat >one.py <<'PY'
"""Prints what OpenLIT tells of a plain answer and of a stream."""
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

USAGE = {
    "input_tokens": 100,
    "cache_read_input_tokens": 2000,
    "cache_creation_input_tokens": 1000,
    "cache_creation": {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 0},
    "output_tokens": 200,
}
MESSAGE = {
    "id": "msg_local",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5-20250929",
    "content": [{"type": "text", "text": "Rain."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": USAGE,
}
STEPS = [
    {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None, "usage": {**USAGE, "output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Rain."}},
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {name: count for name, count in USAGE.items() if name != "cache_creation"},
    },
    {"type": "message_stop"},
]


class Anthropic(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked.get("stream"):
            kind = "text/event-stream"
            body = "".join(f"event: {step['type']}\ndata: {json.dumps(step)}\n\n" for step in STEPS).encode()
        else:
            kind, body = "application/json", json.dumps(MESSAGE).encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


os.environ["NO_PROXY"] = "127.0.0.1"
server = HTTPServer(("127.0.0.1", 0), Anthropic)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
trace.set_tracer_provider(provider)

import openlit

openlit.init(disable_metrics=True)

from langchain_anthropic import ChatAnthropic

for way in ("invoke", "stream"):
    spans.clear()
    model = ChatAnthropic(model="claude-sonnet-4-5", api_key="local", base_url=url, max_retries=0)
    list(model.stream("Will it rain?")) if way == "stream" else model.invoke("Will it rain?")
    calls = [span for span in spans.get_finished_spans() if "gen_ai.operation.name" in (span.attributes or {})]
    (told,) = (dict(span.attributes) for span in calls)
    print(
        f"{way}  model {told['gen_ai.response.model']:<27} input {told['gen_ai.usage.input_tokens']:<5} "
        f"read {told['gen_ai.usage.cache_read.input_tokens']:<5} written {told['gen_ai.usage.cache_creation.input_tokens']:<5} "
        f"output {told['gen_ai.usage.output_tokens']}"
    )
sys.stdout.flush()
os._exit(0)  # OpenLIT's threads go on trying to reach a collector
PY

cat >seen <<'TXT'
invoke  model claude-sonnet-4-5-20250929  input 100   read 0     written 0     output 200
stream  model anthropic                   input 3100  read 2000  written 1000  output 200
TXT
venv/bin/python -m pip list | grep -E '^(anthropic|langchain-anthropic|langchain-core|openlit) '
venv/bin/python one.py 2>errors | grep -E '^(invoke|stream) ' | tee now || { cat errors; exit 1; }
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
