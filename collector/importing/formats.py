"""What the files of each format mean. Most are read row by row: one function a format, from a row to a record.

- log: a JSON line a call, with the names below; what `spanledger export log` writes.
- litellm: `/spend/logs` of LiteLLM's proxy, or its table LiteLLM_SpendLogs.
- langfuse: observations, as Langfuse's API and its exports have them.
- claude-code, codex: sessions of coding agents (transcripts.py).

A row raises ValueError with what is wrong with it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from attribution.configuration.pricing import FEE_KEY
from collector.importing.files import Line, Row, Told, told_by
from collector.importing.spans import Attribute, Record
from collector.importing.transcripts import claude_code, codex
from collector.importing.values import TOKENS, as_amount, as_count, as_number, as_object, as_texts, as_time, ended, first_of, needed

Format = Callable[[Iterable[Line]], Iterator[Told]]
"""From the rows of a file to its calls, and to what is wrong with rows."""
Otherwise = Callable[[], str]
Read = Callable[[Row, Otherwise], Record]
"""Of a row, and what makes an id where it has none."""
DIMENSION_KEYS = {
    "team": "team",
    "department": "department",
    "cost_center": "cost_center",
    "project": "project",
    "environment": "deployment.environment.name",
    "user": "user.id",
    "session": "session.id",
    "task": "task.id",
    "workflow": "gen_ai.workflow.name",
    "task_type": "task.type",
}
"""As an attribute each is said of the work."""
NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "span_id", "call_id", "request_id"),
    "trace": ("trace_id", "run_id"),
    "parent": ("parent_span_id", "parent_id"),
    "time": ("time", "timestamp", "ts", "start_time", "date"),
    "end": ("end_time",),
    "milliseconds": ("duration_ms", "latency_ms"),
    "team": ("team", "team_id"),
    "department": ("department",),
    "cost_center": ("cost_center",),
    "project": ("project", "project_id"),
    "environment": ("environment", "env"),
    "user": ("user", "user_id"),
    "session": ("session", "session_id"),
    "task": ("task", "task_id"),
    "task_type": ("task_type",),
    "workflow": ("workflow", "chain", "workflow_id"),
    "agent": ("agent", "agent_name", "agent_id"),
    "tool": ("tool", "tool_name"),
    "provider": ("provider", "vendor"),
    "model": ("model", "model_name"),
    "input": ("input_tokens", "prompt_tokens", "tokens_in"),
    "output": ("output_tokens", "completion_tokens", "tokens_out"),
    "cache_read": ("cache_read_tokens", "cached_tokens"),
    "cache_write": ("cache_write_tokens",),
    "reasoning": ("reasoning_tokens",),
    "cost": ("cost_usd", "cost", "usd", "amount", "total_cost"),
    "currency": ("currency",),
    "status": ("status",),
    "response": ("response_id",),
    "bucket": ("bucket",),
}
"""Of a log: what a name means; the first that is there."""
COST = "gen_ai.usage.cost"
FAILED = frozenset({"error", "failure", "failed"})


def _log(row: Row, otherwise: Otherwise) -> Record:
    said = {meaning: next((row[name] for name in names if row.get(name) not in (None, "")), None) for meaning, names in NAMES.items()}
    if said["time"] is None:
        raise ValueError(f"a time is needed: {', '.join(NAMES['time'])}")
    start = as_time(said["time"])
    end = as_time(said["end"]) if said["end"] is not None else start + int(as_number(said["milliseconds"] or 0) * 10**6)
    number = str(said["id"] or otherwise())
    tool = said["tool"] or (said["bucket"] if said["bucket"] not in (None, "llm") else None)
    attributes: dict[str, Attribute] = as_texts({key: said[name] for name, key in DIMENSION_KEYS.items()})
    attributes |= as_texts({"gen_ai.agent.name": said["agent"], "gen_ai.provider.name": said["provider"]})
    attributes |= as_texts({"gen_ai.response.model": said["model"], "gen_ai.response.id": said["response"]})
    attributes |= {key: as_count(said[kind], kind) for kind, key in TOKENS.items() if said[kind] is not None}
    is_call = tool is None or said["model"] is not None
    if said["cost"] is not None:
        attributes[COST if is_call else FEE_KEY] = f"{as_amount(said['cost']):f}"
    if is_call and said["cost"] is not None and not as_amount(said["cost"]) and row.get("cost_source"):
        attributes["litellm.cache_hit"] = True  # our own log: it was free, where others write 0 for what they do not know
    if said["currency"] is not None:
        if not is_call and said["currency"] != "USD":
            raise ValueError(f"currency: the fee of a tool is in USD, not in {said['currency']}")
        attributes["gen_ai.usage.cost.currency"] = str(said["currency"])
    if is_call and said["cost"] is None and said["model"] is None and not any(key in attributes for key in TOKENS.values()):
        raise ValueError("a cost, tokens or a model are needed")
    attributes["gen_ai.operation.name"] = "chat" if is_call else "execute_tool"
    if not is_call:
        attributes["gen_ai.tool.name"] = str(tool)
    failed = str(said["status"] or "").lower() in FAILED
    name = f"{attributes['gen_ai.operation.name']} {said['model'] or tool or ''}".strip()
    trace = str(said["trace"] or number)
    sender = row.get("sender") if isinstance(row.get("sender"), str) else None
    return Record(trace, number, str(said["parent"] or ""), name, "", "log", start, ended(start, end), failed, attributes, sender)


OPERATIONS = {
    "embedding": "embeddings",
    "image": "image_generation",
    "transcription": "transcription",
    "speech": "speech",
    "rerank": "rerank",
}
"""By what LiteLLM's call types contain."""


