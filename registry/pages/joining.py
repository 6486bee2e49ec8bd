"""Whether somebody can join, in few words, and if not, why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from projections import joining
from projections.courses import Joining, WhyNot, on
from projections.document import Document
from registry.pages.words import Words

TONES: Final[Mapping[str, str]] = {
    RecruitmentStatus.RECRUITING: "open",
    RecruitmentStatus.BY_INVITATION: "open",
    RecruitmentStatus.NOT_YET: "waiting",
    RecruitmentStatus.PAUSED: "paused",
    RecruitmentStatus.CLOSED: "over",
    RecruitmentStatus.COMPLETED: "over",
    RecruitmentStatus.UNKNOWN: "unknown",
}
FOLLOWING: Final = frozenset(
    {WhyNot.NO_SITE_OPEN, WhyNot.TRIAL, WhyNot.LEFT, WhyNot.SAME_SITE, WhyNot.PAST_COMPLETION, WhyNot.NOT_CONFIRMED}
)
"""Reasons that no status says, and that have words of their own."""


@dataclass(frozen=True, slots=True)
class Badge:
    """A status in few words; the tone gives its colour, which never says more than the words."""

    words: str
    tone: str


def headline(words: Words, status: Mapping[str, Any], answer: Joining) -> Badge:
    """Of a trial, in one sentence: its authorisation where that stands in the way, else whether somebody can join."""
    if status["authorisation"] != AuthorisationStatus.PUBLISHED:
        return Badge(words.say(f"headline_authorisation.{status['authorisation']}"), "over")
    return _badge(words, "headline_recruitment", answer)


def badge_of_site(words: Words, site: Mapping[str, Any], answer: Joining) -> Badge:
    """What a patient may rely on at a site: it recruits only while it and its trial may, and somebody has said so."""
    if site["authorisation"] != AuthorisationStatus.PUBLISHED and answer.why_not is not WhyNot.LEFT:
        return Badge(words.say(f"authorisation.{site['authorisation']}"), "over")
    return _badge(words, "recruitment", answer)


def badge_of_region(words: Words, document: Document, region: str, day: date) -> Badge:
    """Of a country, in whose row a register says what holds there."""
    status = document["regions"][region]
    if status["authorisation"] != AuthorisationStatus.PUBLISHED:
        return Badge(words.say(f"authorisation.{status['authorisation']}"), "over")
    return _badge(words, "recruitment", on(joining.of_region(document, region), day))


def reported_at(words: Words, site: Mapping[str, Any]) -> Badge:
    """What a site last reported, whatever follows from other things."""
    return badge_of_site(words, site, Joining(RecruitmentStatus(site["recruitment"])))


def _badge(words: Words, section: str, answer: Joining) -> Badge:
    if answer.why_not in FOLLOWING:
        since = words.date(answer.since) if answer.since else ""
        # Under a trial that may recruit again, a site has paused, whatever the trial's own word is.
        tone = "paused" if answer.why_not is WhyNot.TRIAL else TONES[answer.recruitment]
        return Badge(words.say(f"joining.{answer.why_not}", since=since), tone)
    return Badge(words.say(f"{section}.{answer.recruitment}"), TONES[answer.recruitment])


def of_trial(document: Document, day: date) -> Joining:
    """The answer of a day for a trial; the document has all of its sites."""
    return on(joining.of_trial(document), day)


def of_site(document: Document, site: Document, day: date) -> Joining:
    """The answer of a day for a site of the document."""
    return on(joining.of_site(document, site), day)
