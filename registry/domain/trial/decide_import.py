"""Which event follows when a partner's registration is received: the first time, again, or changed."""

from typing import Any

from events import changes
from events.schemas.trial import Change, TrialImportChanged, TrialImported
from registry.domain.decider import Fault, Rejection
from registry.domain.trial.commands import ImportTrial
from registry.domain.trial.evolve import whole_of
from registry.domain.trial.state import State


def decide_import(state: State, command: ImportTrial) -> TrialImported | TrialImportChanged | None:
    """None where the same bytes came again. A value that went blank at the partner's is kept, and named.

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
    return TrialImportChanged(
        source=command.source,
        changes=tuple(Change(field=field, old=old, new=new) for field, old, new in differing if not _blank(new)),
        kept=tuple(field for field, _, new in differing if _blank(new)),
        applied=state.home is not None,
    )


def _blank(value: Any) -> bool:
    return value is None or value in ([], {})
