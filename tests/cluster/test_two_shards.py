"""On a cluster of two shards everything is as on one node (R14)."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from attribution.attribute import attribute
from attribution.budgets import replay
from attribution.closing import close
from attribution.cluster import prepare_cluster, shard_database
from attribution.configuration import AttributionConfig
from attribution.errors import RefusedError, StorageError
from attribution.hints import hints
from attribution.prepare import prepare
from attribution.pruning import prune
from attribution.storage import Store
from attribution.storage.models import model as described_by
from attribution.views import public_views
from collector.config import Addresses, Config
from collector.service import Service
from tests.attribution.cases import call
from tests.attribution.compare import assert_agrees, deliver
from tests.oracle import model
from tests.oracle.strategies import Sizes, random_world

CLUSTER, *SHARD_URLS = os.environ.get("CLICKHOUSE_TEST_CLUSTER", "").split()[:3] or [""]
"""Name and URLs of the shards; the first is the node that is asked."""

pytestmark = pytest.mark.skipif(not CLUSTER, reason="CLICKHOUSE_TEST_CLUSTER is not set: not tested on a cluster")

DATABASE = f"c_{uuid.uuid4().hex[:12]}"


@pytest.fixture
def shards() -> Iterator[list[Store]]:
    opened = [Store.at(url, shard_database(DATABASE)) for url in SHARD_URLS]
    yield opened
    for shard in opened:
        with shard:
            shard.execute("DROP DATABASE {database:Identifier}", {"database": shard.database})


@pytest.fixture
def node(shards: list[Store]) -> Iterator[Store]:
    with Store.at(SHARD_URLS[0], DATABASE) as store:
        prepare_cluster(store, CLUSTER, shards)
        yield store
        store.execute("DROP DATABASE {database:Identifier}", {"database": DATABASE})


@pytest.mark.parametrize("seed", range(2))
def test_results_are_those_of_one_node(node: Store, shards: list[Store], seed: int) -> None:
    case = random_world(seed, Sizes(traces_max=60, spans_max=12, linking_spans_max=8))
    late = list(case.deliveries)
    Random(seed).shuffle(late)
    for part in (late[::2], late[1::2]):
        deliver(node, part)
        attribute(node, case.config)
    assert_agrees(node, model.attribute(case.deliveries, case.config))
    traces = [{row["trace_id"] for row in shard.query("SELECT DISTINCT trace_id FROM span_records")} for shard in shards]
    assert all(traces)
    assert not set.intersection(*traces)


def test_spans_are_let_go_of_on_every_shard(node: Store, shards: list[Store]) -> None:
    prices = [{"model": "*", "input": 1, "output": 1}]
    charges = [
        {"name": "calls", "model": "per_token", "prices": prices, "scope": {"team": "ops"}},
        {"name": "tasks", "model": "per_task", "price": 3},
    ]
    config = AttributionConfig.parse({"billing": {"charges": charges}})
    deliver(node, [call("a", trace=f"t{nth}", at=1_782_000_000, cost="1", span_team="sales") for nth in range(20)])
    attribute(node, config)
    close(node, config, "2026-06")
    with pytest.raises(RefusedError, match=r"^the spans are on the shards of cluster '\w+': every one of them is needed"):
        prune(node, config, "2026-07")
    for some in (shards[:1], [shards[1], shards[1]], [shards[0], node]):
        with pytest.raises(StorageError, match="has 2 shards on this node, and 1 were given: all are needed, once each"):
            prune(node, config, "2026-07", shards=some)
    assert node.query("SELECT count() AS n FROM spans") == [{"n": 20}]
    assert prune(node, config, "2026-07", shards=shards) == ["2026-06"]
    for shard in shards:
        assert shard.query("SELECT DISTINCT toString(pruned) AS pruned FROM span_records") == [{"pruned": "span"}]
    assert node.query("SELECT count() AS n FROM spans") == [{"n": 0}]
    assert node.query("SELECT sum(amount) AS usd FROM ledger") == [{"usd": 20}]
    assert node.query("SELECT * FROM audits") == []


def test_retention_lets_go_of_spans_on_every_shard(
    node: Store, shards: list[Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.service.ATTRIBUTION_SECONDS", 0.1)
    now = datetime.now(UTC)
    config = Config.parse({"pricing": {"update": False}, "retention": {"spans_months": 12 * (now.year - 2026) + now.month - 7}})
    deliver(node, [call("a", trace=f"t{nth}", at=1_782_000_000, cost="1", span_team="sales") for nth in range(20)])
    attribute(node, config)
    close(node, config, "2026-06")
    anywhere = Addresses(*["127.0.0.1:0"] * 3)

    def service(**how: Any) -> Service:
        return Service(config, tmp_path, clickhouse=SHARD_URLS[0], addresses=anywhere, database=DATABASE, **how)

    with pytest.raises(RefusedError, match=r"every one of them is needed, `--shard URL` each$"), service():
        pass
    with service(collect_only=True):
        pass  # another one lets go of spans
    with service(shards=SHARD_URLS):
        limit = time.monotonic() + 60
        while node.query("SELECT count() AS n FROM spans") != [{"n": 0}]:
            assert time.monotonic() < limit
            time.sleep(0.1)
    for shard in shards:
        assert shard.query("SELECT DISTINCT toString(pruned) AS pruned FROM span_records") == [{"pruned": "span"}]
    assert node.query("SELECT sum(amount) AS usd FROM ledger") == [{"usd": 20}]


def test_what_reads_spans_runs_on_the_node(node: Store) -> None:
    """Examples of views, and what was spent of budgets: attributed, and waiting."""
    units = {"usd": "USD", "tokens": "tokens"}
    config = AttributionConfig.parse({"budgets": {name: {"limit": 9000, "unit": unit, "per": "month"} for name, unit in units.items()}})
    sent = [[call("a", trace=f"{when}{nth}", at=1_782_000_000, cost="1") for nth in range(20)] for when in ("early", "late")]
    deliver(node, sent[0])
    attribute(node, config)
    deliver(node, sent[1])
    found = replay(node, config, datetime.fromtimestamp(1_782_000_000, UTC))
    spent = {one.budget: spend.total for one, spend in found.spend.items()}
    assert spent == {"usd": 40, "tokens": 40 * 110}
    day = datetime.fromtimestamp(1_782_000_000, UTC).date()
    assert {hint.kind for hint in hints(node, config, day, day)} <= {"model"}
    for view in (*public_views(), described_by("audits/audits")):
        node.query(view.fields["Example"])


def test_preparing_again_changes_nothing(node: Store, shards: list[Store]) -> None:
    prepare_cluster(node, CLUSTER, shards)


def test_all_shards_are_needed(node: Store, shards: list[Store]) -> None:
    with pytest.raises(StorageError, match="has 2 shards on this node, and 1 were given"):
        prepare_cluster(node, CLUSTER, shards[:1])
    with pytest.raises(StorageError, match="has 2 shards on this node, and 1 were given"):
        prepare_cluster(node, CLUSTER, [shards[1], shards[1]])


def test_a_node_with_spans_of_its_own_is_refused(shards: list[Store]) -> None:
    with Store.at(SHARD_URLS[0], f"{DATABASE}_alone") as store:
        prepare(store)
        with pytest.raises(StorageError, match="has spans of its own"):
            prepare_cluster(store, CLUSTER, shards)
        with pytest.raises(RefusedError, match="these are on the node itself"):
            prune(store, AttributionConfig(), "2026-07", shards=shards)
        store.execute("DROP DATABASE {database:Identifier}", {"database": store.database})
