"""The rules of a trial, each with a name: functions from known facts to faults."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from events.identifiers.registries import named
from events.schemas.items import lists_of
from events.schemas.parties import ContactRole
from events.schemas.registration import OutcomeRank, Registration, StudyType
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import DateKind, Value, first_day, last_day
from registry.domain.decider import Fault
from registry.domain.trial.state import SiteState, Trial

Stored: TypeAlias = Mapping[str, Any]
"""A registration, or a part of one, as events have it: it was validated when it came in, and is not made objects again
for every amendment."""

UNPUBLISHED: Final = frozenset(
    {
        AuthorisationStatus.DRAFT,
        AuthorisationStatus.UNDER_REVIEW,
        AuthorisationStatus.OPINION_FAVOURABLE,
        AuthorisationStatus.FILED,
    }
)
OVER: Final = frozenset({AuthorisationStatus.ENDED, AuthorisationStatus.WITHDRAWN, AuthorisationStatus.DISCONTINUED})
BY_AUTHORITY: Final = frozenset(AuthorisationStatus) - OVER - {AuthorisationStatus.DRAFT}
"""The statuses that an authority or the registry may set; the others follow from the sponsor's own commands."""
ENROLLING: Final = frozenset({RecruitmentStatus.RECRUITING, RecruitmentStatus.BY_INVITATION})
STOPPED: Final = frozenset({RecruitmentStatus.PAUSED, RecruitmentStatus.CLOSED, RecruitmentStatus.COMPLETED})
MOVES: Final[Mapping[RecruitmentStatus, frozenset[RecruitmentStatus]]] = {
    RecruitmentStatus.NOT_YET: ENROLLING | {RecruitmentStatus.CLOSED},
    RecruitmentStatus.RECRUITING: frozenset(
        {RecruitmentStatus.BY_INVITATION, RecruitmentStatus.PAUSED, RecruitmentStatus.CLOSED}
    ),
    RecruitmentStatus.BY_INVITATION: frozenset(
        {RecruitmentStatus.RECRUITING, RecruitmentStatus.PAUSED, RecruitmentStatus.CLOSED}
    ),
    RecruitmentStatus.PAUSED: ENROLLING | {RecruitmentStatus.CLOSED},
    RecruitmentStatus.CLOSED: ENROLLING,
    RecruitmentStatus.UNKNOWN: ENROLLING | {RecruitmentStatus.PAUSED, RecruitmentStatus.CLOSED},
    RecruitmentStatus.COMPLETED: frozenset(),
}
"""How recruitment may move, of a trial and of a site. `completed` comes with the trial's completion alone."""

REQUIRED: Final[Mapping[str, str]] = {
    "public_title": "TRDS item 9",
    "scientific_title": "TRDS item 10",
    "funders": "TRDS item 4",
    "primary_sponsor": "TRDS item 5",
    "countries": "TRDS item 11",
    "conditions": "TRDS item 12",
    "study_type": "TRDS item 15",
    "first_enrolment": "TRDS item 16",
    "planned_size": "TRDS item 17",
    "ethics_reviews": "TRDS item 21",
    "completion": "TRDS item 22",
    "data_sharing": "TRDS item 24",
    "research_aim": "2019 report, L33",
    "legal_regime": "2019 report, L15",
}
"""Fields without which nothing is published, and why. An empty list counts as missing here."""
IN_ORDER: Final = (
    ("first_enrolment", "primary_completion"),
    ("first_enrolment", "completion"),
    ("primary_completion", "completion"),
)
"""Dates of a registration of which the later does not lie before the earlier. TRDS items 16 and 22."""
BOTH_LANGUAGES: Final = {"ja": "", "en": ""}
NAMED: Final = 100
"""Characters of a name that a refusal repeats."""


def ours(trial: Trial) -> Iterator[Fault]:
    """A partner's registration changes at its home, until it is adopted."""
    if trial.home is not None:
        home = f"{named(trial.home.registry)} {trial.home.number}"
        yield Fault("home-elsewhere", f"this registration is kept by {home}; change it there, or adopt it first")


def authorised(trial: Trial) -> Iterator[Fault]:
    """An act in a trial needs a published registration (jRCT: start only after publication)."""
    if trial.authorisation is not AuthorisationStatus.PUBLISHED:
        yield Fault("not-authorised", f"the trial is {trial.authorisation}; it must be published")


def not_over(trial: Trial) -> Iterator[Fault]:
    """An ended trial takes corrections and results, and nothing else."""
    if trial.authorisation in OVER:
        yield Fault("trial-over", f"the trial is {trial.authorisation}; correct what is wrong, or post results")


def movable(was: RecruitmentStatus, to: RecruitmentStatus, field: str = "") -> Iterator[Fault]:
    """Recruitment moves only as MOVES says."""
    if to not in MOVES[was]:
        allowed = ", ".join(sorted(MOVES[was])) or "nothing"
        yield Fault("recruitment-move", f"recruitment is {was} and can become: {allowed}; not {to}", field)


