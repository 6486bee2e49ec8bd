"""Whether somebody can join, beside the statuses of trial and sites: the answer's model, and a document with it."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from events.schemas.halts import HaltActor
from events.schemas.status import RecruitmentStatus
from events.schemas.values import PartialDate, Value
from projections.trial import joining
from projections.trial.courses import WhyNot, on
from projections.trial.document import Document


class JoiningAnswer(Value):
    """Whether somebody can join on the day of the answer: today, or the day of the moment asked for.

    It follows from authorisation, recruitment, sites, completion and the day of the last confirmation. What trial and
    sites say themselves stands beside it.
    """

    possible: bool
    """Whether anybody whom the criteria fit can join."""
    recruitment: RecruitmentStatus
    """The recruitment status that can be relied on; `unknown` if the stated one is too old or the completion passed."""
    why_not: WhyNot | None = None
    """Given where it is not possible.

    As stated: `not_authorised` (yet), `refused`, `suspended_by_authority`, `revoked`, `expired`, `withdrawn`,
    `discontinued`, `ended`; `not_yet`, `by_invitation`, `paused`, `closed`, `completed`, `unknown`. As follows:
    `no_site_open`; `programme_ended`; `halted` and, once the halt is lifted, `not_reopened`; `region_not_permitted`,
    `region_blocked` and `filing_not_published`; `past_completion` and `not_confirmed`, each since a date; of a site:
    `site_act_missing`, `trial` (the trial as a whole does not recruit), `left`, and `same_site` (it is another site,
    too).
    """
    since: PartialDate | None = None
    """The completion that has passed, the last confirmation, or when the site left. Of `halted`, the day from which the
    first halt holds; of `not_reopened`, the day of the last lift; of a region, from when it stands so."""
    by: HaltActor | None = None
    """Whose halt it is."""
    until: Annotated[str, Field(json_schema_extra={"format": "date"})] | None = None
    """The first day on which the answer changes, unless something new is reported before."""


def with_answers(document: Document, sites: Iterable[Document], day: date) -> Document:
    """The document with the answers of a day for the trial, its countries, its parts by country and its sites.

    The given document has all of its sites, on which the trial's answer depends; the result has only these.
    """
    listed = {site["site"]: site for site in sites_with_answers(document, sites, day)}
    regions = {
        code: {**status, "joining": on(joining.of_region(document, code), day).to_json()}
        for code, status in document.get("regions", {}).items()
    }
    countries = joining.by_country(document)
    several = {code: on(course, day).to_json() for code, course in countries.items()} if len(countries) > 1 else {}
    answers = {
        "joining": of_trial(document, day),
        "sites": listed,
        **({"joining_in": several} if several else {}),
        **({"regions": regions} if regions else {}),
    }
    return {**document, **answers}


def of_trial(document: Document, day: date) -> dict[str, Any]:
    """The trial's answer. The document has all of its sites."""
    return on(joining.of_trial(document), day).to_json()


def sites_with_answers(document: Document, sites: Iterable[Document], day: date) -> list[Document]:
    """These sites of the document, each with its answer."""
    return [{**site, "joining": answer.to_json()} for site, answer in joining.at_sites(document, sites, day)]
