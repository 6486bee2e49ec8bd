"""The words that people write instead of a missing number or name, from `nothing.csv`, and the meaning of each.

"There is none", "the question does not apply" and "the answer is not known" are three statements. A field
asks only for those that it can have: `N/A` is a phase, and a limit of age, and `NO` is a gas.
"""

from enum import StrEnum
from typing import Final

from events.identifiers.tables import folded, table
from events.normal_form import nfkc


class Nothing(StrEnum):
    """The meaning of a word instead of a number or a name."""

    NONE = "none"
    NOT_APPLICABLE = "not applicable"
    UNKNOWN = "unknown"


SAID_BY_NAMES: Final = frozenset(["na", "no", "nil"])
"""Names of people, too: they say nothing only where a mark stands among their letters, as in `N/A`."""


def nothing(text: str) -> Nothing | None:
    """The meaning of a text instead of a number; None if it may be a number. Marks alone have no meaning.

    Case, blanks, marks and widths of letters do not count: `n.a.` is `N/A`.
    """
    word = folded(text)
    return WORDS.get(word) if word else Nothing.UNKNOWN


def nothing_said(text: str) -> Nothing | None:
    """The meaning of a word instead of an address; None if it may be an address."""
    return WORDS.get(folded(text))


def no_acronym(text: str) -> Nothing | None:
    """The meaning of a word instead of an acronym: there is none. `UNKNOWN` is the acronym of a trial."""
    meaning = nothing_said(text)
    return None if meaning is Nothing.UNKNOWN else meaning


def nothing_named(text: str) -> Nothing | None:
    """The meaning of a word instead of a name; None if it may be a name. A name may consist of marks."""
    word = folded(text)
    if word in SAID_BY_NAMES and word == nfkc(text).casefold().strip():
        return None
    return WORDS.get(word)


WORDS: Final = {folded(row["word"]): Nothing(row["meaning"]) for row in table("nothing.csv")}
