"""Two thousand strings that programs stumble over, made by rule, and a way to plant them in every text of a model."""
# ruff: noqa: E501 - strings stand in their tables

import itertools
import random
import types
import unicodedata
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from events.schemas.values import Sealed

SEED: Final = 20261128
WORDS: Final = ("null", "NULL", "undefined", "None", "nil", "true", "NaN", "-Infinity", "0", "-1", "1e309", "0x0", "1/0",
                "../../etc/passwd", "C:\\con", "AUX", "inf", "９", "٣", "१", "Ⅷ", "½", "1,000", "1.000,00", "--", "-v")  # fmt: skip
CODE: Final = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</textarea></title>", "javascript:alert(1)",
    "http://a b", "https://x/\u202egpj.exe", "]]>", "<!--", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///'>]>&b;", "&#x1b;", "&amp;lt;",
    "' or 1=1 --", "'; drop table record; --", "$1", "%(number)s", "%s%n", "{0.__class__}", "{{7*7}}", "{% raw %}",
    "${jndi:ldap://x}", "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "a:* & b", "!('", "<->", "\\", "\\x1b[2J", "\\u0000", "\\ud800",
    '"', "''", "`", "[red]", "[/]", "[link=x]", "~0~1", "/", "//", "#", "?q=", "%00", "%ff", "a/b/c", '{"a":', "[[[[",
    "<bdi>", "</bdi>", "(?:", "*" * 40, "(" * 200, "\U0001f468\u200d\U0001f469\u200d\U0001f467", "🏳️\u200d🌈", "🇯🇵🇯", "1️⃣",
)  # fmt: skip
MARKS: Final = [chr(code) for code in (*range(1, 32), *range(0x7F, 0xA0), 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4,
                *range(0x180B, 0x1810), *range(0x2000, 0x2010), *range(0x2028, 0x2030), *range(0x205F, 0x2070), 0x3000, 0x3164,
                0xFE00, 0xFE0F, 0xFEFF, *range(0xFFF9, 0xFFFE), 0xE0001, 0xE007F, 0xE0100)]  # fmt: skip
OTHERS: Final = [
    *(chr(plane * 0x10000 + low) for plane in range(17) for low in (0xFFFE, 0xFFFF)),
    *map(chr, range(0xFDD0, 0xFDF0)),
    *(chr(plane * 0x10000 + 0x42) for plane in range(1, 17)),
    "\ufdfa", "\ufdfb", "\u0390", "ß", "İ", "ı", "ﬃ", "ǅ", "\u1e9e", "K", "Å", "㍿", "㋿", "ｶﾞ", "゛", "𠮷", "葛\U000e0100", "髙",
]  # fmt: skip
DIRECTIONS: Final = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def _runs() -> Iterator[str]:
    yield from ("a" * 2_000, "癌" * 1_000, "𠮷" * 500, "\u0301" * 1_000, "e" + "\u0327\u0301" * 400, "\ufdfa" * 300)
    yield from ("\u200b" * 500 + "a", "a " * 900, "1" * 2_000, "-" * 2_000, "א" * 900, "﷽" * 200, "Z" + "\u0489" * 300)
    yield from ("".join(map(chr, range(0x300 + step, 0x36F, 3))) + "o" for step in range(3))


def _mixed() -> Iterator[str]:
    chance = random.Random(SEED)
    pool = [*MARKS, *OTHERS, *DIRECTIONS, *WORDS, *CODE, "癌", "אבג", "العربية", "a", " "]
    while True:
        yield "".join(chance.choices(pool, k=chance.randint(2, 9)))


def corpus(number: int = 2_000) -> list[str]:
    """So many different strings. None has U+0000 or half a surrogate pair, which no version ever took."""
    single = [*WORDS, *CODE, *MARKS, *OTHERS, *_runs()]
    within = [f"a{mark}b" for mark in (*MARKS, *OTHERS, *DIRECTIONS)]
    pairs = [f"{first}אב{second}c" for first, second in itertools.product(DIRECTIONS, repeat=2)]
    every = itertools.chain(single, within, pairs, _mixed())
    # White space at the ends of a line was always removed, so it stands within the line.
    distinct = dict.fromkeys(text if text.strip() == text else f"x{text}x" for text in every_until(every, 4 * number))
    return [text for text in distinct if unicodedata.normalize("NFC", text) and "\0" not in text][:number]


def every_until(texts: Iterator[str], most: int) -> Iterator[str]:
    return itertools.islice(texts, most)


def filled(kind: Any, text: Callable[[], str], several: int = 2) -> Any:
    """A JSON value of an annotated type, with every field given and a new text wherever a free text may stand."""
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *_ = get_args(kind)
        return _simple(kind, text) if inner is str else filled(inner, text, several)
    if origin in (Union, types.UnionType):
        options = [one for one in get_args(kind) if one is not type(None)]
        return filled(Sealed if Sealed in options else options[0], text, several)
    if origin is tuple:
        return [filled(get_args(kind)[0], text, several) for _ in range(several)]
    if origin is dict:
        # No text of its own: which text stands where else would change with it.
        return {"a-partner": {"within": {"texts": [one for one in CODE if one.isprintable()], "number": 1}}}
    if origin is Literal:
        return get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        named = {name: filled(_annotated(field), text, several) for name, field in kind.model_fields.items()}
        return named | ({"ar": text()} if kind.model_config.get("extra") == "allow" else {})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind)).value
    return _simple(kind, text)


PATTERNED: Final = (
    "2026-11-16", "JP", "a" * 64, "1:0", "kyoto", "/acronym", "1.5", "A" * 60, "2026-11-16T00:00:00Z",
    "4c3f4f5e-6a3a-4a56-9b6d-0f4b8a1d2e3f", "Asia/Tokyo",
)  # fmt: skip


def _simple(kind: Any, text: Callable[[], str]) -> Any:
    adapter = TypeAdapter[Any](kind)
    for value in ("free text of any kind", 1, True, *PATTERNED):
        try:
            adapter.validate_python(value, strict=not isinstance(value, str))
        except ValidationError:
            continue
        return text() if value == "free text of any kind" else value
    raise TypeError(f"no value is known for {kind}")


def _annotated(field: FieldInfo) -> Any:
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
