#!/usr/bin/env bash
# Reading an answer of OpenAI's Responses again counts its tokens again, and an answer made in the background may count for nothing.
#
# Packages: openlit 1.45.0 with openai 2.54.0; opentelemetry-instrumentation-openai 0.62.4 (OpenLLMetry), openinference-
#           instrumentation-openai 0.1.66, opentelemetry-instrumentation-genai-openai 1.3b0 (OpenTelemetry) with openai 3.57.0.
# Input:    `responses.create` at a local endpoint, 1000 tokens in and 300 out, and `responses.retrieve` of its id, which is not billed:
#           twice when it is there, as a page or a job does that holds the id; or of an answer in the background, which is queued, then
#           in progress, both without usage as OpenAI documents, then completed.
# Expected: 1000 in and 300 out, once.
# Seen:     OpenLIT, OpenLLMetry and OpenInference write a chat with all tokens for each read of a finished answer. OpenLIT says that
#           `gpt-4o` was asked for, which nobody did. OpenLLMetry keeps what it knew of an answer when it was queued, so one that is
#           polled never has tokens. OpenTelemetry's own calls a read `fetch_response`, by its conventions without tokens: once is
#           once, but those of an answer in the background are nowhere.
#
#             openlit        create                           in 1000  out 300  asked for gpt-5
#             openlit        create, read twice               in 3000  out 900  asked for gpt-4o, gpt-5
#             openlit        in the background, polled        in 1000  out 300  asked for gpt-4o, gpt-5
#             openlit        in the background, read again    in 2000  out 600  asked for gpt-4o, gpt-5
#             openllmetry    create                           in 1000  out 300  asked for gpt-5
#             openllmetry    create, read twice               in 3000  out 900  asked for gpt-5
#             openllmetry    in the background, polled        in 0     out 0
#             openllmetry    in the background, read again    in 0     out 0
#             openinference  create                           in 1000  out 300
#             openinference  create, read twice               in 3000  out 900
#             openinference  in the background, polled        in 1000  out 300
#             openinference  in the background, read again    in 2000  out 600
#             genai          create                           in 1000  out 300  asked for gpt-5
#             genai          create, read twice               in 1000  out 300  asked for gpt-5
#             genai          in the background, polled        in 0     out 0    asked for gpt-5
#             genai          in the background, read again    in 0     out 0    asked for gpt-5
#
# What helps: count the id of an answer once, whoever reads it; where answers are made in the background, a span of one's own when one
# is done. The provider's bill shows what is missing.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv openlit
openlit/bin/python -m pip install --quiet 'openlit==1.45.0' 'openai==2.54.0' 'opentelemetry-sdk==1.45.1'
python3 -m venv others
others/bin/python -m pip install --quiet 'openai==3.57.0' 'opentelemetry-sdk==1.45.2' 'opentelemetry-instrumentation-openai==0.62.4' \
    'openinference-instrumentation-openai==0.1.66' 'opentelemetry-instrumentation-genai-openai==1.3b0'

cat >one.py <<'PY'
"""Prints what the instrumentation that is the first argument tells in sum, of an answer that is made and read in each way."""
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

MESSAGE = {
    "type": "message",
    "id": "msg_local",
    "status": "completed",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Rain tomorrow.", "annotations": [], "logprobs": []}],
}
DONE = {
    "id": "resp_local",
    "object": "response",
    "created_at": 1795831647,
    "status": "completed",
    "background": False,
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
    "service_tier": "default",
    "usage": {
        "input_tokens": 1000,
        "input_tokens_details": {"cached_tokens": 500, "cache_write_tokens": 0},
        "output_tokens": 300,
        "output_tokens_details": {"reasoning_tokens": 192},
        "total_tokens": 1300,
    },
}
LATER = DONE | {"background": True}
NOT_YET = LATER | {"output": [], "usage": None}


