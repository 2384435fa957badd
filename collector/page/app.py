"""Serves the page: addresses, and what is sent for each."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from attribution.errors import SpanledgerError, StorageError
from attribution.reports import Question
from attribution.storage import Store
from collector.config import Config
from collector.page.access import UnknownReaderError, reader
from collector.page.errors import AskedWrongError, NoSuchPageError, PageError
from collector.page.pages.agent import agent
from collector.page.pages.empty import empty
from collector.page.pages.lists import all_agents, ledger, teams, traces, workflows
from collector.page.pages.models import models
from collector.page.pages.overview import overview
from collector.page.pages.pools import pools
from collector.page.pages.quality import quality
from collector.page.pages.search import search
from collector.page.pages.team import team
from collector.page.pages.trace import one_span, trace
from collector.page.pages.workflow import workflow
from collector.page.reader import CONNECTIONS_MAX, Reader
from collector.page.rendering import Renderer, Shown
from collector.page.sections import Page, Rows, Section
from collector.page.selection import DIMENSIONS, EXPORT_ROWS_MAX, Selection
from collector.page.view import Status, View
from collector.query.errors import QueryError
from collector.query.hosts import check_host
from collector.users import Users

logger = logging.getLogger(__name__)

STATIC: Mapping[str, str] = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "chart.umd.min.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
FORMATS: Mapping[str, tuple[str, str]] = {
    "csv": ("CSVWithNames", "text/csv; charset=utf-8"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
}
"""What a table is exported as: the format of ClickHouse, and its media type."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
TRACE_ID, SPAN_ID = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{16}")
Answers = dict[str, Rows]
"""Of the questions of one page."""
TEXT_MAX = 200
"""Characters that are searched for."""


