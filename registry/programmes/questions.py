"""The open questions of all regions, the one that is due first at the top."""

from datetime import datetime
from typing import Final

from events.schemas.applications import Step
from events.schemas.gates import RegionCode
from events.schemas.moment import Moment
from events.schemas.region import QuestionAsked
from events.schemas.values import Identifier, ItemId, SaidText, Value
from registry.domain.region.state import Question, Region
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
        _shown(region.state, (application, attempt.number, name), question, viewer.whole.now)
        for region in viewer.whole.regions.values()
        for application, attempt in region.state.pending.items()
        for name, question in attempt.questions.items()
        if question.open and viewer.reads_closed(question, question.by, region.state)
    ]
    return sorted(found, key=lambda one: (one.due is None, ends(one.due or one.asked), one.region, one.question))


def _shown(region: Region, key: tuple[str, int, str], question: Question, now: datetime) -> OpenQuestion:
    """`key`: application, attempt and question."""
    application, attempt, name = key
    days_left = None if question.due is None else int((ends(question.due) - now).total_seconds() // SECONDS_OF_DAY)
    return OpenQuestion(
        region=region.terms.region,
        application=application,
        attempt=attempt,
        question=name,
        step=question.step,
        formal=question.formal,
        by=question.by,
        text=text_of(region, key),
        asked=question.asked_on,
        due=question.due,
        days_left=days_left,
    )


def text_of(region: Region, key: tuple[str, int, str]) -> SaidText | None:
    """What was asked, sealed as in the log. `key`: application, attempt and question."""
    questions = (one.event for one in region.occurrences if isinstance(one.event, QuestionAsked) and not one.void)
    return next((one.text for one in questions if (one.application, one.attempt, one.question) == key), None)
