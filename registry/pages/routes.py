"""The page's addresses, each in both languages, and the style they share."""

from aiohttp import web

from registry.api.receiving import when_read
from registry.pages import assets, problems, programmes, reporting, searching, trial, vocabulary
from registry.pages.rendering import ENGLISH, as_public


def routes() -> list[web.RouteDef]:
    """The routes mounted beside the API's."""
    localised = [
        (web.get, "/", searching.search),
        (web.get, "/trials/{trial}", trial.trial),
        (web.get, "/trials/{trial}/timeline", trial.timeline),
        (web.get, "/programmes", programmes.programmes),
        (web.get, "/programmes/{programme}", programmes.programme),
        (web.get, "/report", reporting.ask),
        (web.post, "/report", reporting.report),
        (web.get, "/vocabulary", vocabulary.synonyms),
        (web.get, "/problems", problems.problems),
        (web.get, "/problems/{code}", problems.problem),
    ]
    return [
        *(
            method(prefix + place, as_public(handler), expect_handler=when_read)
            for prefix in ("", ENGLISH)
            for method, place, handler in localised
        ),
        web.get(ENGLISH, _english),
        web.get("/assets/{digest}/{name}", assets.asset),
    ]


async def _english(_: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": f"{ENGLISH}/"})
