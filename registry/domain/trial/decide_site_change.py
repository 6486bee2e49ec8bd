"""The event that follows a change of a site's data: its name, place, organisation, or identity with another site."""

from collections.abc import Iterable, Mapping
from typing import Any

from events import changes
from events.canonical import to_json
from events.schemas import items
from events.schemas import trial as events
from events.schemas.trial import Site, SiteChange
from registry.domain.decider import Fault, reject_if
from registry.domain.trial import commands as do
from registry.domain.trial import rules, sizes
from registry.domain.trial.state import SiteState, Trial
from registry.domain.trial.vocabularies import country


def amend(trial: Trial, site: SiteState, command: do.AmendSite) -> events.SiteAmended:
    """The event with the fields that differ; raises Rejection with every fault."""
    before = site.details
    after = items.with_items(Site, rules.merged(before, command.amendment), before)
    differing = tuple(SiteChange.between(field, old, new) for field, old, new in changes.diff(before, after))
    reject_if(
        [
            *(() if differing else (Fault("no-change", "every field given has this value already", "/amendment"),)),
            *(() if "name" in after else (Fault("incomplete", "a site has a name", "/amendment/name"),)),
            *_grows(trial, before, after),
            *rules.items_once(Site, after, "/amendment"),
            *_country(before, after),
        ]
    )
    return events.SiteAmended(site=command.site, changes=differing)


def _country(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Fault]:
    """A country that came from a partner may stay."""
    was, now = (site.get("place", {}).get("country") for site in (before, after))
    return country(now, "/amendment/place/country") if now != was else ()


def _grows(trial: Trial, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Fault]:
    """A site that was too large before the bounds existed may shrink."""
    size = len(to_json(before))
    return sizes.site_grows(trial, size, after) if len(to_json(after)) > size else ()


def identify(trial: Trial, command: do.IdentifySite) -> events.SiteIdentified:
    """Identifies a site with another one of the trial, in any registry's trial; raises Rejection with every fault."""
    reject_if(list(rules.identifiable(trial, command.site, command.same_as)))
    return events.SiteIdentified(site=command.site, was=trial.sites[command.site].same_as, now=command.same_as)
