"""Events of a trial, as stored. Names and versions in `events.catalogue`; a field, once here, keeps its meaning."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final, Literal, Self, TypeAlias

from pydantic import Field, ModelWrapValidatorHandler, StringConstraints, model_validator

from events.canonical import to_json
from events.schemas.bounds import UpTo100, UpTo10000, at_the_door
from events.schemas.degrees import Latitude, Longitude
from events.schemas.parties import Contact
from events.schemas.paths import place_at
from events.schemas.registration import Count, Registration, Results, Source
from events.schemas.site_halts import SiteHalted, SiteHaltLifted
from events.schemas.site_milestones import SiteMilestoneCorrected, SiteMilestoneRecorded
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.trial_gates import TrialGateRemoved, TrialGateSet
from events.schemas.values import (
    CountryCode,
    Digest,
    Identifier,
    IdNumber,
    Line,
    PartialDate,
    Payload,
    SaidText,
    ShortText,
    StatedDate,
    Value,
)
from events.schemas.zones import ZoneName

Pointer = Annotated[str, StringConstraints(pattern=r"^(/[^/]+)+$")]


LONG: Final = 1_000
"""Bytes of JSON from which an old value is told by its digest."""


def digest_of_long(stored: Any) -> str | None:
    """The digest of a stored value that is long; None of one that an event may repeat."""
    encoded = b"" if stored is None else to_json(stored)
    return hashlib.sha256(encoded).hexdigest() if len(encoded) > LONG else None


class Change(Value):
    """A field's old and new value; absent is null.

    `field` is a JSON Pointer (RFC 6901) into a document of ROOT, in which members of lists are named by their items. A
    value has the stored form of what may stand there; this is checked when it is written.
    """

    ROOT: ClassVar[type[Value]]

    field: Pointer
    old: Any = None
    old_digest: Digest | None = None
    """In place of an old value that is long: SHA-256 of its JSON by RFC 8785. The events before have the value."""
    new: Any = None

    @classmethod
    def between(cls, field: str, old: Any, new: Any) -> Self:
        """The change from one stored value to another; a long old one is named by its digest."""
        if (digest := digest_of_long(old)) is None:
            return cls(field=field, old=old, new=new)
        return cls(field=field, old_digest=digest, new=new)

    @model_validator(mode="wrap")
    @classmethod
    @at_the_door
    def _has_values_of_its_place(cls, stored: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        change = read(stored)
        # A change that an event is made of was looked at when it was made.
        if change is not stored:
            place = place_at(cls.ROOT, change.field)
            for value in (change.old, change.new):
                if value is not None and not place.holds(value):
                    raise ValueError(f"what is given for {change.field} is not in stored form")
        return change


class Home(Value):
    """The registry a trial is registered in first. TRDS items 1 and 2."""

    registry: Line
    number: IdNumber
    registered: PartialDate | None = None
    url: Line | None = None


class Place(Value):
    """Where a site is."""

    city: Line | None = None
    region: Line | None = None
    """Prefecture, state or province."""
    postcode: Line | None = None
    country: CountryCode | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class Site(Value):
    """A place where participants are recruited. `organisation` owns the site: its token may report on it."""

    site: Identifier
    name: ShortText
    organisation: Identifier | None = None
    place: Place | None = None
    contacts: UpTo100[Contact] | None = None
    zone: ZoneName | None = None
    """The zone of its clocks: by them it is today or tomorrow at the site. Japan's where there is none."""


class SiteAsImported(Site):
    """A site as a partner lists it, with the status it gives there. Its id is of the trial, and stays."""

    recruitment: RecruitmentStatus = RecruitmentStatus.UNKNOWN
    left: Literal[True] | None = None
    """A newer list of its partner's has it no more."""


class Status(Value):
    """A trial's status on both axes, as a partner states it."""

    authorisation: AuthorisationStatus
    recruitment: RecruitmentStatus
    verified: PartialDate | None = None
    """When the partner last confirmed it."""
    why: SaidText | None = None


class RegistrationChange(Change):
    """A change of the registration."""

    ROOT = Registration


class Whole(Value):
    """What partners say of a trial, together or one of them."""

    home: Home
    registration: Registration
    status: Status
    sites: dict[Identifier, SiteAsImported]


