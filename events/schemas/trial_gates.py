"""Gates of a trial, as its own stream has them: what its programme and the programme's regions mean for its sites."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from events.schemas.gates import Gate, RegionCode
from events.schemas.values import Identifier, PartialDate, Payload


class TrialGateSet(Payload):
    """A gate stands before the trial's sites, or stands otherwise than before."""

    gate: Gate
    on: PartialDate
    """From which day it stands so. A report of an earlier day goes by how the gate stood then."""


class TrialGateRemoved(Payload):
    """The gate is gone: the trial is no longer linked to the programme, or to the region."""

    programme: Identifier
    region: RegionCode | None = None
    """Absent: the gate of the programme itself."""
    version: Annotated[int, Field(ge=1)]
    """Of the stream that the gate followed from. What is older comes too late to set the gate again."""
    on: PartialDate


EVENTS: Final[Mapping[str, type[Payload]]] = MappingProxyType(
    {
        "trial.gate-set.v1": TrialGateSet,
        "trial.gate-removed.v1": TrialGateRemoved,
    }
)
"""By literal name. A class may be renamed, a name never."""
