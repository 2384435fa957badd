"""A real `spanledger serve` in a process of its own, and what people do to it: send, ask, stop, kill."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import clickhouse_connect
import httpx
import yaml
from clickhouse_connect.driver.client import Client

from attribution.storage import DATABASE
from tests.e2e.batch import one

ROOT = Path(__file__).parents[2]
SECONDS_MAX = 120.0
"""For anything to happen on a busy machine."""
PAUSE_SECONDS, PAUSE_SECONDS_MAX = 0.05, 0.5
"""Between two looks, which cost as well: the longer it has taken, the longer."""
TRUSTING_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Without the authorities of the system: to load them for each client takes longer than most requests."""
COMMAND = (sys.executable, "-m", "collector.cli")


def environment(**more: str) -> dict[str, str]:
    """This process's, but for what would configure a client, and nothing on the way to the loopback address."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "LANGFUSE_"))}
    return {**ours, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "PYTHONPATH": str(ROOT), **more}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def http_client() -> httpx.Client:
    """A client for plain HTTP on this machine."""
    return httpx.Client(timeout=SECONDS_MAX, trust_env=False, verify=TRUSTING_NOBODY)


def run(*command: str, said: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `said` to its standard input, `more` into its environment."""
    return subprocess.run(  # noqa: S603  (our own commands)
        command, env=environment(**more), cwd=ROOT, input=said, capture_output=True, text=True, timeout=SECONDS_MAX * 2, check=False
    )


def batch(*commands: Sequence[str]) -> list[tuple[int, str]]:
    """Run commands of `spanledger` in one process; exit code, and what each prints, or says of why it fails."""
    return [(code, out or err) for code, out, err in _elsewhere(commands)]


def _elsewhere(commands: Sequence[Sequence[str]]) -> list[tuple[int, str, str]]:
    done = run(sys.executable, "-W", "error", "-m", "tests.e2e.batch", said=json.dumps(commands))
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return [(code, out, err) for code, out, err in json.loads(done.stdout)]


def agent(name: str, *arguments: str, **variables: str) -> dict[str, Any]:
    """Run an agent of tests/e2e/agents, configured by environment variables alone; returns what it prints."""
    done = run(sys.executable, "-W", "error", "-m", f"tests.e2e.agents.{name}", *arguments, **variables)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@dataclass
