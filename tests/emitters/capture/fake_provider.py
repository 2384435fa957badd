"""Providers' APIs on this machine: fixed answers, fixed usage, so that every figure of the golden table can be worked out by hand.

Speaks OpenAI (chat completions, responses, embeddings, images, transcriptions), Anthropic messages, Gemini, Bedrock (converse,
invoke) and Cohere rerank, streaming where the provider's clients stream. The first answer to a request that offers tools calls
the first tool; the answer to its result is a follow-up with a usage of its own.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

Json = dict[str, Any]
CREATED = 1_793_613_600
"""2026-11-02T10:00:00Z."""
TEXT = "It is sunny."


@dataclass(frozen=True)
class Usage:
    """Of one call. `uncached` is what was neither read from nor written to the cache; reasoning is part of `output`."""

    uncached: int
    output: int
    read: int = 0
    write_5m: int = 0
    write_1h: int = 0
    reasoning: int = 0

    @property
    def input(self) -> int:
        """The whole prompt."""
        return self.uncached + self.read + self.write_5m + self.write_1h


FIRST: dict[str, Usage] = {
    "gpt-4o": Usage(uncached=800, read=200, output=100),
    "gpt-4o-mini": Usage(uncached=400, output=20),
    "gpt-5": Usage(uncached=500, read=500, output=300, reasoning=192),
    "claude-sonnet-4-5": Usage(uncached=100, read=2000, write_5m=300, write_1h=50, output=200),
    "claude-haiku-4-5": Usage(uncached=500, output=40),
    "gemini-2.5-flash": Usage(uncached=600, read=400, output=80, reasoning=30),
    "text-embedding-3-small": Usage(uncached=120, output=0),
    "amazon.nova-pro": Usage(uncached=300, read=700, output=60),
}
"""By the beginning of the model's name; the longest that fits."""
FOLLOW_UP: dict[str, Usage] = {
    "gpt-4o": Usage(uncached=200, read=1000, output=40),
    "gpt-4o-mini": Usage(uncached=600, output=30),
    "gpt-5": Usage(uncached=300, read=1000, output=90, reasoning=64),
    "claude-sonnet-4-5": Usage(uncached=80, read=2350, output=60),
    "claude-haiku-4-5": Usage(uncached=700, output=50),
    "gemini-2.5-flash": Usage(uncached=1100, output=40),
}
"""The call that brings a tool's result back."""
SERVED: dict[str, str] = {
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-5": "gpt-5-2025-08-07",
    "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
    "claude-haiku-4-5": "claude-haiku-4-5-20251001",
}
"""The dated name that answers to an alias."""


def usage_of(model: str, *, follow_up: bool) -> Usage:
    """What a call of this model uses."""
    name = model.removeprefix("us.").removeprefix("anthropic.")
    table = FOLLOW_UP if follow_up else FIRST
    found = max((key for key in table if name.startswith(key)), key=len, default="")
    return table.get(found) or FIRST.get(found) or Usage(uncached=10, output=5)


