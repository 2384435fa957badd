"""Whatever spans hold, the core reads and prices by recipes as Python does, to the byte, and leaves the rest to Python."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from attribution.conventions.kinds import TELLING_NAMES
from collector.config import Config
from collector.core.core import core
from collector.processor import Processed, Processor, SpanRecords
from collector.processor.facts import COLUMNS
from collector.processor.recipes import FAILURES_MAX, RECIPES_MAX
from collector.spool import Delivery
from tests.emitters.test_golden import FIXTURES, delivery
from tests.processor.requests import any_value, delivered, request

SEEDS = st.integers(0, 2**32)
CONFIGS = {
    "plain": Config(),
    "contracts": Config.parse(
        {
            "pricing": {
                "models": [
                    {"provider": "openai", "model": "gpt-4o*", "input": 1.1, "output": 3, "cache_read": "0.07", "from": "2026-01-01"},
                    {"provider": "openai", "model": "gpt-4o*", "input": 1.3, "output": 3, "from": "2026-10-20"},
                    {"provider": "*", "model": "claude*", "input": "2.123456", "output": "9.99", "reasoning": 12, "currency": "EUR"},
                ],
                "currencies": {"EUR": [{"from": "2026-01-01", "usd": "1.0837"}]},
                "tools": {"web_search": {"per_call": 0.01}},
            }
        }
    ),
    "rules": Config.parse({"pricing": {"rules": [{"agent": "*", "bucket": "compute", "per_second": "0.0001"}]}}),
}
EDGES = (1_793_534_400_000_000_000, 1_792_454_400_000_000_000, 1_751_328_000_000_000_000, 1_795_996_800_000_000_000)
"""Starts: within, at the start of a contract, a year before, on a Saturday."""
FIGURES = (0, 0, 1, 2, 3, 11, 128, 1000, 4096, 199_999, 200_000, 200_001, 272_001, 10**6, 10**12 - 1, 10**12, 2**53, -1)
TEXTS = (
    "sales",
    "support",
    " sales",
    "none",
    "None",
    "null",
    '"sales"',
    "",
    "ünïcode",
    "x" * 200,
    "NaN",
    "<nil>",
    "gpt-4o",
    "claude-sonnet-4-5",
)
MODELS = ("gpt-4o", "gpt-4o-2024-08-06", "gemini-2.5-pro", "claude-sonnet-4-5-20250929", "deepseek-chat", "llama-3", "no-such-model", "o3")
OPENTELEMETRY = (
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.total_tokens",
)


class Both:
    """Reads by recipes, and without."""

    def __init__(self, config: Config) -> None:
        self.fast, self.plain = Processor(config, recipes=True), Processor(config)
        self.records = SpanRecords(keep_content=False, core=core(keep_content=False))

    def check(self, *batch: Delivery) -> int:
        """Both write the same; how many spans followed recipes."""
        followed, read = [self.fast.process(each) for each in batch], [self.plain.process(each) for each in batch]
        by_recipes, by_python = self.by_recipes(followed), self.records.from_python(read)
        assert by_recipes.keys() == COLUMNS.keys()
        for name in COLUMNS:
            assert by_recipes[name] == by_python[name], name
        return sum(each.spans for each in batch) - positions(followed)

    def by_recipes(self, followed: Sequence[Processed]) -> dict[str, bytes]:
        with self.records.from_core(followed) as found:
            return {name: bytes(column) for name, column in found.items()}


def positions(batch: Sequence[Processed]) -> int:
    return sum(len(each.positions) for each in batch)


BOTH = {name: Both(config) for name, config in CONFIGS.items()}


def mutated(some: random.Random, body: bytes) -> ExportTraceServiceRequest:
    """The same request with other figures, texts and times; most values stay as they are."""
    made = ExportTraceServiceRequest.FromString(body)
    for resource in made.resource_spans:
        if some.random() < 0.3:
            resource.resource.attributes.add(key=some.choice(("team", "user.id", "department"))).value.string_value = some.choice(TEXTS)
        for span in [span for scope in resource.scope_spans for span in scope.spans]:
            _change(some, span)
    return made


def _change(some: random.Random, span: Any) -> None:
    if some.random() < 0.3:
        span.start_time_unix_nano = some.choice(EDGES) + some.randrange(-2, 3)
    if some.random() < 0.1:
        span.name = some.choice((*sorted(TELLING_NAMES), "chat", "invoke_agent x", "execute_tool y"))
    if some.random() < 0.1:
        span.status.code = some.randrange(3)
    for pair in span.attributes:
        chance = some.random()
        if pair.value.HasField("int_value") and chance < 0.5:
            pair.value.int_value = some.choice(FIGURES)
        elif pair.value.HasField("string_value") and chance < 0.08:
            pair.value.string_value = some.choice((*TEXTS, *MODELS, str(some.choice(FIGURES))))
        elif chance > 0.98:
            pair.value.CopyFrom(any_value(some))
    if some.random() < 0.05 and span.attributes:
        span.attributes.append(some.choice(span.attributes))
    if some.random() < 0.1:
        some.shuffle(pairs := list(span.attributes))
        del span.attributes[:]
        span.attributes.extend(pairs)


TAGS: tuple[dict[str, str], ...] = ({}, {}, {"team": "sales"}, {"user": "u"}, {"department": "d", "session": "s"})


@pytest.mark.parametrize("config", CONFIGS)
def test_every_capture_and_what_is_like_it(config: str) -> None:
    some, both = random.Random(1), BOTH[config]
    followed = 0
    for version, name in enumerate(FIXTURES, 1):
        captured = delivery(name, version)
        for nth in range(6):
            body = captured.body if nth < 3 else mutated(some, captured.body).SerializeToString()
            followed += both.check(replace(captured, body=body, tags=some.choice(TAGS), sender="s"))
    assert followed > 300 or config == "rules"


def chat(some: random.Random) -> ExportTraceServiceRequest:
    """Calls by OpenTelemetry's words, in the order in which an SDK sets them."""
    made = ExportTraceServiceRequest()
    resource = made.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "a"
    scope = resource.scope_spans.add()
    scope.scope.name = some.choice(("opentelemetry.instrumentation.openai_v2", "my.own", "opentelemetry.instrumentation.vertexai"))
    for _ in range(some.randrange(1, 6)):
        start = some.choice(EDGES) + some.randrange(-2, 3)
        span = scope.spans.add(trace_id=bytes(16), span_id=some.randbytes(8), start_time_unix_nano=start, end_time_unix_nano=start + 5)
        model = some.choice(MODELS)
        span.name = f"chat {model}"
        texts = {"gen_ai.operation.name": some.choice(("chat", "invoke_agent", "embeddings")), "gen_ai.response.model": model,
                 "gen_ai.provider.name": some.choice(("openai", "anthropic", "gcp.gemini", "deepseek", "x_ai", "")),
                 "gen_ai.response.id": f"r-{some.random()}"}  # fmt: skip
        for key, value in texts.items():
            span.attributes.add(key=key).value.string_value = value
        for key in OPENTELEMETRY[: some.randrange(len(OPENTELEMETRY) + 1)]:
            span.attributes.add(key=key).value.int_value = some.choice(FIGURES) if some.random() < 0.15 else some.randrange(10**4)
        if some.random() < 0.3:
            span.attributes.add(key="team").value.string_value = some.choice(TEXTS)
    return made


