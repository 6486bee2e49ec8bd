"""The OpenAPI 3.1 document: one operation for each route, and the page that shows it."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any, Final

from aiohttp import web

from events.canonical import to_json
from registry.api import docs_page, openapi_programmes, problems
from registry.api.answers import IndexAnswer, Problem, SearchAnswer, SitesAnswer, TrialAnswer, receipt_of
from registry.api.consequence_answers import ConsequencesAnswer
from registry.api.context import NODE
from registry.api.history_answers import ChangeAnswer, HistoryAnswer
from registry.api.offered import OFFERED, Offered
from registry.api.openapi_links import LINKS, after
from registry.api.openapi_parameters import COMMAND, FILTERS, PARAMETERS, READ, ref, variable
from registry.api.schemas import RECEIPTS, any_of, components, reference
from registry.api.source_answers import ImportAnswer, ImportsAnswer, RawDocumentsAnswer, SourcesAnswer
from registry.api.streaming import EVENTS, LINES
from registry.api.vocabulary_answers import VocabularyAnswer
from registry.engine.turns import Turns

DESCRIPTION: Final = (
    "The registry's log decides: a command is answered with 201 once it is recorded for ever, and repeating it with "
    "the same Idempotency-Key gives the same answer on every node. Every read can be asked as of a moment, and can "
    "wait for a position. Refusals are RFC 9457 problems that list every fault at once."
)
FEED: Final = (
    "One entry on each line, and an empty line where nothing came for a while; or, where the header Accept asks for "
    "text/event-stream, one in each event, its id the entry's cursor."
)
COMMAND_STATUSES: Final = (400, 401, 403, 404, 408, 412, 413, 414, 415, 422, 429, 431, 500, 503)
READ_STATUSES: Final = (400, 401, 404, 414, 429, 431, 500, 503)


def routes() -> list[web.RouteDef]:
    """The routes of the document and of its page."""
    return [web.get("/openapi.json", described), web.get("/docs", shown)]


async def described(request: web.Request) -> web.StreamResponse:
    """The document."""
    body = await request.app[MAKING].do(True, _encoded, request.app[NODE].settings.name)
    return web.Response(body=body, content_type="application/json")


async def shown(request: web.Request) -> web.StreamResponse:
    """The page: it loads nothing from another server, and runs no script."""
    node = request.app[NODE]
    body = await request.app[MAKING].do(True, _page, node.settings.name, node.settings.public_url, node.invented)
    headers = {"Content-Security-Policy": docs_page.POLICY}
    return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)


MAKING: Final = web.AppKey("making", Turns)
"""Making the document or the page takes a part of a second. Requests meanwhile wait for it, and find it cached."""


@cache
def _encoded(name: str) -> bytes:
    return to_json(document(name))


@cache
def _page(name: str, address: str, invented: bool) -> bytes:
    return docs_page.render(document(name), address, invented=invented).encode()


def document(name: str) -> dict[str, Any]:
    """The whole document, for a registry of this name."""
    return {
        "openapi": "3.1.0",
        "info": {"title": name, "version": version("clinical-trial-registry"), "description": DESCRIPTION},
        "paths": paths(),
        "security": [{}, {"bearer": []}],
        "components": {
            "schemas": components(),
            "parameters": PARAMETERS,
            "links": dict(LINKS),
            "responses": {f"Problem{status}": _problem(status) for status in sorted(_statuses())},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of an organisation (RFC 6750). Without one, the asker is the public.",
                }
            },
        },
    }


def paths() -> dict[str, dict[str, Any]]:
    """Every operation, by its path and method."""
    found: dict[str, dict[str, Any]] = {}
    for path, methods in _operations():
        found.setdefault(path, {}).update(methods)
    return found


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "/v1", {"get": _read("readIndex", "Read what can be read here", IndexAnswer, [])}
    yield from _commands(creating=True)
    yield from _trials()
    yield from _raw_documents()
    yield from _programmes()
    yield "/v1/changes", {"get": _changes()}
    yield from _imports()
    yield "/v1/consequences", {"get": _consequences()}
    looked = [*map(ref, ("VocabularyText", "VocabularyTopic", "VocabularyLimit", "AfterGroup"))]
    yield "/v1/vocabulary", {"get": _read("readVocabulary", "Read which terms mean the same", VocabularyAnswer, looked)}
    yield from _commands(creating=False)
    parameters = [ref("Key"), ref("WaitFor"), ref("WaitForQuery")]
    receipt = _read("readCommand", "Ask what became of a command", None, parameters)
    receipt["responses"]["200"]["content"]["application/json"]["schema"] = any_of(RECEIPTS)
    yield "/v1/commands/{key}", {"get": receipt}
    addressed = [ref("EventType"), ref("Revision")]
    schema = _read("readEventSchema", "Read the JSON Schema of an event's data", None, addressed)
    yield "/schemas/{type}/{revision}", {"get": schema}
    yield from _operation()


def _trials() -> Iterator[tuple[str, dict[str, Any]]]:
    trial = ref("Trial")
    found = _read("search", "Find trials", SearchAnswer, [*map(ref, FILTERS), *READ])
    yield "/v1/trials", {"get": found}
    one = _read("readTrial", "Read a trial", TrialAnswer, [trial, ref("IfNoneMatch"), *READ])
    one["responses"]["200"]["headers"] = {
        "ETag": _header("The version."),
        "Registry-Position": _header("Its last event's."),
    }
    one["responses"]["304"] = {"description": "It is as If-None-Match says it was."}
    yield "/v1/trials/{trial}", {"get": one}
    board = _read("readSites", "Read a trial's sites", SitesAnswer, [trial, ref("AfterSite"), *READ])
    yield "/v1/trials/{trial}/sites", {"get": board}
    pages = [trial, ref("After"), ref("HistoryLimit"), *READ]
    yield "/v1/trials/{trial}/history", {"get": _read("readHistory", "Read what happened", HistoryAnswer, pages)}
    read_sources = _read(
        "readSources", "Read where a trial's data came from", SourcesAnswer, [trial, ref("AfterSource"), *READ]
    )
    yield "/v1/trials/{trial}/sources", {"get": read_sources}


def _programmes() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, read in openapi_programmes.reads(_read):
        if path.endswith("/history"):
            read["responses"] |= _refusals((403,))
        yield path, {"get": read}


def _raw_documents() -> Iterator[tuple[str, dict[str, Any]]]:
    pages = [ref("Trial"), ref("After"), *READ]
    listed = _read("listRawDocuments", "List what partners sent of a trial", RawDocumentsAnswer, pages)
    listed["responses"] |= _refusals((403,))
    yield "/v1/trials/{trial}/documents", {"get": listed}
    named = [ref("Trial"), ref("Document"), ref("IfNoneMatch"), *READ]
    one = _read("readRawDocument", "Read what a partner sent, as it came", None, named)
    one["responses"]["200"] = {
        "description": "Its bytes, of the media type that the list says.",
        "headers": {"ETag": _header("Its SHA-256."), "Content-Disposition": _header("A name for a file of it.")},
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
    one["responses"] |= {"304": {"description": "It has the SHA-256 of If-None-Match."}, **_refusals((403, 410))}
    yield "/v1/trials/{trial}/documents/{document}", {"get": one}


def _changes() -> dict[str, Any]:
    parameters = [*map(ref, ("AfterPlace", "LastEventId", "Follow", "ChangesLimit", "WaitFor", "WaitForQuery"))]
    feed = _read("followChanges", "Follow what changes", ChangeAnswer, parameters)
    entry = feed["responses"]["200"]["content"]["application/json"]["schema"]
    feed["responses"]["200"] |= {
        "description": FEED,
        "headers": {"Link": _header("Where a page that is not followed goes on.")},
        "content": {LINES.content_type: {"schema": entry}, EVENTS.content_type: {"schema": {"type": "string"}}},
    }
    return feed


def _commands(*, creating: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in OFFERED:
        if one.declared.creates is creating:
            yield one.path, {"post": _command(one)}


def _imports() -> Iterator[tuple[str, dict[str, Any]]]:
    pages = [ref("Before"), ref("ImportsLimit"), *READ]
    last = _read("listImports", "Read the receipts of the last imports", ImportsAnswer, pages)
    refused = [ref("Import"), ref("After"), *READ]
    one = _read("readImport", "Read an import's receipt with its refusals", ImportAnswer, refused)
    for path, read in (("/v1/imports", last), ("/v1/imports/{import}", one)):
        read["responses"] |= _refusals((403,))
        yield path, {"get": read}


def _consequences() -> dict[str, Any]:
    pages = [ref("AfterConsequence"), ref("ConsequencesLimit"), ref("WaitFor"), ref("WaitForQuery")]
    summary = "List commands that followed from events and were refused"
    listed = _read("listConsequences", summary, ConsequencesAnswer, pages)
    listed["responses"] |= _refusals((403,))
    return listed


def _operation() -> Iterator[tuple[str, dict[str, Any]]]:
    plain: Mapping[str, tuple[str, str, str]] = {
        "/healthz": ("alive", "Whether the process lives", "application/json"),
        "/readyz": ("ready", "Whether the node takes commands and reads", "application/json"),
        "/metrics": ("metrics", "Measurements for Prometheus", "text/plain"),
        "/openapi.json": ("openapi", "This document", "application/json"),
        "/docs": ("docs", "This document as a page", "text/html"),
    }
    for path, (operation, summary, media) in plain.items():
        responses: dict[str, Any] = {"200": {"description": "As asked.", "content": {media: {}}}}
        if path == "/readyz":
            responses["503"] = {"description": "Not ready, and why.", "content": {media: {}}}
        yield (
            path,
            {"get": {"operationId": operation, "summary": summary, "tags": ["Operation"], "responses": responses}},
        )


def _command(one: Offered) -> dict[str, Any]:
    category, example = one.aggregate.category, one.declared.example
    headers = {"ETag": _header("The version it made."), "Registry-Position": _header("Where it is recorded.")}
    if one.declared.creates:
        headers["Location"] = _header(f"The new {category}.")
    recorded = {
        "description": "Recorded.",
        "headers": headers,
        "content": {"application/json": {"schema": reference(receipt_of(category))}},
        "links": after(one),
    }
    body = {"application/json": {"schema": reference(one.model), "example": dict(example)}}
    return {
        "operationId": one.operation,
        "summary": (one.model.__doc__ or "").strip(),
        "tags": ["Commands"],
        "parameters": [*map(variable, one.variables), *COMMAND],
        "requestBody": {"required": bool(example), "content": body},
        "responses": {"201": recorded, **_refusals(COMMAND_STATUSES)},
    }


def _read(name: str, summary: str, model: Any, parameters: list[dict[str, str]]) -> dict[str, Any]:
    content = {"application/json": {"schema": reference(model) if model else {"type": "object"}}}
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["Reads"],
        "parameters": parameters,
        "responses": {"200": {"description": "As asked.", "content": content}, **_refusals(READ_STATUSES)},
    }


def _refusals(statuses: tuple[int, ...]) -> dict[str, dict[str, str]]:
    return {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in statuses}


def _statuses() -> set[int]:
    return {*COMMAND_STATUSES, *READ_STATUSES, problems.DOCUMENT_ERASED.status}


def _problem(status: int) -> dict[str, Any]:
    kinds = [kind for kind in problems.KINDS if kind.status == status]
    return {
        "description": "; ".join(f"{kind.title} (`{kind.code}`)" for kind in kinds),
        "content": {problems.CONTENT_TYPE: {"schema": reference(Problem)}},
    }


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}
