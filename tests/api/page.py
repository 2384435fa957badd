"""Runs the examples of docs/api.md in the order of the page, after putting the table there that they speak of.

A process of its own, started in an empty folder: the embedded engine opens one folder in a process.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from attribution.ledger import Ledger
from tests.table.exporter import TABLE, export, request_of

TRACE = 0x5B8EFFF798038103D269B633813FC60C
BLOCKS = re.compile(r"^```python\n(.*?)^```$(?:\n+^```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
START_NS = 1_790_856_000 * 10**9
"""2026-10-01 12:00 UTC."""
BEGIN = "\x1e"
"""Before what each example prints."""


def examples(page: Path) -> Iterator[tuple[str, str]]:
    """The code of each example, and what the page says that it prints."""
    yield from BLOCKS.findall(page.read_text(encoding="utf-8"))


def fill(folder: str) -> None:
    """Two teams whose agents call gpt-4o and, once each, a guardrail that does."""
    with Ledger.open(folder) as ledger:
        ledger.store.execute("CREATE DATABASE otel")
        ledger.store.execute(TABLE.format(name="otel.otel_traces"))
        for trace, team, agent, tokens in ((TRACE, "sales", "planner", 1000), (2, "support", "triage", 1600)):
            asked = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.response.model": "gpt-4o"}
            spans = [
                ({"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": agent, "team": team}, 0),
                ({**asked, "gen_ai.usage.input_tokens": tokens, "gen_ai.usage.output_tokens": 100}, 1),
                ({**asked, "gen_ai.agent.name": "guardrail", "gen_ai.usage.input_tokens": 160, "gen_ai.usage.output_tokens": 20}, 1),
            ]
            request = request_of(
                {"trace_id": trace, "span_id": number, "parent": parent, "start_ns": START_NS + number, "attributes": attributes}
                for number, (attributes, parent) in enumerate(spans, 1)
            )
            export(ledger.store, "otel.otel_traces", [request])


def main() -> None:
    """Run the page given as argument; prints BEGIN before what each example prints."""
    fill("spanledger-data/clickhouse")
    names: dict[str, object] = {}
    for code, _ in examples(Path(sys.argv[1])):
        print(BEGIN, end="")  # noqa: T201
        exec(compile(code, "docs/api.md", "exec"), names)  # noqa: S102 (our own page)


if __name__ == "__main__":
    main()