@given(SEEDS, st.sampled_from(sorted(CONFIGS)))
@settings(max_examples=500, deadline=None)
def test_calls_of_any_model_with_any_counts(seed: int, config: str) -> None:
    some = random.Random(seed)
    made = chat(some)
    batch = [delivered(made if nth < 2 else mutated(some, made.SerializeToString()), nth + 1, tags=some.choice(TAGS)) for nth in range(4)]
    BOTH[config].check(*batch)


@given(SEEDS)
@settings(max_examples=200, deadline=None)
def test_any_requests(seed: int) -> None:
    some = random.Random(seed)
    made = [request(some) for _ in range(2)]
    batch = [delivered(each, seq, sender="x", tags=some.choice(TAGS)) for seq, each in enumerate((*made, *made), 1)]
    if any(each.spans for each in batch):
        BOTH["plain"].check(*batch)


def plain_chat(model: str = "gpt-4o", agent: str = "planner", tokens: int = 100) -> ExportTraceServiceRequest:
    made = ExportTraceServiceRequest()
    span = made.resource_spans.add().scope_spans.add().spans.add(trace_id=bytes(16), span_id=bytes(8), name="chat")
    span.start_time_unix_nano = EDGES[0]
    texts = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.response.model": model, "gen_ai.agent.name": agent}
    for key, value in texts.items():
        span.attributes.add(key=key).value.string_value = value
    span.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = tokens
    span.attributes.add(key="gen_ai.usage.output_tokens").value.int_value = 7
    return made


