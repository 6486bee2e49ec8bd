"""A trial's record for reading: in short, and in full by sections."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from events.schemas.items import used_by
from projections.trial.document import Document
from registry.pages import values
from registry.pages.folding import Folded, first_names, folded
from registry.pages.places import JAPAN, Region
from registry.pages.shown import Listing, Passage, Shown, bilingual
from registry.pages.values import LIMITS, age_limit, label, show, stated
from registry.pages.words import Words

SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "titles": (
        "public_title", "acronym", "scientific_title", "scientific_acronym", "plain_summary", "description",
    ),
    "identity": ("number", "registered", "status", "home", "adopted_from", "identifiers"),
    "responsible": (
        "primary_sponsor", "secondary_sponsors", "funders", "contacts", "legal_regime", "research_aim",
        "ethics_reviews", "data_monitoring_committee",
    ),
    "conditions": ("conditions", "condition_keywords", "countries"),
    "interventions": ("study_type", "phase", "design", "interventions", "intervention_keywords", "arms"),
    "participants": (
        "eligibility", "planned_size", "actual_size", "unspecified_size", "first_enrolment", "primary_completion",
        "completion",
    ),
    "outcomes": ("outcomes",),
    "results": ("results", "data_sharing", "references"),
    "more": ("ctgov", "extensions"),
}  # fmt: skip
"""Every field of a registration and of the data around it, in the order in which it is shown."""
OF_DOCUMENT: Final = frozenset({"number", "registered", "status", "home", "adopted_from"})
OF_SOURCE: Final = ("registry", "record", "retrieved", "given_out", "recorded")
SIZES: Final = (
    ("actual_size", "trial.people_so_far"),
    ("planned_size", "trial.people"),
    ("unspecified_size", "trial.people_either"),
)
PLACES_NAMED: Final = 6
"""Prefectures that the summary names; the board has them all."""


@dataclass(frozen=True, slots=True)
class Section:
    """Labelled values under a heading."""

    heading: str
    rows: tuple[tuple[str, Shown], ...]


def title_of(words: Words, registration: Document, fallback: str) -> Passage:
    """The title in the page's language if there is one."""
    for field in ("public_title", "scientific_title"):
        if field in registration:
            return bilingual(words, registration[field])
    return Passage(registration.get("acronym", fallback))


def in_short(words: Words, document: Document, regions: tuple[Region, ...]) -> tuple[tuple[str, Shown], ...]:
    """The facts that most readers ask for first, in plain language; unknown ones are left out."""
    registration = document["registration"]
    fields = (
        ("conditions", _names(words, registration.get("conditions", ()))),
        ("interventions", _names(words, registration.get("interventions", ()))),
        ("who", _who(words, registration.get("eligibility", {}))),
        ("where", _where(words, registration, regions)),
        ("when", _when(words, registration)),
        ("how_many", _how_many(words, registration)),
        ("kind", _kind(words, registration)),
        ("responsible", _responsible(words, registration)),
    )
    return tuple((words.say(f"trial.{name}"), shown) for name, shown in fields if shown is not None)


def summary(words: Words, document: Document) -> Folded | None:
    """The trial's own summary in plain language."""
    text = document["registration"].get("plain_summary")
    return None if text is None else folded(Passage(*words.text(text)))


def criteria(words: Words, document: Document) -> tuple[tuple[str, Folded], ...]:
    """The criteria of inclusion and exclusion, each as its first lines and the rest."""
    eligibility = document["registration"].get("eligibility", {})
    named = (("inclusion", "trial.criteria"), ("criteria", "trial.criteria"), ("exclusion", "trial.exclusions"))
    return tuple(
        (words.say(key), folded(bilingual(words, eligibility[field]))) for field, key in named if field in eligibility
    )


def in_full(words: Words, document: Document) -> tuple[Section, ...]:
    """The whole record by sections, without persons; empty sections are left out."""
    registration = _arms_in_words(words, document["registration"])
    stated_here = {name: document[name] for name in OF_DOCUMENT if name in document} | registration
    found = [
        Section(
            words.say(f"section.{section}"),
            tuple(
                (_label(words, name), show(words, (name,), stated_here[name])) for name in names if name in stated_here
            ),
        )
        for section, names in SECTIONS.items()
    ]
    return tuple(section for section in (*found, *_sources(words, document)) if section.rows)


