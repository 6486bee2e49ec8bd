"""Values of a trial's document as people read them: a small tree that templates can render.

Personal data is left out here, whatever its form: a person's fields are never read. The name of a person who
sponsors or funds is the one exception.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from events.schemas.fields import SPONSORS, TEXTS
from events.schemas.languages import is_tag
from events.schemas.parties import PARTS_OF_NAMES
from registry.pages.coordination import sentence_of
from registry.pages.extensions import EXTENSIONS, extended
from registry.pages.prefectures import name_of
from registry.pages.shown import Fields, Listing, Passage, Shown, bilingual, link_of
from registry.pages.words import Words

PERSONAL: Final = frozenset({"person", "sealed"})
NAMES: Final = frozenset({"item"})
"""Fields that name a member of a list for machines."""
VOCABULARIES: Final = {
    "recruitment": "recruitment",
    "authorisation": "authorisation",
    "study_type": "study_type",
    "phase": "phase",
    "research_aim": "aim",
    "legal_regime": "legal_regime",
    "sex": "sex",
    "plan": "sharing_plan",
    "rank": "outcome_rank",
    "role": "contact_role",
    "ethics_reviews.status": "ethics_status",
    "identifiers.kind": "identifier_kind",
    "unit": "age_unit",
    "expanded_access.status": "vocabulary",
    "state": "region_state",
    "publication": "filing_publication",
    "ethics": "ethics_shape",
}
"""Fields whose values are words of a closed list, by name or by parent and name, and the list's section."""
FREE: Final = frozenset(
    [
        "kind",
        "allocation",
        "model",
        "purpose",
        "masking",
        "masked",
        "observational_model",
        "time_perspective",
        "sampling",
        "shared",
        "responsible_party",
        "last_known_status",
        "age_groups",
        "retention",
        "restriction",
        "code",
    ]
)
"""Fields whose values the source chooses; known ones are put in words."""
DATES: Final = frozenset(
    [
        "registered",
        "decided",
        "posted",
        "first_published",
        "protocol_date",
        "retrieved",
        "given_out",
        "verified",
        "on",
        "date",
        "first_reviewed",
        "results_first_submitted",
        "results_first_reviewed",
        "delay_first_submitted",
        "delay_first_reviewed",
        "last_update_submitted",
        "dated",
        "results_expected",
        "released",
        "unreleased",
        "reset",
        "created",
        "issued",
        "planned",
        "actual",
    ]
)
MOMENTS: Final = frozenset({"recorded"})
COUNTRIES: Final = frozenset({"country", "countries", "removed_countries"})
"""Fields that name a country by its code, or in English."""
REGISTRIES: Final = frozenset({"registry", "issuer", "source"})
"""Fields that name a registry by its code, or in the source's words."""
STATED: Final = frozenset({"date", "kind"})
REPORTED: Final = frozenset({"on", "recorded"})
LIFTED: Final = frozenset({"on", "version"})
AGE: Final = frozenset({"value", "unit", "inclusive"})
LIMITS: Final[Mapping[str, tuple[str, str]]] = {"minimum_age": ("from", "above"), "maximum_age": ("to", "below")}
"""Limits of age, with their words if the limit is included and if not."""

ISO_3166_1: Final = 2
"""Number of letters in a country's code."""
PERIOD: Final = re.compile(r"([0-9]{1,9}) (Minute|Hour|Day|Week|Month|Year)s?")
"""A period as ClinicalTrials.gov writes it."""

Path: TypeAlias = tuple[str, ...]
"""Names of fields from the document's root to the value."""


def show(words: Words, path: Path, value: Any) -> Shown:
    """The value at a path, in words."""
    if path[:1] == (EXTENSIONS,):
        return extended(words, path, value)
    match value:
        case None:
            return Passage(words.say("value.nothing"))
        case bool():
            return Passage(words.say("value.yes" if value else "value.no"))
        case int() | float():
            return Passage(words.number(value))
        case str():
            return _string(words, path, value)
        case Mapping():
            return _mapping(words, path, value)
        case Sequence():
            items = tuple(show(words, path, item) for item in value)
            return Listing(items) if items else Passage(words.say("value.none_listed"))
        case _:
            raise TypeError(f"{type(value).__name__} is no value of a document")


def label(words: Words, name: str) -> str:
    """A field's label; a field that is not in the catalogue keeps its name from the document."""
    return words.known(f"label.{name}") or name.replace("_", " ")


def region_name(words: Words, region: str) -> str:
    """The name of a country's part of a trial, by its ISO 3166-1 code, or by WHO's replacement for one."""
    return words.country(region) if len(region) == ISO_3166_1 else words.say("trial.outside_union")


