"""Makes the dashboards of Grafana: `python -m deploy.grafana.generate`. A test holds the JSON that is committed to it.

Statements are in `queries`, one a file; what their header says of their purpose is the description of the panel. They use the macros of
Grafana's ClickHouse data source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders import common, dashboard, stat, table, text, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

HERE = Path(__file__).parent
PLUGIN = "grafana-clickhouse-datasource"
SOURCE = models.DataSourceRef(type_val=PLUGIN, uid="${datasource}")
USD = "currencyUSD"
FORMATS: Mapping[str, int] = {"timeseries": 0, "table": 1, "traces": 3}
"""How the data source shapes an answer."""
PURPOSE = re.compile(r"\A-- Purpose: (.*?)\n-- Grain:.*?\n", re.DOTALL)


def query(name: str) -> tuple[str, str]:
    """Purpose and statement of a file in `queries`."""
    written = (HERE / "queries" / f"{name}.sql").read_text(encoding="utf-8")
    header = PURPOSE.match(written)
    if not header:
        raise ValueError(f"queries/{name}.sql: the header does not say its purpose and grain")
    return header[1].replace("\n--", ""), written[header.end() :].strip()


class ClickHouseQuery(Dataquery):
    """What a panel asks of the ClickHouse data source, in its SQL editor."""

    def __init__(self, sql: str, kind: str) -> None:
        self.sql, self.kind = sql, kind

    def to_json(self) -> dict[str, object]:
        """As the data source keeps it."""
        return {
            "refId": "A",
            "datasource": SOURCE.to_json(),
            "editorType": "sql",
            "queryType": self.kind,
            "format": FORMATS[self.kind],
            "rawSql": self.sql,
        }

    def build(self) -> Dataquery:
        """It is its own builder."""
        return self


def _asked(panel: Any, title: str, name: str, kind: str) -> Any:
    purpose, sql = query(name)
    return panel.title(title).description(purpose).datasource(SOURCE).with_target(ClickHouseQuery(sql, kind))


def figure(title: str, name: str, unit: str = USD, *, bad_above: float | None = None, span: int = 4) -> Any:
    """One number."""
    steps = [models.Threshold(color="text", value=None)]
    if bad_above is not None:
        steps = [models.Threshold(color="green", value=None), models.Threshold(color="red", value=bad_above)]
    panel = _asked(stat.Panel(), title, name, "table").unit(unit).span(span).height(4)
    reduced = common.ReduceDataOptions().calcs(["lastNotNull"]).fields("/.*/")
    limits = dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)
    return panel.reduce_options(reduced).thresholds(limits).graph_mode(common_models.BigValueGraphMode.NONE)


def over_time(title: str, name: str, unit: str = USD, *, bars: bool = False, span: int = 12) -> Any:
    """Figures by day."""
    panel = _asked(timeseries.Panel(), title, name, "timeseries").unit(unit).span(span).height(9)
    legend = common.VizLegendOptions().show_legend(True).placement(common_models.LegendPlacement.BOTTOM)
    panel = panel.legend(legend.display_mode(common_models.LegendDisplayMode.LIST)).min(0)
    if bars:
        stacked = common.StackingConfig().mode(common_models.StackingMode.NORMAL)
        panel = panel.draw_style(common_models.GraphDrawStyle.BARS).fill_opacity(90).stacking(stacked)
    return panel


def rows(
    title: str, name: str, *, usd: Sequence[str] = ("usd",), links: Mapping[str, tuple[str, str]] | None = None, span: int = 12
) -> Any:
    """A table; `links` has the title and address of each column that leads somewhere."""
    panel = _asked(table.Panel(), title, name, "table").span(span).height(9).filterable(True)
    for column in usd:
        panel = panel.override_by_name(column, [models.DynamicConfigValue(id_val="unit", value=USD)])
    for column, (said, address) in (links or {}).items():
        panel = panel.override_by_name(column, [models.DynamicConfigValue(id_val="links", value=[{"title": said, "url": address}])])
    return panel


class TracePanel:
    """Grafana's own view of a trace, which the SDK has no builder for."""

    def __init__(self, title: str, name: str) -> None:
        self.title, self.name = title, name

    def build(self) -> models.Panel:
        """The panel."""
        panel = text.Panel().build()
        panel.type_val, panel.title, panel.options = "traces", self.title, {}
        panel.description, sql = query(self.name)
        panel.datasource, panel.targets = SOURCE, [ClickHouseQuery(sql, "traces")]
        panel.grid_pos = models.GridPos(h=14, w=24)
        return panel


def variable(name: str, label: str, *, several: bool = True) -> Any:
    """A choice above a dashboard."""
    asked = dashboard.QueryVariable(name).label(label).datasource(SOURCE).query(query(f"variable_{name}")[1])
    asked = asked.refresh(models.VariableRefresh.ON_DASHBOARD_LOAD).multi(several).include_all(several)
    return asked.current(models.VariableOption(text=["All"], value=["$__all"])) if several else asked