def arguments(schema: Json | None) -> Json:
    """Arguments that satisfy a tool's schema."""
    properties = (schema or {}).get("properties", {})
    samples = {"string": "Paris", "integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}
    return {name: samples.get(each.get("type", "string"), "Paris") for name, each in properties.items()}


class Provider:
    """The answers of one run; ids are numbered and carry the run's name, for the same call twice would be one call."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls = 0
        self._lock = threading.Lock()

    def next_id(self, prefix: str) -> str:
        """A response id."""
        with self._lock:
            self.calls += 1
            return f"{prefix}{self.name}-{self.calls}"

    def answer(self, path: str, body: Json, headers: Any) -> tuple[str, bytes]:  # noqa: PLR0911 (one line an endpoint)
        """Content type and body."""
        if path.endswith("/chat/completions"):
            return self._chat(body)
        if path.endswith("/responses"):
            return self._responses(body)
        if path.endswith("/embeddings"):
            return _json(self._embeddings(body))
        if path.endswith("/images/generations"):
            return _json(_images())
        if path.endswith("/audio/transcriptions"):
            return _json(_transcription())
        if path.endswith("/messages"):
            return self._messages(body)
        if found := re.search(r"/models/([^/:]+):(\w+)", path):
            return self._gemini(found[1], found[2], body)
        if found := re.fullmatch(r"/model/([^/]+)/(converse|invoke)", path):
            return _json(self._bedrock(unquote(found[1]), found[2], body), headers)
        if path.endswith("/rerank"):
            return _json(self._rerank(body))
        raise KeyError(path)

    # OpenAI

    def _chat(self, body: Json) -> tuple[str, bytes]:
        model, tools = body["model"], body.get("tools") or []
        follow_up = any(message.get("role") == "tool" for message in body["messages"])
        usage = usage_of(model, follow_up=follow_up)
        message: Json = {"role": "assistant", "content": TEXT, "refusal": None}
        if tools and not follow_up:
            function = tools[0]["function"]
            call = {"name": function["name"], "arguments": json.dumps(arguments(function.get("parameters")))}
            message |= {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": call}]}
        finish = "tool_calls" if "tool_calls" in message else "stop"
        head = {"id": self.next_id("chatcmpl-"), "created": CREATED, "model": SERVED.get(model, model), "service_tier": _tier(body)}
        counted = {
            "prompt_tokens": usage.input,
            "completion_tokens": usage.output,
            "total_tokens": usage.input + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.read, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": 0},
        }
        if not body.get("stream"):
            choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
            return _json({**head, "object": "chat.completion", "choices": [choice], "usage": counted})
        head["object"] = "chat.completion.chunk"
        if "tool_calls" in message:
            message["tool_calls"][0]["index"] = 0
        chunks: list[Json] = [
            {**head, "choices": [{"index": 0, "delta": message, "finish_reason": None}]},
            {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]},
        ]
        if (body.get("stream_options") or {}).get("include_usage"):
            chunks.append({**head, "choices": [], "usage": counted})
        return _events([("", chunk) for chunk in chunks], end="data: [DONE]\n\n")

    def _responses(self, body: Json) -> tuple[str, bytes]:
        model, tools, given = body["model"], body.get("tools") or [], body.get("input")
        follow_up = isinstance(given, list) and any(item.get("type") == "function_call_output" for item in given)
        usage = usage_of(model, follow_up=follow_up)
        identity = self.next_id("resp_")
        text = {"type": "output_text", "text": TEXT, "annotations": [], "logprobs": []}
        item: Json = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [text]}
        functions = [tool for tool in tools if tool.get("type") == "function"]
        if functions and not follow_up:
            made = json.dumps(arguments(functions[0].get("parameters")))
            item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "status": "completed"}
            item |= {"name": functions[0]["name"], "arguments": made}
        searches = _web_searches(tools)
        response: Json = {
            "id": identity,
            "object": "response",
            "created_at": CREATED,
            "status": "completed",
            "model": SERVED.get(model, model),
            "output": [*searches, item],
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "tools": [],
            "parallel_tool_calls": True,
            "temperature": 1.0,
            "tool_choice": "auto",
            "top_p": 1.0,
            "service_tier": _tier(body),
            "usage": {
                "input_tokens": usage.input,
                "input_tokens_details": {"cached_tokens": usage.read, "cache_write_tokens": 0},
                "output_tokens": usage.output,
                "output_tokens_details": {"reasoning_tokens": usage.reasoning},
                "total_tokens": usage.input + usage.output,
            },
        }
        if not body.get("stream"):
            return _json(response)
        begun = {**response, "status": "in_progress", "output": [], "usage": None}
        steps: list[Json] = [
            {"type": "response.created", "response": begun},
            *(
                {"type": f"response.output_item.{state}", "output_index": at, "item": each}
                for at, each in enumerate(response["output"])
                for state in ("added", "done")
            ),
            {"type": "response.completed", "response": response},
        ]
        return _events([(step["type"], {**step, "sequence_number": at}) for at, step in enumerate(steps)])

    def _embeddings(self, body: Json) -> Json:
        vector = [0.25, -0.5]
        coded: Any = vector
        if body.get("encoding_format") == "base64":
            coded = base64.b64encode(struct.pack("<2f", *vector)).decode()
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        data = [{"object": "embedding", "index": index, "embedding": coded} for index, _ in enumerate(texts)]
        used = usage_of(body["model"], follow_up=False).input
        return {"object": "list", "data": data, "model": body["model"], "usage": {"prompt_tokens": used, "total_tokens": used}}

    # Anthropic

    def _messages(self, body: Json) -> tuple[str, bytes]:
        message = self._anthropic(body["model"], body)
        if not body.get("stream"):
            return _json(message)
        block, usage = message["content"][0], message["usage"]
        begun = {**message, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
        if block["type"] == "text":
            empty: Json = {"type": "text", "text": ""}
            delta: Json = {"type": "text_delta", "text": block["text"]}
        else:
            empty = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        steps: list[Json] = [
            {"type": "message_start", "message": begun},
            {"type": "content_block_start", "index": 0, "content_block": empty},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": message["stop_reason"], "stop_sequence": None}, "usage": usage},
            {"type": "message_stop"},
        ]
        return _events([(step["type"], step) for step in steps])

    def _anthropic(self, model: str, body: Json) -> Json:
        follow_up = "tool_result" in json.dumps(body["messages"])
        usage, tools = usage_of(model, follow_up=follow_up), [tool for tool in body.get("tools") or [] if "input_schema" in tool]
        searches = any(str(tool.get("type", "")).startswith("web_search") for tool in body.get("tools") or [])
        content: Json = {"type": "text", "text": TEXT}
        if tools and not follow_up:
            content = {"type": "tool_use", "id": "toolu_1", "name": tools[0]["name"], "input": arguments(tools[0]["input_schema"])}
        counted: Json = {
            "input_tokens": usage.uncached,
            "cache_creation_input_tokens": usage.write_5m + usage.write_1h,
            "cache_read_input_tokens": usage.read,
            "cache_creation": {"ephemeral_5m_input_tokens": usage.write_5m, "ephemeral_1h_input_tokens": usage.write_1h},
            "output_tokens": usage.output,
            "service_tier": "standard",
        }
        if searches:
            counted["server_tool_use"] = {"web_search_requests": 2, "web_fetch_requests": 0}
        return {
            "id": self.next_id("msg_"),
            "type": "message",
            "role": "assistant",
            "model": SERVED.get(model, model),
            "content": [content],
            "stop_reason": "tool_use" if content["type"] == "tool_use" else "end_turn",
            "stop_sequence": None,
            "usage": counted,
        }

    # Google

    def _gemini(self, model: str, method: str, body: Json) -> tuple[str, bytes]:
        contents = json.dumps(body.get("contents", []))
        follow_up = "functionResponse" in contents or "function_response" in contents
        usage = usage_of(model, follow_up=follow_up)
        functions = [each for tool in body.get("tools") or [] for each in tool.get("functionDeclarations", [])]
        part: Json = {"text": TEXT}
        if functions and not follow_up:
            schema = functions[0].get("parameters") or functions[0].get("parametersJsonSchema")
            lowered = json.loads(json.dumps(schema or {}).lower())
            part = {"functionCall": {"name": functions[0]["name"], "args": arguments(lowered)}}
        metadata = {
            "promptTokenCount": usage.input,
            "candidatesTokenCount": usage.output - usage.reasoning,
            "totalTokenCount": usage.input + usage.output,
            **({"cachedContentTokenCount": usage.read} if usage.read else {}),
            **({"thoughtsTokenCount": usage.reasoning} if usage.reasoning else {}),
        }
        response = {
            "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}],
            "usageMetadata": metadata,
            "modelVersion": model,
            "responseId": self.next_id("gemini-"),
        }
        return _events([("", response)]) if method == "streamGenerateContent" else _json(response)

    # Bedrock, Cohere

    def _bedrock(self, model: str, method: str, body: Json) -> Json:
        if method == "invoke" and "anthropic" in model:
            return self._anthropic(model.rpartition("anthropic.")[2].partition("-v1")[0], body)
        usage = usage_of(model, follow_up=False)
        counted = {
            "inputTokens": usage.uncached,
            "outputTokens": usage.output,
            "totalTokens": usage.input + usage.output,
            "cacheReadInputTokens": usage.read,
            "cacheWriteInputTokens": usage.write_5m + usage.write_1h,
        }
        if method == "invoke":  # Nova's own spelling
            counted["cacheReadInputTokenCount"] = counted.pop("cacheReadInputTokens")
            counted["cacheWriteInputTokenCount"] = counted.pop("cacheWriteInputTokens")
        message = {"role": "assistant", "content": [{"text": TEXT}]}
        return {"output": {"message": message}, "stopReason": "end_turn", "usage": counted, "metrics": {"latencyMs": 1}}

    def _rerank(self, body: Json) -> Json:
        results = [{"index": index, "relevance_score": 0.5} for index, _ in enumerate(body["documents"])]
        billed = {"search_units": 1}
        return {"id": self.next_id("rerank-"), "results": results, "meta": {"api_version": {"version": "2"}, "billed_units": billed}}


def _tier(body: Json) -> str:
    """OpenAI serves as it was asked to."""
    asked = str(body.get("service_tier") or "auto")
    return "default" if asked == "auto" else asked


def _web_searches(tools: list[Json]) -> list[Json]:
    """OpenAI's own tool looks things up twice where it is offered."""
    if not any(str(tool.get("type", "")).startswith("web_search") for tool in tools):
        return []
    action = {"type": "search", "query": "sun"}
    return [{"type": "web_search_call", "id": f"ws_{at}", "status": "completed", "action": action} for at in (1, 2)]


def _images() -> Json:
    usage = {"input_tokens": 50, "output_tokens": 1056, "total_tokens": 1106}
    usage["input_tokens_details"] = {"text_tokens": 50, "image_tokens": 0}  # type: ignore[assignment]
    return {"created": CREATED, "data": [{"b64_json": "iVBORw0KGgo="}], "usage": usage, "size": "1024x1024", "quality": "medium"}


def _transcription() -> Json:
    details = {"text_tokens": 4, "audio_tokens": 96}
    usage = {"type": "tokens", "input_tokens": 100, "input_token_details": details, "output_tokens": 8, "total_tokens": 108}
    return {"text": TEXT, "usage": usage}


def _json(value: Json, headers: Any = None) -> tuple[str, bytes]:
    del headers
    return "application/json", json.dumps(value).encode()


def _events(events: list[tuple[str, Json]], end: str = "") -> tuple[str, bytes]:
    def lines() -> Iterator[str]:
        for name, data in events:
            yield f"event: {name}\n" if name else ""
            yield f"data: {json.dumps(data)}\n\n"
        yield end

    return "text/event-stream", "".join(lines()).encode()


def serve(name: str, port: int) -> ThreadingHTTPServer:
    """Start the provider for the run of this name; `shutdown()` ends it."""
    provider = Provider(name)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(raw) if raw[:1] == b"{" else {}
            try:
                kind, answer = provider.answer(self.path.partition("?")[0], body, self.headers)
                status = 200
            except KeyError as unknown:
                status, kind, answer = 404, "application/json", json.dumps({"error": {"message": f"not served: {unknown}"}}).encode()
            self.send_response_only(status)  # without date and version: some emitters copy headers
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            if "bedrock" in self.headers.get("Host", "") or self.path.startswith("/model/"):
                usage = json.loads(answer).get("usage", {})
                self.send_header("x-amzn-bedrock-input-token-count", str(usage.get("inputTokens", usage.get("input_tokens", 0))))
                self.send_header("x-amzn-bedrock-output-token-count", str(usage.get("outputTokens", usage.get("output_tokens", 0))))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
