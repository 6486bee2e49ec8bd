"""Names, telephone numbers and e-mail addresses in free text, to be pointed out before the text becomes public.

A notice, not a judgement: the writer decides. It can't see a Japanese name that is not among the commonest and has no
title after it (`さん`, `医師`), a foreign name without a title before it, names in kana or in small letters, a number
in words, and facts that identify a person without a name.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from itertools import chain, islice, zip_longest
from typing import Final

from events.normal_form import nfkc
from registry.pages.words import CATALOGUES


class Kind(StrEnum):
    """The kind of data that it looks like."""

    TELEPHONE = "telephone"
    EMAIL = "email"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Noticed:
    """A noticed part of a text, with letters and digits in their usual width."""

    kind: Kind
    text: str


MOST: Final = 50
GAP: Final = r"[-‐-―−ー.() ]{0,2}"
_TELEPHONES: Final = (
    # Japan: 10 or 11 digits, the first a 0.
    (re.compile(rf"(?<![0-9A-Za-z])0[0-9]{{1,4}}{GAP}[0-9]{{1,4}}{GAP}[0-9]{{3,4}}(?![0-9])"), range(10, 12)),
    # With the country's code: 15 digits at most (ITU-T E.164).
    (re.compile(rf"\+[0-9]{{1,4}}(?:{GAP}[0-9]{{1,5}}){{2,5}}(?![0-9])"), range(8, 16)),
    # North America, as 555-010-0123.
    (re.compile(r"(?<![0-9A-Za-z-])\(?[2-9][0-9]{2}\)?[-. ][0-9]{3}[-.][0-9]{4}(?![0-9])"), range(10, 11)),
)
"""Forms of a telephone number, each with its possible numbers of digits."""
_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
SURNAMES: Final = tuple(csv.DictReader((CATALOGUES / "surnames.csv").read_text("utf-8").splitlines()))
"""The commonest family names of Japan."""
KANJI: Final = "一-龯々"
_LONG: Final = "|".join(sorted({name["ja"] for name in SURNAMES if len(name["ja"]) > 1}, key=len, reverse=True))
_SHORT: Final = "|".join(sorted({name["ja"] for name in SURNAMES if len(name["ja"]) == 1}))
ORGANISATION: Final = (
    "県|府|都|市|区|町|村|郡|駅|島|地区|病院|大学|医大|医院|医療|医科|内科|外科|"
    "クリニック|センター|製薬|薬品|記念|研究|保健"
)
"""Endings after a name that make it a place's or an organisation's."""
_SURNAME: Final = re.compile(
    rf"(?:{_LONG})(?!{ORGANISATION})(?: ?[{KANJI}]{{1,3}})?|(?<![{KANJI}])(?:{_SHORT}) [{KANJI}]{{1,3}}"
)
_TITLE: Final = re.compile("さん|様(?![子式々相態])|氏(?!名)|先生|医師|教授|看護師|薬剤師|師長")
_BEFORE_TITLE: Final = re.compile(rf"[{KANJI}]{{1,4}} ?(?:[{KANJI}]{{1,3}})?\Z")
NO_NAME: Final = frozenset("当任担者科部員皆族治各他同産多一仕模異婦医局院内外")
"""Endings of words that are roles, not names: 担当医師, 患者さん, 皆様, 同様."""
_WORD: Final = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’-]*")
ROMANISED: Final = frozenset(name["en"].lower() for name in SURNAMES)
TITLES: Final = frozenset(["dr", "doctor", "prof", "professor", "mr", "mrs", "ms", "miss", "nurse"])
ORGANISATIONS: Final = frozenset(
    ["hospital", "university", "prefecture", "city", "ward", "clinic", "pharmaceutical", "pharmaceuticals", "pharma",
     "medical", "college", "station", "institute", "memorial", "general", "central", "national", "cancer"]
)  # fmt: skip


def noticed(text: str) -> tuple[Noticed, ...]:
    """The parts of the text that look like a person's name, number or address, each once; MOST at most."""
    plain = nfkc(text)
    found = chain(_telephones(plain), _emails(plain), _japanese(plain), _titled(plain), _western(plain))
    first = dict.fromkeys(islice(found, MOST))
    return tuple(one for one in first if not any(one is not other and one.text in other.text for other in first))


def mark_of(text: str) -> str:
    """The mark that a confirmation names: exactly this text was checked."""
    return sha256(text.encode()).hexdigest()[:32]


def _telephones(text: str) -> Iterator[Noticed]:
    for form, lengths in _TELEPHONES:
        for number in form.finditer(text):
            if sum(map(str.isdigit, number[0])) in lengths:
                yield Noticed(Kind.TELEPHONE, number[0])


def _emails(text: str) -> Iterator[Noticed]:
    for address in _EMAIL.finditer(text):
        yield Noticed(Kind.EMAIL, address[0])


def _japanese(text: str) -> Iterator[Noticed]:
    for name in _SURNAME.finditer(text):
        yield Noticed(Kind.NAME, name[0])


def _titled(text: str) -> Iterator[Noticed]:
    """A word in kanji before a title, unless it is a role."""
    for title in _TITLE.finditer(text):
        before = _BEFORE_TITLE.search(text[max(title.start() - 8, 0) : title.start()])
        if before and before[0][-1] not in NO_NAME:
            yield Noticed(Kind.NAME, before[0] + title[0])


def _western(text: str) -> Iterator[Noticed]:
    """A capitalised word after a title, or one of the romanised family names, unless it is an organisation's."""
    words = [*_WORD.finditer(text)]
    for word, following in zip_longest(words, words[1:]):
        after = following[0] if following and following.start() - word.end() <= len(". ") else ""
        if word[0].lower() in TITLES and after[:1].isupper():
            yield Noticed(Kind.NAME, f"{word[0]} {after}")
        elif word[0][0].isupper() and word[0].lower() in ROMANISED and after.lower() not in ORGANISATIONS:
            yield Noticed(Kind.NAME, word[0])
