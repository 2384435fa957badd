"""A store, a clock and the decisions of a service, without its threads: what happens, happens in the order of the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from attribution.attribute import attribute
from attribution.storage import Store
from collector.config import Config, Key
from collector.control import Control, control_routes
from collector.control.answers import answer
from collector.control.asking import Ask
from collector.receiver.authentication import Authenticator
from tests.attribution.otlp import Sent, send

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
PLANNER = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "planner"}
COST = Decimal("0.12")
"""Of 300,000 tokens of gpt-4.1-mini."""


def trace(number: int) -> str:
    return f"{number:032x}"


def span(number: int) -> str:
    return f"{number:016x}"


def config(budgets: Mapping[str, Any], **more: Any) -> Config:
    return Config.parse({"pricing": {"update": False}, "budgets": budgets, **more})


@dataclass
class World:
    """What a test acts on."""

    store: Store
    config: Config
    journal: Path | None = None
    at: datetime = NOON
    gone: float = 0
    """Seconds that went by, whatever the clock says."""
    control: Control = field(init=False)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start the service."""
        self.control = Control(self.config, self.store.another(), self.journal, lambda: self.at, lambda: self.gone)
        self.control.refresh()

    def crash(self) -> None:
        """End it without a word, and start it again."""
        self.control._journal.close()
        self.begin()

    def passes(self, seconds: float) -> None:
        """Time goes by."""
        self.at += timedelta(seconds=seconds)
        self.gone += seconds

    def ask(self, number: int = 2, run: int = 1, *, team: str = "sales", **more: Any) -> dict[str, Any]:
        """Ask for a call of 300,000 tokens, which costs COST."""
        asked = {
            "dimensions": {"team": team, **more.pop("said", {})},
            "trace_id": trace(run),
            "span_id": span(number),
            "model": "gpt-4.1-mini",
            "input_tokens": 300_000,
            "output_tokens_max": 0,
            **more,
        }
        ask = Ask.model_validate({name: value for name, value in asked.items() if value is not None})
        return answer(self.control.decide([ask], {})[0])

    def call(
        self, number: int = 2, run: int = 1, *, parent: int = 1, tokens: int = 300_000, model: str = "gpt-4.1-mini", **more: Any
    ) -> Sent:
        """The record of such a call, of now."""
        said = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": model,
            "gen_ai.usage.input_tokens": tokens,
            "gen_ai.usage.output_tokens": 0,
            **more.pop("said", {}),
        }
        return Sent(number, said, parent=parent, trace=run, at=(self.at - NOON).total_seconds(), lasts=1, **more)

    def root(self, run: int = 1, *, team: str = "sales", **said: str) -> Sent:
        """The span of the agent that a team started."""
        return Sent(1, {**PLANNER, "team": team, **said}, trace=run, at=(self.at - NOON).total_seconds() - 1)

    def arrive(self, *records: Sent, attributed: bool = False) -> None:
        """Records come in, and are seen."""
        if records:
            send(self.store, self.config, records)
        if attributed:
            attribute(self.store, self.config)
        self.control.refresh()

    def budget(self, name: str) -> dict[str, Any]:
        """What a budget has now, where it has one count."""
        from collector.control.answers import budget  # noqa: PLC0415  (one function of many names)

        (part,) = [part for part in self.control.decider.parts() if part.limit.name == name]
        return budget(part, self.at)


@contextmanager
def deciding(world: World, *keys: Key) -> Iterator[str]:
    """Where a service decides by what is in a store."""
    app = Starlette(routes=control_routes(world.control, Authenticator(keys).check))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()
