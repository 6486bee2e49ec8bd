"""The values that templates can render: texts, lists and labelled values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from registry.pages.words import Words


@dataclass(frozen=True, slots=True)
class Passage:
    """A text. `language` is given where it may differ from the page's; `other` is the same in the other language."""

    text: str
    language: str | None = None
    other: str = ""
    other_language: str = ""
    link: str = ""
    kind: str = "passage"


@dataclass(frozen=True, slots=True)
class Listing:
    """Several values."""

    items: "tuple[Shown, ...]"
    kind: str = "listing"


@dataclass(frozen=True, slots=True)
class Fields:
    """Labelled values."""

    rows: "tuple[tuple[str, Shown], ...]"
    kind: str = "fields"


Shown: TypeAlias = Passage | Listing | Fields


def bilingual(words: Words, text: Mapping[str, str]) -> Passage:
    """A text in the page's language if there is one, with the other beside it."""
    chosen, language = words.text(text)
    other = words.language.other
    if language != words.language or other not in text:
        return Passage(chosen, language)
    return Passage(chosen, language, text[other], other)


def link_of(text: str) -> str:
    """The text if it is a web address that can be linked to; empty for any other."""
    # With characters that are not printable, the link would lead elsewhere than it seems to.
    safe = text.startswith(("https://", "http://")) and text.isprintable() and " " not in text
    return text if safe else ""
