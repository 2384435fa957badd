"""What the wire carries: numbers in text, doubles, JSON in JSON, and nonsense that must not become a figure."""

import json
from decimal import Decimal

import pytest

from attribution.conventions import Conventions, is_content, table, values
from attribution.conventions.values import amount, count, members, tags, text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (12, 12),
        ("12", 12),
        (" 12 ", 12),
        ("12.0", 12),
        (12.0, 12),
        (Decimal(12), 12),
        (-1, None),
        ("-1", None),
        (1.5, None),
        (float("nan"), None),
        (float("inf"), None),
        ("NaN", None),
        ("Infinity", None),
        ("abc", None),
        ("", None),
        (True, None),
        (None, None),
        ([1], None),
        ({"a": 1}, None),
        (b"1", None),
        (2**53, None),
        ("9" * 5000, None),
        ("1e999999", None),
    ],
)
def test_count(value, expected):
    assert count(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1, "0.1"),
        (0.0035, "0.0035"),
        (1e-7, "1E-7"),
        ("0.10", "0.10"),
        (2, "2"),
        (1e300, None),
        (-0.5, None),
        ("1e-999999999", "0"),
        ("0.1234567890123456789012345678901234567", "0.1234567890123456789012345678901234567"),
    ],
)
def test_amount_is_the_shortest_spelling_of_a_double(value, expected):
    found = amount(value)
    assert (None if found is None else str(found)) == expected


def test_negative_zero_is_zero():
    assert str(amount("-0")) == "0"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        (" a ", "a"),
        ('"a"', "a"),
        ('"\\"a\\""', '"a"'),
        ('"broken', '"broken'),
        ('"', '"'),
        (True, "true"),
        (7, "7"),
        (1.5, "1.5"),
        (float("nan"), ""),
        (["one"], "one"),
        (["one", "two"], ""),
        ({}, ""),
        (b"x", ""),
        (None, ""),
    ],
)
def test_text(value, expected):
    assert text(value) == expected


def test_json_is_read_exactly_and_once_more_inside_a_string():
    assert members('{"a": 0.1, "b": NaN}') == {"a": Decimal("0.1"), "b": None}
    assert members('"{\\"a\\": 1}"') == {"a": 1}
    assert members({"a": 1}) == {"a": 1}
    for nonsense in ("[1]", "1", "{", "[" * 100_000, None, 5, '{"a": ' + "9" * 5000 + "}"):
        assert members(nonsense) == {}


def test_tags():
    assert tags(["team:support", "team=other", "x", 5, "a=b:c", "empty:"]) == {"team": "support", "a": "b:c"}
    assert tags("team:support, department=it") == {"team": "support", "department": "it"}
    assert tags('["team:support"]') == {"team": "support"}
    assert tags("[broken") == tags(5) == {}


@pytest.mark.parametrize("bad", [-5, float("nan"), "many", True, [5]])
def test_an_unusable_count_leaves_the_word_to_the_next_key(bad):
    reading = Conventions().read_span("s", "n", {"gen_ai.usage.input_tokens": bad, "llm.token_count.prompt": "7"})
    assert reading.input_tokens == 7


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"gen_ai.usage.cost": 0.0}, None),
        ({"gen_ai.usage.cost": -1.0}, None),
        ({"gen_ai.usage.cost": "0.25"}, "0.25"),
        ({"operation.cost": 0.0, "gen_ai.usage.cost": 0.5}, "0.5"),
        ({"operation.cost": 0.1, "gen_ai.usage.cost": 0.5}, "0.1"),
        ({"langfuse.observation.cost_details": '{"input": 0.1, "output": 0.2}'}, "0.3"),
        ({"langfuse.observation.cost_details": '{"input": 0.1, "output": 0.2, "total": 0.31}'}, "0.31"),
        ({"litellm.cost.input": 0.1, "litellm.cost.output": 0.2, "litellm.cost.tool_usage": 0.05}, "0.35"),
        ({"llm.cost.prompt": 0.1, "llm.cost.completion": 0.2}, "0.3"),
        ({"llm.cost.prompt": "x"}, None),
    ],
)
def test_reported_cost(attributes, expected):
    found = Conventions().read_span("s", "n", attributes).reported_cost
    assert (None if found is None else str(found)) == expected


