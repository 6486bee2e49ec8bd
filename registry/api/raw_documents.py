"""GET: the raw documents of a trial, listed, and the bytes of one as its sender gave them."""

from typing import Final

from aiohttp import hdrs, web

from projections.trial.document import stream_of
from registry.api.answers import answer
from registry.api.auth import not_permitted
from registry.api.context import ACTOR, NODE
from registry.api.history import LAST_VERSION
from registry.api.paging import PAGE_BYTES, following
from registry.api.parameters import as_of, only, whole_number
from registry.api.problems import DOCUMENT_ERASED, DOCUMENT_UNKNOWN, Problem
from registry.api.trials import visible
from registry.domain import permissions
from registry.exchange.named import find, named_in
from registry.exchange.raw import Destroyed

EVENTS: Final = 200
"""Events of one page; each names one document or none."""
ALONE: Final = "default-src 'none'; sandbox"
"""The policy (CSP) for bytes from others: if a browser shows them, nothing in them runs or is fetched."""


def routes() -> list[web.RouteDef]:
    """The routes of raw documents, for the registry's office and regulators, because the documents contain contacts."""
    return [
        web.get("/v1/trials/{trial}/documents", documents),
        web.get("/v1/trials/{trial}/documents/{document}", one),
    ]


async def documents(request: web.Request) -> web.StreamResponse:
    """A page of raw documents, in the order in which they came. A page may be empty although more follow."""
    _permit(request)
    only(request, "after", "as_of", "wait_for")
    after = whole_number(request, "after", 0, 0, LAST_VERSION)
    document = await visible(request)
    stream = stream_of(document["trial"])
    rows = await request.app[NODE].views.history(stream, as_of(request), after, EVENTS, PAGE_BYTES)
    content = {
        "trial": document["trial"],
        "version": document["version"],
        "documents": [
            {**named.to_json(), "link": f"/v1/trials/{document['trial']}/documents/{named.digest}"}
            for named in named_in(row.event for row in rows)
        ],
    }
    if rows and rows[-1].event.version < document["version"]:
        content["next"] = following(request, after=str(rows[-1].event.version))
    return answer(content)


async def one(request: web.Request) -> web.StreamResponse:
    """The bytes, which are never compressed, so that their entity tag is their SHA-256."""
    _permit(request)
    only(request, "as_of", "wait_for")
    node, digest = request.app[NODE], request.match_info["document"]
    document = await visible(request)
    named = await find(node.views.pages(stream_of(document["trial"]), as_of(request)), digest)
    if named is None:
        raise Problem(DOCUMENT_UNKNOWN, "ask for a document as the list of the trial's documents names it")
    try:
        raw = await node.documents.fetch(digest)
    except Destroyed as fault:
        raise Problem(DOCUMENT_ERASED, "a person in it was forgotten, or a text of it taken back") from fault
    headers = {hdrs.ETAG: f'"{digest}"', hdrs.CACHE_CONTROL: "no-store", "Content-Security-Policy": ALONE}
    if any(known.value in (digest, "*") for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    headers |= {
        hdrs.CONTENT_TYPE: named.source["media_type"],
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{named.file}"',
    }
    return web.Response(body=raw, headers=headers)


def _permit(request: web.Request) -> None:
    if not permissions.may_see_raw_documents(request[ACTOR]):
        raise not_permitted(request)
