"""The whole service: receiver, spool, processor, exporters and attribution, started and stopped together."""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

from genai_prices import UpdatePrices
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from attribution.attribute import attribute, follow_first
from attribution.errors import ConfigurationError, SpanledgerError
from attribution.prepare import prepare
from attribution.storage import DATABASE, Store
from collector.accounts import Accounts
from collector.acts import ActApi
from collector.budgeting import Budgeting
from collector.config import Addresses, Config, Listener
from collector.control import Control, control_routes
from collector.costs import Costs
from collector.disputing import Disputing
from collector.exporter import ClickHouseExporter, OtlpExporter, shown
from collector.folder import Folder, checked_url
from collector.holding import hold, release
from collector.http import HttpServer, is_loopback, refuse_open_doors, split
from collector.metrics import Metrics
from collector.oidc import SignIn
from collector.page import PageApp
from collector.page.access import Readers
from collector.page.view import Counts, Status
from collector.pipeline import Follower
from collector.processor import Processor
from collector.query import create_app
from collector.receiver import Intake, PrometheusReceiverMetrics, grpc_server, http_routes
from collector.requirements import Recheck, Requirements
from collector.retention import RetentionKeeper
from collector.spool import STORE, Delivery, Division, Spool, SpoolError
from collector.tls import Certificates
from collector.users import Users

logger = logging.getLogger(__name__)

AUDIT_SECONDS = 3600.0
"""Between two runs of all audits; those of what a pass changed run after each pass."""
ATTRIBUTION_SECONDS = 5.0
"""Between two looks for traces that changed; the least."""
PACE = 4.0
"""A pass begins no sooner than this many times what the last one took: attribution takes at most a fifth of a core."""
FAILURES_MAX = 3
"""In a row, before the service says that it is not ready: one may be a blink."""
READINESS = ("spool", "store", "attribution")
"""What `/readyz` looks at."""
FORWARD_LAG_SHARE_MAX = 0.5
"""Of the spool: forwarding that is further behind lets go of the oldest, for it must not stop the intake."""


