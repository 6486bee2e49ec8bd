"""Partners' extensions on pages. Their words are the partners' own, so they are shown unchanged."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from registry.pages.shown import Fields, Listing, Passage, Shown, bilingual, link_of
from registry.pages.words import Words

EXTENSIONS: Final = "extensions"
"""The field of a registration that contains them."""
BILINGUAL: Final = frozenset({"ja", "en"})


def extended(words: Words, path: Sequence[str], value: Any) -> Shown:
    """All extensions, if the path is that of their field, or a part of one."""
    if len(path) == 1 and isinstance(value, Mapping):
        return Fields(tuple((words.registry(name), _part(words, value[name])) for name in sorted(value)))
    return _part(words, value)


def _part(words: Words, value: Any) -> Shown:
    match value:
        case None:
            return Passage(words.say("value.nothing"))
        case bool():
            return Passage(words.say("value.yes" if value else "value.no"))
        case str():
            return Passage(value, link=link_of(value))
        case Mapping() if value and value.keys() <= BILINGUAL and all(isinstance(one, str) for one in value.values()):
            return bilingual(words, value)
        case Mapping():
            return Fields(tuple((called(name), _part(words, value[name])) for name in sorted(value)))
        case Sequence():
            items = tuple(_part(words, item) for item in value)
            return Listing(items) if items else Passage(words.say("value.none_listed"))
        case _:
            return Passage(words.number(value))


def called(key: str) -> str:
    """A key of an extension, in words for people."""
    return key.replace("_", " ")


def leads_into(keys: Sequence[str]) -> Sequence[str]:
    """The keys of a pointer into the extensions, from their field on; empty for any other pointer."""
    inner = keys[1:] if keys[0] == "registration" else keys
    return inner if inner and inner[0] == EXTENSIONS else ()


def labels(words: Words, keys: Sequence[str]) -> Iterator[str]:
    """The labels on the path to a part of an extension, after the field that contains them all."""
    for place, key in enumerate(keys[1:]):
        yield called(key) if place else words.registry(key)
