"""Makes a captured request the same at every capture: ids, times and machine names become fixed values, all else stays as sent."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from attribution.conventions import is_content
from attribution.conventions.plan import answer_keys
from attribution.conventions.table import CALL_EVENTS, TOLD_IN_CONTENT

Json = dict[str, Any]

BASE_NS = 1_793_613_600_000_000_000
"""2026-11-02T10:00:00Z; moments keep their order and lie 1 ms apart."""
STEP_NS = 1_000_000
CONTENT_CHARACTERS_MAX = 100
"""Of a prompt or an answer; frameworks repeat whole conversations, of which nothing is read."""
MEASURED = 0.001
"""Stands for a duration that an attribute reports, in whatever unit."""

_TIMES = ("startTimeUnixNano", "endTimeUnixNano", "timeUnixNano", "observedTimeUnixNano")
_MACHINE = re.compile(r"(process|host|os|container)\..*|service\.instance\.id|thread\..*|code\.(file\.path|filepath|lineno|line\.number)")
_DURATION = re.compile(
    r"duration|latency|time_to|timeTo|msTo|msPer|PerSecond|per_second|elapsed|ttft|tbt|time_in|start_time|end_time|response_ms|time_per",
    re.IGNORECASE,
)
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{32}|[0-9a-f]{24}|[0-9a-f]{16})(?![0-9A-Za-z])")
_MOMENT = re.compile(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?")
_PATH = re.compile(r"(?:/[\w.-]+)+/(?=[\w.-]+\.(?:py|mjs|js)\b)|/tmp/[\w./-]+")
_RESPONSE_ID = re.compile(r'"id": ?"(?:resp_|chatcmpl-|msg_)[\w-]+"')
_MILLISECONDS = re.compile(r'(_ms"?: )[0-9.]+')
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]+")


def normalised(requests: list[Json], name: str) -> Json:
    """One request of all that was sent, for the fixture of this name."""
    groups: dict[str, tuple[Json, Json, list[Json]]] = {}
    for request in requests:
        for resource_spans in request["resourceSpans"]:
            resource = _resource(resource_spans.get("resource", {}))
            for scope_spans in resource_spans["scopeSpans"]:
                scope = scope_spans.get("scope", {})
                _, _, spans = groups.setdefault(json.dumps([resource, scope]), (resource, scope, []))
                spans.extend(scope_spans["spans"])
    everything = [span for _, _, spans in groups.values() for span in spans]
    order = _order(everything)
    everything.sort(key=order)
    moments = _moments(everything)
    replace = _replacer(everything, name)
    made: list[Json] = []
    for resource, scope, spans in groups.values():
        spans.sort(key=order)
        tidy = [_tidy(span, moments, replace) for span in spans]
        scope_spans = {"scope": _tidy(scope, moments, replace), "spans": tidy}
        made.append({"resource": _tidy(resource, moments, replace), "scopeSpans": [scope_spans]})
    made.sort(key=lambda each: each["scopeSpans"][0]["spans"][0]["spanId"])
    return {"resourceSpans": made}


def normalised_logs(requests: list[Json], name: str) -> Json:
    """One request of the log events that tell of calls, and of those that look as if they did."""
    resources: dict[str, tuple[Json, dict[str, tuple[Json, list[Json]]]]] = {}
    for resource_logs in (each for request in requests for each in request["resourceLogs"]):
        resource = _resource(resource_logs.get("resource", {}))
        _, scopes = resources.setdefault(json.dumps(resource), (resource, {}))
        for scope_logs in resource_logs["scopeLogs"]:
            scope = scope_logs.get("scope", {})
            _, records = scopes.setdefault(json.dumps(scope), (scope, []))
            records += [record for record in scope_logs["logRecords"] if _is_kept(record)]
    everything = [record for _, scopes in resources.values() for _, records in scopes.values() for record in records]
    moments = _moments(everything)
    replace = _replacer([{"spanId": "", "traceId": "", **record} for record in everything], name)
    return {
        "resourceLogs": [
            {
                "resource": _tidy(resource, moments, replace),
                "scopeLogs": [
                    {"scope": scope, "logRecords": [_tidy(record, moments, replace) for record in kept]} for scope, kept in scopes.values()
                ],
            }
            for resource, scopes in resources.values()
        ]
    }


def _is_kept(record: Json) -> bool:
    named = {pair["key"]: pair["value"].get("stringValue", "") for pair in record.get("attributes", []) if pair["key"].startswith("event.")}
    return named.get("event.name") in CALL_EVENTS or named.get("event.name", "").endswith("inference.operation.details")


def _order(spans: list[Json]) -> Callable[[Json], tuple[int, int]]:
    """By start, then parents first: Node's clock counts whole milliseconds."""
    parents = {span["spanId"]: span.get("parentSpanId") for span in spans}

    def depth(span_id: str | None) -> int:
        return 1 + depth(parents[span_id]) if span_id in parents else 0

    return lambda span: (int(span["startTimeUnixNano"]), depth(span["spanId"]))


