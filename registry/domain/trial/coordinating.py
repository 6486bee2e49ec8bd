"""Commands by which a trial follows its programme, and by which its sites start and are halted."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from events.schemas.gates import Gate, RegionCode
from events.schemas.halts import Halt, HaltActor
from events.schemas.moment import Moment
from events.schemas.site_milestones import OF_A_VERSION, MilestoneStated, SiteMilestone
from events.schemas.values import Identifier, ItemId, PartialDate, SaidLine
from registry.domain.decider import Command
from registry.domain.trial.commands import OnSite


class RecordMilestone(MilestoneStated, OnSite):
    """Record a milestone of the site: the day for which it is planned, the day on which it came, or both."""

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        if self.planned is None and self.actual is None:
            raise ValueError("give the day planned, the actual day, or both")
        if self.milestone is SiteMilestone.OTHER and self.written is None:
            raise ValueError("say in written what the source calls a milestone that is none of ours")
        if self.milestone in OF_A_VERSION and self.protocol_version is None:
            raise ValueError(f"{self.milestone} needs the version of the protocol, in protocol_version")
        return self


class CorrectMilestone(OnSite):
    """Say what is right where an event gives wrong days of a milestone, or that it did not come about."""

    reason: SaidLine
    corrects: Annotated[int, Field(ge=1)]
    """The version of the event that was wrong."""
    planned: PartialDate | None = None
    """Replaces the day planned; null makes it unknown. Left out, it stays."""
    actual: PartialDate | None = None
    """Likewise, of the actual day."""
    void: bool = False
    """The milestone did not come about, and is not planned."""

    @model_validator(mode="after")
    def _corrects_something(self) -> Self:
        if self.void == bool({"planned", "actual"} & self.model_fields_set):
            raise ValueError("give the days that are right, or say that the event is void")
        return self


class HaltSite(OnSite):
    """Halt the site: nobody can join there from now on. It ends only by the lift of the one that halted."""

    reason: SaidLine
    halt: Halt

    @property
    def stands_for(self) -> str | None:
        """Only the office halts in the name of another organisation."""
        return self.halt.organisation


class LiftSiteHalt(OnSite):
    """Lift a halt of the site. The site reports itself when it takes people again."""

    reason: SaidLine
    item: ItemId
    """Names the halt."""
    actor: HaltActor
    organisation: Identifier
    """The one that halted."""
    lifted: Moment

    @property
    def stands_for(self) -> str | None:
        """Only the office lifts in the name of another organisation."""
        return self.organisation


class SetGate(Command):
    """Set a gate before the trial's sites, as its programme or a region of it stands."""

    gate: Gate
    on: PartialDate | None = None
    """The day from which it stands so; absent: today."""


class RemoveGate(Command):
    """Take a gate away: the trial is no longer linked to the programme, or to the region."""

    programme: Identifier
    region: RegionCode | None = None
    version: Annotated[int, Field(ge=1)]
    """Of the stream that the gate follows from."""
    on: PartialDate | None = None
