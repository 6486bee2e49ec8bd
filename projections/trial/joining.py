"""Whether somebody can join a trial, or at one of its sites, on a day; and if not, why. ADR 0054.

The answer follows from the statuses of trial and sites (`events/schemas/status.py`), which stay as stated, and from
days. Its course over time is made without a clock: readers ask it for a day. So views that were built at different
times have the same bytes, and no job has to run at midnight.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias

from events.schemas.behind import country_of
from events.schemas.status import AuthorisationStatus as A
from events.schemas.status import RecruitmentStatus as R
from events.schemas.values import last_day
from projections.trial.courses import (
    ENROLLING,
    FORBIDDEN,
    HOLDING,
    MAY_RECRUIT,
    OVER,
    Course,
    Joining,
    WhyNot,
    on,
    open_before,
    together,
)
from projections.trial.freshness import Confirmation, day_after, same_status, stale_from
from projections.trial.gating import Shut, alone_shut, trial_shut
from projections.trial.situations import SiteSituation, TrialSituation, site_in, sites_in, whole_in

Stored: TypeAlias = Mapping[str, Any]


def of_trial(document: Stored) -> Course:
    """Whether somebody can join the trial: at a site, or by its own status if it has no site or one is unknown.

    If the trial's recruitment is unknown, sites that have reported themselves count.
    """
    trial = _trial_in(document)
    own = _own_course(trial)
    sites = [site for site in sites_in(document) if not site.another_name]
    if own[0].recruitment is R.UNKNOWN:
        reporting = [_of_site(trial, site) for site in sites if site.confirmed]
        return (*open_before(reporting, own),)
    if own[0].recruitment not in ENROLLING:
        return own
    return _at(trial, sites, _alone(own, document)) if sites else _alone(own, document)


def in_country(document: Stored, country: str) -> Course:
    """Whether somebody can join in a country: at a site there. It is unknown if no source mentions the country.

    The trial's own status counts if the trial is in no other country; a register's row for the country always counts.
    """
    return _in_country(document, country, _sites_by_country(document).get(country, ()))


def by_country(document: Stored) -> dict[str, Course]:
    """The same for each country that the trial names or has sites in, by its code."""
    sites = _sites_by_country(document)
    countries = sorted({*sites, *document["registration"].get("countries", ())})
    return {country: _in_country(document, country, sites.get(country, ())) for country in countries}


def _sites_by_country(document: Stored) -> dict[str, list[Stored]]:
    found: dict[str, list[Stored]] = {}
    for site in document["sites"].values():
        found.setdefault(country_of(site), []).append(site)
    return found


def _in_country(document: Stored, country: str, here: Sequence[Stored]) -> Course:
    if country in document.get("regions", {}):
        return of_region(document, country)
    trial, listed = whole_in(document, country), set(document["registration"].get("countries", ()))
    own = _own_course(trial)
    if own[0].recruitment not in ENROLLING:
        return own
    sites = [one for one in (site_in(document, site) for site in here) if not one.another_name]
    if not sites and (document["sites"] or country not in listed):
        return (Joining(R.CLOSED, WhyNot.NO_SITE_OPEN),)
    courses = [_of_site(trial, site) for site in sites]
    if sites and not any(_is_silent(trial, site) for site in sites):
        return tuple(together(courses))
    only_here = {*listed, *map(country_of, document["sites"].values())} == {country}
    speaks = only_here or alone_shut(document, country) is not None
    silent = _alone(own, document, country) if speaks else (Joining(R.UNKNOWN, WhyNot.UNKNOWN),)
    return tuple(open_before(courses, silent))


def _at(trial: TrialSituation, sites: list[SiteSituation], own: Course) -> Course:
    """The course of these sites together, and the trial's own where one of them says nothing."""
    courses = [_of_site(trial, site) for site in sites]
    return tuple(together([*courses, own] if any(_is_silent(trial, site) for site in sites) else courses))


