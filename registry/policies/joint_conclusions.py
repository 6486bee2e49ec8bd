"""Policy `joint-conclusions`: the conclusion of the lead of a joint step is recorded for its members, whom it binds.

How it binds is decided by each member from its own table: a no binds all, and a yes can be left on named grounds.
"""

from collections.abc import Iterator
from typing import Final

from events.schemas.applications import Part
from events.schemas.gates import stream_of_region
from events.schemas.region import AssessmentConcluded
from registry.domain.region.commands import NoteJointConclusion
from registry.domain.region.state import Region
from registry.policies.policy import Happened, Policy, Reaction


def react(event: Happened, region: Region) -> Iterator[Reaction]:
    """The conclusion, to each member of a step that this region leads; nothing for what another region concluded."""
    concluded = event.payload
    if not isinstance(concluded, AssessmentConcluded) or concluded.part is not Part.JOINT or concluded.lead is not None:
        return
    lead = region.terms.region
    noted = NoteJointConclusion(
        application=concluded.application, lead=lead, by=concluded.by, outcome=concluded.outcome, on=concluded.on
    )
    led = [step.members for step in region.joint_steps if step.lead == lead]
    for member in dict.fromkeys(member for members in led for member in members if member != lead):
        yield Reaction(stream_of_region(region.programme, member), noted)


POLICY: Final = Policy("joint-conclusions", "region", react)
