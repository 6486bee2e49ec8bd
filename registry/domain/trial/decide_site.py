"""Which event follows a command on a site of a trial."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from events.schemas import items
from events.schemas import trial as events
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.trial import Site
from registry.domain.decider import Context, Fault, reject_if
from registry.domain.trial import commands as do
from registry.domain.trial import days, order, rules, shut, sizes
from registry.domain.trial.decide_site_change import amend
from registry.domain.trial.occurrences import Occurrence, OfSite
from registry.domain.trial.state import SiteState, Trial
from registry.domain.trial.vocabularies import country

REPORTED: Final[Mapping[type[do.SiteCommand], type[OfSite]]] = {
    do.OpenSite: events.SiteOpened,
    do.PauseSite: events.SitePaused,
    do.CloseSite: events.SiteClosed,
    do.LeaveTrial: events.SiteLeft,
    do.VerifySiteStatus: events.SiteVerified,
    do.ReportEnrolment: events.EnrolmentReported,
    do.ChangeSiteAuthorisation: events.SiteAuthorisationChanged,
}
"""The event of each command."""


def decide_site(trial: Trial, command: do.AddSite | do.OnSite, context: Context) -> events.SiteEvent:
    """The event that follows; raises Rejection with every fault."""
    if isinstance(command, do.AddSite):
        return _add(trial, command)
    reject_if(list(rules.site_there(trial, command.site)))
    site = trial.sites[command.site]
    if isinstance(command, do.AmendSite):
        return amend(trial, site, command)
    if isinstance(command, do.SiteCommand):
        return _report(trial, site, command, context)
    raise TypeError(f"{type(command).__name__} is no command on a site")


def _report(trial: Trial, site: SiteState, command: do.SiteCommand, context: Context) -> events.SiteEvent:
    today = context.today_in(site.zone)
    day = [
        *days.not_in_future(command.on, today, "/on"),
        *order.in_order(REPORTED[type(command)], command.on, site.occurrences),
    ]
    match command:
        case do.OpenSite() | do.PauseSite() | do.CloseSite():
            return _move(trial, site, command, day, today)
        case do.LeaveTrial():
            reject_if(day)
            return events.SiteLeft(
                site=command.site,
                was=site.recruitment,
                was_authorised=site.authorisation,
                on=command.on,
                why=command.why,
            )
        case do.VerifySiteStatus():
            reject_if([*_confirmed(site, command), *day])
            return events.SiteVerified(site=command.site, status=command.status, on=command.on)
        case do.ReportEnrolment():
            return _count(trial, site, command, day)
        case do.ChangeSiteAuthorisation():
            reject_if([*rules.not_over(trial), *rules.decidable(site.authorisation, command.to), *day])
            return events.SiteAuthorisationChanged(
                site=command.site, was=site.authorisation, now=command.to, on=command.on
            )
        case _:
            raise TypeError(f"{type(command).__name__} is no command on a site")


def _count(
    trial: Trial, site: SiteState, command: do.ReportEnrolment, day: Iterable[Fault]
) -> events.EnrolmentReported:
    counted = events.EnrolmentReported(site=command.site, was=site.enrolled, enrolled=command.enrolled, on=command.on)
    since = order.counted_after_opening([*site.occurrences, Occurrence(trial.version + 1, counted)])
    reject_if([*_countable(trial, site, command), *day, *since])
    return counted


def _add(trial: Trial, command: do.AddSite) -> events.SiteAdded:
    name = command.site.site
    taken = (Fault("site-taken", f"the trial has a site {name} already", "/site"),) if name in trial.sites else ()
    stored = items.with_items(Site, command.site.to_stored())
    reject_if(
        [
            *rules.not_over(trial),
            *taken,
            *sizes.site_fits(trial, stored),
            *rules.items_once(Site, stored, "/site"),
            *country(stored.get("place", {}).get("country"), "/site/place/country"),
        ]
    )
    return events.SiteAdded(
        site=Site.from_stored(stored),
        authorisation=AuthorisationStatus.FILED,
        recruitment=RecruitmentStatus.NOT_YET,
    )


def _move(
    trial: Trial,
    site: SiteState,
    command: do.OpenSite | do.PauseSite | do.CloseSite,
    day: Iterable[Fault],
    today: date,
) -> events.SiteOpened | events.SitePaused | events.SiteClosed:
    # A site may always stop, whatever has become of the trial: that is when it must.
    match command:
        case do.OpenSite():
            again = shut.site_waits_for_reopening(trial, site)
            moved = () if again else rules.movable(site.recruitment, RecruitmentStatus.RECRUITING)
            opened = events.SiteOpened(site=command.site, was=site.recruitment, on=command.on)
            allowed = order.begins_when_allowed(command.on, trial.occurrences)
            counted = order.counted_after_opening([*site.occurrences, Occurrence(trial.version + 1, opened)])
            may = [*rules.authorised(trial), *rules.site_may_open(trial, site)]
            gated = shut.site_shut(trial, site, command.on, today)
            reject_if([*may, *gated, *moved, *day, *allowed, *counted])
            return opened
        case do.PauseSite():
            reject_if([*rules.movable(site.recruitment, RecruitmentStatus.PAUSED), *day])
            return events.SitePaused(site=command.site, was=site.recruitment, on=command.on, why=command.why)
        case do.CloseSite():
            reject_if([*rules.movable(site.recruitment, RecruitmentStatus.CLOSED), *day])
            return events.SiteClosed(site=command.site, was=site.recruitment, on=command.on)


def _confirmed(site: SiteState, command: do.VerifySiteStatus) -> Iterable[Fault]:
    if command.status is not site.recruitment:
        message = f"the site is {site.recruitment} here, not {command.status}; report the change first"
        yield Fault("status-differs", message, "/status")


def _countable(trial: Trial, site: SiteState, command: do.ReportEnrolment) -> Iterable[Fault]:
    if trial.number is None:
        yield Fault("not-authorised", "nobody is enrolled before the trial is published")
    if site.enrolled is not None and command.enrolled < site.enrolled and not command.reason:
        message = f"{site.enrolled} were reported before; give a reason for fewer"
        yield Fault("reason-missing", message, "/reason")
