#!/usr/bin/env bash
# CrewAI's own spans say that Gemini's prompts have no tokens, and beside it that 400 of them came from the cache.
#
# Packages: crewai 1.15.30 with google-genai 1.65.0, opentelemetry-sdk 1.45.2.
# Input:    a crew of one agent whose model is `gemini/gemini-2.5-flash`, on a local endpoint that answers in the shape that Google documents:
#           a prompt of 1000 tokens, 400 of them cached, and 80 of answer, 30 of them thoughts; traced by CrewAI's own session.
# Expected: `gen_ai.usage.input_tokens` 1000 on the span of the call, as it is in `crewai.crew.usage_metrics` on the span of the crew.
# Seen:     0, without an error; the other counts are there. The answer's count has Google's name, and CrewAI's spans look for others'. Who
#           prices the span leaves out the prompt, mostly the larger part of a bill.
#
#             span   input    0  cached 400  output 80
#             crew   input 1000  cached 400  output 80
#
# What helps: a chat with an answer has a prompt: 0 is unknown. Instrument google-genai, or read the sum of the crew.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'crewai[google-genai]==1.15.30' 'google-genai==1.65.0' 'opentelemetry-sdk==1.45.2'

cat >crew.py <<'PY'
"""Prints what the spans of one call tell of it, and what the span of the crew does."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from crewai import LLM, Agent, Crew, Task
from crewai.telemetry.tracing.session import TraceSession
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

USAGE = {
    "promptTokenCount": 1000,
    "cachedContentTokenCount": 400,
    "candidatesTokenCount": 50,
    "thoughtsTokenCount": 30,
    "totalTokenCount": 1080,
}


class Model(BaseHTTPRequestHandler):
    """Gemini's generateContent."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        content = {"role": "model", "parts": [{"text": "Rain tomorrow."}]}
        answer = {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}], "usageMetadata": USAGE}
        body = json.dumps(answer | {"modelVersion": "gemini-2.5-flash", "responseId": "local"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Model)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["GOOGLE_GEMINI_BASE_URL"] = f"http://127.0.0.1:{server.server_port}"
spans = InMemorySpanExporter()
agent = Agent(role="planner", goal="Tell the weather.", backstory="Knows it.", llm=LLM(model="gemini/gemini-2.5-flash"))
task = Task(description="Will it rain?", expected_output="A sentence.", agent=agent)
session = TraceSession("3f0c5c1e-5f0e-4f6b-9d0e-0c5d8f1e2a3b", [spans])
with session.activate():
    Crew(agents=[agent], tasks=[task], name="forecast").kickoff()
session.shutdown()

told = [span.attributes for span in spans.get_finished_spans()]
[call] = [each for each in told if "gen_ai.usage.output_tokens" in each]
[crew] = [json.loads(each["crewai.crew.usage_metrics"]) for each in told if "crewai.crew.usage_metrics" in each]
names = ("input_tokens", "cache_read.input_tokens", "output_tokens")
for name, figures in (
    ("span", [call[f"gen_ai.usage.{each}"] for each in names]),
    ("crew", [crew[each] for each in ("prompt_tokens", "cached_prompt_tokens", "completion_tokens")]),
):
    print("{:<6} input {:>4}  cached {}  output {}".format(name, *figures))
PY

cat >seen <<'TXT'
span   input    0  cached 400  output 80
crew   input 1000  cached 400  output 80
TXT
venv/bin/python -m pip list 2>/dev/null | grep -E '^(crewai|google-genai|opentelemetry-sdk) '
export NO_PROXY=127.0.0.1 GEMINI_API_KEY=local CREWAI_DISABLE_TELEMETRY=true CREWAI_TRACING_ENABLED=false CREWAI_TESTING=true HOME="$work"
venv/bin/python crew.py 2>errors >all || { cat errors; exit 1; }
grep -E '^(span|crew) ' all | tee now
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
