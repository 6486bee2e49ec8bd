"""Texts that ClinicalTrials.gov sends in CommonMark, as people read them.

Its schema gives some fields the type `markup`, which its API sends in CommonMark 0.28. It makes these of plain text:
characters that would mean something are escaped (`\\<`, `\\[within 7 days\\]`), and empty comments part two lists.
So a text is read by its inline marks. Its lines, indents and the marks of its lists stay as they stand.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from adapters.cursor import Cursor
from events.schemas.values import Text
from events.schemas.wording import cleaned, on_one_line

_READER: Final = MarkdownIt("commonmark")
_MEANS_SOMETHING: Final = re.compile(r"[\\&<`_\[]|\*\S")
"""A text without any of these stays as it is: reading it by lines costs more than this search."""
_LINE_END: Final = re.compile(r"\r\n?|\n")
_COMMENT: Final = re.compile(r"\s*<!--.*-->\s*", re.DOTALL)
_BREAK: Final = re.compile(r"<br ?/?>", re.IGNORECASE)
_EMPTY_LINES: Final = re.compile(r"\n(?:[ \t]*\n){2,}")
_LONGEST: Final = 100_000
"""Characters of a text that a field takes. A longer one is refused, and not read first."""


def prose(item: Cursor) -> str | None:
    """A text in CommonMark as plain text; None where there is none, or where it says nothing but marks."""
    text = item.prose()
    plain = cleaned(read(text)).strip() if text else None
    if text and not plain:
        item.give_back("nothing but marks")
    return plain or None


def english(item: Cursor) -> Text | None:
    """The same as a text in English."""
    text = prose(item)
    return Text(en=text) if text else None


def line(item: Cursor) -> str | None:
    """The same on one line."""
    text = prose(item)
    return on_one_line(text) if text else None


def read(text: str) -> str:
    """CommonMark as plain text. Takes time in proportion to the text's length, whatever the text is."""
    if len(text) > _LONGEST or not _MEANS_SOMETHING.search(text):
        return text
    lines: list[str | None] = [*_LINE_END.split(text)]
    for block in _READER.parse(text):
        if block.map is None:
            continue
        first, end = block.map
        if block.type == "inline":
            _put_back(lines, first, block)
        elif block.type == "html_block" and _COMMENT.fullmatch(block.content):
            lines[first:end] = [None] * (end - first)
    visible = "\n".join(line for line in lines if line is not None)
    return _EMPTY_LINES.sub("\n\n", visible) if None in lines else visible


def _put_back(lines: list[str | None], first: int, block: Token) -> None:
    """Puts what a block says where its marks stood, behind the indent and the mark of its list."""
    texts = _lines_of(block.children or ())
    for number, marked in enumerate(block.content.split("\n")):
        stood = lines[first + number] or ""
        before = stood[: max(stood.rfind(marked.strip()), 0)]
        lines[first + number] = before + texts[number] if number < len(texts) else None


def _lines_of(marks: Sequence[Token]) -> list[str]:
    """What inline marks say, by line."""
    lines, links = [""], list[tuple[str, int]]()
    for mark in marks:
        match mark.type:
            case "softbreak" | "hardbreak":
                lines.append("")
            case "link_open":
                links.append((str(mark.attrs["href"]), len(lines[-1])))
            case "link_close":
                lines[-1] += _address(*links.pop(), lines[-1])
            case _:
                lines[-1] += "".join(_text_of(mark))
    return lines


def _address(address: str, start: int, line: str) -> str:
    """The address of a link, after a text that is another."""
    return "" if line[start:] in address else f" ({address})"


def _text_of(mark: Token) -> Iterator[str]:
    match mark.type:
        case "text" | "code_inline":
            yield mark.content
        case "image":
            yield f"{mark.content} ({mark.attrs['src']})"
        case "html_inline" if _BREAK.fullmatch(mark.content):
            yield "\n"
        case "html_inline" if not _COMMENT.fullmatch(mark.content):
            yield mark.content
