"""The registries' own words in ICTRP files, and their meanings here. formats 3.4 and 16.

A word that no table has counts as not carried: it is never forced onto an axis that it is not about.
"""

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

from adapters.ictrp.texts import plain
from events.schemas.eligibility import Sex
from events.schemas.parties import ContactRole
from events.schemas.registration import EthicsStatus, Phase, SharingPlan, StudyType
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import DateKind

A: TypeAlias = AuthorisationStatus
R: TypeAlias = RecruitmentStatus
Axes: TypeAlias = tuple[AuthorisationStatus, RecruitmentStatus]

UNTOLD: Final[Axes] = (A.PUBLISHED, R.UNKNOWN)
_OVER: Final[Axes] = (A.ENDED, R.COMPLETED)
_STATUS: Final[Mapping[Axes, tuple[str, ...]]] = {
    (A.PUBLISHED, R.NOT_YET): (
        "authorised, recruitment pending", "not yet recruiting", "pending", "pending (not yet recruiting)",
        "preinitiation",
    ),
    (A.PUBLISHED, R.RECRUITING): (
        "authorised, recruiting", "available", "ongoing, recruiting", "open public recruiting", "open to recruitment",
        "recruiting",
    ),
    (A.PUBLISHED, R.BY_INVITATION): ("enrolling by invitation",),
    (A.PUBLISHED, R.PAUSED): ("suspended", "temporarily halted", "temporarily not available", "temporary halt"),
    (A.PUBLISHED, R.CLOSED): (
        "active, not recruiting", "approved for marketing", "closed to recruitment of participants",
        # WHO's Complete is about recruitment. TRDS item 18.
        "complete", "complete: follow-up complete", "complete: follow-up continuing", "completed",
        "closed: follow-up complete", "closed: follow-up continuing", "main results already published",
        "no longer available", "no longer recruiting", "ongoing, recruitment ended", "recruitment completed",
    ),
    _OVER: ("data analysis completed", "ended"),
    (A.DISCONTINUED, R.CLOSED): ("ended prematurely", "prematurely ended", "stopped", "stopped early", "terminated"),
    (A.WITHDRAWN, R.CLOSED): ("withdrawn",),
}  # fmt: skip
"""The meaning of a home's word on both axes. A withdrawn trial will not recruit: it is closed."""
_BY_WORD: Final = {word: axes for axes, words in _STATUS.items() for word in words}
_BY_REGISTRY: Final[Mapping[tuple[str, str], Axes]] = {
    # These two are about the study, the others about recruitment. formats 16.1.
    ("ctgov", "completed"): _OVER,
    ("anzctr", "completed"): _OVER,
    # CTIS's public status speaks of the authorisation (formats 6.2 and C.2 of the requirements), elsewhere these words
    # may be the sponsor's.
    ("ctis", "under evaluation"): (A.UNDER_REVIEW, R.NOT_YET),
    ("ctis", "suspended"): (A.SUSPENDED_BY_AUTHORITY, R.PAUSED),
    ("ctis", "expired"): (A.EXPIRED, R.CLOSED),
    ("ctis", "revoked"): (A.REVOKED, R.CLOSED),
    ("ctis", "not authorised"): (A.OPINION_UNFAVOURABLE, R.CLOSED),
    ("ctis", "cancelled"): (A.WITHDRAWN, R.CLOSED),
    ("ctis", "ended"): _OVER,
    # National authorities' words in the older EU register: they suspend or prohibit by Directive 2001/20/EC, art. 12.
    ("euctr", "suspended by ca"): (A.SUSPENDED_BY_AUTHORITY, R.PAUSED),
    ("euctr", "prohibited by ca"): (A.REVOKED, R.CLOSED),
    ("euctr", "not authorised"): (A.OPINION_UNFAVOURABLE, R.CLOSED),
}


def status(word: str, registry: str) -> Axes:
    """Both axes. `UNTOLD` for an ambiguous word: WHO's `Not Recruiting` is closed or not yet open."""
    word = plain(word)
    return _BY_REGISTRY.get((registry, word)) or _BY_WORD.get(word, UNTOLD)


STUDY_TYPE: Final[Mapping[str, StudyType]] = {
    "interventional": StudyType.INTERVENTIONAL,
    "interventional study": StudyType.INTERVENTIONAL,
    "intervention": StudyType.INTERVENTIONAL,
    "interventional clinical trial of medicinal product": StudyType.INTERVENTIONAL,
    "observational": StudyType.OBSERVATIONAL,
    "observational study": StudyType.OBSERVATIONAL,
    "observational [patient registry]": StudyType.OBSERVATIONAL,
    "expanded access": StudyType.EXPANDED_ACCESS,
}
PATIENT_REGISTRY: Final = "observational [patient registry]"
PURPOSE: Final[Mapping[str, str]] = {
    "basic science": "basic_science",
    "diagnostic test": "diagnostic",
    "health services reaserch": "health_services_research",
    "health services research": "health_services_research",
    "prevention": "prevention",
    "screening": "screening",
    "treatment study": "treatment",
}
"""ChiCTR's study types that state a study's purpose, and not whether it intervenes."""