class Service:
    """A running Spanledger. Use as a context manager; everything acknowledged survives its end, however it ends."""

    def __init__(
        self,
        config: Config,
        data: Path,
        *,
        clickhouse: str | None = None,
        shards: Sequence[str] = (),
        addresses: Addresses | None = None,
        database: str = DATABASE,
        collect_only: bool = False,
    ) -> None:
        """`shards`: URLs of those that the spans are on, which `retention` needs to reach.

        `collect_only`: another service on the same ClickHouse server attributes, decides and shows. Raises ConfigurationError.
        """
        self.config = config
        self.folder = Folder(data)
        self.clickhouse = checked_url(clickhouse) if clickhouse else None
        self.retention = RetentionKeeper([checked_url(url, "--shard") for url in shards], database, idle=collect_only)
        self.addresses = addresses or Addresses()
        self.database = database
        self.collect_only = collect_only
        if collect_only and not clickhouse:
            raise ConfigurationError("--collect-only", ["it needs --clickhouse: an embedded store has no other service that attributes it"])
        self.users = Users(config.users)
        self.sign_in = SignIn(config.oidc)
        self.certificates = Certificates(config.tls) if config.tls.certificate else None
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)
        self._followers: list[Follower] = []
        self._attribution_trouble = ""
        self._attribution_failures = 0
        self._violations: int | None = None
        self._audited = -AUDIT_SECONDS
        self.control: Control | None = None
        self.page: PageApp | None = None
        self._letting_go = threading.Lock()
        self._stopping = threading.Event()
        self._stack = ExitStack()
        refuse_open_doors(config, self.addresses)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._stack.close()

    def _start(self, stack: ExitStack) -> None:
        self.spool = Spool(self.folder.spool, bytes_max=self.config.ingest.spool_bytes_max)
        stack.callback(self.spool.close)
        self._accounts = Accounts(self.spool, self.metrics)
        self._costs = Costs(self.metrics)
        self.folder.prepare()
        if not self.clickhouse:
            hold(self.folder.path)
            stack.callback(release, self.folder.path)
        self.store = stack.enter_context(self._open())
        prepare(self.store)
        self.retention.check(self.store, self.config)
        follow_first(self.store, self.config)
        if self.config.pricing.update:
            stack.enter_context(UpdatePrices())
        self._follow(stack)
        self._attribute_in_background(stack)
        self._listen(stack)

    def _open(self) -> Store:
        if self.clickhouse:
            return Store.at(self.clickhouse, self.database)
        return Store.embedded_in(self.folder.clickhouse, self.database)

    def _follow(self, stack: ExitStack) -> None:
        store = stack.enter_context(self._open())
        keep = self.config.ingest.content == "keep"
        exporters: dict[str, tuple[Any, Callable[[Delivery, str], None]]] = {
            STORE: (ClickHouseExporter(store, keep_content=keep, temporary=self.folder.temporary), self._set_aside)
        }
        for forward in self.config.forward:
            exporters[shown(forward.endpoint)] = (OtlpExporter(forward), self._forward_given_up)
        for name, (exporter, give_up) in exporters.items():
            stores = name == STORE
            follower = Follower(
                name, self.spool, Processor(self.config, recipes=stores), exporter, self.metrics, self._progress, give_up, marks=stores
            )
            follower.cursor = self.spool.cursor(name)
            if stores:
                follower.requirements, follower.divide = Requirements(self.config, store), self._divide
            self._followers.append(follower)
        for follower in self._followers:  # once all are there: what one has passed is kept for the others
            follower.start()
            stack.callback(follower.stop)

    def _set_aside(self, delivery: Delivery, reason: str) -> None:
        self.spool.quarantine(delivery, reason)
        self.metrics.exported(STORE, "quarantined", 0, 0)
        logger.error(
            "quarantined: delivery %d of %d spans cannot be stored; see `spanledger quarantine list`: %s",
            delivery.seq,
            delivery.spans,
            reason,
        )

    def _divide(self, delivery: Delivery, division: Division) -> Delivery | None:
        self.metrics.exported(STORE, "quarantined", 0, 0)
        logger.warning(
            "quarantined: %d of %d spans of delivery %d; see `spanledger quarantine list`: %s",
            division.aside_spans,
            delivery.spans,
            delivery.seq,
            division.reason,
        )
        return self.spool.divide(delivery, division)

    def _forward_given_up(self, delivery: Delivery, reason: str) -> None:
        self.metrics.exported("forward", "given_up", 0, 0)
        logger.error("not forwarded: delivery %d of %d spans: %s", delivery.seq, delivery.spans, reason)

    def _progress(self, moved: Follower) -> None:
        """Let go of what every exporter has passed; forwarding may lag only so far."""
        with self._letting_go:
            stored = self._followers[0].cursor
            excess = self.spool.depth.bytes - int(self.config.ingest.spool_bytes_max * FORWARD_LAG_SHARE_MAX)
            if excess > 0:
                self._let_go(stored, excess)
            self.spool.passed(moved.name, moved.cursor, done=min(follower.cursor for follower in self._followers))

    def _let_go(self, stored: int, excess: int) -> None:
        """Of what is stored and not forwarded, the oldest goes, as much as is too much."""
        last = min((follower.cursor for follower in self._followers), default=0)
        waiting = self.spool.sizes(after=last, to=stored)
        for seq, _, size in waiting:
            if excess <= 0:
                break
            last, excess = seq, excess - size
        for follower in self._followers[1:]:
            gone = [spans for seq, spans, _ in waiting if follower.cursor < seq <= last]
            if gone:
                follower.cursor = last
                self.metrics.exported(follower.name, "let_go", 0, 0)
                self.metrics.let_go(follower.name, sum(gone))
                logger.error("%s lags: %d deliveries of %d spans are stored and will not be forwarded", follower.name, len(gone), sum(gone))

    def _attribute_in_background(self, stack: ExitStack) -> None:
        store = stack.enter_context(self._open())
        thread = threading.Thread(target=self._attribute_for_ever, args=[store], name="attribution", daemon=True)
        thread.start()
        self._attribution = thread
        stack.callback(thread.join)
        stack.callback(self._stopping.set)

    def _attribute_for_ever(self, store: Store) -> None:
        recheck = Recheck(self.spool)
        work = "keeping accounts" if self.collect_only else "attribution"
        pause = ATTRIBUTION_SECONDS
        while not self._stopping.wait(pause):
            begun = time.monotonic()
            try:
                self._accounts.keep(store)
                recheck.turn(store, self.config)
                if not self.collect_only:
                    self._attribute(store, begun)
                    self.retention.turn(store, self.config)
                self._attribution_trouble, self._attribution_failures = "", 0
            except Exception as problem:  # whatever it is may pass; meanwhile everything is stored
                if not self.collect_only:
                    self.metrics.attributed("failed", 0, time.monotonic() - begun)
                self._attribution_trouble = str(problem) or type(problem).__name__
                self._attribution_failures += 1
                if isinstance(problem, SpanledgerError):
                    logger.error("%s failed; it is tried again: %s", work, problem)  # noqa: TRY400  (a known state)
                else:
                    logger.exception("%s failed unexpectedly; it is tried again", work)
            pause = max(ATTRIBUTION_SECONDS, PACE * (time.monotonic() - begun))

    def _attribute(self, store: Store, begun: float) -> None:
        summary = attribute(store, self.config)
        self._accounts.count(store)
        self._costs.read(store)
        if summary.violations or (summary.traces and begun - self._audited > AUDIT_SECONDS):
            self._audit(store)
            self._audited = begun
        self.metrics.attributed("ok", summary.postings, time.monotonic() - begun)

    def _audit(self, store: Store) -> None:
        violations = self._violations = store.count("audits")
        self.metrics.set(audit_violations=violations)
        if violations:
            logger.error("%d audit violations: run `spanledger audit`", violations)

    def _listen(self, stack: ExitStack) -> None:
        intake = self.intake = Intake(self.config.ingest, self.spool, PrometheusReceiverMetrics(self.registry))
        if not self.clickhouse:
            socket = stack.enter_context(self.folder.owner_socket())
            owner = create_app(self.folder.clickhouse, self.database, owner=True)
            self._serve(stack, HttpServer(owner, unix=socket))
            hosts = [*self.config.sql.hosts, split(self.addresses.sql)[0]]
            reader = create_app(self.folder.clickhouse, self.database, hosts=hosts, users=self.users)
            self.sql_port = self._serve(stack, HttpServer(reader, address=self.addresses.sql, tls=self._tls("sql")))
        app = Starlette(
            routes=[
                *http_routes(intake),
                *([] if self.collect_only else self._routes_for_people(stack, intake)),
                Route("/healthz", self._healthz),
                Route("/readyz", self._readyz),
                Route("/metrics", self._metrics),
            ]
        )
        self.http_port = self._serve(stack, HttpServer(app, address=self.addresses.http, tls=self._tls("http")))
        secured = self.certificates and "grpc" in self.config.tls.listeners
        grpc = grpc_server(intake, self.addresses.grpc, self.certificates.grpc_credentials() if self.certificates and secured else None)
        stack.callback(grpc.stop)
        self.grpc_port = grpc.port

    def _routes_for_people(self, stack: ExitStack, intake: Intake) -> list[BaseRoute]:
        """The page and the decisions: of one service among several on a store, for calls in flight are reserved where they asked."""
        control = self.control = Control(self.config, stack.enter_context(self._open()), self.folder.control)
        stack.callback(control.stop)
        control.start()
        decider = control.decider
        readers = Readers(self.users, open_to_all=is_loopback(split(self.addresses.http)[0]), sign_in=self.sign_in)
        disputing = Disputing(self.store, lambda: self.config)
        budgeting = Budgeting(self.store, lambda: self.config, control.look_again)

        def counts() -> Counts:
            return Counts(decider.now(), decider.parts(), decider.standing)

        page = self.page = PageApp(self.store, self.config, readers, disputing, budgeting, self._status, counts)
        stack.callback(page.close)
        acts = ActApi(disputing, budgeting, lambda: self.config, readers)
        return [*control_routes(control, intake.authenticate), *page.routes(), *acts.routes()]  # what is asked most is found first

    def _tls(self, listener: Listener) -> ssl.SSLContext | None:
        return self.certificates.context() if self.certificates and listener in self.config.tls.listeners else None

    def _serve(self, stack: ExitStack, server: HttpServer) -> int:
        server.start()
        stack.callback(server.stop)
        return server.port

    async def _healthz(self, _: Request) -> Response:
        """The process is alive and its threads run."""
        dead = [follower.name for follower in self._followers if not follower.alive]
        if not self._attribution.is_alive():
            dead.append("attribution")
        if self.control and not self.control.alive:
            dead.append("control")
        if not self.spool.alive:
            dead.append("spool")
        return JSONResponse({"status": "failing" if dead else "ok", "dead": dead}, 503 if dead else 200)

    async def _readyz(self, request: Request) -> Response:
        """Requests are accepted, and what is accepted moves on; else why not. `?exclude=store` leaves out what it names."""
        excluded = {name for value in request.query_params.getlist("exclude") for name in value.split(",")}
        unknown = sorted(excluded - set(READINESS))
        if unknown:
            return PlainTextResponse(f"exclude={','.join(unknown)}: there is only {', '.join(READINESS)}\n", 400)
        reasons = self._troubles(excluded)
        return PlainTextResponse("\n".join(reasons or ["ok"]) + "\n", 503 if reasons else 200)

    def _status(self) -> Status:
        """For the page."""
        depth = self.spool.depth
        return Status(
            depth.requests,
            depth.spans,
            depth.bytes,
            depth.quarantined,
            self._violations,
            self.grpc_port,
            self.http_port,
            tuple(self._troubles()),
        )

    def _troubles(self, excluded: Collection[str] = ()) -> list[str]:
        """Why it is not ready, but for what is excluded."""
        checks = {"spool": self._spool_troubles, "store": self._store_troubles, "attribution": self._attribution_troubles}
        return [reason for name in READINESS if name not in excluded for reason in checks[name]()]

    def _spool_troubles(self) -> Iterator[str]:
        if self.spool.depth.bytes >= self.config.ingest.spool_bytes_max:
            yield "the spool is full"
        if not self.spool.alive:
            yield "the spool takes nothing"

    def _store_troubles(self) -> Iterator[str]:
        store = self._followers[0]
        if store.failures >= FAILURES_MAX:
            yield f"{store.name}: nothing moves, {store.failures} failures in a row: {' '.join(store.trouble.split())[:300]}"

    def _attribution_troubles(self) -> Iterator[str]:
        if self._attribution_failures >= FAILURES_MAX:
            yield f"attribution: {self._attribution_failures} failures in a row: {' '.join(self._attribution_trouble.split())[:300]}"

    def reload(self, config: Config) -> None:
        """Take keys, users, prices and attribution from another configuration; where it listens and forwards stays as it was.

        Certificates are read again from the files that were named at the start.
        """
        for name in ("forward", "sql", "tls"):
            if getattr(config, name) != getattr(self.config, name):
                logger.warning("configuration: %s changes with a restart only", name)
        if config.ingest.content != self.config.ingest.content:
            logger.warning("configuration: ingest.content changes with a restart only")
        refuse_open_doors(config, self.addresses)
        if config.retention != self.config.retention:
            self.retention.check(self.store, config)
        if self.certificates:
            self.certificates.reload()
        self.users.reload(config.users)
        self.sign_in.reload(config.oidc)
        self.intake.reload(config.ingest)
        if self.page:
            self.page.reload(config)
        for follower in self._followers:
            follower.processor = Processor(config, recipes=follower.name == STORE)
            if follower.requirements:
                follower.requirements = follower.requirements.of(config)
        if self.control:
            self.control.reload(config)
        self.config = config
        logger.info("configuration: reloaded")

    async def _metrics(self, _: Request) -> Response:
        depth = self.spool.depth
        with suppress(SpoolError):  # a file that cannot be read is told by /readyz; all other metrics are worth having
            self._accounts.show()
        self.metrics.set(
            spool_requests=depth.requests, spool_spans=depth.spans, spool_bytes=depth.bytes, spool_quarantined=depth.quarantined
        )
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)
