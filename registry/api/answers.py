"""Models of successful answers, and the responses that carry them."""

from functools import cache
from typing import Annotated, Any, Literal, TypeAlias

from aiohttp import web
from pydantic import Field, create_model

from events.canonical import to_json
from events.schemas.registration import Phase, StudyType
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.trial import Home, Place
from events.schemas.values import Identifier, Line, PartialDate, StatedDate, Text, Value
from events.schemas.zones import ZoneName
from projections.catalogue import PROGRAM
from registry.api.answer_fields import At, Link, Moment, Version
from registry.api.gate_answers import GateAnswer, MilestoneAnswer, SiteHaltAnswer
from registry.api.in_clear import PublicContact, PublicPerson, PublicRegistration, PublicStatus, TakenBack
from registry.api.joining import JoiningAnswer
from registry.api.source_answers import AtHome, SourceAnswer
from registry.domain.trial.aggregate import AGGREGATE as TRIAL

Id: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "uuid"})]


class Receipt(Value):
    """That a command is recorded, for ever. A repeat of the command gets the very same receipt."""

    key: Id
    trial: Id
    site: Identifier | None = None
    version: Version
    """The trial's version that the command made."""
    position: At
    """Send it as Registry-Wait-For, and a read waits until it includes the command."""
    recorded: Moment
    event: Annotated[str, Field(examples=["trial.site-opened.v1"])]
    number: Line | None = None
    """The registration number that the command allocated."""
    links: dict[str, Link]


@cache
def receipt_of(category: str) -> type[Value]:
    """The model of the receipt of a command on an aggregate of this category, which it names by its id."""
    if category == TRIAL.category:
        return Receipt
    same = {name: Receipt.model_fields[name] for name in ("key", "position", "recorded", "links")}
    fields: dict[str, Any] = {name: (one.annotation, one) for name, one in same.items()}
    fields |= {category: (Id, ...), "version": (Version, ...), "event": (str, ...)}
    return create_model(f"{category.capitalize()}Receipt", __base__=Value, __doc__=Receipt.__doc__, **fields)


class Fault(Value):
    """One fault: the rule it breaks, and where, as a JSON Pointer (RFC 6901) into the body.

    What is no part of the body is named as it is: a query parameter as `as_of`, a header as `If-Match`.
    """

    rule: str
    message: str
    field: str


class Problem(Value):
    """A refusal (RFC 9457). Every fault found is listed, not the first."""

    type: Annotated[str, Field(examples=["/problems/rejected"])]
    title: str
    status: int
    instance: Annotated[str, Field(description="The request, as the registry's log names it.")]
    detail: str | None = None
    faults: tuple[Fault, ...] | None = None
    retry_after: Annotated[int, Field(description="Seconds.")] | None = None
    read_to: dict[str, int] | None = None
    key: Annotated[str, Field(description="The command's, where its outcome is not known.")] | None = None
    links: dict[str, Link] | None = None


class RegionAnswer(PublicStatus):
    """The status of a trial in a country, by its row in the register."""

    joining: JoiningAnswer


class Dated(Value):
    """The day something was reported for, and when that was recorded."""

    on: PartialDate
    recorded: Moment


class Reported(Value):
    """The day that a report was for, and when it was recorded; empty where there is none."""

    on: PartialDate | None = None
    recorded: Moment | None = None


class SiteAnswer(Value):
    """A site as it is now. Statuses are as reported; `joining` says whether somebody can join."""

    site: Identifier
    name: Text
    organisation: Identifier | None = None
    zone: ZoneName | None = None
    place: Place | None = None
    contacts: tuple[PublicContact, ...] | None = None
    authorisation: AuthorisationStatus
    recruitment: RecruitmentStatus
    enrolled: int | None = None
    same_as: Identifier | None = None
    """The id of the site that this one is the same as."""
    why: Text | TakenBack | None = None
    changed: Dated | None = None
    """The last report on recruitment, or the last decision on whether the site may recruit."""
    reported: Reported | None = None
    """If `changed` is a decision: the site's own last report before it; empty if there was none."""
    verified: Dated | None = None
    milestones: dict[str, MilestoneAnswer] | None = None
    """Steps of its start, by the versions of the events that state them."""
    halts: dict[str, SiteHaltAnswer] | None = None
    """Halts of this site alone, by their items; those of its region and of its programme are in the trial's `gates`."""
    opened: dict[str, PartialDate] | None = None
    """Days on which it opened, by versions, since a halt may have had to be followed by that."""
    joining: JoiningAnswer


class SitesAnswer(Value):
    """The sites of a trial."""

    trial: str
    version: Version
    status: PublicStatus
    """The trial's own: a site recruits only while its trial may."""
    joining: JoiningAnswer
    sites: tuple[SiteAnswer, ...]
    next: Link | None = None


