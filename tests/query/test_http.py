"""The interface as any HTTP client sees it: formats, parameters, databases, headers, compression, errors."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from pathlib import Path

import chdb
import httpx
import lz4.frame
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd

from collector.query import blocks

from .conftest import DATABASE, ROWS, Served


@pytest.mark.parametrize("path", ["/", "/ping", "/replicas_status"])
def test_health(reader: Served, path: str) -> None:
    assert reader.http.get(path).text == "Ok.\n"
    head = reader.http.head(path)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    ("in_url", "body"),
    [("SELECT 1, 'a'", b""), ("", b"SELECT 1, 'a'"), ("SELECT 1,", b"'a'"), ("SELECT", b"1, -- one\n'a';\n")],
)
def test_query_in_the_url_in_the_body_or_in_both(reader: Served, in_url: str, body: bytes) -> None:
    assert reader.http.post("/", params={"query": in_url} if in_url else {}, content=body).text == "1\ta\n"


def test_query_by_get(reader: Served) -> None:
    assert reader.http.get("/", params={"query": "SELECT count() FROM query_costs"}).text == f"{ROWS}\n"


@pytest.mark.parametrize(
    ("sql", "format_sent", "header_sent", "shown", "expected"),
    [
        ("SELECT 1 AS a", None, None, "TabSeparated", "1\n"),
        ("SELECT 1 AS a", "CSVWithNames", None, "CSVWithNames", '"a"\n1\n'),
        ("SELECT 1 AS a", None, "JSONEachRow", "JSONEachRow", '{"a":1}\n'),
        ("SELECT 1 AS a FORMAT JSONCompactEachRow", "CSV", "TSV", "JSONCompactEachRow", "[1]\n"),
        ("SELECT 1 AS a FORMAT TSVWithNames SETTINGS max_threads = 1", None, None, "TSVWithNames", "a\n1\n"),
        ("SELECT 1 AS format ORDER BY format ASC", None, None, "TabSeparated", "1\n"),
        ("SELECT 1 AS a FORMAT Null", None, None, "Null", ""),
    ],
)
def test_format(*, reader: Served, sql: str, format_sent: str | None, header_sent: str | None, shown: str, expected: str) -> None:
    params = {"default_format": format_sent} if format_sent else {}
    headers = {"X-ClickHouse-Format": header_sent} if header_sent else {}
    answer = reader.http.post("/", params=params, headers=headers, content=sql)
    assert (answer.text, answer.headers["X-ClickHouse-Format"]) == (expected, shown)


def test_json_has_meta_rows_and_content_type(reader: Served) -> None:
    answer = reader.http.post("/", content="SELECT toDecimal128('0.1', 12) AS cost, toUInt64(1) AS n FORMAT JSON")
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert answer.json()["meta"] == [{"name": "cost", "type": "Decimal(38, 12)"}, {"name": "n", "type": "UInt64"}]
    assert answer.json()["rows"] == 1


def test_binary_formats(reader: Served) -> None:
    sql = "SELECT number, toString(number) AS s FROM numbers(3)"
    assert reader.http.post("/", content=f"{sql} FORMAT Parquet").content[:4] == b"PAR1"
    parquet = pq.read_table(io.BytesIO(reader.http.post("/", content=f"{sql} FORMAT Parquet").content))
    arrow = pa.ipc.open_stream(reader.http.post("/", content=f"{sql} FORMAT ArrowStream").content).read_all()
    assert parquet.column("number").to_pylist() == arrow.column("number").to_pylist() == [0, 1, 2]
    assert reader.http.post("/", content="SELECT toUInt16(258) FORMAT RowBinary").content == b"\x02\x01"


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        ("0", b"\x02\x01\x01a\x05UInt8\x01\x01b\x06String\x01x"),
        ("54405", b"\x01\x00\x02\xff\xff\xff\xff\x00\x02\x01\x01a\x05UInt8\x01\x01b\x06String\x01x"),
        ("54460", b"\x01\x00\x02\xff\xff\xff\xff\x00\x02\x01\x01a\x05UInt8\x00\x01\x01b\x06String\x00\x01x"),
        ("54480", b"\x01\x00\x02\xff\xff\xff\xff\x03\x00\x00\x02\x01\x01a\x05UInt8\x00\x01\x01b\x06String\x00\x01x"),
    ],
)
def test_native_at_the_revision_asked_for(reader: Served, revision: str, expected: bytes) -> None:
    """The bytes are those of a ClickHouse server."""
    answer = reader.http.post("/", params={"client_protocol_version": revision}, content="SELECT 1 AS a, 'x' AS b FORMAT Native")
    assert answer.content == expected


@pytest.mark.parametrize("sql", ["SHOW TABLES", "DESCRIBE TABLE query_costs", "EXPLAIN SELECT 1", "EXISTS query_costs", "SELECT 1 WHERE 0"])
def test_native_revision_of_what_is_no_plain_select(reader: Served, sql: str) -> None:
    answer = reader.http.post("/", params={"client_protocol_version": "54460", "default_format": "Native"}, content=sql)
    assert answer.status_code == 200, answer.text
    assert answer.content[:2] == (b"" if sql.endswith("0") else b"\x01\x00")


def test_native_revision_keeps_order_and_every_block(reader: Served) -> None:
    sql = "SELECT number AS n, 'v' || toString(number) AS s FROM numbers(200000) ORDER BY n DESC SETTINGS max_block_size = 1000"
    plain = reader.http.post(
        "/", params={"default_format": "RowBinary"}, content=f"SELECT s FROM ({sql.partition(' SETTINGS')[0]})"
    ).content
    framed = reader.http.post("/", params={"default_format": "Native", "client_protocol_version": "54460"}, content=sql).content
    blocks = framed.split(b"\x01\x00\x02\xff\xff\xff\xff\x00\x02")[1:]
    strings = b"".join(block.partition(b"\x01s\x06String\x00")[2] for block in blocks)
    assert len(blocks) > 1
    assert strings == plain


def test_native_revision_beyond_ours_is_refused(reader: Served) -> None:
    answer = reader.http.post("/", params={"client_protocol_version": "54511"}, content="SELECT 1 FORMAT Native")
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (501, "48")


@pytest.mark.parametrize(
    ("type_", "sent", "expected"),
    [
        ("String", "plain", "plain"),
        ("String", "it's", "it's"),
        ("String", "a\\tb\\\\c\\nd", "a\tb\\c\nd"),
        ("String", "'; DROP TABLE query_costs; --", "'; DROP TABLE query_costs; --"),
        ("String", "ü€\U0001f600", "ü€\U0001f600"),
        ("String", "", ""),
        ("Nullable(String)", "\\N", None),
        ("UInt64", "18446744073709551615", 18446744073709551615),
        ("Array(String)", "['a\\'b','c\\td']", ["a'b", "c\td"]),
        ("Map(String, Array(UInt8))", "{'a':[1,2]}", {"a": [1, 2]}),
        ("Date", "2026-10-01", "2026-10-01"),
        ("Decimal(38, 12)", "0.000000000001", 1e-12),
    ],
)
def test_bound_parameters(reader: Served, type_: str, sent: str, expected: object) -> None:
    settings = {"output_format_json_quote_64bit_integers": "0"}
    answer = reader.http.post("/", params={"param_v": sent, **settings}, content=f"SELECT {{v:{type_}}} AS v FORMAT JSONEachRow")
    assert answer.json() == {"v": expected}


def test_parameters_in_a_form(reader: Served) -> None:
    form = {
        "query": (None, "SELECT {a:String} AS a, {b:UInt8} AS b FORMAT JSONEachRow"),
        "param_a": (None, "x\\ny"),
        "param_b": (None, "7"),
    }
    assert reader.http.post("/", files=form).json() == {"a": "x\ny", "b": 7}


def test_external_tables_are_refused(reader: Served) -> None:
    files = {"query": (None, "SELECT * FROM x"), "x": ("x.tsv", b"1\n")}
    answer = reader.http.post("/", params={"x_structure": "a Int"}, files=files)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (501, "48")


def test_identifier_parameters(reader: Served) -> None:
    params = {"param_t": "query_costs", "param_d": DATABASE}
    assert reader.http.post("/", params=params, content="SELECT count() FROM {d:Identifier}.{t:Identifier}").text == f"{ROWS}\n"


@pytest.mark.parametrize(
    ("params", "headers", "expected"),
    [
        ({}, {}, DATABASE),
        ({"database": "system"}, {}, "system"),
        ({}, {"X-ClickHouse-Database": "system"}, "system"),
        ({"database": "default"}, {}, DATABASE),  # what clients send whose user named no database
    ],
)
def test_database(reader: Served, params: dict[str, str], headers: dict[str, str], expected: str) -> None:
    assert reader.http.post("/", params=params, headers=headers, content="SELECT currentDatabase()").text == f"{expected}\n"


def test_headers(reader: Served) -> None:
    answer = reader.http.post("/", params={"query_id": "mine-1"}, content="SELECT count() FROM query_costs")
    assert answer.headers["X-ClickHouse-Query-Id"] == "mine-1"
    assert answer.headers["X-ClickHouse-Timezone"]
    assert answer.headers["X-ClickHouse-Server-Display-Name"]
    summary = json.loads(answer.headers["X-ClickHouse-Summary"])
    assert summary["result_rows"] == "1"
    assert int(summary["read_rows"]) >= 1
    assert {"read_bytes", "written_rows", "written_bytes", "total_rows_to_read", "elapsed_ns", "result_bytes"} <= set(summary)


def test_query_id_is_made_up_where_none_fits(reader: Served) -> None:
    made = [
        reader.http.post("/", params={"query_id": sent}, content="SELECT 1").headers["X-ClickHouse-Query-Id"] for sent in ("", "a\r\nb")
    ]
    assert all(len(identity) == 36 for identity in made)


def test_name_and_password_are_ignored(reader: Served) -> None:
    headers = {"X-ClickHouse-User": "someone", "X-ClickHouse-Key": "secret"}
    assert reader.http.post("/", headers=headers, content="SELECT 1").text == "1\n"
    assert reader.http.post("/", auth=("someone", "secret"), content="SELECT 1").text == "1\n"
    assert reader.http.post("/", params={"user": "someone", "password": "secret"}, content="SELECT 1").text == "1\n"


_UNPACK = {"gzip": gzip.decompress, "deflate": zlib.decompress, "zstd": zstd.decompress, "lz4": lz4.frame.decompress}
_PACK = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstd.compress, "lz4": lz4.frame.compress}


@pytest.mark.parametrize("coding", _UNPACK)
def test_compressed_answers(reader: Served, coding: str) -> None:
    sql = "SELECT 'row', number FROM numbers(1000)"
    plain = reader.http.post("/", content=sql).content
    request = {"params": {"enable_http_compression": "1"}, "headers": {"Accept-Encoding": f"br, {coding}"}}
    with reader.http.stream("POST", "/", content=sql, **request) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["Content-Encoding"] == coding
    assert _UNPACK[coding](packed) == plain
    assert len(packed) < len(plain)


def test_no_compression_unless_asked_for(reader: Served) -> None:
    assert "Content-Encoding" not in reader.http.post("/", content="SELECT 1", headers={"Accept-Encoding": "gzip"}).headers


@pytest.mark.parametrize("coding", _PACK)
def test_compressed_requests(reader: Served, coding: str) -> None:
    packed = _PACK[coding](b"SELECT 42")
    assert reader.http.post("/", content=packed, headers={"Content-Encoding": coding}).text == "42\n"
    damaged = reader.http.post("/", content=packed[:-6], headers={"Content-Encoding": coding})
    assert damaged.headers["X-ClickHouse-Exception-Code"] == "271"


def test_unknown_request_coding(reader: Served) -> None:
    answer = reader.http.post("/", content=b"SELECT 1", headers={"Content-Encoding": "snappy"})
    assert answer.headers["X-ClickHouse-Exception-Code"] == "89"


def test_blocks_are_those_of_clickhouse(store: Path) -> None:
    """The engine writes its parts on disk in the same blocks."""
    owner = chdb.connect(str(store.resolve()))
    owner.query(
        "CREATE TABLE IF NOT EXISTS spanledger.packed (a UInt8) ENGINE = MergeTree ORDER BY () SETTINGS min_bytes_for_wide_part = 0"
    )
    owner.query("INSERT INTO spanledger.packed SELECT number % 9 FROM numbers(1000)")
    [folder] = owner.query("SELECT any(path) FROM system.parts WHERE table = 'packed' AND active", "TSV").bytes().decode().split()
    written = (Path(folder) / "a.bin").read_bytes()
    owner.query("DROP TABLE spanledger.packed SYNC")
    owner.close()
    text = bytes(number % 9 for number in range(1000))
    assert blocks.unpack(written, 10_000) == text
    assert blocks.pack(text) != text
    assert blocks.unpack(blocks.pack(text), 10_000) == text


def test_answers_and_errors_in_blocks(reader: Served) -> None:
    answer = reader.http.post("/", params={"compress": "1"}, content="SELECT number FROM numbers(300000)")
    assert blocks.unpack(answer.content, 4_000_000).count(b"\n") == 300_000
    failed = reader.http.post("/", params={"compress": "1"}, content="SELECT nothing")
    assert failed.status_code == 404
    assert b"UNKNOWN_IDENTIFIER" in blocks.unpack(failed.content, 4_000)


def test_requests_in_blocks(reader: Served) -> None:
    packed = blocks.pack(b"SELECT 42")
    assert reader.http.post("/", params={"decompress": "1"}, content=packed).text == "42\n"
    for broken in (packed[:-1], packed[:20], b"SELECT 42", packed[:16] + b"\x99" + packed[17:], b"x" * 16 + packed[16:]):
        answer = reader.http.post("/", params={"decompress": "1"}, content=broken)
        assert answer.headers["X-ClickHouse-Exception-Code"] in ("271", "229")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8123", "[::1]:8123", "localhost", "LOCALHOST:1", "spanledger:8123", "a.localhost"]
)
def test_hosts_that_cannot_be_taken_over(reader: Served, host: str) -> None:
    assert reader.http.post("/", content="SELECT 1", headers={"Host": host}).text == "1\n"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8123", "127.0.0.1.evil.example", "localhost.evil.example."])
def test_a_name_of_the_web_is_refused(reader: Served, host: str) -> None:
    answer = reader.http.post("/", content="SELECT 1", headers={"Host": host})
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (403, "516")
    assert "sql.hosts" in answer.text


def test_errors_name_no_address(reader: Served) -> None:
    for sql in ("SELECT toUInt8('https://user:secret@example.com/x')", "SELECT throwIf(1, 'see http://example.com/?key=secret')"):
        answer = reader.http.post("/", content=sql)
        assert answer.status_code >= 400
        assert "example.com" not in answer.text
        assert "secret" not in answer.text


def test_the_first_rows_where_a_client_names_how_many(reader: Served) -> None:
    """As JDBC's setMaxRows asks; without a number, a result is whole or an error."""
    asked = {"max_result_rows": "10", "result_overflow_mode": "break", "max_block_size": "10"}
    answer = reader.http.post("/", params=asked, content="SELECT number FROM numbers(100000)")
    assert answer.text.startswith("0\n1\n2\n")
    assert answer.text.count("\n") < 100_000
    refused = reader.http.post("/", params={"result_overflow_mode": "break"}, content="SELECT 1")
    assert refused.headers["X-ClickHouse-Exception-Code"] == "164"


