"""Texts that ClinicalTrials.gov sends in CommonMark, as plain text.

Its schema gives some fields the type `markup`, which its API sends in CommonMark 0.28. It makes these from plain text:
characters with a meaning are escaped (`\\<`, `\\[within 7 days\\]`), and empty comments separate two lists.
So only inline marks are interpreted. Lines, indents and the marks of lists stay as they are.
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
"""Most characters of a text that a field takes. A longer one is refused before it is read."""


def prose(item: Cursor) -> str | None:
    """A text in CommonMark as plain text; None if there is none, or if it consists of marks alone."""
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
    """CommonMark as plain text. Takes time in proportion to the text's length, for any text."""
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
    """Puts the text of a block in place of its marks, after the indent and the mark of its list."""
    texts = _lines_of(block.children or ())
    for number, marked in enumerate(block.content.split("\n")):
        stood = lines[first + number] or ""
        before = stood[: max(stood.rfind(marked.strip()), 0)]
        lines[first + number] = before + texts[number] if number < len(texts) else None


def _lines_of(marks: Sequence[Token]) -> list[str]:
    """The text of inline marks, by line."""
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
    """The address of a link, to follow its text if that differs."""
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
