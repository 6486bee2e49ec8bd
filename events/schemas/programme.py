"""Events of a trial programme: several registrations, protocols and regions that belong together.

Streams are `programme/{programme id}`. The acts of a region under its own law are in `events.schemas.region`.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from events.schemas.acts import Act, Correction, Sourced
from events.schemas.bounds import UpTo100, UpTo1000
from events.schemas.gates import RegionCode
from events.schemas.halts import Halt
from events.schemas.region_parts import End, JointStep, Lift, Terms
from events.schemas.registration import Count
from events.schemas.values import (
    CountryCode,
    Digest,
    Identifier,
    IdNumber,
    ItemId,
    Line,
    PartialDate,
    Payload,
    ShortText,
    Text,
    Value,
)


class SponsorKind(StrEnum):
    """What a sponsor of a programme is."""

    SPONSOR = "sponsor"
    SECOND_SPONSOR = "second_sponsor"
    """Beside the one that registered the programme, for some of its protocols or one of its files."""


class Details(Value):
    """What a programme is called, and about."""

    title: ShortText
    acronym: Line | None = None
    description: Text | None = None


class Sponsor(Value):
    """An organisation that sponsors the programme, or some of its protocols."""

    organisation: Identifier
    name: ShortText | None = None
    kind: SponsorKind
    protocols: UpTo100[ItemId] | None = None
    """Absent: all of them."""


class Protocol(Value):
    """A protocol of the programme."""

    protocol: ItemId
    number: Line
    title: ShortText | None = None


class PoolingPurpose(StrEnum):
    """What regions are pooled for. ICH E17."""

    ANALYSIS = "analysis"
    SAMPLE_SIZE = "sample_size"
    SAFETY_REVIEW = "safety_review"


class Pooling(Value):
    """Regions that a protocol version pools in advance, or a part of the population across regions. ICH E17.

    It has `regions` or a `trait`, and not both.
    """

    item: ItemId
    name: ShortText
    regions: UpTo1000[RegionCode] | None = None
    """Of pooled regions. A region may be in several."""
    trait: ShortText | None = None
    """Of a pooled subpopulation: what its people share."""
    purposes: UpTo100[PoolingPurpose]
    planned: Count | None = None
    """Participants planned for the pool."""


class Planned(Value):
    """Participants planned for a region."""

    region: RegionCode
    participants: Count


class ProtocolVersion(Value):
    """A version of a protocol: what regions are asked to permit."""

    protocol: ItemId
    version: ItemId
    number: Line
    """As the protocol itself writes it, e.g. `03`."""
    dated: PartialDate
    title: ShortText | None = None
    sha256: Digest
    """Of the document."""
    follows: ItemId | None = None
    """The version that it replaces."""
    poolings: UpTo100[Pooling] = ()
    planned: UpTo1000[Planned] = ()


class GivenNumber(Value):
    """A number of a registry: as it was written, and in the one form in which this registry writes it."""

    written: IdNumber
    registry: Line
    number: IdNumber


class HaltReach(Value):
    """The part of the programme that a halt is for; nothing given: the whole."""

    protocol: ItemId | None = None
    registration: ItemId | None = None
    """A linked registration. Where the halt names arms, they are its."""


class ProgrammeRegistered(Payload):
    """A programme was entered; its owner is its first sponsor."""

    owner: Identifier
    details: Details


class ProgrammeAmended(Payload):
    """The programme is called otherwise, or about something else."""

    was: Details
    now: Details


class SponsorAdded(Payload):
    """An organisation sponsors the programme, or other protocols of it than before."""

    sponsor: Sponsor


class SponsorRemoved(Payload):
    """An organisation sponsors the programme no more."""

    organisation: Identifier


class ProtocolAdded(Payload):
    """The programme has a further protocol."""

    protocol: Protocol


class ProtocolVersionAdded(Payload):
    """A protocol has a further version."""

    version: ProtocolVersion


class RegistrationLinked(Payload):
    """A registration belongs to the programme: a trial of this registry, or one of another by its number."""

    registration: ItemId
    trial: Identifier | None = None
    number: GivenNumber | None = None
    protocol: ItemId | None = None
    """The protocol that it registers."""


class RegistrationUnlinked(Payload):
    """A registration no longer belongs to the programme."""

    registration: ItemId
    trial: Identifier | None = None


class RegionDeclared(Payload):
    """Somebody named a country as one of the programme's. Nothing follows from that: it has not joined."""

    country: CountryCode
    asserted_by: Identifier
    source: Line | None = None


class RegionJoined(Act):
    """A country takes part under a regime. Its own stream begins with that."""

    terms: Terms


class JointStepSet(Payload):
    """Regions take a step together, under a lead."""

    joint_step: JointStep


class ProgrammeHalted(Payload, Sourced):
    """The sponsor halted the programme, or a part of it."""

    halt: Halt
    reach: HaltReach | None = None


class ProgrammeHaltLifted(Act, Lift):
    """One halt of the programme ended."""


class ProgrammeEnded(Act, End):
    """The programme ended, everywhere."""


class ProgrammeEventCorrected(Payload, Correction):
    """An earlier event said something wrong of its day, or did not happen. Nothing is deleted."""


ProgrammeEvent: TypeAlias = (
    ProgrammeRegistered
    | ProgrammeAmended
    | SponsorAdded
    | SponsorRemoved
    | ProtocolAdded
    | ProtocolVersionAdded
    | RegistrationLinked
    | RegistrationUnlinked
    | RegionDeclared
    | RegionJoined
    | JointStepSet
    | ProgrammeHalted
    | ProgrammeHaltLifted
    | ProgrammeEnded
    | ProgrammeEventCorrected
)

EVENTS: Final[Mapping[str, type[Payload]]] = MappingProxyType(
    {
        "programme.registered.v1": ProgrammeRegistered,
        "programme.amended.v1": ProgrammeAmended,
        "programme.sponsor-added.v1": SponsorAdded,
        "programme.sponsor-removed.v1": SponsorRemoved,
        "programme.protocol-added.v1": ProtocolAdded,
        "programme.protocol-version-added.v1": ProtocolVersionAdded,
        "programme.registration-linked.v1": RegistrationLinked,
        "programme.registration-unlinked.v1": RegistrationUnlinked,
        "programme.region-declared.v1": RegionDeclared,
        "programme.region-joined.v1": RegionJoined,
        "programme.joint-step-set.v1": JointStepSet,
        "programme.halted.v1": ProgrammeHalted,
        "programme.halt-lifted.v1": ProgrammeHaltLifted,
        "programme.ended.v1": ProgrammeEnded,
        "programme.event-corrected.v1": ProgrammeEventCorrected,
    }
)
"""By literal name. A class may be renamed, a name never."""
