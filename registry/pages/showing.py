"""The content of the pages of one trial, from its document and its events."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from events.identifiers.links import is_web, names_another
from events.identifiers.registries import address_of
from projections.trial.at_home import at_home
from projections.trial.document import Document
from registry.pages.at_home import age_in_words, received_in_words
from registry.pages.contacts import contacts_shown
from registry.pages.coordination import gates_shown
from registry.pages.joining import headline, in_japan, of_trial
from registry.pages.places import NO_CONTACTS, OF_TRIAL, Contacts, board
from registry.pages.record import criteria, in_full, in_short, summary, title_of
from registry.pages.regions import regions_shown
from registry.pages.shown import Passage, link_of
from registry.pages.telling import moment_in_words, trial_name, trial_place
from registry.pages.timeline_entries import entry
from registry.pages.words import Words


def trial_shown(
    words: Words,
    document: Document,
    events: Iterable[Mapping[str, Any]],
    as_of: str,
    day: date,
    *,
    contacts: Contacts = NO_CONTACTS,
) -> dict[str, Any]:
    """The trial's own page with all of its sites, and its latest events as in the API.

    `as_of` is the request's, or empty; `day` is the day of that moment, or today.
    """
    regions = board(words, document, day)
    return {
        **_heading(words, document, as_of, day),
        "home_address": _address(_home_address(document.get("home", {}))),
        "in_short": in_short(words, document, regions),
        "contacts": contacts_shown(words, contacts.get(OF_TRIAL, ())),
        "criteria": criteria(words, document),
        "summary": summary(words, document),
        "regions": regions,
        "sites_from": "",
        "sites_after": None,
        "sites": sum(len(region.sites) for region in regions),
        "recruiting": sum(site.open for region in regions for site in region.sites),
        "sections": in_full(words, document),
        "events": [entry(words, event, document) for event in events],
        "by_country": regions_shown(words, document, day),
        "gates": gates_shown(words, document),
        "programmes": (),
        **_age(words, document),
    }


def _age(words: Words, document: Document) -> dict[str, Any]:
    """When the trial last changed; for one from elsewhere, when its home changed it and when that came here."""
    there = at_home(document)
    if there is None:
        return {"age": (words.say("trial.last_change", moment=words.moment(document["last_changed"])),)}
    return {"age": (*age_in_words(words, document["home"], there), received_in_words(words, there))}


def timeline_shown(
    words: Words, document: Document, events: Iterable[Mapping[str, Any]], as_of: str, day: date
) -> dict[str, Any]:
    """A page of the trial's events, oldest first."""
    return {**_heading(words, document, as_of, day), "events": [entry(words, event, document) for event in events]}


def _home_address(home: Mapping[str, str]) -> str | None:
    """The trial's page at its home registry: as the home states it, or else by the usual form of its addresses.

    An address that names another trial is not used, whichever source stated it.
    """
    url = home.get("url")
    if url and is_web(url) and not names_another(url, home["number"]):
        return url
    return address_of(home["registry"], home["number"]) if home else None


def _address(text: str | None) -> Passage | None:
    return None if text is None else Passage(text, link=link_of(text))


def _heading(words: Words, document: Document, as_of: str, day: date) -> dict[str, Any]:
    home, here = document.get("home", {}), in_japan(document, day)
    return {
        "document": document,
        "title": title_of(words, document["registration"], trial_name(document)),
        "number": document.get("number") or home.get("number", ""),
        "headline": headline(words, document["status"], of_trial(document, day)),
        "in_japan": None if here is None else headline(words, document["status"], here),
        "at": trial_place(document),
        "moment": moment_in_words(words, as_of or None),
        "as_of": as_of,
    }