def _litellm(row: Row, otherwise: Otherwise) -> Record:
    metadata = as_object(row.get("metadata"))
    usage = as_object(metadata.get("usage_object"))
    more = as_object(metadata.get("additional_usage_values"))
    details = as_object(usage.get("prompt_tokens_details"))
    start = as_time(needed(row, "startTime"))
    kind = str(row.get("call_type") or "")
    said = {**as_object(metadata.get("spend_logs_metadata")), **as_object(metadata.get("requester_metadata"))}
    attributes = as_texts({key: said.get(name) for name, key in DIMENSION_KEYS.items()})
    attributes |= as_texts(
        {
            "session.id": said.get("session") or row.get("session_id"),
            "user.id": said.get("user") or (row.get("user") if not row.get("end_user") else None),
            "gen_ai.operation.name": next((operation for part, operation in OPERATIONS.items() if part in kind), "chat"),
            "gen_ai.provider.name": row.get("custom_llm_provider"),
            "gen_ai.response.model": row.get("model"),
            "gen_ai.response.id": row.get("request_id"),
            "litellm.team.alias": metadata.get("user_api_key_team_alias"),
            "litellm.team.id": row.get("team_id"),
            "litellm.end_user.id": row.get("end_user"),
            "gen_ai.agent.name": row.get("agent_id"),
        }
    )
    counts = {
        "input": row.get("prompt_tokens"),
        "output": row.get("completion_tokens"),
        "cache_read": first_of(details.get("cached_tokens"), usage.get("cache_read_input_tokens"), more.get("cache_read_input_tokens")),
        "cache_write": first_of(usage.get("cache_creation_input_tokens"), more.get("cache_creation_input_tokens")),
    }
    attributes |= {TOKENS[each]: as_count(count, each) for each, count in counts.items() if count is not None}
    if str(row.get("cache_hit")).lower() == "true":
        attributes["litellm.cache_hit"] = True
    elif row.get("spend") is not None and as_amount(row["spend"]):
        attributes[COST] = f"{as_amount(row['spend']):f}"
    number = str(row.get("request_id") or otherwise())
    failed = str(row.get("status") or metadata.get("status") or "").lower() in FAILED
    end = as_time(row["endTime"]) if row.get("endTime") else start
    name = f"{kind or 'completion'} {row.get('model') or ''}".strip()
    return Record(number, number, "", name, "litellm", "litellm", start, ended(start, end), failed, attributes)


WORK = "span"
"""The type of an observation that names none."""


def _langfuse(row: Row, otherwise: Otherwise) -> Record:
    def of(*names: str) -> Any:
        return next((row[name] for name in names if row.get(name) not in (None, "")), None)

    start = as_time(of("startTime", "start_time") or needed(row, "startTime"))
    until = of("endTime", "end_time")
    usage = as_object(of("usageDetails", "usage_details")) or _old_usage(row, as_object(of("usage")))
    cost = as_object(of("costDetails", "cost_details"))
    total = of("totalCost", "total_cost", "calculatedTotalCost")
    if total is not None and "total" not in cost:
        cost = {**cost, "total": total}
    kind = str(of("type") or WORK).lower()
    attributes = as_texts(
        {
            "langfuse.observation.type": kind,
            "langfuse.observation.model.name": of("model", "providedModelName", "provided_model_name", "modelId"),
            "langfuse.user.id": of("userId", "user_id"),
            "langfuse.session.id": of("sessionId", "session_id"),
            "langfuse.trace.name": of("traceName", "trace_name"),
            "langfuse.environment": of("environment"),
        }
    )
    if kind == "agent" and of("name"):
        attributes["gen_ai.agent.name"] = str(of("name"))
    for name, value in as_object(of("metadata")).items():
        if isinstance(value, str | int):
            attributes[f"langfuse.observation.metadata.{name}"] = str(value)
    if usage:
        attributes["langfuse.observation.usage_details"] = json.dumps({name: as_count(count, name) for name, count in usage.items()})
    if any(value is not None for value in cost.values()):
        known = {name: f"{as_amount(value):f}" for name, value in cost.items() if value is not None}
        attributes["langfuse.observation.cost_details"] = json.dumps(known)
    number = str(of("id") or otherwise())
    end = as_time(until) if until is not None else start
    return Record(
        str(of("traceId", "trace_id") or number),
        number,
        str(of("parentObservationId", "parent_observation_id") or ""),
        str(of("name") or kind),
        "langfuse-sdk",
        "langfuse",
        start,
        ended(start, end),
        str(of("level") or "").upper() == "ERROR",
        attributes,
    )


def _old_usage(row: Row, usage: Row) -> dict[str, Any]:
    """Before usage had details."""
    if usage.get("unit") not in (None, "TOKENS"):
        return {}
    counts = {
        "input": first_of(usage.get("input"), row.get("promptTokens")),
        "output": first_of(usage.get("output"), row.get("completionTokens")),
    }
    return {name: count for name, count in counts.items() if count is not None}


def by_row(read: Read) -> Format:
    """A format of which each row is read by itself."""

    def told(rows: Iterable[Line]) -> Iterator[Told]:
        seen: Counter[str] = Counter()
        return told_by(rows, lambda _, row: read(row, partial(_content, row, seen)))

    return told


def _content(row: Row, seen: Counter[str]) -> str:
    """An id for a row without one: what it says, and how many rows of the file said the same before it."""
    content = hashlib.sha256(json.dumps(row, sort_keys=True, ensure_ascii=False).encode(errors="surrogatepass")).hexdigest()
    seen[content] += 1
    return f"{content}-{seen[content]}"


FORMATS: Mapping[str, Format] = {
    "log": by_row(_log),
    "litellm": by_row(_litellm),
    "langfuse": by_row(_langfuse),
    "claude-code": claude_code,
    "codex": codex,
}