def in_words(words: Words, path: Path, value: str) -> str | None:
    """A word of a closed list, or of an open one that we know; None for any other value."""
    name = path[-1] if path else ""
    section = VOCABULARIES.get(".".join(path[-2:])) or VOCABULARIES.get(name)
    if section is not None:
        return words.known(f"{section}.{value}")
    return words.known(f"vocabulary.{value.lower().replace(' ', '_')}") if name in FREE else None


def missing(words: Words, value: Any) -> Passage | None:
    """The words in place of a text that was taken back, or that can't be opened here; None for any other value."""
    if isinstance(value, Mapping) and "person" not in value:
        for why in ("erased", "closed", "withheld"):
            if value.get(why) is True:
                return Passage(words.say(f"value.{why}"))
    return None


def text(words: Words, value: str | Mapping[str, str]) -> Passage:
    """A text that can be taken back, or the words in its place."""
    if (gone := missing(words, value)) is not None:
        return gone
    if isinstance(value, Mapping) and value and all(map(is_tag, value)):
        return bilingual(words, value)
    return Passage(str(value))


def sponsor(words: Words, value: Mapping[str, Any]) -> Passage:
    """The name of a sponsor or funder, an organisation or a person, or the words in its place."""
    return person(words, value["person"]) if "person" in value else bilingual(words, value["name"])


def person(words: Words, value: Mapping[str, Any]) -> Passage:
    """A person's name, or the words in its place."""
    for why in ("erased", "closed"):
        if value.get(why) is True:
            return Passage(words.say(f"value.person_{why}"))
    if "name" in value:
        return bilingual(words, value["name"])
    return Passage(" ".join(value[part] for part in PARTS_OF_NAMES if part in value))


def stated(words: Words, value: Mapping[str, str]) -> str:
    """A date as stated, planned or actual."""
    day = words.date(value["date"])
    return words.say(f"date_kind.{value['kind']}", date=day) if "kind" in value else day


def age(words: Words, value: Mapping[str, Any]) -> str:
    """An age in its unit."""
    return words.say(f"age.{value['unit']}", number=words.number(value["value"]))


def age_limit(words: Words, name: str, limit: Mapping[str, Any]) -> str:
    """A limit of age, and whether it is included."""
    included, beyond = LIMITS[name]
    return words.say(f"age.{included if limit.get('inclusive', True) else beyond}", age=age(words, limit))


def _string(words: Words, path: Path, value: str) -> Passage:
    name = path[-1] if path else ""
    known = in_words(words, path, value)
    if known is not None:
        return Passage(known)
    if name in COUNTRIES:
        return Passage(words.country(value))
    if name == "region":
        return Passage(name_of(words, value))
    if name == "follow_up" and (period := PERIOD.fullmatch(value)):
        return Passage(words.say(f"period.{period[2].lower()}s", number=period[1]))
    if name in REGISTRIES:
        return Passage(words.registry(value))
    if name in MOMENTS:
        return Passage(words.moment(value))
    if name in DATES and _is_date(value):
        return Passage(words.date(value))
    if value == "unlimited" and name in LIMITS:
        return Passage(words.say("value.unlimited"))
    return Passage(value, link=link_of(value))


def _is_date(value: str) -> bool:
    return len(value) in (4, 7, 10) and value[:4].isdigit()


def _mapping(words: Words, path: Path, value: Mapping[str, Any]) -> Shown:
    names = value.keys()
    if (gone := missing(words, value) or sentence_of(words, value)) is not None:
        return gone
    if not SPONSORS.isdisjoint(path):
        if "person" in names and isinstance(value["person"], Mapping):
            return _person_who_sponsors(words, path, value)
        if path[-1] == "person":
            return person(words, value)
    if "sealed" in names:
        return Fields(())
    if names and path and path[-1] in TEXTS and all(map(is_tag, names)):
        return bilingual(words, value)
    if "date" in names and names <= STATED:
        return Passage(stated(words, value))
    if names in (REPORTED, LIFTED):
        return Passage(words.date(value["on"]))
    if {"value", "unit"} <= names <= AGE:
        return Passage(age_limit(words, path[-1], value) if path[-1] in LIMITS else age(words, value))
    named = region_name if path and path[-1] == "regions" else label
    rows = [
        (named(words, name), show(words, (*path, name), inner))
        for name, inner in sorted(
            value.items(), key=lambda item: (words.places.get(item[0], len(words.places)), item[0])
        )
        if name not in PERSONAL | NAMES and not (name == "uses" and "interventions" in names)
    ]
    return Fields(tuple(rows))


def _person_who_sponsors(words: Words, path: Path, value: Mapping[str, Any]) -> Shown:
    """Their name, with their workplace and the source's category."""
    works_at = {"affiliation": value["name"]} if "name" in value else {}
    rest = {name: inner for name, inner in value.items() if name not in ("person", "name")}
    named = (label(words, "name"), person(words, value["person"]))
    beside = _mapping(words, path, {**works_at, **rest})
    return Fields((named, *(beside.rows if isinstance(beside, Fields) else ())))
