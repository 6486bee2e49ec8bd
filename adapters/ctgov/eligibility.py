"""Eligibility criteria, from an eligibility module. TRDS item 14."""

import re
from typing import Literal

from adapters.ctgov import codes, markup
from adapters.cursor import Cursor
from events.schemas.eligibility import Age, AgeLimit, Eligibility
from events.schemas.values import Text
from events.schemas.wording import blank, cleaned

_AGE = re.compile(r"(\d{1,5}) (Years?|Months?|Weeks?|Days?|Hours?|Minutes?)")
_HEADING = re.compile(r"[ \t*#_]*((?:key |main )?)(in|ex)clusion(?: criteria)?[ \t]*:?[ \t*_]*", re.IGNORECASE)
_MENTION = re.compile(r"\b(in|ex)clusion\b.*:[ \t*_]*\Z", re.IGNORECASE)


def eligibility(module: Cursor) -> Eligibility:
    """The module as eligibility criteria; all its fields may be absent."""
    inclusion, exclusion, criteria = split(markup.prose(module.at("eligibilityCriteria")))
    return Eligibility(
        inclusion=Text(en=cleaned(inclusion)) if inclusion else None,
        exclusion=Text(en=cleaned(exclusion)) if exclusion else None,
        criteria=Text(en=criteria) if criteria else None,
        minimum_age=_age(module, "minimumAge", "CHILD"),
        maximum_age=_age(module, "maximumAge", "OLDER_ADULT"),
        sex=module.at("sex").word(codes.SEX),
        gender_description=markup.english(module.at("genderDescription")),
        healthy_volunteers=module.at("healthyVolunteers").flag(),
        population=markup.english(module.at("studyPopulation")),
        sampling=module.at("samplingMethod").word(codes.SAMPLING),
    )


def split(text: str | None) -> tuple[str | None, str | None, str | None]:
    """(inclusion, exclusion, whole). Split only if one plain heading of each begins a separate part.

    Whole is None if the two parts contain everything: a heading with more than its plain words is kept in it.
    """
    lines = (text or "").splitlines()
    headings = [(number, match) for number, line in enumerate(lines) if (match := _HEADING.fullmatch(line))]
    if [match[2].lower() for _, match in headings] != ["in", "ex"] or headings[0][0] != 0:
        return None, None, text
    middle = headings[1][0]
    inclusion, exclusion = lines[1:middle], lines[middle + 1 :]
    parts = "\n".join(inclusion).strip("\n"), "\n".join(exclusion).strip("\n")
    if _mention("ex", inclusion) or _mention("in", exclusion) or any(map(blank, parts)):
        return None, None, text
    return *parts, text if any(match[1] for _, match in headings) else None


def _mention(kind: Literal["in", "ex"], lines: list[str]) -> bool:
    """Whether a line looks like a heading of the other part: `Specific exclusion criteria for adults:`."""
    return any(match[1].lower() == kind for line in lines if (match := _MENTION.search(line)))


def _age(module: Cursor, key: str, group: str) -> AgeLimit | None:
    """A limit; if there is none, the one that follows from the age groups.

    The API leaves out the `N/A (No Limit)` of the data entry system, and it derives `stdAges` from the limits: an
    absent minimum with children among the groups, or an absent maximum with older adults, states that there is no
    limit. Without that statement the limit is unknown.
    """
    stated = module.at(key).text()
    if stated is not None:
        age = _AGE.fullmatch(stated)
        if age is None:
            module.at(key).give_back("no age with a unit known here")
            return None
        return Age(value=int(age[1]), unit=codes.AGE_UNIT[age[2]], inclusive=True)
    for item in module.each("stdAges"):
        if item.peek() == group:
            item.keep()
            return "unlimited"
    return None
