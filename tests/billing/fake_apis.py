"""A local server that bills as the providers' APIs do, and keeps what it was asked; what it says first can be set."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

DAY_ONE, DAY_TWO = 1793491200, 1793577600
"""1 and 2 November 2026, in UTC."""


@dataclass
class FakeApis:
    """What it answers, by path: one page after the other; and what it was asked."""

    pages: dict[str, list[Any]]
    first: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    """Answers that go before all others."""
    asked: list[tuple[str, list[tuple[str, str]], dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str, query: list[tuple[str, str]]) -> tuple[int, dict[str, str], bytes]:
        """By path and page."""
        if self.first:
            return self.first.pop(0)
        if path not in self.pages:
            return 404, {}, b'{"message": "Not Found"}'
        pages = self.pages[path]
        number = int(dict(query).get("page", "page_0").removeprefix("page_"))
        return 200, {"Content-Type": "application/json"}, json.dumps(pages[number]).encode()


@contextmanager
def serving(apis: FakeApis) -> Iterator[FakeApis]:
    """The server, while it runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qsl(parts.query)
            apis.asked.append((parts.path, query, {name.lower(): value for name, value in self.headers.items()}))
            status, headers, body = apis.answer(parts.path, query)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    apis.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield apis
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def cost(value: Any, line_item: str, quantity: Any, unit: str | None = "tokens") -> dict[str, Any]:
    """A result of OpenAI's costs."""
    amount = {"value": value, "currency": "usd"}
    return {"object": "organization.costs.result", "amount": amount, "line_item": line_item, "quantity": quantity, "quantity_unit": unit}


def bucket(start: int, *results: Any) -> dict[str, Any]:
    """A day of OpenAI's."""
    return {"object": "bucket", "start_time": start, "end_time": start + 86_400, "results": list(results)}


def analytics(day: int, model: str | None, **told: Any) -> dict[str, Any]:
    """A row of Anthropic's cost or usage analytics."""
    group = {"model": model, **{name: told.pop(name) for name in ("cost_type", "token_type") if name in told}}
    return {"starting_at": f"2026-11-{day:02}T00:00:00Z", "ending_at": f"2026-11-{day + 1:02}T00:00:00Z", "group": group, **told}


def cents(amount: str) -> dict[str, str]:
    """A cost of Anthropic's."""
    return {"amount": amount, "list_amount": amount, "currency": "USD"}


def page(data: list[Any], following: str | None = None, **more: Any) -> dict[str, Any]:
    """An answer with a page of rows."""
    return {"data": data, "has_more": following is not None, "next_page": following, **more}


TOLD: dict[str, list[Any]] = {
    "/organization/costs": [
        page(
            [
                bucket(
                    DAY_ONE,
                    cost(0.005, "gpt-4o-2024-08-06, input", 2000),
                    cost("0.001", "gpt-4o-2024-08-06, output", 0.1, "1000_tokens"),
                    cost(0.01, "web search tool calls", 1, None),
                )
            ],
            "page_1",
            object="page",
        ),
        page([bucket(DAY_TWO, cost(0.0003, "gpt-4o-mini-2024-07-18, input", None, None))], object="page"),
    ],
    "/organization/usage/completions": [
        page(
            [
                bucket(
                    DAY_TWO,
                    {
                        "object": "organization.usage.completions.result",
                        "model": "gpt-4o-mini-2024-07-18",
                        "input_tokens": 2500,
                        "input_cached_tokens": 400,
                        "input_cache_write_tokens": 100,
                        "output_tokens": 7,
                        "num_model_requests": 3,
                    },
                )
            ],
            object="page",
        )
    ],
    "/v1/organizations/analytics/cost": [
        page(
            [
                analytics(1, "claude-sonnet-4-5", cost_type="tokens", token_type="uncached_input_tokens", cost=cents("0.3")),
                analytics(
                    1, "claude-sonnet-4-5", cost_type="tokens", token_type="cache_creation.ephemeral_1h_input_tokens", cost=cents("0.03")
                ),
            ],
            "page_1",
        ),
        page(
            [
                analytics(
                    1, "claude-sonnet-4-5", cost_type="tokens", token_type="cache_creation.ephemeral_5m_input_tokens", cost=cents("0.1125")
                ),
                analytics(2, None, cost_type="web_search", token_type=None, cost=cents("1")),
            ]
        ),
    ],
    "/v1/organizations/analytics/usage": [
        page(
            [
                analytics(
                    1,
                    "claude-sonnet-4-5",
                    usage={
                        "uncached_input_tokens": 1000,
                        "cache_creation": {"ephemeral_1h_input_tokens": 50, "ephemeral_5m_input_tokens": 300},
                        "cache_read_input_tokens": 0,
                        "output_tokens": 0,
                        "server_tool_use": {"web_search_requests": 1},
                        "total_tokens": 1350,
                        "requests": 2,
                    },
                )
            ]
        )
    ],
    "/activity": [
        {
            "data": [
                {
                    "date": date,
                    "model": "openai/gpt-4.1",
                    "model_permaslug": "openai/gpt-4.1-2025-04-14",
                    "endpoint_id": "550e8400-e29b-41d4-a716-446655440000",
                    "provider_name": "OpenAI",
                    "usage": 0.015,
                    "byok_usage_inference": 0.012,
                    "requests": 5,
                    "prompt_tokens": 50,
                    "completion_tokens": 125,
                    "reasoning_tokens": 25,
                }
                for date in ("2026-11-01", "2026-10-31")
            ]
        }
    ],
    "/organizations/acme/settings/billing/ai_credit/usage": [
        {
            "timePeriod": {"year": 2026, "month": 11, "day": 1},
            "organization": "acme",
            "usageItems": [
                {
                    "product": "Copilot",
                    "sku": "AI Credit",
                    "model": "GPT-5",
                    "unitType": "ai-credits",
                    "pricePerUnit": 0.01,
                    "grossQuantity": 100,
                    "grossAmount": 1,
                    "discountQuantity": 60,
                    "discountAmount": 0.6,
                    "netQuantity": 40,
                    "netAmount": 0.4,
                }
            ],
        }
    ],
}
"""What each provider tells."""
