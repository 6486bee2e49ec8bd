"""Adverse events as a text: totals of each group, then each term with its numbers. TRDS item 23."""

from adapters.ctgov.composing import (
    Composition,
    cell,
    group_line,
    joined,
    labelled,
    names,
    plain_prose,
    plain_value,
    row,
    spoken,
)
from adapters.cursor import Cursor
from events.schemas.values import Text


def adverse_events(module: Cursor) -> Text | None:
    """The introduction and the totals, then the serious events, then the others."""
    composed = Composition()
    for key, label, reading in (
        ("timeFrame", "Time frame", plain_value),
        ("description", "How events were collected", plain_prose),
        ("frequencyThreshold", "Other events are listed from, in percent", plain_value),
        ("allCauseMortalityComment", "Deaths of any cause", plain_prose),
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
        labelled(label, _of(plain_value(group.at(f"{key}NumAffected")), plain_value(group.at(f"{key}NumAtRisk"))))
        for key, label in (("deaths", "Deaths"), ("serious", "Serious events"), ("other", "Other events"))
    ]


def _of(affected: str, at_risk: str) -> str:
    return f"{affected} of {at_risk}" if affected or at_risk else ""


def _event(label: str, event: Cursor, called: dict[str, str]) -> str:
    """`Serious: Anemia (Blood disorders; CTCv4; systematic assessment): Zinc = 1 of 206, events: 2; …`."""
    about = joined(
        "; ",
        plain_value(event.at("organSystem")),
        plain_value(event.at("sourceVocabulary")),
        spoken(event.at("assessmentType")),
        plain_prose(event.at("notes")),
    )
    return row(
        joined(" ", f"{label}:", plain_value(event.at("term")), about and f"({about})"),
        [cell(item, called, _numbers(item)) for item in event.each("stats")],
    )


def _numbers(item: Cursor) -> str:
    events = labelled("events", plain_value(item.at("numEvents")))
    return joined(", ", _of(plain_value(item.at("numAffected")), plain_value(item.at("numAtRisk"))), events)
