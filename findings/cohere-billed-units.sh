#!/usr/bin/env bash
# pydantic-ai prices a call of Cohere by tokens that Cohere does not bill: $0.006 where the book that it uses says $0.0019.
#
# Packages: pydantic-ai-slim 2.62.0, openinference-instrumentation-cohere 0.1.15, cohere 7.3.1, genai-prices 0.2.3.
# Input:    `command-a-03-2025` at a local endpoint, whose answer has both counts that Cohere's have: `tokens`, what the model read and
#           wrote with all that Cohere puts around it (2000 and 100), and `billed_units` (400 and 90), which is what is charged.
# Expected: the cost of what is billed, or no cost. genai-prices, the book of pydantic-ai's own makers, takes the billed units from the
#           same answer.
# Seen:     pydantic-ai asks the book for the price of the raw tokens. `usage.cost`, and with it `cost_limit`, and `operation.cost` of the
#           span are 3.2 times too high here: a run that costs $0.0019 is stopped at a limit of $0.004. The billed units are in
#           `usage.details`, which no span tells. OpenInference counts the raw tokens too, of chats and of streams.
#
#             genai-prices, of the answer           in 400   out 90   cost 0.0019
#             pydantic-ai, usage                    in 2000  out 100  cost 0.006
#             pydantic-ai, span                     in 2000  out 100  cost 0.006
#             pydantic-ai, usage.details            in 400   out 90
#             pydantic-ai, cost_limit 0.004         stopped
#             openinference, chat                   in 2000  out 100
#             openinference, chat_stream            in 2000  out 100
#
# What helps: the billed units of the answer, priced by oneself; a limit in requests.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'pydantic-ai-slim==2.62.0' 'cohere==7.3.1' 'genai-prices==0.2.3' 'opentelemetry-sdk==1.45.2' \
    'openinference-instrumentation-cohere==0.1.15'

cat >one.py <<'PY'
"""Prints what is counted and charged of one answer of Cohere."""
import json
import os
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer

MODEL = "command-a-03-2025"
USAGE = {"billed_units": {"input_tokens": 400, "output_tokens": 90}, "tokens": {"input_tokens": 2000, "output_tokens": 100}}
TEXT = {"type": "text", "text": "Rain tomorrow."}
ANSWER = {"id": "local", "finish_reason": "COMPLETE", "message": {"role": "assistant", "content": [TEXT]}, "usage": USAGE}
EVENTS = (
    {"type": "message-start", "id": "local", "delta": {"message": {"role": "assistant", "content": [], "tool_plan": ""}}},
    {"type": "content-start", "index": 0, "delta": {"message": {"content": {"type": "text", "text": ""}}}},
    {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": TEXT["text"]}}}},
    {"type": "content-end", "index": 0},
    {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": USAGE}},
)


class Chat(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body, kind = json.dumps(ANSWER), "application/json"
        if asked.get("stream"):
            body, kind = "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in EVENTS), "text/event-stream"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


os.environ["NO_PROXY"] = "127.0.0.1"
server = HTTPServer(("127.0.0.1", 0), Chat)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"

import cohere
from genai_prices import extract_usage
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from openinference.instrumentation.cohere import CohereInstrumentor
from pydantic_ai import Agent
from pydantic_ai.exceptions import UsageLimitExceeded
from pydantic_ai.models.cohere import CohereModel
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.providers.cohere import CohereProvider
from pydantic_ai.usage import UsageLimits


def told(name, tokens_in, tokens_out, cost=None):
    line = f"{name:<38}in {tokens_in:<6}out {tokens_out:<5}" + (f"cost {Decimal(str(cost)).normalize()}" if cost else "")
    print(line.rstrip())


book = extract_usage({"model": MODEL, "usage": USAGE}, provider_id="cohere")
told("genai-prices, of the answer", book.usage.input_tokens, book.usage.output_tokens, book.calc_price().total_price)

spans, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
client = cohere.AsyncClientV2(api_key="local", base_url=url)
Agent.instrument_all(InstrumentationSettings(tracer_provider=provider))
agent = Agent(CohereModel(MODEL, provider=CohereProvider(cohere_client=client)))
usage = agent.run_sync("Will it rain?").usage
told("pydantic-ai, usage", usage.input_tokens, usage.output_tokens, usage.cost)
(span,) = (one.attributes for one in spans.get_finished_spans() if one.name.startswith("chat "))
told("pydantic-ai, span", span["gen_ai.usage.input_tokens"], span["gen_ai.usage.output_tokens"], span["operation.cost"])
assert not [key for key in span if key.startswith("gen_ai.usage.details")], sorted(span)
told("pydantic-ai, usage.details", usage.details["input_tokens"], usage.details["output_tokens"])
try:
    agent.run_sync("Will it rain?", usage_limits=UsageLimits(cost_limit=Decimal("0.004")))
    end = "done"
except UsageLimitExceeded:
    end = "stopped"
print(f"{'pydantic-ai, cost_limit 0.004':<38}{end}")

CohereInstrumentor().instrument(tracer_provider=provider)
direct = cohere.ClientV2(api_key="local", base_url=url)
call = {"model": MODEL, "messages": [{"role": "user", "content": "Will it rain?"}]}
for name, run in (("chat", lambda: direct.chat(**call)), ("chat_stream", lambda: list(direct.chat_stream(**call)))):
    spans.clear()
    run()
    (span,) = (one.attributes for one in spans.get_finished_spans())
    told(f"openinference, {name}", span["llm.token_count.prompt"], span["llm.token_count.completion"])
PY

cat >seen <<'TXT'
genai-prices, of the answer           in 400   out 90   cost 0.0019
pydantic-ai, usage                    in 2000  out 100  cost 0.006
pydantic-ai, span                     in 2000  out 100  cost 0.006
pydantic-ai, usage.details            in 400   out 90
pydantic-ai, cost_limit 0.004         stopped
openinference, chat                   in 2000  out 100
openinference, chat_stream            in 2000  out 100
TXT
venv/bin/python -m pip list | grep -E '^(cohere|genai-prices|openinference-instrumentation-cohere|pydantic-ai-slim) '
venv/bin/python one.py 2>errors | tee now || { cat errors; exit 1; }
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
