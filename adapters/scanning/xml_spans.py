"""Finds the records in an XML file of any size, each with exactly its own bytes.

The scanner looks for a few ASCII tokens and parses nothing, so that a broken record is refused alone. Comments, CDATA
and processing instructions are read over. A DOCTYPE may name an external DTD, which nobody reads; one that declares
anything itself refuses the file, so no entity is ever expanded. Each record is parsed alone, by `element`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lxml import etree

from adapters.scanning.stream import LONGEST_TOKEN, Stream, pass_mark, unreadable


class Form:
    """The names of the elements of one form of file."""

    def __init__(self, name: str, record: bytes, *around: bytes) -> None:
        """`record`: the element of a record. `around`: those that may enclose the records, the root first."""
        self.name, self.record, self.around = name, record, around
        names = b"|".join((record, *around))
        self.marks = re.compile(rb"<(?:!--|!\[CDATA\[|\?|/?(?:" + names + rb")(?=[\s/>]))")


@dataclass(frozen=True, slots=True)
class Found:
    """A record: its place among the records (from 1), the name of its form, its bytes, and the encoding declared."""

    number: int
    form: str
    raw: bytes
    encoding: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A stretch that is not a record, and the reason. Without a number the file itself is broken."""

    number: int | None
    raw: bytes
    reason: str


_ASIDE = {b"<!--": re.compile(rb"-->"), b"<?": re.compile(rb"\?>")}
_READ_OVER = _ASIDE | {b"<![CDATA[": re.compile(rb"\]\]>")}

CODECS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "utf-8": "utf-8",
        "utf8": "utf-8",
        "us-ascii": "ascii",
        "iso-8859-1": "latin-1",
        "windows-1252": "cp1252",
        # Files that say Shift_JIS hold Microsoft's extensions of it (WHATWG Encoding Standard, `shift_jis`).
        "shift_jis": "cp932",
        "windows-31j": "cp932",
        "euc-jp": "euc_jp",
    }
)
"""The encodings read, and Python's names of them. None of them has `<`, `>`, `-`, `?` or a quote inside another
character, so the scanner's tokens are safe. In Shift_JIS `]` can be a second byte: where such a character stands just
before `]>` in a CDATA section, that seems to end there, and the record is refused by its parser, not misread.
ISO-2022-JP, UTF-7 and UTF-16 have no such safety and are refused."""

_NOT_BLANK = re.compile(rb"[^ \t\r\n]")
_TAG = re.compile(rb"<(/?)([^\s/><!?\"'&;]+)(?=[\s/>])")
_TAG_ENDS = re.compile(rb"/?>|[\"'<]")
_DOCTYPE_ENDS = re.compile(rb"[>\[\"']")
_QUOTE_ENDS = {quote: re.compile(quote) for quote in (b'"', b"'")}
_VALUE_ENDS = {quote: re.compile(quote + b"|<") for quote in _QUOTE_ENDS}
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


class _Unreadable(Exception):
    """Nothing can be read from here on; the message has the reason."""


def records(chunks: Iterable[bytes], forms: Sequence[Form]) -> Iterator[Found | Broken]:
    """Every record of a file of one of the forms, in order. Raises nothing.

    A broken one is reported alone if its end can be found.
    """
    stream = Stream(chunks)
    try:
        encoding = _prolog(stream)
        yield from _list(stream, _form(stream, forms), encoding)
        if _passes_asides(stream):
            raise _Unreadable("more follows after the end of the list")
    except _Unreadable as fault:
        yield Broken(None, b"", str(fault))


def element(found: Found) -> etree._Element | str:
    """The record parsed alone, without its comments; or why it can't be. Only XML's own five entities are known."""
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(found.raw.decode(CODECS[found.encoding]).encode(), parser)
    except UnicodeDecodeError as error:
        return f"not {found.encoding}: byte {error.start} of the record"
    except etree.XMLSyntaxError as error:
        return f"not XML: {' '.join(str(error.msg).split())[:200]} of the record"


def _prolog(stream: Stream) -> str:
    """Reads up to the root, and returns the encoding declared."""
    if reason := unreadable(stream):
        raise _Unreadable(reason)
    encoding = _encoding(stream, marked=pass_mark(stream))
    while _passes_asides(stream):
        if stream.look(9) != b"<!DOCTYPE":
            return encoding
        _pass_doctype(stream)
    raise _Unreadable("no XML: there is no element")


def _encoding(stream: Stream, *, marked: bool) -> str:
    stream.seek(_NOT_BLANK)
    stream.keep()
    if stream.look(5) == b"<?xml":
        _read_over(stream)
    declared = _DECLARED.match(stream.stretch().data)
    encoding = declared[1].decode().lower() if declared else "utf-8"
    if encoding not in CODECS:
        raise _Unreadable(f"its encoding {encoding!r} is none of {', '.join(CODECS)}")
    if marked and CODECS[encoding] != "utf-8":
        raise _Unreadable(f"a byte order mark says UTF-8, and the declaration {encoding}")
    return encoding


