"""Looks at an installation and says what is wrong with it, and what to do: the configuration, the data folder, the store, the books."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from attribution import pruning, reports
from attribution.errors import SpanledgerError
from attribution.storage import Store
from collector.config import Config
from collector.folder import Folder, open_store
from collector.spool import Depth
from collector.spool.store import Store as SpoolFile
from collector.tls import Certificates

CLOCK_SECONDS_MAX = 5.0
"""Between this machine and the store: leases and months go by both clocks."""
WAITING_SECONDS_MAX = 300.0
"""What has waited for longer does not move."""


Level = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    what: str
    advice: str = ""


def examine(config: Path | None, data: Path, clickhouse: str | None) -> Iterator[Finding]:
    """Look at everything; what cannot be looked at is a finding as well."""
    yield from _guarded(lambda: _configuration(config), "the configuration")
    yield from _guarded(lambda: _folder(Folder(data)), "the data folder")
    if clickhouse or data.exists():
        yield from _guarded(lambda: _store(data, clickhouse, config), "the store")


def _guarded(look: Callable[[], Iterator[Finding]], at: str) -> Iterator[Finding]:
    try:
        yield from look()
    except (SpanledgerError, OSError, sqlite3.Error) as problem:
        yield Finding("wrong", f"{at}: {problem}", "the text says what is wrong")


def _configuration(path: Path | None) -> Iterator[Finding]:
    config = Config.load(path)
    if config.tls.certificate:
        Certificates(config.tls)
    for forward in config.forward:
        forward.all_headers  # noqa: B018  (reads the files)
    yield Finding("ok", f"configuration: {path or 'none, all by default'}")
    if not config.ingest.keys:
        yield Finding("note", "configuration: no ingest keys", "everybody who reaches the ports may send: loopback addresses only")


def _folder(folder: Folder) -> Iterator[Finding]:
    if not folder.path.exists():
        yield Finding("note", f"data folder: {folder.path} is not there yet", "`spanledger serve` makes it; `--data` names another")
        return
    if stat.S_IMODE(folder.path.stat().st_mode) & 0o077:
        yield Finding("wrong", f"data folder: others may enter {folder.path}", f"chmod 700 {folder.path}")
    yield Finding("ok", f"data folder: {folder.path}, a server {'answers' if folder.served() else 'does not run'}")
    for damaged in sorted(folder.path.glob("*.damaged-*")):
        yield Finding(
            "wrong", f"data folder: {damaged.name} was damaged and could not be read as a whole", "keep it for recovery, or delete it"
        )
    if folder.spool.exists():
        with closing(SpoolFile(folder.spool)) as spool:
            yield from _spool(spool.depth(), shutil.disk_usage(folder.path).free)


def _spool(depth: Depth, free_bytes: int) -> Iterator[Finding]:
    waited = 0.0 if depth.oldest_received_ns is None else time.time() - depth.oldest_received_ns / 10**9
    level: Level = "wrong" if waited > WAITING_SECONDS_MAX else "ok"
    yield Finding(
        level,
        f"spool: {depth.requests} requests of {depth.spans} spans wait, the oldest for {waited:.0f} s",
        "" if level == "ok" else "start the server, or see /readyz for why nothing moves",
    )
    if depth.quarantined:
        yield Finding("wrong", f"spool: {depth.quarantined} requests are quarantined", "spanledger quarantine list")
    if free_bytes < Config().ingest.spool_bytes_max:
        yield Finding("note", f"data folder: {free_bytes >> 20} MiB are free", "the spool may grow to ingest.spool_bytes_max")


def _store(data: Path, clickhouse: str | None, config: Path | None) -> Iterator[Finding]:
    with open_store(data, clickhouse) as store:
        [about] = store.rows("storage/storage_state")
        yield Finding("ok", f"store: ClickHouse {about['version']}, {'embedded' if not clickhouse else 'a server'}, {about['spans']} spans")
        behind = abs(about["now"].timestamp() - time.time())
        if behind > CLOCK_SECONDS_MAX:
            yield Finding("wrong", f"store: its clock differs by {behind:.0f} s from that of this machine", "synchronise both clocks")
        yield from _books(store, about["pending"])
        yield from _teams(store, list(Config.load(config).organization.teams))


def _books(store: Store, pending: int) -> Iterator[Finding]:
    yield Finding("ok", f"books: {pending} traces wait for attribution")
    for pruned, what in (("content", "the content of spans"), ("span", "the spans")):
        months = [row["period"] for row in pruning.prunings(store) if row["pruned"] == pruned]
        if months:
            yield Finding("ok", f"books: {what} of {', '.join(months)} {'was' if pruned == 'content' else 'were'} let go of")
    violations = reports.audit(store)
    if violations:
        yield Finding("wrong", f"books: {len(violations)} violations, the first: {violations[0]['audit']}", "spanledger audit")
    else:
        yield Finding("ok", "books: all audits pass")


def _teams(store: Store, known: list[str]) -> Iterator[Finding]:
    """Where the organization has teams, the others are mostly slips of the pen."""
    unknown = reports.unknown_teams(store, known) if known else []
    if unknown:
        names = ", ".join(f"{row['team']} ({row['usd']:.2f} USD, last on {row['last_day']})" for row in unknown)
        yield Finding(
            "note", f"teams: organization.teams does not have {names}", "add each, or name it in the `aliases` of the team that it is"
        )
