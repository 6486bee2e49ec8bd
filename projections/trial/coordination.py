"""The trial's document after a gate, a halt or a milestone, and after openings that follow halts."""

from typing import Any, Final

from events.event import Event
from events.schemas.gates import Gate, GateReason
from projections.base.view import Document

BESIDE: Final = (
    "trial.site-milestone-recorded.v1",
    "trial.site-milestone-corrected.v1",
    "trial.site-halted.v1",
    "trial.site-halt-lifted.v1",
)
"""Events of a site that say nothing of its recruitment."""
GATES: Final = ("trial.gate-set.v1", "trial.gate-removed.v1")


def gate_after(document: Document, event: Event) -> Document:
    """The document with the gate as it stands now, or without it."""
    data, gates = event.record.data, document.get("gates", {})
    gate = data.get("gate", data)
    key = f"{gate['programme']}:{gate['region']}" if "region" in gate else gate["programme"]
    before = gates.get(key, {})
    ends = [*before.get("ends", ()), *_ended(before, data, event.version)]
    day = {"on": data["on"], **({"ends": ends} if ends else {})}
    if "gate" in data:
        return {**document, "gates": {**gates, key: {**gate, **day}}}
    named = {name: before[name] for name in ("country",) if name in before}
    gone = {name: gate[name] for name in ("programme", "region", "version") if name in gate}
    return {**document, "gates": {**gates, key: {**gone, **named, **day, "removed": True}}}


def _ended(before: Document, data: Document, version: int) -> list[Document]:
    """The end of the halts of a gate, if they are over."""
    was, now = (_is_halted(one) for one in (before, data.get("gate")))
    return [{"version": version, "on": data["on"]}] if was and not now else []


def _is_halted(stored: Document | None) -> bool:
    if not stored or "removed" in stored:
        return False
    gate = Gate.from_stored({name: stored[name] for name in stored.keys() & Gate.model_fields.keys()})
    return GateReason.HALTED in gate.shut_by()


def site_after(site: Document, event: Event) -> Document:
    """The site after an event that does not touch its recruitment, which stays as reported."""
    data = event.record.data
    match event.record.type:
        case "trial.site-milestone-recorded.v1":
            milestone = {name: value for name, value in data.items() if name not in ("site", "reason")}
            return _with(site, "milestones", str(event.version), milestone)
        case "trial.site-milestone-corrected.v1":
            return _corrected(site, event)
        case "trial.site-halted.v1":
            return _with(site, "halts", data["halt"]["item"], data["halt"])
        case _:
            lifted = {"on": data["lifted"]["date"], "version": event.version}
            return _with(site, "halts", data["item"], {**site["halts"][data["item"]], "lifted": lifted})


def _with(site: Document, under: str, name: str, value: Any) -> Document:
    return {**site, under: {**site.get(under, {}), name: value}}


def _corrected(site: Document, event: Event) -> Document:
    data = event.record.data
    key, stated = str(data["corrects"]), site.get("milestones", {})
    others = {name: one for name, one in stated.items() if name != key}
    if "void" not in data:
        other_fields = {name: value for name, value in stated[key].items() if name not in ("planned", "actual")}
        return _with(site, "milestones", key, {**other_fields, **data["now"], "corrected": event.version})
    without_milestones = {name: value for name, value in site.items() if name != "milestones"}
    return {**without_milestones, "milestones": others} if others else without_milestones


def opened(one: Document, event: Event, *, gated: bool) -> Document:
    """A site, or the trial, that opened: the day by the event's version, where a halt may have to be followed by it."""
    if not gated and "opened" not in one:
        return one
    return {**one, "opened": {**one.get("opened", {}), str(event.version): event.record.data["on"]}}


def opened_right(one: Document, data: Document) -> Document:
    """The openings after a correction of one of them."""
    key, openings = str(data["corrects"]), one.get("opened", {})
    if key not in openings:
        return one
    if "void" in data:
        return {**one, "opened": {name: on for name, on in openings.items() if name != key}}
    days = [change["new"] for change in data.get("changes", ()) if change["field"] == "/on"]
    return {**one, "opened": {**openings, key: days[-1]}} if days else one
