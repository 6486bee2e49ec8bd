"""Adverse events as a text: totals of each group, then each term with its numbers. TRDS item 23."""

from adapters.ctgov.composing import Composition, cell, group_line, joined, labelled, names, row, said, spoken, told
from adapters.cursor import Cursor
from events.schemas.values import Text


def adverse_events(module: Cursor) -> Text | None:
    """All that is told before the terms, then the serious events, then the others."""
    composed = Composition()
    for key, label, reading in (
        ("timeFrame", "Time frame", said),
        ("description", "How events were collected", told),
        ("frequencyThreshold", "Other events are listed from, in percent", said),
        ("allCauseMortalityComment", "Deaths of any cause", told),
    ):
        composed.add(labelled(label, reading(module.at(key))), module.at(key))
    groups = module.each("eventGroups")
    for group in groups:
        composed.add(joined("\n", group_line(group), joined("; ", *_totals(group))), group)
    called = names(groups)
    for key, label in (("seriousEvents", "Serious"), ("otherEvents", "Other")):
        for event in module.each(key):
            composed.add(_event(label, event, called), event)
    return composed.text()


def _totals(group: Cursor) -> list[str]:
    return [
        labelled(label, _of(said(group.at(f"{key}NumAffected")), said(group.at(f"{key}NumAtRisk"))))
        for key, label in (("deaths", "Deaths"), ("serious", "Serious events"), ("other", "Other events"))
    ]


def _of(affected: str, at_risk: str) -> str:
    return f"{affected} of {at_risk}" if affected or at_risk else ""


def _event(label: str, event: Cursor, called: dict[str, str]) -> str:
    """`Serious: Anemia (Blood disorders; CTCv4; systematic assessment): Zinc = 1 of 206, events: 2; …`."""
    about = joined(
        "; ",
        said(event.at("organSystem")),
        said(event.at("sourceVocabulary")),
        spoken(event.at("assessmentType")),
        told(event.at("notes")),
    )
    return row(
        joined(" ", f"{label}:", said(event.at("term")), about and f"({about})"),
        [cell(item, called, _numbers(item)) for item in event.each("stats")],
    )


def _numbers(item: Cursor) -> str:
    events = labelled("events", said(item.at("numEvents")))
    return joined(", ", _of(said(item.at("numAffected")), said(item.at("numAtRisk"))), events)
