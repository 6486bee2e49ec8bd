"""Texts of others on a page, kept from reversing the text beside them (UAX #9, HTML 15.3.5).

Every text that a template writes passes `isolated`, so that nobody has to remember it. `bdi` does the same with an
element, for separate values; attributes, titles and sentences can't have one.
"""

import re
from typing import Any, Final

from markupsafe import Markup, escape

from events.schemas.wording import cleaned

_TURNING: Final = re.compile(
    "[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
"""Letters that are written from right to left, and the marks of direction."""
_PARAGRAPH: Final = re.compile("[^\n\r\u2029]+")
"""An isolate ends with its paragraph (UAX #9, BD9)."""
BEGIN, END = "\u2068", "\u2069"


def isolated(text: Any) -> Any:
    """The text, each paragraph with a direction of its own between isolates, without unclosed marks."""
    if not isinstance(text, str) or isinstance(text, Markup) or text.isascii() or not _TURNING.search(text):
        return text
    return _PARAGRAPH.sub(rf"{BEGIN}\g<0>{END}", cleaned(text))


def bdi(text: str) -> Markup:
    """The text in a `bdi` element."""
    return Markup("<bdi>{}</bdi>").format(text)


def as_given(text: str) -> Markup:
    """The value of a form's field, unchanged: a browser sends it back as it is."""
    return escape(text)