@pytest.mark.parametrize(
    ("sql", "params", "status", "code", "name"),
    [
        ("SELECT * FROM nope", {}, 404, 60, "UNKNOWN_TABLE"),
        ("SELECT nope FROM query_costs", {}, 404, 47, "UNKNOWN_IDENTIFIER"),
        ("SELECT nope(1)", {}, 404, 46, "UNKNOWN_FUNCTION"),
        ("SELECT 1", {"database": "nope"}, 404, 81, "UNKNOWN_DATABASE"),
        ("SELECT 1 FROM", {}, 400, 62, "SYNTAX_ERROR"),
        ("", {}, 400, 62, "SYNTAX_ERROR"),
        ("SELECT 1; SELECT 2", {}, 400, 62, "SYNTAX_ERROR"),
        ("SELECT 1 FORMAT Nope", {}, 404, 73, "UNKNOWN_FORMAT"),
        ("SELECT 1", {"default_format": "Nope"}, 404, 73, "UNKNOWN_FORMAT"),
        ("SELECT 1", {"default_format": "dataframe"}, 404, 73, "UNKNOWN_FORMAT"),
        ("SELECT 1", {"nope": "1"}, 404, 115, "UNKNOWN_SETTING"),
        ("SELECT 1 SETTINGS nope = 1", {}, 404, 115, "UNKNOWN_SETTING"),
        ("SELECT {a:String}", {}, 500, 456, "UNKNOWN_QUERY_PARAMETER"),
        ("SELECT {a:String}", {"param_a": "x\ty"}, 500, 457, "BAD_QUERY_PARAMETER"),
        ("SELECT throwIf(1)", {}, 500, 395, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"),
        ("SELECT toUInt8('x')", {}, 400, 6, "CANNOT_PARSE_TEXT"),
    ],
)
def test_errors_are_clickhouse_s(*, reader: Served, sql: str, params: dict[str, str], status: int, code: int, name: str) -> None:
    answer = reader.http.post("/", params=params, content=sql)
    assert answer.status_code == status
    assert answer.headers["X-ClickHouse-Exception-Code"] == str(code)
    assert answer.text.startswith(f"Code: {code}. DB::Exception: ")
    assert f" ({name}) (version 2" in answer.text
    assert "formatQuery" not in answer.text


def test_text_that_is_not_utf8(reader: Served) -> None:
    for sql in (b"SELECT '\xff'", b"SELECT '\\xff'"):
        assert reader.http.post("/", content=sql).headers["X-ClickHouse-Exception-Code"] == "36"


def test_no_other_path(reader: Served) -> None:
    assert reader.http.get("/play").status_code == 404


def test_settings_that_shape_the_answer(reader: Served) -> None:
    big = "SELECT toUInt64(1) AS n FORMAT JSONEachRow"
    quoted = {"output_format_json_quote_64bit_integers": "1"}
    assert reader.http.post("/", params=quoted, content=big).json() == {"n": "1"}
    assert reader.http.post("/", content=f"{big} SETTINGS output_format_json_quote_64bit_integers = 1").json() == {"n": "1"}
    in_tokyo = reader.http.post("/", params={"session_timezone": "Asia/Tokyo"}, content="SELECT toString(toDateTime(0))")
    assert in_tokyo.text == "1970-01-01 09:00:00\n"


def test_what_clients_send_without_being_asked(reader: Served) -> None:
    params = {
        "wait_end_of_query": "1",
        "send_progress_in_http_headers": "1",
        "http_headers_progress_interval_ms": "120000",
        "cancel_http_readonly_queries_on_client_close": "1",
        "date_time_input_format": "best_effort",
        "cast_string_to_dynamic_use_inference": "1",
        "output_format_json_quote_64bit_integers": "1",
        "max_execution_time": "60",
        "session_id": "s",
        "session_timeout": "60",
        "session_check": "0",
        "role": "r",
        "quota_key": "q",
        "buffer_size": "1048576",
        "log_comment": "dashboard",
        "readonly": "1",
        "compress": "0",
        "select_sequential_consistency": "1",
        "allow_experimental_json_type": "1",
        "enable_time_time64_type": "1",
        "send_logs_level": "none",
        "async_insert": "1",
        "wait_for_async_insert": "1",
        "insert_deduplicate": "0",
        "receive_timeout": "30",
        "input_format_binary_read_json_as_string": "1",
        "output_format_binary_write_json_as_string": "1",
    }
    answer = reader.http.post("/", params=params, content="SELECT getSetting('max_execution_time')")
    assert answer.text == "30\n"


def test_one_request_leaves_nothing_for_the_next(reader: Served) -> None:
    asked = {"max_result_rows": "5", "session_timezone": "Asia/Tokyo", "database": "system"}
    sql = "SELECT getSetting('max_result_rows'), getSetting('session_timezone'), currentDatabase()"
    assert reader.http.post("/", params=asked, content=sql).text == "5\tAsia/Tokyo\tsystem\n"
    assert reader.http.post("/", content=sql).text == f"1000000\t\t{DATABASE}\n"


def test_connections_are_kept(reader: Served) -> None:
    assert isinstance(reader.http, httpx.Client)
    assert all(reader.http.post("/", content="SELECT 1").text == "1\n" for _ in range(20))
