#!/usr/bin/env bash
# Langfuse's callback takes the thoughts of a Grok off an answer that did not hold them: of 250 tokens that are billed 150 are left.
#
# Packages: langfuse 5.0.4, langchain 1.5.2, langchain-openai 1.7.4, langchain-xai 1.3.0, openai 3.57.0.
# Input:    Langfuse's callback and a chat of xAI's at a local endpoint, through `ChatOpenAI(base_url=...)` and through `ChatXAI`: 1000
#           tokens in, 200 of them from the cache, 100 said and 150 thought. xAI's `completion_tokens` is what was said, without the
#           thoughts, and its total is that of all: 1250.
# Expected: usage types that add up to the total, which is told too.
# Seen:     through `ChatOpenAI` thoughts are taken for a part of the answer: 100 less 150 is cut off at 0. With more said than thought
#           nothing is cut off, and the sum is short of the thoughts all the same. `ChatXAI` takes xAI's counts for xAI's, and is right.
#
#             ChatOpenAI  said 100  thought 150   output 0    reasoning 150  sum 1150  total 1250
#             ChatOpenAI  said 400  thought 150   output 250  reasoning 150  sum 1400  total 1550
#             ChatXAI     said 100  thought 150   output 100  reasoning 150  sum 1250  total 1250
#
#           Langfuse prices the types; the total has no price.
# What helps: `ChatXAI` for xAI, or the API of Responses, whose output holds the thoughts; else the total less the input.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'langfuse==5.0.4' 'langchain==1.5.2' 'langchain-openai==1.7.4' 'langchain-xai==1.3.0' 'openai==3.57.0'

cat >one.py <<'PY'
"""Prints what Langfuse's callback tells of one chat of xAI's."""
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

SAID = [0]
THOUGHT = 150


def answer():
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": SAID[0],
        "total_tokens": 1000 + SAID[0] + THOUGHT,
        "prompt_tokens_details": {"cached_tokens": 200},
        "completion_tokens_details": {"reasoning_tokens": THOUGHT},
    }
    choice = {"index": 0, "message": {"role": "assistant", "content": "Rain."}, "finish_reason": "stop"}
    head = {"id": "local", "object": "chat.completion", "created": 1795831647, "model": "grok-4.3"}
    return {**head, "choices": [choice], "usage": usage}


class XAI(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(answer()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


os.environ["NO_PROXY"] = "127.0.0.1"
server = HTTPServer(("127.0.0.1", 0), XAI)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"

from langchain_openai import ChatOpenAI
from langchain_xai import ChatXAI
from langfuse import Langfuse
from langfuse.langchain import CallbackHandler
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

spans = InMemorySpanExporter()
langfuse = Langfuse(public_key="local", secret_key="local", base_url=url, span_exporter=spans)
for name, said in (("ChatOpenAI", 100), ("ChatOpenAI", 400), ("ChatXAI", 100)):
    SAID[0] = said
    spans.clear()
    if name == "ChatXAI":
        model = ChatXAI(model="grok-4.3", xai_api_base=f"{url}/v1", api_key="local", max_retries=0)
    else:
        model = ChatOpenAI(model="grok-4.3", base_url=f"{url}/v1", api_key="local", max_retries=0)
    model.invoke("Will it rain?", config={"callbacks": [CallbackHandler()]})
    langfuse.flush()
    (span,) = spans.get_finished_spans()
    told = json.loads(span.attributes["langfuse.observation.usage_details"])
    total = told.pop("total")
    print(
        f"{name:<11} said {said}  thought {THOUGHT}   output {told['output']:<4} reasoning {told['output_reasoning']:<4} "
        f"sum {sum(told.values()):<5} total {total}"
    )
PY

cat >seen <<'TXT'
ChatOpenAI  said 100  thought 150   output 0    reasoning 150  sum 1150  total 1250
ChatOpenAI  said 400  thought 150   output 250  reasoning 150  sum 1400  total 1550
ChatXAI     said 100  thought 150   output 100  reasoning 150  sum 1250  total 1250
TXT
venv/bin/python -m pip list | grep -E '^(langchain|langchain-openai|langchain-xai|langfuse|openai) '
venv/bin/python one.py 2>errors | tee now || { cat errors; exit 1; }
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
