"""Who pays and for what: keys in the order of ATTRIBUTES.md, section 11."""

import pytest

from attribution.conventions import DIMENSIONS, Conventions

PREFIXES = (
    "langfuse.trace.metadata.",
    "langfuse.observation.metadata.",
    "traceloop.association.properties.",
    "ai.telemetry.metadata.",
    "ai.settings.context.",
    "langsmith.metadata.",
)


def dims(attributes, **configured):
    conventions = Conventions(configured)
    found = conventions.read_span("s", "n", attributes).dims
    assert conventions.read_resource(attributes) == found, "a resource is read like a span"
    return found


ORDER = {
    "team": (
        "team",
        "team.id",
        "team.name",
        *(p + "team" for p in PREFIXES),
        "metadata",
        "langfuse.trace.tags",
        "litellm.team.alias",
        "litellm.team.id",
        "metadata.user_api_key_team_alias",
        "metadata.user_api_key_team_id",
    ),
    "department": ("department", *(p + "department" for p in PREFIXES), "metadata", "tag.tags", "organization.id"),
    "cost_center": ("cost_center", *(p + "cost_center" for p in PREFIXES), "metadata", "langsmith.span.tags"),
    "project": ("project", *(p + "project" for p in PREFIXES), "metadata", "tag.tags"),
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
    ),
    "session": (
        "session.id",
        "langfuse.session.id",
        "gen_ai.conversation.id",
        "traceloop.association.properties.session_id",
        "gcp.vertex.agent.session_id",
        "ai.telemetry.metadata.sessionId",
    ),
    "task": ("task.id", "task_id", "task", *(p + "task_id" for p in PREFIXES), *(p + "task" for p in PREFIXES), "crewai.task.id"),
    "workflow": (
        "gen_ai.workflow.name",
        "traceloop.workflow.name",
        "langfuse.trace.name",
        "chain",
        *(p + "chain" for p in PREFIXES),
        "n8n.workflow.name",
        "ai.telemetry.functionId",
    ),
}


def value_for(key, dimension, value):
    if key == "metadata":
        return f'{{"{dimension}": "{value}"}}'
    return [f"{dimension}:{value}"] if key.endswith("tags") else value


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_keys_are_tried_in_order(dimension):
    keys = list(ORDER[dimension])
    attributes = {key: value_for(key, dimension, f"v{number}") for number, key in enumerate(keys)}
    for number, key in enumerate(keys):
        for order in (attributes, dict(reversed(attributes.items()))):
            assert dims(order)[dimension] == f"v{number}", key
        del attributes[key]
    assert dimension not in dims(attributes)


def test_the_kind_of_a_task_is_tried_in_order_and_is_not_the_task():
    keys = ["task.type", "task_type", *(prefix + "task_type" for prefix in PREFIXES)]
    attributes = {key: value_for(key.partition("#")[0], "task_type", f"v{number}") for number, key in enumerate(keys)}
    for number, key in enumerate(keys):
        reading = Conventions().read_span("s", "n", attributes)
        assert (reading.task_type, reading.dims) == (f"v{number}", {}), key
        del attributes[key]
    assert Conventions().read_span("s", "n", attributes).task_type == ""


def test_configured_keys_come_first():
    attributes = {"team": "built-in", "acme.team": "ours", "acme.squad": "second"}
    assert dims(attributes, team=["acme.team", "acme.squad"]) == {"team": "ours"}
    assert dims(attributes | {"acme.team": ""}, team=["acme.team", "acme.squad"]) == {"team": "second"}
    assert Conventions({"team": ["acme.team"]}).wanted("acme.team")
    assert not Conventions().wanted("acme.team")


@pytest.mark.parametrize("tags", [["x", "team:support"], ["team=support"], "a,team:support", '["team:support"]'])
def test_tags(tags):
    assert dims({"langfuse.trace.tags": tags}) == {"team": "support"}


@pytest.mark.parametrize("metadata", ['{"team": "support", "task_id": 42}', {"team": "support", "task_id": 42}])
def test_members_of_metadata(metadata):
    assert dims({"metadata": metadata}) == {"team": "support", "task": "42"}


@pytest.mark.parametrize(
    ("value", "stored"),
    [('"42"', "42"), ('"support"', "support"), (42, "42"), (True, "true"), (1.5, "1.5"), (["one"], "one"), (" a ", "a")],
)
def test_values_are_stored_as_text(value, stored):
    assert dims({"team": value}) == {"team": stored}


@pytest.mark.parametrize("blank", ["", "  ", '""', [], {}, float("nan"), b"x", ["a", "b"]])
def test_blanks_are_never_stored(blank):
    assert dims({"team": blank}) == {}
    assert dims({"team": blank, "team.id": "next"}) == {"team": "next"}


def test_a_resource_names_its_environment_and_nothing_else():
    assert Conventions().read_resource({"service.name": "x", "deployment.environment": "prod"}) == {"environment": "prod"}
    assert Conventions().read_resource({"service.name": "x"}) == {}


AGENTS = [
    ({"gen_ai.agent.name": "a", "gen_ai.agent.id": "i"}, "a"),
    ({"gen_ai.agent.id": "i", "agent.name": "b"}, "i"),
    ({"agent.name": "b", "agent_id": "c"}, "b"),
    ({"agent_id": "c", "crewai.agent.role": "d"}, "c"),
    ({"crewai.agent.role": "d", "traceloop.span.kind": "agent", "traceloop.entity.name": "e"}, "d"),
    ({"traceloop.span.kind": "workflow", "traceloop.entity.name": "e"}, ""),
    ({"traceloop.span.kind": "agent", "traceloop.entity.name": "e", "ai.telemetry.functionId": "f"}, "e"),
    ({"ai.telemetry.functionId": "f"}, "f"),
    ({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "g"}, ""),
    ({"gen_ai.workflow.name": "w"}, ""),
    ({"mlflow.spanType": '"AGENT"'}, "span name"),
]


@pytest.mark.parametrize(("attributes", "agent"), AGENTS)
def test_agent_identity_on_the_span_itself(attributes, agent):
    assert Conventions().read_span("s", "span name", attributes).agent == agent


@pytest.mark.parametrize(
    ("name", "agent"), [("invoke_agent planner", "planner"), ("invoke_agent", ""), ("planner", "planner"), ("invoke_agent gpt-4o", "")]
)
def test_the_name_of_an_agent_span_stands_in(name, agent):
    assert Conventions().read_span("s", name, {"gen_ai.operation.name": "invoke_agent", "gen_ai.request.model": "gpt-4o"}).agent == agent


TOOLS = [
    ({"gen_ai.tool.name": "a", "tool.name": "b"}, "a"),
    ({"tool.name": "b", "ai.toolCall.name": "c"}, "b"),
    ({"ai.toolCall.name": "c", "tool_name": "d"}, "c"),
    ({"traceloop.span.kind": "tool", "traceloop.entity.name": "e"}, "e"),
    ({"gen_ai.operation.name": "execute_tool"}, "search"),
]


@pytest.mark.parametrize(("attributes", "tool"), TOOLS)
def test_tool(attributes, tool):
    assert Conventions().read_span("s", "execute_tool search", attributes).tool == tool
