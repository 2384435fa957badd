"""The rules of the design, one by one, in cases small enough to work out by hand."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from attribution.attribute import attribute
from tests.attribution.cases import (
    CASES,
    CONFIG,
    DAY,
    RATE,
    Seen,
    Settled,
    call,
    case,
    guarded,
    money,
    paid_by_the_second,
    tool_call,
    total,
    work,
)
from tests.attribution.compare import deliver
from tests.oracle.model import Span

# R1 Identity.


@case(
    [work("a", agent="planner", span_team="sales"), call("b", "a", cost="1", version=1), call("b", "a", cost="1.5", version=2)],
    [call("b", "a", cost="1", version=1)],  # the old content once more, late
)
def test_r1_a_span_that_is_sent_again_counts_once_and_its_latest_content_wins(seen: Seen) -> None:
    assert seen.spans("cost") == {"a": Decimal(0), "b": Decimal("1.5")}
    assert seen.traces("spans", "cost") == {"t1": (2, Decimal("1.5"))}
    assert seen.teams == {"sales": ("1.5", "0")}
    assert seen.agents == {"planner": ("1.5", "1.5", 1, 0, 1, "1.5")}
    assert seen.ledger == [("direct", "b", "sales", "1.5")]


@case(
    [
        call("a", trace="app", cost="1", at=0, lasts=10, response_id="r", span_team="sales"),
        call("g", trace="gateway", cost="1", at=1, lasts=8, response_id="r", span_team="platform", service="gateway"),
    ]
)
def test_r1_one_call_that_two_traces_tell_is_billed_where_it_began_first(seen: Seen) -> None:
    assert seen.not_billed == {"g": "duplicate"}
    assert seen.teams == {"sales": ("1", "0")}


@case(
    [call("g", trace="gateway", cost="1", at=1, lasts=8, response_id="r", span_team="platform", service="gateway")],
    [call("a", trace="app", cost="1", at=0, lasts=10, response_id="r", span_team="sales")],
)
def test_r1_the_first_is_billed_also_where_it_arrives_last(seen: Seen) -> None:
    assert seen.not_billed == {"g": "duplicate"}
    assert seen.ledger == [("direct", "g", "platform", "1"), ("direct", "a", "sales", "1"), ("correction", "g", "platform", "-1")]


@case(
    [
        call("a", trace="t1", cost="1", response_id="r"),
        call("b", trace="t2", cost="1", response_id="r", at=11),  # begins after the first has ended
        call("a", trace="t3", cost="1", response_id="s"),
        call("b", trace="t4", cost="1", response_id="s", tokens=(100, 20)),
        call("a", trace="t5", cost="1", response_id="t", input_tokens=None),
        call("b", trace="t6", cost="1", response_id="t", input_tokens=None),
        call("a", trace="t7", cost="1"),
        call("b", trace="t8", cost="1"),
    ]
)
def test_r1_a_response_id_alone_proves_nothing(seen: Seen) -> None:
    assert seen.not_billed == {}
    assert seen.billed == "8"


@case(
    [
        call("a", trace="app", cost=None, at=0, response_id="r"),
        call("g", trace="gateway", cost="1", at=1, response_id="r", service="gateway"),
    ]
)
def test_r1_of_one_call_the_record_that_has_a_price_says_the_amount(seen: Seen) -> None:
    assert seen.not_billed == {"g": "duplicate"}
    assert seen.billed == "1"


# R2 Tree.


@case([call("b", "lost", cost="1", span_team="sales"), work("c", "b")])
def test_r2_a_span_whose_parent_is_not_there_is_a_local_root_and_an_orphan(seen: Seen) -> None:
    assert seen.spans("root_span_id") == {"b": "b", "c": "b"}
    assert seen.spans("flags") == {"b": ["orphan"], "c": []}
    assert seen.traces("cost", "team", "flags") == {"t1": (Decimal(1), "sales", ["orphan"])}


@case([work("a", trace="t1", span_team="sales"), call("b", "a", trace="t2", cost="1")])
def test_r2_a_span_of_another_trace_is_no_parent(seen: Seen) -> None:
    assert seen.spans("flags", "t2") == {"b": ["orphan"]}
    assert seen.teams == {"": ("1", "0")}


@case([call("b", "a", cost="1")], [work("a", span_team="sales")])
def test_r2_the_parent_that_comes_late_takes_its_place(seen: Seen) -> None:
    assert seen.spans("flags") == {"a": [], "b": []}
    assert seen.teams == {"sales": ("1", "0")}


# R3 Pointer cycles.


@case([call("a", "a", cost="1", span_team="sales"), call("b", "a", cost="0.5", at=1, tokens=(500, 10))])
def test_r3_a_span_that_is_its_own_parent_is_a_local_root(seen: Seen) -> None:
    assert seen.spans("root_span_id") == {"a": "a", "b": "a"}
    assert seen.traces("cost", "flags") == {"t1": (Decimal("1.5"), ["cycle"])}


@case(
    [
        call("a", "c", at=2, cost="1", tokens=(100, 1)),
        call("b", "a", at=3, cost="2", tokens=(200, 1)),
        call("c", "b", at=1, cost="4", tokens=(300, 1), span_team="sales"),  # the first of the loop
        call("d", "b", at=4, cost="8", tokens=(400, 1)),  # hangs from the loop
    ]
)
def test_r3_a_loop_of_three_is_cut_at_its_first_member(seen: Seen) -> None:
    assert seen.spans("root_span_id") == {"a": "c", "b": "c", "c": "c", "d": "c"}
    assert seen.spans("flags") == {"a": [], "b": [], "c": ["cycle"], "d": []}
    assert seen.teams == {"sales": ("15", "0")}


# R4 Leaf or aggregate.


@case([total("a", cost="1.25"), call("b", "a", cost="0.75"), call("c", "b", at=1, lasts=20, cost="0.3", tokens=(5, 5))])
def test_r4_an_aggregate_above_calls_is_not_billed_and_shows_what_it_reports_beyond_them(seen: Seen) -> None:
    assert seen.not_billed == {"a": "aggregate"}
    assert seen.spans("unobserved") == {"a": Decimal("0.2"), "b": None, "c": None}
    assert seen.billed == "1.05"


@case([total("a", cost="1.25"), work("b", "a")])
def test_r4_an_aggregate_is_billed_where_it_is_the_only_witness(seen: Seen) -> None:
    assert seen.spans("billable") == {"a": True, "b": False}
    assert seen.billed == "1.25"


@case([total("a", cost="3"), total("b", "a", cost="1"), total("c", "a", cost="1.5"), work("d", "b")])
def test_r4_of_nested_aggregates_without_a_call_the_innermost_are_billed(seen: Seen) -> None:
    assert seen.not_billed == {"a": "aggregate"}
    assert seen.spans("unobserved")["a"] == Decimal("0.5")
    assert seen.billed == "2.5"


@case([work("a"), call("b", "a", at=1, lasts=5, cost="1"), call("c", "b", at=2, lasts=3, cost="1")])
def test_r4_a_framework_around_the_provider_tells_one_call_twice(seen: Seen) -> None:
    assert seen.not_billed == {"b": "duplicate"}
    assert seen.billed == "1"


@case([call("a", cost="1.1", response_id="r"), call("b", "a", at=1, lasts=5, cost="1", tokens=(99, 10), response_id="r")])
def test_r4_the_same_response_is_one_call_also_with_other_counts(seen: Seen) -> None:
    assert seen.not_billed == {"a": "duplicate"}
    assert seen.billed == "1"


@case([call("a", cost="1"), call("b", "a", at=1, lasts=5, cost=None)])
def test_r4_of_two_that_are_one_the_innermost_is_billed_what_the_other_one_knows(seen: Seen) -> None:
    assert seen.not_billed == {"a": "duplicate"}
    assert seen.billed == "1"


@case(
    [
        call("a", cost="1.02", response_id="r", knowledge=130),
        call("b", "a", at=1, lasts=5, cost="1", response_id="r"),
        call("c", "b", at=2, lasts=3, cost=None, response_id="r"),
    ]
)
def test_r4_of_records_of_one_call_the_one_that_tells_web_searches_says_the_amount(seen: Seen) -> None:
    assert seen.not_billed == {"a": "duplicate", "b": "duplicate"}
    assert seen.billed == "1.02"


@case(
    [
        *[call("a", trace="t1", cost="2", knowledge=66), call("b", "a", trace="t1", at=1, lasts=5, cost="1", knowledge=2)],
        *[call("a", trace="t2", cost="2", knowledge=2), call("b", "a", trace="t2", at=1, lasts=5, cost="1", knowledge=34)],
        *[call("a", trace="t3", cost="2", knowledge=3), call("b", "a", trace="t3", at=1, lasts=5, cost="1", knowledge=3)],
        *[call("a", trace="t4", cost=None, knowledge=1026), call("b", "a", trace="t4", at=1, lasts=5, cost="1")],
    ]
)
def test_r4_of_two_that_are_one_the_one_that_knows_most_says_the_amount(seen: Seen) -> None:
    billed = {trace: seen.spans("amount", trace)["b"] for trace in ("t1", "t2", "t3", "t4")}
    assert billed == {"t1": Decimal(2), "t2": Decimal(1), "t3": Decimal(1), "t4": Decimal(1)}
    assert [seen.spans("unbilled_reason", trace)["a"] for trace in ("t1", "t2", "t3", "t4")] == ["duplicate"] * 4


@case(
    [
        call("a", trace="app", cost="1", response_id="r", knowledge=2),
        call("g", trace="gateway", cost="2", at=1, response_id="r", knowledge=258, service="gateway"),
    ]
)
def test_r4_of_two_traces_the_record_that_knows_most_says_the_amount(seen: Seen) -> None:
    assert seen.not_billed == {"g": "duplicate"}
    assert seen.billed == "2"


def spelled(trace: str, outer: str, inner: str) -> list[Span]:
    """Two layers that tell one call, or two, of models by these names."""
    return [
        call("a", trace=trace, cost="1", model=outer),
        call("b", "a", trace=trace, at=1, lasts=5, cost="1", model=inner),
    ]


SPELLINGS = [
    ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
    ("anthropic/claude-sonnet-4.5", "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ("claude-haiku-4-5@20251001", "claude-haiku-4-5-latest"),
    ("GPT-4o", "openai/gpt-4o-2024-08-06"),
    ("gpt-4-0613", "gpt-4"),
    ("mistral-large-2411", "mistral/mistral-large-latest"),
    ("models/gemini-2.0-flash", "gemini-2.0-flash-001"),
    ("ai21.jamba-1-5-mini-v1:0", "jamba-1.5-mini"),
]


@case([row for n in range(len(SPELLINGS)) for row in spelled(f"t{n}", *SPELLINGS[n])])
def test_r1_layers_that_spell_a_model_in_two_ways_tell_one_call(seen: Seen) -> None:
    for n in range(len(SPELLINGS)):
        assert seen.spans("unbilled_reason", f"t{n}") == {"a": "duplicate", "b": ""}


OTHERS = [
    *[("gpt-4o", "gpt-4o-mini"), ("gpt-4.1", "gpt-4"), ("claude-sonnet-4", "claude-sonnet-4-5"), ("llama3.1:8b", "llama3.1:70b")],
    *[("gemini-2.0-flash", "gemini-2.0-flash-lite-001"), ("deepseek-v3", "deepseek-v2")],
]


@case([row for n in range(len(OTHERS)) for row in spelled(f"t{n}", *OTHERS[n])])
def test_r1_models_of_other_sizes_or_generations_are_others(seen: Seen) -> None:
    assert seen.not_billed == {}


@case(
    [
        call("a", trace="t1", cost="1"),
        call("b", "a", trace="t1", at=1, lasts=5, cost="1", tokens=(100, 20)),
        call("a", trace="t2", cost="1"),
        call("b", "a", trace="t2", at=1, lasts=5, cost="1", model="gpt-4o-mini"),
        call("a", trace="t3", cost="1"),
        call("b", "a", trace="t3", at=11, lasts=5, cost="1"),  # after it has ended
    ]
)
def test_r4_a_call_below_a_call_is_another_call_unless_evidently_the_same(seen: Seen) -> None:
    assert seen.not_billed == {}
    assert seen.billed == "6"


@case(
    [
        *[call("a", trace="skew", cost="1"), call("b", "a", trace="skew", at=-1.5, lasts=9, cost="1", service="provider-side")],
        *[call("a", trace="same", cost="1"), call("b", "a", trace="same", at=10.005, lasts=1, cost="1")],
        *[call("a", trace="off", cost="1"), call("b", "a", trace="off", at=10.02, lasts=1, cost="1")],
        *[call("a", trace="far", cost="1"), call("b", "a", trace="far", at=13, lasts=1, cost="1", service="provider-side")],
    ]
)
def test_r1_hosts_have_clocks_of_their_own(seen: Seen) -> None:
    reasons = {trace: seen.spans("unbilled_reason", trace)["a"] for trace in ("skew", "same", "off", "far")}
    assert reasons == {"skew": "duplicate", "same": "duplicate", "off": "", "far": ""}


@case(
    [
        *[call("a", trace="few", cost="1", tokens=(100, 10)), call("b", "a", trace="few", cost="1", tokens=(102, 8))],
        *[call("a", trace="many", cost="1", tokens=(9999, 10)), call("b", "a", trace="many", cost="1", tokens=(9900, 10))],
        *[call("a", trace="more", cost="1", tokens=(9999, 10)), call("b", "a", trace="more", cost="1", tokens=(9899, 10))],
        *[call("a", trace="untold", cost="1"), call("b", "a", trace="untold", cost="1", output_tokens=None)],
        *[call("a", trace="cache", cost="1", cache_read_tokens=50), call("b", "a", trace="cache", cost="1", cache_read_tokens=80)],
        *[call("a", trace="unasked", cost="1", cache_read_tokens=50), call("b", "a", trace="unasked", cost="1", cache_read_tokens=0)],
    ]
)
def test_r1_counts_agree_within_two_or_one_percent_where_both_tell_them(seen: Seen) -> None:
    reasons = {t: seen.spans("unbilled_reason", t)["a"] for t in ("few", "many", "more", "untold", "cache", "unasked")}
    assert reasons == {
        **dict.fromkeys(("few", "many", "untold", "unasked"), "duplicate"),
        **dict.fromkeys(("more", "cache"), ""),
    }


@case(
    [
        *[call("a", trace="ids", cost="1", response_id="r1"), call("b", "a", trace="ids", cost="1", response_id="r2")],
        *[call("a", trace="tool", cost="1"), work("t", "a", trace="tool", bucket="tool"), call("b", "t", trace="tool", cost="1")],
        *[call("a", trace="agent", cost="1"), work("h", "a", trace="agent", agent="helper"), call("b", "h", trace="agent", cost="1")],
        *[call("a", trace="step", cost="1"), work("s", "a", trace="step"), call("b", "s", trace="step", cost="1")],
    ]
)
def test_r1_two_ids_or_a_tool_or_an_agent_between_make_two_calls(seen: Seen) -> None:
    reasons = {trace: seen.spans("unbilled_reason", trace)["a"] for trace in ("ids", "tool", "agent", "step")}
    assert reasons == {"ids": "", "tool": "", "agent": "", "step": "duplicate"}


@case(
    [
        *[
            call("a", trace="tries", cost="1"),
            call("b", "a", trace="tries", cost="1", lasts=3),
            call("c", "a", trace="tries", cost="1", at=4),
        ],
        call("a", trace="named", cost="1", response_id="r"),
        call("b", "a", trace="named", cost="1", response_id="r", lasts=3),
        call("c", "a", trace="named", cost="1", at=4),
    ]
)
def test_r1_a_record_takes_one_below_it_the_one_with_its_id_else_the_last(seen: Seen) -> None:
    assert seen.calls("tries") == {"a": "tries:c", "b": "tries:b", "c": "tries:c"}
    assert seen.calls("named") == {"a": "named:b", "b": "named:b", "c": "named:c"}


@case(
    [
        call("a", trace="alias", cost=None, model="smart"),
        call("g", "a", trace="alias", at=0.5, lasts=8, cost="2", model="gpt-4o", service="proxy", scope_name="litellm"),
        call("a", trace="own", cost=None, model="smart"),
        call("g", "a", trace="own", at=0.5, lasts=8, cost="2", model="gpt-4o", scope_name="litellm"),
    ]
)
def test_r1_a_gateway_tells_the_call_of_its_caller_whatever_the_models_are_called(seen: Seen) -> None:
    assert seen.spans("amount", "alias") == {"a": Decimal(2), "g": Decimal(0)}
    assert seen.spans("cost", "alias")["a"] == Decimal(2)
    assert seen.calls("own") == {"a": "own:a", "g": "own:g"}


@case(
    [
        call("a", cost="1", at=0, lasts=10),
        call("s", "a", cost="1", at=1, lasts=8),
        call("f", "a", cost="1", at=1.5, lasts=2, service="proxy", scope_name="litellm"),
        call("g", "a", cost="2", at=2, lasts=6, service="proxy", scope_name="litellm"),
    ]
)
def test_r1_a_record_takes_one_below_it_and_one_more_of_a_gateway_elsewhere(seen: Seen) -> None:
    assert len({seen.calls()[key] for key in "asg"}) == 1
    assert seen.calls()["f"] == "t1:f", "an attempt before, which is a call of its own"
    assert seen.billed == "2"


@case(
    [
        call("a", trace="app", cost="1", response_id="repeated"),
        call("b", trace="app", cost="1", at=1, response_id="repeated"),  # the same emitter: another call
        call("g", trace="proxy", cost="1", at=0.5, response_id="repeated", service="proxy"),
        call("h", trace="proxy", cost="1", at=1.5, response_id="repeated", service="proxy"),
    ]
)
def test_r1_an_id_that_a_server_repeats_joins_each_record_once(seen: Seen) -> None:
    assert seen.calls("app") == {"a": "app:a", "b": "app:b"}
    assert seen.calls("proxy") == {"g": "app:a", "h": "app:b"}


@case(
    [
        call("a", trace="layers", cost="1", lasts=10),
        call("b", "a", trace="layers", at=1, lasts=8, cost="1", response_id="x"),
        call("g", trace="proxy", at=-1, lasts=9, cost="1", response_id="x", service="proxy"),
        call("p", trace="server", at=0, lasts=9, cost="1", response_id="x", service="server"),
    ]
)
def test_r1_one_call_is_one_through_layers_and_traces(seen: Seen) -> None:
    assert seen.billed == "1"
    for trace in ("layers", "proxy", "server"):
        assert set(seen.calls(trace).values()) == {"proxy:g"}


@case(
    [
        call("a", trace="sum", cost="3", tokens=(3000, 300)),
        *[call("b", "a", trace="sum", cost="1", tokens=(1000, 100)), call("c", "a", trace="sum", cost="2", tokens=(2000, 200))],
        call("a", trace="around", cost="3", tokens=(3000, 300)),
        call("s", "a", trace="around", cost="3", tokens=(3000, 300)),
        *[call("b", "s", trace="around", cost="1", tokens=(1000, 100)), call("c", "s", trace="around", cost="2", tokens=(2000, 200))],
        call("a", trace="other", cost="4", tokens=(4000, 300)),
        *[call("b", "a", trace="other", cost="1", tokens=(1000, 100)), call("c", "a", trace="other", cost="2", tokens=(2000, 200))],
    ]
)
def test_r4_a_record_that_tells_the_sum_of_those_below_is_a_total(seen: Seen) -> None:
    assert seen.spans("unbilled_reason", "sum") == {"a": "aggregate", "b": "", "c": ""}
    assert seen.spans("unbilled_reason", "around") == {"a": "aggregate", "s": "aggregate", "b": "", "c": ""}
    assert seen.spans("unbilled_reason", "other") == {"a": "", "b": "", "c": ""}
    assert seen.billed == "13"


UNTOLD = {"input_tokens": None, "output_tokens": None}


@case(
    [
        *[total("a", trace="none", cost="2"), call("b", "a", trace="none", cost=None, **UNTOLD)],
        total("a", trace="some", cost="2", span_team="sales"),
        *[call("b", "a", trace="some", cost=None, **UNTOLD), call("c", "a", trace="some", cost="0.5", tokens=(500, 50))],
        *[total("a", trace="all", cost="2"), call("b", "a", trace="all", cost="0.5", tokens=(500, 50))],
        *[total("a", trace="less", cost="0.4"), call("b", "a", trace="less", cost="0.5", tokens=(500, 50))],
    ]
)
def test_r4_what_a_total_tells_beyond_is_billed_where_it_is_the_only_witness(seen: Seen) -> None:
    assert seen.spans("amount", "none") == {"a": Decimal(2), "b": Decimal(0)}
    assert seen.spans("amount", "some") == {"a": Decimal("1.5"), "b": Decimal(0), "c": Decimal("0.5")}
    assert seen.spans("unobserved", "all") == {"a": Decimal("1.5"), "b": None}
    assert seen.spans("unobserved", "less") == {"a": Decimal(0), "b": None}
    assert [posting for posting in seen.ledger if posting[0] == "unobserved"] == [("unobserved", "a", "sales", "1.5")]
    assert seen.traces("unpriced_spans", "unobserved") == {
        "none": (1, Decimal(0)),
        "some": (1, Decimal(0)),
        "all": (0, Decimal("1.5")),
        "less": (0, Decimal(0)),
    }


@case(
    [
        *[
            total("a", trace="said", cost="2", scope_name="crewai.telemetry", span_team="sales"),
            call("b", "a", trace="said", cost="0.5", tokens=(500, 50)),
        ],
        *[total("a", trace="other", cost="2", scope_name="openinference"), call("b", "a", trace="other", cost="0.5", tokens=(500, 50))],
        *[total("a", trace="less", cost="0.4", scope_name="crewai"), call("b", "a", trace="less", cost="0.5", tokens=(500, 50))],
        *[total("a", trace="two", cost="5", scope_name="crewai"), total("b", "a", trace="two", cost="4", scope_name="crewai")],
        call("c", "b", trace="two", cost="1", tokens=(500, 50)),
    ]
)
def test_r4_what_a_total_tells_beyond_is_billed_where_that_is_configured_for_its_emitter(seen: Seen) -> None:
    assert seen.spans("amount", "said") == {"a": Decimal("1.5"), "b": Decimal("0.5")}
    assert seen.spans("amount", "other") == {"a": Decimal(0), "b": Decimal("0.5")}
    assert seen.spans("amount", "less") == {"a": Decimal(0), "b": Decimal("0.5")}
    assert seen.spans("amount", "two") == {"a": Decimal(1), "b": Decimal(3), "c": Decimal(1)}
    assert ("unobserved", "a", "sales", "1.5") in seen.ledger
    assert seen.traces("unobserved") == {"said": (Decimal(0),), "other": (Decimal("1.5"),), "less": (Decimal(0),), "two": (Decimal(0),)}


@case(
    [
        *[total("a", cost="5"), total("b", "a", cost="4"), call("c", "b", cost="1", tokens=(500, 50))],
        *[total("a", trace="t2", cost="5"), total("b", "a", trace="t2", cost="4"), call("c", "b", trace="t2", cost="1", tokens=(500, 50))],
        call("d", "b", trace="t2", cost=None, **UNTOLD),
    ]
)
def test_r4_totals_in_totals_tell_what_is_missing_once(seen: Seen) -> None:
    assert seen.spans("unobserved") == {"a": Decimal(1), "b": Decimal(3), "c": None}
    assert seen.spans("unobserved", "t2") == {"a": Decimal(1), "b": Decimal(3), "c": None, "d": None}
    assert seen.spans("amount", "t2") == {"a": Decimal(0), "b": Decimal(3), "c": Decimal(1), "d": Decimal(0)}


@case(
    [
        call("a", cost="1", response_id="r", span_team="sales"),
        call("g", "a", at=1, lasts=5, cost="0", response_id="r", knowledge=1026, service="proxy", scope_name="litellm"),
    ]
)
def test_r4_what_a_cache_answered_is_free(seen: Seen) -> None:
    assert seen.spans("amount") == {"a": Decimal(0), "g": Decimal(0)}
    assert seen.spans("billable") == {"a": True, "g": False}


@case(
    [
        call("a", trace="cli", cost="1", lasts=8, span_session="of a cli", span_team="sales", service="cli"),
        call("b", trace="event", cost="1", at=8.05, lasts=0, span_session="of a cli", signal="log", service="cli"),
        call("c", trace="more", cost="2", tokens=(200, 10), at=8, lasts=0, span_session="of a cli", signal="log", service="cli"),
        call("d", trace="late", cost="4", at=8.2, lasts=0, span_session="of a cli", signal="log", service="cli"),
        call("e", trace="else", cost="8", at=8, lasts=0, span_session="of another", signal="log", service="cli"),
    ]
)
def test_r1_a_log_event_and_a_span_of_one_session_that_end_together_tell_one_call(seen: Seen) -> None:
    assert [row[0] for row in seen.rows("span_id, unbilled_reason", "attributed_spans") if row[1]] == ["b"]
    assert seen.calls("event") == {"b": "cli:a"}
    assert seen.teams == {"sales": ("1", "0"), "": ("14", "0")}


@case(
    [
        call("a", trace="cli", cost="1", lasts=8, span_session="of a cli", span_team="sales", service="cli"),
        call("b", trace="kept", cost="1", at=8.05, lasts=0, span_session="of a cli", signal="file", response_id="r", service="cli"),
        call("c", trace="event", cost="1", at=8.05, lasts=0, span_session="of a cli", signal="log", service="cli"),
        call("g", trace="proxy", cost="1", at=7, lasts=2, response_id="r", service="proxy", scope_name="litellm"),
        call("d", trace="also", cost="2", at=8.06, lasts=0, span_session="of a cli", signal="file", response_id="s", service="cli"),
        call("e", trace="apart", cost="4", at=8.3, lasts=0, span_session="of a cli", signal="file", response_id="t", service="cli"),
    ]
)
def test_r1_what_was_kept_in_a_file_is_one_call_by_its_session_and_by_its_answer(seen: Seen) -> None:
    """The file names the answer, which a gateway does too, and a log event and a span do not. Two rows of files are two calls."""
    assert seen.teams == {"sales": ("1", "0"), "": ("6", "0")}
    assert len({seen.calls(trace)[span] for trace, span in (("cli", "a"), ("kept", "b"), ("event", "c"), ("proxy", "g"))}) == 1


@case(
    [
        call("a", trace="app", cost="1", at=1, lasts=8, response_id="r", span_team="sales"),
        call("g", trace="proxy", cost="1", at=0, response_id="r", service="proxy", resource_team="platform"),
        call("a", trace="bare", cost="1", at=1, lasts=8, response_id="s", service="app"),
        call(
            "g", trace="known", cost="1", at=0, response_id="s", service="proxy", scope_name="envoyproxy/ai-gateway", span_team="platform"
        ),
    ]
)
def test_r4_the_home_is_outside_of_gateways_then_where_the_work_says_who_pays(seen: Seen) -> None:
    """What it does not say of the initiator the other records of the call say (R8)."""
    assert seen.teams == {"sales": ("1", "0"), "platform": ("1", "0")}
    assert [row[1] for row in seen.rows("trace_id, span_id", "ledger")] == ["a", "a"]


@case(
    [
        call("a", cost="1", lasts=10, response_id="r"),
        call("c", "a", cost="1", at=1, lasts=8, response_id="r", service="app", scope_name="litellm", span_environment="second"),
        call("b", "a", cost="1", at=2, lasts=6, response_id="r", service="sdk", scope_name="litellm", span_environment="first"),
    ]
)
def test_r8_of_two_that_fill_a_blank_no_clock_decides(seen: Seen) -> None:
    assert set(seen.spans("environment").values()) == {"first"}


@case(
    [
        call("a", cost="1.5", span_team="sales", trace_state="vendor=1,ot=rv:abcd;th:8"),  # every second one
        call("b", trace="t2", cost="1", span_team="sales", trace_state="ot=th:c"),  # every fourth one
        call("c", trace="t3", cost="1", span_team="sales", trace_state="ot=th:0"),
    ]
)
def test_r15_what_was_sampled_away_is_estimated(seen: Seen) -> None:
    assert seen.traces("sampled_factor") == {"t1": (Decimal(2),), "t2": (Decimal(4),), "t3": (Decimal(1),)}
    assert seen.missing == {("sales", "sampled"): (4, "4.5")}


@case(
    [call("a", cost=None, span_team="sales"), call("b", trace="t2", cost=None, span_team="sales", tokens=(7, 3))],
    [call("b", trace="t2", cost="1", span_team="sales", tokens=(7, 3), version=2)],
)
def test_r15_what_gets_its_price_is_missing_no_more(seen: Seen) -> None:
    assert seen.missing == {("sales", "unpriced"): (1, None)}


@case(
    [
        *[tool_call("a", trace="pair", agent="planner"), work("b", "a", trace="pair"), tool_call("c", "b", trace="pair", at=1, lasts=5)],
        *[tool_call("a", trace="three"), tool_call("b", "a", trace="three"), tool_call("c", "b", trace="three", cost=None)],
        *[
            tool_call("a", trace="retried"),
            tool_call("b", "a", trace="retried", lasts=2),
            tool_call("c", "a", trace="retried", at=5, lasts=2),
        ],
    ]
)
def test_r4_client_and_server_of_one_tool_call_tell_it_twice(seen: Seen) -> None:
    assert seen.spans("unbilled_reason", "pair") == {"a": "duplicate", "b": "", "c": ""}
    assert seen.spans("unbilled_reason", "three") == {"a": "duplicate", "b": "", "c": "duplicate"}
    assert seen.spans("unbilled_reason", "retried") == {"a": "duplicate", "b": "", "c": ""}
    assert seen.billed == "2"


@case(
    [
        *[tool_call("a", trace="side"), tool_call("b", trace="side", at=1, lasts=2)],
        *[tool_call("a", trace="late"), tool_call("b", "a", trace="late", at=9)],
        *[tool_call("a", trace="other"), tool_call("b", "a", trace="other", tool="fetch")],
        *[tool_call("a", trace="agent"), work("b", "a", trace="agent", agent="helper"), tool_call("c", "b", trace="agent")],
        *[tool_call("a", trace="call"), call("b", "a", trace="call", cost="1"), tool_call("c", "b", trace="call")],
        *[tool_call("a", trace="fee"), tool_call("b", "a", trace="fee", tool="fetch"), tool_call("c", "b", trace="fee")],
    ]
)
def test_r4_two_calls_of_a_tool_are_two_unless_evidently_one(seen: Seen) -> None:
    assert seen.not_billed == {}
    assert seen.billed == "7.5"


SEARCHES = {"cost": "0.25", "cost_source": "priced", "price_id": "corrected:openai/web_search"}


@case(
    [
        total("a", cost="1"),
        *[call("b", "a", cost="1"), tool_call("c", "b", **SEARCHES), tool_call("d", "b", at=1, **SEARCHES)],
        *[total("a", trace="alone", cost="1"), tool_call("b", "a", trace="alone", **SEARCHES)],
    ]
)
def test_r4_what_a_tool_of_the_provider_costs_is_a_fee_beside_the_call(seen: Seen) -> None:
    assert seen.not_billed == {"a": "aggregate"}
    assert seen.billed == "2.75", "the total that stands alone is the only witness of its call"


# R5 Cost. Which price is taken: tests/prices and tests/e2e.


@case([work("a"), call("b", "a", cost=None), call("c", "a", cost="0", tokens=(2, 2)), call("d", "a", cost="0.5", tokens=(3, 3))])
def test_r5_unknown_is_not_free_and_free_is_not_unknown(seen: Seen) -> None:
    assert seen.spans("cost") == {"a": Decimal(0), "b": None, "c": Decimal(0), "d": Decimal("0.5")}
    assert seen.spans("billable") == {"a": False, "b": True, "c": True, "d": True}
    assert seen.traces("cost", "unpriced_spans") == {"t1": (Decimal("0.5"), 1)}
    assert seen.ledger == [("direct", "d", "", "0.5")]


@case(
    [
        call("a", cost="12345678901234567890.000000000001", tokens=(100, 1)),
        call("b", cost="0.100000000002", tokens=(200, 1)),
        call("c", cost="0.200000000003", tokens=(300, 1)),
    ]
)
def test_r5_money_is_exact_to_the_twelfth_digit(seen: Seen) -> None:
    assert seen.teams == {"": ("12345678901234567890.300000000006", "0")}


@case(
    [
        paid_by_the_second("a", agent="planner", lasts=100),
        paid_by_the_second("b", "a", agent="researcher", at=10, lasts=30),
        work("c", "a", agent="guardrail", at=30, lasts=30),  # overlaps the researcher; without a rate
        work("d", "a", at=70, lasts=20),  # the planner itself
        paid_by_the_second("e", "b", agent="planner", at=20, lasts=5),  # asked back
    ]
)
def test_r5_a_second_of_an_agents_own_time_is_paid_once(seen: Seen) -> None:
    # a: 100 less 10 to 60; b: 30 less 5
    assert {span: money(cost) for span, cost in seen.spans("cost").items()} == {"a": "0.5", "b": "0.25", "c": "0", "d": "0", "e": "0.05"}
    assert seen.agents["planner"][:2] == ("0.55", "0.8")


@case(
    [
        paid_by_the_second("a", agent="planner"),
        work("b", "a", agent="helper", at=-5, lasts=7),  # begins before: 2 seconds lie inside
        work("c", "a", agent="helper", at=9, lasts=60),  # goes on after: 1 second
        work("d", "a", agent="helper", at=20, lasts=5),  # later: none
        paid_by_the_second("e", "a", agent="planner", at=4, lasts=3),  # the same agent, its name on a tool's span too
    ]
)
def test_r5_own_time_ends_where_the_span_does_and_nested_spans_share_it(seen: Seen) -> None:
    assert (money(seen.spans("cost")["a"]), money(seen.spans("cost")["e"])) == ("0.04", "0.03")


@case(
    [
        total("a", cost="1", agent="planner", lasts=100, provider="openai", **RATE),
        call("b", "a", cost="0.25", tokens=(100, 1)),
        total("c", trace="t2", cost="2", agent="planner", provider="openai", **RATE),
        call("d", trace="t3", usage="aggregate", cost=None, agent="planner", **RATE),
    ]
)
def test_r5_own_time_is_billed_beside_totals_whatever_becomes_of_these(seen: Seen) -> None:
    assert seen.not_billed == {"a": "aggregate"}
    assert seen.spans("billable") == {"a": True, "b": True}
    assert seen.spans("unobserved")["a"] == Decimal("0.75")
    assert seen.traces("cost", "unpriced_spans") == {"t1": (Decimal("1.25"), 0), "t2": (Decimal("2.1"), 0), "t3": (Decimal("0.1"), 1)}
    assert seen.rows("span_id, bucket, provider, model, amount", "ledger") == [
        ("a", "compute", "", "", "1"),
        ("b", "llm", "", "gpt-4o", "0.25"),
        ("c", "compute", "", "", "0.1"),
        ("c", "llm", "openai", "gpt-4o", "2"),
        ("d", "compute", "", "", "0.1"),
    ]


@case(
    [total("a", cost="1", agent="planner", span_team="sales", **RATE)],
    [work("b", "a", agent="researcher", at=2, lasts=4), call("c", "b", at=2, lasts=4, cost="0.25")],
)
def test_r5_a_late_agent_takes_its_time_away(seen: Seen) -> None:
    assert seen.ledger == [
        *[("direct", "a", "sales", "0.1"), ("direct", "a", "sales", "1")],
        *[("correction", "a", "sales", "-1"), ("correction", "a", "sales", "-0.04"), ("direct", "c", "sales", "0.25")],
    ]


# R6 Agent.


@case(
    [
        work("a", agent="planner", service="api"),
        work("b", "a", workflow_name="deal-desk", service="api"),  # an agent above goes before a workflow that is nearer
        work("c", "b", agent="researcher", service="api"),
        call("d", "c", cost="1", service="api"),
    ]
)
def test_r6_the_agent_is_the_nearest_at_or_above(seen: Seen) -> None:
    assert seen.spans("agent") == {"a": "planner", "b": "planner", "c": "researcher", "d": "researcher"}


@case(
    [
        work("a", service="api"),
        work("b", "a", workflow_name="deal-desk", service="api"),
        call("c", "b", cost="1", service="worker"),
        call("d", "a", cost="1", service="worker", tokens=(2, 2)),
    ]
)
def test_r6_without_an_agent_the_nearest_workflow_stands_in_and_then_the_service(seen: Seen) -> None:
    assert seen.spans("agent") == {"a": "api", "b": "deal-desk", "c": "deal-desk", "d": "worker"}


# R7 Cycles of agents.


@case(
    [
        call("a", agent="planner", cost="1", tokens=(100, 1)),
        call("b", "a", agent="researcher", cost="2", tokens=(200, 1)),
        call("c", "b", agent="planner", cost="4", tokens=(300, 1)),
    ]
)
def test_r7_an_agent_that_is_called_back_counts_every_cost_once(seen: Seen) -> None:
    assert seen.agents == {"planner": ("5", "7", 1, 1, 1, "7"), "researcher": ("2", "6", 1, 0, 1, "6")}
    assert seen.spans("reentrant") == {"a": False, "b": False, "c": True}


@case(
    [
        call("a", agent="planner", cost="1", tokens=(100, 1)),
        call("b", "a", agent="researcher", cost="2", tokens=(200, 1)),
        call("c", "b", agent="planner", cost="4", tokens=(300, 1)),
        call("d", "c", agent="researcher", cost="8", tokens=(400, 1)),
    ]
)
def test_r7_two_agents_that_call_each_other_back_and_forth(seen: Seen) -> None:
    assert seen.agents == {"planner": ("5", "15", 1, 1, 1, "15"), "researcher": ("10", "14", 1, 1, 1, "14")}


@case(
    [
        work("a", agent="planner", span_task="one"),
        work("b", "a", agent="planner"),  # the agent goes on: no entry
        call("c", "b", agent="searcher", cost="1", tokens=(100, 1)),
        call("d", "b", agent="searcher", cost="2", tokens=(200, 1)),
        call("a", trace="t2", agent="searcher", cost="3", span_task="two"),
    ]
)
def test_r7_every_call_from_outside_is_an_entry(seen: Seen) -> None:
    assert seen.spans("agent_entry") == {"a": True, "b": False, "c": True, "d": True}
    assert seen.agents == {"planner": ("0", "3", 1, 0, 1, "3"), "searcher": ("6", "6", 3, 0, 2, "3")}


# R8 Initiator.


@case([work("a", resource_team="platform"), work("b", "a", span_team="sales"), call("c", "b", cost="1")])
def test_r8_a_span_attribute_goes_before_a_resource_attribute_however_high(seen: Seen) -> None:
    assert seen.spans("team") == {"a": "platform", "b": "sales", "c": "sales"}


@case(
    [
        work("a"),
        work("b", "a", span_team="sales", resource_user="ada"),
        work("c", "b", span_team="platform", resource_user="bob"),
    ]
)
def test_r8_the_topmost_wins_among_attributes_of_a_kind(seen: Seen) -> None:
    assert seen.spans("team") == {"a": "", "b": "sales", "c": "sales"}
    assert seen.spans("user") == {"a": "", "b": "ada", "c": "ada"}


@case(
    [
        work("a"),
        work("b", "a", at=1, resource_team="platform"),
        work("c", "a", at=3, span_team="sales"),
        work("d", "a", at=2, span_team="support"),
        call("e", "a", cost="1"),
        work("f", "not sent", at=5, span_team="legal"),
    ]
)
def test_r8_what_the_path_does_not_say_the_earliest_span_below_another_root_says(seen: Seen) -> None:
    """No caller is paid for by its callees: what other branches below its root say is not asked."""
    assert seen.spans("team") == {"a": "legal", "b": "platform", "c": "sales", "d": "support", "e": "legal", "f": "legal"}
    assert seen.spans("initiator_source") == {"a": "trace", "b": "sender", "c": "said", "d": "said", "e": "trace", "f": "said"}


@case(
    [
        work("a", span_cost_center="CC-9", resource_project="apollo"),
        work("b", "a", span_team="sales", span_department="revenue", span_user="ada", resource_project="zeus"),
        call("c", "b", cost="1", resource_environment="prod", span_session="s1"),
    ]
)
def test_r8_team_department_and_cost_center_come_from_one_place_and_all_else_on_its_own(seen: Seen) -> None:
    found = seen.rows("team, department, cost_center, project, environment, user, session", "attributed_spans")
    assert set(found) == {
        ("", "", "CC-9", "apollo", "", "", ""),
        ("", "", "CC-9", "apollo", "", "ada", ""),
        ("", "", "CC-9", "apollo", "prod", "ada", "s1"),
    }


@case(
    [
        work("a", trace="t1", link_trace_ids=("none", "gone", "t2", "t3"), link_span_ids=("a", "a", "b", "a")),
        call("b", "a", trace="t1", cost="1"),
        work("a", trace="none"),
        work("a", trace="t2", span_team="sales", span_user="ada"),
        work("b", "a", trace="t2"),
        work("a", trace="t3", span_team="support"),
    ]
)
def test_r8_links_are_asked_in_order(seen: Seen) -> None:
    assert seen.spans("team") == {"a": "sales", "b": "sales"}
    assert seen.spans("user") == {"a": "ada", "b": "ada"}


@case(
    [
        call("a", trace="t1", cost="1", link_trace_ids=("t2",), link_span_ids=("a",)),
        call("a", trace="t2", cost="2", link_trace_ids=("t1", "t3"), link_span_ids=("a", "a")),
        work("a", trace="t3", span_team="sales"),
        call("a", trace="t4", cost="4", link_trace_ids=("t5",), link_span_ids=("a",)),
        call("a", trace="t5", cost="8", link_trace_ids=("t4",), link_span_ids=("a",)),
    ]
)
def test_r8_links_are_followed_through_links_and_loops_of_them_end(seen: Seen) -> None:
    assert seen.teams == {"sales": ("3", "0"), "": ("12", "0")}


def linked(*targets: str, trace: str = "t1") -> dict[str, tuple[str, ...]]:
    """Links to spans of one trace."""
    return {"link_trace_ids": (trace,) * len(targets), "link_span_ids": targets}


@case(
    [
        work("runtime", resource_team="platform"),
        work("m", "runtime", span_team="sales", span_user="ada"),
        work("w", "runtime", agent="worker", **linked("m")),
        call("w1", "w", cost="1"),
        work("x", "runtime", agent="writer", **linked("w1")),  # by what a link of the path above it leads to
        call("x1", "x", cost="2"),
        call("y", "runtime", cost="4", **linked("x1", "m")),  # the runtime's own: what it called may not pay
    ]
)
def test_r8_a_link_leads_to_what_is_beside_it_below_one_root(seen: Seen) -> None:
    assert seen.spans("team") == {"runtime": "platform", "m": "sales"} | dict.fromkeys(("w", "w1", "x", "x1", "y"), "sales")
    assert seen.spans("initiator_source")["y"] == "link"
    assert seen.spans("user") == {"runtime": ""} | dict.fromkeys(("m", "w", "w1", "x", "x1", "y"), "ada")


@case(
    [
        work("a", agent="planner", resource_team="sales", **linked("c", "d", "a")),  # to what it called, and to itself
        call("b", "a", cost="1", **linked("c", "a")),  # its own, after what it called, and to the one above
        work("c", "a", agent="researcher", span_team="platform"),
        work("d", "c", agent="searcher", span_team="vendors", **linked("b")),
        work("a", trace="t2", **linked("x", trace="t2")),  # elsewhere in its trace only its callee says anything
        work("b", "a", trace="t2", agent="helper", span_team="platform"),
        work("x", trace="t2"),
    ]
)
def test_r8_no_link_lets_a_callee_pay_for_its_caller(seen: Seen) -> None:
    assert seen.spans("team") == {"a": "sales", "b": "sales", "c": "platform", "d": "platform"}
    assert seen.spans("initiator_source") == {"a": "sender", "b": "sender", "c": "said", "d": "said"}
    assert seen.spans("team", trace="t2") == {"a": "", "b": "platform", "x": "platform"}


@case(
    [
        call("a", trace="begin", cost="1", span_team="sales"),
        *(
            call(
                "a",
                trace=f"{nth:02}",
                cost="1",
                link_trace_ids=tuple(f"{earlier:02}" if earlier >= 0 else "begin" for earlier in range(nth - 3, nth)),
                link_span_ids=("a",) * 3,
            )
            for nth in range(60)
        ),
    ]
)
def test_r8_links_in_links_do_not_multiply(seen: Seen) -> None:
    """Each leads to the three before: one by one there are a million million ways through sixty."""
    assert seen.teams == {"sales": ("61", "0")}


@case([call("a", trace="t1", cost="1", link_trace_ids=("t2",), link_span_ids=("a",))], [work("a", trace="t2", span_team="sales")])
def test_r8_the_trace_that_is_linked_to_may_come_late(seen: Seen) -> None:
    assert seen.teams == {"sales": ("1", "0")}


@case(
    [
        *[work("a", trace="t1", agent="nightly-indexer"), call("b", "a", trace="t1", cost="1")],
        *[work("a", trace="t2", agent="nightly-indexer", span_team="sales"), call("b", "a", trace="t2", cost="2")],
        *[work("a", trace="t3"), work("b", "a", trace="t3", agent="nightly-indexer"), call("c", "b", trace="t3", cost="4")],
    ]
)
def test_r8_the_owner_of_the_agent_pays_where_nobody_started_it(seen: Seen) -> None:
    assert seen.teams == {"platform": ("5", "0"), "sales": ("2", "0")}


@case(
    [
        call("a", trace="t1", cost="1", span_team="support"),
        call("b", trace="t2", cost="2", span_team="support", span_cost_center="CC-1"),
        call("c", trace="t3", cost="4", span_team="sales"),
    ]
)
def test_r8_the_organization_fills_blanks_only(seen: Seen) -> None:
    assert seen.rows("span_id, department, cost_center", "ledger") == [
        ("a", "customer-experience", "CC-4200"),
        ("b", "customer-experience", "CC-1"),
        ("c", "", ""),
    ]


@case([call("a", cost="1", name="cron", service="cron")])
def test_r8_where_nobody_is_found_nobody_is_invented(seen: Seen) -> None:
    assert seen.teams == {"": ("1", "0")}
    assert seen.rows("department, cost_center, project, environment, user, session", "attributed_spans") == [("",) * 6]


# R9 Pool.


@case(
    [
        work("a", agent="planner", span_team="sales"),
        call("b", "a", cost="1", tokens=(100, 1)),
        work("c", "a", agent="guardrail"),
        call("d", "c", cost="2", tokens=(200, 1)),
        work("e", "c", agent="helper"),
        call("f", "e", cost="4", tokens=(300, 1)),
        work("g", "e", agent="formatter-json"),
        call("h", "g", cost="8", tokens=(400, 1)),
    ]
)
def test_r9_a_span_belongs_to_the_pool_of_the_nearest_shared_agent(seen: Seen) -> None:
    assert seen.spans("pool") == dict.fromkeys("ab", "") | dict.fromkeys("cdef", "guardrail") | dict.fromkeys("gh", "formatter-json")
    assert seen.allocations == {("guardrail", "sales"): ("1", "6"), ("formatter-json", "sales"): ("1", "8")}
    assert seen.teams == {"sales": ("1", "14")}


@case(
    [
        work("a", agent="Nightly-Indexer"),
        work("g", "a", agent="GUARDRAIL"),
        call("b", "g", cost="1"),
        work("c", "g", agent="guardrail"),
        call("d", "c", cost="2"),
    ]
)
def test_r6_an_agent_has_one_name_whatever_letters_of_it_are_capital(seen: Seen) -> None:
    assert seen.spans("agent") == {"a": "nightly-indexer"} | dict.fromkeys("gbcd", "guardrail")
    assert seen.spans("team") == dict.fromkeys("agbcd", "platform")
    assert seen.spans("pool") == {"a": ""} | dict.fromkeys("gbcd", "guardrail")
    assert seen.agents["guardrail"] == ("3", "3", 1, 0, 1, "3")


# R10 Allocation.


@case(
    [
        *[span for nth in range(3) for span in guarded(f"support-{nth}", "support", "0.1")],
        *[span for nth in range(2) for span in guarded(f"sales-{nth}", "sales", "0.35")],
    ]
)
def test_r10_sixty_percent_of_the_invocations_bear_sixty_percent_of_the_cost(seen: Seen) -> None:
    assert seen.allocations == {("guardrail", "support"): ("0.6", "0.6"), ("guardrail", "sales"): ("0.4", "0.4")}
    assert seen.teams == {"support": ("0", "0.6"), "sales": ("0", "0.4")}
    placed = seen.rows("DISTINCT team, department, cost_center", "(SELECT * FROM ledger WHERE kind = 'allocation')")
    assert placed == [("sales", "", ""), ("support", "customer-experience", "CC-4200")]


@case(guarded("t1", "sales", "1"), guarded("t2", "support", "0"))
def test_r10_the_split_moves_with_the_weights_until_the_period_is_closed(seen: Seen) -> None:
    assert seen.teams == {"sales": ("0", "0.5"), "support": ("0", "0.5")}
    assert [posting for posting in seen.ledger if posting[0] in {"allocation", "relief"}] == [
        ("relief", "", "", "-1"),
        ("allocation", "", "sales", "1"),
        ("allocation", "", "sales", "-0.5"),
        ("allocation", "", "support", "0.5"),
    ]


@case(
    [
        span
        for cost in ("0.000000000001", "0.000000000002", "10", "20")
        for team in ("cat", "bee", "ant")
        for span in guarded(f"{cost}-{team}", team, cost if team == "cat" else "0", shared=f"formatter-{cost}")
    ]
)
def test_r10_the_largest_remainder_takes_the_last_digit_and_ties_go_by_name(seen: Seen) -> None:
    amounts = {pool: {} for pool, _ in seen.allocations}
    for (pool, team), (share, amount) in seen.allocations.items():
        assert share == "0.333333333333"
        amounts[pool][team] = amount
    assert amounts == {
        "formatter-0.000000000001": {"ant": "0.000000000001", "bee": "0", "cat": "0"},
        "formatter-0.000000000002": {"ant": "0.000000000001", "bee": "0.000000000001", "cat": "0"},
        "formatter-10": {"ant": "3.333333333334", "bee": "3.333333333333", "cat": "3.333333333333"},
        "formatter-20": {"ant": "6.666666666667", "bee": "6.666666666667", "cat": "6.666666666666"},
    }


@case([*guarded("t1", "sales", "1"), *guarded("t2", "", "1")])
def test_r10_the_unattributed_keep_their_weight(seen: Seen) -> None:
    assert seen.teams == {"sales": ("0", "1"), "": ("0", "1")}


@case(
    [
        *guarded("t1", "sales", "1"),
        *[work("i", "g", trace="t1", agent="helper"), work("j", "i", trace="t1", agent="guardrail")],
        *guarded("t2", "support", "1"),
    ]
)
def test_r10_a_call_back_into_the_shared_agent_is_no_invocation(seen: Seen) -> None:
    assert seen.teams == {"sales": ("0", "1"), "support": ("0", "1")}


@case([*guarded("t1", "sales", "1"), *guarded("t2", "support", "0.5", at=DAY)])
def test_r10_every_day_is_split_by_the_weights_of_its_month(seen: Seen) -> None:
    parts = seen.rows("toDayOfMonth(day), team, amount", "(SELECT * FROM ledger WHERE kind = 'allocation')")
    assert parts == [(3, "sales", "0.5"), (3, "support", "0.5"), (4, "sales", "0.25"), (4, "support", "0.25")]


@case(
    [
        *[work("a", agent="planner", span_team="sales"), work("g", "a", agent="guardrail")],
        call("h", "g", cost="1", at=29 * DAY),  # in the next month, in which nobody called the guardrail
    ]
)
def test_r10_without_any_weight_all_of_it_is_unattributed(seen: Seen) -> None:
    assert seen.allocations == {("guardrail", "sales"): ("1", "0"), ("guardrail", ""): ("1", "1")}
    assert seen.teams == {"": ("0", "1")}


@case(guarded("t1", "sales", "1", shared="embedder"))
def test_r10_fixed_weights_are_those_of_the_configuration(seen: Seen) -> None:
    assert seen.allocations == {("embedder", "sales"): ("0.25", "0.25"), ("embedder", "support"): ("0.75", "0.75")}


# R11 Ledger.


@case([total("a", cost="1.25", span_team="sales")], [call("b", "a", cost="1")])
def test_r11_a_late_child_is_posted_and_what_only_repeated_it_is_taken_back(seen: Seen) -> None:
    assert seen.ledger == [("direct", "a", "sales", "1.25"), ("correction", "a", "sales", "-1.25"), ("direct", "b", "sales", "1")]


@case(
    [call("a", cost="1", span_team="sales", version=1)],
    [call("a", cost="0.75", span_team="sales", version=2)],
    [call("a", cost=None, span_team="sales", version=3)],
)
def test_r11_a_changed_cost_is_corrected(seen: Seen) -> None:
    assert seen.ledger == [("direct", "a", "sales", "1"), ("correction", "a", "sales", "-0.25"), ("correction", "a", "sales", "-0.75")]
    assert seen.teams == {}


@case([call("b", "a", cost="1")], [work("a", span_team="sales")])
def test_r11_a_changed_team_moves_the_cost_and_the_first_posting_stays(seen: Seen) -> None:
    assert seen.ledger == [("direct", "b", "", "1"), ("correction", "b", "", "-1"), ("correction", "b", "sales", "1")]
    assert len(seen.rows("DISTINCT effective_at", "ledger")) == 1


@case(*([call("a", cost="1", span_team=team, version=nth)] for nth, team in enumerate(["sales", "support", "sales"])))
def test_r11_a_change_that_is_undone_ends_where_it_began(seen: Seen) -> None:
    assert [posting[2:] for posting in seen.ledger] == [
        *[("sales", "1")],
        *[("sales", "-1"), ("support", "1")],
        *[("support", "-1"), ("sales", "1")],
    ]


def test_r11_postings_are_added_and_never_changed(settled: Settled) -> None:
    for before, after in zip(settled.ledgers, settled.ledgers[1:], strict=False):
        assert Counter(map(repr, before)) <= Counter(map(repr, after))
        assert len(before) < len(after)


def test_r11_what_is_posted_is_what_is_billed_after_every_round(settled: Settled) -> None:
    assert settled.audits == [[]] * 3
    billed = settled.store.query("SELECT sum(cost) AS usd FROM attributed_spans WHERE billable")
    assert settled.store.query("SELECT sum(amount) AS usd FROM ledger") == billed


def test_r11_attributing_the_same_again_posts_nothing(settled: Settled) -> None:
    for nth in range(3):
        deliver(settled.store, settled.spans_of_round(nth, CASES))
    done = attribute(settled.store, CONFIG)
    assert (done.traces > 50, done.postings) == (True, 0)
    assert settled.store.query("SELECT * FROM ledger ORDER BY ALL") == settled.ledgers[-1]
