"""The schema of a store: made once, migrated forward, refused where it is newer; whatever is killed on the way."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pytest

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.errors import StorageError
from attribution.prepare import prepare
from attribution.storage import Store, schema
from attribution.storage import store as stores
from attribution.storage.statements import statement, statements
from tests.attribution.cases import call
from tests.attribution.compare import deliver
from tests.conftest import open_store

STORE_OF_0_1_0 = Path(__file__).with_name("store-0.1.0.tar.xz")
"""The data folder of Spanledger 0.1.0 before versions were recorded: 12 traces of a random world, an addition to a pool, a closed month."""
UPGRADE = """
import json, sys
from pathlib import Path
from attribution.attribute import attribute, remembered
from attribution.prepare import prepare
from attribution.storage import Store

TOLD = {
    "ledger": "SELECT kind, team, pool, period, toString(sum(amount)) AS usd, count() AS n FROM ledger GROUP BY ALL ORDER BY ALL",
    "spans": "SELECT trace_id, span_id, billable, toString(amount) AS usd, team FROM attributed_spans ORDER BY ALL",
    "statements": "SELECT period, team, toString(total) AS usd FROM statements ORDER BY ALL",
    "allocations": "SELECT period, pool, team, toString(amount) AS usd FROM allocations ORDER BY ALL",
}
COLUMNS = "SELECT table, name, type, default_expression FROM system.columns WHERE database = currentDatabase() ORDER BY ALL"
with Store.embedded_in(Path(sys.argv[1])) as store:
    before = {name: store.query(sql) for name, sql in TOLD.items()}
    prepare(store)
    after = {name: store.query(sql) for name, sql in TOLD.items()}
    for _ in range(2):
        store.execute("INSERT INTO changes (trace_id, mark) SELECT trace_id, rand64() FROM span_records GROUP BY trace_id")
        summary = attribute(store, remembered(store))
    attributed = {name: store.query(sql) for name, sql in TOLD.items()}
    version = store.query("SELECT max(version) AS version FROM schema_versions")[0]["version"]
    audits = store.query("SELECT * FROM audits")
    uncommented = store.query("SELECT table, name FROM system.columns WHERE comment = '' AND table IN ('span_records', 'ledger')")
    upgraded = store.query(COLUMNS)
with Store.embedded_in(Path(sys.argv[1]), "made_today") as store:
    prepare(store)
    made = store.query(COLUMNS)
    differing = [column for column in upgraded + made if (column in upgraded) != (column in made)]
    print(json.dumps([before, after, attributed, summary.traces, summary.postings, version, len(audits), uncommented, differing]))
