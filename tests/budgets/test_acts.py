"""What users do to budgets and runs over HTTP: `/api/v1/budgets/NAME/...` and `/api/v1/runs/TRACE_ID/...`."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from attribution.budgets import Standing, events
from attribution.storage import Store
from collector.acts import ActApi
from collector.budgeting import Budgeting
from collector.config import Config
from collector.control import Control
from collector.disputing import Disputing
from collector.page.access import Readers
from collector.users import Users, hashed

CONFIG = Config.parse(
    {
        "budgets": {
            "sales": {"scope": {"team": "sales"}, "limit": 100, "per": "month"},
            "each/day": {"each": ["team", "agent"], "limit": 5, "per": "day"},
        },
        "users": [
            {"name": "olga", "password_scrypt": hashed("o"), "role": "operator"},
            {"name": "sam", "password_scrypt": hashed("s"), "role": "operator", "teams": ["sales"]},
        ],
    }
)
OLGA, SAM = ("olga", "o"), ("sam", "s")
RUN = "ab" * 16


@pytest.fixture
def api(store: Store) -> Any:
    readers = Readers(Users(CONFIG.users), open_to_all=False)
    acts = ActApi(Disputing(store, lambda: CONFIG), Budgeting(store, lambda: CONFIG), lambda: CONFIG, readers)
    return TestClient(Starlette(routes=acts.routes()), base_url="http://127.0.0.1")


def test_each_act_is_kept_with_who_and_why(store: Store, api: Any) -> None:
    def said(path: str, auth: Any = OLGA, **body: Any) -> tuple[int, Any]:
        answer = api.post(f"/api/v1/{path}", json=body, auth=auth)
        return answer.status_code, answer.json()

    assert said("budgets/sales/extend", amount="12.50", reason="fair", until="2100-06-01T12:00:00+02:00") == (
        200,
        {"budget": "sales", "added": "12.50"},
    )
    assert said("budgets/sales/extend", amount=-2, reason="less") == (200, {"budget": "sales", "added": "-2"})
    assert said("budgets/sales/acknowledge", SAM, reason="seen") == (200, {"budget": "sales"})
    assert said("budgets/each/day/acknowledge", team="sales", agent="planner") == (200, {"budget": "each/day"})
    assert said(f"runs/{RUN}/pause", reason="it loops") == (200, {"budget": RUN})
    kept = [(one.kind, one.budget, one.key, one.who, one.reason, one.trace_id) for one in events(store)]
    assert kept == [
        ("extended", "sales", (), "olga", "fair", ""),
        ("extended", "sales", (), "olga", "less", ""),
        ("acknowledged", "sales", (), "sam", "seen", ""),
        ("acknowledged", "each/day", ("sales", "planner"), "olga", "", ""),
        ("paused", "", (), "olga", "it loops", RUN),
    ]
    assert f"{events(store)[0].until:%Y-%m-%dT%H:%M}" == "2100-06-01T10:00"
    assert Standing.of(events(store)).pause("", RUN, events(store)[-1].at)
    assert said(f"runs/{RUN}/resume")[0] == 200
    assert said(f"runs/{RUN}/resume") == (400, {"error": f"{RUN} is not paused"})


@pytest.mark.parametrize(
    ("path", "auth", "body", "status", "why"),
    [
        ("budgets/sales/extend", SAM, {"amount": 1, "reason": "x"}, 403, "sam may not set, remove, extend, pause or resume budgets"),
        (f"runs/{RUN}/pause", SAM, {"reason": "x"}, 403, "sam may not set, remove, extend, pause or resume budgets"),
        ("budgets/sales/pause", OLGA, {}, 400, "reason: a text"),
        ("budgets/sales/pause", OLGA, {"reason": ""}, 400, "a reason is needed"),
        ("budgets/sales/extend", OLGA, {"reason": "x"}, 400, "'' is no amount"),
        ("budgets/sales/extend", OLGA, {"amount": 0, "reason": "x"}, 400, "'0' is no amount"),
        ("budgets/sales/extend", OLGA, {"amount": [1], "reason": "x"}, 400, "is no amount"),
        ("budgets/sales/pause", OLGA, {"reason": "x", "until": 7}, 400, "until: a text"),
        ("budgets/each/day/acknowledge", OLGA, {"team": "sales"}, 400, "each/day counts each team and agent by itself"),
        ("budgets/each/day/acknowledge", SAM, {}, 403, "team: sam acknowledges for sales"),
        ("budgets/gone/acknowledge", SAM, {}, 404, "there is no budget 'gone' that you may see"),
        ("budgets/sales/acknowledge", ("sam", "wrong"), {}, 401, ""),
    ],
)
def test_what_is_refused_says_why_and_keeps_nothing(
    store: Store, api: Any, path: str, auth: Any, body: dict[str, Any], status: int, why: str
) -> None:
    answer = api.post(f"/api/v1/{path}", json=body, auth=auth)
    assert (answer.status_code, why in answer.json()["error"]) == (status, True), answer.text
    assert events(store) == []


def test_what_was_done_holds_when_it_is_answered(store: Store) -> None:
    control = Control(CONFIG, store.another(), None)
    control.start()
    try:
        budgeting = Budgeting(store, lambda: CONFIG, control.look_again)
        for _ in range(3):
            budgeting.pause("sales", {"reason": "x", "who": "olga"}, None)
            assert control.decider.standing.pause("sales", "", control.decider.now())
            budgeting.resume("sales", {"who": "olga"}, None)
            assert not control.decider.standing.pause("sales", "", control.decider.now())
    finally:
        control.stop()
    control.look_again()  # of one that has ended nobody waits for ever
