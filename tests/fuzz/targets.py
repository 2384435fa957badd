"""What is fuzzed, and what must hold of it: whatever comes in is taken or refused with an error of ours, and what was taken is stored."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from attribution.errors import ConfigurationError
from collector.config import Config
from collector.core.core import core
from collector.processor import Processor
from collector.processor.span_records import SpanRecords
from collector.query.errors import QueryError
from collector.query.functions import Functions
from collector.query.guard import check
from collector.receiver.logs import take_logs
from collector.receiver.otlp_json import transcode
from collector.receiver.outcome import RefusalError
from collector.receiver.signals import LOGS, METRICS, TRACES, Signal
from collector.receiver.totals import take_metrics
from collector.receiver.validation import Verdict, Window, validate
from collector.spool import LOG, METRIC, SPAN, Delivery

CORPORA = Path(__file__).parent / "corpora"
MUTATIONS_MAX = 5
SIZE_MAX = 20_000
_TAKE: Mapping[str, tuple[Signal, Callable[[bytes, Window], Verdict], str]] = {
    "traces": (TRACES, validate, SPAN),
    "logs": (LOGS, take_logs, LOG),
    "metrics": (METRICS, take_metrics, METRIC),
}
_FUNCTIONS = Functions(
    known=frozenset({"sum", "max", "count", "arraymap", "file", "remote", "sleep"}),
    table=frozenset({"remote", "file", "url"}),
    combinators=frozenset({"if"}),
)
_EVER = Window()


@cache
def _reading() -> tuple[Processor, SpanRecords, SpanRecords]:
    return (
        Processor(Config(), recipes=True),
        SpanRecords(keep_content=False, core=core(keep_content=False)),
        SpanRecords(keep_content=False),
    )


def bodies(data: bytes) -> None:
    """Bytes as a body, in JSON and in protobuf, of every signal. What is taken is read, priced, and written by core and Python alike."""
    for signal, take, kind in _TAKE.values():
        for decode in (lambda body, signal=signal: transcode(body, signal).body, bytes):
            try:
                verdict = take(decode(data), _EVER)
            except RefusalError:
                continue
            processor, fast, plain = _reading()
            delivery = Delivery(1, 1, verdict.spans, {}, verdict.body, signal=kind)
            # A kind of spans is seen, then seen again, which makes a recipe, and then follows it.
            processed = [processor.process(delivery) for _ in range(3)]
            if kind != METRIC:
                assert fast.block(processed) == plain.block(processed)


def sql(data: bytes) -> None:
    """A statement of a reader is checked or refused."""
    try:
        check(data.decode(errors="replace"), {"c": "team", "t": "costs_by_team", "v": "x"}, _FUNCTIONS, frozenset({"JSONEachRow"}))
    except QueryError:
        return


def configuration(data: bytes) -> None:
    """A file is a configuration, or each thing that is wrong with it is named."""
    with NamedTemporaryFile(suffix=".yaml") as file:
        file.write(data)
        file.flush()
        with suppress(ConfigurationError):
            Config.load(Path(file.name))


TARGETS: Mapping[str, Callable[[bytes], None]] = {"json": bodies, "sql": sql, "configuration": configuration}
"""By the folder of their corpus."""


def corpus(target: str) -> list[bytes]:
    """What a target is fed with and mutated from; of bodies their protobuf too."""
    found = [path.read_bytes() for path in sorted((CORPORA / target).iterdir())]
    if target == "json":
        marks = {"traces": b"resourceSpans", "logs": b"resourceLogs", "metrics": b"resourceMetrics"}
        found += [transcode(body, _TAKE[name][0]).body for body in found for name, mark in marks.items() if mark in body]
    return found


def mutant(seeds: list[bytes], seed: int) -> bytes:
    """One of the corpus, changed in a few places: cut, repeated, overwritten, put together with another one."""
    some = random.Random(seed)
    data = bytearray(some.choice(seeds))
    for _ in range(some.randrange(1, MUTATIONS_MAX + 1)):
        begin, end = sorted(some.randrange(len(data) + 1) for _ in range(2))
        end = min(end, begin + 40)
        other = some.choice(seeds)
        at = some.randrange(len(other) + 1)
        changed = some.choice(
            (
                b"",
                data[begin:end] * 2,
                some.randbytes(end - begin),
                other[at : at + some.randrange(60)],
                _TOKENS[some.randrange(len(_TOKENS))],
            )
        )
        data[begin:end] = changed
    return bytes(data[:SIZE_MAX])


_TOKENS = (
    b'"', b"'", b"`", b"\\", b"{", b"}", b"[", b"]", b"(", b")", b",", b":", b"null", b"true", b"-1", b"1e400", b"18446744073709551616",
    b"\0",
    b"\xff\xfe", b"\xed\xa0\x80", b"*/", b"--", b"$$", b"&a", b"*a", b"<<", b"- ", b"\n", b"\t", b"\x0a\x00", b"\x12\x7f", b"NaN",
)  # fmt: skip
