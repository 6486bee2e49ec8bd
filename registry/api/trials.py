"""GET: one trial and its sites, now or as of a moment, with the persons named in it in clear."""

from collections.abc import Iterator
from typing import Any, Final

from aiohttp import web

from events.sealing import without_texts
from projections.base.moments import Moment
from projections.trial.at_home import at_home
from projections.trial.document import Document, stream_of, withheld_in, without_draft_times
from projections.trial.joining import ended_by
from registry.api.answers import answer
from registry.api.auth import may_see
from registry.api.context import ACTOR, NODE
from registry.api.joining import of_trial, sites_with_answers, with_answers
from registry.api.paging import PAGE_BYTES, following, page
from registry.api.parameters import as_of, entity_tag, only, uuid_in
from registry.api.problems import SET_ASIDE, TRIAL_UNKNOWN, Problem
from registry.api.zipping import MARK
from registry.domain import permissions
from registry.domain.trial.aggregate import AGGREGATE as TRIAL
from registry.people.persons import persons_in, without_former_contacts

MOST_SITES: Final = 1_000
"""Sites of one page."""


def routes() -> list[web.RouteDef]:
    """The reads of one trial, now or at an earlier moment."""
    return [
        web.get("/v1/trials/{trial}", trial),
        web.get("/v1/trials/{trial}/sites", sites),
    ]


async def trial_of(request: web.Request) -> str:
    """The id of the trial that the address names; raises Problem (404)."""
    return await trial_named(request, request.match_info["trial"])


async def trial_named(request: web.Request, name: str) -> str:
    """The id of the trial that goes by an id or by any registration number; raises Problem (404)."""
    if (known := uuid_in(name)) is not None:
        return str(known)
    found: str | None = await request.app[NODE].views.trial_by_identifier(name)
    if found is None:
        raise Problem(TRIAL_UNKNOWN)
    return found


async def visible(request: web.Request) -> Document:
    """The trial's document at the requested moment. Raises Problem (404), also if the asker may not see it."""
    return await visible_trial(request, await trial_of(request), as_of(request))


async def visible_trial(request: web.Request, trial: str, moment: Moment | None = None) -> Document:
    """The document of the trial with an id. Raises Problem (404), also if the asker may not see it."""
    document: Document | None = await request.app[NODE].views.document(trial, moment)
    if document is None and await _begins_set_aside(request, trial):
        raise Problem(SET_ASIDE, "it is recorded, and waits for a release that can show it")
    owner = await owner_now(request, document, moment)
    if document is None or not may_see(request, document, owner):
        raise Problem(TRIAL_UNKNOWN)
    shown = without_withheld(document, await withheld_now(request, document, moment))
    reads_drafts = TRIAL.may_see(request[ACTOR], published=False, owner=owner)
    return shown if reads_drafts else without_draft_times(shown)


async def owner_now(request: web.Request, document: Document | None, moment: Moment | None) -> str | None:
    """The trial's owner today: a former owner may no longer read its draft, as of any moment."""
    if document is None:
        return None
    if moment is not None and "owner" in document:
        document = await request.app[NODE].views.document(document["trial"]) or document
    owner: str | None = document.get("owner")
    return owner


async def withheld_now(request: web.Request, document: Document, moment: Moment | None) -> frozenset[str]:
    """Ids of the texts that the asker may not read today, whichever moment of the trial is read."""
    if permissions.may_see_withheld(request[ACTOR]):
        return frozenset()
    now = document if moment is None else await request.app[NODE].views.document(document["trial"])
    return withheld_in(now or document)


def without_withheld(document: Document, texts: frozenset[str]) -> Document:
    """The document for a reader who may not read these texts."""
    shown: Document = without_texts({name: value for name, value in document.items() if name != "withheld"}, texts)
    return shown


