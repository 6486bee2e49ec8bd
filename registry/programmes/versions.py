"""Which version of a protocol was authorised, and which was in use, in each region and at each site, on a day."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from events.schemas.behind import country_of
from events.schemas.gates import RegionCode
from events.schemas.moment import Moment
from events.schemas.programme import ProtocolVersion
from events.schemas.region_parts import VersionUse
from events.schemas.site_milestones import SiteMilestone
from events.schemas.values import Digest, Identifier, ItemId, Line, PartialDate, Value, first_day, last_day
from registry.programmes.parts import starts
from registry.programmes.seeing import Viewer
from registry.programmes.whole import Whole


class VersionOn(Value):
    """A version of a protocol, and since when it holds."""

    protocol: ItemId
    version: ItemId
    number: Line | None = None
    """As the protocol writes it; absent where the programme does not know the version."""
    sha256: Digest | None = None
    since: Moment


class VersionsOfRegion(Value):
    """What was authorised and in use in a region on the day: of each protocol the latest."""

    region: RegionCode
    authorised: tuple[VersionOn, ...]
    in_use: tuple[VersionOn, ...]


class SiteVersion(Value):
    """A version as a site names it."""

    version: Line
    number: Line | None = None
    sha256: Digest | None = None
    """Where the programme has exactly one version of that item or number."""
    since: PartialDate


class VersionsOfSite(Value):
    """What a site was ready for and used on the day; a version that is absent is not known."""

    trial: Identifier
    site: Identifier
    country: Line
    ready: SiteVersion | None = None
    in_use: SiteVersion | None = None


def versions_of_regions(viewer: Viewer, on: date) -> list[VersionsOfRegion]:
    """The versions on the day of each region whose standing the asker may read."""
    readable = (one for one in viewer.whole.states.items() if viewer.reads_region(one[1]))
    return [
        VersionsOfRegion(
            region=code,
            authorised=tuple(_latest(viewer.whole, state.versions, VersionUse.AUTHORISED, on)),
            in_use=tuple(_latest(viewer.whole, state.versions, VersionUse.IN_USE, on)),
        )
        for code, state in readable
    ]


def _latest(whole: Whole, versions: Any, use: VersionUse, on: date) -> Iterator[VersionOn]:
    """The version of each protocol whose day of that use came last, and certainly by the day."""
    latest: dict[str, tuple[Moment, str]] = {}
    for (protocol, version), uses in versions.items():
        for moment in uses.get(use, ())[-1:]:
            if last_day(moment.date) <= on and (
                protocol not in latest or starts(latest[protocol][0]) <= starts(moment)
            ):
                latest[protocol] = (moment, version)
    for protocol, (since, version) in sorted(latest.items()):
        known = whole.state.versions.get((protocol, version))
        number, digest = (known.number, known.sha256) if known else (None, None)
        yield VersionOn(protocol=protocol, version=version, number=number, sha256=digest, since=since)


def versions_of_sites(viewer: Viewer, on: date) -> Iterator[VersionsOfSite]:
    """The versions on the day of each site of the linked trials."""
    for trial, document in sorted(viewer.whole.trials.items()):
        for name, site in sorted(document["sites"].items()):
            steps = site.get("milestones", {})
            yield VersionsOfSite(
                trial=trial,
                site=name,
                country=country_of(site),
                ready=_of_site(viewer.whole, steps, SiteMilestone.VERSION_READY, on),
                in_use=_of_site(viewer.whole, steps, SiteMilestone.VERSION_IN_USE, on),
            )


def _of_site(whole: Whole, steps: Any, milestone: SiteMilestone, on: date) -> SiteVersion | None:
    dated = [
        (first_day(one["actual"]), int(version), one)
        for version, one in steps.items()
        if one["milestone"] == milestone and "protocol_version" in one and "actual" in one
        if last_day(one["actual"]) <= on
    ]
    if not dated:
        return None
    # If several are of one day, the one that was recorded last.
    *_, last = max(dated, key=lambda one: one[:2])
    known = _named(tuple(whole.state.versions.values()), last["protocol_version"])
    number, digest = (known.number, known.sha256) if known else (None, None)
    return SiteVersion(version=last["protocol_version"], number=number, sha256=digest, since=last["actual"])


def _named(versions: Sequence[ProtocolVersion], name: str) -> ProtocolVersion | None:
    """The one version that a site means: by its item, or by its number."""
    named = [one for one in versions if name in (one.version, one.number)]
    return named[0] if len(named) == 1 else None
