"""What a trial can be found by, as rows of the search view."""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from events.canonical import to_json
from events.event import Event
from projections.document import Document
from projections.identifiers import all_of
from projections.search import facets
from projections.search.texts import sponsors, texts
from projections.search.vectors import vectors
from projections.table import Put, Table

FOUND_BY: Final = (
    "wording", "public", "owner", "own", "home", "identifiers", "authorisation", "recruitment", "recruiting_sites",
    "study_type", "phase", "sex", "aim", "countries", "ages", "first_enrolment", "sponsors", "summary",
)  # fmt: skip
"""The columns of an entry that decide whether a new one is needed."""
SEARCH: Final = Table("search", "search", ("trial", "version", "partition", "since", "since_offset", *FOUND_BY))
WORDS: Final = Table("search", "search_words", ("trial", "wording", "part", "words"))
SUMMARISED: Final = ("public_title", "scientific_title", "acronym", "phase", "study_type", "first_enrolment")


def project(event: Event, before: Document | None, after: Document | None) -> Iterator[Put]:
    """A new entry where an event changed what the trial is found by, and its words where these changed."""
    if after is None:
        return
    trial = after["trial"]
    was, now = None if before is None else entry(before), entry(after)
    if was == now:
        return
    place = (event.position.partition, event.recorded, event.position.offset)
    row = (trial, event.version, *place, *(now[name] for name in FOUND_BY))
    yield Put(SEARCH, (trial, event.version), (row,))
    if was is None or was["wording"] != now["wording"]:
        words = enumerate(vectors(texts(after)))
        yield Put(WORDS, (trial, now["wording"]), tuple((trial, now["wording"], part, each) for part, each in words))


def entry(document: Document) -> dict[str, Any]:
    """The columns by which a trial is found and shown in a list."""
    registration = document["registration"]
    return {
        "wording": wording(document),
        "public": is_public(document),
        "owner": document.get("owner"),
        "own": "number" in document,
        "home": document["home"]["registry"] if "home" in document else None,
        "identifiers": sorted(set(all_of(document))),
        "authorisation": document["status"]["authorisation"],
        "recruitment": document["status"]["recruitment"],
        "recruiting_sites": facets.recruiting_sites(document),
        "study_type": registration.get("study_type"),
        "phase": registration.get("phase"),
        "sex": registration.get("eligibility", {}).get("sex"),
        "aim": registration.get("research_aim"),
        "countries": facets.countries(document),
        "ages": facets.ages(registration.get("eligibility", {})),
        "first_enrolment": facets.days(registration.get("first_enrolment")),
        "sponsors": "".join(vectors([("A", name) for name in sponsors(registration)])[:1]),
        "summary": to_json(summary(document)).decode(),
    }


def is_public(document: Document) -> bool:
    """Published here, or a partner's; a draft is seen by its owner, the registry and regulators only."""
    return "number" in document or "home" in document


def wording(document: Document) -> str:
    """Names the texts of a document by their digest."""
    return hashlib.sha256(to_json(texts(document))).hexdigest()[:32]


def summary(document: Document) -> dict[str, Any]:
    """What a list of found trials shows of one."""
    registration = document["registration"]
    sponsor = registration.get("primary_sponsor")
    return {
        "trial": document["trial"],
        **{name: document[name] for name in ("number", "registered", "home", "adopted_from") if name in document},
        "status": document["status"],
        **{name: registration[name] for name in SUMMARISED if name in registration},
        **({"sponsor": sponsor["name"]} if sponsor else {}),
        "conditions": [condition["name"] for condition in registration.get("conditions", ())],
        "countries": facets.countries(document),
        "recruiting_sites": facets.recruiting_sites(document),
    }
