"""The age of a partner's trial as shown: when its home changed it, and when that came here."""

from collections.abc import Iterator, Mapping
from typing import Any

from registry.pages.words import Words


def age_in_words(words: Words, home: Mapping[str, Any], at_home: Mapping[str, Any]) -> tuple[str, ...]:
    """When the home last changed the trial and last confirmed it, in words. `home`: from the document."""
    return tuple(_sentences(words, words.registry(home["registry"]), at_home))


def received_in_words(words: Words, at_home: Mapping[str, Any]) -> str:
    """When that came here, in words."""
    return words.say("at_home.received", moment=words.moment(at_home["received"]))


def _sentences(words: Words, registry: str, at_home: Mapping[str, Any]) -> Iterator[str]:
    if "changed" in at_home:
        yield words.say("at_home.changed", registry=registry, on=words.date(at_home["changed"]))
    elif "copied" in at_home:
        copied_by = words.registry(at_home["copied_by"])
        yield words.say("at_home.copied", registry=copied_by, on=words.date(at_home["copied"]))
    else:
        yield words.say("at_home.unknown", registry=registry)
    if "verified" in at_home:
        yield words.say("at_home.verified", on=words.date(at_home["verified"]))
