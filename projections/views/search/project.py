"""Values by which a trial can be found, as rows of the search view."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

from events.canonical import to_json
from events.event import Event
from events.schemas.values import first_day
from projections.base.sharing import once_for_each
from projections.base.table import SINCE, UNTIL, Put, Table
from projections.base.view import View
from projections.search import facets
from projections.search.facets import HOLDS_UNTIL
from projections.search.shown import shown_on
from projections.search.texts import beside, texts_of
from projections.search.words import written
from projections.trial import joining
from projections.trial.at_home import at_home
from projections.trial.courses import Course
from projections.trial.document import Document, is_public
from projections.trial.identifiers import claims_of, former_of, normalise, numbers_of

EVER: Final = "9999-12-31"
FOUND_BY: Final = (
    "wording", "beside", "public", "owner", "own", "home", "identifiers", "borne", "authorisation", "recruitment",
    *HOLDS_UNTIL.values(), "sites_until", "study_type", "phase", "sex", "aim", "countries", "ages", "first_enrolment",
    "registered", "confirmed", "traits",
)  # fmt: skip
ENTRY: Final = ("trial", "version", "partition", *SINCE, "newest", *FOUND_BY)
PAST: Final = Table("search_past", (*ENTRY, *UNTIL), key=("trial", "version"))
SEARCH: Final = Table("search", ENTRY, key=("trial", "version"), past=PAST)
SHOWN: Final = Table("search_shown", ("trial", "version", "summary"), key=("trial", "version"))
WORDS: Final = Table(
    "search_words", ("wording", "titles", "conditions", "sponsors", "rest"), key=("wording",), replaced=True
)
BESIDE: Final = Table("search_beside", ("wording", "words"), key=("wording",), replaced=True)
SUMMARISED: Final = ("public_title", "scientific_title", "acronym", "phase", "study_type", "first_enrolment")


def project(event: Event, before: Document | None, after: Document | None) -> Iterator[Put]:
    """A new entry if an event changed values by which the trial is found, and its words if these changed."""
    if after is None:
        return
    trial = after["trial"]
    was, now = {} if before is None else entry(before), entry(after)
    if was == now:
        return
    key = (trial, event.version)
    place = (event.position.partition, event.recorded, event.position.offset, newest(after, event.recorded))
    yield Put(SEARCH, key, ((*key, *place, *(now[name] for name in FOUND_BY)),))
    yield Put(SHOWN, key, ((*key, to_json(now["summary"]).decode()),))
    if was.get("wording") != now["wording"]:
        name = now["wording"]
        yield Put(WORDS, (name,), ((name, *map(written, texts_of(after["registration"]))),))
    if was.get("beside") != now["beside"]:
        name = now["beside"]
        yield Put(BESIDE, (name,), ((name, written(beside(after))),))


def newest(document: Document, recorded: datetime) -> datetime:
    """When the trial last changed, for the order of lists: as its home says of a partner's, never after it came here.

    Where its home does not say, the day of the copy, of the last confirmation or of the registration stands for that.
    """
    age = at_home(document)
    if age is None:
        return recorded
    stated = [age.get("changed"), age.get("copied"), age.get("verified"), document["home"].get("registered")]
    day = next((one for one in stated if one), None)
    if day is None:
        return recorded
    return min(datetime.combine(first_day(day), time(), UTC), recorded)


@once_for_each
def entry(document: Document) -> dict[str, Any]:
    """The columns by which a trial is found, and the summary that a list shows; where one differs, an entry is new."""
    of_registration, status = _of_registration(document["registration"]), document["status"]
    countries = sorted({*facets.countries(document["sites"]), *of_registration["countries"]})
    former = map(normalise, former_of(document))
    borne = list(dict.fromkeys([*numbers_of(document), normalise(document["trial"]), *former]))
    claimed = sorted({*of_registration["identifiers"]} - {*borne})
    course, open_sites = joining.of_trial(document), joining.open_sites(document)
    return {
        **of_registration,
        "wording": UUID(_digest([document["trial"], of_registration["wording"]])),
        "beside": UUID(_digest([document["trial"], *beside(document)])),
        # A search finds the trial that this record belongs to, not the record.
        "public": is_public(document) and "same_as" not in document,
        "owner": document.get("owner"),
        "own": "number" in document,
        "home": document["home"]["registry"] if "home" in document else None,
        "identifiers": _array([*borne, *claimed]),
        "borne": len(borne),
        "authorisation": status["authorisation"],
        "recruitment": str(course[-1].recruitment),
        **_until(course),
        "sites_until": max((until or EVER for until in open_sites), default=None),
        "countries": _array(countries),
        "registered": facets.registered(document),
        "confirmed": facets.confirmed(document),
        "traits": facets.traits(document),
        "summary": {
            "trial": document["trial"],
            **{name: document[name] for name in ("number", "registered", "home", "adopted_from") if name in document},
            "status": {name: value for name, value in status.items() if name != "why"},
            **of_registration["summary"],
            "countries": countries,
            "course": [one.to_stored() for one in course],
            "open_sites": open_sites,
            **({"at_home": age} if (age := at_home(document)) else {}),
        },
    }


def _until(course: Course) -> dict[str, str | None]:
    """The days until which the trial recruits, recruits by invitation, or is about to; None where it does not."""
    found = {one.recruitment: one.until.isoformat() if one.until else EVER for one in course}
    return {column: found.get(recruitment) for recruitment, column in HOLDS_UNTIL.items()}


def summary(document: Document, day: date) -> dict[str, Any]:
    """The summary of a trial in a list of found trials on a day."""
    return shown_on(entry(document)["summary"], day)


@once_for_each
def _of_registration(registration: Document) -> dict[str, Any]:
    """The part of an entry that follows from the registration alone, which most events leave unchanged."""
    sponsor, eligibility = registration.get("primary_sponsor"), registration.get("eligibility", {})
    return {
        "wording": _digest([*texts_of(registration)]),
        "identifiers": list(claims_of(registration)),
        "countries": registration.get("countries", ()),
        "study_type": registration.get("study_type"),
        "phase": registration.get("phase"),
        "sex": eligibility.get("sex"),
        "aim": registration.get("research_aim"),
        "ages": facets.ages(eligibility),
        "first_enrolment": facets.days(registration.get("first_enrolment")),
        "summary": {
            **{name: registration[name] for name in SUMMARISED if name in registration},
            **({"sponsor": sponsor.get("person") or sponsor["name"]} if sponsor else {}),
            "conditions": [condition["name"] for condition in registration.get("conditions", ())],
        },
    }


def _array(names: list[str]) -> str:
    """An array literal. Neither codes nor normalised numbers have marks, so none needs to be escaped."""
    return "{" + ",".join([f'"{name}"' for name in names]) + "}"


def _digest(texts: list[Any]) -> str:
    """Names texts, so that rows of their words can be shared by all entries that say the same."""
    return hashlib.sha256(to_json(texts)).hexdigest()[:32]


VIEW: Final = View("search", __package__, project, (WORDS, BESIDE, SHOWN, SEARCH, PAST), category="trial")
