#!/usr/bin/env bash
# Anthropic's SDK writes a span of each call by itself: an instrumentation beside it tells every call a second time.
#
# Packages: anthropic 2.14.0, opentelemetry-sdk 1.45.2, and the newest of three instrumentations of it: opentelemetry-instrumentation-
#           anthropic 0.62.4 (OpenLLMetry), openinference-instrumentation-anthropic 3.1.0, -genai-anthropic 1.3b0 (OpenTelemetry).
# Input:    one call to a local endpoint (1000 tokens read afresh, 5000 from the cache, 100 out), a tracer provider set as the global
#           one, and no option or environment variable of the SDK.
# Expected: one span that tells the tokens of one call; the instrumentation or the SDK stands back where both are there.
# Seen:     version 1.9 of the SDK has no spans, version 1.17 has. They are switched on: with the upgrade, and no line changed, the
#           sum over spans is 12000 in and 200 out, for each of the three. `suppress_tracing`, which OpenInference has to leave a call
#           out, silences its own span and not the SDK's.
#
#             no instrumentation                       spans 1  in 6000   out 100
#             openllmetry                              spans 2  in 12000  out 200
#             openinference                            spans 2  in 12000  out 200
#             genai                                    spans 2  in 12000  out 200
#             openinference, suppress_tracing          spans 1  in 6000   out 100
#             genai, ANTHROPIC_OPEN_TELEMETRY=false    spans 1  in 6000   out 100
#             genai, a call of client.beta.messages    spans 2  in 12000  out 200
#
# What helps: ANTHROPIC_OPEN_TELEMETRY=false, or no instrumentation of it; count a model call inside a model call as one.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'anthropic==2.14.0' 'opentelemetry-sdk==1.45.2' \
    'opentelemetry-instrumentation-anthropic==0.62.4' 'openinference-instrumentation-anthropic==3.1.0' \
    'opentelemetry-instrumentation-genai-anthropic==1.3b0'

cat >one.py <<'PY'
"""Prints what the spans of one call tell in sum, with the instrumentation that is the first argument, in the way that is the second."""
import contextlib
import json
import os
import sys
import threading
import warnings
from http.server import BaseHTTPRequestHandler, HTTPServer

warnings.simplefilter("ignore", DeprecationWarning)
MODEL = "claude-sonnet-4-5-20250929"
USAGE = {"input_tokens": 1000, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 5000, "output_tokens": 100}
MESSAGE = {
    "id": "msg_local",
    "type": "message",
    "role": "assistant",
    "model": MODEL,
    "content": [{"type": "text", "text": "Rain tomorrow."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": USAGE,
}


class Messages(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(MESSAGE).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


name, way = sys.argv[1:]
os.environ["NO_PROXY"] = "127.0.0.1"
server = HTTPServer(("127.0.0.1", 0), Messages)
threading.Thread(target=server.serve_forever, daemon=True).start()

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

spans, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
trace.set_tracer_provider(provider)
if name == "openllmetry":
    from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor
elif name == "openinference":
    from openinference.instrumentation.anthropic import AnthropicInstrumentor
elif name == "genai":
    from opentelemetry.instrumentation.genai.anthropic import AnthropicInstrumentor
if name != "none":
    AnthropicInstrumentor().instrument()
quiet = contextlib.nullcontext
if way == "suppress":
    from openinference.instrumentation import suppress_tracing as quiet

import anthropic

client = anthropic.Anthropic(api_key="local", base_url=f"http://127.0.0.1:{server.server_port}", max_retries=0)
messages = client.beta.messages if way == "beta" else client.messages
with quiet():
    messages.create(model=MODEL, max_tokens=1000, messages=[{"role": "user", "content": "Will it rain?"}])


def total(*keys):
    return sum(next((span.attributes[key] for key in keys if key in span.attributes), 0) for span in told)


told = spans.get_finished_spans()
tokens_in = total("gen_ai.usage.input_tokens", "llm.token_count.prompt")
tokens_out = total("gen_ai.usage.output_tokens", "llm.token_count.completion")
print(f"spans {len(told)}  in {tokens_in:<5}  out {tokens_out}")
PY

cat >seen <<'TXT'
no instrumentation                       spans 1  in 6000   out 100
openllmetry                              spans 2  in 12000  out 200
openinference                            spans 2  in 12000  out 200
genai                                    spans 2  in 12000  out 200
openinference, suppress_tracing          spans 1  in 6000   out 100
genai, ANTHROPIC_OPEN_TELEMETRY=false    spans 1  in 6000   out 100
genai, a call of client.beta.messages    spans 2  in 12000  out 200
TXT
run() {  # the line's name, then what one.py is told
    printf '%-41s' "$1"
    venv/bin/python one.py "$2" "$3" 2>errors || { cat errors; exit 1; }
}
venv/bin/python -m pip list | grep -E '^(anthropic|open(telemetry|inference)-instrumentation-(genai-)?anthropic) '
{
    run 'no instrumentation' none plain
    run 'openllmetry' openllmetry plain
    run 'openinference' openinference plain
    run 'genai' genai plain
    run 'openinference, suppress_tracing' openinference suppress
    ANTHROPIC_OPEN_TELEMETRY=false run 'genai, ANTHROPIC_OPEN_TELEMETRY=false' genai plain
    run 'genai, a call of client.beta.messages' genai beta
} | tee now
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