def _label(words: Words, name: str) -> str:
    """A field's label. The page's head shows whether somebody can join; the status here is the reported one."""
    return words.say("trial.status_reported") if name == "status" else label(words, name)


def _arms_in_words(words: Words, registration: Document) -> Document:
    """The registration with its arms' interventions by name if an arm gives them only by item."""
    treatments = registration.get("interventions", ())
    arms = [
        {"interventions": [words.text(one["name"])[0] for one in used_by(arm, treatments)], **arm}
        if "uses" in arm
        else arm
        for arm in registration.get("arms", ())
    ]
    return {**registration, "arms": arms} if arms else registration


def _sources(words: Words, document: Document) -> Iterator[Section]:
    sources = [
        {name: source[name] for name in OF_SOURCE if name in source}
        for _, source in sorted(document.get("sources", {}).items())
    ]
    if sources:
        rows = tuple((words.registry(source["registry"]), show(words, ("sources",), source)) for source in sources)
        yield Section(words.say("section.sources"), rows)


def _names(words: Words, named: Any) -> Shown | None:
    first, more = first_names(tuple(Passage(*words.text(one["name"])) for one in named))
    shown = (*first, Passage(words.say("value.and_more", number=more))) if more else first
    return Listing(tuple(shown)) if shown else None


def _who(words: Words, eligibility: Mapping[str, Any]) -> Shown | None:
    parts = [ages(words, eligibility)] if {"minimum_age", "maximum_age"} & eligibility.keys() else []
    if "sex" in eligibility:
        parts.append(words.say(f"sex.{eligibility['sex']}"))
    return Passage(words.say("value.separator").join(parts)) if parts else None


def ages(words: Words, eligibility: Mapping[str, Any]) -> str:
    """The ages that may take part. TRDS item 14."""
    low, high = (_limit(words, name, eligibility.get(name)) for name in LIMITS)
    if low and high:
        return words.say("age.both", low=low, high=high)
    return low or high or words.say("age.unlimited")


def _limit(words: Words, name: str, limit: Any) -> str:
    return age_limit(words, name, limit) if isinstance(limit, Mapping) else ""


def _where(words: Words, registration: Document, regions: tuple[Region, ...]) -> Shown | None:
    names = [region.name for region in regions]
    if not names:
        countries = [words.country(code) for code in registration.get("countries", ()) if code != JAPAN]
        named = [words.country(JAPAN), *countries] if JAPAN in registration.get("countries", ()) else countries
        return Passage(words.say("value.separator").join(named)) if named else None
    more = len(names) - PLACES_NAMED
    places = names[:PLACES_NAMED] + ([words.say("value.and_more", number=more)] if more > 0 else [])
    number = sum(len(region.sites) for region in regions)
    return Passage(words.say("trial.sites_in", places=words.say("value.separator").join(places), number=number))


def _when(words: Words, registration: Document) -> Shown | None:
    first, last = (
        stated(words, registration[field]) if field in registration else ""
        for field in ("first_enrolment", "completion")
    )
    if first and last:
        return Passage(words.say("trial.from_to", first=first, last=last))
    if first or last:
        return Passage(words.say("trial.from", first=first) if first else words.say("trial.until", last=last))
    return None


def _how_many(words: Words, registration: Document) -> Shown | None:
    for field, key in SIZES:
        if field in registration:
            return Passage(words.say(key, number=words.number(registration[field])))
    return None


def _kind(words: Words, registration: Document) -> Shown | None:
    parts = tuple(
        show(words, (field,), registration[field])
        for field in ("study_type", "phase", "research_aim")
        if field in registration
    )
    return Listing(parts) if parts else None


def _responsible(words: Words, registration: Document) -> Shown | None:
    sponsor = registration.get("primary_sponsor")
    if not sponsor:
        return None
    named = values.sponsor(words, sponsor)
    return Passage(named.text, named.language)
