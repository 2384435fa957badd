"""What events tell of their span: looked at in the scopes of the table only."""

from decimal import Decimal

import pytest

from attribution.conventions import Conventions
from attribution.conventions.table import EVENT_SCOPES
from collector.processor.facts import USAGES
from tests.conventions.test_wire import stored_events

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
    row = stored_events(LLAMA_INDEX, [START, END])
    assert (row["usage"], row["provider"], row["model"]) == (USAGES["leaf"], "openai", "gpt-4o-2024-08-06")
    assert (row["input_tokens"], row["output_tokens"], row["cost"]) == (1000, 100, Decimal("0.0035"))


def test_a_stream_tells_no_usage_and_is_a_call_without_a_price():
    row = stored_events(LLAMA_INDEX, [START])
    assert (row["usage"], row["model"], row["cost_source"]) == (USAGES["leaf"], "gpt-4o", "unpriced")


def test_of_several_events_the_last_one_counts():
    assert stored_events(LLAMA_INDEX, [START, END, END | {"response.raw.usage.prompt_tokens": 2000}])["input_tokens"] == 2000


@pytest.mark.parametrize("scope", ["", "openinference.instrumentation.openai", "strands.telemetry.tracer"])
def test_events_of_other_scopes_say_nothing(scope):
    assert stored_events(scope, [START, END])["usage"] == USAGES["none"]


def test_a_span_without_telling_events_is_read_as_it_is():
    attributes = {"team": "sales"}
    conventions = Conventions()
    assert conventions.with_events(attributes, []) is attributes
    assert conventions.with_events(attributes, [{"step": "one"}]) is attributes
    assert {scope for scope in EVENT_SCOPES if conventions.reads_events(scope)} == {LLAMA_INDEX}
