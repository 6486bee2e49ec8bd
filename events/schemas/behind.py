"""The acts that a site behind a gate waits for: one rule for decisions and readers, so that they can't differ."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from events.schemas.ethics import EthicsShape
from events.schemas.halts import StandingHalt
from events.schemas.site_milestones import SiteMilestone
from events.schemas.values import first_day, last_day

JAPAN: Final = "JP"
_APPROVED: Final = SiteMilestone.ETHICS_APPROVED
_PERMITTED: Final = SiteMilestone.INSTITUTION_PERMITTED
AWAITED: Final[Mapping[EthicsShape, tuple[tuple[SiteMilestone, ...], ...]]] = {
    EthicsShape.WITHIN_DECISION: (),
    EthicsShape.ONE_BODY_AND_HEADS: ((_PERMITTED,),),
    EthicsShape.PER_INSTITUTION: ((_APPROVED,), (_PERMITTED,)),
    EthicsShape.ONE_BODY_RELIED_ON: ((SiteMilestone.RELIANCE_SIGNED, _PERMITTED),),
}
"""The acts of its own that a site waits for, by the shape of its region: one of each group.

Clinical Trials Act, enforcement regulation, Article 40(3); drug GCP ordinance, Articles 27 to 33; for a single IRB
OHRP's draft guidance of 2022-07-01.
"""
REFUSED_BY: Final[Mapping[SiteMilestone, SiteMilestone]] = {
    _APPROVED: SiteMilestone.ETHICS_REFUSED,
    SiteMilestone.RELIANCE_SIGNED: SiteMilestone.ETHICS_REFUSED,
    _PERMITTED: SiteMilestone.INSTITUTION_REFUSED,
}
"""Refusals that end an act. A negative opinion binds the head of the institution: drug GCP ordinance, Article 33."""


class Act(NamedTuple):
    """A milestone of a site that came on a day."""

    milestone: SiteMilestone
    on: str
    protocol: str | None = None


def acts_missing(shape: EthicsShape | None, acts: Iterable[Act]) -> Iterator[tuple[SiteMilestone, ...]]:
    """The acts that a site of such a region still waits for, for the version that it uses: one of each group.

    `acts` are in the order in which they were recorded. An act that names no version counts for every version.
    """
    dated = sorted(acts, key=lambda act: first_day(act.on))
    used = [act.protocol for act in dated if act.milestone is SiteMilestone.VERSION_IN_USE]
    fitting = [act for act in dated if not used or act.protocol in (None, used[-1])]
    for group in AWAITED[shape] if shape else ():
        if not any(_stands(milestone, fitting) for milestone in group):
            yield group


def _stands(milestone: SiteMilestone, dated: Iterable[Act]) -> bool:
    """Whether the last of these acts that decides on it gave it."""
    deciding = [act.milestone for act in dated if act.milestone in (milestone, REFUSED_BY[milestone])]
    return bool(deciding) and deciding[-1] is milestone


def country_of(site: Mapping[str, Any]) -> str:
    """The country of a site in stored form; Japan where it states none, as for the zone of its clocks."""
    return str(site.get("place", {}).get("country", JAPAN))


def in_force(halt: StandingHalt) -> str:
    """The day from which a halt holds, as precisely as it is known."""
    return (halt.in_force or halt.decided).date


def first_halt(halts: Iterable[StandingHalt]) -> StandingHalt | None:
    """The oldest of the halts under which nobody can join."""
    touching = (halt for halt in halts if halt.touches_recruitment)
    return min(touching, key=lambda halt: (first_day(in_force(halt)), halt.item), default=None)


class Dated(NamedTuple):
    """A day in the event of a version of the trial: a halt ended, or recruitment opened."""

    version: int
    on: str


def not_reopened(ends: Sequence[Dated], opened: Dated | None) -> bool:
    """Whether a halt ended after the last report of an opening, or on a day that is surely later than the reported."""
    if opened is None:
        return bool(ends)
    return any(opened.version < end.version or last_day(opened.on) < first_day(end.on) for end in ends)