def _pass_doctype(stream: Stream) -> None:
    while end := stream.seek(_DOCTYPE_ENDS):
        stream.skip(1)
        if end == b">":
            return
        if end == b"[":
            raise _Unreadable("its DOCTYPE declares entities or elements of its own, which are never read")
        stream.seek(_QUOTE_ENDS[end])
        stream.skip(1)
    raise _Unreadable("cut off inside the DOCTYPE")


def _form(stream: Stream, forms: Sequence[Form]) -> Form:
    _, root = _tag(stream)
    for form in forms:
        if root in (form.record, *form.around):
            return form
    known = ", ".join(name.decode() for form in forms for name in form.around)
    name = root.decode(errors="replace").replace("\0", "\ufffd")
    raise _Unreadable(f"its root is `{name}` and none of {known}" if root else "no XML: it begins otherwise")


def _list(stream: Stream, form: Form, encoding: str) -> Iterator[Found | Broken]:
    """The records from the root to its end; a root that is itself a record is the only one."""
    number, around = 0, list[bytes]()
    while _passes_asides(stream):
        closes, name = _tag(stream)
        if name == form.record and not closes:
            number += 1
            read = _record(stream, form, number, encoding)
            yield read
            if isinstance(read, Broken) and not stream.look(1):
                return
        elif name in form.around and not closes:
            if name in around:
                raise _Unreadable(f"`{name.decode()}` stands inside itself")
            if _pass_outer_tag(stream) == b">":
                around.append(name)
        elif around and name == around[-1]:
            _pass_outer_tag(stream)
            around.pop()
        elif _pass_stray(stream, form):
            yield Broken(None, b"", f"after record {number} stands something that is no `{form.record.decode()}`")
        if not around:
            return
    raise _Unreadable(f"cut off after record {number}")


def _record(stream: Stream, form: Form, number: int, encoding: str) -> Found | Broken:
    stream.keep()
    try:
        reason = None if _pass_tag(stream) == b"/>" else _to_its_end(stream, form)
    except _Unreadable as fault:
        reason = str(fault)
    span = stream.stretch()
    if reason := reason or span.too_large:
        return Broken(number, span.data, reason)
    return Found(number, form.name, span.data, encoding)


def _to_its_end(stream: Stream, form: Form) -> str | None:
    """Reads over a record. Returns the reason if it is not one; then the tag that shows this is still to be read."""
    while stream.seek(form.marks):
        if _read_over(stream):
            continue
        closes, name = _tag(stream)
        if closes and name == form.record:
            return None if _pass_tag(stream) else "cut off: the file ends inside it"
        if name == form.record:
            return "opens again before it closes"
        return "does not close before the list does"
    return "cut off: the file ends inside it"


def _tag(stream: Stream) -> tuple[bool, bytes]:
    """Whether the tag here closes, and its name; no name if there is no tag. Nothing is consumed."""
    tag = _TAG.match(stream.look(LONGEST_TOKEN))
    return (tag[1] == b"/", tag[2]) if tag else (False, b"")


def _pass_tag(stream: Stream) -> bytes:
    """Reads over a tag and returns its end, `>` or `/>`; `<` if another begins inside it, nothing at the file's end."""
    stream.skip(1)
    while (end := stream.seek(_TAG_ENDS)) in _VALUE_ENDS:
        stream.skip(1)
        if stream.seek(_VALUE_ENDS[end]) == end:
            stream.skip(1)
    if end != b"<":
        stream.skip(len(end))
    return end


def _pass_outer_tag(stream: Stream) -> bytes:
    end = _pass_tag(stream)
    if end in (b"", b"<"):
        raise _Unreadable("a tag around the records is broken" if end else "cut off inside a tag around the records")
    return end


def _pass_stray(stream: Stream, form: Form) -> bool:
    """Reads over anything else, to the next token of interest; returns whether there is one."""
    if not _read_over(stream):
        stream.skip(1)
    return bool(stream.seek(form.marks))


def _passes_asides(stream: Stream) -> bool:
    """Reads over blanks, comments and processing instructions; returns whether something else follows."""
    while stream.seek(_NOT_BLANK):
        if not _read_over(stream, _ASIDE):
            return True
    return False


def _read_over(stream: Stream, kinds: Mapping[bytes, re.Pattern[bytes]] = _READ_OVER) -> bool:
    """Reads over a comment, a processing instruction or a CDATA section; returns whether it was one of `kinds`."""
    head = stream.look(9)
    for begins, ends in kinds.items():
        if head.startswith(begins):
            stream.skip(len(begins))
            end = stream.seek(ends)
            if not end:
                raise _Unreadable(f"cut off: the file ends inside what `{begins.decode()}` began")
            stream.skip(len(end))
            return True
    return False
