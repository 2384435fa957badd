"""Sessions that coding agents keep on disk: each answer is billed once, whatever file repeats it, and in whatever order files come.

`transcripts/` was written by Claude Code 2.1.332, and by Codex 0.171 and 0.100 (which kept running totals only, and copied them into a
forked session), against the fake provider of tests/emitters/capture, which for `-requests` named
its requests; long texts are cut, lines without usage are left out. `-beside` is a session of Codex and what its telemetry told of it
meanwhile: log events, and of the newer one also spans, those with usage and what stands above them.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from attribution.attribute import attribute
from attribution.errors import ConfigurationError, RefusedError
from attribution.reports import report
from attribution.storage import Store
from collector.config import Config
from collector.importing import FORMATS, import_files
from collector.importing.spans import Record
from collector.importing.values import as_time
from collector.processor import Processor
from collector.receiver.logs import take_logs
from collector.receiver.otlp_json import to_protobuf
from collector.receiver.signals import LOGS, TRACES
from collector.receiver.validation import Window, validate
from collector.spool import LOG, SPAN, Delivery
from tests.attribution.otlp import exporter_to
from tests.attribution.test_signals import log_delivery

HERE = Path(__file__).parent / "transcripts"
CONFIG = Config.parse({"pricing": {"update": False}})
PER = Decimal(10) ** -6
OF_SONNET = (100 * 3 + 2000 * Decimal("0.3") + 300 * Decimal("3.75") + 50 * 6 + 200 * 15) * PER
AGAIN_OF_SONNET = (80 * 3 + 2350 * Decimal("0.3") + 60 * 15) * PER
OF_GPT_5 = (500 * Decimal("1.25") + 500 * Decimal("0.125") + 300 * 10) * PER
AGAIN_OF_GPT_5 = (300 * Decimal("1.25") + 1000 * Decimal("0.125") + 90 * 10) * PER
"""What the provider said was used, at the list prices: a call with a tool, and those that follow."""
SESSIONS = [
    ("claude-code", "claude-code-2.1", "0e0e2465-5554-423e-80fa-3f1165ab8f40", OF_SONNET, AGAIN_OF_SONNET),
    ("codex", "codex-0.171", "01a224fd-dc91-70c3-8da2-4986be69ac0f", OF_GPT_5, AGAIN_OF_GPT_5),
    ("codex", "codex-0.100", "01a22500-a2e0-75d2-bd1e-f0ab37faf0b6", OF_GPT_5, AGAIN_OF_GPT_5),
]


def lines(*rows: Any) -> Iterable[Any]:
    return enumerate(rows, 1)


def told(name: str, *rows: Any) -> list[Record | str]:
    return [each for _, each in FORMATS[name](lines(*rows))]


def rows_in(name: str) -> list[Any]:
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("name", "files", "session", "first", "later"), SESSIONS, ids=[each[1] for each in SESSIONS])
def test_a_session_and_its_fork_are_billed_once(
    store: Store, tmp_path: Path, name: str, files: str, session: str, first: Decimal, later: Decimal
) -> None:
    """The fork comes first, then the session, then the folder of both."""
    for file in (f"{files}-fork.jsonl", f"{files}.jsonl"):
        (tmp_path / "projects").mkdir(exist_ok=True)
        shutil.copy(HERE / file, tmp_path / "projects" / file)
        assert import_files(store, CONFIG, [tmp_path / "projects" / file], name, "import").refused == []
    attribute(store, CONFIG)
    for _ in range(2):
        assert sum(line.total for line in report(store, "agent").lines) == first + 3 * later
        assert import_files(store, CONFIG, [tmp_path / "projects"], name, "import").refused == []
        assert attribute(store, CONFIG).postings == 0
    for dimension in ("agent", "workflow"):
        assert [line.value for line in report(store, dimension).lines if line.total] == [name]
    paid = {row["session"]: row["usd"] for row in store.query("SELECT session, sum(cost) AS usd FROM attributed_spans GROUP BY session")}
    assert sum(paid.values()) == first + 3 * later
    assert len(paid) == 2
    if name == "claude-code":
        assert paid[session] == first + 2 * later, "an answer stays with the session that asked for it"
    assert {row["project"] for row in store.query("SELECT DISTINCT project FROM attributed_spans")} == {"forecast"}
    assert store.query("SELECT * FROM audits") == []
    assert store.query("SELECT count() AS n FROM missing") == [{"n": 0}]


REQUESTS = [f"req_{number}" for number in range(3)]


def session_with_requests(path: Path) -> list[Any]:
    """The session as a provider that names its requests makes it be written, and its log events, by the sender `laptops`."""
    rows = rows_in("claude-code-2.1")
    answers = [row for row in rows if row["type"] == "assistant"]
    events = []
    for request, row in zip(REQUESTS, answers, strict=True):
        row["requestId"] = request
        usage = row["message"]["usage"]
        event = {
            "event.name": "api_request",
            "session.id": row["sessionId"],
            "request_id": request,
            "model": row["message"]["model"],
            "user.id": "ada",
            "duration_ms": 900,
            "input_tokens": usage["input_tokens"],
            "output_tokens": usage["output_tokens"],
            "cache_read_tokens": usage["cache_read_input_tokens"],
            "cache_creation_tokens": usage["cache_creation_input_tokens"],
            "cache_creation_1h_tokens": usage["cache_creation"]["ephemeral_1h_input_tokens"],
        }
        events.append(log_delivery(event, at=as_time(row["timestamp"])))
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return events


@pytest.mark.parametrize("telemetry_first", [True, False])
@pytest.mark.parametrize("gateway", [True, False])
def test_what_telemetry_told_as_well_is_billed_once(store: Store, tmp_path: Path, *, telemetry_first: bool, gateway: bool) -> None:
    """Under the telemetry's sender, or where the import is a gateway; whichever comes first."""
    config = Config.parse({"pricing": {"update": False}, "senders": {"import": {"gateway": gateway}}})
    events = session_with_requests(tmp_path / "session.jsonl")
    steps: list[Callable[[], object]] = [
        lambda: exporter_to(store).export([Processor(config).process(event) for event in events]),
        lambda: import_files(store, config, [tmp_path], "claude-code", "import" if gateway else "laptops"),
    ]
    for step in steps if telemetry_first else steps[::-1]:
        step()
        attribute(store, config)
        assert sum(line.total for line in report(store, "agent").lines) == OF_SONNET + 2 * AGAIN_OF_SONNET
    assert store.query("SELECT uniqExact(call_id) AS calls, count() AS records FROM attributed_spans") == [{"calls": 3, "records": 6}]
    assert store.query("SELECT * FROM audits") == []