def decidable(was: AuthorisationStatus, to: AuthorisationStatus) -> Iterator[Fault]:
    """The decisions that an authority may make; publication in this way only lifts a suspension."""
    if was == to:
        yield Fault("no-change", f"the status is {was} already", "/to")
    elif to not in BY_AUTHORITY:
        yield Fault("authorisation-move", f"{to} is not an authority's to decide", "/to")
    elif was in OVER:
        yield Fault("authorisation-move", f"the status is {was} and stays so", "/to")


def site_there(trial: Trial, name: str) -> Iterator[Fault]:
    """The site belongs to the trial and has not left."""
    site = trial.sites.get(name)
    if site is None:
        yield Fault("site-unknown", f"the trial has no site {name}", "/site")
    elif site.has_left:
        yield Fault("site-left", f"site {name} has left the trial", "/site")
    elif site.same_as is not None:
        yield Fault("site-same", f"site {name} is site {site.same_as}; say it of that one", "/site")


def identifiable(trial: Trial, name: str, same_as: str | None) -> Iterator[Fault]:
    """Two ids of one site: one of them stands for the other, and none for itself or for one that stands for a third."""
    site, other = trial.sites.get(name), None if same_as is None else trial.sites.get(same_as)
    if site is None:
        yield Fault("site-unknown", f"the trial has no site {name}", "/site")
        return
    if site.same_as == same_as:
        identity = f"site {name} is a site of its own" if same_as is None else f"site {name} is site {same_as}"
        yield Fault("no-change", f"{identity} already", "/same_as")
    if same_as is not None and other is None:
        yield Fault("site-unknown", f"the trial has no site {same_as}", "/same_as")
    if same_as == name:
        yield Fault("site-same", "a site can't be another name of itself", "/same_as")
    elif other is not None and other.same_as is not None:
        yield Fault("site-same", f"site {same_as} is site {other.same_as}; name that one", "/same_as")
    elif same_as is not None and any(known.same_as == name for known in trial.sites.values()):
        yield Fault("site-same", f"other sites are said to be site {name}; say it of them first", "/site")


def site_may_open(trial: Trial, site: SiteState) -> Iterator[Fault]:
    """A site starts only when its own filing is published and the trial as a whole still recruits."""
    if site.authorisation is not AuthorisationStatus.PUBLISHED:
        yield Fault("site-not-authorised", f"the site is {site.authorisation}; its filing must be published")
    if trial.recruitment in STOPPED:
        yield Fault("trial-stopped", f"the trial's recruitment is {trial.recruitment}; the trial has to go on first")


def enrolled_nobody(trial: Trial) -> Iterator[Fault]:
    """Withdrawn means before the first participant; after that a trial is discontinued."""
    if trial.registration.get("first_enrolment", {}).get("kind") == "actual":
        yield Fault("has-participants", "a first participant is recorded; discontinue the trial instead")
    for name, site in trial.sites.items():
        if site.enrolled:
            yield Fault("has-participants", f"site {name} has enrolled {site.enrolled}; discontinue the trial instead")


def all_sites_closed(trial: Trial) -> Iterator[Fault]:
    """No patient may be sent to a site of a trial that is over."""
    for name, site in trial.sites.items():
        if site.recruitment in ENROLLING and site.same_as is None:
            yield Fault("site-recruiting", f"site {name} is {site.recruitment}; close it first", f"/sites/{name}")


def complete(registration: Stored) -> Iterator[Fault]:
    """Faults of an incomplete registration. WHO TRDS 1.3.1; titles in both languages for readers here and abroad."""
    for field, source in REQUIRED.items():
        if registration.get(field) in (None, []):
            yield Fault("incomplete", f"{field} is missing ({source})", f"/registration/{field}")
    yield from _bilingual(registration)
    yield from _contacts(registration)
    if not {"inclusion", "sex"} <= registration.get("eligibility", {}).keys():
        yield Fault("incomplete", "give inclusion criteria and sex (TRDS item 14)", "/registration/eligibility")
    if not any(outcome["rank"] == OutcomeRank.PRIMARY for outcome in registration.get("outcomes", ())):
        yield Fault("incomplete", "give a primary outcome (TRDS item 19)", "/registration/outcomes")
    if registration.get("study_type") == StudyType.INTERVENTIONAL and not registration.get("interventions"):
        yield Fault("incomplete", "give the interventions (TRDS item 13)", "/registration/interventions")


def _bilingual(registration: Stored) -> Iterator[Fault]:
    for field in ("public_title", "scientific_title"):
        if not {"ja", "en"} <= registration.get(field, BOTH_LANGUAGES).keys():
            yield Fault("one-language", f"{field} is needed in Japanese and in English", f"/registration/{field}")


def _contacts(registration: Stored) -> Iterator[Fault]:
    roles = {contact["role"] for contact in registration.get("contacts", ())}
    for role, item in ((ContactRole.PUBLIC, 7), (ContactRole.SCIENTIFIC, 8)):
        if role not in roles:
            yield Fault("incomplete", f"give a {role} contact (TRDS item {item})", "/registration/contacts")


def consistent(registration: Stored) -> Iterator[Fault]:
    """Faults of statements that can't all be true of one trial."""
    yield from _ages(registration.get("eligibility", {}))
    yield from _order_of_dates(registration)
    yield from items_once(Registration, registration, "/registration")
    yield from _arms(registration.get("arms", ()), registration.get("interventions", ()))


