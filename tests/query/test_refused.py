"""A reader reads: every way we know to write, to reach files or the network, or to lift a limit, is refused and does nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import chdb
import pytest

from collector.query.functions import AGGREGATE, SCALAR
from collector.query.guard import TABLE_FUNCTIONS

from .conftest import DATABASE, ROWS, Served

READONLY = "164"
SYNTAX = "62"

WRITES = [
    "INSERT INTO query_costs (team) VALUES ('x')",
    "INSERT INTO query_costs (team) SELECT 'x'",
    "insert/**/into query_costs (team) select 'x'",
    "WITH x AS (SELECT 'x') INSERT INTO query_costs (team) SELECT * FROM x",
    "INSERT INTO FUNCTION file('{out}', 'TSV', 'a Int') SELECT 1",
    "INSERT INTO FUNCTION null('a Int') SELECT 1",
    "INSERT INTO query_costs (team) FORMAT TSV\nx\n",
    "CREATE TABLE made (a Int) ENGINE = Memory",
    "CREATE TEMPORARY TABLE made (a Int)",
    "CREATE VIEW made AS SELECT 1",
    "CREATE TABLE made ENGINE = Memory AS SELECT 1",
    "CREATE DATABASE made",
    "CREATE FUNCTION made AS x -> x",
    "CREATE USER made",
    "CREATE DICTIONARY made (a UInt64) PRIMARY KEY a SOURCE(FILE(path '/etc/passwd' format 'TSV')) LAYOUT(FLAT()) LIFETIME(0)",
    "ALTER TABLE query_costs DELETE WHERE 1",
    "ALTER TABLE query_costs UPDATE team = 'x' WHERE 1",
    "DELETE FROM query_costs WHERE 1",
    "TRUNCATE TABLE query_costs",
    "DROP TABLE query_costs",
    "DETACH TABLE query_costs",
    "ATTACH TABLE made FROM '/var/made' (a Int) ENGINE = MergeTree ORDER BY a",
    "RENAME TABLE query_costs TO made",
    "EXCHANGE TABLES query_costs AND query_costs",
    "OPTIMIZE TABLE query_costs FINAL",
    "BACKUP TABLE query_costs TO File('{out}')",
    "GRANT ALL ON *.* TO default",
    "BEGIN TRANSACTION",
    "CHECK TABLE query_costs",
    "UPDATE query_costs SET team = 'x' WHERE 1",
    "SELECT 1 PARALLEL WITH SELECT 2",
    "DROP TABLE query_costs PARALLEL WITH SELECT 1",
    "EXPLAIN INSERT INTO query_costs (team) SELECT 'x'",
    "EXPLAIN AST DROP TABLE query_costs",
    "EXPLAIN AST CREATE TABLE made (a Int) ENGINE = Memory",
    "EXPLAIN SYNTAX INSERT INTO query_costs (team) SELECT 'x'",
    "EXPLAIN TABLE OVERRIDE numbers(1) COLUMNS (a Int)",
    "EXPLAIN CURRENT TRANSACTION",
]
SYSTEM = [
    "SYSTEM FLUSH LOGS",
    "SYSTEM SHUTDOWN",
    "system stop merges",
    "KILL QUERY WHERE 1",
    "KILL MUTATION WHERE 1",
    "EXECUTE AS default SELECT 1",
    "USE system",
    "SET max_result_rows = 0",
    "SET readonly = 0",
    "SET param_x = 1",
    "SET ROLE DEFAULT",
]
OUTFILE = [
    "SELECT 1 INTO OUTFILE '{out}'",
    "SELECT 1 INTO OUTFILE '{out}' TRUNCATE FORMAT CSV",
    "SELECT 1 INTO OUTFILE '{out}' APPEND",
    "SELECT 1 INTO OUTFILE '{out}' AND STDOUT",
    "select 1 /* a */ into -- b\n outfile/**/'{out}'",
    "SELECT 1 iNtO oUtFiLe '{out}'",
    "(SELECT 1) INTO OUTFILE '{out}'",
    "SELECT 1 UNION ALL SELECT 2 INTO OUTFILE '{out}'",
    "WITH 1 AS x SELECT x INTO OUTFILE '{out}'",
    "EXPLAIN SELECT 1 INTO OUTFILE '{out}'",
    "EXPLAIN AST SELECT 1 INTO OUTFILE '{out}'",
    "SHOW TABLES INTO OUTFILE '{out}'",
    "DESCRIBE TABLE query_costs INTO OUTFILE '{out}'",
    "EXISTS query_costs INTO OUTFILE '{out}'",
    "SELECT 1 SETTINGS max_threads = 1 INTO OUTFILE '{out}'",
    "SELECT 1 INTO OUTFILE '{out}' SETTINGS max_threads = 1",
]
FILES = [
    "SELECT * FROM file('{secret}')",
    "SELECT * FROM file('{secret}', 'TSV', 'a String')",
    "SELECT * FROM `file`('{secret}')",
    "SELECT * FROM \"file\"('{secret}')",
    "SELECT * FROM FILE ('{secret}')",
    "SELECT * FROM/**/file/**/('{secret}')",
    "SELECT * FROM numbers(1), file('{secret}')",
    "SELECT * FROM numbers(1) CROSS JOIN file('{secret}')",
    "SELECT * FROM numbers(1) AS n LEFT JOIN file('{secret}', 'TSV', 'a String') AS f ON n.number = f.a",
    "SELECT 1 WHERE 1 IN (SELECT * FROM file('{secret}'))",
    "SELECT 1 WHERE 'a' IN file('{secret}')",
    "WITH x AS (SELECT * FROM file('{secret}')) SELECT * FROM x",
    "SELECT * FROM view(SELECT * FROM file('{secret}'))",
    "SELECT * FROM viewIfPermitted(SELECT * FROM file('{secret}') ELSE null('a Int'))",
    "SELECT (SELECT any(a) FROM file('{secret}', 'TSV', 'a String'))",
    "SELECT 1 UNION ALL SELECT * FROM file('{secret}')",
    "SELECT 1 EXCEPT SELECT * FROM file('{secret}')",
    "FROM file('{secret}') SELECT *",
    "FROM file('{secret}') |> SELECT *",
    "DESCRIBE file('{secret}')",
    "DESCRIBE TABLE file('{secret}')",
    "DESCRIBE (SELECT * FROM file('{secret}'))",
    "DESC view(SELECT * FROM file('{secret}'))",
    "EXPLAIN SELECT * FROM file('{secret}')",
    "EXPLAIN ESTIMATE SELECT * FROM file('{secret}')",
    "EXPLAIN PIPELINE SELECT * FROM file('{secret}')",
    "SELECT * FROM (EXPLAIN SELECT * FROM file('{secret}'))",
    "SELECT file('{secret}')",
    "SELECT `file`('{secret}')",
    "SELECT File('{secret}'), FILE('{secret}')",
    "SELECT upper(file('{secret}'))",
    "SELECT arrayMap(x -> file(x), ['{secret}'])",
    "SELECT * APPLY file FROM (SELECT '{secret}')",
    "SELECT * APPLY(x -> file(x)) FROM (SELECT '{secret}')",
    "SELECT COLUMNS('.*') APPLY (file) FROM (SELECT '{secret}')",
    "WITH file('{secret}') AS x SELECT x",
    "SELECT number FROM numbers(1) ORDER BY file('{secret}')",
    "SELECT * FROM default.`{secret}`",
    "SELECT * FROM `default`.`{secret}`",
    'SELECT * FROM "default"."{secret}"',
    "SELECT * FROM/**/default /**/ . /**/`{secret}`",
    "SELECT 1 WHERE (1, 2) IN (default.`{secret}`)",
    "DESCRIBE TABLE default.`{secret}`",
    "DESCRIBE default.`{secret}`",
    "EXISTS TABLE default.`{secret}`",
    "SHOW CREATE TABLE default.`{secret}`",
    "SHOW COLUMNS FROM `{secret}` FROM default",
    "SHOW INDEX FROM `{secret}` FROM default",
    "SHOW TABLES FROM default",
    "SELECT hasColumnInTable('default', '{secret}', 'c1')",
    "SELECT * FROM merge('default', '.*')",
    "SELECT * FROM loop(default, `{secret}`)",
    "SELECT * FROM loop('default', '{secret}')",
    "SELECT * FROM fileCluster('default', '{secret}', 'TSV')",
    "SELECT * FROM filesystem('/etc')",
    "SELECT * FROM sqlite('{secret}', 't')",
    "SELECT * FROM deltaLakeLocal('/tmp')",
    "SELECT * FROM icebergLocal('/tmp')",
    "SELECT * FROM dictionary('x')",
    "SELECT * FROM Python(secret)",
    "SELECT * FROM python(secret)",
    "SELECT * FROM executable('cat', 'TSV', 'a String')",
    "SELECT * FROM eval('SELECT 1')",
    "SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))",
    "SELECT * FROM mergeTreeIndex('spanledger', 'query_costs')",
    "SELECT * FROM input('a Int')",
    "SELECT * FROM system.stack_trace",
    "SELECT * FROM system.`stack_trace`",
]
HANDED_ON = [
    "SELECT arrayMap(file, ['{secret}'])",
    "SELECT arrayMap(`file`, ['{secret}'])",
    "SELECT arrayMap(\"file\", ['{secret}'])",
    "SELECT arrayMap(/**/file/**/, ['{secret}'])",
    "SELECT arrayMap(`f\\x69le`, ['{secret}'])",
    "SELECT arrayFilter(file, ['{secret}'])",
    "SELECT arrayExists(file, ['{secret}'])",
    "SELECT arraySort(file, ['{secret}'])",
    "SELECT mapApply(file, map('{secret}', 1))",
    "SELECT arrayMap(x -> arrayMap(file, [x]), ['{secret}'])",
    "SELECT arrayMap(if(1, file, upper), ['{secret}'])",
    "WITH file AS f SELECT arrayMap(f, ['{secret}'])",
    "SELECT * APPLY(upper) APPLY(file) FROM (SELECT '{secret}')",
    "SELECT COLUMNS('.') APPLY file FROM (SELECT '{secret}')",
    "SELECT number FROM numbers(1) WHERE notEmpty(arrayMap(file, ['{secret}']))",
    "EXPLAIN SELECT arrayMap(file, ['{secret}'])",
    "DESCRIBE (SELECT arrayMap(file, ['{secret}']))",
    "SELECT arrayMap(aiGenerate, ['x'])",
    "SELECT arrayMap(dictGet, ['d'], ['x'], [1])",
    "SELECT arrayMap(peek, ['{secret}'])",
    "SELECT peek('{secret}')",
    "SELECT `peek`('{secret}')",
    "SELECT * APPLY peek FROM (SELECT '{secret}')",
    "SELECT * APPLY(x -> peek(x)) FROM (SELECT '{secret}')",
]
"""A function runs where it is handed to another; `peek` is one that the owner made of `file`."""
OUTSIDE = [
    "SELECT joinGet('default.x', 'a', 1)",
    "SELECT dictGet('d', 'a', 1)",
    "SELECT regionToName(1)",
    "SELECT filesystemAvailable()",
    "SELECT getServerSetting('path')",
    "SELECT getMacro('replica')",
    "SELECT getClientHTTPHeader('authorization')",
    "SELECT formatQuery('SELECT 1')",
    "SELECT addressToLine(1)",
    "SELECT serverUUID()",
]
NETWORK = [
    "SELECT * FROM url('http://127.0.0.1:1/', 'TSV', 'a Int')",
    "SELECT * FROM urlCluster('default', 'http://127.0.0.1:1/', 'TSV', 'a Int')",
    "SELECT * FROM s3('http://127.0.0.1:1/b/k', 'TSV', 'a Int')",
    "SELECT * FROM gcs('http://127.0.0.1:1/b/k')",
    "SELECT * FROM azureBlobStorage('x', 'y', 'z')",
    "SELECT * FROM hdfs('hdfs://127.0.0.1:1/x', 'TSV', 'a Int')",
    "SELECT * FROM iceberg('http://127.0.0.1:1/')",
    "SELECT * FROM remote('127.0.0.1:1', system.one)",
    "SELECT * FROM remote('127.0.0.1', system, one)",
    "SELECT * FROM remoteSecure('127.0.0.1:1', system.one)",
    "SELECT * FROM cluster('default', system.one)",
    "SELECT * FROM clusterAllReplicas('default', system.one)",
    "SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "SELECT * FROM postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "SELECT * FROM mongodb('127.0.0.1:1', 'd', 't', 'u', 'p', 'a Int')",
    "SELECT * FROM redis('127.0.0.1:1', 'k', 'k String')",
    "SELECT * FROM jdbc('x', 'y', 'z')",
    "SELECT * FROM odbc('x', 'y', 'z')",
    "SELECT * FROM arrowstream('x')",
    "SELECT aiGenerate('x')",
    "SELECT AIClassify('x', ['a'])",
]
LIMITS = [
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT 1 SETTINGS max_result_rows = DEFAULT",
    "SELECT * FROM (SELECT 1 SETTINGS max_execution_time = 0)",
    "SELECT * FROM (SELECT 1 SETTINGS max_threads = 1)",
    "SELECT 1 SETTINGS result_overflow_mode = 'break'",
    "SELECT 1 SETTINGS allow_introspection_functions = 1",
    "SELECT 1 SETTINGS format_schema = '/etc/passwd'",
    "SELECT 1 FORMAT Protobuf SETTINGS output_format_schema = '{out}', format_protobuf_use_autogenerated_schema = 1",
    "SELECT 1 FORMAT Template SETTINGS format_template_row = '{secret}'",
    "SELECT 1 SETTINGS additional_result_filter = '1'",
    "SELECT 1 SETTINGS dialect = 'kusto'",
    "SELECT 1 SETTINGS max_threads = 1 UNION ALL SELECT 2 SETTINGS readonly = 0",
    "EXPLAIN SELECT 1 SETTINGS readonly = 0",
    "SELECT 1 FORMAT JSON SETTINGS readonly = 0",
    "DESCRIBE TABLE query_costs SETTINGS readonly = 0",
]


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    secret = tmp_path / "secret.csv"
    secret.write_text("1,top-secret\n")
    return {"secret": str(secret), "out": str(tmp_path / "out.csv")}


def _state(reader: Served) -> str:
    sql = f"SELECT (SELECT count() FROM query_costs), groupArray(name) FROM system.tables WHERE database = '{DATABASE}'"
    return reader.http.post("/", content=sql).text


def _assert_refused(reader: Served, places: dict[str, str], sql: str, **params: str) -> str:
    before, files = _state(reader), sorted(Path(places["out"]).parent.iterdir())
    assert before.startswith(f"{ROWS}\t")
    for name, value in places.items():
        sql = sql.replace("{" + name + "}", value)
    answer = reader.http.post("/", params=params, content=sql)
    assert answer.status_code >= 400, answer.text
    assert "top-secret" not in answer.text
    assert sorted(Path(places["out"]).parent.iterdir()) == files
    assert _state(reader) == before
    return answer.headers["X-ClickHouse-Exception-Code"]


@pytest.fixture(scope="module", autouse=True)
def _peek(store: Path) -> Iterator[None]:
    """A function that the owner made."""
    owner = chdb.connect(str(store.resolve()))
    owner.query("CREATE FUNCTION IF NOT EXISTS peek AS (path) -> file(path)")
    yield
    owner.query("DROP FUNCTION peek")
    owner.close()


@pytest.mark.parametrize("sql", [*WRITES, *SYSTEM, *OUTFILE, *FILES, *HANDED_ON, *OUTSIDE, *NETWORK, *LIMITS])
def test_refused(reader: Served, places: dict[str, str], sql: str) -> None:
    assert _assert_refused(reader, places, sql) == READONLY


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1; DROP TABLE query_costs",
        "SELECT 1;;SELECT 2",
        "SELECT 1 FORMAT JSON; INSERT INTO query_costs (team) VALUES ('x')",
        "SELECT 1 FORMAT Null\nINSERT INTO query_costs (team) VALUES ('x')",
        "SELECT * FROM {f:Identifier}('{secret}')",
        "SELECT {f:Identifier}('{secret}')",
        "SELECT * FROM (SELECT 1 INTO OUTFILE '{out}')",
        "EXPLAIN (SELECT 1 INTO OUTFILE '{out}')",
        "",
        ";",
        "/* nothing */",
        "-- nothing",
    ],
)
def test_refused_by_the_parser(reader: Served, places: dict[str, str], sql: str) -> None:
    assert _assert_refused(reader, places, sql, param_f="file") == SYNTAX


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM '{secret}'",
        "SELECT * FROM `{secret}`",
        "SELECT * FROM `default.{secret}`",
        "SELECT * FROM system.`{secret}`",
        "SELECT * FROM {t:Identifier}",
        "DESCRIBE TABLE `{secret}`",
    ],
)
@pytest.mark.parametrize("database", ["", "default", "system"])
def test_a_file_is_no_table(reader: Served, places: dict[str, str], sql: str, database: str) -> None:
    assert _assert_refused(reader, places, sql, database=database, param_t=places["secret"]) == "60"


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        ("SELECT * FROM {d:Identifier}.{t:Identifier}", {"param_d": "default"}),
        ("SELECT * FROM {d:Identifier}.`{secret}`", {"param_d": "default"}),
        ("DESCRIBE TABLE {d:Identifier}.{t:Identifier}", {"param_d": "default"}),
        ("SELECT * FROM system.{d:Identifier}", {"param_d": "stack_trace"}),
        ("SHOW TABLES FROM {d:Identifier}", {"param_d": "default"}),
    ],
)
def test_refused_names_in_parameters(reader: Served, places: dict[str, str], sql: str, params: dict[str, str]) -> None:
    assert _assert_refused(reader, places, sql, param_t=places["secret"], **params) in (READONLY, SYNTAX)


@pytest.mark.parametrize("name", ["file", "`file`", "peek", "fi\\le", "\\x66ile", "sleep.file"])
def test_no_function_from_a_parameter(reader: Served, places: dict[str, str], name: str) -> None:
    for sql in ("SELECT arrayMap({f:Identifier}, ['{secret}'])", "SELECT arrayMap({f : Identifier}, ['{secret}'])"):
        assert _assert_refused(reader, places, sql, param_f=name) in (READONLY, "47")


def test_a_function_that_is_not_there_is_named(reader: Served) -> None:
    answer = reader.http.post("/", content="SELECT summ(cost) FROM query_costs")
    assert answer.status_code == 404
    assert "Unknown function summ" in answer.text


def test_every_listed_function_is_one(reader: Served) -> None:
    """A name that was mistyped in the list would allow nothing, and hide that."""
    known = set(reader.http.post("/", content="SELECT lower(name) FROM system.functions").text.split())
    assert known >= (SCALAR | AGGREGATE)
    assert not SCALAR & {"file", "dictget", "joinget", "aigenerate", "sqlite"}


def test_no_allowed_function_is_a_table_that_reaches_outside(reader: Served) -> None:
    tables = set(reader.http.post("/", content="SELECT lower(name) FROM system.table_functions").text.split())
    assert (SCALAR | AGGREGATE) & tables <= TABLE_FUNCTIONS


@pytest.mark.parametrize(
    "params",
    [
        {"readonly": "0"},
        {"max_memory_usage_for_user": "1"},
        {"format_schema": "/etc/passwd"},
        {"output_format_schema": "/etc/made"},
        {"additional_table_filters": "{}"},
        {"result_overflow_mode": "break"},
        {"dialect": "prql"},
        {"allow_introspection_functions": "1"},
        {"format_avro_schema_registry_url": "http://127.0.0.1:1/"},
    ],
)
def test_refused_settings_in_the_url(reader: Served, places: dict[str, str], params: dict[str, str]) -> None:
    assert _assert_refused(reader, places, "SELECT 1", **params) == READONLY


def test_get_and_form_are_guarded_too(reader: Served, places: dict[str, str]) -> None:
    sql = f"SELECT 1 INTO OUTFILE '{places['out']}'"
    for answer in (reader.http.get("/", params={"query": sql}), reader.http.post("/", files={"query": (None, sql)})):
        assert answer.headers["X-ClickHouse-Exception-Code"] == READONLY
    assert not os.path.exists(places["out"])  # noqa: PTH110  (places are strings)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT t.file FROM (SELECT 'a' AS file) AS t",
        "WITH t(a, b) AS (SELECT 1, 2) SELECT a + b FROM t AS z(a, b)",
        "SELECT arrayMap(upper, ['a']), arrayMap(x -> x + 1, [1]), arrayReduce('sum', [1, 2])",
        "SELECT sumIf(cost, 1), quantileExactIf(0.5)(cost, 1), avgOrNullIf(cost, 0), sumArray([cost]) FROM query_costs",
        "SELECT sumMerge(s) FROM (SELECT sumState(cost) AS s FROM query_costs)",
        "SELECT row_number() OVER (PARTITION BY team ORDER BY at), lagInFrame(cost) OVER (ORDER BY at) FROM query_costs LIMIT 1",
        "SELECT * EXCEPT (tags) REPLACE (1 AS cost) FROM query_costs LIMIT 1",
        "SELECT team, sum(cost) FROM query_costs GROUP BY GROUPING SETS ((team), ()) HAVING NOT (team = 'x')",
        "SELECT count() FROM query_costs GROUP BY ROLLUP(team) ORDER BY (1)",
        "SELECT CASE WHEN (1) THEN (2) ELSE (3) END, EXTRACT(DAY FROM now()), DATE '2026-01-01', 1::Nullable(Decimal(38, 12))",
        "SELECT user(), version(), timezone(), hostName(), currentDatabase(), getSetting('max_threads')",
        "SELECT toStartOfInterval(at, INTERVAL 1 hour, 'UTC') AS time, sum(cost) FROM query_costs GROUP BY time WITH TOTALS",
        "SELECT JSONExtractString('{}', 'a'), match(team, 'x'), multiIf(1, 2, 3), dateDiff('day', at, at) FROM query_costs LIMIT 1",
        "SELECT a.team FROM query_costs AS a LEFT JOIN query_costs AS b USING (team) WHERE (a.team, 1) IN (SELECT ('x', 1)) LIMIT 1",
        "SELECT 'INTO OUTFILE', 'SETTINGS readonly = 0', 'file(x)', 'default.x'",
        "SELECT 1 AS outfile, 2 AS into, 3 AS settings, 4 AS format, 5 AS `insert`",
        "SELECT 1 -- INTO OUTFILE 'x'",
        "SELECT /* DROP TABLE x */ 1;",
        "(SELECT 1) UNION ALL (SELECT 2)",
        "SELECT * FROM numbers(3) AS a, numbers(1) AS b",
        "SELECT * FROM values('a Int', 1, 2)",
        "SELECT * FROM view(SELECT 1)",
        "SELECT * FROM generateSeries(1, 3)",
        "SELECT format('{} {}', 'a', 'b')",
        "SELECT name, default FROM system.settings AS s LIMIT 1",
        "SELECT s.name FROM system.settings AS s JOIN system.settings AS t ON s.name = t.name LIMIT 1",
        "SELECT name FROM system.settings WHERE settings.name = 'max_threads'",
        "SELECT * FROM system.tables LIMIT 1",
        "SELECT * FROM system.columns LIMIT 1",
        "SELECT * FROM system.databases",
        "SELECT * FROM INFORMATION_SCHEMA.TABLES LIMIT 1",
        "SHOW TABLES",
        "SHOW TABLES LIKE 'query%'",
        "SHOW DATABASES",
        "SHOW CREATE TABLE query_costs",
        "SHOW COLUMNS FROM query_costs",
        "SHOW FUNCTIONS LIKE 'plus'",
        "SHOW SETTINGS LIKE 'max_threads'",
        "DESCRIBE query_costs",
        "DESC TABLE query_costs FORMAT JSON",
        "DESCRIBE (SELECT 1)",
        "EXISTS query_costs",
        "EXISTS DATABASE spanledger",
        "EXPLAIN SELECT 1",
        "EXPLAIN AST SELECT 1",
        "EXPLAIN SYNTAX SELECT 1",
        "EXPLAIN QUERY TREE SELECT 1",
        "EXPLAIN PLAN header = 1, actions = 1 SELECT 1",
        "EXPLAIN PIPELINE WITH 1 AS x SELECT x",
        "EXPLAIN ESTIMATE SELECT * FROM query_costs",
        "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t",
        "SELECT team, sum(cost) OVER (PARTITION BY team ORDER BY at) FROM query_costs LIMIT 1 BY team",
        "SELECT * APPLY toString FROM query_costs LIMIT 1",
        "SELECT quantile(0.5)(cost), countIf(cost IS NULL), sum(cost) FILTER (WHERE team = 'sales') FROM query_costs",
        "SELECT tags['k'], parents[1], CAST(cost AS Nullable(Float64)), at + INTERVAL 1 DAY FROM query_costs LIMIT 1",
        "FROM query_costs SELECT count()",
        "SELECT count() FROM query_costs WHERE team IN ('sales', 'support') AND cost BETWEEN 0 AND 1",
    ],
)
def test_reading_is_allowed(reader: Served, sql: str) -> None:
    answer = reader.http.post("/", content=sql)
    assert answer.status_code == 200, answer.text
