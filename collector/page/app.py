"""Serves the page: addresses, and what is sent for each."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http import HTTPStatus
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from attribution.errors import SpanledgerError, StorageError
from attribution.reports import Question
from attribution.storage import Store
from collector.acting import Act, Said, status_of
from collector.bodies import read_body
from collector.budgeting import Budgeting
from collector.config import Config, Person
from collector.disputing import Disputing
from collector.oidc import CALLBACK, SIGN_IN, ProviderAwayError, SignInError
from collector.page.access import Readers, SignInNeededError, UnknownReaderError, check_own_form
from collector.page.errors import AskedWrongError, NoSuchPageError, PageError
from collector.page.exports import of_rows
from collector.page.pages.agent import agent
from collector.page.pages.anomalies import anomalies
from collector.page.pages.budgets import budget, budgets
from collector.page.pages.disputes import dispute, disputes, new_dispute
from collector.page.pages.empty import empty
from collector.page.pages.hints import hints
from collector.page.pages.lists import all_agents, ledger, teams, traces, workflows
from collector.page.pages.models import models
from collector.page.pages.overview import overview
from collector.page.pages.pools import pools
from collector.page.pages.quality import quality
from collector.page.pages.search import search
from collector.page.pages.statements import statement, statements
from collector.page.pages.team import team
from collector.page.pages.trace import one_span, trace
from collector.page.pages.workflow import workflow
from collector.page.reader import CONNECTIONS_MAX, Reader
from collector.page.rendering import Renderer, Shown
from collector.page.sections import Page, Section, Table
from collector.page.selection import DIMENSIONS, EXPORT_ROWS_MAX, Selection
from collector.page.view import Counts, Status, View, no_counts
from collector.query.errors import QueryError
from collector.query.hosts import check_host

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
Answers = dict[object, Any]
"""Of the questions and sources of one page."""
FORM_BYTES_MAX = 64 * 1024
FIELDS_MAX = 20
"""Of a form."""
TEXT_MAX = 200
"""Characters that are searched for."""


class PageApp:
    """The page of one store. `routes` are served beside the receiver's; `close` lets go of the store."""

    def __init__(
        self,
        store: Store,
        config: Config,
        readers: Readers,
        disputing: Disputing,
        budgeting: Budgeting,
        status: Callable[[], Status],
        counts: Callable[[], Counts] = no_counts,
    ) -> None:
        self._reader = Reader(store)
        self._readers = readers
        self._disputing = disputing
        self._budgeting = budgeting
        self._status = status
        self._counts = counts
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
            "/budgets": budgets,
            "/budgets/{name:path}": budget,
            "/statements": statements,
            "/statements/{name}": statement,
            "/disputes": disputes,
            "/disputes/new": new_dispute,
            "/disputes/{name}": dispute,
            "/hints": hints,
            "/anomalies": anomalies,
            "/quality": quality,
            "/ledger": ledger,
            "/search": search,
        }
        forms = {**self._disputing.acts(), **self._budgeting.acts()}
        return [
            *(Route(path, self._form(act), methods=["POST"]) for path, act in forms.items()),
            *(Route(path, self._endpoint(make), methods=["GET"]) for path, make in pages.items()),
            Route(SIGN_IN, self._signing(self._readers.sign_in.begin), methods=["GET"]),
            Route(CALLBACK, self._signing(self._readers.sign_in.end), methods=["GET"]),
            Route("/sign-out", self._sign_out, methods=["POST"]),
            Route("/signed-out", self._signed_out, methods=["GET"]),
            Route("/live", self._live, methods=["GET"]),
            Route("/static/{name}", self._static, methods=["GET"]),
        ]

    def _endpoint(self, make: Callable[[View], Page]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            return await self._answer(request, lambda user: self._page(request, make, user))

        return endpoint

    def _form(self, act: Act) -> Callable[[Request], Any]:
        """Takes a form, does what it says, and goes on where that is seen."""

        async def endpoint(request: Request) -> Response:
            body = await read_body(request, FORM_BYTES_MAX)

            def done(user: Person | None) -> Response:
                check_own_form(request.headers)
                said = _filled_in(body)
                return RedirectResponse(_where_seen(act(request.path_params.get("name", ""), said, user), said), 303)

            return await self._answer(request, done)

        return endpoint

    def _signing(self, act: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            return await self._guarded(request, lambda: act(request))

        return endpoint

    async def _sign_out(self, request: Request) -> Response:
        async def leave() -> Response:
            check_own_form(request.headers)
            return self._readers.sign_in.leave(request, "/signed-out")

        return await self._guarded(request, leave)

    async def _signed_out(self, request: Request) -> Response:
        async def said() -> Response:
            return _html(self._renderer.failure("You are signed out here. Your provider may still know you.", "Signed out"))

        return await self._guarded(request, said)

    async def _live(self, request: Request) -> Response:
        """What changes when there is something new to see."""

        def state(_: Person | None) -> Response:
            with self._reader.connection() as store:
                found = _state(store)
            return JSONResponse({"state": f"{found['last_pass']}-{found['has_spans']}"})

        return await self._answer(request, state)

    async def _answer(self, request: Request, make: Callable[[Person | None], Response]) -> Response:
        def work() -> Response:
            return make(self._readers.of(request.headers))

        return await self._guarded(request, lambda: asyncio.get_running_loop().run_in_executor(self._threads, work))

    async def _guarded(self, request: Request, work: Callable[[], Awaitable[Response]]) -> Response:
        """Nothing is done for a host that is not ours, and whatever goes wrong is said on a page."""
        try:
            check_host(request.headers.get("host", ""), frozenset(host.lower() for host in self._config.sql.hosts))
            response = await work()
        except QueryError as problem:
            response = self._failure(PageError(problem.message), 403)
        except SignInNeededError as problem:
            to = f"{SIGN_IN}?{urlencode({'to': f'{_path(request)}?{request.url.query}'.rstrip('?')})}"
            response = RedirectResponse(to, 303) if _is_looked_at(request) else self._failure(problem, problem.status)
        except PageError as problem:
            response = self._failure(problem, problem.status)
        except (SignInError, ProviderAwayError) as problem:
            logger.warning("sign-in: %s", problem)
            response = self._failure(problem, 403 if isinstance(problem, SignInError) else 502)
        except SpanledgerError as problem:
            logger.warning("page %s: %s", request.url.path, problem)
            response = self._failure(problem, status_of(problem))
        except Exception as problem:
            logger.exception("page %s", request.url.path)
            response = self._failure(problem, 500)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def _view(self, request: Request, store: Store, user: Person | None) -> View:
        given = request.query_params
        asked = {name: given.getlist(name) for name in given}
        selection = Selection.read(asked, self._config.periods.timezone, (user.teams or None) if user else None)
        return View(
            selection,
            self._status(),
            self._config,
            store,
            self._counts,
            user,
            text=given.get("q", "").strip()[:TEXT_MAX],
            trace_id=_identity("trace", request.path_params.get("trace_id"), TRACE_ID),
            views=self._views(store),
            span_id=_identity("span", request.path_params.get("span_id"), SPAN_ID),
            name=request.path_params.get("name", ""),
            asked=dict(given),
            is_signed_in=user is not None and "authorization" not in request.headers,
        )

    def _page(self, request: Request, make: Callable[[View], Page], user: Person | None) -> Response:
        with self._reader.connection() as store:
            return self._made(request, make, self._view(request, store, user))

    def _made(self, request: Request, make: Callable[[View], Page], view: View) -> Response:
        given = request.query_params
        if given.get("add") in DIMENSIONS:
            among = {
                **view.selection.among,
                given["add"]: tuple(dict.fromkeys((*view.selection.among.get(given["add"], ()), given.get("value", "")))),
            }
            return RedirectResponse(replace(view.selection, among=among).link(_path(request)), 303)
        if request.url.path == "/search" and TRACE_ID.fullmatch(view.text.lower()):
            return RedirectResponse(f"/trace/{view.text.lower()}", 303)
        has_anything = make is quality or _state(view.store)["has_spans"]
        page = make(view) if has_anything else empty(view)
        section, output = given.get("section"), given.get("format")
        if section is None:
            return _file(page, output) if output is not None else self._whole(request, view, page)
        found = next((each for each in page.sections if each.key == section), None)
        if found is None:
            raise NoSuchPageError(f"there is no section {section!r} on this page; there is {', '.join(each.key for each in page.sections)}")
        if output is not None:
            return _export(view.store, page, found, output)
        return _html(self._renderer.section(view, _path(request), _show(view.store, found, {})))

    def _views(self, store: Store) -> frozenset[str]:
        """Of the store; they are made when it is opened, so they stay as they are."""
        if not self._views_there:
            self._views_there = frozenset(row["name"] for row in store.rows("reports/page/views_there"))
        return self._views_there

    def _whole(self, request: Request, view: View, page: Page) -> Response:
        answers: Answers = {}
        shown = [Shown(section) if section.later else _show(view.store, section, answers) for section in page.sections]
        return _html(self._renderer.page(view, _path(request), page, shown))

    def _failure(self, problem: Exception, status: int) -> Response:
        said = str(problem) if isinstance(problem, SpanledgerError) else "something went wrong here; the log says what"
        response = _html(self._renderer.failure(said, HTTPStatus(status).phrase), status)
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
        return Shown(section, section.show(*_answers(store, section, answers)))
    except StorageError as problem:
        logger.warning("page, section %s: %s", section.key, problem)
        too_much = "This takes longer, or more memory, than a page may: choose fewer days."
        return Shown(section, trouble=too_much if _is_limit(problem) else str(problem))


def _answers(store: Store, section: Section, known: Answers) -> list[Any]:
    if section.source:
        if section.source not in known:
            known[section.source] = section.source(store)
        return [known[section.source]]
    for asked in section.questions:
        if _key(asked) not in known:
            known[_key(asked)] = store.query(asked.sql, asked.parameters)
    return [known[_key(asked)] for asked in section.questions]


def _key(asked: Question) -> str:
    """Two questions with the same statement and values are one."""
    return f"{asked.sql}\0{sorted(asked.parameters.items())}"


def _is_looked_at(request: Request) -> bool:
    """Whether a browser shows the answer as a page: only then somebody can sign in."""
    mode = request.headers.get("sec-fetch-mode")
    return request.method == "GET" and (mode == "navigate" if mode else "text/html" in request.headers.get("accept", ""))


def _path(request: Request) -> str:
    """As it stands in an address: names of budgets have blanks."""
    return quote(request.url.path)


def _state(store: Store) -> Mapping[str, Any]:
    """How far the store is."""
    return store.rows("reports/page/state")[0]


def _where_seen(found: Said, said: Said) -> str:
    """Where it is seen what became of a form."""
    if "dispute" in found:
        return f"/disputes/{quote(found['dispute'])}"
    if "removed" in found:
        return "/budgets"
    if "budget" in found:
        return f"/budgets/{quote(found['budget'], safe='')}"
    return f"/statements/{quote(said['period'])}?{urlencode({'team': said['team']})}"


def _filled_in(body: bytes | None) -> dict[str, str]:
    """The fields of a form; an amount that is left blank is not said. Raises AskedWrongError."""
    try:
        pairs = parse_qsl(
            ("" if body is None else body.decode()) or "-", keep_blank_values=True, strict_parsing=True, max_num_fields=FIELDS_MAX
        )
    except ValueError:
        raise AskedWrongError("this is no form of ours, or one that is too long") from None
    return {name: value.replace("\r\n", "\n") for name, value in pairs if value or name != "amount"}


def _file(page: Page, output: str) -> Response:
    """The whole page in another format."""
    if output not in page.files:
        raise AskedWrongError(f"format: {output!r} is none of {', '.join(page.files) or 'this page: it has none'}")
    made = page.files[output]
    return Response(made.made(), media_type=made.media, headers=_attached(page.title, output))


def _attached(name: str, output: str) -> dict[str, str]:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return {"Content-Disposition": f'attachment; filename="{plain}.{output}"'}


def _export(store: Store, page: Page, section: Section, output: str) -> Response:
    """All rows of a section's table, as a file."""
    if output not in FORMATS:
        raise AskedWrongError(f"format: {output!r} is none of {', '.join(FORMATS)}")
    no_table = NoSuchPageError(f"{section.title!r} is no table")
    if not section.exports or not (section.questions or section.source):
        raise no_table
    if section.source:
        shown = section.show(*_answers(store, section, {}))
        if not isinstance(shown, Table):
            raise no_table
        asked = of_rows(shown)
    else:
        asked = section.questions[0]
    parameters = {**asked.parameters, **({"rows_max": EXPORT_ROWS_MAX} if "rows_max" in asked.parameters else {})}
    written, media = FORMATS[output]
    return Response(
        store.written(asked.sql, parameters, written), media_type=media, headers=_attached(f"{page.title} {section.key}", output)
    )


def _html(text: str, status: int = 200) -> Response:
    return Response(text, status, media_type="text/html")


def _is_limit(problem: StorageError) -> bool:
    return any(f"Code: {code}." in str(problem) for code in (159, 241, 307, 396))


def _version() -> str:
    """Of the files that browsers keep: it changes when one of them does."""
    content = b"".join(files("collector.page").joinpath("static", name).read_bytes() for name in sorted(STATIC))
    return hashlib.sha256(content).hexdigest()[:12]
