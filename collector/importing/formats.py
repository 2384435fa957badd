"""What a row of each format means: one function a format, from a row to a record.

- log: a JSON line a call, with the names below; what `spanledger export log` writes.
- litellm: `/spend/logs` of LiteLLM's proxy, or its table LiteLLM_SpendLogs.
- langfuse: observations, as Langfuse's API and its exports have them.

A row raises ValueError with what is wrong with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from attribution.configuration.pricing import FEE_KEY
from collector.importing.spans import Attribute, Record

Row = Mapping[str, Any]
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
TOKENS = {
    "input": "gen_ai.usage.input_tokens",
    "output": "gen_ai.usage.output_tokens",
    "cache_read": "gen_ai.usage.cache_read.input_tokens",
    "cache_write": "gen_ai.usage.cache_creation.input_tokens",
    "reasoning": "gen_ai.usage.reasoning.output_tokens",
}
COST = "gen_ai.usage.cost"
SECONDS, MILLISECONDS, MICROSECONDS = 10**11, 10**14, 10**17
"""Numbers of a time below these are seconds, milliseconds, microseconds; else nanoseconds."""
NS = 10**9
NUMBER = re.compile(r"\d{9,19}(\.\d+)?")
FAILED = frozenset({"error", "failure", "failed"})


def _log(row: Row, otherwise: Otherwise) -> Record:
    said = {meaning: next((row[name] for name in names if row.get(name) not in (None, "")), None) for meaning, names in NAMES.items()}
    if said["time"] is None:
        raise ValueError(f"a time is needed: {', '.join(NAMES['time'])}")
    start = _time(said["time"])
    end = _time(said["end"]) if said["end"] is not None else start + int(_number(said["milliseconds"] or 0) * 10**6)
    number = str(said["id"] or otherwise())
    tool = said["tool"] or (said["bucket"] if said["bucket"] not in (None, "llm") else None)
    attributes: dict[str, Attribute] = _texts({key: said[name] for name, key in DIMENSION_KEYS.items()})
    attributes |= _texts({"gen_ai.agent.name": said["agent"], "gen_ai.provider.name": said["provider"]})
    attributes |= _texts({"gen_ai.response.model": said["model"], "gen_ai.response.id": said["response"]})
    attributes |= {key: _count(said[kind], kind) for kind, key in TOKENS.items() if said[kind] is not None}
    is_call = tool is None or said["model"] is not None
    if said["cost"] is not None:
        attributes[COST if is_call else FEE_KEY] = f"{_amount(said['cost']):f}"
    if is_call and said["cost"] is not None and not _amount(said["cost"]) and row.get("cost_source"):
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
    return Record(trace, number, str(said["parent"] or ""), name, "", "log", start, _ended(start, end), failed, attributes, sender)


OPERATIONS = {
    "embedding": "embeddings",
    "image": "image_generation",
    "transcription": "transcription",
    "speech": "speech",
    "rerank": "rerank",
}
"""By what LiteLLM's call types contain."""


def _litellm(row: Row, otherwise: Otherwise) -> Record:
    metadata = _object(row.get("metadata"))
    usage = _object(metadata.get("usage_object"))
    more = _object(metadata.get("additional_usage_values"))
    details = _object(usage.get("prompt_tokens_details"))
    start = _time(_needed(row, "startTime"))
    kind = str(row.get("call_type") or "")
    said = {**_object(metadata.get("spend_logs_metadata")), **_object(metadata.get("requester_metadata"))}
    attributes = _texts({key: said.get(name) for name, key in DIMENSION_KEYS.items()})
    attributes |= _texts(
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
        "cache_read": _first(details.get("cached_tokens"), usage.get("cache_read_input_tokens"), more.get("cache_read_input_tokens")),
        "cache_write": _first(usage.get("cache_creation_input_tokens"), more.get("cache_creation_input_tokens")),
    }
    attributes |= {TOKENS[each]: _count(count, each) for each, count in counts.items() if count is not None}
    if str(row.get("cache_hit")).lower() == "true":
        attributes["litellm.cache_hit"] = True
    elif row.get("spend") is not None and _amount(row["spend"]):
        attributes[COST] = f"{_amount(row['spend']):f}"
    number = str(row.get("request_id") or otherwise())
    failed = str(row.get("status") or metadata.get("status") or "").lower() in FAILED
    end = _time(row["endTime"]) if row.get("endTime") else start
    name = f"{kind or 'completion'} {row.get('model') or ''}".strip()
    return Record(number, number, "", name, "litellm", "litellm", start, _ended(start, end), failed, attributes)


