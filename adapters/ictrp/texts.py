"""Texts of ICTRP files, made readable, and the words for a missing value."""

import html
import re
import textwrap
from collections.abc import Callable
from typing import Final, TypeVar

from adapters.cursor import Cursor
from events.identifiers.nothing import Nothing, no_acronym, nothing, nothing_named, nothing_said
from events.schemas.values import Text
from events.schemas.wording import blank, cleaned, on_one_line

T = TypeVar("T", bound=str | Text)

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_BREAK = re.compile(r"\n<br ?/?>|<br ?/?>\n?", re.IGNORECASE)
_KANA = re.compile("[\u3041-\u309f\u30a1-\u30fa\uff66-\uff9d]")
_LATIN = re.compile("[A-Za-z]")
_IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_TIGHT = re.compile(r"(?<=\S);(?=\S)")

NO_NUMBER: Final = "says that there is no number"
NO_NAME: Final = {
    Nothing.NONE: "says that there is none",
    Nothing.NOT_APPLICABLE: "says that it does not apply",
    Nothing.UNKNOWN: "says that it is not known",
}
LONGEST: Final = 100_000
LONGEST_LINE: Final = 2_000
LONGEST_NUMBER: Final = 200
"""Most characters of `values.Prose`, of `values.Line` and `values.ShortText`, and of `values.IdNumber`."""
MISSING: Final = frozenset(["NULL", "NA"])
"""Marks of a missing value in ICTRP's tables. Those that people write are in `events/identifiers/nothing.csv`."""


def removed(text: str) -> str:
    """The text without characters that XML 1.0 (section 2.2) can't contain."""
    # Every printable character is allowed. This check is ten times as fast as the pattern, and enough for most texts.
    return text if text.replace("\n", "").isprintable() else _NOT_XML.sub("", text)


def clean(text: str) -> str:
    """A text as it goes out and as it comes in: XML's characters, LF at line ends, no blanks around. Idempotent."""
    return trimmed(removed(text))


def trimmed(text: str) -> str:
    """The text with LF at line ends and no blanks around."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def mended(text: str) -> str:
    """A text of WHO's export, restored from the damage of its tables.

    Entities are escaped once too often, carriage returns are written `_x000D_`, line ends `<br>`, and the lines of
    ClinicalTrials.gov's texts are indented as in a printed report.
    """
    text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    text = _BREAK.sub("\n", text.replace("_x000D_", "\r").replace("\r\n", "\n").replace("\r", "\n"))
    # By line: a pattern for blanks at an end tries again at every blank of a run that is none.
    return clean(textwrap.dedent("\n".join(line.rstrip() for line in text.split("\n"))))


def plain(text: str) -> str:
    """A word to look up: lower case, single blanks."""
    return " ".join(text.casefold().split())


def worded(text: str) -> Text:
    """As Japanese where kana is in it and Latin letters are fewer than the others; else as English, WHO's language."""
    kana = len(_KANA.findall(text))
    japanese = kana and kana + len(_IDEOGRAPH.findall(text)) > len(_LATIN.findall(text))
    clean = cleaned(text)  # a mark may be open in a part and closed in the whole
    return Text(ja=clean) if japanese else Text(en=clean)


def prose(cell: Cursor) -> Text | None:
    """The text of a cell."""
    text = within(cell, LONGEST)
    return worded(text) if text else None


def line(cell: Cursor) -> str | None:
    """The text of a cell for a field of one line."""
    text = within(cell, LONGEST_LINE)
    return on_one_line(text) if text else None


def brief(cell: Cursor) -> Text | None:
    """The text of a cell for a title or a name."""
    text = within(cell, LONGEST_LINE)
    return worded(text) if text else None


def number(cell: Cursor) -> str | None:
    """The text of a cell with a number; None for a sentence, or a word that means "none"."""
    text = within(cell, LONGEST_NUMBER)
    if text and nothing(text):
        cell.give_back(NO_NUMBER)
        return None
    return on_one_line(text) if text else None


def name(cell: Cursor) -> str | None:
    """The text of a cell with a name, or a part of one; None for a word that means "none"."""
    return _unless(nothing_named, cell, line(cell))


def whole_name(cell: Cursor) -> Text | None:
    """The same for a cell with a whole name, read as by `brief`."""
    return _unless(nothing_named, cell, brief(cell))


def address_part(cell: Cursor) -> str | None:
    """The text of a cell with a part of an address; None for a word that means "none"."""
    return _unless(nothing_said, cell, line(cell))


def whole_address(cell: Cursor) -> Text | None:
    """The same for a cell with a whole address, read as by `brief`."""
    return _unless(nothing_said, cell, brief(cell))


def acronym(cell: Cursor) -> str | None:
    """The text of a cell with an acronym; None for a word that means "none"."""
    return _unless(no_acronym, cell, line(cell))


def _unless(nothing: Callable[[str], Nothing | None], cell: Cursor, read: T | None) -> T | None:
    """The text read from the cell, unless it is a word that means "none"."""
    name = read.en or read.ja if isinstance(read, Text) else read
    if name and (instead := nothing(name)):
        cell.give_back(NO_NAME[instead])
        return None
    return read


def within(cell: Cursor, most: int) -> str | None:
    """The text of a cell; one that no field could hold counts as not carried."""
    text = cell.prose()
    if text and len(text) > most:
        cell.give_back(f"longer than {most} characters")
        return None
    return text


def parts(text: str) -> list[str]:
    """The items that WHO joined by `;`; the whole text if a `;` may be the author's own.

    WHO joins without blanks and escapes nothing. So the text is separated only if no `;` has a blank beside it and
    none of the parts is empty; one `;` at the end closes the last item.
    """
    inner = text.removesuffix(";")
    found = _TIGHT.split(inner)
    return [text] if any(blank(part) or ";" in part for part in found) else found


def column(text: str) -> list[str]:
    """The items of a list that is parallel to others; an item that means "none" is empty."""
    return ["" if blank(part) else part.strip() for part in text.split(";")] if text else []
