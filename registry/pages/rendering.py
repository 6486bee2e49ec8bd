"""A page as a response: templates, the language of an address, links that keep both, and the browser's policy.

Japanese is at the address itself and English under /en, so that a link names a page in one language, and switching
keeps the place. A page shows public data only, to every reader.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from events.schemas.zones import day_in
from registry.api.context import ACTOR, NODE
from registry.pages import assets
from registry.pages.drawing import DRAWING
from registry.pages.isolating import as_given, bdi, isolated
from registry.pages.values import label
from registry.pages.words import Language, words_in

ENGLISH: Final = "/en"
PATH_MARKS: Final = "/:@!$&'()*+,;=-._~"
"""Characters that need no escape in a path. RFC 3986, 3.3."""
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of every page: no script runs, and nothing comes from elsewhere."""
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

TEMPLATES: Final = Environment(
    loader=PackageLoader("registry.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
    finalize=isolated,
)
TEMPLATES.filters |= {"bdi": bdi, "as_given": as_given}

Query = Mapping[str, Any]


def language_of(path: str) -> Language:
    """The language of an address."""
    return Language.ENGLISH if path == ENGLISH or path.startswith(f"{ENGLISH}/") else Language.JAPANESE


def place_of(path: str) -> str:
    """The address without its language."""
    return (path.removeprefix(ENGLISH) or "/") if language_of(path) is Language.ENGLISH else path


def address(language: Language, place: str, query: Query | None = None) -> str:
    """A place in a language; parameters that are empty are left out."""
    prefix = ENGLISH if language is Language.ENGLISH else ""
    pairs = [(name, value) for name, value in _pairs(query or {}) if value != ""]
    # Two slashes, or a slash and a backslash, would begin the name of another host.
    path = prefix + "/" + quote(place.lstrip("/\\"), safe=PATH_MARKS, errors="replace")
    return path + (f"?{urlencode(pairs, errors='replace')}" if pairs else "")


def _pairs(query: Query) -> list[tuple[str, str]]:
    return [
        (name, str(one))
        for name, value in query.items()
        for one in (value if isinstance(value, list | tuple) else (value,))
    ]


def today(zone: str | None = None) -> str:
    """The calendar date in the zone; in Japan if none is given."""
    return day_in(zone, datetime.now(UTC)).isoformat()


def here(request: web.Request) -> str:
    """The address of the requested page, without empty parameters."""
    return address(language_of(request.path), place_of(request.path), _query_of(request))


def _query_of(request: web.Request) -> Query:
    return {name: request.query.getall(name) for name in request.query}


def html(
    template: str, registry: str, path: str, query: Query, content: Mapping[str, Any], *, invented: bool = False
) -> str:
    """The template rendered in the language of the path. `registry`: its name; `query`: the address's parameters.

    `invented`: the registry is a demo, and each page says so.
    """
    language, place = language_of(path), place_of(path)
    words = words_in(language)

    def href(to: str, **parameters: Any) -> str:
        return address(language, to, parameters)

    return TEMPLATES.get_template(template).render(
        words=words,
        say=words.say,
        label=lambda name: label(words, name),
        href=href,
        language=str(language),
        registry=registry,
        invented=invented,
        switch=address(language.other, place, query),
        here=address(language, place, query),
        place=place,
        stylesheet=assets.address("page.css"),
        icon=assets.address("icon.svg"),
        **{"today": today(), **content},
    )


def page(
    request: web.Request, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **content: Any
) -> web.Response:
    """The template rendered in the address's language."""
    node = request.app[NODE]
    text = html(template, node.settings.name, request.path, _query_of(request), content, invented=node.invented)
    return web.Response(
        text=text, status=status, content_type="text/html", charset="utf-8", headers={**HEADERS, **(headers or {})}
    )


async def drawn(request: web.Request, template: str, content: Callable[[], Mapping[str, Any]]) -> web.Response:
    """As `page`, rendered on another thread together with its content: for pages that can be long."""
    return await request.app[DRAWING].do(lambda: page(request, template, **content()))


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def as_public(handler: Handler) -> Handler:
    """The handler with the public as its reader, whatever token the request has."""

    async def handle(request: web.Request) -> web.StreamResponse:
        request[ACTOR] = request.app[NODE].anonymous
        return await handler(request)

    return handle