WORK = "span"
"""The type of an observation that names none."""


def _langfuse(row: Row, otherwise: Otherwise) -> Record:
    def of(*names: str) -> Any:
        return next((row[name] for name in names if row.get(name) not in (None, "")), None)

    start = _time(of("startTime", "start_time") or _needed(row, "startTime"))
    ended = of("endTime", "end_time")
    usage = _object(of("usageDetails", "usage_details")) or _old_usage(row, _object(of("usage")))
    cost = _object(of("costDetails", "cost_details"))
    total = of("totalCost", "total_cost", "calculatedTotalCost")
    if total is not None and "total" not in cost:
        cost = {**cost, "total": total}
    kind = str(of("type") or WORK).lower()
    attributes = _texts(
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
    for name, value in _object(of("metadata")).items():
        if isinstance(value, str | int):
            attributes[f"langfuse.observation.metadata.{name}"] = str(value)
    if usage:
        attributes["langfuse.observation.usage_details"] = json.dumps({name: _count(count, name) for name, count in usage.items()})
    if any(value is not None for value in cost.values()):
        known = {name: f"{_amount(value):f}" for name, value in cost.items() if value is not None}
        attributes["langfuse.observation.cost_details"] = json.dumps(known)
    number = str(of("id") or otherwise())
    end = _time(ended) if ended is not None else start
    return Record(
        str(of("traceId", "trace_id") or number),
        number,
        str(of("parentObservationId", "parent_observation_id") or ""),
        str(of("name") or kind),
        "langfuse-sdk",
        "langfuse",
        start,
        _ended(start, end),
        str(of("level") or "").upper() == "ERROR",
        attributes,
    )


def _old_usage(row: Row, usage: Row) -> dict[str, Any]:
    """Before usage had details."""
    if usage.get("unit") not in (None, "TOKENS"):
        return {}
    counts = {
        "input": _first(usage.get("input"), row.get("promptTokens")),
        "output": _first(usage.get("output"), row.get("completionTokens")),
    }
    return {name: count for name, count in counts.items() if count is not None}


FORMATS: Mapping[str, Read] = {"log": _log, "litellm": _litellm, "langfuse": _langfuse}


def _texts(values: Mapping[str, Any]) -> dict[str, Attribute]:
    """Those that say something, as texts."""
    return {key: str(value) for key, value in values.items() if value not in (None, "") and isinstance(value, str | int)}


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _object(value: Any) -> Mapping[str, Any]:
    """A JSON object, also where it stands as text; else an empty one."""
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_float=str)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def _needed(row: Row, name: str) -> Any:
    if row.get(name) in (None, ""):
        raise ValueError(f"{name} is missing")
    return row[name]


def _number(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is no number")  # noqa: TRY004  (all that is wrong with a row)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is no number")
    return number


def _amount(value: Any) -> Decimal:
    amount = _number(value)
    if amount < 0:
        raise ValueError(f"a cost of {value} is below 0: take cost back by a dispute or an addition to a pool")
    return amount


def _count(value: Any, what: str) -> int:
    count = _number(value)
    if count < 0 or count != count.to_integral_value():
        raise ValueError(f"{what}: {value!r} is no count of tokens")
    return int(count)


def _time(value: Any) -> int:
    """Ns since the epoch, of ISO 8601 (UTC where no zone is named) or of a number of seconds, ms, us or ns."""
    text = str(value)
    if NUMBER.fullmatch(text):
        number = Decimal(text)
        scale = next((scale for limit, scale in ((SECONDS, NS), (MILLISECONDS, 10**6), (MICROSECONDS, 10**3)) if number < limit), 1)
        return int(number * scale)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{value!r} is no time") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * NS + since.microseconds * 1000


def _ended(start: int, end: int) -> int:
    if end < start:
        raise ValueError("ends before it begins")
    return end
