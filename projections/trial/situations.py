"""Situations, from which the answers on joining follow: values of a trial's document, and of each of its sites."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias, cast

from events.schemas.values import DateKind
from projections.base.sharing import once_for_each
from projections.trial.courses import MAY_RECRUIT
from projections.trial.freshness import Confirmation, confirmed_at, confirmed_of
from projections.trial.gating import Shut, site_shut, trial_shut

Stored: TypeAlias = Mapping[str, Any]


class TrialSituation(NamedTuple):
    """The values of a trial from which answers follow."""

    authorisation: str
    recruitment: str
    completion: str | None
    completed: bool
    confirmed: Confirmation | None
    shut: Shut | None = None
    """The reason why it is shut as a whole, or in the country that it is a part of."""


class SiteSituation(NamedTuple):
    """The values of a site from which its answer follows. Sites with the same values are answered once."""

    authorisation: str
    recruitment: str
    has_left: bool
    another_name: bool
    changed: str | None
    confirmed: Confirmation | None
    shut: Shut | None = None
    """The reason why one that may recruit is shut."""


def whole_in(document: Stored, country: str = "") -> TrialSituation:
    status, registration = document["status"], document["registration"]
    completion = registration.get("completion") or registration.get("primary_completion") or {}
    completed = completion.get("kind") == DateKind.ACTUAL
    confirmed = confirmed_of(document)
    shut = trial_shut(document, country)
    return TrialSituation(
        status["authorisation"], status["recruitment"], completion.get("date"), completed, confirmed, shut
    )


def site_in(document: Stored, site: Stored) -> SiteSituation:
    changed = site["changed"]["on"] if "changed" in site else None
    status = site["authorisation"], site["recruitment"]
    shut = site_shut(document, site) if site["recruitment"] in MAY_RECRUIT else None
    return SiteSituation(*status, "left" in site, "same_as" in site, changed, confirmed_at(site), shut)


def sites_in(document: Stored) -> Counter[SiteSituation]:
    """How many sites of each kind there are."""
    return _gated_in(cast(dict[str, Any], document)) if "gates" in document else _ungated_in(document["sites"])


@once_for_each
def _ungated_in(sites: dict[str, Any]) -> Counter[SiteSituation]:
    return Counter(site_in({}, site) for site in sites.values())


@once_for_each
def _gated_in(document: dict[str, Any]) -> Counter[SiteSituation]:
    return Counter(site_in(document, site) for site in document["sites"].values())
