"""Several partners' renderings of one trial as one: the home registry's own data wins, field by field."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from registry.domain.trial.state import SourceView

Whole = Mapping[str, Any]

ONE_STATEMENT: Final = (
    (
        "/registration/eligibility/inclusion",
        "/registration/eligibility/exclusion",
        "/registration/eligibility/criteria",
    ),
    ("/registration/planned_size", "/registration/actual_size", "/registration/unspecified_size"),
    ("/registration/interventions", "/registration/arms"),
    ("/registration/results/urls", "/registration/results/posted"),
    ("/registration/primary_sponsor/name", "/registration/primary_sponsor/person"),
)
"""Fields that say one thing together: who says one of them speaks for all. A rendering may have to put it elsewhere."""
UNDIVIDED: Final = frozenset(
    {
        "/status",
        "/sites",
        "/registration/first_enrolment",
        "/registration/completion",
        "/registration/primary_completion",
        "/registration/design",
    }
)
"""Objects that are taken from one source as they are: parts of two statements make no third one."""


def merged(sources: Mapping[str, SourceView]) -> dict[str, Any]:
    """{home, registration, status, sites} of all sources; the same whatever order they came in.

    The home registry's own comes first, then the others by name; each fills only what those before it leave unknown.
    """
    together: dict[str, Any] = {}
    for source in sorted(sources.items(), key=_rank):
        together = _filled(together, source[1].whole, "")
    return together


def _rank(source: tuple[str, SourceView]) -> tuple[bool, str]:
    key, view = source
    return view.sender != view.whole["home"]["registry"], key


def _filled(known: Whole, other: Whole, at: str) -> dict[str, Any]:
    filled = dict(known)
    said = {f"{at}/{name}" for name in known}
    for name, value in other.items():
        pointer = f"{at}/{name}"
        if pointer not in said:
            if not said.intersection(_said_with(pointer)):
                filled[name] = value
        elif isinstance(value, Mapping) and isinstance(known[name], Mapping):
            if pointer not in UNDIVIDED and "sealed" not in value:
                filled[name] = _filled(known[name], value, pointer)
            elif not known[name]:
                filled[name] = value
    return filled


def _said_with(pointer: str) -> Iterator[str]:
    for statement in ONE_STATEMENT:
        if pointer in statement:
            yield from statement
