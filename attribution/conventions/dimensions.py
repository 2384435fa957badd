"""Which attributes name who pays and for what, in the order in which they are tried."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from attribution.conventions.reading import DIMENSIONS

METADATA_PREFIXES: tuple[str, ...] = (
    "langfuse.trace.metadata.",
    "langfuse.observation.metadata.",
    "traceloop.association.properties.",
    "ai.telemetry.metadata.",
    "ai.settings.context.",
    "langsmith.metadata.",
)
METADATA = "metadata"
"""A JSON object of the user's own (OpenInference, LiteLLM)."""
TAGS: tuple[str, ...] = ("langfuse.trace.tags", "tag.tags", "langsmith.span.tags")


def _m(word: str) -> tuple[str, ...]:
    """The word wherever users put metadata of their own."""
    return (
        *(prefix + word for prefix in METADATA_PREFIXES),
        f"{METADATA}#{word}",
        *(f"{tags}#{word}" for tags in TAGS),
    )


_BRANCHES = ("vcs.ref.head.name", "git.branch", "github.copilot.git.branch")
"""A branch is one piece of work."""

BUILT_IN: dict[str, tuple[str, ...]] = {
    "team": (
        "team",
        "team.id",
        "team.name",
        *_m("team"),
        "litellm.team.alias",
        "litellm.team.id",
        "metadata.user_api_key_team_alias",
        "metadata.user_api_key_team_id",
    ),
    "department": ("department", *_m("department"), "organization.id"),
    "cost_center": ("cost_center", *_m("cost_center")),
    "project": (
        "project",
        *_m("project"),
        *("vcs.repository.name", "vcs.repository.url.full", "git.repository", "github.copilot.git.repository", "repository"),
    ),
    "environment": ("deployment.environment.name", "deployment.environment", "langfuse.environment", "gen_ai.environment"),
    "user": (
        "user.id",
        "langfuse.user.id",
        "enduser.id",
        "gen_ai.user.id",
        "traceloop.association.properties.user_id",
        "metadata.user_api_key_user_id",
        "litellm.end_user.id",
        "ai.telemetry.metadata.userId",
        "llm.user",
        "gen_ai.user",
        *("user.email", "user.account_id", "user.account_uuid"),  # Codex, Gemini CLI
    ),
    "session": (
        "session.id",
        "langfuse.session.id",
        "gen_ai.conversation.id",
        "traceloop.association.properties.session_id",
        "gcp.vertex.agent.session_id",
        "ai.telemetry.metadata.sessionId",
        "conversation.id",  # Codex
    ),
    "task": ("task.id", "task_id", "task", *_m("task_id"), *_m("task"), "crewai.task.id", *_BRANCHES),
    "workflow": (
        "gen_ai.workflow.name",
        "traceloop.workflow.name",
        "langfuse.trace.name",
        "chain",
        *_m("chain"),
        "n8n.workflow.name",
        "ai.telemetry.functionId",
    ),
}

TASK_TYPE: tuple[str, ...] = ("task.type", "task_type", *_m("task_type"))
"""What kind of task it is; no dimension of its own."""
TASK_TYPE_NAME = "task_type"
"""What it is called beside the dimensions."""


def dimension_keys(configured: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Keys of every dimension: the configured ones, then the built-in ones."""
    return {dimension: (*configured.get(dimension, ()), *BUILT_IN[dimension]) for dimension in DIMENSIONS}


PAYER: tuple[str, ...] = ("team", "department", "cost_center")
"""They always come from one place."""
CLIENT = "client_"
"""Before the name of a dimension: what the client says of it fills a blank that a tagged key leaves."""


def said_of_work(dims: Mapping[str, str], resource: Mapping[str, str], tags: Mapping[str, str]) -> Mapping[str, str]:
    """What a span says of the work (R8): not what only repeats its resource, and nothing that its ingest key is tagged with.

    Args:
        dims: whom the span names, by dimension.
        resource: whom its resource names.
        tags: those of the ingest key.

    """
    if not dims or not (resource or tags):
        return dims
    payer = {name: dims[name] for name in PAYER if name in dims}
    is_bound = any(name in tags for name in PAYER)
    is_repeated = all(resource.get(name) == value for name, value in payer.items())
    others = {name: value for name, value in dims.items() if name not in PAYER and name not in tags and resource.get(name) != value}
    return others if is_bound or is_repeated else payer | others


def tags_of_span(dims: Mapping[str, str], tags: Mapping[str, str]) -> str:
    """The tags of an ingest key as JSON text, with what the span says of a team, department or cost center that they leave blank."""
    is_bound = any(name in tags for name in PAYER)
    blanks = {CLIENT + name: dims[name] for name in PAYER if name in dims and name not in tags} if is_bound else {}
    return json.dumps({**tags, **blanks}, ensure_ascii=False, sort_keys=True) if tags else ""
