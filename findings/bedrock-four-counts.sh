#!/usr/bin/env bash
# One Bedrock call, four instrumentations, two meanings of the same key: input tokens with the cache and without.
#
# Packages: opentelemetry-instrumentation-botocore 0.66b2, opentelemetry-instrumentation-genai-bedrock 1.3b0,
#           opentelemetry-instrumentation-bedrock 0.62.4 (OpenLLMetry), openinference-instrumentation-bedrock 0.1.61,
#           opentelemetry-sdk 1.45.2, boto3 1.44.8.
# Input:    a Converse answer of a model on a local endpoint: 1000 input tokens read afresh, 300 read from the cache, 200 written
#           to it, 100 output tokens. The four are disjoint, `totalTokens` is their sum: 1600.
# Expected: `gen_ai.usage.input_tokens` includes cached tokens, says OpenTelemetry's semantic conventions, so 1500 everywhere.
# Seen:     three of the four pass on 1000, OpenTelemetry's own two among them; only OpenInference adds the cache. Whoever takes
#           the cache out of the input, as the convention asks, bills 500 fresh tokens instead of 1000. OpenTelemetry's own two
#           also name the cache write differently, OpenLLMetry's total is 500 short, and it drops the region and the vendor from
#           the model (`us.anthropic.`), which decide the price. Which meaning holds is told by the scope's name alone.
#
#             botocore        in 1000  read 300  write 200 (cache_creation)  total -
#             genai-bedrock   in 1000  read 300  write 200 (cache_write)     total -
#             openllmetry     in 1000  read 300  write 200 (cache_creation)  total 1100
#             openinference   in 1500  read 300  write 200 (cache_write)     total 1600
#
# What helps: read the scope of the span before its numbers; a fixture needs a cache smaller than the fresh input, or both readings
# fit.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'boto3==1.44.8' 'botocore==1.44.8' 'opentelemetry-sdk==1.45.2' \
    'opentelemetry-instrumentation-botocore==0.66b2' 'opentelemetry-instrumentation-genai-bedrock==1.3b0' \
    'opentelemetry-instrumentation-bedrock==0.62.4' 'openinference-instrumentation-bedrock==0.1.61'

cat >one.py <<'PY'
"""Prints what one instrumentation, the first argument, tells of one Converse call."""
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

USAGE = {"inputTokens": 1000, "outputTokens": 100, "cacheReadInputTokens": 300, "cacheWriteInputTokens": 200, "totalTokens": 1600}
ANSWER = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Done."}]}},
    "stopReason": "end_turn",
    "usage": USAGE,
    "metrics": {"latencyMs": 5},
}


class Bedrock(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


name = sys.argv[1]
if name == "botocore":
    from opentelemetry.instrumentation.botocore import BotocoreInstrumentor as Instrumentor
elif name == "genai-bedrock":
    from opentelemetry.instrumentation.genai.bedrock import BedrockInstrumentor as Instrumentor
elif name == "openllmetry":
    from opentelemetry.instrumentation.bedrock import BedrockInstrumentor as Instrumentor
else:
    from openinference.instrumentation.bedrock import BedrockInstrumentor as Instrumentor

import boto3
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

server = HTTPServer(("127.0.0.1", 0), Bedrock)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ.update(AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local", AWS_DEFAULT_REGION="us-east-1", NO_PROXY="127.0.0.1")
spans, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
Instrumentor().instrument(tracer_provider=provider)
client = boto3.client("bedrock-runtime", endpoint_url=f"http://127.0.0.1:{server.server_port}")
question = [{"role": "user", "content": [{"text": "Summarize."}]}]
client.converse(modelId="us.anthropic.claude-sonnet-4-5-20250929-v1:0", messages=question)

(span,) = spans.get_finished_spans()
tells = span.attributes
one = "llm.token_count.prompt" if name == "openinference" else "gen_ai.usage.input_tokens"
read = next(key for key in tells if "cache_read" in key)
write = next(key for key in tells if "cache_write" in key or "cache_creation" in key)
total = next((tells[key] for key in tells if key in ("llm.token_count.total", "gen_ai.usage.total_tokens")), "-")
spelling = "cache_creation" if "cache_creation" in write else "cache_write"
print(f"{name:<16}in {tells[one]}  read {tells[read]}  write {tells[write]} {f'({spelling})':<18}total {total}")
PY

cat >seen <<'TXT'
botocore        in 1000  read 300  write 200 (cache_creation)  total -
genai-bedrock   in 1000  read 300  write 200 (cache_write)     total -
openllmetry     in 1000  read 300  write 200 (cache_creation)  total 1100
openinference   in 1500  read 300  write 200 (cache_write)     total 1600
TXT
venv/bin/python -m pip list | grep -E '^(boto3|open(telemetry|inference)-instrumentation-[a-z-]*(bedrock|botocore)) '
for name in botocore genai-bedrock openllmetry openinference; do
    venv/bin/python one.py "$name" 2>errors || { cat errors; exit 1; }
done | tee now
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
