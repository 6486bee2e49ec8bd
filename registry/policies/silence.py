"""Policy `silence`: when a due moment has passed, the region is asked what the silence means.

Whether it means anything is decided then, from the table of the application: where the step was done in time, or
another moment is due meanwhile, nothing is recorded.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final

from events.schemas.moment import Moment
from events.schemas.region import DueSet, QuestionAsked
from events.schemas.values import last_day
from events.schemas.zones import zone
from registry.domain.acting import instant
from registry.domain.region.commands import NoteSilence
from registry.domain.region.decide_silence import question_step
from registry.domain.region.state import Region
from registry.policies.policy import Happened, Policy, Reaction

JUST_AFTER: Final = timedelta(seconds=1)
JAPAN: Final = "Asia/Tokyo"


def react(event: Happened, _: Region) -> Iterator[Reaction]:
    """The question, for the moment just after the one that is due."""
    match event.payload:
        case DueSet() as set_:
            note = NoteSilence(
                step=set_.step, due=set_.due, application=set_.application, attempt=set_.attempt, halt=set_.halt
            )
        case QuestionAsked(due=Moment() as due) as question if question.formal:
            note = NoteSilence(
                step=question_step(question.step),
                due=due,
                application=question.application,
                attempt=question.attempt,
                question=question.question,
            )
        case _:
            return
    yield Reaction(event.stream, note, at=over(note.due))


def over(due: Moment) -> datetime:
    """Just after a time; of a day, when it has ended in its zone, in Japan where it has none."""
    if due.at is not None:
        return instant(due) + JUST_AFTER
    return datetime.combine(last_day(due.date) + timedelta(days=1), time(), zone(due.zone or JAPAN)) + JUST_AFTER


POLICY: Final = Policy("silence", "region", react)
