"""The rows of the tables, typed. Each holds between two days and cites its basis.

Citations name sources, and sections of the coordination reference by their numbers. Evidence: R, the text itself was
read; S, a secondary source; K, general knowledge that a person has to confirm before it binds anybody.
"""

from datetime import date
from enum import StrEnum
from typing import Literal, TypeAlias

from events.schemas.applications import ApplicationKind, Conclusion, Reach, Silence, Step
from events.schemas.ethics import EthicsOutcome, EthicsShape
from events.schemas.gates import Publication
from events.schemas.halts import HaltActor, HaltKind
from events.schemas.region_parts import RestartBasis, TableName
from events.schemas.values import CountryCode, ItemId, Line, PartialDate, ShortText, Value, first_day, last_day

MISSING = "missing"
Concluded: TypeAlias = Conclusion | Literal["missing"]
"""A conclusion, or that there is none."""


class Row(Value):
    """Base of rows."""

    since: PartialDate | None = None
    """The first day on which it holds; absent: always."""
    until: PartialDate | None = None
    """The last day."""
    evidence: Literal["R", "S", "K"] = "R"
    cites: Line

    def holds(self, day: date) -> bool:
        """Whether it holds on the day."""
        begun = self.since is None or first_day(self.since) <= day
        return begun and (self.until is None or day <= last_day(self.until))


class RegimeRow(Row):
    """A law under which a country takes part."""

    regime: TableName
    ethics: EthicsShape | None = None
    """Absent: the terms of the region say it."""
    publication: Publication
    name_en: Line
    name_ja: Line


class BenefitRisk(StrEnum):
    """Whether a halt is for benefit and risk."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class RestartRow(Row):
    """Conditions of a restart. An absent field means all."""

    regime: TableName | None = None
    kind: HaltKind | None = None
    benefit_risk: BenefitRisk | None = None
    basis: RestartBasis


class HaltingReach(StrEnum):
    """The reach of a halt; each is a stream, and a part of a stream."""

    PROGRAMME = "programme"
    REGION = "region"
    TRIAL = "trial"
    SITE = "site"


class HaltingRow(Row):
    """The power of an actor to stop something."""

    actor: HaltActor
    kind: HaltKind
    reach: HaltingReach
    regime: TableName | None = None
    beforehand: Line | None = None
    afterwards: Line | None = None


class DocumentRow(Row):
    """An authority's demand on a document; without a country, the demand of all others."""

    country: CountryCode | None = None
    document: ItemId
    property: Line
    demand: Line


class OfKinds(Row):
    """Base of rows that hold for some kinds of applications."""

    kinds: tuple[ApplicationKind, ...]
    """None: of the region as a whole."""


class StepRow(OfKinds):
    """A step: who takes it, what it waits for, and how long it takes at most."""

    step: Step
    who: Literal["sponsor", "authority", "lead", "members", "ethics", "nobody"]
    waits_for: tuple[Step, ...] = ()
    days: int | None = None


class SilenceRow(OfKinds):
    """The meaning of silence in a step, by the conclusions that there are."""

    step: Step
    joint: tuple[Concluded, ...] | None = None
    national: tuple[Concluded, ...] | None = None
    result: Silence
    reach: Reach | None = None


class WithdrawalRow(OfKinds):
    """How far a withdrawal goes."""

    joint: tuple[Concluded, ...] | None = None
    reach: Reach


class OptOutRow(Row):
    """A ground on which a member may leave a joint conclusion."""

    ground: ItemId
    text: ShortText
    needs_paper: bool = False
    """Whether it rests on considerations that the region had sent."""


class BindingRow(Row):
    """A condition that forbids an authorisation in a region."""

    rule: Line
    joint: tuple[Conclusion, ...] = ()
    national: tuple[Conclusion, ...] = ()
    ethics: tuple[EthicsOutcome, ...] = ()
    opted_out: bool = False


class BlockRow(Row):
    """Applications that may not be handed in while another one is pending."""

    next: tuple[ApplicationKind, ...]
    pending: tuple[ApplicationKind, ...]
    where: Literal["any", "same"]


class NeedRow(Row):
    """A condition that must be met somewhere before an application may be handed in."""

    next: tuple[ApplicationKind, ...]
    of: tuple[ApplicationKind, ...]
    at_least_one: Literal["authorised"]


class StagedRow(Row):
    """Since when a national part of placeholders alone is taken."""


class DecidesRow(OfKinds):
    """Applications for which a national conclusion is the decision."""


class FilingRow(OfKinds):
    """Applications for which filing is enough."""

    permits: bool = False
    """Whether the trial is permitted by that; else it is a change of what is permitted."""
    after_opinion: bool = False
    """Whether an ethics body's opinion comes first."""


class Procedure(Value):
    """The steps of applications under one pattern, and what binds, blocks and follows from silence in them."""

    procedure: TableName
    regimes: tuple[TableName, ...]
    """Those that it belongs to; none: any."""
    kinds: tuple[ApplicationKind, ...]
    joint: tuple[ApplicationKind, ...]
    """The kinds that have a joint step."""
    name: ShortText
    steps: tuple[StepRow, ...]
    silence: tuple[SilenceRow, ...]
    withdrawal: tuple[WithdrawalRow, ...]
    opt_out: tuple[OptOutRow, ...] = ()
    binding: tuple[BindingRow, ...] = ()
    blocks: tuple[BlockRow, ...] = ()
    needs: tuple[NeedRow, ...] = ()
    staged: tuple[StagedRow, ...] = ()
    decides: tuple[DecidesRow, ...] = ()
    filing: tuple[FilingRow, ...] = ()
