"""Faults of a whole service: killed at each step, on a full disk, with a clock that steps, cut off from its ClickHouse, beside another one.

Each kind is a chain: a service that fails again and again in one folder, while senders repeat what was not acknowledged. After it, what
was acknowledged is stored once, costs what it costs, every span is accounted for, and the audits are empty. A chain is one seed.
"""

from __future__ import annotations

import hashlib
import resource
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import clickhouse_connect
import httpx
import yaml

from attribution.storage import DATABASE, statements
from tests.conftest import SERVER_URL
from tests.e2e.otlp import chat, invoke, request, span
from tests.e2e.serving import ROOT, Serving, environment
from tests.faults.mortal import POISON, STEPS_OF_SERVICE
from tests.faults.proxy import FAULTS, proxy

CALL = Decimal("0.0035")
"""gpt-4o, 1,000 tokens in and 100 out."""
SENDERS = ("sales", "support")
KEYS = [{"name": name, "secret_sha256": hashlib.sha256(name.encode()).hexdigest(), "tags": {"team": name}} for name in SENDERS]
SETTINGS = {"pricing": {"update": False}, "agents": {"shared": ["guardrail"]}, "ingest": {"keys": KEYS}}
SECONDS_MAX = 150.0
"""For anything to happen: chains run beside all else that a machine does."""
DIES_WITHIN_SECONDS = 6.0


