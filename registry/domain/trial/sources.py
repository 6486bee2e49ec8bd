"""Several partners' renderings of one trial as one: the home registry's own data wins, field by field."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from events.identifiers.rows import region_of
from events.schemas.values import last_day
from registry.domain.trial.parts import joined
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
"""Fields that belong together: a source that states one of them speaks for all. A rendering may put it elsewhere."""
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


Sources: TypeAlias = Sequence[tuple[str, SourceView]]


def merged(sources: Mapping[str, SourceView]) -> dict[str, Any]:
    """{home, registration, status, sites} of all sources; the same whatever order they came in.

    The home registry's own comes first, then the others, the newest first by its sender's date, then by name; each
    fills only what those before it leave unknown. A sender's rows by country are one statement (ADR 0051).
    """
    statements: dict[str, list[tuple[str, SourceView]]] = {}
    for key, view in sorted(sources.items(), key=_rank):
        statements.setdefault(f"{view.sender}/" if _is_row(key, view) else key, []).append((key, view))
    return _together(map(_whole, sorted(statements.values(), key=lambda parts: _rank(parts[0]))))


def _rank(source: tuple[str, SourceView]) -> tuple[bool, bool, int, str]:
    """The home's record under the trial's number goes before one under a number that it gave the trial before."""
    key, view = source
    newest = -last_day(view.dated).toordinal() if view.dated else 0
    is_home = view.sender == view.whole["home"]["registry"]
    return not is_home, is_home and key != view.sender, newest, key


def _is_row(key: str, view: SourceView) -> bool:
    record = key[len(view.sender) + 1 :]
    return region_of(record, view.whole["home"]["number"]) is not None


def _whole(parts: Sources) -> Whole:
    wholes = [view.whole for _, view in parts]
    return joined(_together(wholes), wholes)


def _together(wholes: Iterable[Whole]) -> dict[str, Any]:
    together: dict[str, Any] = {}
    for whole in wholes:
        together = _filled(together, whole, "")
    return together


def _filled(known: Whole, other: Whole, at: str) -> dict[str, Any]:
    filled = dict(known)
    pointers = {f"{at}/{name}" for name in known}
    for name, value in other.items():
        pointer = f"{at}/{name}"
        if pointer not in pointers:
            if not pointers.intersection(_stated_with(pointer)):
                filled[name] = value
        elif isinstance(value, Mapping) and isinstance(known[name], Mapping):
            if pointer not in UNDIVIDED and "sealed" not in value:
                filled[name] = _filled(known[name], value, pointer)
            elif not known[name]:
                filled[name] = value
    return filled


def _stated_with(pointer: str) -> Iterator[str]:
    for statement in ONE_STATEMENT:
        if pointer in statement:
            yield from statement
