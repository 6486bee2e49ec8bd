"""The state of a site after a milestone was stated or corrected, or a halt set or lifted."""

from dataclasses import replace

from events.schemas.site_halts import SiteHalted, SiteHaltLifted
from events.schemas.site_milestones import SiteMilestoneCorrected, SiteMilestoneRecorded
from events.schemas.trial import OfStartUp
from registry.domain.trial.state import Lifted, SiteHalt, SiteState


def beside_after(site: SiteState, event: OfStartUp, version: int) -> SiteState:
    """The site after the event, which has this version in the trial's stream. Its recruitment stays as reported."""
    match event:
        case SiteMilestoneRecorded():
            return replace(site, milestones={**site.milestones, version: event})
        case SiteMilestoneCorrected():
            return _corrected(site, event)
        case SiteHalted():
            return replace(site, halts=(*site.halts, SiteHalt(event.halt)))
        case SiteHaltLifted():
            lifted = Lifted(version, event.lifted.date)
            return replace(
                site,
                halts=tuple(
                    replace(one, lifted=lifted) if one.halt.item == event.item and one.lifted is None else one
                    for one in site.halts
                ),
            )


def _corrected(site: SiteState, event: SiteMilestoneCorrected) -> SiteState:
    others = {version: one for version, one in site.milestones.items() if version != event.corrects}
    wrong = site.milestones.get(event.corrects)
    if wrong is None or event.void:
        return replace(site, milestones=others)
    right = wrong.model_copy(update={"planned": event.now.planned, "actual": event.now.actual})
    return replace(site, milestones={**site.milestones, event.corrects: right})
