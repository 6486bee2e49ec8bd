"""Small parts that several pages share: a trial's own address, and the moment that a page shows."""

from typing import Any

from projections.base.moments import moment_of
from registry.pages.words import Words


def trial_name(document: dict[str, Any]) -> str:
    """A trial's name in an address: its number of ours, or its id."""
    return str(document.get("number", document["trial"]))


def trial_place(document: dict[str, Any]) -> str:
    """The place of a trial's page."""
    return f"/trials/{trial_name(document)}"


def moment_in_words(words: Words, text: str | None) -> str:
    """The moment that `as_of` asks for, in words; empty for now."""
    if text is None:
        return ""
    moment = moment_of(text)
    if moment.position is not None:
        return words.say("moment.position", position=text)
    return words.date(text) if len(text) == len("2026-11-22") else words.moment(moment.recorded or text)
