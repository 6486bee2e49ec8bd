"""Text in the form in which it is compared, in time proportional to its length.

To normalise sorts the marks on a character, which takes the square of their number where nothing bounds it. UAX 15
bounds it: text in Stream-Safe form (UAX15-D4) has at most 30 marks in a row; where there are more, U+034F stands after
each 30th, and marks are sorted between two of them only.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, Literal

MOST_MARKS: Final = 30
SEPARATOR: Final = "\N{COMBINING GRAPHEME JOINER}"
BECOME_MARKS: Final = "\u0f73\u0f75\u0f81\uff9e\uff9f"
"""Characters that are no marks themselves, and are marks once they are normalised."""
LAST_MARK: Final = 0x1E94A


def _ranges(characters: Iterable[int]) -> str:
    """The characters as the inside of a class of a regular expression."""
    found: list[list[int]] = []
    for character in characters:
        if found and found[-1][1] == character - 1:
            found[-1][1] = character
        else:
            found.append([character, character])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in found)


MARKS: Final = BECOME_MARKS + _ranges(code for code in range(0x300, LAST_MARK + 1) if unicodedata.combining(chr(code)))
"""All characters that normalisation moves: those of a canonical combining class that is not 0."""
_TOO_MANY: Final = re.compile(f"[{MARKS}]{{{MOST_MARKS}}}(?=[{MARKS}])")


def stream_safe(text: str) -> str:
    """The text with at most 30 marks in a row; nearly every text as it is."""
    if len(text) <= MOST_MARKS or text.isascii():
        return text
    return _TOO_MANY.sub(rf"\g<0>{SEPARATOR}", text)


def nfkc(text: str) -> str:
    """The text in NFKC, made of its Stream-Safe form where it is not in NFKC yet."""
    return _normalised("NFKC", text)


def nfkd(text: str) -> str:
    """The text in NFKD, made of its Stream-Safe form where it is not in NFKD yet."""
    return _normalised("NFKD", text)


def _normalised(form: Literal["NFKC", "NFKD"], text: str) -> str:
    # The check takes one pass: it ends at the first mark that would be moved.
    return text if unicodedata.is_normalized(form, text) else unicodedata.normalize(form, stream_safe(text))
