"""Reading programmes: one with its regions and linked trials, now or as of a moment, as far as the asker may read."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from aiohttp import web

from events.schemas.gates import stream_of_region
from events.streams import Stream
from projections.base.moments import Moment
from projections.base.view import Document
from projections.programme.document import trials_of
from registry.api.context import ACTOR, NODE
from registry.api.parameters import as_of, uuid_in
from registry.api.problems import PROGRAMME_UNKNOWN, REGION_UNKNOWN, TRIAL_UNKNOWN, Problem
from registry.api.trials import visible_trial
from registry.programmes.seeing import Viewer
from registry.programmes.whole import RegionRead, Whole, programme_in, whole_of


async def viewer_of(request: web.Request) -> Viewer:
    """The programme that the address names, for the asker. Raises Problem (404), also where they may not read it."""
    known, moment = uuid_in(request.match_info["programme"]), as_of(request)
    if known is None:
        raise Problem(PROGRAMME_UNKNOWN)
    document = await request.app[NODE].views.document_of(stream_of(str(known)), moment)
    if document is None:
        raise Problem(PROGRAMME_UNKNOWN)
    whole = await whole_in(request, document, moment)
    latest = None
    if moment is not None:
        today = await request.app[NODE].views.document_of(stream_of(str(known)))
        latest = await whole_in(request, today or document)
    viewer = Viewer(request[ACTOR], whole, latest)
    if not viewer.may_read_programme:
        raise Problem(PROGRAMME_UNKNOWN)
    return viewer


def stream_of(programme: str) -> Stream:
    """The stream of a programme's events."""
    return Stream.of("programme", programme)


async def whole_in(request: web.Request, document: Document, moment: Moment | None = None) -> Whole:
    """The programme of a document, with its regions and those of its trials that the asker may read."""
    views = request.app[NODE].views
    regions, trials = await _regions(request, document, moment), await _trials(request, trials_of(document), moment)
    day, now = await views.day(moment), views.now()
    # Folding a hundred regions takes a part of a second, during which commands must still be acknowledged.
    return await asyncio.to_thread(whole_of, document, regions, trials, day, now)


async def _regions(request: web.Request, document: Document, moment: Moment | None) -> list[Document]:
    """The documents of the regions that have begun."""
    views, programme = request.app[NODE].views, document["programme"]
    streams = [stream_of_region(programme, code) for code in programme_in(document).regions]
    if moment is None:
        return [*(await views.documents_of(streams)).values()]
    found = [await views.document_of(stream, moment) for stream in streams]
    return [one for one in found if one is not None]


async def _trials(request: web.Request, trials: Sequence[str], moment: Moment | None) -> dict[str, Document]:
    found: dict[str, Document] = {}
    for trial in trials:
        try:
            found[trial] = await visible_trial(request, trial, moment)
        except Problem as fault:
            if fault.kind is not TRIAL_UNKNOWN:
                raise
    return found


def region_of(request: web.Request, viewer: Viewer) -> RegionRead:
    """The region of the programme that the address names; raises Problem (404)."""
    region = viewer.whole.regions.get(request.match_info["code"])
    if region is None:
        raise Problem(REGION_UNKNOWN)
    return region


async def opened(request: web.Request, viewer: Viewer, answers: Iterable[Any]) -> list[Any]:
    """The answers with their texts in clear, each under the keys of the stream that its `region` names."""
    node, streams = request.app[NODE], {code: f"region/{one.id}" for code, one in viewer.whole.regions.items()}
    return [await node.open_all(one, streams[one["region"]]) for one in answers]
