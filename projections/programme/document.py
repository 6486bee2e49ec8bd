"""The document of a programme, or of one of its regions: its events in order, as the log holds them.

Conclusions from the events come from the same fold as decisions (`registry.programmes`), so a region as people read it
and the basis of its rules can't differ, and both read a correction in the same way.
"""

from collections.abc import Iterator
from typing import Any, Final
from unicodedata import normalize

from events.catalogue import payload_of, upcast
from events.event import Event
from events.record import written
from events.streams import Stream
from projections.base.view import Document
from projections.trial.document import timestamp

FIRST: Final = frozenset({"programme.registered.v1", "region.begun.v1"})
OF_DETAILS: Final = frozenset({"programme.registered.v1", "programme.amended.v1"})


class NoBeginning(ValueError):
    """An event that can't be the first of its stream."""


def evolve(document: Document | None, event: Event) -> Document:
    """The document after the event; the one before is left as it was.

    Raises NoBeginning, and what `events.catalogue.payload_of` raises: nobody is shown half.
    """
    record, recorded = upcast(event.record), timestamp(event.recorded)
    payload_of(record)
    if document is None and record.type not in FIRST:
        raise NoBeginning(f"{record.type} at {event.position} begins neither a programme nor a region")
    before = document or _begun(Stream(record.subject), record.data, recorded)
    entry = {
        "version": event.version,
        "type": record.type,
        "position": str(event.position),
        "recorded": recorded,
        "occurred": written(record.time),
        "organisation": record.onbehalfof,
        "data": record.data,
    }
    latest = {"version": event.version, "position": str(event.position), "last_recorded": recorded}
    return {**before, **latest, "events": [*before.get("events", ()), entry]}


def _begun(stream: Stream, data: Document, recorded: str) -> Document:
    context = {"owner": data["owner"]} if stream.category == "programme" else {"of": data["programme"]}
    return {stream.category: stream.id, **context, "first_recorded": recorded}


def details_of(document: Document) -> Document:
    """The programme's name and subject."""
    stated = [one["data"] for one in document["events"] if one["type"] in OF_DETAILS]
    details: Document = stated[-1].get("now") or stated[-1]["details"]
    return details


def words_of(document: Document) -> str:
    """The titles and the acronym in the form in which they are looked for."""
    details = details_of(document)
    return "\n".join(sought(text) for text in (*details["title"].values(), details.get("acronym", "")))


def sought(text: str) -> str:
    """A text in the form in which texts are compared."""
    return normalize("NFKC", text).casefold().strip()


def links_of(document: Document) -> Iterator[Document]:
    """The registrations that are linked, as their events tell them."""
    links: dict[str, Any] = {}
    for one in document["events"]:
        if one["type"] == "programme.registration-linked.v1":
            links[one["data"]["registration"]] = one["data"]
        if one["type"] == "programme.registration-unlinked.v1":
            links.pop(one["data"]["registration"], None)
    yield from links.values()


def numbers_of(document: Document) -> list[str]:
    """The numbers of other registries' linked registrations, of protocols, and the ids of linked trials of ours."""
    linked = [link["number"]["number"] if "number" in link else link["trial"] for link in links_of(document)]
    protocols = [
        one["data"]["protocol"]["number"] for one in document["events"] if one["type"] == "programme.protocol-added.v1"
    ]
    return sorted({sought(number) for number in (*linked, *protocols)})


def trials_of(document: Document) -> list[str]:
    """The ids of linked trials of this registry."""
    return sorted({link["trial"] for link in links_of(document) if "trial" in link})


def countries_of(document: Document) -> list[str]:
    """The codes of the regions that joined, and the countries that somebody named."""
    joined = (one["data"]["terms"] for one in document["events"] if one["type"] == "programme.region-joined.v1")
    named = (one["data"]["country"] for one in document["events"] if one["type"] == "programme.region-declared.v1")
    return sorted({*named, *(code for terms in joined for code in (terms["region"], terms["country"]))})
