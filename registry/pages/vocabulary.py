"""The page of the vocabulary: terms with the same meaning, the source of each, and a note that most are unchecked."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from aiohttp import web

from projections.search.vocabulary.looking import TOPICS
from projections.search.vocabulary.table import PROJECT, SAMPLE, Term, vocabulary
from registry.api.parameters import only
from registry.api.vocabulary import LONGEST_QUERY, after, requested_groups
from registry.pages.rendering import drawn, language_of
from registry.pages.words import Words, words_in

LISTED: Final = 20
"""Groups on a page."""


@dataclass(frozen=True, slots=True)
class FromSource:
    """The terms of a group from one source, each with its language and its kind in words."""

    source: str
    checked: str
    terms: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A group by its preferred term; `other` is the one in the other language."""

    heading: str
    language: str
    other: str
    other_language: str
    codes: tuple[str, ...]
    sources: tuple[FromSource, ...]


async def synonyms(request: web.Request) -> web.StreamResponse:
    """A page of groups."""
    only(request, "after", "q", "topic")
    words, text, topic = words_in(language_of(request.path)), request.query.get("q", ""), request.query.get("topic", "")
    found = list(islice(after(request, requested_groups(request)), LISTED + 1))

    def content() -> dict[str, Any]:
        return {
            "groups": [shown(words, rows) for rows in found[:LISTED]],
            "query": {"q": text, "topic": topic},
            "topics": TOPICS,
            "version": vocabulary().version,
            "longest": LONGEST_QUERY,
            "begun": "after" in request.query,
            "following": found[LISTED - 1][0].group if len(found) > LISTED else None,
        }

    return await drawn(request, "vocabulary.html", content)


def shown(words: Words, rows: Sequence[Term]) -> Group:
    """A group in words."""
    preferred = {row.language: row.term for row in rows if row.kind == "preferred"}
    own, other = str(words.language), str(words.language.other)
    heading = own if own in preferred else other
    by_source: dict[tuple[str, str], list[Term]] = {}
    for row in rows:
        by_source.setdefault((_source(words, row), row.checked_by), []).append(row)
    return Group(
        heading=preferred[heading],
        language=heading,
        other=preferred.get(other, "") if heading == own else "",
        other_language=other,
        codes=tuple(dict.fromkeys(row.code for row in rows if row.code)),
        sources=tuple(
            FromSource(
                source,
                words.say("synonym.checked", name=checker) if checker else words.say("synonym.unchecked"),
                tuple((row.term, row.language, words.say(f"synonym_kind.{row.kind}")) for row in of_source),
            )
            for (source, checker), of_source in by_source.items()
        ),
    )


def _source(words: Words, row: Term) -> str:
    if row.source == PROJECT:
        return words.say("synonym.project")
    if row.source == SAMPLE:
        return words.say("synonym.sample", record=row.source_version.partition(" ")[0])
    return words.say("synonym.package", name=row.source, version=row.source_version, licence=row.licence)
