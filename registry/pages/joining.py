"""Whether somebody can join, in few words, and if not, why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from events.schemas.behind import JAPAN, country_of
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from projections.trial import joining
from projections.trial.courses import Joining, WhyNot, on
from projections.trial.document import Document
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
    {
        WhyNot.NO_SITE_OPEN,
        WhyNot.TRIAL,
        WhyNot.LEFT,
        WhyNot.SAME_SITE,
        WhyNot.PAST_COMPLETION,
        WhyNot.NOT_CONFIRMED,
        WhyNot.PROGRAMME_ENDED,
        WhyNot.HALTED,
        WhyNot.NOT_REOPENED,
        WhyNot.REGION_NOT_PERMITTED,
        WhyNot.REGION_BLOCKED,
        WhyNot.FILING_NOT_PUBLISHED,
        WhyNot.SITE_ACT_MISSING,
    }
)
"""Reasons that no status expresses, and that have words of their own."""


@dataclass(frozen=True, slots=True)
class Badge:
    """A status in few words; the tone gives its colour, which adds nothing to the words."""

    words: str
    tone: str


def headline(words: Words, status: Mapping[str, Any], answer: Joining) -> Badge:
    """A trial in one sentence: its authorisation if that is the obstacle, else whether somebody can join."""
    return _badge(words, "headline_", status, answer)


def badge_of_part(words: Words, status: Mapping[str, Any], answer: Joining) -> Badge:
    """The status that a patient may rely on at a site, or in a country: none recruits unless the trial may, too."""
    return _badge(words, "", status, answer)


def reported_at(words: Words, site: Mapping[str, Any]) -> Badge:
    """A site's last report, whatever follows from other events."""
    return badge_of_part(words, site, Joining(RecruitmentStatus(site["recruitment"])))


def _badge(words: Words, kind: str, status: Mapping[str, Any], answer: Joining) -> Badge:
    """`kind`: the beginning of the names of the catalogue's sections for the two axes."""
    if status["authorisation"] != AuthorisationStatus.PUBLISHED and answer.why_not is not WhyNot.LEFT:
        return Badge(words.say(f"{kind}authorisation.{status['authorisation']}"), "over")
    if answer.why_not in FOLLOWING:
        since = words.date(answer.since) if answer.since else ""
        by = words.say(f"halt_actor.{answer.by}") if answer.by else ""
        # In a trial that may recruit again, a site counts as paused, whatever the trial's own word is.
        tone = "paused" if answer.why_not is WhyNot.TRIAL else TONES[answer.recruitment]
        return Badge(words.say(f"joining.{answer.why_not}", since=since, by=by), tone)
    return Badge(words.say(f"{kind}recruitment.{answer.recruitment}"), TONES[answer.recruitment])


def of_trial(document: Document, day: date) -> Joining:
    """The answer of a day for a trial; the document has all of its sites."""
    return on(joining.of_trial(document), day)


def of_region(document: Document, region: str, day: date) -> Joining:
    """The answer of a day for a country of the document."""
    return on(joining.of_region(document, region), day)


def in_japan(document: Document, day: date) -> Joining | None:
    """The answer of a day for Japan; None if the trial is nowhere else, because the trial's answer is then Japan's."""
    countries = {*document["registration"].get("countries", ()), *map(country_of, document["sites"].values())}
    elsewhere = countries - {JAPAN}
    return on(joining.in_country(document, JAPAN), day) if elsewhere else None


def of_site(document: Document, site: Document, day: date) -> Joining:
    """The answer of a day for a site of the document."""
    return on(joining.of_site(document, site), day)
