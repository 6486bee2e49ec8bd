"""Gates, halts and milestones in a trial's document, and the reasons why its sites are shut. ADR 0074.

A trial in no programme has no `gates`, and a site without halts and milestones has neither: their documents are as
they were before there was such a thing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from events.schemas.behind import Act, Dated, acts_missing, country_of, first_halt, in_force, not_reopened
from events.schemas.gates import Gate, GateReason
from events.schemas.halts import StandingHalt
from events.schemas.site_milestones import SiteMilestone
from events.schemas.status import RecruitmentStatus as R
from events.schemas.status import RegionState
from projections.base.sharing import once_for_each
from projections.trial.at_home import sources_of_home
from projections.trial.courses import WhyNot

Stored: TypeAlias = Mapping[str, Any]
_OF_GATE: Final = frozenset(Gate.model_fields)
_OF_HALT: Final = frozenset(StandingHalt.model_fields)
RECRUITMENT_IN: Final[Mapping[RegionState, R]] = {
    RegionState.DECLARED: R.NOT_YET,
    RegionState.PLANNED: R.NOT_YET,
    RegionState.UNDER_REVIEW: R.NOT_YET,
    RegionState.SUSPENDED: R.PAUSED,
}
"""The recruitment status in such a state of a region; in every other state that permits nothing, it is closed."""


class Shut(NamedTuple):
    """Why nobody can join, the recruitment status then, since when, and the actor of the halt."""

    why: WhyNot
    recruitment: R
    since: str | None = None
    by: str | None = None


class _Standing(NamedTuple):
    """A gate as it stands, or None where it is gone; its country, from which day, and when its halts ended."""

    gate: Gate | None
    country: str | None
    on: str
    ends: tuple[Dated, ...]


def site_shut(document: Stored, site: Stored) -> Shut | None:
    """The reason why a site is shut; None for one behind no gate and under no halt, whatever its recruitment is."""
    if "gates" not in document and "halts" not in site:
        return None
    standing = [*_covering(document, country_of(site))]
    own = [*site.get("halts", {}).values()]
    halts = [_halt(one) for one in own if "lifted" not in one]
    if (found := _first(standing, halts)) is not None:
        return found
    for gate in _gates(standing):
        if any(acts_missing(gate.ethics, _acts(site))):
            return Shut(WhyNot.SITE_ACT_MISSING, R.NOT_YET)
    ends = [Dated(one["lifted"]["version"], one["lifted"]["on"]) for one in own if "lifted" in one and _touches(one)]
    return _to_reopen([*ends, *(end for one in standing for end in one.ends)], [*_openings(site), *_versions(document)])


def trial_shut(document: Stored, country: str = "") -> Shut | None:
    """The reason why the trial is shut as a whole, or in a country: the programme, and the country's region."""
    return _first([*_covering(document, country)], []) if "gates" in document else None


def alone_shut(document: Stored, country: str = "") -> Shut | None:
    """The reason why a trial is shut whose own status counts, because no site of it is known to recruit.

    It is shut if each of its countries is, and after a halt until somebody reports that it recruits as a whole.
    """
    if "gates" not in document:
        return None
    countries = [country] if country else sorted(document["registration"].get("countries", ()))
    shut = [_alone_in(document, one) for one in countries or [""]]
    return shut[0] if all(shut) else None


def _alone_in(document: Stored, country: str) -> Shut | None:
    standing = [*_covering(document, country)]
    ends = [end for one in standing for end in one.ends]
    return _first(standing, []) or _to_reopen(ends, [*_openings(document), *_versions(document)])


def _first(standing: Sequence[_Standing], halts: Sequence[StandingHalt]) -> Shut | None:
    """The first reason to show; a halt comes before anything that is still missing."""
    gates = [*_gates(standing)]
    if any(gate.ended and gate.region is None for gate in gates):
        return Shut(WhyNot.PROGRAMME_ENDED, R.CLOSED)
    if (halt := first_halt([*halts, *(halt for gate in gates for halt in gate.halts)])) is not None:
        return Shut(WhyNot.HALTED, R.PAUSED, in_force(halt), str(halt.actor))
    return next((found for one in standing if (found := _not_open(one)) is not None), None)


def _not_open(standing: _Standing) -> Shut | None:
    gate = standing.gate
    for reason in gate.shut_by() if gate else ():
        match reason:
            case GateReason.REGION_NOT_PERMITTED:
                if gate is None or gate.state is None:
                    # The day stays out, too: nothing of an application is public before it is decided.
                    return Shut(WhyNot.REGION_NOT_PERMITTED, R.NOT_YET)
                recruitment = RECRUITMENT_IN.get(gate.state, R.CLOSED)
                return Shut(WhyNot.REGION_NOT_PERMITTED, recruitment, standing.on)
            case GateReason.REGION_BLOCKED:
                return Shut(WhyNot.REGION_BLOCKED, R.NOT_YET, standing.on)
            case GateReason.FILING_NOT_PUBLISHED:
                return Shut(WhyNot.FILING_NOT_PUBLISHED, R.NOT_YET)
            case _:
                continue
    return None


def _openings(one: Stored) -> Iterator[Dated]:
    """When a site, or the trial, reported that it opened."""
    return (Dated(int(version), on) for version, on in one.get("opened", {}).items())


def _versions(document: Stored) -> Iterator[Dated]:
    """The versions of the record of a trial at another registry: sites that they state as open have opened again."""
    for source in sources_of_home(document) if "home" in document else ():
        yield Dated(source["version"], source.get("retrieved") or source["recorded"][: len("2026-11-22")])


def _to_reopen(ends: Sequence[Dated], openings: Sequence[Dated]) -> Shut | None:
    opened = max(openings, default=None)
    return Shut(WhyNot.NOT_REOPENED, R.PAUSED, max(end.on for end in ends)) if not_reopened(ends, opened) else None


def _covering(document: Stored, country: str) -> Iterator[_Standing]:
    """The gates that sites of a country are behind."""
    return (one for one in _standing(document.get("gates", {})) if one.country in (None, country))


def _gates(standing: Sequence[_Standing]) -> Iterator[Gate]:
    return (one.gate for one in standing if one.gate is not None)


@once_for_each
def _standing(gates: dict[str, Any]) -> tuple[_Standing, ...]:
    return tuple(
        _Standing(
            None if "removed" in one else Gate.from_stored({name: one[name] for name in one.keys() & _OF_GATE}),
            one.get("country"),
            one["on"],
            tuple(Dated(end["version"], end["on"]) for end in one.get("ends", ())),
        )
        for one in gates.values()
    )


def _halt(stored: Stored) -> StandingHalt:
    return StandingHalt.from_stored({name: stored[name] for name in stored.keys() & _OF_HALT})


def _touches(stored: Stored) -> bool:
    return _halt(stored).touches_recruitment


def _acts(site: Stored) -> Iterator[Act]:
    """The milestones of the site that came, in the order in which they were recorded."""
    for _, one in sorted(site.get("milestones", {}).items(), key=lambda item: int(item[0])):
        if "actual" in one:
            yield Act(SiteMilestone(one["milestone"]), one["actual"], one.get("protocol_version"))