"""


def test_a_store_of_the_version_before_upgrades_by_itself(tmp_path: Path) -> None:
    with tarfile.open(STORE_OF_0_1_0) as archive:
        archive.extractall(tmp_path, filter="data")
    # In a process of its own: chDB has one engine a process.
    run = subprocess.run(  # noqa: S603  (our own script)
        [sys.executable, "-c", UPGRADE, str(tmp_path / "clickhouse")], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    before, after, attributed, traces, postings, version, audits, uncommented, differing = json.loads(run.stdout)
    assert before["ledger"]
    assert before["statements"]
    assert after == before
    # The rules of today can bill another span; closed months stay as they are, and no span is lost.
    assert attributed["statements"] == before["statements"]
    assert {(span["trace_id"], span["span_id"]) for span in attributed["spans"]} == {
        (span["trace_id"], span["span_id"]) for span in before["spans"]
    }
    assert traces > 0
    assert postings == 0, "attributed again, all traces post nothing"
    assert version == schema.schema_version()
    assert audits == 0
    assert uncommented == []
    assert differing == [], "a table was changed without a migration"


class Killed(BaseException):
    """What no `except Exception` catches."""


DEFINITIONS = "SELECT name, uuid, create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY name"


class Mortal:
    """A store that executes so many statements and then dies."""

    def __init__(self, store: Store, left: int) -> None:
        self._store, self._left = store, left

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def execute(self, *what: Any, **more: Any) -> None:
        self._spend(lambda: self._store.execute(*what, **more))

    def run(self, *what: Any, **more: Any) -> None:
        self._spend(lambda: self._store.run(*what, **more))

    def _spend(self, work: Callable[[], None]) -> None:
        if not self._left:
            raise Killed
        self._left -= 1
        work()


MADE_UP = {
    "made_up/01_facts": "ALTER TABLE facts ADD COLUMN IF NOT EXISTS unit String COMMENT 'unit of the value'",
    "made_up/02_facts": "ALTER TABLE facts ADD COLUMN IF NOT EXISTS whole String DEFAULT 'x'",
    "made_up/03_facts": "ALTER TABLE facts MODIFY COLUMN whole String DEFAULT 'y'",
}


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> int:
    """One version more than there is, with a made-up migration of three statements."""
    version = schema.schema_version() + 1
    steps = {**schema.migrations(), version: tuple(MADE_UP)}
    monkeypatch.setattr(schema, "migrations", lambda: steps)
    monkeypatch.setattr(stores, "statement", lambda name: MADE_UP.get(name) or statement(name))
    return version


def of_its_own(store: Store, tmp_path: Path) -> Store:
    """A store in a database that the test may leave as it likes."""
    database = f"{store.database}_own"
    store.execute(f"DROP DATABASE IF EXISTS {database}")
    return open_store("embedded" if store.embedded else "server", database, Path(getattr(store.client, "path", tmp_path)))


def columns_of_facts(store: Store) -> list[str]:
    return [row["name"] for row in store.query("DESCRIBE facts")]


@pytest.mark.both_engines
def test_a_migration_that_is_killed_at_any_statement_is_done_by_the_next_start(store: Store, tmp_path: Path, newer: int) -> None:
    before = len(statements(schema.TABLES))  # the tables are made before the store is migrated
    with of_its_own(store, tmp_path) as own:
        for name in ("schema_versions", "facts", "leases", "span_records"):
            own.run(f"{schema.TABLES}/{name}")
        for writes in range(100):
            own.execute("ALTER TABLE facts DROP COLUMN IF EXISTS unit, DROP COLUMN IF EXISTS whole")
            own.execute("TRUNCATE TABLE schema_versions")
            own.run("storage/record_schema_version", version=newer - 1, made_by="0.0")
            try:
                schema.bring_up_to_date(cast(Store, Mortal(own, before + writes)))
            except Killed:
                own.execute("TRUNCATE TABLE leases")  # in life the lease of the dead runs out
                schema.bring_up_to_date(own)
                died = True
            else:
                died = False
            assert columns_of_facts(own)[-2:] == ["unit", "whole"]
            assert own.query("SELECT max(version) AS version FROM schema_versions") == [{"version": newer}]
            if not died:
                break
        own.execute(f"DROP DATABASE {own.database}")
    assert 3 < writes < 99


LEDGER = "SELECT kind, trace_id, span_id, sender, team, period, amount, reason FROM ledger ORDER BY ALL"


@pytest.mark.both_engines
def test_postings_from_before_there_were_senders_are_their_senders(store: Store, tmp_path: Path) -> None:
    """Migration 12: a trace that changes afterwards posts the difference and nothing else."""
    config = AttributionConfig()
    with of_its_own(store, tmp_path) as own:
        prepare(own)
        spans = [
            *(call(f"{trace}{span}", trace=trace, cost="1", sender="sales-key") for trace in "ab" for span in "12"),
            *(call(f"c{span}", trace="c", cost="2", sender=f"key-{span}") for span in "12"),
            call("d1", trace="d", cost="4"),
        ]
        deliver(own, spans)
        attribute(own, config)
        deliver(own, [replace(span, cost=Decimal(3), version=2) for span in spans if span.span_id in {"a1", "c2"}])
        attribute(own, config)
        known = own.query(LEDGER)
        assert {row["sender"] for row in known} == {"sales-key", "key-1", "key-2", ""}
        assert {row["kind"] for row in known} == {"direct", "correction"}
        own.execute("ALTER TABLE first_postings DROP COLUMN senders, DROP COLUMN sender")
        own.execute("ALTER TABLE postings DROP COLUMN sender")
        own.execute("TRUNCATE TABLE schema_versions")
        own.run("storage/record_schema_version", version=11, made_by="0.1.0")
        prepare(own)
        assert own.query(LEDGER) == known
        assert not own.query("SELECT name FROM system.tables WHERE database = currentDatabase() AND endsWith(name, '_anew')")
        own.execute("INSERT INTO changes (trace_id, mark) SELECT trace_id, rand64() FROM span_records GROUP BY trace_id")
        assert attribute(own, config).postings == 0
        deliver(own, [replace(span, cost=Decimal(5), version=2) for span in spans if span.span_id == "b1"])
        assert attribute(own, config).postings == 1
        assert own.query("SELECT * FROM audits") == []
        own.execute(f"DROP DATABASE {own.database}")


def test_two_services_migrate_at_once(store: Store, tmp_path: Path, newer: int) -> None:
    with of_its_own(store, tmp_path) as own:
        own.run(f"{schema.TABLES}/schema_versions")
        own.run(f"{schema.TABLES}/facts")
        own.run("storage/record_schema_version", version=newer - 1, made_by="0.0")
        both = [Thread(target=schema.bring_up_to_date, args=[connection]) for connection in (own, own.another())]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert columns_of_facts(own)[-2:] == ["unit", "whole"]
        assert own.query("SELECT max(version) AS version FROM schema_versions") == [{"version": newer}]
        own.execute(f"DROP DATABASE {own.database}")


def test_a_new_store_has_the_version_of_today(store: Store) -> None:
    assert store.query("SELECT max(version) AS version FROM schema_versions") == [{"version": schema.schema_version()}]


@pytest.mark.both_engines
def test_what_is_as_it_was_made_is_left_alone(store: Store, tmp_path: Path) -> None:
    """And whatever somebody dropped, made anew or altered is made good at the next start."""
    with of_its_own(store, tmp_path) as own:
        prepare(own)
        made = own.query(DEFINITIONS)
        prepare(own)
        assert own.query(DEFINITIONS) == made
        for sql in (
            "DROP VIEW ledger",
            "CREATE OR REPLACE VIEW ledger AS SELECT 1 AS amount",
            "DROP TABLE links_of_spans",
            "ALTER TABLE facts MODIFY COMMENT 'what a later Spanledger says'",
        ):
            time.sleep(1)  # ClickHouse knows in whole seconds when a table was altered
            own.execute(sql)
            prepare(own)
            assert [row["create_table_query"] for row in own.query(DEFINITIONS)] == [row["create_table_query"] for row in made], sql
        own.execute(f"DROP DATABASE {own.database}")


def test_a_store_of_a_newer_version_is_refused(store: Store, tmp_path: Path) -> None:
    with of_its_own(store, tmp_path) as own:
        prepare(own)
        own.run("storage/record_schema_version", version=schema.schema_version() + 1, made_by="9.9")
        with pytest.raises(
            StorageError, match=r"schema version \d+, and Spanledger .* knows versions up to \d+: install the Spanledger that"
        ):
            prepare(own)
        own.execute(f"DROP DATABASE {own.database}")


def test_migrations_are_numbered_without_gaps() -> None:
    assert list(schema.migrations()) == list(range(schema.FIRST_VERSION + 1, schema.schema_version() + 1))
