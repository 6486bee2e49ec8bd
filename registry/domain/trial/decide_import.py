"""Which event follows when a partner's registration is received: the first time, again, or changed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from events import changes
from events.schemas.status import RecruitmentStatus
from events.schemas.trial import Change, TrialImportChanged, TrialImported
from registry.domain.decider import Fault, Rejection
from registry.domain.trial.commands import ImportTrial
from registry.domain.trial.evolve import whole_of
from registry.domain.trial.state import State


def decide_import(state: State, command: ImportTrial) -> TrialImported | TrialImportChanged | None:
    """None where the same bytes came again. A field that went blank at the partner's is kept, and named.

    Raises Rejection where the trial is our own and came from no partner.
    """
    received = TrialImported(
        home=command.home,
        registration=command.registration,
        status=command.status,
        sites=command.sites,
        source=command.source,
    )
    if state is None:
        return received
    if state.partner is None:
        raise Rejection(Fault("registered-here", "this trial was registered here; it has no partner to change it"))
    if state.partner.digest == command.source.document:
        return None
    differing = list(changes.diff(state.partner.whole, whole_of(received)))
    said = {field for field, _, new in differing if not _blank(new)}
    kept = tuple(field for field, _, new in differing if _blank(new) and not _goes_with(field, said))
    return TrialImportChanged(
        source=command.source,
        changes=(
            *(Change(field=field, old=old, new=new) for field, old, new in differing if field not in kept),
            *_vanished(kept, state.partner.whole["sites"], lists_sites=bool(command.sites)),
        ),
        kept=kept,
        applied=state.home is not None,
    )


_ONE_STATEMENT: Final = (
    frozenset({f"/registration/eligibility/{part}" for part in ("inclusion", "exclusion", "criteria")}),
    frozenset({"/status/authorisation", "/status/recruitment", "/status/why"}),
    *(
        frozenset({f"/registration/{name}/date", f"/registration/{name}/kind"})
        for name in ("first_enrolment", "completion", "primary_completion")
    ),
)
"""Fields that say one thing together: where one is said anew, what the others said no longer holds."""


def _goes_with(field: str, said: set[str]) -> bool:
    return any(field in statement and statement & said for statement in _ONE_STATEMENT)


def _vanished(kept: Iterable[str], sites: Mapping[str, Any], *, lists_sites: bool) -> Iterator[Change]:
    """A site that the partner lists no more stays, but nobody says any longer that it recruits."""
    unknown = RecruitmentStatus.UNKNOWN.value
    for name, site in sites.items():
        if lists_sites and f"/sites/{name}" in kept and site["recruitment"] != unknown:
            yield Change(field=f"/sites/{name}/recruitment", old=site["recruitment"], new=unknown)


def _blank(value: Any) -> bool:
    return value is None or value in ([], {})
