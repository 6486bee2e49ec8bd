"""Commands on a programme. Their names on the wire are in `aggregate.py`."""

from typing import Annotated

from pydantic import Field

from events.schemas.acts import Sourced
from events.schemas.halts import Halt
from events.schemas.moment import Moment
from events.schemas.programme import Details, HaltReach, Protocol, ProtocolVersion, Sponsor
from events.schemas.region_parts import End, JointStep, Lift, Terms
from events.schemas.values import CountryCode, Identifier, IdNumber, ItemId, Line, SaidLine, ShortText, Text, Value
from registry.domain.acting import ActCommand, Recording
from registry.domain.decider import Command, Creating


class RegisterProgramme(Creating):
    """Enter a programme. Its owner is its first sponsor."""

    details: Details


class DetailsAmended(Value):
    """What changes of a programme's details: those given replace theirs, null makes one unknown."""

    title: ShortText | None = None
    acronym: Line | None = None
    description: Text | None = None


class AmendProgramme(Command):
    """Change what the programme is called, or about."""

    reason: SaidLine
    details: DetailsAmended


class AddSponsor(Command):
    """Add a sponsor, or say of one which protocols it sponsors."""

    sponsor: Sponsor


class RemoveSponsor(Command):
    """Record that an organisation no longer sponsors the programme."""

    reason: SaidLine
    organisation: Identifier


class AddProtocol(Command):
    """Add a protocol."""

    protocol: Protocol


class AddProtocolVersion(Command):
    """Add a version of a protocol, with its digest, what it pools, and how many participants are planned where."""

    version: ProtocolVersion


class LinkToProgramme(Command):
    """Link a registration: a trial of this registry, or one of another registry by its number."""

    registration: ItemId | None = None
    """Absent: one is made of what is linked."""
    trial: Identifier | None = None
    number: IdNumber | None = None
    """As it is written; any number that the grammar of identifiers knows."""
    protocol: ItemId | None = None


class UnlinkFromProgramme(Command):
    """Say that a registration no longer belongs to the programme."""

    reason: SaidLine
    registration: ItemId


class DeclareRegion(Recording):
    """Name a country as one of the programme's. Nothing follows from that until it joins."""

    country: CountryCode


class JoinRegion(ActCommand):
    """Say that a country takes part, and under which law."""

    terms: Terms


class SetJointStep(Command):
    """Name the lead and the members of a step that regions take together."""

    joint_step: JointStep


class HaltProgramme(Command, Sourced):
    """Halt the programme, a protocol, a linked registration or arms of it: the sponsor's act alone."""

    halt: Halt
    reach: HaltReach | None = None

    @property
    def stands_for(self) -> str | None:
        """Only the office records a halt of another organisation."""
        return self.halt.organisation


class LiftProgrammeHalt(ActCommand, Lift):
    """Lift a halt of the programme. Regions whose law asks for more keep their own."""


class EndProgramme(ActCommand, End):
    """Record that the programme ended, everywhere."""


class CorrectProgrammeEvent(Recording):
    """Correct the day of an event of the programme, or say that what it tells did not happen."""

    reason: SaidLine
    corrects: Annotated[int, Field(ge=1)]
    """The version of the event that was wrong."""
    on: Moment | None = None
    void: bool = False