class WholeChange(Change):
    """A change of what partners say: /registration/…, /status/…, /sites/{site}/…, /home/…."""

    ROOT = Whole


class SiteChange(Change):
    """A change of a site."""

    ROOT = Site


class Report(Value):
    """What can be wrong in an event that says a day."""

    on: PartialDate
    why: SaidText | None = None
    enrolled: Count | None = None


class ReportChange(Change):
    """A change of what an event says: /on, /why, /enrolled."""

    ROOT = Report


class Day(Value):
    """The day of what was reported last."""

    on: PartialDate


class SiteSeen(Value):
    """What reports make of a site."""

    authorisation: AuthorisationStatus
    recruitment: RecruitmentStatus
    changed: Day | None = None
    verified: Day | None = None
    why: SaidText | None = None
    enrolled: Count | None = None


class Seen(Value):
    """What reports make of a trial, as readers see it."""

    registration: Registration
    status: Status
    sites: dict[Identifier, SiteSeen]


class SeenChange(Change):
    """A change of what readers see: /registration/…, /status/…, /sites/{site}/…."""

    ROOT = Seen


class TrialRegistered(Payload):
    """A trial was entered here, as a draft of its owner."""

    REVISION: ClassVar[int] = 3

    owner: Identifier
    registration: Registration


class TrialImported(Payload):
    """A partner's registration was received. It stays its home registry's until it is adopted."""

    REVISION: ClassVar[int] = 4

    home: Home
    registration: Registration
    status: Status
    sites: UpTo10000[SiteAsImported]
    source: Source


class TrialSourceAdded(Payload):
    """Another partner sent its rendering of a trial that came from a partner before: one trial, several sources.

    What each source says is kept apart. `effects` are what it changed of the trial itself; none once the trial is
    registered here.
    """

    REVISION: ClassVar[int] = 4

    home: Home
    registration: Registration
    status: Status
    sites: UpTo10000[SiteAsImported]
    source: Source
    effects: tuple[WholeChange, ...]


class TrialImportChanged(Payload):
    """A partner's registration was received again with other bytes.

    `changes` are over the whole that this source had said before. `kept` are pointers where its value went blank: the
    value stays. `effects` are what it changed of the trial itself, where that is not the same as `changes`.
    """

    REVISION: ClassVar[int] = 4

    source: Source
    changes: tuple[WholeChange, ...]
    kept: tuple[Pointer, ...] = ()
    effects: tuple[WholeChange, ...] | None = None


class OlderVersionKept(Payload):
    """A version of a partner's record came that is older than the one that stands: kept, and it changes nothing.

    What it says is in its bytes, which are kept under `source.document`. Persons and texts in them are told by their
    ids: no value of the trial names them, and they can be forgotten and taken back all the same.
    """

    REVISION: ClassVar[int] = 2

    source: Source
    persons: Annotated[tuple[Line, ...], Field(min_length=1)] | None = None
    texts: Annotated[tuple[Line, ...], Field(min_length=1)] | None = None


class TrialIdentified(Payload):
    """The home registry says that this record is of another of its trials; or, where `now` is absent, no more so.

    `was` and `now` are ids of trials here. Nothing else changes: the claim can be taken back.
    """

    registry: Line
    was: Identifier | None = None
    now: Identifier | None = None


class TrialAdopted(Payload):
    """A partner's registration was registered here, under our number; its old one is a claim now."""

    owner: Identifier
    number: IdNumber
    registered: PartialDate
    """TRDS item 2: the date at the home registry, or the day of adoption in Japan where that is unknown."""
    was: Home


class TrialRestored(Payload):
    """A registration of this registry's own came back from an export of it, and bears its number again."""

    owner: Identifier
    number: IdNumber
    registered: PartialDate
    """TRDS item 2, as exported, or the day of the restoration in Japan where the export doesn't state it."""


class TrialPublished(Payload):
    """The registration was made public and got its number."""

    number: IdNumber
    registered: PartialDate
    """TRDS item 2: the calendar date in Japan on which it was published. Restoring a log can't change it."""


class TrialAmended(Payload):
    """Fields of the registration changed, for the reason given."""

    REVISION: ClassVar[int] = 3

    changes: Annotated[tuple[RegistrationChange, ...], Field(min_length=1)]


