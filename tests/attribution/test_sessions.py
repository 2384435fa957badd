"""Sessions that hand on who started the work, where the configuration asks for it (R8)."""

from __future__ import annotations

from random import Random

import pytest

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.storage import Store
from tests.attribution.cases import call, work
from tests.attribution.compare import assert_agrees, deliver, deliver_in_batches
from tests.oracle import model
from tests.oracle.strategies import Sizes, random_world

INHERIT = AttributionConfig.parse({"sessions": {"inherit": True}})
SIZES = Sizes(traces_max=30, spans_max=8, linking_spans_max=4)


def payers(store: Store) -> dict[str, str]:
    return {row["trace_id"]: row["team"] for row in store.query("SELECT trace_id, team FROM attributed_spans ORDER BY trace_id")}


def turn(trace: str, at: int, *, version: int = 1, session: str = "s", **facts: str) -> model.Span:
    return call("a", trace=trace, cost="1", at=at, version=version, span_session=session, **facts)


class Settled:
    """A store and all that was delivered to it, held against the oracle after each delivery."""

    def __init__(self, store: Store) -> None:
        self.store, self.delivered = store, list[model.Span]()

    def teams_after(self, *spans: model.Span, config: AttributionConfig = INHERIT) -> list[str]:
        self.delivered += spans
        deliver(self.store, spans)
        attribute(self.store, config)
        assert_agrees(self.store, model.attribute(self.delivered, config))
        return list(payers(self.store).values())


def test_a_session_is_paid_by_who_began_it(store: Store) -> None:
    settled = Settled(store)
    assert settled.teams_after(turn("t2", 2), turn("t3", 3, span_team="support"), turn("t4", 4, session="other")) == ["", "support", ""]
    # The first one comes late, then another before it, then that one leaves the session.
    assert settled.teams_after(turn("t1", 1, span_team="sales")) == ["sales", "sales", "support", ""]
    assert settled.teams_after(turn("t0", 0, span_team="legal")) == ["legal", "sales", "legal", "support", ""]
    assert settled.teams_after(turn("t0", 0, version=2, session="other", span_team="legal")) == [
        "legal",
        "sales",
        "sales",
        "support",
        "legal",
    ]
    # It names no team any more: nor does the session.
    assert settled.teams_after(turn("t1", 1, version=2)) == ["legal", "", "", "support", "legal"]


def test_it_is_asked_for(store: Store) -> None:
    settled = Settled(store)
    turns = turn("t1", 1, span_team="sales"), turn("t2", 2)
    assert settled.teams_after(*turns, config=AttributionConfig()) == ["sales", ""]
    assert settled.teams_after() == ["sales", "sales"]
    assert settled.teams_after(config=AttributionConfig()) == ["sales", ""]


def test_links_go_before_the_session_and_lead_on_from_its_first_span(store: Store) -> None:
    settled = Settled(store)
    linked = call("a", trace="t9", cost="1", at=9, span_team="legal")
    first = turn("t1", 1)
    to_linked = {"link_trace_ids": ("t9",), "link_span_ids": ("a",)}
    assert settled.teams_after(linked, first, turn("t2", 2)) == ["", "", "legal"]
    leads_on = call("a", trace="t1", cost="1", at=1, version=2, span_session="s", **to_linked)
    assert settled.teams_after(leads_on) == ["legal", "legal", "legal"]
    assert settled.teams_after(call("a", trace="t9", cost="1", at=9, version=2, span_team="sales")) == ["sales", "sales", "sales"]


@pytest.mark.parametrize("seed", range(2))
def test_order_and_batching_do_not_matter(store: Store, seed: int) -> None:
    case = random_world(2000 + seed, SIZES)
    config = case.config.model_copy(update={"sessions": INHERIT.sessions})
    deliver_in_batches(store, case.deliveries, config, Random(seed))
    assert_agrees(store, model.attribute(case.deliveries, config))


def test_the_session_may_be_named_anywhere_on_the_path(store: Store) -> None:
    """A web server's span is above, and knows of no session; a sub-agent in another service begins none of its own."""
    settled = Settled(store)
    first = [work("r", trace="t1", at=1), turn("t1", 2, parent="r", span_team="sales")]
    later = [work("r", trace="t2", at=3), turn("t2", 4, parent="r"), call("b", trace="t2", parent="a", cost="2", at=5, service="other")]
    apart = [work("r", trace="t3", at=6), turn("t3", 7, parent="r"), call("b", trace="t3", parent="r", cost="3", at=8, span_session="o")]
    settled.teams_after(*first, *later, *apart)
    rows = store.query("SELECT trace_id, span_id, team, initiator_source FROM attributed_spans ORDER BY trace_id, span_id")
    assert [tuple(row.values()) for row in rows if row["trace_id"] != "t1"] == [
        ("t2", "a", "sales", "session"),
        ("t2", "b", "sales", "session"),
        ("t2", "r", "", ""),
        ("t3", "a", "sales", "session"),
        ("t3", "b", "", ""),
        ("t3", "r", "", ""),
    ]


def test_by_the_session_of_another_sender_only_who_may_charge_it_is_paid_for(store: Store) -> None:
    granted = AttributionConfig.parse({"sessions": {"inherit": True}, "senders": {"lab": {"may_charge": []}}})
    began = turn("t1", 1, sender="crew", span_team="sales")
    goes_on = turn("t2", 2, sender="crew")
    hung_up = [call("b", trace="t2", parent="a", cost="2", at=3, sender=sender) for sender in ("lab", "guest")]
    Settled(store).teams_after(began, goes_on, *hung_up, config=granted)
    assert store.query("SELECT sender, team FROM attributed_spans WHERE span_id = 'b' ORDER BY sender") == [
        {"sender": "guest", "team": "sales"},
        {"sender": "lab", "team": ""},
    ]
