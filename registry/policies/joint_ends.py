"""Policy `joint-ends`: an application that is withdrawn or lapses before the joint conclusion ends in every member.

The table of the application says how far that goes, and the event repeats it. A member's decision is not removed: the
office sees that the member refused the command.
"""

from collections.abc import Iterator
from typing import Final

from events.schemas.applications import EndedBy, Reach, Silence
from events.schemas.gates import stream_of_region
from events.schemas.region import ApplicationWithdrawn, SilenceNoted
from registry.domain.region.commands import NoteApplicationEnd
from registry.domain.region.state import Region
from registry.policies.policy import Happened, Policy, Reaction


def react(event: Happened, region: Region) -> Iterator[Reaction]:
    """The end, to each other member of the joint steps that this region takes part in."""
    here = region.terms.region
    match event.payload:
        case ApplicationWithdrawn(reach=Reach.ALL) as gone:
            ended = NoteApplicationEnd(
                application=gone.application, ended=EndedBy.WITHDRAWN, region=here, by=gone.by, on=gone.on
            )
        case SilenceNoted(result=Silence.LAPSED, reach=Reach.ALL, application=str(application)) as silent:
            ended = NoteApplicationEnd(
                application=application, ended=EndedBy.LAPSED, region=here, by=region.sponsors[0], on=silent.due
            )
        case _:
            return
    shared = [step.members for step in region.joint_steps if here in step.members]
    for member in dict.fromkeys(member for members in shared for member in members if member != here):
        yield Reaction(stream_of_region(region.programme, member), ended)


POLICY: Final = Policy("joint-ends", "region", react)