def counted(start_ns: int = EDGES[0], **counts: int) -> ExportTraceServiceRequest:
    made = plain_chat()
    span = made.resource_spans[0].scope_spans[0].spans[0]
    span.start_time_unix_nano = start_ns
    del span.attributes[4:]
    for key, name in zip(OPENTELEMETRY, ("input", "output", "read", "write", "reasoning", "total"), strict=True):
        if name in counts:
            span.attributes.add(key=key).value.int_value = counts[name]
    return made


@pytest.mark.parametrize(
    ("known", "other", "follows"),
    [
        ({"input": 100, "output": 7, "total": 107}, {"input": 100, "output": 7, "total": 109}, True),
        ({"input": 100, "output": 7, "total": 107}, {"input": 100, "output": 7, "total": 110}, False),
        ({"input": 100, "output": 7, "read": 30, "total": 107}, {"input": 90, "output": 7, "read": 2, "total": 98}, True),
        ({"input": 100, "output": 7, "read": 30, "total": 107}, {"input": 90, "output": 7, "read": 2, "total": 99}, False),
        ({"input": 100, "output": 7, "read": 30}, {"input": 20, "output": 7, "read": 30}, False),
        ({"input": 100, "output": 7, "read": 30}, {"input": 100, "output": 7, "read": 0}, False),
        ({"input": 100, "output": 7, "reasoning": 5}, {"input": 100, "output": 7, "reasoning": 7}, True),
        ({"input": 100, "output": 7, "reasoning": 5}, {"input": 100, "output": 7, "reasoning": 8}, False),
        ({"input": 100, "output": 7, "reasoning": 2, "total": 107}, {"input": 100, "output": 7, "reasoning": 1, "total": 108}, False),
        ({"input": 100, "output": 7, "reasoning": 2, "total": 107}, {"input": 100, "output": 7, "reasoning": 2, "total": 105}, False),
    ],
)
def test_counts_that_need_settling_are_left_to_python(known: dict[str, int], other: dict[str, int], follows: bool) -> None:
    both = Both(Config())
    assert [both.check(delivered(counted(**known))) for _ in range(3)] == [0, 0, 1]
    assert both.check(delivered(counted(**other))) == follows


def test_a_price_holds_from_its_start_to_the_next_one() -> None:
    both, edge = Both(CONFIGS["contracts"]), EDGES[1]
    before, after = [delivered(counted(edge + offset, input=1000, output=7)) for offset in (-1, 0)]
    assert [both.check(before) for _ in range(3)] == [0, 0, 1]
    assert [both.check(after) for _ in range(4)] == [0, 0, 1, 1]
    assert both.check(before, after) == 2