class TrialCorrected(Payload):
    """An earlier event said something wrong; this says what is right. Nothing is deleted."""

    REVISION: ClassVar[int] = 3

    corrects: Annotated[int, Field(ge=1)]
    """Version of the event corrected."""
    changes: Annotated[tuple[RegistrationChange, ...], Field(min_length=1)]


class TrialOwnerChanged(Payload):
    """Another organisation answers for the registration from now on."""

    was: Identifier
    now: Identifier


class EventCorrected(Payload):
    """An earlier event said something wrong of a day, a reason or a count, or did not happen. Nothing is deleted."""

    REVISION: ClassVar[int] = 3

    corrects: Annotated[int, Field(ge=1)]
    """Version of the event corrected."""
    event: Line
    """Its type, whose form the changes follow."""
    site: Identifier | None = None
    """The site that it was about."""
    changes: tuple[ReportChange, ...] = ()
    void: Literal[True] | None = None
    """What the event says did not happen."""
    effects: tuple[SeenChange, ...]
    """What readers see otherwise from now on; nothing where later events stand."""


class TrialAuthorisationChanged(Payload):
    """An authority or the registry changed whether the trial may proceed."""

    was: AuthorisationStatus
    now: AuthorisationStatus
    on: PartialDate


class TrialRecruitmentChanged(Payload):
    """The trial's recruitment as a whole changed. TRDS item 18."""

    was: RecruitmentStatus
    now: RecruitmentStatus
    on: PartialDate


class FirstParticipantRecorded(Payload):
    """The first participant was enrolled. TRDS item 16."""

    was: StatedDate | None = None
    on: PartialDate


class TrialCompleted(Payload):
    """The trial ended as planned. TRDS item 22."""

    was: Status
    planned: StatedDate | None = None
    enrolled_before: Count | None = None
    on: PartialDate
    enrolled: Count | None = None


class TrialDiscontinued(Payload):
    """The trial was stopped before its planned end; duties to report continue."""

    was: Status
    on: PartialDate
    why: SaidText


class TrialWithdrawn(Payload):
    """The trial was withdrawn before its first participant."""

    was: Status
    on: PartialDate
    why: SaidText


class ResultsPosted(Payload):
    """Summary results were posted. TRDS item 23."""

    was: Results | None = None
    was_digest: Digest | None = None
    """In place of results that are long: SHA-256 of their JSON by RFC 8785. The events before have them."""
    results: Results


class SiteAdded(Payload):
    """A site joined the trial."""

    site: Site
    authorisation: AuthorisationStatus
    recruitment: RecruitmentStatus


class SiteAmended(Payload):
    """What the site is called, where it is, its contacts or its organisation changed."""

    site: Identifier
    changes: Annotated[tuple[SiteChange, ...], Field(min_length=1)]


class SiteIdentified(Payload):
    """The site is another one of the trial's, under a second id; or, where `now` is absent, one of its own again."""

    site: Identifier
    was: Identifier | None = None
    now: Identifier | None = None


class SiteAuthorisationChanged(Payload):
    """An authority or the registry changed whether the site may proceed."""

    site: Identifier
    was: AuthorisationStatus
    now: AuthorisationStatus
    on: PartialDate


class SiteOpened(Payload):
    """The site opened, or reopened, recruitment."""

    site: Identifier
    was: RecruitmentStatus
    on: PartialDate


class SitePaused(Payload):
    """The site paused recruitment."""

    site: Identifier
    was: RecruitmentStatus
    on: PartialDate
    why: SaidText | None = None


class SiteClosed(Payload):
    """The site closed recruitment for good."""

    site: Identifier
    was: RecruitmentStatus
    on: PartialDate


class SiteLeft(Payload):
    """The site left the trial; its history stays, and its records are retained to the end of the whole study."""

    site: Identifier
    was: RecruitmentStatus
    was_authorised: AuthorisationStatus
    on: PartialDate
    why: SaidText | None = None


class SiteVerified(Payload):
    """The site confirmed that its recruitment status still holds."""

    site: Identifier
    status: RecruitmentStatus
    on: PartialDate


class EnrolmentReported(Payload):
    """The site reported how many participants it has enrolled in all."""

    site: Identifier
    was: Count | None = None
    enrolled: Count
    on: PartialDate


