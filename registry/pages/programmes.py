"""The pages of programmes: the list, and one of them; and a trial's programmes on the page of the trial."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from aiohttp import web

from projections.trial import joining
from projections.trial.courses import on
from projections.trial.document import Document
from projections.views.programme import store
from registry.api.context import NODE
from registry.api.parameters import only
from registry.api.programme_reading import opened, viewer_of
from registry.api.programmes import query_of, readable
from registry.pages.joining import Badge, badge_of_part
from registry.pages.programme import name_of, programme_page
from registry.pages.rendering import drawn, language_of
from registry.pages.shown import Passage, bilingual
from registry.pages.telling import moment_in_words
from registry.pages.words import Words, words_in
from registry.programmes.questions import open_questions
from registry.programmes.shown import ProgrammeListed, listed
from registry.programmes.whole import programme_in

LISTED: Final = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A programme in the list."""

    id: str
    title: Passage
    acronym: str
    regions: str
    named: str
    state: str


async def programmes(request: web.Request) -> web.StreamResponse:
    """The list."""
    only(request, "after", "q", "region", "wait_for")
    words, query = words_in(language_of(request.path)), query_of(request)
    viewers, last = await readable(request, query, LISTED)

    def content() -> dict[str, Any]:
        found = [_found(words, listed(viewer)) for viewer in viewers]
        shown = {"q": query["q"], "region": query["region"] or ""}
        return {"found": found, "query": shown, "begun": query["after"] is not None, "following": last}

    return await drawn(request, "programmes.html", content)


def _found(words: Words, one: ProgrammeListed) -> Found:
    state = words.say("programme.ended") if one.ended else words.say("programme.halted") if one.halted else ""
    return Found(
        id=one.programme,
        title=bilingual(words, one.details.title.to_stored()),
        acronym=one.details.acronym or "",
        regions=words.say("value.separator").join(name_of(words, region.region) for region in one.regions),
        named=words.say("value.separator").join(words.country(code) for code in one.named),
        state=state,
    )


async def programme(request: web.Request) -> web.StreamResponse:
    """One programme."""
    only(request, "as_of", "wait_for")
    words, moment = words_in(language_of(request.path)), request.query.get("as_of", "")
    viewer = await viewer_of(request)
    questions = await opened(request, viewer, [one.to_stored() for one in open_questions(viewer)])

    def content() -> dict[str, Any]:
        page = programme_page(words, viewer, questions)
        place = {"at": f"/programmes/{viewer.whole.id}", "id": viewer.whole.id, "version": viewer.whole.state.version}
        return {**page, **place, "moment": moment_in_words(words, moment or None), "as_of": moment}

    return await drawn(request, "programme.html", content)


@dataclass(frozen=True, slots=True)
class Belongs:
    """A programme that a trial belongs to, and whether somebody can join the trial in each of its regions."""

    place: str
    title: Passage
    regions: tuple[tuple[str, Badge], ...]


async def belongs_to(request: web.Request, words: Words, document: Document, day: date) -> Sequence[Belongs]:
    """The programmes of a public trial, in their state of today."""
    async with request.app[NODE].views.connection() as connection:
        found = await store.of_trial(connection, document["trial"])
    return [_belongs(words, one, document, day) for one in found]


def _belongs(words: Words, programme: Document, document: Document, day: date) -> Belongs:
    state = programme_in(programme)
    answers = {
        code: on(joining.in_country(document, terms.country), day) for code, terms in sorted(state.regions.items())
    }
    regions = tuple(
        (name_of(words, code), badge_of_part(words, document["status"], answer)) for code, answer in answers.items()
    )
    return Belongs(f"/programmes/{programme['programme']}", bilingual(words, state.details.title.to_stored()), regions)
