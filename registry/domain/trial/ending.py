"""The end of a trial: its consequences for the trial and its sites."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from events.schemas import trial as events
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import DateKind, StatedDate
from registry.domain.trial.occurrences import Occurrence
from registry.domain.trial.state import SiteState, Trial

_CLOSED = RecruitmentStatus.CLOSED


def ended(trial: Trial, event: events.EndOfTrial) -> Trial:
    """The trial after its end, which closes every site that is not closed."""
    end = Occurrence(trial.version + 1, event)
    sites = {name: site if site.recruitment is _CLOSED else _closed(site, end) for name, site in trial.sites.items()}
    trial = replace(trial, occurrences=(*trial.occurrences, end), sites=sites, recruitment=_CLOSED)
    match event:
        case events.TrialCompleted():
            return replace(
                trial,
                registration={**trial.registration, **_completed(event)},
                authorisation=AuthorisationStatus.ENDED,
                recruitment=RecruitmentStatus.COMPLETED,
            )
        case events.TrialDiscontinued():
            return replace(trial, authorisation=AuthorisationStatus.DISCONTINUED)
        case events.TrialWithdrawn():
            return replace(trial, authorisation=AuthorisationStatus.WITHDRAWN)


def _completed(event: events.TrialCompleted) -> dict[str, Any]:
    completion = {"completion": StatedDate(date=event.on, kind=DateKind.ACTUAL).to_stored()}
    return completion if event.enrolled is None else completion | {"actual_size": event.enrolled}


def _closed(site: SiteState, end: Occurrence) -> SiteState:
    return replace(site, recruitment=_CLOSED, occurrences=(*site.occurrences, replace(end, before=site.recruitment)))


def confirmed_closed(occurrences: Sequence[Occurrence], end: int) -> bool:
    """Whether a site reported that it is closed, after the end of its trial of this version."""
    since = (one.event for one in occurrences if one.version > end and not one.void)
    return any(isinstance(event, events.SiteVerified) and event.status is _CLOSED for event in since)
