"""The facts that decisions about a trial need: far fewer than readers see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

from events.schemas.halts import Halt
from events.schemas.site_milestones import SiteMilestoneRecorded
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.trial import Home
from registry.domain.trial.gates import Gates
from registry.domain.trial.occurrences import Occurrence


@dataclass(frozen=True, slots=True)
class Lifted:
    """When a halt was lifted: on which day, by the event of which version of the trial."""

    version: int
    on: str


@dataclass(frozen=True, slots=True)
class SiteHalt:
    """A halt of a site; `lifted` is None while it stands."""

    halt: Halt
    lifted: Lifted | None = None


@dataclass(frozen=True, slots=True)
class SiteState:
    """A site of the trial. `left` sites keep their id; no other site may take it."""

    organisation: str | None
    authorisation: AuthorisationStatus
    recruitment: RecruitmentStatus
    enrolled: int | None = None
    has_left: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    """The site in stored form."""
    same_as: str | None = None
    """The id of the site that this one is, too. Reports go there."""
    zone: str | None = None
    occurrences: tuple[Occurrence, ...] = ()
    """The site's occurrences, and the end of its trial if that closed it."""
    texts: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Ids of the reasons and whys that events of the site give, by the events' versions."""
    take_backs: frozenset[int] = frozenset()
    """Versions of the events whose texts the office was asked to take back, and did not decline to."""
    milestones: Mapping[int, SiteMilestoneRecorded] = field(default_factory=dict)
    """As corrected since, by the versions of the events that state them."""
    halts: tuple[SiteHalt, ...] = ()
    """In the order in which they were recorded."""

    @classmethod
    def of(cls, details: Mapping[str, Any], authorisation: AuthorisationStatus, recruitment: RecruitmentStatus) -> Self:
        """A site to which nothing has happened, from its listed data."""
        organisation, zone = details.get("organisation"), details.get("zone")
        return cls(organisation, authorisation, recruitment, details=details, zone=zone)


@dataclass(frozen=True, slots=True)
class SourceView:
    """The last data of a source: its sender, the digest of its bytes, and {home, registration, status, sites}."""

    sender: str
    digest: str
    whole: Mapping[str, Any]
    dated: str | None = None
    """The source's own date of its version, of the precision it states; the last it stated, where it stopped."""
    given_out: str | None = None
    """The day of the sender's data that it was taken from, likewise."""
    seen: frozenset[str] = frozenset()
    """Digests of all its versions that events name, the one that stands among them."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial that exists. `registration` is in stored form; `home` is set while another registry is its home."""

    version: int
    owner: str | None
    home: Home | None
    number: str | None
    authorisation: AuthorisationStatus
    recruitment: RecruitmentStatus
    registration: Mapping[str, Any]
    sites: Mapping[str, SiteState]
    sites_bytes: int = 0
    """The sites that were added here, one by one, as they were."""
    sources: Mapping[str, SourceView] = field(default_factory=dict)
    """The view of each partner, by `source_key`. Empty for a trial that was registered here first."""
    occurrences: tuple[Occurrence, ...] = ()
    """The occurrences of the trial as a whole, and the opening of a site that made it recruit."""
    touched: tuple[tuple[int, frozenset[str] | None], ...] = ()
    """Versions of the events that changed the registration, with its fields that they changed; None stands for all."""
    whole: Mapping[str, Any] = field(default_factory=dict)
    """The trial as merged from all sources, while another registry is its home."""
    same_as: str | None = None
    """The id of the trial whose record this is, too, as its home registry says."""
    stated: Mapping[str, Any] = field(default_factory=dict)
    """The status that its partner had stated, of a trial that came from one and is registered here now."""
    gates: Gates = field(default_factory=dict)
    """The gates of its programme and of that programme's regions; empty for a trial in no programme."""


State: TypeAlias = Trial | None
"""None: nothing is registered under this id."""
