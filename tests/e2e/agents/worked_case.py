"""The worked case of the design as two services send it: `first` the trace of sales, `second` the trace of support."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Span, Tracer, set_span_in_context

from tests.e2e.agents.telling import provider, span_id, tell, trace_id

SECOND = 10**9
MARCH = int(datetime(2026, 3, 3, 12, tzinfo=UTC).timestamp()) * SECOND


class Case:
    """Starts spans one second after another and lets each end after all below it."""

    def __init__(self) -> None:
        self.now = MARCH
        self.spans: dict[str, Span] = {}
        self._open = ExitStack()

    def span(self, name: str, tracer: Tracer, parent: str, **attributes: Any) -> None:
        context = set_span_in_context(self.spans[parent]) if parent else None
        named = {key.replace("__", "."): value for key, value in attributes.items()}
        span = tracer.start_span(name, context=context, attributes=named, start_time=self._tick())
        self.spans[name] = span
        self._open.callback(lambda: span.end(self._tick()))

    def agent(self, name: str, tracer: Tracer, parent: str, agent: str, **attributes: Any) -> None:
        self.span(name, tracer, parent, gen_ai__operation__name="invoke_agent", gen_ai__agent__name=agent, **attributes)

    def chat(self, name: str, tracer: Tracer, parent: str, tokens: tuple[int, int]) -> None:
        self.span(name, tracer, parent, gen_ai__operation__name="chat", **usage(tokens))

    def _tick(self) -> int:
        self.now += SECOND
        return self.now

    def end(self) -> None:
        self._open.close()


def usage(tokens: tuple[int, int]) -> dict[str, Any]:
    return {
        "gen_ai__provider__name": "openai",
        "gen_ai__request__model": "gpt-4o",
        "gen_ai__response__model": "gpt-4o-2024-08-06",
        "gen_ai__usage__input_tokens": tokens[0],
        "gen_ai__usage__output_tokens": tokens[1],
    }


def first(case: Case, sales: Tracer, platform: Tracer) -> None:
    case.agent("a", sales, "", "planner", team="sales")
    case.chat("b", sales, "a", (1000, 100))
    case.agent("c", platform, "a", "researcher")
    case.chat("d", platform, "c", (2000, 200))
    case.agent("e", sales, "c", "planner", **usage((1000, 100)))
    case.chat("f", sales, "e", (1000, 100))
    case.agent("g", sales, "c", "guardrail")
    case.chat("h", sales, "g", (400, 20))


def second(case: Case, support: Tracer, _: Tracer) -> None:
    case.agent("a", support, "", "triage", team="support")
    case.agent("b", support, "a", "guardrail")
    case.chat("c", support, "b", (1000, 30))


def main() -> None:
    providers: list[TracerProvider] = [provider(), provider(team="platform")]
    case = Case()
    {"first": first, "second": second}[sys.argv[1]](case, *(each.get_tracer("worked-case") for each in providers))
    case.end()
    for each in providers:
        each.shutdown()
    tell(trace=trace_id(case.spans["a"]), spans={name: span_id(span) for name, span in case.spans.items()})


if __name__ == "__main__":
    main()
