"""Which settings a reader may send: what shapes the answer is applied, what bounds the work is only ever lowered.

Everything else that ClickHouse knows is refused as a read-only server refuses it (164), and what it does not know is 115.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping

from collector.query.errors import QueryError, bad_arguments, refused
from collector.query.limits import Limits

TRANSPORT = frozenset(
    {
        "add_http_cors_header",
        "buffer_size",
        "cancel_http_readonly_queries_on_client_close",
        "client_protocol_version",
        "compress",
        "database",
        "decompress",
        "default_format",
        "enable_http_compression",
        "http_headers_progress_interval_ms",
        "http_make_head_request",
        "http_native_compression_disable_checksumming_on_decompress",
        "http_response_buffer_size",
        "http_wait_end_of_query",
        "http_write_exception_in_output_format",
        "http_zlib_compression_level",
        "max_query_size",
        "network_compression_method",
        "network_zstd_compression_level",
        "password",
        "query",
        "query_id",
        "quota_key",
        "role",
        "send_progress_in_http_headers",
        "session_check",
        "session_id",
        "session_timeout",
        "stacktrace",
        "user",
        "wait_end_of_query",
    },
)
"""Read by the HTTP interface itself, or without meaning here; never shown to the engine."""

SHAPING = (
    r"output_format_\w+|format_csv_\w+|format_tsv_null_representation|format_custom_\w+|formatdatetime_\w+"
    r"|date_time_(input|output)_format|date_time_64_output_format_\w+|interval_output_format|session_timezone"
    r"|join_use_nulls|group_by_use_nulls|join_algorithm|max_block_size|limit|offset|extremes|final|totals_mode"
    r"|union_default_mode|except_default_mode|intersect_default_mode|transform_null_in|asterisk_include_\w+|describe_\w+"
    r"|aggregate_functions_null_for_empty|prefer_column_name_to_alias|cast_\w+|enable_named_columns_in_function_tuple"
    r"|low_cardinality_allow_in_native_format|any_join_distinct_right_table_keys|count_distinct_implementation"
    r"|max_bytes_to_read|log_comment|show_table_uuid_in_table_create_query_if_not_nil"
)
"""Settings that change how an answer is computed or written, and nothing else. `re` compiles it for the first query, and keeps it: it takes
60 ms, for which no command should wait."""

UNSHAPING = r"output_format_schema|output_format_image_\w+|output_format_avro_confluent_\w+"
"""Of those, the ones that write a file, ask another server, or size a picture."""


def ceilings(limits: Limits) -> dict[str, int]:
    """Return the settings that bound a query, with the most that each may be."""
    return {
        "max_execution_time": limits.seconds_max,
        "max_result_rows": limits.result_rows_max,
        "max_result_bytes": limits.result_bytes_max,
        "max_rows_to_read": limits.read_rows_max,
        "max_memory_usage": limits.memory_bytes_max,
        "max_temporary_data_on_disk_size_for_query": limits.temporary_bytes_max,
        "max_threads": limits.threads_max,
    }


IGNORED = (
    r"select_sequential_consistency|load_balancing|prefer_localhost_replica|priority|workload|log_queries|send_logs_level"
    r"|(http_)?(connect|receive|send)_timeout|tcp_keep_alive_timeout"
    r"|(async_|wait_for_async_)insert|insert_\w+|max_insert_\w+|min_insert_\w+|input_format_\w+"
    r"|(allow_experimental|enable)_\w+_type|(allow_experimental|enable)_analyzer|use_query_cache|opentelemetry_\w+"
)
"""What clients send to every server, and what means nothing here: of replicas, of writing, of connections, of types that are known
anyway. Taken and not passed on."""


_OVERFLOW = {"timeout_overflow_mode": "throw", "result_overflow_mode": "throw", "read_overflow_mode": "throw"}
"""An answer is whole or an error: a total over the rows that happened to fit is a wrong total."""


def reader_settings(asked: Mapping[str, str], limits: Limits, known: Collection[str]) -> dict[str, str]:
    """Return what to set for a reader who asked for `asked`; `known` are the engine's setting names.

    Raises QueryError 115 for a setting that does not exist, 164 for one that a reader may not change.
    """
    most = ceilings(limits)
    given = {name: str(value) for name, value in most.items()} | _OVERFLOW
    given["max_threads"] = str(min(limits.threads_max, os.cpu_count() or 1))
    if _wants_first_rows(asked, most["max_result_rows"]):
        given |= {"result_overflow_mode": "break", "max_result_bytes": "0"}  # bytes are counted again before they are sent
        asked = {name: value for name, value in asked.items() if name not in ("result_overflow_mode", "max_result_bytes")}
    for name, value in asked.items():
        if name in most:
            given[name] = _lowered(name, value, most[name])
        elif _changeable(name, value):
            given[name] = value
        elif not (_without_effect(name, value) or re.fullmatch(IGNORED, name)):
            raise _refusal(name, known)
    return given


def _wants_first_rows(asked: Mapping[str, str], rows_max: int) -> bool:
    """Whether the client names how many rows it wants of the result, as JDBC's `setMaxRows` does: then it knows that more may follow."""
    rows = asked.get("max_result_rows", "")
    return asked.get("result_overflow_mode") == "break" and rows.isdecimal() and 0 < int(rows) <= rows_max


def changeable_sql() -> str:
    """Return a ClickHouse expression over a setting's `name`: whether a reader may send it."""
    bounds = "|".join(sorted(ceilings(Limits())))
    transport = "|".join(sorted(TRANSPORT))
    return f"match(name, '^({_quoted(SHAPING)}|{_quoted(IGNORED)}|{bounds}|{transport})$') AND NOT match(name, '^({_quoted(UNSHAPING)})$')"


def _quoted(pattern: str) -> str:
    return pattern.replace("\\", "\\\\")


def _changeable(name: str, value: str) -> bool:
    return bool(re.fullmatch(SHAPING, name)) and not re.fullmatch(UNSHAPING, name) and len(value) <= SETTING_BYTES_MAX


SETTING_BYTES_MAX = 4096
"""A format string or a time zone; nothing longer is one."""


def _without_effect(name: str, value: str) -> bool:
    """What asks for no more than is already so: being read-only, and failing on overflow."""
    return name in TRANSPORT or (name == "readonly" and value in ("1", "2")) or _OVERFLOW.get(name) == value


def _lowered(name: str, value: str, most: int) -> str:
    """The lower of the two; 0 means no limit to ClickHouse, and so the highest here."""
    try:
        wanted = float(value)
    except ValueError:
        raise bad_arguments(f"Setting {name} must be a number, not {value!r}") from None
    if not 0 < wanted < most:
        return str(most)
    return str(wanted if name == "max_execution_time" else max(int(wanted), 1))


def _refusal(name: str, known: Collection[str]) -> QueryError:
    if name in known:
        return refused(f"Cannot modify '{name}' setting in readonly mode")
    return QueryError(115, "UNKNOWN_SETTING", f"Unknown setting '{name}'")
