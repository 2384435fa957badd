#!/usr/bin/env bash
# ag2 tells the tokens of a call once more for each agent above it, and those of a compaction only in the spans that repeat the others.
#
# Packages: ag2 1.2.1, openai 3.57.0, opentelemetry-sdk 1.45.2.
# Input:    agents that have each other as tools and `TelemetryMiddleware`, on a local endpoint: planner asks researcher, researcher
#           asks searcher. Each call is 1000 input tokens, asks for `gpt-4o` and is answered by `gpt-4o-2024-08-06`.
# Expected: one span with usage for each call, or above it a span that holds the sum of the spans below it.
# Seen:     each call stands in its `chat` span, in a `record_usage model_call` beside it, and in the sum of one `record_usage
#           subtask` for every agent above: d + 2 spans for an agent d levels down. All have the same keys, and none that repeats
#           is above the one that it repeats. Leaving out all `record_usage` spans is wrong as well: the call that summarizes old
#           history (`SummarizeCompact`) and the calls of an agent without the middleware have no `chat` span.
#
#                                              calls  chat  model_call  subtask  compaction  all spans
#             planner                              1  1000        1000        0           0       2000
#             planner > researcher                 3  3000        3000     1000           0       7000
#             planner > researcher > searcher      5  5000        5000     4000           0      14000
#             planner with a compaction            2  1000        1000        0        1000       3000
#             planner > one not instrumented       3  2000        2000     1000           0       5000
#
#           `gen_ai.request.model` is what answered, not what was asked for, unless the middleware is given a `model_name`.
#
# What helps: read `ag2.usage.kind`: `model_call` always repeats, `compaction` never, `subtask` where the agent below tells its calls.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'ag2[openai]==1.2.1' 'openai==3.57.0' 'opentelemetry-sdk==1.45.2'

cat >agents.py <<'PY'
"""Prints the input tokens that the spans of each run tell, by kind of span."""
import asyncio
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from ag2 import Agent
from ag2.compact import CompactTrigger, SummarizeCompact
from ag2.config import OpenAIConfig
from ag2.knowledge.config import KnowledgeConfig
from ag2.knowledge.memory import MemoryKnowledgeStore
from ag2.middleware.builtin.telemetry import TelemetryMiddleware
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

ASKED, ANSWERED = "gpt-4o", "gpt-4o-2024-08-06"
KINDS = ("chat", "model_call", "subtask", "compaction")
calls = []


class Model(BaseHTTPRequestHandler):
    """Asks the agent below once, then answers."""

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        calls.append(request["model"])
        tools = [tool["function"]["name"] for tool in request.get("tools") or []]
        message = {"role": "assistant", "content": "Done."}
        if tools and not any(each["role"] == "tool" for each in request["messages"]):
            asks = {"name": tools[0], "arguments": json.dumps({"objective": "Look it up."})}
            message = {"role": "assistant", "content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": asks}]}
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if "tool_calls" in message else "stop"}
        usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
        answer = {"id": f"chatcmpl-{len(calls)}", "object": "chat.completion", "created": 1, "model": ANSWERED}
        body = json.dumps(answer | {"choices": [choice], "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


os.environ["NO_PROXY"] = "127.0.0.1"
server = HTTPServer(("127.0.0.1", 0), Model)
threading.Thread(target=server.serve_forever, daemon=True).start()
spans, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
config = OpenAIConfig(model=ASKED, api_key="local", base_url=f"http://127.0.0.1:{server.server_port}")


def agent(name, below=None, *, instrumented=True, **more):
    middleware = [TelemetryMiddleware(tracer_provider=provider, agent_name=name)] if instrumented else []
    tools = [below.as_tool(description="Looks things up.")] if below else []
    return Agent(name, prompt="Be short.", config=config, middleware=middleware, tools=tools, **more)


def kind(span):
    return span.attributes.get("ag2.usage.kind", span.attributes.get("gen_ai.operation.name"))


def show(name, root):
    calls.clear()
    spans.clear()
    asyncio.run(root.ask("What is new?"))
    assert set(calls) == {ASKED}, calls
    told = [span for span in spans.get_finished_spans() if "gen_ai.usage.input_tokens" in span.attributes]
    assert {kind(span) for span in told} <= set(KINDS), told
    requested = {span.attributes["gen_ai.request.model"] for span in told if kind(span) == "chat"}
    assert requested == {ANSWERED}, f"CHANGED: gen_ai.request.model is {requested}"
    parents = {span.parent.span_id for span in told}
    assert not parents & {span.context.span_id for span in told}, "CHANGED: a span with usage is above another one"
    tokens = [sum(span.attributes["gen_ai.usage.input_tokens"] for span in told if kind(span) == each) for each in KINDS]
    print(f"{name:<33}{len(calls):>5}{tokens[0]:>6}{tokens[1]:>12}{tokens[2]:>9}{tokens[3]:>12}{sum(tokens):>11}")


summary = KnowledgeConfig(
    store=MemoryKnowledgeStore(),
    expose_tool=False,
    write_event_log=False,
    compact=SummarizeCompact(1, config),
    compact_trigger=CompactTrigger(max_events=1),
)
print(f"{'':<33}calls  chat  model_call  subtask  compaction  all spans")
show("planner", agent("planner"))
show("planner > researcher", agent("planner", agent("researcher")))
show("planner > researcher > searcher", agent("planner", agent("researcher", agent("searcher"))))
show("planner with a compaction", agent("planner", knowledge=summary))
show("planner > one not instrumented", agent("planner", agent("searcher", instrumented=False)))
PY

cat >seen <<'TXT'
                                 calls  chat  model_call  subtask  compaction  all spans
planner                              1  1000        1000        0           0       2000
planner > researcher                 3  3000        3000     1000           0       7000
planner > researcher > searcher      5  5000        5000     4000           0      14000
planner with a compaction            2  1000        1000        0        1000       3000
planner > one not instrumented       3  2000        2000     1000           0       5000
TXT
venv/bin/python -m pip list | grep -E '^(ag2|openai|opentelemetry-sdk) '
venv/bin/python agents.py 2>errors | tee now || { cat errors; exit 1; }
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