class SetAsideAnswer(Value):
    """What is recorded of a trial and can't be shown by this release."""

    views: tuple[Annotated[str, Field(json_schema_extra={"enum": [*PROGRAM.names]})], ...]
    """The views that do not show it; if it is only the search, the answer is whole."""
    since_version: Version
    events: int


class TrialAnswer(Value):
    """A trial as it stands, or stood at the moment asked for."""

    trial: str
    version: Version
    position: At
    first_recorded: Moment
    last_recorded: Moment
    """When the last event was recorded here, whatever it changed."""
    last_changed: Moment
    """When what is shown here of the trial last changed; for a partner's trial, `at_home` says when it did there."""
    at_home: AtHome | None = None
    """Of a partner's trial alone."""
    owner: Identifier | None = None
    home: Home | None = None
    adopted_from: Home | None = None
    same_as: str | None = None
    """The id of another trial here, where this record's home registry says that the record is of that trial."""
    number: Line | None = None
    registered: PartialDate | None = None
    published_recorded: Moment | None = None
    status: PublicStatus
    """As it was reported, or as the home registry says."""
    confirmed: PartialDate | None = None
    """The day on which the trial's own recruitment was last reported here, or its record last amended."""
    confirmed_before: PartialDate | None = None
    """Of a trial that came from a partner: how old its status was when the trial was registered here."""
    joining: JoiningAnswer
    joining_in: dict[str, JoiningAnswer] | None = None
    """Whether somebody can join in each country, where the trial has several: at a site there. `unknown` where nobody
    speaks of the country."""
    registration: PublicRegistration
    gates: dict[str, GateAnswer] | None = None
    """What its programme, and the regions of that, mean for its sites: by the programme's id, and the region's code."""
    opened: dict[str, PartialDate] | None = None
    """Days on which it was said to recruit as a whole, by versions, since it has gates."""
    regions: dict[str, RegionAnswer] | None = None
    """Parts by country, by ISO 3166-1 code, of a trial whose register has a row for each. The status above is theirs
    together: recruiting where any recruits."""
    sites: dict[str, SiteAnswer]
    sites_next: Link | None = None
    """Where the sites go on that are too many for one answer."""
    sources: dict[str, SourceAnswer]
    set_aside: SetAsideAnswer | None = None


class Found(Value):
    """A trial in a list: what is needed to choose it."""

    trial: str
    number: Line | None = None
    registered: PartialDate | None = None
    home: Home | None = None
    adopted_from: Home | None = None
    status: PublicStatus
    """As it was reported, or as the home registry says."""
    joining: JoiningAnswer
    at_home: AtHome | None = None
    """Of a partner's trial alone."""
    public_title: Text | None = None
    scientific_title: Text | None = None
    acronym: Line | None = None
    phase: Phase | None = None
    study_type: StudyType | None = None
    first_enrolment: StatedDate | None = None
    sponsor: Text | PublicPerson | None = None
    """The name of the organisation, or the person where it is one."""
    conditions: tuple[Text, ...]
    countries: tuple[str, ...]
    recruiting_sites: int
    """At how many sites somebody can join."""
    rank: Annotated[float, Field(description="Up to 1 how well it fits the words; 0 where none were asked.")]
    claims: Literal[True] | None = None
    """The number asked for is not its own but one of its other identifiers. The trial with that number comes first."""


class SearchAnswer(Value):
    """A page of found trials, and how many there are in all.

    The trial whose number was asked for comes first, then those that recruit; of each, those with all words in titles
    and conditions, then what fits best, then the latest changes: of a partner's trial, as its home says. `order=newest`
    asks for the latest changes first. Following `next` to its end gives each trial once, as they were for the first
    page, whatever changes meanwhile.
    """

    total: int
    trials: tuple[Found, ...]
    also: tuple[str, ...] = ()
    """What was looked for besides the words: other names of the same."""
    suggestion: str | None = None
    """Where nothing was found: words like these that find something."""
    next: Link | None = None


class IndexAnswer(Value):
    """The registry's name, where it is described, and what can be read."""

    name: str
    links: dict[str, Link]
    reads: dict[str, str]
    """Addresses by operation; replace what is in braces."""


def answer(
    content: Any, *, status: int = 200, etag: str | None = None, headers: dict[str, str] | None = None
) -> web.Response:
    """JSON in the canonical encoding, so that the same content is the same bytes; `etag` comes without its quotes."""
    marked = dict(headers or {})
    if etag is not None:
        marked["ETag"] = f'"{etag}"'
    return web.Response(status=status, body=to_json(content), content_type="application/json", headers=marked)
