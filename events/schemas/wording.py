"""Which characters a text may have, so that it reads everywhere as it was written.

Control characters act on terminals and files, and are seen by nobody. A direction mark that is left open (UAX #9)
turns round what others wrote after it. An override shows letters in another order than they have, closed or not.
A text of invisible characters is no text: nobody can read it.
"""

import re
import unicodedata
from typing import Final

_BREAKS: Final = r"\t\n\r"
_CONTROLS: Final = r"\x00-\x1f\x7f-\x9f"
_OTHER_CONTROLS: Final = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_NOT_IN_LINE: Final = re.compile(rf"[{_CONTROLS}\u2028\u2029]")
_NOT_IN_PROSE: Final = re.compile(rf"[{_OTHER_CONTROLS}]")
_OVERRIDES: Final = re.compile("[\u202d\u202e]")
_MARKS: Final = re.compile("[\u202a-\u202e\u2066-\u2069\n\r\u2029]")
_DIRECTIONS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BROKEN: Final = re.compile(rf"(?<! ) *[{_BREAKS}\x0b\x0c\x85\u2028\u2029][{_BREAKS}\x0b\x0c\x85\u2028\u2029 ]*")
_CLOSES: Final = {"\u202c": "\u202a\u202b\u202d\u202e", "\u2069": "\u2066\u2067\u2068"}
_DRAWS_NOTHING: Final = frozenset(("Cc", "Cf", "Cs", "Me", "Mn", "Zl", "Zp", "Zs"))
"""General categories of controls and blanks, and of marks, which need a letter to stand on."""
_BLANK_LETTERS: Final = re.compile("[\u115f\u1160\u2065\u2800\u3164\uffa0\ufff0-\ufff8\U0001d159\U000e0000-\U000e0fff]")
"""Invisible characters of other categories: the rest of Default_Ignorable_Code_Point (UAX #44), and two blanks."""
_PARAGRAPH_ENDS: Final = frozenset("\n\r\u2029")


def wrong_in_line(text: str) -> str | None:
    """The fault of a text of one line; None if it has none."""
    if text.isprintable():
        return None
    if found := _NOT_IN_LINE.search(text):
        return f"{_named(found[0])} is a control character or a line break; write the text on one line without it"
    return _wrong_direction(text)


def wrong_in_prose(text: str) -> str | None:
    """The same of a text of several lines: line breaks and tabs are no fault."""
    if text.isprintable():
        return None
    if found := _NOT_IN_PROSE.search(text):
        return f"{_named(found[0])} is a control character; leave it out"
    return _wrong_direction(text)


def blank(text: str) -> str | None:
    """The fault of a text without content; None if it has content."""
    if "!" <= text[:1] <= "~":
        return None
    return None if any(map(_is_seen, text)) else "the text is blank; write something, or leave it out"


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in _DRAWS_NOTHING and not _BLANK_LETTERS.match(character)


def _named(character: str) -> str:
    return f"U+{ord(character):04X}"


def _wrong_direction(text: str) -> str | None:
    if found := _OVERRIDES.search(text):
        return f"{_named(found[0])} shows letters in another order than they have; leave it out"
    if not closed(text):
        return "a direction mark is left open, or closed and never opened; close it in its own line, or leave it out"
    return None


def closed(text: str) -> bool:
    """Whether every embedding and isolate is closed in its own paragraph, in the order of their opening."""
    opened: list[str] = []
    for mark in _MARKS.findall(text):
        if mark in _PARAGRAPH_ENDS:
            if opened:
                return False
        elif (openers := _CLOSES.get(mark)) is None:
            opened.append(mark)
        elif not opened or opened.pop() not in openers:
            return False
    return not opened


def cleaned(text: str) -> str:
    """The text with what prose may not have left out: a partner's record is not lost for a stray character.

    Empty where nobody would see anything of it.
    """
    if blank(text):
        return ""
    if text.isprintable():
        return text
    clean = _OVERRIDES.sub("", _NOT_IN_PROSE.sub("", text))
    return clean if closed(clean) else _DIRECTIONS.sub("", clean)


def on_one_line(text: str) -> str:
    """The text with a blank in place of each line break and tab."""
    return text if text.isprintable() else _BROKEN.sub(" ", text).strip()


def as_line(text: str, most: int) -> str:
    """Any text, as a file's name, reduced to one valid line; empty if nothing remains."""
    return on_one_line(cleaned(text[:most].encode("utf-8", "backslashreplace").decode()))[:most].strip()
