"""What coding agents keep of their sessions on the machine where they run, a file a session.

- claude-code: `~/.claude/projects/*/*.jsonl`. An answer stands there once for each of its blocks, with its usage each time, and again in
  every session that was forked from its own.
- codex: `~/.codex/sessions/**/*.jsonl`. Since 2026 each answer has a record of its usage; before, only running totals were kept, and a
  forked session began by a copy of all that the first one had counted.

A call is told by what its provider or its session says of it, never by its place in a file: a copy is the same span.

Claude Code names the request of an answer in its telemetry too. Codex does not: what both tell is known by session, counts and time, and
by the trace of the turn. A row is a record of the signal `file`: with what telemetry tells of its session it is one call (R1).
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from collector.importing.files import Line, Row, Told, told_by
from collector.importing.spans import Attribute, Record, Telemetry
from collector.importing.values import TOKENS, as_count, as_object, as_texts, as_time
from collector.spool import FILE

SYNTHETIC = "<synthetic>"
"""The model of what Claude Code says itself, errors above all."""
BILLERS = {"msg_bdrk_": "aws.bedrock", "msg_vrtx_": "gcp.vertex_ai"}
"""By how the id of an answer begins."""
PATH = re.compile(r"[\\/]")
COUNTS = {
    "input": "input_tokens",
    "cache_read": "cached_input_tokens",
    "cache_write": "cache_write_input_tokens",
    "output": "output_tokens",
    "reasoning": "reasoning_output_tokens",
}
"""As Codex names them: cache and reasoning are parts of input and output."""
UUID_WITH_TIME = 7
APART_NS = 2 * 10**9
"""How far two times of one answer are apart at most: its event is sent when it ends, its row is written when it is worked on."""


def claude_code(rows: Iterable[Line]) -> Iterator[Told]:
    """The answers of a session of Claude Code, each once, as its last block tells it."""
    answers: dict[str, tuple[int, Record]] = {}

    def read(number: int, row: Row) -> None:
        message = as_object(row.get("message"))
        if row.get("type") != "assistant" or not as_object(message.get("usage")) or message.get("model") == SYNTHETIC:
            return
        at = as_time(row.get("timestamp"))
        said = str(message.get("id") or row.get("uuid") or "")
        if not said:
            raise ValueError("the answer has no id")
        before = answers[said][1] if said in answers else None
        times = (at, at) if before is None else (min(at, before.start_ns), max(at, before.end_ns))
        answers[said] = (number, _answer(said, times, row, message))

    yield from told_by(rows, read)
    yield from answers.values()


def _answer(said: str, times: tuple[int, int], row: Row, message: Row) -> Record:
    model = message.get("model")
    quoted = {"type": "message", "id": said, "model": model, "usage": message["usage"]}
    attributes: dict[str, Attribute] = as_texts(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": next((name for start, name in BILLERS.items() if said.startswith(start)), "anthropic"),
            "gen_ai.response.model": model,
            # By the id of the request, as Claude Code's telemetry names the answer: what both tell is one call.
            "gen_ai.response.id": row.get("requestId") or said,
            "gen_ai.response.raw": json.dumps(quoted),
            "gen_ai.agent.name": "claude-code",
            # Of an answer that was copied into a forked session, the one that asked for it.
            "session.id": row.get("requestSessionId") or row.get("sessionId"),
            "project": _folder(row.get("cwd")),
        }
    )
    # By its name, which becomes that of the workflow where nobody says another.
    return Record(said, said, "", "claude-code", "", "claude-code", *times, False, attributes, signal=FILE)


def codex(rows: Iterable[Line]) -> Iterator[Told]:
    """The answers of a session of Codex: by their records, or before there were any by what the running totals grew."""
    session = _Session()
    return told_by(rows, lambda _, row: session.told(row.get("type"), as_object(row.get("payload")), row.get("timestamp")))


class _Session:
    """What a session of Codex has said of its next answers."""

    def __init__(self) -> None:
        self.number = self.root = self.folder = self.provider = self.model = self.turn = self.trace = ""
        self.total: Row = {}

    def told(self, kind: Any, payload: Row, timestamp: Any) -> Record | None:
        """The call that a row tells of, if it tells of one; else what it says of those that follow is kept."""
        if kind == "token_usage_record":
            return self._recorded(payload, as_time(timestamp))
        if kind == "event_msg" and payload.get("type") == "token_count":
            return self._counted(as_object(payload.get("info")), timestamp)
        if kind == "session_meta":
            said = str(payload.get("id") or payload.get("session_id") or "")
            # A forked session says so, and may hold what its own first one said behind it.
            self.root = str(payload.get("forked_from_id") or said or self.root)
            self.number = self.number or said
            self.folder = self.folder or _folder(payload.get("cwd"))
            self.provider = self.provider or str(payload.get("model_provider") or "")
        elif kind == "turn_context":
            self.model = str(payload.get("model") or self.model)
            self.turn = str(payload.get("turn_id") or "")
        elif kind == "event_msg" and payload.get("type") == "task_started":
            self.trace = str(payload.get("trace_id") or "")
        return None

    def _recorded(self, payload: Row, at: int) -> Record:
        response = str(payload.get("response_id") or "")
        self.total = as_object(payload.get("thread_token_usage")) or self.total  # told again by an event, which is no call more
        known = response or f"{payload.get('thread_id')} {json.dumps(self.total, sort_keys=True)}"
        return self._call(known, as_object(payload.get("usage")), at, response)

    def _counted(self, info: Row, timestamp: Any) -> Record | None:
        """The call that made a running total grow; None: it did not, for limits are told in the same event."""
        total, last = as_object(info.get("total_token_usage")), as_object(info.get("last_token_usage"))
        before, self.total = self.total, total or self.total
        if not total or total == before:
            return None
        if not last:
            last = {name: as_count(total.get(name) or 0, name) - as_count(before.get(name) or 0, name) for name in COUNTS.values()}
        known = hashlib.sha256(json.dumps([self.root, self.turn, total], sort_keys=True).encode()).hexdigest()
        at, asked, forked = as_time(timestamp), _time_of(self.turn), _time_of(self.number)
        if asked is None or forked is None or asked >= forked:
            return self._call(known, last, at, "")
        # A copy is written with the time of the fork, which came later than the answer: that of its turn was before it.
        told = Telemetry(self.root, self.trace, asked, forked)
        return replace(self._call(known, last, asked, ""), telemetry=told)

    def _call(self, known: str, usage: Row, at: int, response: str) -> Record:
        attributes: dict[str, Attribute] = as_texts(
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": self.provider,
                "gen_ai.response.model": self.model,
                "gen_ai.response.id": response,
                "gen_ai.agent.name": "codex",
                "session.id": self.number,
                "project": self.folder,
            }
        )
        attributes |= {TOKENS[kind]: as_count(usage[name], name) for kind, name in COUNTS.items() if usage.get(name) is not None}
        told = Telemetry(self.number, self.trace, at - APART_NS, at + APART_NS)
        return Record(known, known, "", "codex", "", "codex", at, at, False, attributes, signal=FILE, telemetry=told)


def _folder(path: Any) -> str:
    """The last part of a path: where it lies is nobody's business."""
    return next((part for part in reversed(PATH.split(path)) if part), "") if isinstance(path, str) else ""


def _time_of(turn: str) -> int | None:
    """Ns since the epoch at which an id was made, where it says so."""
    try:
        made = uuid.UUID(turn)
    except ValueError:
        return None
    return (made.int >> 80) * 10**6 if made.version == UUID_WITH_TIME else None
