"""The library in one class: attribute, and ask who pays; answers become rows, data frames or Arrow tables.

with Ledger.open("http://default:@localhost:8123/") as ledger:
    ledger.attribute(table="otel.otel_traces")
    print(ledger.report("team").to_pandas())
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from clickhouse_connect.driver.client import Client

from attribution import closing, reports
from attribution.attribute import Summary, attribute, configuration_of
from attribution.configuration import AttributionConfig, Driver
from attribution.errors import SpanledgerError
from attribution.pools import add_cost
from attribution.prepare import prepare
from attribution.reports import Question
from attribution.storage import DATABASE, Store
from attribution.tables import TableSummary, read_table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Config = AttributionConfig | Mapping[str, Any] | Path
"""A configuration, its keys and values, or the path of its file."""


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a question. Each of its methods asks it again. Amounts are exact decimals in USD, NULL is None."""

    _store: Store = field(repr=False)
    question: Question = field(repr=False)

    def rows(self) -> list[dict[str, Any]]:
        """A dict per row; amounts are Decimal, times are datetimes in UTC without a zone, to the microsecond. Raises StorageError."""
        return self._store.query(self.question.sql, self.question.parameters)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows())

    def to_arrow(self) -> pa.Table:
        """A `pyarrow.Table`; amounts are decimal128(38, 12), times have nanoseconds. Raises StorageError."""
        _needed("pyarrow")
        return self._store.arrow(self.question.sql, self.question.parameters)

    def to_pandas(self) -> pd.DataFrame:
        """A data frame of Arrow's types: amounts stay exact decimals, also in sums, and counts stay whole. Raises StorageError."""
        pandas = _needed("pandas")
        frame: pd.DataFrame = self.to_arrow().to_pandas(types_mapper=pandas.ArrowDtype)
        return frame


class Ledger:
    """A store of spans, attributions and postings. Use as a context manager, or close it.

    Args:
        where: a client of clickhouse-connect, of a server or of the embedded engine, which stays as it is and open; or a Store,
            which stays open.
        database: where Spanledger's tables are, made where they are missing.

    Raises StorageError where ClickHouse refuses or cannot be reached.

    """

    def __init__(self, where: Client | Store, database: str = DATABASE) -> None:
        self._owned = not isinstance(where, Store)
        self.store = where if isinstance(where, Store) else Store.beside(where, database)
        if self._owned:
            prepare(self.store)

    @classmethod
    def open(cls, where: str | Path, database: str = DATABASE) -> Self:
        """Open what is at the URL of a ClickHouse server, or in the folder of an embedded ClickHouse, made if missing.

        The embedded ClickHouse of `spanledger serve --data DIR` is in `DIR/clickhouse`; one process at a time may hold it.
        """
        is_url = isinstance(where, str) and "://" in where
        ledger = cls(Store.at(str(where), database) if is_url else Store.embedded_in(Path(where), database))
        ledger._owned = True
        prepare(ledger.store)
        return ledger

    def attribute(self, config: Config | None = None, table: str | None = None) -> Summary:
        """Attribute all that is pending; running it again posts nothing.

        Args:
            config: who is shared, what is agreed; None: what the store was attributed by last, or the defaults.
            table: `database.table` in the layout of the Collector's ClickHouse exporter, read first where it is.

        Raises ConfigurationError, TableError, StorageError.

        """
        followed = self._config(config)
        if table is not None:
            read_table(self.store, followed, table)
        return attribute(self.store, followed)

    def read_table(self, table: str, config: Config | None = None) -> TableSummary:
        """Read and price what is new in a table; `attribute` does so first where it is given one. Raises as it does."""
        return read_table(self.store, self._config(config), table)

    def report(
        self, by: str, first: date | None = None, last: date | None = None, top: int = 0, *, and_by: str = "", axis: str = ""
    ) -> Result:
        """What each value of a dimension costs, from day `first` to day `last`, both included; the most expensive first.

        All of them, or the `top` most expensive, and last what all others cost, whose `value` is '(others)'. `and_by` is a second
        dimension, `axis` cuts the lines by `day`, `week` or `month`.

        Columns: `since`, the day, Monday or month, where there is an axis; `value`, '' where none was found; `and_value`, of the second
        dimension, where there is one; `direct`, `shared`, `total` and `attributed`, what of it found a team, in USD.
        Raises NotFoundError where there is no such report.
        """
        return self._result(reports.costs(by, first, last, top, and_by=and_by, axis=axis))

    def missing(self, first: date | None = None, last: date | None = None) -> Result:
        """What the totals of some days lack: `reason`, `count`, `tokens`, `usd`. With rows here, totals are at least what they say."""
        return self._result(reports.missing(first, last))

    def trace(self, trace_id: str) -> Result:
        """The spans of a trace by start: agent, model, tokens, cost, why each was billed or not. No rows where there is no such trace."""
        return self._result(reports.spans_of_trace(trace_id))

    def spans(self, first: date | None = None, last: date | None = None, **among: str | Sequence[str]) -> Result:
        """Rows of `attributed_spans`, from day `first` to day `last`, both included, by start.

        `among` are values of `trace_id`, `team`, `user`, `task`, `workflow`, `agent`, `model`, one or several of each; others raise
        NotFoundError.
        """
        lists = {name: [values] if isinstance(values, str) else values for name, values in among.items()}
        return self._result(reports.spans(first, last, **lists))

    def audit(self) -> Result:
        """What the audits find wrong: no rows when all the money adds up."""
        return self._result(reports.violations())

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Result:
        """Any query over the views; `{name:Type}` in it is bound to the parameter of that name."""
        return self._result(Question(sql, dict(parameters or {})))

    def add_cost(
        self,
        pool: str,
        amount: Decimal,
        period: str,
        *,
        driver: Driver | None = None,
        note: str = "",
        config: Config | None = None,
    ) -> None:
        """Add cost to a pool that no span carries, in USD, to an open month such as 2026-10; negative to take back.

        The next `attribute` posts and splits it, by `driver` where one is given. Raises RefusedError.
        """
        add_cost(self.store, self._config(config), pool, amount, period, driver=driver, note=note)

    def close_month(self, period: str, config: Config | None = None) -> Result:
        """Attribute what is pending, then freeze a month that has ended: its rows of `statements`. Raises RefusedError."""
        closing.close(self.store, self._config(config), period)
        return self._result(reports.statement_of_month(period))

    def reopen_month(self, period: str, reason: str, config: Config | None = None) -> None:
        """Open a closed month again and move back what was booked late; the reason is kept. Raises RefusedError."""
        closing.reopen(self.store, self._config(config), period, reason)

    def close(self) -> None:
        """Close what was opened here."""
        if self._owned:
            self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _result(self, question: Question) -> Result:
        return Result(self.store, question)

    def _config(self, given: Config | None) -> AttributionConfig:
        if isinstance(given, AttributionConfig):
            return given
        if isinstance(given, Path):
            return AttributionConfig.load(given)
        if given is not None:
            return AttributionConfig.parse(given)
        return configuration_of(self.store)


def _needed(package: str) -> Any:
    try:
        return __import__(package)
    except ImportError:
        raise SpanledgerError(f"{package} is not installed: pip install 'spanledger[dataframes]'") from None