def _is_silent(trial: TrialSituation, site: SiteSituation) -> bool:
    stays = _may(site) and not _has_left(trial, site) and site.shut is None
    return stays and site.recruitment == R.UNKNOWN


def _alone(own: Course, document: Stored, country: str = "") -> Course:
    """The course of the trial's own status, where that alone says whether somebody can join."""
    shut = alone_shut(document, country)
    return own if shut is None else (_kept_shut(shut),)


def of_region(document: Stored, region: str) -> Course:
    """Whether somebody can join in a country, by its row in the register."""
    return _own_course(_part_in(document, region)._replace(shut=trial_shut(document, region)))


def of_site(document: Stored, site: Stored) -> Course:
    """Whether somebody can join at a site of the trial: it and its trial must be authorised and recruit."""
    return _of_site(_trial_in(document), site_in(document, site))


def at_sites(document: Stored, sites: Iterable[Stored], day: date) -> Iterator[tuple[Stored, Joining]]:
    """Each of these sites of the trial with its answer for a day; the trial's part is found once for all."""
    trial = _trial_in(document)
    return ((site, on(_of_site(trial, site_in(document, site)), day)) for site in sites)


def open_sites(document: Stored) -> dict[str, int]:
    """At how many sites somebody can join, by the day until which that holds; "" where nothing ends it."""
    trial, counted = _trial_in(document), Counter[str]()
    for site, number in sites_in(document).items():
        first = _of_site(trial, site)[0]
        if first.possible:
            counted[first.until.isoformat() if first.until else ""] += number
    return dict(sorted(counted.items()))


def ended_by(document: Stored, day: date) -> int:
    """How many answers for the trial, its countries and its sites have ended by a day without a new report."""
    trial = _trial_in(document)
    counted = [
        (of_trial(document), 1),
        *((of_region(document, region), 1) for region in document.get("regions", ())),
        *((_of_site(trial, site), number) for site, number in sites_in(document).items()),
    ]
    return sum(number for course, number in counted for one in course if one.until is not None and one.until <= day)


def open_on(open_sites: Mapping[str, int], day: date) -> int:
    """At how many of them somebody can join on a day."""
    return sum(number for until, number in open_sites.items() if not until or day.isoformat() < until)


def _trial_in(document: Stored) -> TrialSituation:
    """The trial, or, of the countries whose status is the trial's, the one that can be relied on longest."""
    whole = whole_in(document)
    parts = [*_parts_with_its_status(document)] if whole.recruitment in HOLDING else []
    return max(parts, key=lambda part: _own_course(part)[0].until or date.max) if parts else whole


def _parts_with_its_status(document: Stored) -> Iterator[TrialSituation]:
    """The countries whose status is the trial's; none where its home registry describes it as a whole."""
    home, status = document.get("home", {}).get("registry"), document["status"]
    if any("region" not in one and one.get("registry") == home for one in document.get("sources", {}).values()):
        return
    for region, part in document.get("regions", {}).items():
        if same_status(part, status):
            yield _part_in(document, region)


def _part_in(document: Stored, region: str) -> TrialSituation:
    """The trial in one country, by that country's rows; the completion in another country does not count."""
    rows = {name: one for name, one in document["sources"].items() if one.get("region") == region}
    completions = [one["completion"] for one in rows.values() if "completion" in one]
    completion: Stored = max(completions, key=lambda one: last_day(one["date"]), default={})
    status = document["regions"][region]
    return whole_in({**document, "status": status, "sources": rows, "registration": {"completion": completion}})


