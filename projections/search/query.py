"""Queries that a reader can send to the search, and the answers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final, TypeAlias, TypeVar

from pydantic import AfterValidator, Field

from events.schemas.eligibility import Sex
from events.schemas.gates import RegionCode
from events.schemas.japan import LegalRegime, ResearchAim
from events.schemas.registration import Phase, StudyType
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import CountryCode, Line, PartialDate, Value
from projections.search.terms import terms

PAGE_BYTES: Final = 1_000_000
"""Bytes of summaries after which a page ends; the trial that goes beyond them is its last."""
FACETS: Final = ("recruitment", "authorisation", "study_type", "phase", "aim", "country")
"""Filters whose values are counted."""
Counts: TypeAlias = dict[str, dict[str, int]]
"""By facet, by value."""

MOST_TERMS: Final = 32
"""Different words and phrases of one search: the time that it takes grows with them."""
MOST_VALUES: Final = 30
"""Values of one filter. The search page has a link for each that is chosen, which names all the others."""
T = TypeVar("T")


def _few_terms(text: str) -> str:
    if len(terms(text)) > MOST_TERMS:
        raise ValueError(f"a search may have {MOST_TERMS} different words and phrases; leave some out")
    return text


class Order(StrEnum):
    """The order of what is found."""

    BEST = "best"
    """Trials that somebody can join first; then those that fit the words best; then the newest."""
    NEWEST = "newest"
    """Those that changed last come first."""


Several: TypeAlias = Annotated[tuple[T, ...], Field(max_length=MOST_VALUES)]


class SearchQuery(Value):
    """A search. An absent filter does not narrow it; several values of one filter are alternatives."""

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
    prefecture: Annotated[str, Field(max_length=40)] = ""
    """A prefecture of Japan with a site of the trial, by its name in Japanese or English, however it is spelled."""
    city: Annotated[str, Field(max_length=200)] = ""
    """The city of a site, as the trial's record writes it."""
    legal_regime: LegalRegime | None = None
    """The law that it is conducted under in Japan."""
    sponsor_kind: Annotated[str, Field(max_length=200)] = ""
    """The category of the primary sponsor, in the words of the registry that the record came from."""
    programme: Annotated[str, Field(max_length=200)] = ""
    """The id of a programme that the trial takes part in."""
    region: RegionCode | None = None
    """A region of such a programme."""
    registered_from: PartialDate | None = None
    """Only trials registered, here or at their home, on this day or later. A month is its first day."""
    registered_to: PartialDate | None = None
    """Only trials registered, here or at their home, on this day or before. A month is its last day."""
    confirmed_from: PartialDate | None = None
    """Only trials whose status was last confirmed on this day or later. A month is its first day."""
    everything: bool = False
    """Drafts of all owners, too: for the registry and regulators."""
    owner: str | None = None
    """Drafts of this owner, too."""
    order: Order = Order.BEST
    """Best first, or those that changed last first."""
    cursor: Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{0,20000}$")] = ""
    """The place from which a page goes on, as `next` gives it. It finds what was there for the first page."""
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    """How many trials a page has at most."""


@dataclass(frozen=True, slots=True)
class Found:
    """One trial found: its summary, and above 0 up to 1 how well it fits the words: 1 where all are in its titles.

    0 where no words were asked for, or where it goes by the number that was.
    """

    summary: dict[str, Any]
    rank: float
    claims: bool = False
    """Whether the number asked for is none of its own, but one that it names as another identifier (TRDS item 3)."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of the results, and the total number of trials.

    Those that somebody can join on the day come first, then those with all words in titles and conditions; then the
    best matches, then the newest.
    """

    found: list[Found]
    total: int
    skipped: int = 0
    """How many trials come before this page."""
    following: str | None = None
    """The cursor of the next page; None where this is the last."""
    preceding: str | None = None
    """The cursor of the page before; None where this is the first."""
    also: tuple[str, ...] = ()
    """Terms that were searched besides the words: other names of the same things."""
    suggestion: str = ""
    """Where nothing was found: words like these that find something."""
