"""Answers on the vocabulary."""

from typing import Literal

from events.schemas.values import Value
from registry.api.answer_fields import Link


class TermAnswer(Value):
    """A term, and where it is from."""

    term: str
    language: Literal["ja", "en"]
    script: Literal["kanji", "kana", "latin"]
    kind: Literal["preferred", "synonym", "everyday", "abbreviation", "spelling", "generic", "brand"]
    code: str | None = None
    """An identifier of MeSH that is searched with the group."""
    source: str
    """A package that states the term, `sample` where a public record does, or `project` where this project wrote it."""
    source_version: str | None = None
    """Of a package; or the number of the record and its field."""
    licence: str
    date: str
    checked_by: str | None = None
    """Who checked it; absent while nobody of the field has."""
    ambiguous: bool | None = None
    """True where another group has the same term."""


class GroupAnswer(Value):
    """Terms that mean the same: a search for one finds the others, too."""

    group: str
    topic: Literal["disease", "drug", "place", "word"]
    terms: tuple[TermAnswer, ...]


class VocabularyAnswer(Value):
    """A page of the vocabulary. `version` changes with any row."""

    version: str
    groups: tuple[GroupAnswer, ...]
    next: Link | None = None