async def opened_for(request: web.Request, content: Document, document: Document) -> Document:
    """Data of a trial from any time, in clear. `document` is the trial's, as of the requested moment.

    A contact that the trial no longer names stays closed to the public: the past must not show a person who withdrew.
    """
    node, moment = request.app[NODE], as_of(request)
    owner = await owner_now(request, document, moment)
    if not TRIAL.may_see(request[ACTOR], published=False, owner=owner):
        now = document if moment is None else await node.views.document(document["trial"]) or document
        content = without_former_contacts(content, persons_in(now))
    return await node.open_all(content, stream_of(document["trial"]))


async def _begins_set_aside(request: web.Request, trial: str) -> bool:
    """Whether a trial that the asker may read can't be shown at all: only its first event names its owner."""
    aside = await request.app[NODE].views.set_aside(stream_of(trial), limit=1)
    public = [one.type == "trial.imported.v1" for one in aside]
    return any(
        TRIAL.may_see(request[ACTOR], published=published, owner=one.organisation)
        for one, published in zip(aside, public, strict=True)
        if one.version == 1
    )


async def lacks(request: web.Request, document: Document) -> dict[str, Any] | None:
    """The recorded events that are not shown: by which views, from which version on, and how many.

    None if all are shown, as of the requested moment.
    """
    moment = as_of(request)
    aside = [
        one
        for one in await request.app[NODE].views.set_aside(stream_of(document["trial"]))
        if moment is None or moment.recorded is None or one.recorded <= moment.recorded
    ]
    if not aside:
        return None
    return {
        "views": sorted({one.view for one in aside}),
        "since_version": min(one.version for one in aside),
        "events": len({one.position for one in aside}),
    }


async def trial(request: web.Request) -> web.StreamResponse:
    """The record, with one page of its sites, and the address of the others."""
    only(request, "as_of", "wait_for")
    document = await visible(request)
    shown, last = sites_after(document, "")
    day = await request.app[NODE].views.day(as_of(request))
    answered = with_answers(document, shown, day)
    if last is not None:
        at = request.rel_url.with_path(f"/v1/trials/{document['trial']}/sites").update_query(after=last)
        answered = {**answered, "sites_next": str(at)}
    opened = await opened_for(request, answered, document)
    if (age := at_home(document)) is not None:
        opened = {**opened, "at_home": age}
    lacking = await lacks(request, document)
    if lacking is not None:
        opened = {**opened, "set_aside": lacking}
    tag = entity_tag(
        document["version"],
        erased=sum(1 for _ in _marked(opened, "erased")),
        withheld=sum(1 for _ in _marked(opened, "withheld")),
        set_aside=lacking["events"] if lacking else 0,
        ended=ended_by(document, day),
    )
    if any(known.value.removesuffix(MARK) in (tag, "*") for known in request.if_none_match or ()):
        return web.Response(status=304, headers={"ETag": f'"{tag}"'})
    return answer(opened, etag=tag, headers={"Registry-Position": document["position"]})


def _marked(value: Any, mark: str) -> Iterator[bool]:
    if isinstance(value, dict):
        if value.get(mark) is True:
            yield True
        for inner in value.values():
            yield from _marked(inner, mark)
    elif isinstance(value, list):
        for inner in value:
            yield from _marked(inner, mark)


def sites_after(document: Document, after: str) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the trial's sites in the order of their ids, and the last id if more follow."""
    later = ((name, site) for name, site in sorted(document["sites"].items()) if name > after)
    return page(later, PAGE_BYTES, MOST_SITES)


async def sites(request: web.Request) -> web.StreamResponse:
    """A page of the site board of one trial, by the sites' ids."""
    only(request, "after", "as_of", "wait_for")
    after = request.query.get("after", "")
    document = await visible(request)
    sites, last = sites_after(document, after)
    day = await request.app[NODE].views.day(as_of(request))
    board = {
        "trial": document["trial"],
        "version": document["version"],
        "status": document["status"],
        "joining": of_trial(document, day),
        "sites": sites_with_answers(document, sites, day),
        **({} if last is None else {"next": following(request, after=last)}),
    }
    return answer(await opened_for(request, board, document))
