"""Refusals as pages for people: the one table of problems, in words and with the next step."""

from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from registry.api.context import REQUEST_ID, UNMATCHED, template
from registry.api.middleware import PROBLEM
from registry.api.problems import RETRY_AFTER, Problem
from registry.pages.rendering import here, language_of, page
from registry.pages.words import words_in

OTHERS: Final = ("/v1", "/schemas/", "/assets/", "/openapi.json", "/docs", "/metrics", "/healthz", "/readyz")
"""Addresses for machines: refusals there are problem documents (RFC 9457)."""


@web.middleware
async def shown(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals as HTML, for the page's addresses, and for unknown ones if a browser asks. Outside of `refused`."""
    response = await handler(request)
    problem = request.get(PROBLEM)
    return response if problem is None or not _for_people(request) else refusal(request, problem, response)


@web.middleware
async def tidied(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Redirects an address of a page with parameters that a form left empty to the one without them, on this server."""
    page_read = request.method in (hdrs.METH_GET, hdrs.METH_HEAD) and template(request) != UNMATCHED
    if page_read and not request.path.startswith(OTHERS) and not all(request.query.values()):
        return web.Response(status=302, headers={"Location": here(request)})
    return await handler(request)


def _for_people(request: web.Request) -> bool:
    return not request.path.startswith(OTHERS) and "text/html" in request.headers.get("Accept", "")


def refusal(request: web.Request, problem: Problem, response: web.StreamResponse) -> web.Response:
    """The page of a problem; its headers, such as Retry-After, are those of the problem document."""
    words, code = words_in(language_of(request.path)), problem.kind.code
    headers = {
        name: response.headers[name] for name in ("Retry-After", "Allow", "Connection") if name in response.headers
    }
    return page(
        request,
        "refusal.html",
        status=problem.kind.status,
        headers={**headers, "Cache-Control": "no-store"},
        title=words.say(f"problem.{code}"),
        advice=words.known(f"advice.{code}") or words.say("advice.other"),
        reference=str(request[REQUEST_ID]),
        again=problem.kind.worth_repeating and request.method == hdrs.METH_GET,
        retry_after=RETRY_AFTER,
    )
