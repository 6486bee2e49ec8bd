"""Where the studies stand in a document: one study, a list of studies, or a page of an answer (`{"studies": […]}`)."""

import re
from collections.abc import Generator
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder, loads
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """A study's place among the studies (from 1), its text as it stands, and its value."""

    number: int
    text: str
    value: Any


@dataclass(frozen=True, slots=True)
class Broken:
    """A stretch of text that is no study, and why. Without a number it is the document's own fault."""

    number: int | None
    text: str
    reason: str


Spans = Generator[Found | Broken, None, int | None]
"""Yields what is found; returns where it ends, or None where nothing can be read after it."""

_BLANK = re.compile(r"[ \t\n\r]*")
# Possessive (`*+`), so that a string that never ends costs one pass and not one per quotation mark.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},]', re.DOTALL)


def studies(text: str) -> Spans:
    """Every study of the document in order. A broken one is told alone where the end of it can be found."""
    at = _skip(text, 0)
    match text[at : at + 1]:
        case "[":
            end = yield from _list(text, at + 1)
        case "{":
            end = yield from _page_or_study(text, at)
        case _:
            yield Broken(None, "", "neither a JSON object nor a list")
            return None
    if end is not None and _skip(text, end) != len(text):
        yield Broken(None, "", "more follows after the end of the JSON")
    return end


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _list(text: str, at: int) -> Spans:
    at, number = _skip(text, at), 1
    if text[at : at + 1] == "]":
        return at + 1
    while True:
        end = yield from _study(text, at, number)
        if end is None:
            return None
        at = _skip(text, end)
        match text[at : at + 1]:
            case "]":
                return at + 1
            case ",":
                at, number = _skip(text, at + 1), number + 1
            case after:
                yield Broken(None, "", f"{'not JSON' if after else 'cut off'} after study {number}")
                return None


def _page_or_study(text: str, at: int) -> Spans:
    list_at = _studies_of_page(text, at)
    if list_at is None:
        return (yield from _study(text, at, 1))
    if text[list_at : list_at + 1] != "[":
        yield Broken(None, "", "`studies` is not a list")
        return None
    end = yield from _list(text, list_at + 1)
    if end is None:
        return None
    try:
        loads('{"studies":0' + text[end:])
    except (ValueError, RecursionError):
        yield Broken(None, "", "after its studies the page is not JSON, or cut off")
        return None
    return len(text)


def _studies_of_page(text: str, at: int) -> int | None:
    decoder = JSONDecoder()
    try:
        while text[at] in "{,":
            key, at = decoder.raw_decode(text, _skip(text, at + 1))
            at = _skip(text, at)
            if text[at] != ":":
                return None
            at = _skip(text, at + 1)
            if key == "studies":
                return at
            at = _skip(text, decoder.raw_decode(text, at)[1])
    except (ValueError, IndexError, RecursionError):
        pass
    return None


def _study(text: str, at: int, number: int) -> Spans:
    complaints: list[str] = []

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        unique = dict(members)
        if len(unique) < len(members):
            complaints.append("an object has a key twice")
        return unique

    decoder = JSONDecoder(object_pairs_hook=pairs, parse_constant=lambda word: complaints.append(f"{word} is not JSON"))
    try:
        value, end = decoder.raw_decode(text, at)
    except (ValueError, RecursionError) as error:
        stop = _end_of_value(text, at)
        yield Broken(number, text[at:stop], "cut off: the document ends inside it" if stop is None else _why(error))
        return stop
    if complaints:
        yield Broken(number, text[at:end], "; ".join(sorted(set(complaints))))
    else:
        yield Found(number, text[at:end], value)
    return end


def _why(error: ValueError | RecursionError) -> str:
    match error:
        case JSONDecodeError():
            return f"not JSON: {error.msg} (line {error.lineno}, column {error.colno} of the document)"
        case RecursionError():
            return "nested too deeply"
        case _:
            return "has a number too long to read"


def _end_of_value(text: str, at: int) -> int | None:
    """Where the value ends, by its brackets alone; None where the document ends first."""
    depth = 0
    for token in _TOKEN.finditer(text, at):
        match token.group()[0]:
            case "[" | "{":
                depth += 1
            case "]" | "}" if depth <= 1:
                return token.end() if depth else token.start()
            case "]" | "}":
                depth -= 1
            case "," if depth == 0:
                return token.start()
    return None