SEX: Final[Mapping[str, Sex]] = {
    **dict.fromkeys(
        ["all", "both", "male and female", "both, male and female", "both males and females", "male/female", "-",
         "female: yes male: yes"],
        Sex.ALL,
    ),
    **dict.fromkeys(["female", "females", "f", "female: yes male: no", "female: yes male:"], Sex.FEMALE),
    **dict.fromkeys(["male", "males", "m", "female: no male: yes", "female: male: yes"], Sex.MALE),
}  # fmt: skip
DATE_KIND: Final = {kind.value: kind for kind in DateKind}
CONTACT_ROLE: Final = {"public": ContactRole.PUBLIC, "scientific": ContactRole.SCIENTIFIC}
SHARING: Final = {plan.value: plan for plan in SharingPlan}
ETHICS: Final = {
    "approved": EthicsStatus.APPROVED,
    "approval": EthicsStatus.APPROVED,
    "submitted approval": EthicsStatus.APPROVED,
    "yes": EthicsStatus.APPROVED,
    "not approved": EthicsStatus.NOT_APPROVED,
    "not available": EthicsStatus.NOT_AVAILABLE,
}

_PHASE_WORDS: Final[Mapping[str, Phase]] = {
    "n/a": Phase.NOT_APPLICABLE,
    "not applicable": Phase.NOT_APPLICABLE,
    "early phase 1": Phase.EARLY_1,
    "not selected": Phase.NOT_SPECIFIED,
    "not specified": Phase.NOT_SPECIFIED,
    "post marketing surveillance": Phase.POST_MARKETING,
}
_PHASES: Final[Mapping[frozenset[int], Phase]] = {
    frozenset({0}): Phase.EARLY_1,
    frozenset({1}): Phase.PHASE_1,
    frozenset({1, 2}): Phase.PHASE_1_2,
    frozenset({2}): Phase.PHASE_2,
    frozenset({2, 3}): Phase.PHASE_2_3,
    frozenset({3}): Phase.PHASE_3,
    frozenset({3, 4}): Phase.PHASE_3_4,
    frozenset({4}): Phase.PHASE_4,
}
_ROMAN: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_ONE: Final = r"(?:phase[ -]?)?([0-4]|i{1,3}|iv)[abc]?"
_ONE_OR_TWO: Final = re.compile(rf"{_ONE}(?: ?[/-] ?{_ONE})?(?: (?:study|trial))?", re.ASCII)
_EXPLAINED: Final = re.compile(r"([^()]+) \(([^()]+)\)")
"""`III (Phase III study)`, as ChiCTR explains its numbers. Both must agree."""
_YES_OR_NO: Final = re.compile(r"\(phase (i{1,3}|iv)\): ?(yes|no)", re.ASCII)


def phase(text: str, registry: str) -> Phase | None:
    """The phase; None for any other text. EU registers answer yes or no for each. A part (`IIIb`) is its phase."""
    word = plain(text)
    if registry == "chictr" and word == "0":
        # ChiCTR's 0 is `exploratory or other`, not the phase 0 of others. formats 16.2.
        return None
    if word in _PHASE_WORDS:
        return _PHASE_WORDS[word]
    if answers := _YES_OR_NO.findall(word):
        return _PHASES.get(frozenset(_ROMAN[number] for number, answer in answers if answer == "yes"))
    if explained := _EXPLAINED.fullmatch(word):
        one, other = (phase(part, registry) for part in explained.groups())
        return one if one is other else None
    match = _ONE_OR_TWO.fullmatch(word)
    if match is None:
        return None
    return _PHASES.get(frozenset(_ROMAN.get(one) or int(one) for one in match.groups() if one))


ONE_SIZE: Final = frozenset({"ctgov"})
"""Codes of registries that have one number of participants: WHO puts it under the target, enrolled or planned."""
_GROUPS: Final = re.compile(r"(?:[^;]*:\d{1,10};)*[^;]*:\d{1,10};?", re.ASCII)
_NUMBER: Final = re.compile(r"(\d{1,10})(?: ?\([^()]*\))?", re.ASCII)
_LARGEST: Final = 1_000_000_000
_CUT_AT: Final = 250
"""ChiCTR's sizes are cut off a little above this; a cut number would still look like one."""


def size(text: str) -> int | None:
    """Item 17. The sum of groups `a:30;b:30;` where each ends in a number; `400 (200 in each arm)` is 400."""
    text = text.strip()
    if match := _NUMBER.fullmatch(text):
        found = int(match[1])
    elif len(text) < _CUT_AT and _GROUPS.fullmatch(text):
        found = sum(int(group.rpartition(":")[2]) for group in text.removesuffix(";").split(";"))
    else:
        return None
    return found if found <= _LARGEST else None
