"""What looks like usage and is read by nobody is told; what is read, what is a limit and what is a second copy is not."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from attribution.conventions import Conventions, unread_usage

CONVENTIONS = Conventions()


def told(attributes):
    return unread_usage(CONVENTIONS.read_span("acme", "call", attributes).unread, attributes)


def test_a_new_emitters_counts_are_told():
    said = {
        "acme.tokens.in": 1200,
        "acme.usage": '{"prompt": 5, "deep": {"out": "7"}, "max_tokens": 9, "model": "x"}',
        "acme.credits_used": 0.25,
        "acme.call_cost": "0.004",
        "acme.billed": 3,
    }
    assert told(said) == {
        "acme.tokens.in": 1200,
        "acme.usage#prompt": 5,
        "acme.usage#deep/out": 7,
        "acme.credits_used": Decimal("0.25"),
        "acme.call_cost": Decimal("0.004"),
        "acme.billed": 3,
    }


def test_what_is_read_is_not_told():
    read = {
        "gen_ai.usage.input_tokens": 5,
        "llm.token_count.prompt": 5,
        "langfuse.observation.usage_details": '{"input": 5}',
        "gen_ai.usage.details.reasoning_tokens": 5,
        "gen_ai.usage.cost": 0.1,
    }
    assert told(read) == {}


def test_limits_names_copies_zeros_and_our_own_are_not_told():
    silent = {
        "gen_ai.request.max_tokens": 4096,
        "x.token_limit": 10,
        "x.tokens_per_second": 10,
        "x.cost_center": 42,
        "x.access_token": 123,
        "gen_ai.aggregated_usage.input_tokens": 5,
        "acme.tokens": 0,
        "acme.token_text": "many",
        "spanledger.cost.usd": "0.1",
        "temperature": 1,
    }
    assert told(silent) == {}


def test_a_sender_that_invents_keys_is_bounded():
    assert len(told({f"acme.tokens.k{nth}": 1 for nth in range(1000)})) == 64


@given(
    st.dictionaries(
        st.sampled_from(["acme.tokens", "acme.usage", "x.cost"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=10,
        ),
    )
)
def test_values_of_any_type_are_survived(attributes):
    assert all(figure > 0 for figure in told(attributes).values())


def test_numbers_in_keys_are_one_key():
    assert told({"acme.0.tokens": 1, "acme.17.tokens": 2, "acme.v2tokens": 3}) == {"acme.*.tokens": 2, "acme.v2tokens": 3}
