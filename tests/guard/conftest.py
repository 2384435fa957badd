"""A provider that answers, and a service that decides as a test wants; both over HTTP on a thread each."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "guard"))

CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4.1-mini",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [{"type": "text", "text": "hello"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 1},
}


TOOL_CALL = {
    **CHAT,
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "message": {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}}],
            },
        }
    ],
}
"""Of a model that never has enough."""


def handing_over(to: str, number: int) -> dict[str, Any]:
    """Of a model that hands over to another agent."""
    text = (
        json.dumps(TOOL_CALL)
        .replace('"weather"', f'"transfer_to_{to}"')
        .replace('{\\"city\\": \\"Paris\\"}', "{}")
        .replace("call_1", f"call_{number}")
    )
    said: dict[str, Any] = json.loads(text)
    return said


@dataclass
class Server:
    """What was asked of it, and what it answers."""

    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    """One after the other; the last for ever."""
    url: str = ""

    @property
    def paths(self) -> list[tuple[str, str]]:
        """Methods and paths."""
        return [(method, path) for method, path, _ in self.asked]


def serve(server: Server) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            server.asked.append((self.command, self.path, json.loads(body) if body else None))
            status, said = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_DELETE = do_GET = _answer  # noqa: N815  (the library's names)

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    threading.Thread(target=http.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{http.server_port}"
    yield server
    http.shutdown()
    http.server_close()


@pytest.fixture
def provider() -> Iterator[Server]:
    """Answers as OpenAI and Anthropic do, by what a test sets."""
    yield from serve(Server(answers=[(200, CHAT)]))


@pytest.fixture
def service() -> Iterator[Server]:
    """Allows everything, until a test says otherwise."""
    yield from serve(Server(answers=[(200, decision())]))


def decision(verdict: str = "allow", *, remaining: str = "1", amount: str = "0.4", reason: str = "") -> dict[str, Any]:
    """As Spanledger answers."""
    budget = {"budget": "sales", "key": {}, "remaining": remaining, "amount": amount}
    held = "r1" if verdict == "allow" else None
    more = {"retry_after_s": 0.1} if verdict == "throttle" else {}
    return {"decision": verdict, "reason": reason, "reservation": held, "budgets": [budget], **budget, **more}