def test_a_kind_that_is_seen_again_is_left_to_the_core_from_then_on() -> None:
    both = Both(Config())
    assert [both.check(delivered(plain_chat(tokens=nth))) for nth in range(1, 5)] == [0, 0, 1, 1]
    assert both.check(delivered(plain_chat(agent="another", tokens=10**6))) == 1
    for agent in ("none", " padded", "padded\n", '"quoted"', "ünï"):
        assert both.check(delivered(plain_chat(agent=agent))) == 0, agent


@pytest.mark.parametrize(("key", "value"), [("spanledger.bucket", "x"), ("spanledger.tokens.input", "3")])
def test_an_attribute_of_the_name_of_an_annotation_is_replaced(key: str, value: str) -> None:
    both, made = Both(Config()), plain_chat()
    made.resource_spans[0].scope_spans[0].spans[0].attributes.add(key=key).value.string_value = value
    assert [both.check(delivered(made)) for _ in range(3)] == [0, 0, 1]


@pytest.mark.parametrize("team", ["sales", "support"])
def test_a_team_that_only_repeats_its_resource_is_not_said_of_the_work(team: str) -> None:
    both, made = Both(Config()), plain_chat()
    made.resource_spans[0].resource.attributes.add(key="team").value.string_value = "sales"
    for key, value in (("team", team), ("user.id", "ada")):
        made.resource_spans[0].scope_spans[0].spans[0].attributes.add(key=key).value.string_value = value
    assert [both.check(delivered(made)) for _ in range(3)] == [0, 0, 1]


def test_half_a_unit_goes_to_the_even_side() -> None:
    terms = {"provider": "openai", "model": "gpt-4o", "input": "0.0000005", "output": 0}
    both = Both(Config.parse({"pricing": {"models": [terms]}}))
    followed = [both.check(delivered(counted(input=tokens, output=7))) for tokens in (1, 2, 3, 5, 7, 9)]
    assert followed == [0, 0, 1, 1, 1, 1]


def test_names_that_are_never_seen_again_have_no_recipes() -> None:
    both = Both(Config())
    for nth in range(50):
        both.check(delivered(plain_chat(model=f"model-{nth}")))
    assert both.fast._recipes
    assert not both.fast._recipes._kinds


def test_what_does_not_fit_is_tried_so_often_and_no_more() -> None:
    both = Both(Config())
    for nth in range(FAILURES_MAX + 10):
        both.check(delivered(plain_chat(agent=" padded", tokens=nth + 1)))
    assert both.fast._recipes
    assert list(both.fast._recipes._failures.values()) == [FAILURES_MAX]


def test_recipes_are_bounded_and_what_was_found_before_still_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.processor.recipes.RECIPES_MAX", 3)
    assert RECIPES_MAX > 3
    both = Both(Config())
    made = [plain_chat(model=model, tokens=nth) for model in ("gpt-4o", "gpt-4o-mini", "o3", "gpt-4.1") for nth in (1, 2, 3)]
    found = [both.fast.process(delivered(each)) for each in made]
    assert [len(each.positions) for each in found] == [1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0]
    read = [both.plain.process(each.delivery) for each in found]
    assert both.by_recipes(found) == both.records.from_python(read)


def test_a_delivery_that_follows_recipes_can_be_read_whole() -> None:
    both = Both(Config())
    made = [both.fast.process(delivered(plain_chat(tokens=nth))) for nth in range(1, 4)]
    assert made[-1].request is None
    assert made[-1].whole.readings[0].input_tokens == 3
    assert made[0].whole is not made[0]
    plain = both.plain.process(delivered(plain_chat()))
    assert plain.whole is plain


def test_a_count_of_spans_that_is_not_the_one_acknowledged_is_refused() -> None:
    both = Both(Config())
    for nth in range(1, 4):
        both.check(delivered(plain_chat(tokens=nth)))
    with pytest.raises(ValueError, match="the delivery holds 1 spans, 2 were acknowledged"):
        both.fast.process(replace(delivered(plain_chat()), spans=2))
