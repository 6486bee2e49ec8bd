"""Programmes that the office makes from existing registrations: proposed, accepted by a person, and taken apart."""

from collections.abc import AsyncIterator, Iterator
from typing import Final
from uuid import UUID

from events.schemas.bounds import SHORT_TEXT
from events.streams import Stream
from projections.base.view import Document
from projections.programme.document import links_of, trials_of
from projections.views.programme import store
from registry.domain.decider import Command
from registry.domain.programme import commands as do
from registry.node import Node
from registry.programmes.proposing import Proposal, proposals, registration_of

PAGE: Final = 200


async def proposed(node: Node, without: UUID | None = None) -> list[Proposal]:
    """Proposals: groups of trials that belong to no programme and seem to be one.

    `without`: a programme whose trials count as free, because it was made from a proposal and may be incomplete.
    """
    taken = {trial async for programme in _programmes(node) for trial in _of_others(programme, without)}
    found = [registration_of(document) async for document in node.views.documents()]
    return proposals(found, frozenset(taken))


def _of_others(programme: Document, without: UUID | None) -> list[str]:
    return [] if programme["programme"] == str(without) else trials_of(programme)


async def _programmes(node: Node) -> AsyncIterator[Document]:
    after = None
    while True:
        async with node.views.connection() as connection:
            rows = await store.listed(connection, PAGE, after)
        for row in rows:
            yield row
        if len(rows) < PAGE:
            return
        after = rows[-1]["programme"]


async def accept(node: Node, proposal: UUID, owner: str, reason: str) -> str:
    """Makes a programme from a proposal and returns its id, which is the proposal's. Raises LookupError, Rejection.

    If we crash on the way, the same call continues: no recorded command is given again. Countries are only named: none
    joins by it.
    """
    found = next((one for one in await proposed(node, without=proposal) if one.id == proposal), None)
    if found is None:
        raise LookupError(f"no proposal {proposal}; `registry programmes propose` lists the proposals")
    stream = _stream(str(proposal))
    before = await node.views.document_of(stream)
    for command in _missing(found, before, owner, reason):
        await node.order(stream, command)
    return str(proposal)


def _missing(proposal: Proposal, before: Document | None, owner: str, reason: str) -> Iterator[Command]:
    """The commands that make the programme, without those that are already recorded."""
    if before is None:
        title = {language: text[:SHORT_TEXT] for language, text in proposal.title.items()}
        yield do.RegisterProgramme.model_validate({"owner": owner, "reason": reason, "details": {"title": title}})
    linked = set() if before is None else {*trials_of(before)}
    for one in proposal.registrations:
        if one.trial not in linked:
            yield do.LinkToProgramme(trial=one.trial, reason=reason)
    # A country that is already named is not recorded again.
    for country, number in proposal.countries.items():
        yield do.DeclareRegion(country=country, reason=reason, source=f"countries of {number}")


async def take_apart(node: Node, programme: str, reason: str) -> int:
    """Unlinks every registration of a programme and returns how many were linked. Raises LookupError.

    The registrations are then as if never linked; the programme and its history stay for those who take part in it.
    """
    stream = _stream(programme)
    document = await node.views.document_of(stream)
    if document is None:
        raise LookupError(f"no programme {programme}")
    links = [link["registration"] for link in links_of(document)]
    for registration in links:
        await node.order(stream, do.UnlinkFromProgramme(registration=registration, reason=reason))
    return len(links)


def _stream(programme: str) -> Stream:
    return Stream.of("programme", programme)
