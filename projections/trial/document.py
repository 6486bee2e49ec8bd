"""The document of a trial as readers see it, and the fold that makes it of the trial's events.

Documents are plain JSON objects: an absent key means unknown. Events are folded here as stored. An event that the
decisions could not read, as one with a field that a later program gave it, is refused here too: nobody is shown half.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias

from events import changes
from events.catalogue import payload_of, upcast
from events.event import Event
from events.schemas.items import with_old_number
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.trial import source_key
from events.schemas.values import DateKind, first_day, last_day
from events.schemas.zones import day_in
from events.streams import Stream
from projections.base import view
from projections.trial.coordination import BESIDE, GATES, gate_after, opened, opened_right, site_after
from projections.trial.courses import ENROLLING
from projections.trial.freshness import counted_until_here
from projections.trial.regions import regions_of, row_of

Document: TypeAlias = view.Document

STREAM: Final = "trial/"
ENDED: Final = AuthorisationStatus.ENDED.value
CONTENT: Final = ("owner", "home", "number", "registration", "status", "sites", "gates")
"""The parts of a trial that readers see: where none of them changes, as by another registry's record, it does not."""
WHOLE: Final = ("home", "registration", "status", "sites")
"""The parts of a partner's registration; the changes of an import point into them."""
SITE_RECRUITMENT: Final = {
    "trial.site-opened.v1": RecruitmentStatus.RECRUITING.value,
    "trial.site-paused.v1": RecruitmentStatus.PAUSED.value,
    "trial.site-closed.v1": RecruitmentStatus.CLOSED.value,
    "trial.site-left.v1": RecruitmentStatus.CLOSED.value,
}
AXES: Final = {"trial.authorisation-changed.v1": "authorisation", "trial.recruitment-changed.v1": "recruitment"}


class UnknownEvent(ValueError):
    """The fold does not know this type of event, or there is no trial that it could happen to."""


def stream_of(trial: str) -> Stream:
    """The stream of a trial's events."""
    return Stream.of("trial", trial)


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def evolve(document: Document | None, event: Event) -> Document:
    """The trial's document after the event; the one before is left as it was.

    Raises UnknownEvent, and what `events.catalogue.payload_of` raises.
    """
    record = upcast(event.record)
    payload_of(record)
    if record is not event.record:
        event = replace(event, record=record)
    recorded = timestamp(event.recorded)
    if document is None:
        content = _first(event, recorded)
    elif event.record.type in GATES:
        content = gate_after(document, event)
    elif event.record.type.startswith("trial.site-") or event.record.type == "trial.enrolment-reported.v1":
        content = _site_changed(document, event, recorded)
    elif event.record.type.startswith("trial.take-back-"):
        content = _withheld(document, event)
    else:
        content = _after(document, event, recorded)
    if document is None or any(content.get(name) is not document.get(name) for name in CONTENT):
        content = {**content, "last_changed": recorded}
    return {**content, "version": event.version, "position": str(event.position), "last_recorded": recorded}


def is_public(document: Document) -> bool:
    """Published here, or a partner's; a draft is seen by its owner, the registry and regulators only."""
    return "number" in document or "home" in document


def without_draft_times(document: Document) -> Document:
    """The document for those who may not read drafts: data from before publication has the time of publication.

    A partner's trial was public before it came, so its times stay.
    """
    published = document.get("published_recorded")
    if published is None or document["sources"]:
        return document
    sites = {name: _at_least(site, published) for name, site in document["sites"].items()}
    return {**document, "first_recorded": max(document["first_recorded"], published), "sites": sites}


def _at_least(site: Document, moment: str) -> Document:
    """The site with no report recorded before the moment; RFC 3339 in UTC sorts by time."""
    reports = {name: site[name] for name in ("changed", "reported", "verified") if site.get(name)}
    return site | {name: {**report, "recorded": max(report["recorded"], moment)} for name, report in reports.items()}


def _first(event: Event, recorded: str) -> Document:
    data = event.record.data
    match event.record.type:
        case "trial.registered.v1":
            content = {
                "owner": data["owner"],
                "status": {
                    "authorisation": AuthorisationStatus.DRAFT.value,
                    "recruitment": RecruitmentStatus.NOT_YET.value,
                },
                "registration": data["registration"],
                "sites": {},
                "sources": {},
            }
        case "trial.imported.v1":
            whole = {name: data[name] for name in WHOLE} | {"sites": {site["site"]: site for site in data["sites"]}}
            content = _as_partner_says(whole, {}) | _sources({}, event, recorded)
        case unknown:
            raise UnknownEvent(f"{unknown} at {event.position} begins no trial")
    return {"trial": Stream(event.record.subject).id, "first_recorded": recorded, **content}


