"""Answers as Python prints their objects: smolagents' are traced so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.conventions import Conventions, answers, printed

CHAT = (
    "ChatCompletion(id='chatcmpl-1', choices=[Choice(finish_reason='stop', index=0, message=ChatCompletionMessage(content={said}, "
    "role='assistant'))], created=1793613600, model='gpt-5-2025-08-07', service_tier='flex', usage=CompletionUsage(completion_tokens=300, "
    "prompt_tokens=1000, total_tokens=1300, completion_tokens_details=CompletionTokensDetails(audio_tokens=None, reasoning_tokens=192), "
    "prompt_tokens_details=PromptTokensDetails(audio_tokens=0, cached_tokens=500)))"
)
TOLD = {"input_tokens": 1000, "output_tokens": 300, "cache_read_tokens": 500, "reasoning_tokens": 192, "service_tier": "flex"}
LITELLM = (
    "ModelResponse(id='chatcmpl-1', model='claude-sonnet-4-5-20250929', usage=Usage(completion_tokens=200, prompt_tokens=3500, "
    "prompt_tokens_details=PromptTokensDetailsWrapper(cached_tokens=500, cache_creation_tokens=1000, cache_creation_token_details="
    "CacheCreationTokenDetails(ephemeral_5m_input_tokens=300, ephemeral_1h_input_tokens=700)), cache_creation_input_tokens=1000))"
)
SAID = [
    "'It is sunny.'",
    '"It\'s sunny."',
    r"'It\'s \"sunny\".'",
    "'usage=CompletionUsage(prompt_tokens=1)'",
    r"'\', usage=CompletionUsage(prompt_tokens=1)'",
    "'" + "x" * 100_000 + "'",
    "None",
]


@pytest.mark.parametrize("said", SAID, ids=range(len(SAID)))
@pytest.mark.parametrize(
    "wrap", [str, lambda text: {"role": "assistant", "raw": text, "token_usage": {"input_tokens": 1000, "output_tokens": 300}}]
)
def test_an_answer_is_read_whatever_was_said_in_it(said, wrap):
    told = answers.told(wrap(CHAT.replace("{said}", said)))
    assert {name: told.get(name) for name in TOLD} == TOLD


def test_litellm_prints_how_long_cache_writes_last():
    told = answers.told(LITELLM)
    assert (told["input_tokens"], told["cache_write_tokens"], told["cache_write_1h_tokens"]) == (3500, 1000, 700)


def test_the_id_in_a_printed_answer_names_the_response():
    call = {"openinference.span.kind": "LLM", "llm.model_name": "gpt-5", "output.value": CHAT.replace("{said}", "None")}
    reading = Conventions().read_span("openinference.instrumentation.smolagents", "OpenAIModel.generate", call)
    assert (reading.response_id, reading.cache_read_tokens) == ("chatcmpl-1", 500)
    call["output.value"] = LITELLM
    assert Conventions().read_span("openinference.instrumentation.smolagents", "LiteLLMModel.generate", call).response_id == ""


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("A(d={'a': 1, 'b': [1, None]}, t=datetime(2026, 1, 2), e=<X.Y: 'z'>, n=-1.5e-3, u=U(p=True))", {"n": "-1.5e-3", "u": {"p": True}}),
        ("A()", {}),
        ("A(", {}),
        ("A(x=')", {}),
        ("a(x=1)", {}),
        ("A(x=1) and more", {"x": "1"}),
        ("A" + "(" * 100, {}),
        ("It is (sunny).", {}),
    ],
)
def test_members(text, members):
    found = printed.members(text)
    assert {name: found.get(name) for name in members} == members
    assert bool(found) == bool(members)


@pytest.mark.parametrize("text", ["A(x='" + r"\'" * 500_000, "A(x=" + "\"'" * 500_000, "A(" + "a" * 1_000_000, "A(" + "b=2," * 400_000])
def test_long_texts_that_are_cut_off_tell_nothing(text):
    assert printed.members(text) == {}


@given(st.text(alphabet="AB(=)[]{},:'\"\\\\ 1.x-", max_size=200))
def test_anything_is_survived(text):
    assert isinstance(printed.members("A(" + text), dict)
