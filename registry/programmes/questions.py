"""The open questions of all regions, the one that is due first at the top."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from events.schemas.applications import Step
from events.schemas.gates import RegionCode
from events.schemas.moment import Moment
from events.schemas.region import QuestionAnswered, QuestionAsked
from events.schemas.values import Identifier, ItemId, SaidText, Value
from registry.domain.region.state import Region
from registry.programmes.parts import ends
from registry.programmes.seeing import Viewer

SECONDS_OF_DAY: Final = 86_400


class OpenQuestion(Value):
    """A question that waits for an answer."""

    region: RegionCode
    application: ItemId
    attempt: int
    question: ItemId
    step: Step
    formal: bool
    by: Identifier
    text: SaidText | None = None
    asked: Moment
    due: Moment | None = None
    """The moment that the authority gave; absent where it gave none."""
    days_left: int | None = None
    """Whole days until then; negative once it is over."""


def open_questions(viewer: Viewer) -> list[OpenQuestion]:
    """Those that the asker may read, by due moment; those without one come last."""
    found = [
        question for code, region in viewer.whole.regions.items() for question in _of_region(viewer, code, region.state)
    ]
    return sorted(found, key=lambda one: (one.due is None, ends(one.due or one.asked), one.region, one.question))


def _of_region(viewer: Viewer, code: RegionCode, region: Region) -> Iterator[OpenQuestion]:
    readable = {
        (application, attempt.number, name): question
        for application, attempt in region.pending.items()
        for name, question in attempt.questions.items()
        if question.open and viewer.reads_closed(question, question.by, region)
    }
    texts = texts_of(region, QuestionAsked) if readable else {}
    for (application, attempt_number, name), question in readable.items():
        yield OpenQuestion(
            region=code,
            application=application,
            attempt=attempt_number,
            question=name,
            step=question.step,
            formal=question.formal,
            by=question.by,
            text=texts.get((application, attempt_number, name)),
            asked=question.asked_on,
            due=question.due,
            days_left=None if question.due is None else _days_left(question.due, viewer.whole.now),
        )


def _days_left(due: Moment, now: datetime) -> int:
    return int((ends(due) - now).total_seconds() // SECONDS_OF_DAY)


def texts_of(region: Region, kind: type[QuestionAsked | QuestionAnswered]) -> dict[tuple[str, int, str], SaidText]:
    """The texts of questions or of answers, sealed as in the log, by application, attempt and question."""
    events = (one.event for one in region.occurrences if isinstance(one.event, kind) and not one.void)
    return {(one.application, one.attempt, one.question): one.text for one in events if one.text is not None}
