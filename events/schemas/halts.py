"""A halt: somebody with the power to do so stops a part of a trial. It ends only by its own lift.

Several may stand at once, from different actors and with different scopes. The reach of a halt follows from its stream:
a programme, a region, a trial or a site. A pause of a site for its own reasons is no halt.
"""

from enum import StrEnum
from typing import Final

from events.schemas.bounds import UpTo100
from events.schemas.moment import Moment
from events.schemas.registration import Count
from events.schemas.values import Identifier, ItemId, PartialDate, SaidText, Value


class HaltActor(StrEnum):
    """Whose power a halt rests on. A reference authority has none beyond its own territory; an independent data
    monitoring committee recommends, and halts nothing."""

    SPONSOR = "sponsor"
    """Also the overall manager of a specified clinical research study in Japan."""
    INVESTIGATOR = "investigator"
    INSTITUTION = "institution"
    ETHICS_BODY = "ethics_body"
    AUTHORITY = "authority"
    MINISTER = "minister"


class HaltKind(StrEnum):
    """What a halt is in law."""

    TEMPORARY_HALT = "temporary_halt"
    """By the sponsor, meant to resume. Regulation (EU) 536/2014, Articles 37 and 38."""
    INTERRUPTION = "interruption"
    """中断, by a sponsor or an investigator. Japan's GCP ordinance, Articles 24 and 49."""
    SUSPENSION = "suspension"
    """By an authority on its own territory. Regulation (EU) 536/2014, Article 77."""
    CLINICAL_HOLD = "clinical_hold"
    PARTIAL_CLINICAL_HOLD = "partial_clinical_hold"
    """21 CFR 312.42."""
    ETHICS_SUSPENSION = "ethics_suspension"
    """An ethics body suspended its approval. 21 CFR 56.113."""
    ETHICS_STOP = "ethics_stop"
    """An ethics body concluded that the study must stop. Clinical Trials Act, regulation, Article 80(5)."""
    INSTITUTION_MEASURE = "institution_measure"
    """The head of an institution stopped it there. Clinical Trials Act, regulation, Article 11."""
    INSTRUCTION = "instruction"
    """By the Minister. PMD Act, Article 80-2(9)."""
    EMERGENCY_ORDER = "emergency_order"
    """By the Minister. Clinical Trials Act, Article 19."""
    CORRECTIVE_ORDER = "corrective_order"
    """By the Minister, for a fixed period. Clinical Trials Act, Article 20."""


class HaltScope(StrEnum):
    """What is stopped."""

    SCREENING = "screening"
    ENROLMENT = "enrolment"
    DOSING = "dosing"
    """Of those who take part already."""
    ALL = "all"


OF_RECRUITMENT: Final = frozenset({HaltScope.SCREENING, HaltScope.ENROLMENT, HaltScope.ALL})
"""The scopes under which nobody can join."""


class StandingHalt(Value):
    """What everybody who is under a halt needs to know of it: no words in it are sealed."""

    item: ItemId
    """Names the halt within its stream, for ever: its lift names it by this."""
    actor: HaltActor
    organisation: Identifier
    """The one that halted. Nobody else lifts it."""
    kind: HaltKind
    scope: HaltScope
    benefit_risk: bool | None = None
    """Whether the balance of benefits and risks may have changed; absent where nobody said."""
    decided: Moment
    in_force: Moment | None = None
    """Absent: from the moment it was decided."""
    restart_planned: PartialDate | None = None
    arms: UpTo100[ItemId] | None = None
    """Items of the registration's arms that it is for; absent: all of them."""

    @property
    def touches_recruitment(self) -> bool:
        """Whether nobody can join where it stands. One that is for some arms leaves the others open."""
        return self.scope in OF_RECRUITMENT and not self.arms


class Halt(StandingHalt):
    """A halt as its own stream has it."""

    why: SaidText | None = None
    told: Moment | None = None
    """When those who must be told were told."""
    on_treatment: Count | None = None
    """People who were still on treatment when it came into force."""
    care: SaidText | None = None
    """What happens to them."""
    public_from: Moment | None = None

    def standing(self) -> StandingHalt:
        """The halt without the texts, which are sealed for its own stream."""
        return StandingHalt.model_validate({name: getattr(self, name) for name in StandingHalt.model_fields})