@dataclass(frozen=True)
class Board:
    """A dashboard."""

    name: str
    title: str
    panels: Sequence[Callable[[], Any]]
    variables: Sequence[Callable[[], Any]] = field(default_factory=tuple)

    def build(self) -> models.Dashboard:
        """As Grafana imports it."""
        made = dashboard.Dashboard(f"Spanledger: {self.title}").uid(f"spanledger-{self.name}").tags(["spanledger"]).readonly()
        made = made.time("now-30d", "now").timezone("browser").refresh("5m").tooltip(models.DashboardCursorSync.CROSSHAIR)
        made = made.link(
            dashboard.DashboardLink("Spanledger").type(models.DashboardLinkType.DASHBOARDS).tags(["spanledger"]).keep_time(True)
        )
        made = made.with_variable(dashboard.DatasourceVariable("datasource").label("Data source").type(PLUGIN))
        for each in self.variables:
            made = made.with_variable(each())
        for each in self.panels:
            made = made.with_panel(each())
        return made.build()


TEAM = {"team_name": ("The team", "/d/spanledger-team?var-team=${__value.raw}&${__url_time_range}")}
AGENT = {"agent_name": ("The agent", "/d/spanledger-agent?var-agent=${__value.raw}&${__url_time_range}")}
TRACE = {"trace_id": ("The trace", "/d/spanledger-trace?var-trace_id=${__value.raw}")}
OF_AGENTS = ("own", "with_all_it_calls", "per_task")

BOARDS = (
    Board(
        "overview",
        "overview",
        [
            lambda: figure("Total", "total"),
            lambda: figure("Shared", "shared"),
            lambda: figure("Unattributed", "unattributed"),
            lambda: figure("Calls without a price", "unpriced_calls", "short", bad_above=1),
            lambda: figure("Audit violations", "violations", "short", bad_above=1),
            lambda: figure("Share with a team", "attributed_share", "percentunit"),
            lambda: over_time("Spend by day and team", "spend_by_team", bars=True),
            lambda: over_time("Does spend grow faster than use?", "spend_and_use", "none"),
            lambda: rows("Cost by team", "cost_by_team", usd=("of_its_own", "shared", "usd"), links=TEAM),
            lambda: rows("Cost by agent", "cost_by_agent", usd=OF_AGENTS, links=AGENT),
            lambda: over_time("Cost per task", "cost_per_task"),
            lambda: over_time("Cost by model", "cost_by_model", bars=True),
        ],
        [lambda: variable("team", "Team")],
    ),
    Board(
        "team",
        "team (showback)",
        [
            lambda: figure("Total", "total", span=12),
            lambda: figure("Of it shared", "shared", span=12),
            lambda: over_time("Spend by day", "spend_by_team", bars=True),
            lambda: over_time("By model", "cost_by_model", bars=True),
            lambda: rows("By agent", "team_by_agent", links=AGENT),
            lambda: rows("By user and workflow", "team_by_user"),
            lambda: rows("Its part of shared agents, by month", "allocations", span=24),
        ],
        [lambda: variable("team", "Team")],
    ),
    Board(
        "agent",
        "agent",
        [
            lambda: over_time("Cost by day", "agent_costs"),
            lambda: over_time("Invocations by day", "agent_entries", "short", bars=True),
            lambda: rows("Own cost by model", "agent_models"),
            lambda: rows("All agents", "cost_by_agent", usd=OF_AGENTS),
        ],
        [lambda: variable("agent", "Agent")],
    ),
    Board(
        "trace",
        "trace",
        [
            lambda: rows("The most expensive traces", "expensive_traces", links=TRACE, span=24),
            lambda: TracePanel("The trace", "trace_spans"),
            lambda: rows("What each span costs, and why", "trace_costs", span=24),
        ],
        [lambda: variable("trace_id", "Trace", several=False)],
    ),
    Board(
        "quality",
        "data quality",
        [
            lambda: figure("Audit violations", "violations", "short", bad_above=1, span=6),
            lambda: figure("Calls without a price", "unpriced_calls", "short", bad_above=1, span=6),
            lambda: figure("Share with a team", "attributed_share", "percentunit", span=6),
            lambda: figure("Latest trace", "last_spans", "dateTimeFromNow", span=6),
            lambda: rows("Models without a price", "unpriced_models", usd=()),
            lambda: rows("Reports that differ from the prices", "price_differences", usd=("reported", "computed", "difference")),
            lambda: rows("What the audits find", "audits", span=24),
        ],
    ),
)


def rendered(board: Board) -> str:
    """The JSON of a dashboard."""
    return json.dumps(board.build(), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Write all of them."""
    for board in BOARDS:
        (HERE / "dashboards" / f"{board.name}.json").write_text(rendered(board), encoding="utf-8")


if __name__ == "__main__":
    main()