class TakeBackAsked(Payload):
    """A site asks the office to take back what one of its events says in words; it is withheld meanwhile."""

    site: Identifier
    of: Annotated[int, Field(ge=1)]
    """Version of the event that says it."""
    texts: Annotated[tuple[Line, ...], Field(min_length=1)]
    """Ids of the texts that it says."""


class TakeBackDeclined(Payload):
    """The office decided that what a site asked to take back stays; it is read by everybody again."""

    site: Identifier
    of: Annotated[int, Field(ge=1)]
    texts: Annotated[tuple[Line, ...], Field(min_length=1)]


def source_key(source: Mapping[str, Any]) -> str:
    """The key that distinguishes a trial's sources: the sender, with its own number of the record if that differs."""
    return f"{source['registry']}/{source['record']}" if "record" in source else str(source["registry"])


SiteEvent: TypeAlias = (
    SiteAdded
    | SiteAmended
    | SiteIdentified
    | SiteAuthorisationChanged
    | SiteOpened
    | SitePaused
    | SiteClosed
    | SiteLeft
    | SiteVerified
    | EnrolmentReported
)
OfStartUp: TypeAlias = SiteMilestoneRecorded | SiteMilestoneCorrected | SiteHalted | SiteHaltLifted
"""Events of a site besides its recruitment: the way into the trial, and halts."""
OfGate: TypeAlias = TrialGateSet | TrialGateRemoved
EndOfTrial: TypeAlias = TrialCompleted | TrialDiscontinued | TrialWithdrawn
TrialEvent: TypeAlias = (
    TrialRegistered
    | TrialImported
    | TrialSourceAdded
    | TrialImportChanged
    | OlderVersionKept
    | TrialIdentified
    | TrialAdopted
    | TrialRestored
    | TrialPublished
    | TrialAmended
    | TrialCorrected
    | TrialOwnerChanged
    | TakeBackAsked
    | TakeBackDeclined
    | EventCorrected
    | TrialAuthorisationChanged
    | TrialRecruitmentChanged
    | FirstParticipantRecorded
    | ResultsPosted
    | EndOfTrial
    | SiteEvent
    | OfStartUp
    | OfGate
)


EVENTS: Final[Mapping[str, type[Payload]]] = MappingProxyType(
    {
        "trial.registered.v1": TrialRegistered,
        "trial.imported.v1": TrialImported,
        "trial.source-added.v1": TrialSourceAdded,
        "trial.import-changed.v1": TrialImportChanged,
        "trial.older-version-kept.v1": OlderVersionKept,
        "trial.identified.v1": TrialIdentified,
        "trial.adopted.v1": TrialAdopted,
        "trial.restored.v1": TrialRestored,
        "trial.published.v1": TrialPublished,
        "trial.amended.v1": TrialAmended,
        "trial.corrected.v1": TrialCorrected,
        "trial.owner-changed.v1": TrialOwnerChanged,
        "trial.event-corrected.v1": EventCorrected,
        "trial.authorisation-changed.v1": TrialAuthorisationChanged,
        "trial.recruitment-changed.v1": TrialRecruitmentChanged,
        "trial.first-participant-recorded.v1": FirstParticipantRecorded,
        "trial.completed.v1": TrialCompleted,
        "trial.discontinued.v1": TrialDiscontinued,
        "trial.withdrawn.v1": TrialWithdrawn,
        "trial.results-posted.v1": ResultsPosted,
        "trial.site-added.v1": SiteAdded,
        "trial.site-amended.v1": SiteAmended,
        "trial.site-identified.v1": SiteIdentified,
        "trial.site-authorisation-changed.v1": SiteAuthorisationChanged,
        "trial.site-opened.v1": SiteOpened,
        "trial.site-paused.v1": SitePaused,
        "trial.site-closed.v1": SiteClosed,
        "trial.site-left.v1": SiteLeft,
        "trial.site-verified.v1": SiteVerified,
        "trial.enrolment-reported.v1": EnrolmentReported,
        "trial.take-back-asked.v1": TakeBackAsked,
        "trial.take-back-declined.v1": TakeBackDeclined,
    }
)
"""By literal name. A class may be renamed, a name never."""
