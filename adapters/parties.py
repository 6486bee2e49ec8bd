"""Whether a sponsor, funder or reviewer is a person. Their fields take both, and few sources say which.

The rules, the surest first:

1. jRCT states a person as primary sponsor, always: 研究責任医師, since 2025 統括管理者, under the Clinical Trials Act
   (2017 No. 16), and the party that answers for the trial under the other laws.
2. ClinicalTrials.gov gives a class: INDIV is a person. OTHER, AMBIG, UNKNOWN and none leave it open: of 100 studies
   7 have a person under OTHER. Every other class is of organisations.
3. Else a name is an organisation's if each part of it has a word from names of organisations, and none has a word from
   names of persons. Any other name is taken for a person's.

An unclear name is taken for a person's: a seal can be opened, but a published name can't be erased.
"""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from adapters import countries
from events.schemas.parties import Organisation, Person
from events.schemas.values import Text

OF_PERSONS: Final = frozenset(["jrct"])
"""Codes of registries whose primary sponsors are persons."""
INDIVIDUAL: Final = "indiv"
TELL_NOTHING: Final = frozenset(["other", "ambig", "unknown", None])
"""Classes of ClinicalTrials.gov, in lower case as they are stored."""

_BORNE: Final = tomllib.loads(files("adapters").joinpath("parties.toml").read_text("utf-8"))
_WORDS: Final = frozenset(_BORNE["organisations"]["words"].split())
_BEGINNINGS: Final = tuple(_BORNE["organisations"]["beginnings"].split())
_PARTS: Final = tuple(_BORNE["organisations"]["parts"].split())
_PERSONS: Final = frozenset(_BORNE["persons"]["words"].split())
_PARTS_OF_PERSONS: Final = tuple(_BORNE["persons"]["parts"].split())
_BETWEEN: Final = re.compile(r"[,;/()|、，；（）\n]|\s[-\u2013\u2014]\s")
_LEGAL: Final = re.compile(r",\s*(?=(?:co|ltd|inc|llc|l\.l\.c|limited|corp|k\.k|s\.a)\b)", re.IGNORECASE)
"""Before a legal form, which is written with a comma and belongs to the name before it."""
_WIDE: Final = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")


def party(name: Text, *, kind: str | None = None, is_person: bool | None = None) -> Organisation:
    """The sponsor, by name: a person, to be sealed, or an organisation. By rule 3 if that is not stated."""
    if is_person is None:
        is_person = not all(map(is_organisation, name.by_language().values()))
    return Organisation(person=Person(name=name), kind=kind) if is_person else Organisation(name=name, kind=kind)


def by_class(kind: str | None) -> bool | None:
    """Rule 2: whether a class is a person's; None if it leaves that open."""
    return None if kind in TELL_NOTHING else kind == INDIVIDUAL


def by_registry(registry: str) -> bool | None:
    """Rule 1: whether a registry's primary sponsors are persons; None if it has both."""
    return True if registry in OF_PERSONS else None


def is_organisation(name: str) -> bool:
    """Rule 3."""
    if any(word in name for word in _PARTS_OF_PERSONS) or not _PERSONS.isdisjoint(_words(name)):
        return False
    parts = [part for part in map(str.strip, _BETWEEN.split(_LEGAL.sub(" ", name))) if _words(part)]
    telling = [part for at, part in enumerate(parts) if not _says_nothing_new(part, parts[:at])]
    return bool(telling) and all(map(_is_of_organisation, telling))


def _words(text: str) -> list[str]:
    """Words without case, accents and full stops: `Ph.D.` is `phd`."""
    parted = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w+", "".join(one for one in parted if not unicodedata.combining(one)).replace(".", ""))


def _says_nothing_new(part: str, before: Sequence[str]) -> bool:
    """Whether a part is a country, a repetition, or the acronym of an earlier part: `NIAID` after the full name."""
    words, earlier = _words(part), [word for one in before for word in _words(one)]
    if " ".join(words) in _countries() or (earlier and set(words) <= set(earlier)):
        return True
    initials = iter([word[0] for word in earlier])
    return len(words) == 1 and not part.islower() and all(letter in initials for letter in words[0])


def _is_of_organisation(part: str) -> bool:
    if _WIDE.search(part):
        return all(any(word in piece for word in _PARTS) for piece in part.split())
    return any(word in _WORDS or word.startswith(_BEGINNINGS) for word in _words(part))


@cache
def _countries() -> frozenset[str]:
    return frozenset(" ".join(_words(name)) for name in countries.names().values())