def _after(document: Document, event: Event, recorded: str) -> Document:
    data = event.record.data
    match event.record.type:
        case (
            "trial.import-changed.v1" | "trial.source-added.v1" | "trial.older-version-kept.v1" | "trial.identified.v1"
        ):
            return _from_partner(document, event, recorded)
        case "trial.adopted.v1" | "trial.restored.v1":
            return _made_ours(document, event)
        case "trial.published.v1":
            return _made_public(document, event)
        case "trial.amended.v1" | "trial.corrected.v1":
            amended = {**document, "registration": changes.apply(document["registration"], _new(data["changes"]))}
            return _confirmed(amended, day_in(None, event.recorded).isoformat())
        case "trial.owner-changed.v1":
            return {**document, "owner": data["now"]}
        case "trial.event-corrected.v1":
            return _corrected(document, data, recorded)
        case "trial.authorisation-changed.v1" | "trial.recruitment-changed.v1" as moved:
            changed = _status(document, **{AXES[moved]: data["now"]})
            return _recruits(_confirmed(changed, data["on"]), event) if AXES[moved] == "recruitment" else changed
        case "trial.first-participant-recorded.v1" | "trial.results-posted.v1":
            return _put(document, **_stated(event))
        case "trial.completed.v1" | "trial.discontinued.v1" | "trial.withdrawn.v1":
            return _ended(document, event)
        case unknown:
            raise UnknownEvent(f"{unknown} at {event.position} can't happen to a trial")


def _recruits(document: Document, event: Event) -> Document:
    enrolls = event.record.data["now"] in ENROLLING
    return opened(document, event, gated="gates" in document) if enrolls else document


def _new(differences: Iterable[Document]) -> Iterator[tuple[str, Any]]:
    """Pointers and new values of an event's changes; one that removes a value says no new one."""
    return ((change["field"], change.get("new")) for change in differences)


def _corrected(document: Document, data: Document, recorded: str) -> Document:
    """A corrected value is shown as recorded now: the registry has known it since now."""
    before = {name: document[name] for name in ("registration", "status", "sites")}
    after = changes.apply(before, _new(data["effects"]))
    sites = {
        name: _known_since(site, document["sites"].get(name, {}), recorded) for name, site in after["sites"].items()
    }
    if (name := data.get("site")) in sites:
        sites[name] = opened_right(_reported_right(sites[name], data), data)
        return {**document, **after, "sites": sites}
    return opened_right({**document, **after, "sites": sites}, data)


def _confirmed(document: Document, on: str) -> Document:
    """A report on a published trial of ours, or a change of its record, shows that the trial goes on."""
    if "home" in document or "number" not in document:
        return document
    return {**document, "confirmed": max(on, document.get("confirmed", on), key=_surely)}


def _surely(on: str) -> tuple[date, date]:
    """Orders partial dates by the first day that they can mean: `2026` is surely no later than 2026-08-01."""
    return first_day(on), last_day(on)


def _withheld(document: Document, event: Event) -> Document:
    """Texts that a site asked the office to take back, by id; declined ones are readable again."""
    data, before = event.record.data, document.get("withheld", {})
    match event.record.type:
        case "trial.take-back-asked.v1":
            after = before | {text: {"site": data["site"], "of": data["of"]} for text in data["texts"]}
        case "trial.take-back-declined.v1":
            after = {text: request for text, request in before.items() if text not in data["texts"]}
        case unknown:
            raise UnknownEvent(f"{unknown} at {event.position} can't happen to a trial")
    others = {name: value for name, value in document.items() if name != "withheld"}
    return {**others, "withheld": after} if after else others


def withheld_in(document: Document) -> frozenset[str]:
    """Ids of the texts that a site asked the office to take back, while it has not declined."""
    return frozenset(document.get("withheld", ()))


def _known_since(site: Document, before: Document, recorded: str) -> Document:
    dated = {
        name: site[name] for name in ("changed", "verified") if name in site and site[name] is not before.get(name)
    }
    return {**site, **{name: {**one, "recorded": recorded} for name, one in dated.items()}} if dated else site