@lru_cache(maxsize=8192)
def _of_site(trial: TrialSituation, site: SiteSituation) -> Course:
    if site.another_name:
        return (Joining(R(site.recruitment), WhyNot.SAME_SITE),)
    if _has_left(trial, site):
        return (Joining(R.CLOSED, WhyNot.LEFT, site.changed),)
    if not _may(site):
        return (_forbidden(site),)
    if site.shut:
        return (_kept_shut(site.shut),)
    confirmed = site.confirmed or trial.confirmed
    if site.recruitment not in ENROLLING:
        return _as_stated(trial, R(site.recruitment), confirmed)
    if not _may(trial):
        return (Joining(_forbidden(trial).recruitment, WhyNot.TRIAL),)
    match R(trial.recruitment):
        case R.UNKNOWN if not site.confirmed:
            return _own_course(trial)
        case R.RECRUITING | R.UNKNOWN:
            return _as_stated(trial, R(site.recruitment), confirmed)
        case R.BY_INVITATION:
            return _as_stated(trial, R.BY_INVITATION, confirmed)
        case other:
            return (Joining(other, WhyNot.TRIAL),)


def _may(one: TrialSituation | SiteSituation) -> bool:
    return one.authorisation == A.PUBLISHED


def _forbidden(one: TrialSituation | SiteSituation) -> Joining:
    """The answer under an authorisation that allows no joining. A closed or completed one stays so."""
    why, recruitment = FORBIDDEN[A(one.authorisation)]
    stated = R(one.recruitment)
    return Joining(stated if stated in OVER else recruitment, why)


def _has_left(trial: TrialSituation, site: SiteSituation) -> bool:
    """No longer in its partner's list, or it reported that it left; an ended trial of a partner also ends its sites."""
    return site.has_left or (site.authorisation == A.ENDED and trial.authorisation != A.ENDED)


def _own_course(trial: TrialSituation) -> Course:
    """The answer of the trial's own status."""
    if not _may(trial):
        return (_forbidden(trial),)
    if trial.shut and trial.recruitment in MAY_RECRUIT:
        return (_kept_shut(trial.shut),)
    return _as_stated(trial, R(trial.recruitment), trial.confirmed)


def _kept_shut(shut: Shut) -> Joining:
    return Joining(shut.recruitment, shut.why, shut.since, by=shut.by)


def _as_stated(trial: TrialSituation, recruitment: R, confirmed: Confirmation | None) -> Course:
    """A stated recruitment status for as long as it can be relied on, then unknown."""
    if recruitment is R.UNKNOWN:
        return tuple(_unknown(confirmed))
    why = None if recruitment is R.RECRUITING else WhyNot(recruitment)
    ends = sorted(_ends(trial, confirmed), key=lambda end: end[0]) if recruitment in HOLDING else ()
    if not ends:
        return (Joining(recruitment, why),)
    day, reason, since = ends[0]
    return Joining(recruitment, why, until=day), Joining(R.UNKNOWN, reason, since)


def _unknown(confirmed: Confirmation | None) -> Iterator[Joining]:
    """Unknown, and from a day on unknown because nobody has confirmed it since."""
    stale = stale_from(confirmed.last) if confirmed and confirmed.certain else None
    yield Joining(R.UNKNOWN, WhyNot.UNKNOWN, until=stale)
    if stale and confirmed:
        yield Joining(R.UNKNOWN, WhyNot.NOT_CONFIRMED, confirmed.stated)


def _ends(trial: TrialSituation, confirmed: Confirmation | None) -> Iterator[tuple[date, WhyNot, str]]:
    """The days from which the statement no longer counts, and why.

    A planned completion does not count where somebody confirmed later that participants are still sought (ADR 0047: a
    plan that has passed keeps no fact out). An actual one always counts. TRDS item 22.
    """
    if confirmed and (stale := stale_from(confirmed.last)):
        yield stale, WhyNot.NOT_CONFIRMED, confirmed.stated
    if trial.completion is None:
        return
    over = day_after(last_day(trial.completion))
    confirmed_later = confirmed is not None and confirmed.certain and confirmed.first >= over
    if trial.completed or not confirmed_later:
        yield over, WhyNot.PAST_COMPLETION, trial.completion
