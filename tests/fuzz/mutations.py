"""Documents that were damaged on purpose. Pure: the same random numbers damage the same document in the same way."""

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

LARGEST: Final = 400_000
"""Bytes that a damaged document may grow to."""
TOKEN: Final = re.compile(
    rb'"(?:[^"\\]|\\.)*+"|(?<=>)[^<>]++(?=<)|</?[A-Za-z_][\w.-]*+|-?\d++(?:\.\d++)?|true|false|null'
)
"""The tokens of both forms: strings, numbers and literals of JSON; tags of XML and the texts between them."""
HOSTILE: Final[Sequence[bytes]] = (
    b"", b"0", b"-1", b"1e999", b"-0.0", b"1" * 400, b"9" * 5_000, b"1.0", b"18446744073709551616", b"NaN", b"Infinity",
    b"null", b"true", b"[]", b"{}", b'""', b'"\\ud800"', b'"\\u0000"', b'"' + b"a" * 3_000 + b'"', b'"\xed\xa0\x80"',
    b'" "', b'"\xe3\x80\x80"', b'"2026-02-30"', b'"0000-00-00"', b'"9999-12-31"', b'"\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa6"',
    b"[" * 2_000, b"]" * 2_000, b'{"a":' * 2_000, b"<a>" * 2_000, b"[[[[1]]]]", b'{"ja": null}', b'{"en": 3}',
    b"&#0;", b"&#xD800;", b"&amp;" * 200, b"&nbsp;", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?x?>", b"<br>", b"<a/>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r\n", b"\xc2\x85", b"\xe2\x80\xa8",
    b"\xf0\x9f\x87\xba\xf0\x9f\x87\xb8" * 50, b"\xcc\x81" * 500, b";" * 1_000, b"<br>" * 500, b", " * 1_000,
    b"(" * 1_000,
)  # fmt: skip
ENCODINGS: Final = ("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "shift_jis", "euc_jp", "utf-7")
MOST_DAMAGES: Final = 3

Damage = Callable[[Random, bytes, Sequence[bytes]], bytes]


def damaged(random: Random, corpus: Sequence[bytes]) -> bytes:
    """One document of the corpus after one or a few damages; once in a while only hostile bytes."""
    document = random.choice(corpus) if random.random() < 0.99 else random.choice(HOSTILE)
    for _ in range(random.randint(1, MOST_DAMAGES)):
        document = random.choice(DAMAGES)(random, document, corpus)[:LARGEST]
    return document


def _place(random: Random, document: bytes) -> int:
    return random.randint(0, len(document))


def _stretch(random: Random, document: bytes) -> tuple[int, int]:
    first = _place(random, document)
    return first, min(len(document), first + random.choice((1, 3, 20, 400, len(document))))


def _tokens(document: bytes) -> list[tuple[int, int]]:
    return [found.span() for found in TOKEN.finditer(document)] or [(0, len(document))]


def _flip(random: Random, document: bytes, _: Sequence[bytes]) -> bytes:
    flipped = bytearray(document)
    for _unused in range(min(len(flipped), random.choice((1, 1, 2, 10)))):
        flipped[random.randrange(len(flipped))] ^= 1 << random.randrange(8)
    return bytes(flipped)


def _insert(random: Random, document: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(random, document)
    return document[:at] + random.choice(HOSTILE) + document[at:]


def _cut(random: Random, document: bytes, _: Sequence[bytes]) -> bytes:
    first, last = _stretch(random, document)
    return document[:first] + document[last:]


def _repeat(random: Random, document: bytes, _: Sequence[bytes]) -> bytes:
    first, last = _stretch(random, document)
    return document[:last] + document[first:last] * random.choice((1, 2, 30)) + document[last:]


def _truncate(random: Random, document: bytes, _: Sequence[bytes]) -> bytes:
    return document[: _place(random, document)]


def _splice(random: Random, document: bytes, corpus: Sequence[bytes]) -> bytes:
    other = random.choice(corpus)
    return document[: _place(random, document)] + other[_place(random, other) :]


def _swap(random: Random, document: bytes, _: Sequence[bytes]) -> bytes:
    tokens = _tokens(document)
    (first, first_end), (last, last_end) = sorted((random.choice(tokens), random.choice(tokens)))
    if first == last:
        return document
    between = document[first_end:last]
    return document[:first] + document[last:last_end] + between + document[first:first_end] + document[last_end:]


def _replace(random: Random, document: bytes, corpus: Sequence[bytes]) -> bytes:
    """A token gives way to a hostile one, or to one of another document: most of these still are JSON or XML."""
    first, last = random.choice(_tokens(document))
    other = random.choice(corpus)
    begin, end = random.choice(_tokens(other))
    return document[:first] + random.choice((random.choice(HOSTILE), other[begin:end])) + document[last:]


def _encode(random: Random, document: bytes, _: Sequence[bytes]) -> bytes:
    return document.decode(errors="replace").encode(random.choice(ENCODINGS), errors="replace")


DAMAGES: Final[Sequence[Damage]] = (
    _flip, _insert, _cut, _repeat, _truncate, _splice, _encode, _swap, _swap, *([_replace] * 8),
)  # fmt: skip
"""Damages that leave most of a document whole are more frequent: they get furthest into a reader."""
