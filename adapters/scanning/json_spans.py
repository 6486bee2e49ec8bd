"""Finds the records in a JSON document of any size, each with exactly its own bytes.

A document is one record, a list of records, a page of an answer (`{"studies": […]}`), or any number of records and
pages one after the other, as in NDJSON. The scanner goes by brackets and strings alone; each record is then parsed by
itself, so that a broken one is refused alone if its end can be found.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from json import JSONDecodeError, loads
from typing import Any, TypeAlias

import orjson

from adapters.cursor import storable
from adapters.scanning.stream import Stream, Stretch, pass_mark, unreadable


@dataclass(frozen=True, slots=True)
class Form:
    """A partner's names for its records: in messages to people, and of the member of a page that lists them."""

    record: str
    """As in `cut off after study 7`."""
    member: str
    """At most 60 ASCII characters, which the scanner compares literally, without escapes."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record's place among the records (from 1), its bytes, and its value."""

    number: int
    raw: bytes
    value: Any


@dataclass(frozen=True, slots=True)
class Broken:
    """A stretch that is not a record, and the reason. Without a number the document itself is broken."""

    number: int | None
    raw: bytes
    reason: str


Spans: TypeAlias = Generator[Found | Broken, None, int | None]
"""Yields the spans found; returns the number of the last record, or None if nothing can be read after it."""

_NOT_BLANK = re.compile(rb"[^ \t\n\r]")
# Possessive (`*+`), so that a string which never ends costs one pass and not one per quotation mark.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_GAP = rb'[^"\[\]{}]*+'
_TO_BRACKET = re.compile(_GAP + rb"(?:" + _STRING + _GAP + rb')*+(["\[\]{}]?)', re.DOTALL)
_OUTSIDE = re.compile(rb'["\[\]{},]')
_STRING_ENDS = re.compile(rb'["\\]')
_MEMBER = re.compile(rb'"[ \t\n\r]*:')
"""Each member has one, and texts may have some: if there are as many as members read, no key came twice."""
_WHOLE_NUMBERS = 2**63
"""From here on the fast reader takes a whole number for a float."""


def _nested(levels: int) -> re.Pattern[bytes]:
    """A pattern of two brackets of any kind and everything between them, nested up to so many levels."""
    value = rb"(?!)"
    for _ in range(levels):
        value = rb"[\[{]" + _GAP + rb"(?:(?:" + _STRING + rb"|" + value + rb")" + _GAP + rb")*+[\]}]"
    return re.compile(value, re.DOTALL)


_WHOLE = _nested(16)
"""Nearly every record in one match: ClinicalTrials.gov's are nested 13 levels deep at most. Others go step by step."""


def records(chunks: Iterable[bytes], form: Form) -> Iterator[Found | Broken]:
    """Every record of the document in order. A broken one is reported alone if its end can be found. Raises nothing."""
    stream = Stream(chunks)
    if reason := unreadable(stream):
        yield Broken(None, b"", reason)
        return
    pass_mark(stream)
    match stream.seek(_NOT_BLANK):
        case b"[":
            last = yield from _list(stream, form, 0)
        case b"{":
            last = yield from _objects(stream, form)
        case _:
            yield Broken(None, b"", "neither a JSON object nor a list")
            return
    if last is not None and stream.seek(_NOT_BLANK):
        yield Broken(None, b"", "more follows after the end of the JSON")


def _objects(stream: Stream, form: Form) -> Spans:
    number = 0
    while stream.seek(_NOT_BLANK) == b"{":
        last = yield from _page_or_record(stream, form, number)
        if last is None:
            return None
        number = last
    return number


def _page_or_record(stream: Stream, form: Form, number: int) -> Spans:
    stream.keep()
    if not _to_member(stream, form.member):
        whole = _pass_brackets(stream)
        yield _read(stream.stretch(), form, number + 1, whole)
        return number + 1 if whole else None
    before = stream.stretch()
    if stream.seek(_NOT_BLANK) != b"[":
        yield Broken(None, b"", f"`{form.member}` is not a list")
        return None
    last = yield from _list(stream, form, number)
    if last is not None:
        stream.keep()
        whole = _pass_brackets(stream)
        page = before.data + b"0" + stream.stretch().data
        around = _read(Stretch(before.at, page, len(page)), form, 0, whole)
        if isinstance(around, Broken):
            yield Broken(None, b"", f"around its {form.member} the page is broken: {around.reason}")
    return last


