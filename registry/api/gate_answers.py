"""Gates, halts and milestones of a trial and its sites, as readers get them."""

from typing import Literal

from events.schemas.ethics import EthicsShape
from events.schemas.gates import Publication, RegionCode
from events.schemas.halts import StandingHalt
from events.schemas.moment import Moment
from events.schemas.registration import Count
from events.schemas.site_milestones import MilestoneStated
from events.schemas.status import RegionState
from events.schemas.values import CountryCode, Identifier, PartialDate, Text, Value
from registry.api.answer_fields import Version
from registry.api.in_clear import TakenBack


class Ended(Value):
    """When a halt ended: on which day, by the trial's event of which version."""

    on: PartialDate
    version: Version


class MilestoneAnswer(MilestoneStated):
    """A milestone of a site. Their definitions are in the documentation."""

    corrected: Version | None = None
    """The version of the event that corrected its days last."""


class SiteHaltAnswer(StandingHalt):
    """A halt of a site."""

    why: Text | TakenBack | None = None
    told: Moment | None = None
    on_treatment: Count | None = None
    care: Text | TakenBack | None = None
    lifted: Ended | None = None
    """Absent while it stands."""


class GateAnswer(Value):
    """What stands between the sites of a trial and recruitment, as its programme or a region of that says."""

    programme: Identifier
    region: RegionCode | None = None
    country: CountryCode | None = None
    """Sites of this country are behind it; all of the trial's where it is the programme's."""
    version: Version
    """Of the stream that it follows from."""
    on: PartialDate
    """From which day it stands so."""
    state: RegionState | None = None
    publication: Publication | None = None
    ethics: EthicsShape | None = None
    """Which acts of its own a site waits for."""
    halts: tuple[StandingHalt, ...] | None = None
    """Those that stand."""
    ended: bool | None = None
    """Whether the programme, or its part in the region, has ended."""
    ends: tuple[Ended, ...] | None = None
    """When it ceased to be halted: from then on a site is open only where it said so again."""
    removed: Literal[True] | None = None
    """The trial is no longer linked."""
