"""The library as its users call it: beside their clients, exact in data frames."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

import attribution
from attribution import AttributionConfig, ConfigurationError, Ledger, NotFoundError, SpanledgerError, StorageError
from attribution.reports import REPORTS, report
from attribution.storage import Store
from tests.attribution.otlp import Sent, send
from tests.attribution.test_reprice import AGENT, chat
from tests.beginnings import Begin

SHARED = {"agents": {"shared": ["guardrail"]}}


def a_shared_guardrail(store: Store) -> None:
    """Sales spends 0.0035 itself, and a third of a dollar's billionth less than a guardrail's 0.0012."""
    guard = chat(4, tokens=(400, 20), parent=3, at=5, lasts=1)
    spans = [Sent(1, AGENT), chat(2, parent=1, lasts=2), Sent(3, {**AGENT, "gen_ai.agent.name": "guardrail"}, parent=1, at=4), guard]
    send(store, AttributionConfig(), [*spans, chat(5, "our-llm", parent=1, at=7, lasts=1)])  # type: ignore[arg-type]
    Ledger(store).attribute(SHARED)


@pytest.fixture
def ledger(store: Store, begin: Begin) -> Ledger:
    begin(a_shared_guardrail)
    return Ledger(store)


def test_amounts_stay_exact_in_rows_frames_and_tables(ledger: Ledger) -> None:
    exact = Decimal("0.0047")
    assert sum(row["total"] for row in ledger.report("team")) == exact
    frame, table = ledger.report("team").to_pandas(), ledger.report("team").to_arrow()
    assert isinstance(frame["total"].sum(), Decimal)
    assert frame["total"].sum() == exact
    assert {str(frame[name].dtype) for name in ("direct", "shared", "total")} == {"decimal128(38, 12)[pyarrow]"}
    assert sum(table["total"].to_pylist()) == exact
    assert table.schema.field("total").type == pa.decimal128(38, 12)


def test_no_column_of_a_frame_is_a_float(ledger: Ledger) -> None:
    for result in (ledger.spans(), ledger.trace("1".zfill(32)), *(ledger.report(by) for by in REPORTS), ledger.audit()):
        assert [str(kind) for kind in result.to_pandas().dtypes if "float" in str(kind) or "double" in str(kind)] == []


def test_unknown_stays_unknown_and_counts_stay_whole(ledger: Ledger) -> None:
    frame = ledger.spans(model="our-llm").to_pandas()
    assert frame["cost"].isna().all()
    assert frame["input_tokens"].tolist() == [1000]
    assert ledger.spans(model="our-llm").rows()[0]["cost"] is None
    assert ledger.spans(model="our-llm").to_arrow()["start_time"].type == pa.timestamp("ns", "UTC")
    assert ledger.spans().to_pandas()["usage"].unique().tolist() == ["none", "leaf"]


def test_reports_are_those_of_the_command(ledger: Ledger) -> None:
    for by in REPORTS:
        lines = [(line.value, line.direct, line.shared, line.total, line.attributed) for line in report(ledger.store, by).lines]
        assert [tuple(row.values()) for row in ledger.report(by)] == lines
    assert ledger.report("team", last=date(2026, 10, 31)).rows() == []
    assert ledger.report("team", date(2026, 11, 1), date(2026, 11, 1)).rows() == ledger.report("team").rows()


def test_the_most_expensive_and_the_others_are_all(ledger: Ledger) -> None:
    whole = {by: ledger.report(by).rows() for by in REPORTS}
    assert max(map(len, whole.values())) > 1
    for by, rows in whole.items():
        first, *others = ledger.report(by, top=1).rows()
        assert first == rows[0]
        assert [row["value"] for row in others] == ["(others)"] * (len(rows) > 1)
        for amount in ("direct", "shared", "total", "attributed"):
            assert sum(row[amount] for row in (first, *others)) == sum(row[amount] for row in rows)


def test_spans_are_chosen_by_days_and_names(ledger: Ledger) -> None:
    def ids(**chosen: object) -> list[int]:
        return [int(row["span_id"], 16) for row in ledger.spans(**chosen)]  # type: ignore[arg-type]

    assert ids() == [1, 2, 3, 4, 5]
    assert ids(team="sales", model=["gpt-4o", "our-llm"]) == [2, 4, 5]
    assert ids(agent="guardrail") == [3, 4]
    assert ids(trace_id="1".zfill(32), user="") == [1, 2, 3, 4, 5]
    assert ids(first=date(2026, 11, 2)) == ids(team="nobody") == []
    assert ledger.spans(agent="guardrail").rows()[0]["start_time"] == datetime(2026, 11, 1, 12, 0, 4, tzinfo=UTC).replace(tzinfo=None)


def test_a_trace_that_is_not_there_has_no_rows(ledger: Ledger) -> None:
    assert ledger.trace("ff").rows() == []
    assert len(ledger.trace("1".zfill(32)).rows()) == 5


def test_a_query_binds_its_parameters(ledger: Ledger) -> None:
    result = ledger.query("SELECT sum(amount) AS usd FROM ledger WHERE team = {team:String} AND pool = ''", {"team": "sales"})
    assert result.rows() == [{"usd": Decimal("0.0035")}]
    assert ledger.query("SELECT {text:String} AS text", {"text": "'; DROP"}).rows() == [{"text": "'; DROP"}]


def test_a_configuration_is_given_as_keys_a_file_or_what_it_is(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "spanledger.yaml"
    file.write_text("agents: {shared: []}", encoding="utf-8")
    assert ledger.attribute(AttributionConfig.parse(SHARED)).traces == 0
    assert ledger.attribute(file).traces == 1
    assert ledger.attribute().traces == 0  # the last one is followed
    assert ledger.query("SELECT * FROM allocations").rows() == []
    with pytest.raises(ConfigurationError, match=r"agents\.share: there is no such key"):
        ledger.attribute({"agents": {"share": []}})


def test_what_is_asked_for_in_vain_says_what_there_is(ledger: Ledger) -> None:
    with pytest.raises(NotFoundError, match="there is no report by 'teams'; there is team, "):
        ledger.report("teams")
    with pytest.raises(NotFoundError, match="spans cannot be chosen by colour; by trace_id, team, "):
        ledger.spans(colour="red")
    with pytest.raises(StorageError, match="UNKNOWN_TABLE"):
        ledger.query("SELECT * FROM nothing").rows()


def test_a_client_stays_as_it_is(ledger: Ledger) -> None:
    client = ledger.store.another().client
    client.database = None
    client.command("SELECT 1")
    before = client.query("SELECT currentDatabase(), getSetting('async_insert')").result_rows
    with Ledger(client, ledger.store.database) as beside:
        assert beside.report("team").rows() == ledger.report("team").rows()
        assert beside.attribute().traces == 0
    assert client.query("SELECT currentDatabase(), getSetting('async_insert')").result_rows == before
    client.close()


def test_a_store_that_was_given_stays_open(ledger: Ledger) -> None:
    with Ledger(ledger.store):
        pass
    assert ledger.audit().rows() == []


@pytest.mark.parametrize("package", ["pandas", "pyarrow"])
def test_without_data_frames_rows_are_there_and_the_error_says_what_to_install(
    ledger: Ledger, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert len(ledger.report("team").rows()) == 1
    with pytest.raises(SpanledgerError, match=rf"{package} is not installed: pip install 'spanledger\[dataframes\]'"):
        ledger.report("team").to_pandas()


def test_the_package_exports_what_it_documents() -> None:
    assert [name for name in attribution.__all__ if not getattr(attribution, name).__doc__] == []
