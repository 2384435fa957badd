"""The dashboards are what their generator makes, and every panel's query runs as Grafana's ClickHouse data source would send it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient

from attribution.storage import Store
from collector.query import create_app
from deploy.grafana.generate import BOARDS, HERE, rendered
from tests.page.conftest import filled

__all__ = ["filled"]
DASHBOARDS: Mapping[str, Any] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((HERE / "dashboards").glob("*.json"))
}
PANELS = [(name, panel) for name, board in DASHBOARDS.items() for panel in board["panels"]]
NAMES = [f"{name}: {panel['title']}" for name, panel in PANELS]
MAY_BE_EMPTY = {"What the audits find", "Models without a price", "Reports that differ from the prices"}
"""On the workload of the tests: all is well there."""
TRACE_VIEW = ("traceID", "spanID", "parentSpanID", "serviceName", "operationName", "startTime", "duration", "tags", "serviceTags")
ALERTS = yaml.safe_load((HERE / "provisioning" / "alerting" / "spanledger.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]


def expanded(sql: str, variables: Mapping[str, Sequence[str]], first: datetime, last: datetime) -> str:
    """What the data source makes of a query. None in `variables` is the choice of all.

    Source: its documentation, "Macros" and "Template variables": `$__conditionalAll` and variables are expanded in the browser, the
    others in its back end.
    """
    begin, end = int(first.timestamp()), int(last.timestamp())
    sql = re.sub(
        r"\$__conditionalAll\((.*?), \$(\w+)\)", lambda found: found[1] if variables.get(found[2]) else "1=1", sql, flags=re.DOTALL
    )
    sql = re.sub(r"\$\{(\w+):singlequote\}", lambda found: ",".join(f"'{value}'" for value in variables[found[1]]), sql)
    sql = re.sub(r"\$\{(\w+)\}", lambda found: ",".join(variables[found[1]]), sql)
    sql = re.sub(r"\$__dateFilter\((\w+)\)", rf"\1 >= toDate('{first:%Y-%m-%d}') AND \1 <= toDate('{last:%Y-%m-%d}')", sql)
    sql = re.sub(r"\$__timeFilter\((\w+)\)", rf"\1 >= toDateTime({begin}) AND \1 <= toDateTime({end})", sql)
    return sql.replace("$__fromTime", f"toDateTime({begin})").replace("$__toTime", f"toDateTime({end})")


def of_store(sql: str, store: Store) -> str:
    """The same on the database of the tests."""
    return sql.replace("spanledger.", f"{store.database}.")


def asked(panel: Mapping[str, Any], store: Store, **variables: Sequence[str]) -> str:
    """A panel's query over the last days."""
    trace_id = store.query("SELECT trace_id FROM traces ORDER BY cost DESC, trace_id LIMIT 1")[0]["trace_id"]
    now = datetime.now(UTC)
    sql = expanded(panel["targets"][0]["rawSql"], {"trace_id": [trace_id], **variables}, now - timedelta(days=30), now)
    assert "$" not in sql
    return of_store(sql, store)


@pytest.fixture(scope="module")
def reader(filled: Store) -> Iterator[TestClient | None]:
    """The read-only HTTP interface of the embedded engine, which Grafana reads; a server has its own."""
    if not filled.embedded:
        yield None
        return
    with TestClient(create_app(filled.client.path, filled.database), base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_the_dashboards_are_what_their_generator_makes(board: Any) -> None:
    committed = (HERE / "dashboards" / f"{board.name}.json").read_text(encoding="utf-8")
    assert committed == rendered(board), "run `make docs`"


def test_every_query_is_on_a_dashboard() -> None:
    source = (HERE / "generate.py").read_text(encoding="utf-8")
    names = [path.stem for path in (HERE / "queries").glob("*.sql") if not path.stem.startswith("variable_")]
    assert [name for name in names if f'"{name}"' not in source] == []


@pytest.mark.both_engines
@pytest.mark.parametrize(("name", "panel"), PANELS, ids=NAMES)
def test_every_panel_has_rows_and_the_columns_that_it_reads(
    filled: Store, reader: TestClient | None, name: str, panel: Mapping[str, Any]
) -> None:
    rows = filled.query(asked(panel, filled))
    assert rows or panel["title"] in MAY_BE_EMPTY
    if rows and panel["type"] == "timeseries":
        assert isinstance(next(iter(rows[0].values())), datetime)
        assert next(iter(rows[0])) == "time"
    if rows and panel["type"] == "traces":
        assert tuple(rows[0]) == TRACE_VIEW
    columns = {override["matcher"]["options"] for override in panel.get("fieldConfig", {}).get("overrides", [])}
    assert not rows or columns <= rows[0].keys(), name
    if reader:
        answer = reader.post("/", params={"default_format": "JSONCompact"}, content=asked(panel, filled))
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["data"]) == len(rows)


@pytest.mark.parametrize(("name", "panel"), PANELS, ids=NAMES)
def test_a_choice_of_one_team_or_agent_narrows_a_panel(filled: Store, name: str, panel: Mapping[str, Any]) -> None:
    rows = filled.query(asked(panel, filled, team=["support"], agent=["triage"]))
    if "$team" in panel["targets"][0]["rawSql"]:
        assert {row.get("team_name", "support") for row in rows} <= {"support"}, name
    if "$agent" in panel["targets"][0]["rawSql"]:
        assert {row.get("agent_name", "triage") for row in rows} <= {"triage"}, name


@pytest.mark.parametrize("board", DASHBOARDS.values(), ids=DASHBOARDS.keys())
def test_variables_have_choices_and_links_lead_to_boards(filled: Store, board: Mapping[str, Any]) -> None:
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            assert filled.query(of_store(variable["query"], filled))
    known = {each["uid"] for each in DASHBOARDS.values()}
    assert set(re.findall(r"/d/([\w-]+)\?", json.dumps(board))) <= known


def test_panels_say_what_they_show_and_do_not_overlap() -> None:
    for name, board in DASHBOARDS.items():
        taken: set[tuple[int, int]] = set()
        for panel in board["panels"]:
            assert panel["description"], f"{name}: {panel['title']}"
            place = panel["gridPos"]
            cells = {(place.get("x", 0) + x, place.get("y", 0) + y) for x in range(place["w"]) for y in range(place["h"])}
            assert not cells & taken, f"{name}: {panel['title']}"
            assert max(x for x, _ in cells) < 24
            taken |= cells


@pytest.mark.parametrize("rule", ALERTS, ids=[rule["uid"] for rule in ALERTS])
def test_an_alert_asks_for_one_number_and_compares_it(filled: Store, rule: Mapping[str, Any]) -> None:
    question, condition = rule["data"]
    (row,) = filled.query(of_store(question["model"]["rawSql"], filled))
    (value,) = row.values()
    assert value == 0, "all is well on the workload of the tests"
    assert condition["refId"] == rule["condition"]
    assert condition["model"]["expression"] == question["refId"]
    assert question["datasourceUid"] == "spanledger"
    assert f"$values.{question['refId']}.Value" in rule["annotations"]["summary"]


def test_the_data_source_is_the_one_that_alerts_name() -> None:
    (source,) = yaml.safe_load((HERE / "provisioning" / "datasources" / "spanledger.yaml").read_text(encoding="utf-8"))["datasources"]
    assert (source["uid"], source["type"]) == ("spanledger", "grafana-clickhouse-datasource")