def items_once(model: type[Value], stored: Stored, at: str) -> Iterator[Fault]:
    """An item names one member of its list."""
    for name in lists_of(model):
        items = [item for member in stored.get(name, ()) if (item := member.get("item")) is not None]
        if len(set(items)) == len(items):
            continue
        for item, times in Counter(items).items():
            if times > 1:
                message = f"{times} members have the item {item}; leave it out where a member is new"
                yield Fault("item-twice", message, f"{at}/{name}")


def _arms(arms: Sequence[Stored], interventions: Sequence[Stored]) -> Iterator[Fault]:
    """An arm uses interventions of the trial: by their items, or by names that each are those of one."""
    if not arms:
        return
    items = {one["item"] for one in interventions if "item" in one}
    named = Counter(name for one in interventions for name in set(one["name"].values()))
    for number, arm in enumerate(arms):
        label, at = arm["label"][:NAMED], f"/registration/arms/{number}"
        for item in arm.get("uses", ()):
            if item not in items:
                yield Fault("unknown-intervention", f"arm {label!r} uses {item}, which is no item listed", f"{at}/uses")
        for name in arm.get("interventions", ()):
            shown = name[:NAMED]
            if not named[name]:
                message = f"arm {label!r} names {shown!r}, which is not listed"
                yield Fault("unknown-intervention", message, f"{at}/interventions")
            elif named[name] > 1 and "uses" not in arm:
                message = f"arm {label!r} names {shown!r}, which {named[name]} are called; say which by item, in uses"
                yield Fault("ambiguous-intervention", message, f"{at}/interventions")


def _ages(limits: Stored) -> Iterator[Fault]:
    low, high = limits.get("minimum_age"), limits.get("maximum_age")
    if not isinstance(low, Mapping) or not isinstance(high, Mapping):
        return
    if low["unit"] == high["unit"] and low["value"] > high["value"]:
        message = f"minimum age {low['value']} {low['unit']} is above maximum age {high['value']} {high['unit']}"
        yield Fault("ages-crossed", message, "/registration/eligibility/minimum_age")


def _order_of_dates(registration: Stored) -> Iterator[Fault]:
    for earlier, later in IN_ORDER:
        start, end = registration.get(earlier), registration.get(later)
        if start is not None and end is not None and last_day(end["date"]) < first_day(start["date"]):
            message = f"{_spaced(later)} {end['date']} is before {_spaced(earlier)} {start['date']}"
            yield Fault("dates-crossed", message, f"/registration/{later}", (end["date"], start["date"]))
    start, posted = registration.get("first_enrolment", {}), registration.get("results", {}).get("posted")
    if posted and start.get("kind") == DateKind.ACTUAL and last_day(posted) < first_day(start["date"]):
        message = f"results were posted {posted}, before first enrolment {start['date']}"
        yield Fault("dates-crossed", message, "/registration/results/posted", (posted, start["date"]))


def _spaced(field: str) -> str:
    return field.replace("_", " ")


def actual_stays(trial: Trial, after: Stored) -> Iterator[Fault]:
    """A milestone in the past is not planned again: the first enrolment, and the completion of a trial that is over."""
    for field in ("first_enrolment", "completion") if trial.authorisation in OVER else ("first_enrolment",):
        was, now = trial.registration.get(field, {}), after.get(field, {})
        if was.get("kind") == DateKind.ACTUAL and now.get("kind") != DateKind.ACTUAL:
            message = f"{field} {was['date']} has happened; give the right actual date"
            yield Fault("actual-stays", message, f"/registration/{field}")


def merged(stored: Stored, amendment: Value) -> dict[str, Any]:
    """A registration or a site in stored form after an amendment: a value replaces the field, null removes it."""
    fields = amendment.to_stored()
    after = {**stored, **{name: fields.get(name) for name in amendment.model_fields_set}}
    return {name: value for name, value in after.items() if value is not None}


def newly(before: Iterable[Fault], after: Iterable[Fault]) -> Iterator[Fault]:
    """The faults that a change brings; earlier faults, as in an adopted registration, do not count.

    If nothing is wrong after the change, the state before is not examined.
    """
    if found := list(after):
        known = {(fault.rule, fault.field) for fault in before}
        yield from (fault for fault in found if (fault.rule, fault.field) not in known)


def ends_after_start(trial: Trial, on: str) -> Iterator[Fault]:
    """A trial that enrolled nobody yet does not complete."""
    start = trial.registration.get("first_enrolment")
    if start is not None and last_day(on) < first_day(start["date"]):
        message = f"first enrolment is {start['date']}; record the first participant, or withdraw the trial"
        yield Fault("dates-crossed", message, "/on", (on, start["date"]))
    primary = trial.registration.get("primary_completion", {})
    if primary.get("kind") == DateKind.ACTUAL and last_day(on) < first_day(primary["date"]):
        message = f"primary completion was {primary['date']}; give the right day, or amend the primary completion"
        yield Fault("dates-crossed", message, "/on", (on, primary["date"]))