def _resource(resource: Json) -> Json:
    kept = [each for each in resource.get("attributes", []) if not _MACHINE.fullmatch(each["key"])]
    return {"attributes": kept}


def _moments(spans: list[Json]) -> dict[int, str]:
    found = set()
    for span in spans:
        for each in (span, *span.get("events", [])):
            found |= {int(each[key]) for key in _TIMES if int(each.get(key, 0))}
    return {0: "0"} | {moment: str(BASE_NS + rank * STEP_NS) for rank, moment in enumerate(sorted(found))}


def _replacer(spans: list[Json], name: str) -> Callable[[str], str]:
    stem = hashlib.sha256(name.encode()).hexdigest()[:24]
    traces = {each: f"{stem}{at:08x}" for at, each in enumerate(dict.fromkeys(span["traceId"] for span in spans if span["traceId"]), 1)}
    ids = {each: f"{at:016x}" for at, each in enumerate(dict.fromkeys(span["spanId"] for span in spans if span["spanId"]), 1)}
    uuids: dict[str, str] = {}

    def hex_id(found: re.Match[str]) -> str:
        text = found[0]
        if text in traces or text in ids:
            return traces.get(text) or ids[text]
        return uuids.setdefault(text, f"{len(uuids) + 1:0{len(text)}x}") if re.search("[a-f]", text) and re.search("[0-9]", text) else text

    def uuid(found: re.Match[str]) -> str:
        return uuids.setdefault(found[0], f"{stem[:8]}-0000-4000-8000-{len(uuids) + 1:012x}")  # some are response ids

    def replace(text: str) -> str:
        text = _HEX.sub(hex_id, _UUID.sub(uuid, text))
        text = _MOMENT.sub("2026-11-02T10:00:00Z", text)
        text = _MILLISECONDS.sub(r"\g<1>1", text)
        return _ADDRESS.sub("at 0x0", _PATH.sub("", text))

    return replace


def _tidy(value: Any, moments: dict[int, str], replace: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return replace(value)
    if isinstance(value, list):
        return [_tidy(item, moments, replace) for item in value if not _is_of_machine(item)]
    if not isinstance(value, dict):
        return value
    if "key" in value and _DURATION.search(value["key"]):
        return {"key": value["key"], "value": _measured(value["value"])}
    if "key" in value and is_content(value["key"]) and not _tells(value["key"], value["value"]):
        return {"key": value["key"], "value": _cut(_tidy(value["value"], moments, replace))}
    return {key: moments[int(item)] if key in _TIMES else _tidy(item, moments, replace) for key, item in value.items()}


def _is_of_machine(item: Any) -> bool:
    return isinstance(item, dict) and _MACHINE.fullmatch(str(item.get("key"))) is not None


def _tells(key: str, value: Json) -> bool:
    """Whether content tells what was used."""
    return key in TOLD_IN_CONTENT or any(read(value.get("stringValue", "")) for _, read in answer_keys(frozenset({key})))


def _cut(value: Json) -> Json:
    """Content, shortened; what it says of the response's id is read, so that stays."""
    text = value.get("stringValue", "")
    found = _RESPONSE_ID.search(text)
    keep = max(CONTENT_CHARACTERS_MAX, found.end() if found else 0)
    return {"stringValue": text[:keep] + "..."} if len(text) > keep else value


def _measured(value: Json) -> Json:
    """A fixed duration, of the type in which it was sent; an end that is no duration stays."""
    (kind,) = value
    fixed = {"doubleValue": MEASURED, "intValue": "1", "stringValue": "1"}
    return {kind: fixed.get(kind, value[kind])}


def readable(fixture: Json) -> str:
    """JSON with one attribute a line."""
    return _lines(fixture, "\n") + "\n"


def _lines(value: Any, end: str) -> str:
    if isinstance(value, dict) and value.keys() != {"key", "value"}:
        inner = [f"{json.dumps(key)}: {_lines(item, end + ' ')}" for key, item in value.items()]
        return f"{{{end} {f',{end} '.join(inner)}{end}}}" if inner else "{}"
    if isinstance(value, list):
        inner = [_lines(item, end + " ") for item in value]
        return f"[{end} {f',{end} '.join(inner)}{end}]" if inner else "[]"
    return json.dumps(value, ensure_ascii=False)