def test_the_real_program_names_the_request_in_both(store: Store) -> None:
    """What Claude Code 2.1.332 kept, and sent by telemetry, of one answer that came with the header `request-id`."""
    body = (HERE / "claude-code-2.1-requests-telemetry.json").read_bytes()
    taken = take_logs(to_protobuf(body, LOGS), Window())
    exporter_to(store).export([Processor(CONFIG).process(Delivery(1, 7, taken.spans, {}, taken.body, "laptops", LOG))])
    import_files(store, CONFIG, [HERE / "claude-code-2.1-requests.jsonl"], "claude-code", "laptops")
    attribute(store, CONFIG)
    assert store.query("SELECT uniqExact(call_id) AS calls, groupUniqArray(response_id) AS ids FROM attributed_spans") == [
        {"calls": 1, "ids": ["req_001"]}
    ]
    assert sum(line.total for line in report(store, "agent").lines) == OF_SONNET


@pytest.mark.parametrize("telemetry_first", [True, False])
def test_an_answer_whose_request_nobody_names_is_known_by_session_counts_and_time(
    store: Store, tmp_path: Path, *, telemetry_first: bool
) -> None:
    """A proxy took the header away, of which both have it."""
    sent = json.loads((HERE / "claude-code-2.1-requests-telemetry.json").read_text(encoding="utf-8"))
    for event in sent["resourceLogs"][0]["scopeLogs"][0]["logRecords"]:
        event["attributes"] = [each for each in event["attributes"] if each["key"] != "request_id"]
    rows = [{name: held for name, held in row.items() if name != "requestId"} for row in rows_in("claude-code-2.1-requests")]
    (tmp_path / "session.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    taken = take_logs(to_protobuf(json.dumps(sent).encode(), LOGS), Window())
    event = Processor(CONFIG).process(Delivery(1, 7, taken.spans, {}, taken.body, "laptops", LOG))
    steps: list[Callable[[], object]] = [
        lambda: exporter_to(store).export([event]),
        lambda: import_files(store, CONFIG, [tmp_path], "claude-code", "laptops"),
    ]
    for step in steps if telemetry_first else steps[::-1]:
        step()
        attribute(store, CONFIG)
        assert sum(line.total for line in report(store, "agent").lines) == OF_SONNET
    assert store.query("SELECT uniqExact(call_id) AS calls, count() AS records FROM attributed_spans") == [{"calls": 1, "records": 2}]


def test_what_another_sender_told_is_no_call_of_the_session(store: Store, tmp_path: Path) -> None:
    events = session_with_requests(tmp_path / "session.jsonl")
    exporter_to(store).export([Processor(CONFIG).process(event) for event in events])
    import_files(store, CONFIG, [tmp_path], "claude-code", "import")
    attribute(store, CONFIG)
    assert sum(line.total for line in report(store, "agent").lines) == 2 * (OF_SONNET + 2 * AGAIN_OF_SONNET)


BOTH = OF_GPT_5 + 2 * AGAIN_OF_GPT_5
"""What the session beside telemetry cost: two turns, of two requests and of one."""


def telemetry(store: Store, name: str, sender: str = "laptops") -> None:
    """What Codex sent meanwhile."""
    body = (HERE / f"{name}.json").read_bytes()
    if name.endswith("logs"):
        taken, signal = take_logs(to_protobuf(body, LOGS), Window()), LOG
    else:
        taken, signal = validate(to_protobuf(body, TRACES), Window()), SPAN
    exporter_to(store).export([Processor(CONFIG).process(Delivery(1, 7, taken.spans, {}, taken.body, sender, signal))])


GATEWAY = Config.parse({"pricing": {"update": False}, "senders": {"proxy": {"gateway": True}}})


@pytest.mark.parametrize(
    ("files", "told", "telemetry_first", "config"),
    [
        ("codex-0.171-beside", ["logs"], True, CONFIG),
        ("codex-0.171-beside", ["logs"], False, GATEWAY),
        ("codex-0.171-beside", ["spans"], True, GATEWAY),
        ("codex-0.171-beside", ["spans"], False, CONFIG),
        ("codex-0.171-beside", ["logs", "spans"], True, CONFIG),
        ("codex-0.171-beside", ["logs", "spans"], False, CONFIG),
        ("codex-0.100-beside", ["logs"], True, CONFIG),
        ("codex-0.100-beside", ["logs"], False, CONFIG),
    ],
)
def test_what_telemetry_of_codex_told_as_well_is_billed_once(
    store: Store,
    files: str,
    told: list[str],
    telemetry_first: bool,
    config: Config,
) -> None:
    """Whichever comes first: what both tell is one call by session, counts and time, and of two equal answers each is its own."""
    steps: list[Callable[[], object]] = [
        lambda: [(telemetry(store, f"{files}-{signal}"), attribute(store, config)) for signal in told],
        lambda: import_files(store, config, [HERE / f"{files}.jsonl"], "codex", "laptops"),
    ]
    for step in steps if telemetry_first else steps[::-1]:
        step()
        attribute(store, config)
        assert sum(line.total for line in report(store, "agent").lines) == BOTH
    calls = store.query("SELECT uniqExact(call_id) AS calls, countIf(call_id != '') AS records FROM attributed_spans WHERE call_id != ''")
    assert calls == [{"calls": 3, "records": 3 + 3 * len(told)}]
    assert import_files(store, config, [HERE / f"{files}.jsonl"], "codex", "laptops").rows == 3
    assert attribute(store, config).postings == 0
    assert store.query("SELECT * FROM audits") == []


@pytest.mark.both_engines
@pytest.mark.parametrize("told", ["logs", "spans"])
def test_what_another_sender_told_before_is_left_out_by_name(store: Store, told: str) -> None:
    """Two senders never tell one call."""
    telemetry(store, f"codex-0.171-beside-{told}", "others")
    for _ in range(2):
        done = import_files(store, CONFIG, [HERE / "codex-0.171-beside.jsonl"], "codex", "laptops")
        assert (done.rows, done.refused) == (0, [])
        assert list(done.told.values()) == [3]
        attribute(store, CONFIG)
        assert sum(line.total for line in report(store, "agent").lines) == BOTH
    session = next(iter(done.told))
    assert f'"id": "{session}"' in (HERE / "codex-0.171-beside.jsonl").read_text(encoding="utf-8")


def test_spans_that_say_no_session_yet_leave_a_row_out(store: Store) -> None:
    """Who is above them, and says it, may never come."""
    telemetry(store, "codex-0.171-beside-spans")
    done = import_files(store, CONFIG, [HERE / "codex-0.171-beside.jsonl"], "codex", "laptops")
    assert (done.rows, list(done.told.values())) == (0, [3])
    attribute(store, CONFIG)
    assert sum(line.total for line in report(store, "agent").lines) == BOTH


def test_only_what_telemetry_told_is_left_out(store: Store) -> None:
    """It was switched on after the first turn."""
    sent = json.loads((HERE / "codex-0.171-beside-logs.json").read_text(encoding="utf-8"))
    events = sent["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    del events[:4]
    taken = take_logs(to_protobuf(json.dumps(sent).encode(), LOGS), Window())
    exporter_to(store).export([Processor(CONFIG).process(Delivery(1, 7, taken.spans, {}, taken.body, "others", LOG))])
    done = import_files(store, CONFIG, [HERE / "codex-0.171-beside.jsonl"], "codex", "laptops")
    assert (done.rows, list(done.told.values())) == (2, [1])
    attribute(store, CONFIG)
    assert sum(line.total for line in report(store, "agent").lines) == BOTH


def test_copies_in_a_forked_session_are_told_by_the_telemetry_of_the_first(store: Store) -> None:
    """Their rows do not say when the answers ended, but that it was after the turn began and before the fork."""
    first = [each for each in told("codex", *rows_in("codex-0.100")) if isinstance(each, Record)]
    events = [
        {
            "event.name": "codex.sse_event",
            "event.kind": "response.completed",
            "conversation.id": call.attributes["session.id"],
            "model": "gpt-5",
            "input_token_count": call.attributes["gen_ai.usage.input_tokens"],
            "output_token_count": call.attributes["gen_ai.usage.output_tokens"],
            "cached_token_count": call.attributes["gen_ai.usage.cache_read.input_tokens"],
        }
        for call in first
    ]
    delivered = [log_delivery(event, at=call.end_ns) for event, call in zip(events, first, strict=True)]
    exporter_to(store).export([Processor(CONFIG).process(event) for event in delivered])
    done = import_files(store, CONFIG, [HERE / "codex-0.100-fork.jsonl"], "codex", "laptops")
    assert (done.rows, dict(done.told)) == (1, {first[0].attributes["session.id"]: 3})
    done = import_files(store, CONFIG, [HERE / "codex-0.100.jsonl"], "codex", "laptops")
    assert (done.rows, done.told) == (3, {})
    attribute(store, CONFIG)
    assert sum(line.total for line in report(store, "agent").lines) == BOTH + AGAIN_OF_GPT_5


def test_a_row_keeps_the_id_of_its_answer(store: Store) -> None:
    """By which a gateway may tell the same call."""
    import_files(store, CONFIG, [HERE / "codex-0.171-beside.jsonl"], "codex", "laptops")
    attribute(store, CONFIG)
    found = store.query("SELECT response_id, signal FROM attributed_spans ORDER BY response_id")
    assert [tuple(row.values()) for row in found] == [(f"resp_codex_cli-{number}", "file") for number in (1, 2, 3)]


def test_it_costs_what_claude_code_says() -> None:
    said = [row["totalCostUSD"] for row in rows_in("claude-code-2.1") if row["type"] == "cost-state"]
    assert Decimal(str(said[-1])) == pytest.approx(OF_SONNET + 2 * AGAIN_OF_SONNET, rel=Decimal("1e-9"))


def test_an_answer_of_several_blocks_is_one_call() -> None:
    (answer,) = [row for row in rows_in("claude-code-2.1") if row["type"] == "assistant"][:1]
    growing = []
    for tokens, second in ((1, 1), (1, 3), (200, 9)):
        message = {**answer["message"], "usage": {**answer["message"]["usage"], "output_tokens": tokens}}
        growing.append({**answer, "message": message, "timestamp": f"2026-11-01T00:00:0{second}Z"})
    (call,) = told("claude-code", *growing)
    assert isinstance(call, Record)
    assert json.loads(str(call.attributes["gen_ai.response.raw"]))["usage"]["output_tokens"] == 200
    assert call.end_ns - call.start_ns == 8 * 10**9


def test_who_bills_is_known_by_the_id_of_the_answer() -> None:
    (answer,) = [row for row in rows_in("claude-code-2.1") if row["type"] == "assistant"][:1]
    for said, provider in (("msg_01", "anthropic"), ("msg_bdrk_01", "aws.bedrock"), ("msg_vrtx_01", "gcp.vertex_ai")):
        (call,) = told("claude-code", {**answer, "message": {**answer["message"], "id": said}})
        assert isinstance(call, Record)
        assert call.attributes["gen_ai.provider.name"] == provider


def test_what_no_provider_said_is_no_call() -> None:
    (answer,) = [row for row in rows_in("claude-code-2.1") if row["type"] == "assistant"][:1]
    own = {**answer, "isApiErrorMessage": True, "message": {**answer["message"], "model": "<synthetic>"}}
    assert told("claude-code", own, {"type": "summary", "summary": "x"}, {**answer, "message": "text"}, {"type": "assistant"}) == []
    assert told("codex", {"type": "event_msg", "payload": {"type": "token_count", "info": None}}, {"type": "compacted"}, {}) == []


def test_what_is_wrong_is_said_and_all_else_is_read() -> None:
    (answer,) = [row for row in rows_in("claude-code-2.1") if row["type"] == "assistant"][:1]
    nameless = {**answer, "uuid": None, "message": {**answer["message"], "id": None}}
    found = told("claude-code", "is no JSON", {**answer, "timestamp": "soon"}, nameless, answer)
    assert [each for each in found if isinstance(each, str)] == ["is no JSON", "'soon' is no time", "the answer has no id"]
    assert len(found) == 4
    usage = {"input_tokens": -1}
    rows = rows_in("codex-0.171")
    wrong = next({**row, "payload": {**row["payload"], "usage": usage}} for row in rows if row["type"] == "token_usage_record")
    assert [each for each in told("codex", "is no JSON", wrong, *rows) if isinstance(each, str)] == [
        "is no JSON",
        "input_tokens: -1 is no count of tokens",
    ]


def test_a_session_that_a_later_codex_goes_on_with_is_read_by_both() -> None:
    """Totals that grew before there were records, then records, whose events tell the same totals again."""
    old, new = rows_in("codex-0.100"), rows_in("codex-0.171")
    begun, total = [], {}
    for row in old:
        begun.append(row)
        if row["payload"].get("info"):
            total = row["payload"]["info"]["total_token_usage"]
    goes_on = [json.loads(json.dumps(row)) for row in new if row["type"] != "session_meta"]
    for row in goes_on:
        for holder, name in ((row["payload"], "thread_token_usage"), (row["payload"].get("info") or {}, "total_token_usage")):
            if name in holder:
                holder[name] = {kind: count + total.get(kind, 0) for kind, count in holder[name].items()}
    calls = told("codex", *begun, *goes_on)
    assert len(calls) == 6
    assert all(isinstance(call, Record) for call in calls)


def test_a_total_without_its_last_part_is_told_by_the_one_before() -> None:
    rows = rows_in("codex-0.100")
    for row in rows:
        if row["payload"].get("info"):
            del row["payload"]["info"]["last_token_usage"]
    calls = [each for each in told("codex", *rows) if isinstance(each, Record)]
    assert [call.attributes["gen_ai.usage.input_tokens"] for call in calls] == [1000, 1300, 1300]
    assert [call.attributes["gen_ai.usage.output_tokens"] for call in calls] == [300, 90, 90]


def test_copies_keep_the_time_of_their_turn() -> None:
    """A fork writes them with its own."""

    def times(name: str) -> dict[str, int]:
        return {call.span: call.start_ns for call in told("codex", *rows_in(name)) if isinstance(call, Record)}

    first, fork = times("codex-0.100"), times("codex-0.100-fork")
    assert len(first) == 3
    assert len(fork) == 4
    assert first.keys() <= fork.keys()
    assert all(fork[span] < at for span, at in first.items()), "what the session itself says of an answer ends later, and counts"
    assert all(at - fork[span] < 10**9 for span, at in first.items())


def test_whatever_a_line_holds_nothing_is_raised() -> None:
    """Lines of every file with members of any type in any place."""
    chance = random.Random(11)
    odd: list[Any] = [None, True, -1, 1.5, "", "x", [], [1], {}, {"a": {}}, "9" * 40, "2026-13-01"]

    def broken(value: Any) -> Any:
        if chance.random() < 0.15:
            return chance.choice(odd)
        if isinstance(value, dict):
            return {name: broken(each) for name, each in value.items()}
        return [broken(each) for each in value] if isinstance(value, list) else value

    for path in sorted(HERE.glob("*.jsonl")):
        for _ in range(60):
            rows = [row if isinstance(row := broken(each), dict) else "is no JSON object" for each in rows_in(path.stem)]
            for name in ("claude-code", "codex"):
                assert all(isinstance(each, Record | str) for each in told(name, *rows))


def test_whose_sessions_they_are_is_said_by_tags(store: Store) -> None:
    import_files(store, CONFIG, [HERE / "codex-0.171.jsonl"], "codex", "import", {"user": "ada", "team": "sales", "project": "other"})
    attribute(store, CONFIG)
    said = store.query("SELECT DISTINCT user, team, project FROM attributed_spans")
    assert said == [{"user": "ada", "team": "sales", "project": "forecast"}], "what a row says itself stays"
    with pytest.raises(ConfigurationError, match="there is no 'boss'; there is team, department"):
        import_files(store, CONFIG, [HERE / "codex-0.171.jsonl"], "codex", "import", {"boss": "eve"})


def test_a_folder_without_sessions_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"there is no file of JSON lines \(.jsonl\) below it"):
        import_files(store, CONFIG, [tmp_path], "codex", "import")