class World:
    """What was sent to the services of one store, and what of it was acknowledged."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.acknowledged: dict[tuple[str, str], int] = {}
        """Sender and trace to the number of its calls."""
        self._open: list[tuple[str, str, int, bytes]] = []

    def send(self, serving: Serving, requests: int) -> bool:
        """Send so many new requests and all that was not acknowledged yet; whether all of it was."""
        for _ in range(requests):
            trace, sender, calls = secrets.token_hex(16), self.random.choice(SENDERS), self.random.randrange(1, 4)
            spans = [span(trace, 1, invoke(self.random.choice(("planner", "guardrail"))))]
            spans += [span(trace, 1 + nth, chat("gpt-4o", 1000, 100), parent=1) for nth in range(1, calls + 1)]
            self._open.append((sender, trace, calls, request(spans).SerializeToString()))
        self._open = [one for one in self._open if not self._deliver(serving, *one)]
        return not self._open

    def _deliver(self, serving: Serving, sender: str, trace: str, calls: int, body: bytes) -> bool:
        try:
            answer = serving.export(body, x_api_key=sender)
        except httpx.TransportError:
            return False
        assert answer.status_code in {200, 503}, f"{answer.status_code}: what waits must be asked for again"
        if answer.status_code == 200:
            self.acknowledged[sender, trace] = calls
        return answer.status_code == 200

    def settle(self, serving: Serving) -> None:
        """Send until all is acknowledged, and wait until it is stored."""
        serving.until(lambda: self.send(serving, 0), "all is acknowledged")
        expected = sum(calls + 1 for calls in self.acknowledged.values())
        serving.until(lambda: int(serving.query("SELECT count() AS n FROM spans")[0]["n"]) >= expected, f"{expected} spans are stored")

    def check(self, serving: Serving) -> None:
        """Nothing that was acknowledged is missing, nothing is there twice, and the books balance."""
        serving.command("attribute")
        asked = "SELECT sender, trace_id, count() AS spans, uniqExact(span_id) AS each FROM spans GROUP BY sender, trace_id"
        found = {(row["sender"], row["trace_id"]): (row["spans"], row["each"]) for row in serving.query(asked)}
        assert found == {key: (calls + 1, calls + 1) for key, calls in self.acknowledged.items()}
        usd = CALL * sum(self.acknowledged.values())
        for total in ("SELECT sum(amount) AS usd FROM ledger", "SELECT sum(total) AS usd FROM costs_by_team"):
            assert Decimal(serving.query(f"SELECT toString(usd) AS usd FROM ({total})")[0]["usd"]) == usd, total
        assert serving.query("SELECT * FROM audits") == []


class Mortal(Serving):
    """A service that dies at a step."""

    step: tuple[str, ...] = ("none", "0", "before")

    def start(self) -> None:
        """Start it, and wait until it accepts requests or is dead."""
        command = ["-m", "tests.faults.mortal", *self.step, "serve", "--config", str(self.config), *self.store]
        ports = {"--grpc": self.grpc_port, "--http": self.http_port, "--sql": self.sql_port}
        listen = [part for option, port in ports.items() for part in (option, f"127.0.0.1:{port}")]
        with self.data.with_suffix(".log").open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(  # noqa: S603  (our own command)
                [sys.executable, *command, *listen], env=environment(), cwd=ROOT, stdout=log, stderr=log
            )
        self.until(lambda: self.dead or self._ready(), "it is ready or dead")

    @property
    def dead(self) -> bool:
        """Whether it was killed."""
        return self.process is not None and self.process.poll() is not None

    def _ready(self) -> bool:
        with suppress(httpx.TransportError):
            return self.get("/healthz").status_code == 200
        return False

    def end(self) -> None:
        """Kill it where it has not died."""
        if not self.dead:
            self.stop(signal.SIGKILL)


@contextmanager
def service(clickhouse: str | None = None) -> Iterator[Mortal]:
    """A service in a folder of its own, not running."""
    with TemporaryDirectory() as folder:
        mortal = Mortal(Path(folder) / "data", SETTINGS, clickhouse=clickhouse, seconds_max=SECONDS_MAX)
        mortal.config.write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
        try:
            yield mortal
        except BaseException:
            sys.stderr.write(mortal.log[-5000:] + "\n")
            raise
        finally:
            if mortal.process:
                mortal.end()


def kills(seed: int, length: int = 6) -> int:
    """A service that is killed at a step, again and again; the next one takes up what is left."""
    random = Random(seed)
    world = World(random)
    steps = random.sample(STEPS_OF_SERVICE, min(length, len(STEPS_OF_SERVICE)))
    with service() as mortal:
        for step in steps:
            mortal.step = (step, str(random.choice((1, 1, 2, 3, 5))), random.choice(("before", "after")))
            _run_until_dead(mortal, world)
        mortal.step = ("none", "0", "before")
        mortal.start()
        world.settle(mortal)
        world.check(mortal)
    return len(steps)


def _run_until_dead(mortal: Mortal, world: World) -> None:
    mortal.start()
    limit = time.monotonic() + DIES_WITHIN_SECONDS
    while not mortal.dead and time.monotonic() < limit:
        world.send(mortal, world.random.randrange(1, 4))
        time.sleep(world.random.random() / 5)
    mortal.end()


def commands_killed(seed: int) -> int:
    """`close`, `reopen` and `reprice` are killed at a statement and run again, while no service runs."""
    random = Random(seed)
    world = World(random)
    commands = {"close": ["close", "2026-05"], "reprice": ["reprice", "--from", "2026-01-01"]}
    with service() as mortal:
        mortal.start()
        world.send(mortal, 4)
        world.settle(mortal)
        mortal.command("attribute")
        mortal.stop()
        for step, command in commands.items():
            nth, when = str(random.randrange(1, 4)), random.choice(("before", "after"))
            run = [sys.executable, "-m", "tests.faults.mortal", step, nth, when, *command, *mortal.store]
            subprocess.run(run, env=environment(), cwd=ROOT, capture_output=True, check=False, timeout=SECONDS_MAX)  # noqa: S603
        states = mortal.command("sql", "SELECT state FROM closings WHERE stands", "--format", "TSV").strip()
        if states != "closed":
            mortal.command("close", "2026-05")
        mortal.start()
        world.check(mortal)
    return len(commands)


def full_disk(seed: int, length: int = 4) -> int:
    """No file can grow for a while, wherever it lies; afterwards all goes on without a restart."""
    random = Random(seed)
    world = World(random)
    with service() as mortal:
        mortal.start()
        assert mortal.process
        for _ in range(length):
            world.send(mortal, 3)
            size = random.choice((0, 4096, 1 << 16, 1 << 20))
            hard = resource.prlimit(mortal.process.pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(mortal.process.pid, resource.RLIMIT_FSIZE, (size, hard))
            for _ in range(3):
                world.send(mortal, 1)
                time.sleep(random.random() / 2)
            resource.prlimit(mortal.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
            assert not mortal.dead, "a full disk ends nothing"
        world.settle(mortal)
        world.check(mortal)
        assert mortal.get("/healthz").status_code == 200
    return length


def clock_steps(seed: int) -> int:
    """The clock goes back and forth by up to an hour while the service runs, and it is killed on the way."""
    world = World(Random(seed))
    with service() as mortal:
        for nth in range(2):
            mortal.step = ("clock", str(seed + nth), "before")
            mortal.start()
            for _ in range(5):
                world.send(mortal, 2)
                time.sleep(0.3)
            mortal.end()
        mortal.start()
        world.settle(mortal)
        world.check(mortal)
    return 2


def poison(seed: int) -> int:
    """One request ends the process whenever it is stored: it is set aside alone, and all others are stored."""
    world = World(Random(seed))
    with service() as mortal:
        mortal.step = ("poison", "0", "before")
        mortal.start()
        world.send(mortal, 2)
        bad = span(secrets.token_hex(16), 1, {"note": POISON.decode()})
        assert mortal.export(request([bad]).SerializeToString(), x_api_key="sales").status_code == 200
        world.send(mortal, 2)
        for _ in range(8):
            limit = time.monotonic() + DIES_WITHIN_SECONDS
            while not mortal.dead and time.monotonic() < limit:
                time.sleep(0.1)
            if not mortal.dead:
                break
            mortal.start()
        world.settle(mortal)
        world.check(mortal)
        assert "the process ended 2 times" in mortal.command("quarantine", "list")
    return 1


def connections(seed: int, length: int = 6) -> int:
    """Connections to ClickHouse are cut, reset, delayed, held up, spoiled, half-closed and refused. Without a server there are none."""
    if not SERVER_URL:
        return 0
    random = Random(seed)
    world = World(random)
    drop_database()
    with proxy(SERVER_URL, random) as network, service(clickhouse=network.url) as mortal:
        mortal.start()
        for _ in range(length):
            network.fault = random.choice(FAULTS)
            for _ in range(4):
                world.send(mortal, 2)
                time.sleep(random.random() / 2)
            network.heal()
            assert not mortal.dead, "no connection ends the service"
        world.settle(mortal)
        world.check(mortal)
        assert mortal.get("/healthz").status_code == 200
        assert mortal.get("/metrics").text.count("spanledger_spool_quarantined 0.0") == 1, "no connection makes good spans bad"
    drop_database()
    return length


def two_services(seed: int, length: int = 4) -> int:
    """Two services on one store, each killed now and then, and the spans of a trace sent to both."""
    if not SERVER_URL:
        return 0
    random = Random(seed)
    world = World(random)
    drop_database()
    with service(clickhouse=SERVER_URL) as one, service(clickhouse=SERVER_URL) as other:
        for each in (one, other):
            each.start()
        for _ in range(length):
            victim = random.choice((one, other))
            for each in (one, other):
                world.send(each, 2)
            time.sleep(random.random())
            victim.stop(signal.SIGKILL)
            world.send(one if victim is other else other, 1)
            victim.start()
        world.settle(one)
        world.check(other)
    drop_database()
    return length


def statements_with(prefix: str) -> list[str]:
    """The statements that a step kills at."""
    return [
        name
        for room in ("storage", "passes", "traces", "pools", "closing", "repricing")
        for name in statements(room)
        if name.startswith(prefix)
    ]


def drop_database() -> None:
    """Begin with an empty server."""
    with clickhouse_connect.get_client(dsn=SERVER_URL) as client:
        client.command(f"DROP DATABASE IF EXISTS {DATABASE}")
