"""What a reader can ask of the search view, and what the answer is."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias, TypeVar

from pydantic import AfterValidator, Field

from events.schemas.eligibility import Sex
from events.schemas.japan import ResearchAim
from events.schemas.registration import Phase, StudyType
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import CountryCode, Line, PartialDate, Value
from projections.views.search.terms import terms

COUNTED: int = 1_001
"""Results are counted up to here: a larger total says "more than 1,000"."""
DEEPEST: int = 1_000
PAGE_BYTES: Final = 1_000_000
"""Bytes of what lists show after which a page ends; the trial that goes beyond them is its last."""
FACETS: Final = ("recruitment", "authorisation", "study_type", "phase", "aim", "country")
"""Filters whose values are counted."""
Counts: TypeAlias = dict[str, dict[str, int]]
"""By facet, by value."""

MOST_TERMS: Final = 32
"""Different words and phrases of one search. A hundred take seconds among some thousand trials: each asks an index."""
MOST_VALUES: Final = 30
"""Values of one filter. The search page has a link for each that is chosen, which names all the others."""
T = TypeVar("T")


def _few_terms(text: str) -> str:
    if len(terms(text)) > MOST_TERMS:
        raise ValueError(f"a search may have {MOST_TERMS} different words and phrases; leave some out")
    return text


Several: TypeAlias = Annotated[tuple[T, ...], Field(max_length=MOST_VALUES)]


class SearchQuery(Value):
    """A search. What is left out does not narrow it; several values of one filter are alternatives."""

    q: Annotated[str, Field(max_length=500), AfterValidator(_few_terms)] = ""
    """Words in Japanese or English, "quoted phrases", or any identifying number; 32 of them at most."""
    recruitment: Several[RecruitmentStatus] = ()
    """As it can be relied on today, or on the day of `as_of`: `joining.recruitment` of what is found."""
    authorisation: Several[AuthorisationStatus] = ()
    phase: Several[Phase] = ()
    study_type: Several[StudyType] = ()
    aim: Several[ResearchAim] = ()
    country: Several[CountryCode] = ()
    condition: Annotated[str, Field(max_length=200), AfterValidator(_few_terms)] = ""
    """Words that must be among conditions and their keywords."""
    sponsor: Annotated[str, Field(max_length=200), AfterValidator(_few_terms)] = ""
    """Words that must be in the name of an organisation that sponsors or funds. A person is not found so."""
    first_enrolment_from: PartialDate | None = None
    """Only trials whose first enrolment, planned or actual, may be on this day or later. A month is its first day."""
    first_enrolment_to: PartialDate | None = None
    """Only trials whose first enrolment, planned or actual, may be on this day or before. A month is its last day."""
    age: Annotated[int, Field(ge=0, le=150)] | None = None
    """A person's age in completed years. Trials that state no limit are found, too."""
    sex: Sex | None = None
    """female or male: trials open to that sex; all: trials open to both. Unstated is found with female and male."""
    home: Line | None = None
    """Code of the registry that a partner's trial is registered in, as `ctgov`; its name where it has no code."""
    own: bool | None = None
    """True: registered here. False: a partner's."""
    recruiting_sites: bool | None = None
    """Whether somebody can join at a site of it."""
    everything: bool = False
    """Drafts of all owners, too: for the registry and regulators."""
    owner: str | None = None
    """Drafts of this owner, too."""
    offset: Annotated[int, Field(ge=0, le=DEEPEST)] = 0
    """How many of the trials found come before this page; `next` says it for the following one."""
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    """How many trials a page has at most."""


@dataclass(frozen=True, slots=True)
class Found:
    """One trial found: its summary, and up to 1 how many of the words stand in its titles and conditions.

    0 where no words were asked for, or where it goes by the number that was.
    """

    summary: dict[str, Any]
    rank: float
    claims: bool = False
    """Whether the number asked for is none of its own, but one that it names as another identifier (TRDS item 3)."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of what was found. `total` stops at 1,001.

    Where words are asked for, trials with all of them in titles and conditions come first. Of these, as of the others,
    those that recruit come first; then what fits best, then the newest.
    """

    found: list[Found]
    total: int

    def following(self, query: SearchQuery) -> int | None:
        """The offset of the page after this one, which the query asked for; None where this is the last."""
        offset = query.offset + len(self.found)
        return offset if self.found and offset < self.total and offset <= DEEPEST else None
