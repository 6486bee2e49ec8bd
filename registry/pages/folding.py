"""Long texts and lists in the first part of a page: the part that is always shown, and the part that unfolds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from registry.pages.shown import Passage

LINES: Final = 4
LETTERS: Final = 280
"""The most characters that are always shown: some ten lines on a phone."""
SPARE: Final = 1.5
"""By how much a text may exceed that and still be shown whole: nobody opens a fold for a few words."""
NAMES: Final = 4
_ENDS: Final = re.compile(r"\n|[。.;；](?=\s|[^\s\d])|[\s、,，]")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in two parts, which together are the whole; `rest` is empty if all of it is shown."""

    first: str
    rest: str
    language: str | None


def folded(passage: Passage) -> Folded:
    """The text, folded at the end of a line if there is one, else of a sentence, else of a word."""
    text = passage.text
    at = _place(text)
    return Folded(text[:at].rstrip("\n"), text[at:].lstrip("\n"), passage.language)


def _place(text: str) -> int:
    lines = text.splitlines(keepends=True)
    head = "".join(lines[:LINES])
    if len(lines) <= LINES * SPARE and len(text) <= LETTERS * SPARE:
        return len(text)
    if len(head) <= LETTERS:
        return len(head)
    ends = [found.end() for found in _ENDS.finditer(head, 0, LETTERS)]
    lines_and_sentences = [end for end in ends if head[end - 1] in "\n。.;；" and end > LETTERS / 2]
    return max(lines_and_sentences or ends or [LETTERS])


def first_names(names: Sequence[T]) -> tuple[Sequence[T], int]:
    """The names of a short list, and how many more there are."""
    return (names, 0) if len(names) <= NAMES + 1 else (names[:NAMES], len(names) - NAMES)