class Responses(BaseHTTPRequestHandler):
    number, reads = 0, []

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Responses.number += 1
        if asked.get("background"):
            Responses.reads = [NOT_YET | {"status": "in_progress"}, LATER]
            self.answer(NOT_YET | {"status": "queued"})
        else:
            Responses.reads = [DONE]
            self.answer(DONE)

    def do_GET(self):
        self.answer(Responses.reads.pop(0) if len(Responses.reads) > 1 else Responses.reads[0])

    def answer(self, response):
        body = json.dumps(response | {"id": f"resp_local_{Responses.number}"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


name = sys.argv[1]
os.environ["NO_PROXY"] = "127.0.0.1"
server = HTTPServer(("127.0.0.1", 0), Responses)
threading.Thread(target=server.serve_forever, daemon=True).start()

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

spans, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
trace.set_tracer_provider(provider)
if name == "openlit":
    import openlit

    with open("prices.json", "w") as prices:
        prices.write('{"chat": {}}')
    openlit.init(disable_metrics=True, disable_events=True, pricing_json="prices.json")
else:
    if name == "openllmetry":
        from opentelemetry.instrumentation.openai import OpenAIInstrumentor
    elif name == "openinference":
        from openinference.instrumentation.openai import OpenAIInstrumentor
    elif name == "genai":
        from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
    OpenAIInstrumentor().instrument(tracer_provider=provider)

import openai

client = openai.OpenAI(api_key="local", base_url=f"http://127.0.0.1:{server.server_port}/v1", max_retries=0)


def create(**more):
    return client.responses.create(model="gpt-5", input="Will it rain?", **more).id


def read(response_id, times):
    for _ in range(times):
        status = client.responses.retrieve(response_id).status
    assert status == "completed", status


def total(key, other):
    return sum(span.attributes.get(key, span.attributes.get(other, 0)) for span in told)


for way, run in (
    ("create", create),
    ("create, read twice", lambda: read(create(), 2)),
    ("in the background, polled", lambda: read(create(background=True), 2)),
    ("in the background, read again", lambda: read(create(background=True), 3)),
):
    spans.clear()
    run()
    provider.force_flush()
    told = spans.get_finished_spans()
    tokens_in = total("gen_ai.usage.input_tokens", "llm.token_count.prompt")
    tokens_out = total("gen_ai.usage.output_tokens", "llm.token_count.completion")
    asked = {span.attributes.get("gen_ai.request.model") for span in told} - {None}
    line = f"{name:<15}{way:<33}in {tokens_in:<6}out {tokens_out:<5}" + (f"asked for {', '.join(sorted(asked))}" if asked else "")
    print(line.rstrip())
PY

cat >seen <<'TXT'
openlit        create                           in 1000  out 300  asked for gpt-5
openlit        create, read twice               in 3000  out 900  asked for gpt-4o, gpt-5
openlit        in the background, polled        in 1000  out 300  asked for gpt-4o, gpt-5
openlit        in the background, read again    in 2000  out 600  asked for gpt-4o, gpt-5
openllmetry    create                           in 1000  out 300  asked for gpt-5
openllmetry    create, read twice               in 3000  out 900  asked for gpt-5
openllmetry    in the background, polled        in 0     out 0
openllmetry    in the background, read again    in 0     out 0
openinference  create                           in 1000  out 300
openinference  create, read twice               in 3000  out 900
openinference  in the background, polled        in 1000  out 300
openinference  in the background, read again    in 2000  out 600
genai          create                           in 1000  out 300  asked for gpt-5
genai          create, read twice               in 1000  out 300  asked for gpt-5
genai          in the background, polled        in 0     out 0    asked for gpt-5
genai          in the background, read again    in 0     out 0    asked for gpt-5
TXT
openlit/bin/python -m pip list | grep -E '^(openai|openlit) '
others/bin/python -m pip list | grep -E '^(openai|open(telemetry|inference)-instrumentation-(genai-)?openai) '
{
    openlit/bin/python one.py openlit 2>errors || { cat errors; exit 1; }
    for name in openllmetry openinference genai; do
        others/bin/python one.py "$name" 2>errors || { cat errors; exit 1; }
    done
} | tee now
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