def _reported_right(site: Document, correction: Document) -> Document:
    """A site's last report before a decision about it, once either is corrected."""
    if "reported" not in site:
        return site
    known, of_report = site["reported"].get("on"), correction["event"] in SITE_RECRUITMENT
    if site.get("changed", {}).get("on") == known:
        return {name: value for name, value in site.items() if name != "reported"}
    if of_report and "void" in correction:
        return {**site, "reported": {}}
    days = {one.get("old"): one["new"] for one in correction.get("changes", ()) if one["field"] == "/on"}
    if of_report and known in days:
        return {**site, "reported": {**site["reported"], "on": days[known]}}
    return site


def _made_ours(document: Document, event: Event) -> Document:
    data = event.record.data
    theirs = ("home", "regions")
    ours = {name: value for name, value in document.items() if name not in theirs} | {"owner": data["owner"]}
    if counted := counted_until_here(document):
        ours["confirmed_before"] = counted
    if "was" not in data:
        return {**ours, **_numbered(event)}
    registration = with_old_number(document["registration"], data["was"])
    return {**ours, "adopted_from": data["was"], "registration": registration, **_numbered(event)}


def _made_public(document: Document, event: Event) -> Document:
    """Publication publishes the sites that are filed."""
    numbered = _numbered(event)
    published = {**document, **numbered, "confirmed": numbered["registered"], "sites": _published(document["sites"])}
    return _status(published, authorisation=AuthorisationStatus.PUBLISHED.value)


def _as_partner_says(whole: Document, before: Document) -> Document:
    """The authorisation that a partner states for the trial holds for its sites, save those that left.

    `before`: the sites as they were. Two that were said to be one stay so, where both are still there.
    """
    authorisation = whole["status"]["authorisation"]
    same = {name: site["same_as"] for name, site in before.items() if site.get("same_as") in whole["sites"]}
    sites = {
        name: _same_as({**site, "authorisation": ENDED if "left" in site else authorisation}, same.get(name))
        for name, site in whole["sites"].items()
    }
    return {**whole, "sites": sites}


def _same_as(one: Document, other: str | None) -> Document:
    """A site, or a trial, that is another one, too."""
    others = {name: value for name, value in one.items() if name != "same_as"}
    return others if other is None else {**others, "same_as": other}


def _from_partner(document: Document, event: Event, recorded: str) -> Document:
    match event.record.type:
        case "trial.older-version-kept.v1":
            return document
        case "trial.identified.v1":
            return _same_as(document, event.record.data.get("now"))
        case _:
            return _import_changed(document, event, recorded)


def _import_changed(document: Document, event: Event, recorded: str) -> Document:
    received = _sources(document["sources"], event, recorded)
    if "home" not in document:
        return {**document, "sources": received["sources"]}
    effects = event.record.data.get("effects", event.record.data.get("changes"))
    if not effects:
        return {**document, **received}
    whole = changes.apply({name: document[name] for name in WHOLE}, _new(effects))
    return {**document, **_as_partner_says(whole, document["sites"]), **received}


def _sources(sources: Document, event: Event, recorded: str) -> Document:
    """The last data of each source, and the content of those that are one country's rows."""
    data = event.record.data
    source, key = data["source"], source_key(data["source"])
    row = row_of(sources.get(key), data)
    sources = {**sources, key: {**source, "recorded": recorded, "version": event.version, **row}}
    return {"sources": sources, **({"regions": regions} if (regions := regions_of(sources)) else {})}


def _numbered(event: Event) -> Document:
    """The date of registration is the event's own (TRDS item 2): a restored log may record it at another time."""
    stated = {name: event.record.data[name] for name in ("number", "registered")}
    return {**stated, "published_recorded": timestamp(event.recorded)}


def _published(sites: Document) -> Document:
    filed, published = AuthorisationStatus.FILED.value, AuthorisationStatus.PUBLISHED.value
    return {
        name: {**site, "authorisation": published} if site["authorisation"] == filed else site
        for name, site in sites.items()
    }


