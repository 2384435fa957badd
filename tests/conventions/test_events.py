"""What events tell of their span: looked at in the scopes of the table only."""

import pytest

from attribution.conventions import Conventions
from attribution.conventions.table import EVENT_SCOPES
from tests.conventions.test_wire import processed_events

LLAMA_INDEX = "llamaindex.opentelemetry.tracer"
START = {"class_name": "LLMChatStartEvent", "model_dict.class_name": "openai_llm", "model_dict.model_name": "gpt-4o"}
END = {
    "class_name": "LLMChatEndEvent",
    "response.raw.model": "gpt-4o-2024-08-06",
    "response.raw.service_tier": "null",
    "response.raw.usage.prompt_tokens": 1000,
    "response.raw.usage.completion_tokens": 100,
}


def test_usage_is_read_from_events():
    facts = processed_events(LLAMA_INDEX, [START, END])
    assert (list(facts.usage), list(facts.provider), list(facts.model)) == (["leaf"], ["openai"], ["gpt-4o-2024-08-06"])
    assert (list(facts.input_tokens), list(facts.output_tokens), list(facts.cost)) == ([1000], [100], ["0.0035"])


def test_a_stream_tells_no_usage_and_is_a_call_without_a_price():
    facts = processed_events(LLAMA_INDEX, [START])
    assert (list(facts.usage), list(facts.model), list(facts.cost_source)) == (["leaf"], ["gpt-4o"], ["unpriced"])


def test_of_several_events_the_last_one_counts():
    facts = processed_events(LLAMA_INDEX, [START, END, END | {"response.raw.usage.prompt_tokens": 2000}])
    assert list(facts.input_tokens) == [2000]


@pytest.mark.parametrize("scope", ["", "openinference.instrumentation.openai", "strands.telemetry.tracer"])
def test_events_of_other_scopes_say_nothing(scope):
    assert list(processed_events(scope, [START, END]).usage) == ["none"]


def test_a_span_without_telling_events_is_read_as_it_is():
    attributes = {"team": "sales"}
    conventions = Conventions()
    assert conventions.with_events(attributes, []) is attributes
    assert conventions.with_events(attributes, [{"step": "one"}]) is attributes
    assert {scope for scope in EVENT_SCOPES if conventions.reads_events(scope)} == {LLAMA_INDEX}