def _to_member(stream: Stream, member: str) -> bool:
    """Reads an object's members up to the value of this one. False if there is none, or it is not an object."""
    name = f'"{member}"'.encode()
    stream.skip(1)
    while stream.seek(_NOT_BLANK) == b'"':
        wanted = stream.look(len(name)) == name
        stream.skip(1)
        _pass_string(stream)
        if stream.seek(_NOT_BLANK) != b":":
            return False
        stream.skip(1)
        if wanted:
            return True
        _pass_value(stream)
        if stream.seek(_NOT_BLANK) != b",":
            return False
        stream.skip(1)
    return False


def _list(stream: Stream, form: Form, number: int) -> Spans:
    stream.skip(1)
    after = stream.seek(_NOT_BLANK)
    while after != b"]":
        number += 1
        stream.keep()
        whole = _pass_value(stream)
        yield _read(stream.stretch(), form, number, whole)
        if not whole:
            return None
        after = stream.seek(_NOT_BLANK)
        if after == b",":
            stream.skip(1)
            stream.seek(_NOT_BLANK)
        elif after != b"]":
            yield Broken(None, b"", f"{'not JSON' if after else 'cut off'} after {form.record} {number}")
            return None
    stream.skip(1)
    return number


def _pass_value(stream: Stream) -> bool:
    """Reads over a value, or the text in its place, by brackets alone. False if the document ends first."""
    while token := stream.seek(_OUTSIDE):
        if token in b",]}" or stream.passes(_WHOLE):
            return True
        stream.skip(1)
        if token in b"[{":
            return _pass_brackets(stream)
        _pass_string(stream)
    return False


def _pass_brackets(stream: Stream) -> bool:
    """Reads to the end of a bracket that was already opened. False if the document ends first."""
    depth = 1
    while stream.look(1):
        for token in stream.each(_TO_BRACKET):
            if token == b'"':
                # It does not end in this chunk.
                _pass_string(stream)
            if token in b'"':
                break
            depth += 1 if token in b"[{" else -1
            if depth == 0:
                return True
    return False


def _pass_string(stream: Stream) -> None:
    """Reads to the end of a string whose quotation mark was read over, or of the document."""
    while end := stream.seek(_STRING_ENDS):
        stream.skip(1)
        if end == b'"':
            return
        stream.skip(len(stream.look(1)))


def _read(stretch: Stretch, form: Form, number: int, whole: bool) -> Found | Broken:
    reason = stretch.too_large if whole else "cut off: the document ends inside it"
    if reason:
        return Broken(number, stretch.data, reason)
    value = _plain(stretch.data)
    return _looked_at(stretch, form, number) if value is None else Found(number, stretch.data, value)


def _plain(raw: bytes) -> Any:
    """The value, from a reader that is fast and tolerant; None if anything in it needs the strict reader."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return None if b"\\u0000" in raw or _members(value) != len(_MEMBER.findall(raw)) else value


def _members(value: Any) -> int | None:
    """The number of members of its objects; None if a number may have been whole before it was read."""
    members, pending = 0, [value]
    for here in pending:
        if isinstance(here, dict):
            members += len(here)
            pending.extend(here.values())
        elif isinstance(here, list):
            pending.extend(here)
        elif isinstance(here, float) and abs(here) >= _WHOLE_NUMBERS:
            return None
    return members


def _looked_at(stretch: Stretch, form: Form, number: int) -> Found | Broken:
    complaints: list[str] = []

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        unique = dict(members)
        if len(unique) < len(members):
            complaints.append("an object has a key twice")
        if not all("\0" not in name and storable(name) for name in unique):
            complaints.append("a key has a character that can't be stored (U+0000 or half a surrogate pair)")
        return unique

    try:
        value = loads(
            stretch.data.decode(),
            object_pairs_hook=pairs,
            parse_constant=lambda word: complaints.append(f"{word} is not JSON"),
        )
    except (ValueError, RecursionError) as error:
        return Broken(number, stretch.data, _why(error, stretch.at, form))
    if complaints:
        return Broken(number, stretch.data, "; ".join(sorted(set(complaints))))
    return Found(number, stretch.data, value)


def _why(error: ValueError | RecursionError, at: int, form: Form) -> str:
    match error:
        case UnicodeDecodeError():
            return f"not UTF-8: byte {at + error.start} of the document"
        case JSONDecodeError():
            return f"not JSON: {error.msg} (line {error.lineno}, column {error.colno} of the {form.record})"
        case RecursionError():
            return "nested too deeply"
        case _:
            return "has a number too long to read"