def _ended(document: Document, event: Event) -> Document:
    data, closed = event.record.data, RecruitmentStatus.CLOSED.value
    moment = {"on": data["on"], "recorded": timestamp(event.recorded)}
    sites = {name: _closed(site, moment) for name, site in document["sites"].items()}
    document = {**document, "sites": sites}
    match event.record.type:
        case "trial.completed.v1":
            enrolled = {"actual_size": data["enrolled"]} if "enrolled" in data else {}
            document = _put(document, completion=_actual(data["on"]), **enrolled)
            status, closed = AuthorisationStatus.ENDED, RecruitmentStatus.COMPLETED.value
        case "trial.discontinued.v1":
            status = AuthorisationStatus.DISCONTINUED
        case _:
            status = AuthorisationStatus.WITHDRAWN
    why = {"why": data["why"]} if "why" in data else {}
    return _status(document, authorisation=status.value, recruitment=closed, **why)


def _closed(site: Document, moment: Document) -> Document:
    """A site that the end of its trial closes; why it had paused is no reason of that."""
    if site["recruitment"] == RecruitmentStatus.CLOSED.value:
        return site
    others = {name: value for name, value in site.items() if name != "why"}
    return {**others, "recruitment": RecruitmentStatus.CLOSED.value, "changed": moment}


def _site_changed(document: Document, event: Event, recorded: str) -> Document:
    """The first site that recruits makes the trial recruit. TRDS item 18."""
    begins = event.record.type == "trial.site-opened.v1"
    sites = _sites_after(document["sites"], event, recorded)
    if begins:
        name = event.record.data["site"]
        gated = "gates" in document or "halts" in sites[name]
        sites = {**sites, name: opened(sites[name], event, gated=gated)}
    document = {**document, "sites": sites}
    if begins and document["status"]["recruitment"] == RecruitmentStatus.NOT_YET.value:
        return _status(document, recruitment=RecruitmentStatus.RECRUITING.value)
    return document


def _sites_after(sites: Document, event: Event, recorded: str) -> Document:
    data = event.record.data
    if event.record.type == "trial.site-added.v1":
        status = {"authorisation": data["authorisation"], "recruitment": data["recruitment"]}
        return {**sites, data["site"]["site"]: {**data["site"], **status}}
    name = data["site"]
    match event.record.type:
        case "trial.site-amended.v1":
            return {**sites, name: changes.apply(sites[name], _new(data["changes"]))}
        case "trial.site-identified.v1":
            return {**sites, name: _same_as(sites[name], data.get("now"))}
        case kind if kind in BESIDE:
            return {**sites, name: site_after(sites[name], event)}
        case _:
            return {**sites, name: _site_after(sites[name], event, {"on": data["on"], "recorded": recorded})}


def _site_after(site: Document, event: Event, moment: Document) -> Document:
    data = event.record.data
    match event.record.type:
        case "trial.site-opened.v1" | "trial.site-paused.v1" | "trial.site-closed.v1" | "trial.site-left.v1" as moved:
            others = {name: value for name, value in site.items() if name not in {"why", "reported"}}
            why = {"why": data["why"]} if "why" in data else {}
            ended = {"authorisation": ENDED} if moved == "trial.site-left.v1" else {}
            return {**others, **why, **ended, "recruitment": SITE_RECRUITMENT[moved], "changed": moment}
        case "trial.site-authorisation-changed.v1":
            reported = site.get("reported", site.get("changed", {}))
            return {**site, "authorisation": data["now"], "changed": moment, "reported": reported}
        case "trial.site-verified.v1":
            return {**site, "verified": moment}
        case "trial.enrolment-reported.v1":
            return {**site, "enrolled": data["enrolled"]}
        case unknown:
            raise UnknownEvent(f"{unknown} at {event.position} can't happen to a site")


def _status(document: Document, **fields: Any) -> Document:
    """A change of our own ends the reason of the former status; one of recruitment ends a partner's verification."""
    ended = {"why", "verified"} if "recruitment" in fields else {"why"}
    others = {name: value for name, value in document["status"].items() if name not in ended}
    return {**document, "status": {**others, **fields}}


def _put(document: Document, **fields: Any) -> Document:
    return {**document, "registration": {**document["registration"], **fields}}


def _stated(event: Event) -> Document:
    """The field of the registration that an event states."""
    if event.record.type == "trial.results-posted.v1":
        return {"results": event.record.data["results"]}
    return {"first_enrolment": _actual(event.record.data["on"])}


def _actual(on: str) -> Document:
    return {"date": on, "kind": DateKind.ACTUAL.value}