class PageApp:
    """The page of one store. `routes` are served beside the receiver's; `close` lets go of the store."""

    def __init__(self, store: Store, config: Config, status: Callable[[], Status], users: Users, *, open_to_all: bool) -> None:
        self._reader = Reader(store)
        self._status = status
        self._users = users
        self._open_to_all = open_to_all
        self._views_there: frozenset[str] = frozenset()
        self._renderer = Renderer(_version())
        # Threads of its own: a page that takes long must not take those that receive spans.
        self._threads = ThreadPoolExecutor(CONNECTIONS_MAX, thread_name_prefix="page")
        self.reload(config)

    def reload(self, config: Config) -> None:
        """Take prices and the zone of another configuration."""
        self._config = config

    def close(self) -> None:
        """End what is being made, and let go of the store."""
        self._threads.shutdown(cancel_futures=True)
        self._reader.close()

    def routes(self) -> list[Route]:
        """All addresses."""
        pages: Mapping[str, Callable[[View], Page]] = {
            "/": overview,
            "/team": _one("team", team, teams),
            "/agent": _one("agent", agent, all_agents),
            "/workflow": _one("workflow", workflow, workflows),
            "/traces": traces,
            "/trace/{trace_id}": trace,
            "/trace/{trace_id}/{span_id}": one_span,
            "/models": models,
            "/pools": pools,
            "/quality": quality,
            "/ledger": ledger,
            "/search": search,
        }
        return [
            *(Route(path, self._endpoint(make), methods=["GET"]) for path, make in pages.items()),
            Route("/live", self._live, methods=["GET"]),
            Route("/static/{name}", self._static, methods=["GET"]),
        ]

    def _endpoint(self, make: Callable[[View], Page]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            return await self._answer(request, lambda view: self._page(request, make, view))

        return endpoint

    async def _live(self, request: Request) -> Response:
        """What changes when there is something new to see."""

        def state(view: View) -> Response:
            with self._reader.connection() as store:
                found = store.query(*_question(view.selection, "state"))[0]
            return JSONResponse({"state": f"{found['last_pass']}-{found['has_spans']}"})

        return await self._answer(request, state)

    async def _answer(self, request: Request, make: Callable[[View], Response]) -> Response:
        try:
            check_host(request.headers.get("host", ""), frozenset(host.lower() for host in self._config.sql.hosts))
            work = asyncio.get_running_loop().run_in_executor(self._threads, lambda: make(self._view(request)))
            response = await work
        except QueryError as problem:
            response = self._failure(PageError(problem.message), 403)
        except PageError as problem:
            response = self._failure(problem, problem.status)
        except SpanledgerError as problem:
            logger.warning("page %s: %s", request.url.path, problem)
            response = self._failure(problem, 503)
        except Exception as problem:
            logger.exception("page %s", request.url.path)
            response = self._failure(problem, 500)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def _view(self, request: Request) -> View:
        user = reader(self._users, request.headers.get("authorization", ""), open_to_all=self._open_to_all)
        given = request.query_params
        asked = {name: given.getlist(name) for name in given}
        selection = Selection.read(asked, self._config.periods.timezone, (user.teams or None) if user else None)
        return View(
            selection,
            self._status(),
            self._config,
            text=given.get("q", "").strip()[:TEXT_MAX],
            trace_id=_identity("trace", request.path_params.get("trace_id"), TRACE_ID),
            span_id=_identity("span", request.path_params.get("span_id"), SPAN_ID),
        )

    def _page(self, request: Request, make: Callable[[View], Page], view: View) -> Response:
        given = request.query_params
        if given.get("add") in DIMENSIONS:
            among = {
                **view.selection.among,
                given["add"]: tuple(dict.fromkeys((*view.selection.among.get(given["add"], ()), given.get("value", "")))),
            }
            return RedirectResponse(replace(view.selection, among=among).link(request.url.path), 303)
        if request.url.path == "/search" and TRACE_ID.fullmatch(view.text.lower()):
            return RedirectResponse(f"/trace/{view.text.lower()}", 303)
        with self._reader.connection() as store:
            view = replace(view, views=self._views(store))
            if make is not quality and not store.query(*_question(replace(view.selection, teams=None), "state"))[0]["has_spans"]:
                page = empty(view)
            else:
                page = make(view)
            section, output = given.get("section"), given.get("format")
            if section is None:
                return self._whole(request, store, view, page)
            found = next((each for each in page.sections if each.key == section), None)
            if found is None:
                raise NoSuchPageError(
                    f"there is no section {section!r} on this page; there is {', '.join(each.key for each in page.sections)}"
                )
            if output is not None:
                return _export(store, page, found, output)
            return _html(self._renderer.section(view, request.url.path, _show(store, found, {})))

    def _views(self, store: Store) -> frozenset[str]:
        """Of the store; they are made when it is opened, so they stay as they are."""
        if not self._views_there:
            self._views_there = frozenset(row["name"] for row in store.rows("reports/page/views_there"))
        return self._views_there

    def _whole(self, request: Request, store: Store, view: View, page: Page) -> Response:
        answers: Answers = {}
        shown = [Shown(section) if section.later else _show(store, section, answers) for section in page.sections]
        return _html(self._renderer.page(view, request.url.path, page, shown))

    def _failure(self, problem: Exception, status: int) -> Response:
        said = str(problem) if isinstance(problem, SpanledgerError) else "something went wrong here; the log says what"
        response = _html(self._renderer.failure(said, status), status)
        if isinstance(problem, UnknownReaderError):
            response.headers["WWW-Authenticate"] = 'Basic realm="spanledger", charset="UTF-8"'
        return response

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in STATIC:
            return self._failure(NoSuchPageError("there is no such file"), 404)
        kept = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(files("collector.page").joinpath("static", name).read_bytes(), media_type=STATIC[name], headers=kept)


def _one(dimension: str, one: Callable[[View, str], Page], all_of_them: Callable[[View], Page]) -> Callable[[View], Page]:
    """The page of one value where the address names one, else that of all."""

    def make(view: View) -> Page:
        value = view.one(dimension)
        return all_of_them(view) if value is None else one(view, value)

    return make


def _identity(what: str, value: str | None, form: re.Pattern[str]) -> str:
    """An id in an address. Raises AskedWrongError."""
    if value is None:
        return ""
    if not form.fullmatch(value.lower()):
        raise AskedWrongError(f"{value[:64]!r} is no {what} id: it has {'32' if what == 'trace' else '16'} hexadecimal digits")
    return value.lower()


def _show(store: Store, section: Section, answers: Answers) -> Shown:
    """A section with its content; one that fails says why, and leaves the others as they are. Each question is asked once."""
    try:
        for asked in section.questions:
            if _key(asked) not in answers:
                answers[_key(asked)] = store.query(asked.sql, asked.parameters)
        return Shown(section, section.show(*(answers[_key(asked)] for asked in section.questions)))
    except StorageError as problem:
        logger.warning("page, section %s: %s", section.key, problem)
        too_much = "This takes longer, or more memory, than a page may: choose fewer days."
        return Shown(section, trouble=too_much if _is_limit(problem) else str(problem))


def _key(asked: Question) -> str:
    """Two questions with the same statement and values are one."""
    return f"{asked.sql}\0{sorted(asked.parameters.items())}"


def _question(selection: Selection, name: str) -> tuple[str, Mapping[str, Any]]:
    asked = replace(selection, teams=None).ask(name)
    return asked.sql, asked.parameters


def _export(store: Store, page: Page, section: Section, output: str) -> Response:
    """All rows of a section's table, as a file."""
    if output not in FORMATS:
        raise AskedWrongError(f"format: {output!r} is none of {', '.join(FORMATS)}")
    if not section.questions or not section.exports:
        raise NoSuchPageError(f"{section.title!r} is no table")
    asked = section.questions[0]
    parameters = {**asked.parameters, **({"rows_max": EXPORT_ROWS_MAX} if "rows_max" in asked.parameters else {})}
    name = re.sub(r"[^a-z0-9]+", "-", f"{page.title} {section.key}".lower()).strip("-")
    written, media = FORMATS[output]
    return Response(
        store.written(asked.sql, parameters, written),
        media_type=media,
        headers={"Content-Disposition": f'attachment; filename="{name}.{output}"'},
    )


def _html(text: str, status: int = 200) -> Response:
    return Response(text, status, media_type="text/html")


def _is_limit(problem: StorageError) -> bool:
    return any(f"Code: {code}." in str(problem) for code in (159, 241, 307, 396))


def _version() -> str:
    """Of the files that browsers keep: it changes when one of them does."""
    content = b"".join(files("collector.page").joinpath("static", name).read_bytes() for name in sorted(STATIC))
    return hashlib.sha256(content).hexdigest()[:12]
