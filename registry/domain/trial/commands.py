"""Commands on a trial. Their names on the wire are in `aggregate.py`."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from events.schemas.bounds import UpTo100, UpTo10000
from events.schemas.parties import Contact
from events.schemas.registration import Count, Registration, Results, Source
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.trial import Home, Place, Site, SiteAsImported, Status
from events.schemas.values import Identifier, Line, SaidLine, SaidText, ShortText, Value
from events.schemas.zones import ZoneName
from registry.domain.decider import Command, Creating
from registry.domain.trial.days import DayOfEvent
from registry.domain.trial.edits import Edit


class RegisterTrial(Creating):
    """Enter a trial as a draft. It gets its number when it is published."""

    owner: Identifier | None = None
    """The sponsor's organisation; absent means the sender's own."""
    registration: Registration


class PublishTrial(Command):
    """Make a complete registration public; allocates its number."""


class Amending(Command):
    """Base of commands that change the registration."""

    reason: SaidLine
    registration: Registration = Field(default_factory=Registration)
    """Fields that replace theirs; null makes one unknown, the rest stays."""
    edits: UpTo100[Edit] = ()
    """Changes of parts of fields and of members of lists, in order, after those of `registration`."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not {"registration", "edits"} & self.model_fields_set:
            raise ValueError("give registration, edits, or both")
        return self


class AmendTrial(Amending):
    """Change the registration: whole fields, parts of them, or members of lists."""


class CorrectTrial(Amending):
    """Say what is right where an earlier event said something wrong. Nothing is deleted."""

    corrects: Annotated[int, Field(ge=1)]
    """The version of the event that was wrong."""


class ChangeOwner(Command):
    """Give the registration to another organisation; the former owner may no longer act on it."""

    reason: SaidLine
    owner: Identifier


class Correction(Command):
    """Base of commands that correct an event. The values here are right; a `why` of null means that there was none."""

    reason: SaidLine
    corrects: Annotated[int, Field(ge=1)]
    """The version of the event that was wrong."""
    on: DayOfEvent | None = None
    why: SaidText | None = None
    enrolled: Count | None = None
    void: bool = False
    """What the event says did not happen. Taken back is only what no other event of its kind has followed.

    Where that is the end of the trial, what it ended goes on, but for sites that left or confirmed to be closed since.
    """


class CorrectEvent(Correction):
    """Correct the day, the reason or the count of an event of the trial as a whole, or make it void."""


class ChangeAuthorisation(Command):
    """Record a decision of an authority or of the registry on whether the trial may proceed."""

    reason: SaidLine
    to: AuthorisationStatus
    on: DayOfEvent


class ChangeRecruitment(Command):
    """Change the recruitment status of the trial as a whole."""

    to: RecruitmentStatus
    on: DayOfEvent


class RecordFirstParticipant(Command):
    """Record the date the first participant was enrolled."""

    on: DayOfEvent


class CompleteTrial(Command):
    """Record that the trial ended as planned. No site may be recruiting any more."""

    on: DayOfEvent
    enrolled: Count | None = None
    """Participants enrolled in all."""


class DiscontinueTrial(Command):
    """Record that the trial was stopped early; recruitment ends at every site at once."""

    on: DayOfEvent
    why: SaidText


class WithdrawTrial(Command):
    """Withdraw a trial that has enrolled nobody."""

    on: DayOfEvent
    why: SaidText


class PostResults(Command):
    """Post, or post anew, the summary of results."""

    results: Results


class AddSite(Command):
    """Add a site; the site's organisation may then report on it."""

    site: Site


class OnSite(Command):
    """Base of commands on one site of a trial."""

    site: Identifier


class SiteAmendment(Value):
    """What changes of a site: those given replace theirs, null makes one unknown, the rest stays."""

    name: ShortText | None = None
    organisation: Identifier | None = None
    place: Place | None = None
    contacts: UpTo100[Contact] | None = None
    zone: ZoneName | None = None


class AmendSite(OnSite):
    """Change what the site is called, where it is, its contacts, or the organisation that reports on it."""

    reason: SaidLine
    amendment: SiteAmendment


class IdentifySite(OnSite):
    """Say that the site is another site of the trial, under a second id; without one, that it is its own again."""

    reason: SaidLine
    same_as: Identifier | None = None


class CorrectSiteEvent(Correction, OnSite):
    """Correct the day, the reason or the count of an event of a site, or make it void."""


class AskTakeBack(OnSite):
    """Ask the office to take back the reason given in an event of the site; it is withheld until the office decides."""

    of: Annotated[int, Field(ge=1)]
    """The version of the event that gives the reason."""


class DeclineTakeBack(OnSite):
    """Decline what a site asked to take back: everybody can read the reason again."""

    reason: SaidLine
    of: Annotated[int, Field(ge=1)]
    """The version of the event that gives the reason."""


class SiteCommand(OnSite):
    """Base of commands that say on which day something happened at a site."""

    on: DayOfEvent


class ChangeSiteAuthorisation(SiteCommand):
    """Record a decision of an authority or of the registry on whether the site may proceed."""

    reason: SaidLine
    to: AuthorisationStatus


class OpenSite(SiteCommand):
    """Report that the site opened, or reopened, recruitment."""


class PauseSite(SiteCommand):
    """Report that the site paused recruitment."""

    why: SaidText | None = None


class CloseSite(SiteCommand):
    """Report that the site closed recruitment."""


class LeaveTrial(SiteCommand):
    """Report that the site left the trial."""

    why: SaidText | None = None


class VerifySiteStatus(SiteCommand):
    """Confirm that the site's recruitment status still holds."""

    status: RecruitmentStatus


class ReportEnrolment(SiteCommand):
    """Report how many participants the site has enrolled in all; fewer than before needs a reason."""

    enrolled: Count


class ImportTrial(Command):
    """Take in a partner's registration, as its home registry states it or as another renders it."""

    home: Home
    registration: Registration
    status: Status
    sites: UpTo10000[SiteAsImported]
    source: Source

    def to_content(self) -> Any:
        """The document alone: all other fields were read from its bytes."""
        return [self.source.registry, self.source.record, self.source.document]


class IdentifyTrial(Command):
    """Record which other trial the home registry says a record is of; without one, that it no longer says so."""

    registry: Line
    same_as: Identifier | None = None


class AdoptTrial(Command):
    """Register a partner's registration here: it gets our number, and its old one becomes a claim."""

    owner: Identifier | None = None


class RestoreTrial(Command):
    """Give a registration of this registry's own, which came back from an export of it, its number again."""

    owner: Identifier | None = None
