"""A page for each kind of problem, at the address that is its type (RFC 9457, 3.1.1), and a list of all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from aiohttp import web

from registry.api.parameters import only
from registry.api.problems import INVALID, KINDS, REJECTED, ROUTE_UNKNOWN, Kind, Problem
from registry.domain.decider import Fault
from registry.pages.rendering import language_of, page
from registry.pages.words import Words, words_in

BY_CODE: Final[Mapping[str, Kind]] = {kind.code: kind for kind in KINDS}
EXAMPLE_REQUEST: Final = UUID("0190f2a4-6d3e-7c51-9b0a-2f8d4c6e1a73")
FAULTS: Final = {
    REJECTED: Fault("date-in-future", "2026-12-24 is after today (2026-11-22); report what has happened", "/on"),
    INVALID: Fault("missing", "Field required", "/registration/public_title"),
}
"""The faults in an example of these kinds: a rule that the command breaks, a member that it lacks."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A kind as shown on its page and in the list."""

    code: str
    status: int
    title: str
    meaning: str
    advice: str


async def problem(request: web.Request) -> web.StreamResponse:
    """The kind's meaning, its remedy, and a client's answer. Raises Problem (404) if there is no such kind."""
    only(request)
    kind = BY_CODE.get(request.match_info["code"])
    if kind is None:
        raise Problem(ROUTE_UNKNOWN)
    words = words_in(language_of(request.path))
    again = "again_yes" if kind.worth_repeating else "again_no"
    return page(
        request,
        "problem.html",
        kind=shown(words, kind),
        type=f"/problems/{kind.code}",
        again=words.say(f"problem_page.{again}", seconds=kind.again),
        example=json.dumps(example(kind), indent=2, ensure_ascii=False),
    )


async def problems(request: web.Request) -> web.StreamResponse:
    """Every kind, by status."""
    only(request)
    words = words_in(language_of(request.path))
    return page(request, "problems.html", kinds=[shown(words, kind) for kind in KINDS])


def shown(words: Words, kind: Kind) -> Shown:
    """The kind in words."""
    title, meaning, advice = (words.say(f"problem_{part}.{kind.code}") for part in ("title", "meaning", "advice"))
    return Shown(kind.code, kind.status, title, meaning, advice)


def example(kind: Kind) -> dict[str, Any]:
    """The problem document of the kind, as a client may get it."""
    faults = (FAULTS[kind],) if kind in FAULTS else ()
    document: dict[str, Any] = Problem(kind, faults=faults).document(EXAMPLE_REQUEST)
    return document
