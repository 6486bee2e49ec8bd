"""Answers on programmes, with texts in clear."""

from typing import Annotated

from pydantic import Field

from events.schemas.gates import RegionCode
from events.schemas.halts import StandingHalt
from events.schemas.moment import Moment as ValidMoment
from events.schemas.programme import HaltReach
from events.schemas.registration import Count
from events.schemas.values import Text, Value
from registry.api.answer_fields import At, Link, Moment, Version
from registry.api.history_answers import EventAnswer
from registry.api.in_clear import TakenBack
from registry.programmes import board, questions, region_shown, shown, turns, versions

Day = Annotated[str, Field(json_schema_extra={"format": "date"})]


class HaltAnswer(StandingHalt):
    """A halt that stands."""

    why: Text | TakenBack | None = None
    told: ValidMoment | None = None
    on_treatment: Count | None = None
    care: Text | TakenBack | None = None
    public_from: ValidMoment | None = None


class ProgrammeHaltAnswer(Value):
    """A halt of a programme, and the part that it is for."""

    halt: HaltAnswer
    reach: HaltReach | None = None
    """Absent: the whole programme."""


class ProgrammeAnswer(shown.ProgrammeShown):
    """A programme as it stands, or stood at the moment asked for."""

    version: Version
    position: At
    first_recorded: Moment
    last_recorded: Moment
    halts: tuple[ProgrammeHaltAnswer, ...]  # type: ignore[assignment]


class ProgrammesAnswer(Value):
    """A page of programmes, in the order of their ids."""

    programmes: tuple[shown.ProgrammeListed, ...]
    next: Link | None = None


class QuestionAnswer(region_shown.QuestionShown):
    """A question, open or answered."""

    text: Text | TakenBack | None = None  # type: ignore[assignment]
    answer: Text | TakenBack | None = None  # type: ignore[assignment]


class PaperAnswer(region_shown.PaperShown):
    """What an authority shared with those who assess with it."""

    text: Text | TakenBack | None = None  # type: ignore[assignment]


class ProgrammeRegionAnswer(region_shown.RegionShown):
    """A region of a programme. Nothing of an application is public before its authority has decided."""

    version: Version
    position: At
    first_recorded: Moment
    last_recorded: Moment
    questions: tuple[QuestionAnswer, ...]
    papers: tuple[PaperAnswer, ...]
    halts: tuple[HaltAnswer, ...]


class BoardAnswer(board.Board):
    """The board of a programme: its regions with their steps, what each waits for, and who blocks whom."""

    day: Day
    """In Japan: whether somebody can join holds for it."""
    next: Link | None = None


class OpenQuestionAnswer(questions.OpenQuestion):
    """A question that waits for an answer."""

    text: Text | TakenBack | None = None  # type: ignore[assignment]


class QuestionsAnswer(Value):
    """The open questions of all regions, the one that is due first at the top."""

    programme: str
    questions: tuple[OpenQuestionAnswer, ...]
    next: Link | None = None


class VersionsAnswer(Value):
    """The versions of protocols in force on a day."""

    programme: str
    on: Day
    regions: tuple[versions.VersionsOfRegion, ...]
    sites: tuple[versions.VersionsOfSite, ...]
    next: Link | None = None
    """Where the sites go on."""


class TurnsAnswer(Value):
    """What waits for the asker's organisation in its role."""

    programme: str
    turns: tuple[turns.Turn, ...]
    next: Link | None = None


class ProgrammeHistoryAnswer(Value):
    """A page of the events of a programme, or of one of its regions, oldest first."""

    programme: str
    region: RegionCode | None = None
    events: tuple[EventAnswer, ...]
    next: Link | None = None


ANSWERS = (
    ProgrammeAnswer,
    ProgrammesAnswer,
    ProgrammeRegionAnswer,
    BoardAnswer,
    QuestionsAnswer,
    VersionsAnswer,
    TurnsAnswer,
    ProgrammeHistoryAnswer,
)
"""Every one."""
