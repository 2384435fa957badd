#!/usr/bin/env bash
# OpenLLMetry tells a fifth of the input of an Anthropic stream with a web search, and nothing at all if the stream is in a `with`.
#
# Packages: opentelemetry-instrumentation-anthropic 0.62.4 (OpenLLMetry), openinference-instrumentation-anthropic 3.1.0,
#           anthropic 2.14.0, opentelemetry-sdk 1.45.2.
# Input:    a stream on a local endpoint, in the shape that Anthropic documents: the first event carries what is known at the start
#           (2000 input tokens, 1 output token), the last one the cumulative counts (10000, 300): what a server tool found was read
#           as input on the way.
# Expected: 10000 in, 300 out, which is what the SDK's own final message says and what is billed.
# Seen:     OpenLLMetry takes the input of the first event and adds the outputs of both: 2000 in, 301 out. `messages.create(
#           stream=True)` used as a context manager, so that its connection is closed, leaves no span; the same loop without `with`
#           does. A helper stream that its reader leaves after the first words leaves none either, OpenInference tells there
#           what was known by then.
#
#             openinference  for event in create(stream=True)      in 10000  out 300
#             openinference  with create(stream=True) as stream    in 10000  out 300
#             openinference  with stream() as stream               in 10000  out 300
#             openinference  with stream() as stream, left early   in 2000  out 1
#             openllmetry    for event in create(stream=True)      in 2000  out 301
#             openllmetry    with create(stream=True) as stream    no span
#             openllmetry    with stream() as stream               in 2000  out 301
#             openllmetry    with stream() as stream, left early   no span
#
# What helps: for streams with server tools another instrumentation; and a bill of the provider to hold the sum against, because
# what leaves no span cannot be counted as missing.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'anthropic==2.14.0' 'opentelemetry-sdk==1.45.2' \
    'opentelemetry-instrumentation-anthropic==0.62.4' 'openinference-instrumentation-anthropic==3.1.0'

cat >one.py <<'PY'
"""Prints what one instrumentation, the first argument, tells of a stream that is read in each way."""
import json
import os
import sys
import threading
import warnings
from http.server import BaseHTTPRequestHandler, HTTPServer

warnings.simplefilter("ignore", DeprecationWarning)
MODEL = "claude-sonnet-4-5-20250929"
START = {"input_tokens": 2000, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 1}
END = {"input_tokens": 10000, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 300}
MESSAGE = {"id": "msg_local", "type": "message", "role": "assistant", "model": MODEL, "content": [], "stop_reason": None}
EVENTS = (
    {"type": "message_start", "message": MESSAGE | {"stop_sequence": None, "usage": START}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Rain tomorrow."}},
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": END | {"server_tool_use": {"web_search_requests": 1}},
    },
    {"type": "message_stop"},
)


class Messages(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in EVENTS).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


name = sys.argv[1]
if name == "openllmetry":
    from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor
else:
    from openinference.instrumentation.anthropic import AnthropicInstrumentor

import anthropic
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

os.environ["NO_PROXY"] = "127.0.0.1"
server = HTTPServer(("127.0.0.1", 0), Messages)
threading.Thread(target=server.serve_forever, daemon=True).start()
spans, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
AnthropicInstrumentor().instrument(tracer_provider=provider)
client = anthropic.Anthropic(api_key="local", base_url=f"http://127.0.0.1:{server.server_port}", max_retries=0)
call = {
    "model": MODEL,
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "Will it rain?"}],
    "tools": [{"type": "web_search_20250305", "name": "web_search"}],
}


def bare():
    for _ in client.messages.create(stream=True, **call):
        pass


def managed():
    with client.messages.create(stream=True, **call) as stream:
        for _ in stream:
            pass


def helper():
    with client.messages.stream(**call) as stream:
        for _ in stream:
            pass
        final = stream.get_final_message().usage
        assert (final.input_tokens, final.output_tokens) == (10000, 300), final


def early():
    with client.messages.stream(**call) as stream:
        for event in stream:
            if event.type == "content_block_delta":
                break


for reads, run in (
    ("for event in create(stream=True)", bare),
    ("with create(stream=True) as stream", managed),
    ("with stream() as stream", helper),
    ("with stream() as stream, left early", early),
):
    spans.clear()
    run()
    provider.force_flush()
    told = [span.attributes for span in spans.get_finished_spans()]
    counts = [
        f"in {one.get('gen_ai.usage.input_tokens', one.get('llm.token_count.prompt'))}  "
        f"out {one.get('gen_ai.usage.output_tokens', one.get('llm.token_count.completion'))}"
        for one in told
    ]
    print(f"{name:<15}{reads:<38}" + (", ".join(counts) or "no span"))
PY

cat >seen <<'TXT'
openinference  for event in create(stream=True)      in 10000  out 300
openinference  with create(stream=True) as stream    in 10000  out 300
openinference  with stream() as stream               in 10000  out 300
openinference  with stream() as stream, left early   in 2000  out 1
openllmetry    for event in create(stream=True)      in 2000  out 301
openllmetry    with create(stream=True) as stream    no span
openllmetry    with stream() as stream               in 2000  out 301
openllmetry    with stream() as stream, left early   no span
TXT
venv/bin/python -m pip list | grep -E '^(anthropic|open(telemetry|inference)-instrumentation-anthropic) '
for name in openinference openllmetry; do
    venv/bin/python one.py "$name" 2>errors || { cat errors; exit 1; }
done | tee now
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