class Serving:
    """One service with its data; `clickhouse` None is the embedded engine."""

    data: Path
    settings: Mapping[str, Any]
    clickhouse: str | None = None
    host: str = "127.0.0.1"
    grpc_port: int = field(default_factory=free_port)
    http_port: int = field(default_factory=free_port)
    sql_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    seconds_max: float = SECONDS_MAX
    options: Sequence[str] = ()
    """More of `serve`."""
    checkout: Path = ROOT
    """Whose code is run."""
    _client: Client | None = None

    @property
    def config(self) -> Path:
        """The YAML file."""
        return self.data.with_suffix(".yaml")

    @property
    def store(self) -> list[str]:
        """The options that say where the store is."""
        return ["--data", str(self.data), *(["--clickhouse", self.clickhouse] if self.clickhouse else [])]

    @property
    def log(self) -> str:
        """All that the service has printed."""
        return self.data.with_suffix(".log").read_text(encoding="utf-8")

    def start(self) -> None:
        """Start it; returns when it accepts requests."""
        self.config.write_text(yaml.safe_dump(dict(self.settings)), encoding="utf-8")
        ports = {"--grpc": self.grpc_port, "--http": self.http_port, "--sql": self.sql_port}
        listen = [part for option, port in ports.items() for part in (option, f"{self.host}:{port}")]
        with self.data.with_suffix(".log").open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(  # noqa: S603  (our own command)
                [*COMMAND, "serve", "--config", str(self.config), *self.store, *listen, *self.options],
                env=environment(PYTHONPATH=str(self.checkout)),
                cwd=self.checkout,
                stdout=log,
                stderr=log,
            )
        self.until(self._ready, "it is ready")

    def _ready(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self.log
        try:
            return self.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it; returns its exit code."""
        assert self.process
        if self._client:
            self._client.close()
            self._client = None
        self.process.send_signal(number)
        return self.process.wait(SECONDS_MAX)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """While the block runs it does not."""
        assert self.stop() == 0, self.log
        try:
            yield
        finally:
            self.start()

    def get(self, path: str, *, port: int | None = None, **options: Any) -> httpx.Response:
        """GET from the OTLP/HTTP port, or another."""
        with http_client() as http:
            return http.get(f"http://127.0.0.1:{port or self.http_port}{path}", **options)

    def export(self, body: bytes, *, path: str = "/v1/traces", kind: str = "application/x-protobuf", **headers: str) -> httpx.Response:
        """POST a request."""
        sent = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
        with http_client() as http:
            return http.post(f"http://127.0.0.1:{self.http_port}{path}", content=body, headers=sent)

    def query(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        """Read through a ClickHouse client over HTTP: the read-only interface of the service, or the server itself."""
        if self._client is None:
            how: dict[str, Any] = {"dsn": self.clickhouse} if self.clickhouse else {"host": "127.0.0.1", "port": self.sql_port}
            self._client = clickhouse_connect.get_client(**how, database=DATABASE, autogenerate_session_id=False)
        return list(self._client.query(sql, parameters=parameters).named_results())

    def spans(self, trace: str, columns: str = "*", view: str = "spans") -> list[dict[str, Any]]:
        """Columns of the spans of a trace, by their start."""
        return self.query(f"SELECT {columns} FROM {view} WHERE trace_id = {{trace:String}} ORDER BY start_time, span_id", trace=trace)

    def stored(self, trace: str, spans: int) -> None:
        """Wait until a trace has so many spans."""
        self.until(lambda: len(self.spans(trace, "span_id")) >= spans, f"{spans} spans of {trace} are stored")

    def attributed(self, *traces: str) -> None:
        """Attribute, and see that these traces were. Spans can be read a moment before their trace is marked: then once more."""

        def are_known() -> bool:
            self.command("attribute", "--config", str(self.config))
            known = self.query("SELECT trace_id FROM traces WHERE trace_id IN {traces:Array(String)}", traces=list(traces))
            return {row["trace_id"] for row in known} == set(traces)

        self.until(are_known, f"{', '.join(traces)} are attributed")

    def command(self, *arguments: str, code: int = 0) -> str:
        """What a command of `spanledger` on this store prints; where it fails, what it says of that."""
        ((ended, out, err),) = self._outcomes(arguments)
        assert ended == code, err + out
        return out if code in {0, 1} else err

    def commands(self, *commands: Sequence[str]) -> list[tuple[int, str]]:
        """`batch` on this store."""
        return [(code, out or err) for code, out, err in self._outcomes(*commands)]

    def _outcomes(self, *commands: Sequence[str]) -> list[tuple[int, str, str]]:
        """Of a store that another process holds, commands are run in this one: to start Python for each takes longer than most of them."""
        on_store = [[*command, *self.store] for command in commands]
        held_elsewhere = self.clickhouse or (self.process and self.process.poll() is None)
        return [*map(one, on_store)] if held_elsewhere else _elsewhere(on_store)

    def until(self, done: Any, what: str) -> None:
        """Wait for something to become true."""
        limit = time.monotonic() + self.seconds_max
        pause = PAUSE_SECONDS
        while not done():
            assert time.monotonic() < limit, f"not within {self.seconds_max} s: {what}\n{self.log}"
            time.sleep(pause)
            pause = min(pause * 1.2, PAUSE_SECONDS_MAX)


def only(rows: Sequence[Any]) -> Any:
    """The one row there is."""
    assert len(rows) == 1, rows
    return rows[0]