def test_values_of_any_type_are_survived_everywhere():
    conventions = Conventions()
    for nonsense in ([], {}, [[]], b"\xff", None, "", "{", float("nan"), {"a": {"b": 1}}, [None], True, -1, 10**30):
        for key in conventions._wanted:
            conventions.read_span("s", "n", {key: nonsense})
        conventions.read_span("s", "n", dict.fromkeys(sorted(conventions._wanted), nonsense))
        conventions.read_resource(dict.fromkeys(sorted(conventions._wanted), nonsense))


def test_names_of_one_spelling_and_two_types_are_not_confused():
    conventions = Conventions()
    assert [conventions.read_span("s", "n", {"model": value}).model for value in (1, True, "1", 1.0)] == ["1", "true", "1", "1.0"]


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr("attribution.conventions.conventions.PLANS_MAX", 50)
    monkeypatch.setattr("attribution.conventions.conventions.SHAPES_MAX", 50)
    monkeypatch.setattr("attribution.conventions.plan.FACTS_MAX", 50)
    conventions = Conventions({"team": [f"key.{number}" for number in range(200)]})
    for number in range(200):
        assert conventions.read_span("s", "n", {f"key.{number}": "a"}).dims == {"team": "a"}
        assert conventions.read_span("s", "n", {"model": str(number)}).model == str(number)
        assert conventions.read_resource({f"key.{number}": "a"}) == {"team": "a"}
        assert len(conventions._plans) <= 50
        assert len(conventions._shapes) <= 50
        assert len(conventions._resource_plans) <= 50
    assert all(len(plan._known) <= 50 for plan in conventions._plans.values())


def test_ids_that_are_new_on_every_span_are_not_remembered():
    conventions = Conventions()
    for number in range(10):
        ids = dict.fromkeys(("gen_ai.agent.id", "gen_ai.response.id", "session.id", "task.id"), str(number))
        reading = conventions.read_span("s", "n", {"gen_ai.operation.name": "chat", "gen_ai.response.model": "gpt-4o", **ids})
        assert (reading.agent, reading.response_id, reading.dims) == (
            str(number),
            str(number),
            {"session": str(number), "task": str(number)},
        )
    (plan,) = conventions._plans.values()
    assert len(plan._known) == 1


@pytest.mark.parametrize(
    "key",
    [
        "gen_ai.input.messages",
        "gen_ai.prompt.0.content",
        "gen_ai.tool.call.result",
        "input.value",
        "llm.input_messages.0.message.content",
        "langfuse.observation.output",
        "traceloop.entity.input",
        "ai.response.text",
        "ai.toolCall.args",
        "mlflow.spanInputs",
        "all_messages_events",
        "gcp.vertex.agent.llm_request",
        "mastra.agent_run.input",
        "mastra.model_chunk.output",
        "mastra.metadata.body",
        "gen_ai.response.text",
        "gen_ai.embeddings.input",
    ],
)
def test_content_is_known(key):
    assert is_content(key)


def test_nothing_that_a_reading_needs_is_content():
    assert {key for key in Conventions()._wanted if is_content(key)} <= table.TOLD_IN_CONTENT.keys()


def test_a_path_leads_through_lists():
    held = {"replies": [{"meta": {"usage": 7}}]}
    assert values.member(held, ("replies", "0", "meta", "usage")) == 7
    for path in (("replies", "1", "meta"), ("replies", "-1"), ("replies", "first"), ("replies", "0", "meta", "usage", "0")):
        assert values.member(held, path) is None


@pytest.mark.parametrize(("answer", "read"), [(1000, True), (values.CONTENT_CHARACTERS_MAX, False)])
def test_usage_is_read_from_content_that_is_not_too_long(answer, read):
    reply = {"meta": {"model": "gpt-4o", "usage": {"prompt_tokens": 10, "completion_tokens": 5}}, "content": "x" * answer}
    found = Conventions().read_span("haystack", "haystack.component.run", {"haystack.component.output": json.dumps({"replies": [reply]})})
    assert (found.usage, found.model, found.input_tokens) == (("leaf", "gpt-4o", 10) if read else ("none", "", None))


def test_two_models_told_in_content_are_two():
    """What names say is remembered; these are told in JSON."""
    conventions = Conventions()
    for model, provider in (("gpt-4o", "openai"), ("claude-sonnet-4-5", "anthropic")):
        output = json.dumps({"meta": [{"model": model, "usage": {"prompt_tokens": 1}}], "replies": ["It is sunny."]})
        found = conventions.read_span("haystack", "haystack.component.run", {"haystack.component.output": output})
        assert (found.model, found.provider) == (model, provider)
