"""Tables of results as texts: participant flow, baseline and outcomes. TRDS item 23."""

from collections.abc import Iterator

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

Called = dict[str, str]


def participant_flow(module: Cursor) -> Text | None:
    """The groups, then each period with its milestones and the reasons why participants left."""
    composed = Composition()
    for key, label, reading in (
        ("recruitmentDetails", "Recruitment", plain_prose),
        ("preAssignmentDetails", "Before assignment", plain_prose),
        ("typeUnitsAnalyzed", "Units counted beside participants", plain_value),
    ):
        composed.add(labelled(label, reading(module.at(key))), module.at(key))
    called = _groups(composed, module)
    for period in module.each("periods"):
        composed.add_paragraph(labelled("Period", plain_value(period.at("title"))), period.at("title"))
        for milestone in period.each("milestones"):
            composed.add(_step(spoken(milestone.at("type")), milestone, "achievements", called), milestone)
        for drop in period.each("dropWithdraws"):
            composed.add(_step(_withdrawals(plain_value(drop.at("type"))), drop, "reasons", called), drop)
    return composed.text()


def _groups(composed: Composition, module: Cursor) -> Called:
    groups = module.each("groups")
    for group in groups:
        composed.add(group_line(group), group)
    return names(groups)


def _withdrawals(why: str) -> str:
    return joined(" ", "left", why and f"({why})")


def _step(label: str, step: Cursor, key: str, called: Called) -> str:
    def value(item: Cursor) -> str:
        units = plain_value(item.at("numUnits"))
        return joined(" ", plain_value(item.at("numSubjects")), units and f"({units} units)")

    cells = row(f"- {label}", [cell(item, called, value(item)) for item in step.each(key)])
    return joined(". ", cells, labelled("Note", plain_prose(step.at("comment"))))


def baseline(module: Cursor) -> Text | None:
    """The groups, the numbers analysed, then each characteristic."""
    composed = Composition()
    for key, label, reading in (
        ("populationDescription", "Analysed", plain_prose),
        ("typeUnitsAnalyzed", "Units analysed", plain_value),
    ):
        composed.add(labelled(label, reading(module.at(key))), module.at(key))
    called = _groups(composed, module)
    for denominator in module.each("denoms"):
        composed.add(_denominator(denominator, called), denominator)
    for measure in module.each("measures"):
        lines = [_heading("Characteristic", measure), plain_prose(measure.at("description")), *_rows(measure, called)]
        composed.add_paragraph(joined("\n", *lines), measure)
    return composed.text()


def outcome_measures(section: Cursor) -> Text | None:
    """The limitations of the results, then each outcome with its groups, values and analyses."""
    composed = Composition()
    limits = section.at("moreInfoModule", "limitationsAndCaveats", "description")
    composed.add(labelled("Limitations and caveats", plain_prose(limits)), limits)
    for measure in section.at("outcomeMeasuresModule").each("outcomeMeasures"):
        composed.add_paragraph(joined("\n", *_outcome(measure)), measure)
    return composed.text()


def _outcome(measure: Cursor) -> Iterator[str]:
    groups = measure.each("groups")
    called = names(groups)
    yield _heading(joined(" ", spoken(measure.at("type")).capitalize(), "outcome"), measure)
    yield labelled("Time frame", plain_value(measure.at("timeFrame")))
    yield plain_prose(measure.at("description"))
    expected = labelled("expected", plain_value(measure.at("anticipatedPostingDate")))
    yield labelled("Reporting", joined(", ", spoken(measure.at("reportingStatus")), expected))
    yield labelled("Units analysed", plain_value(measure.at("typeUnitsAnalyzed")))
    yield from (group_line(group) for group in groups)
    yield from _rows(measure, called)
    yield from (_analysis(analysis, called) for analysis in measure.each("analyses"))


def _heading(kind: str, measure: Cursor) -> str:
    """`Primary outcome: Days ill: mean (standard deviation), days`."""
    spread = spoken(measure.at("dispersionType"))
    figures = joined(" ", spoken(measure.at("paramType")), spread and f"({spread})")
    return joined(
        ": ", kind, plain_value(measure.at("title")), joined(", ", figures, plain_value(measure.at("unitOfMeasure")))
    )


def _rows(measure: Cursor, called: Called) -> Iterator[str]:
    yield labelled("Analysed", plain_prose(measure.at("populationDescription")))
    yield labelled("Counted in", plain_value(measure.at("denomUnitsSelected")))
    yield from (_denominator(denominator, called) for denominator in measure.each("denoms"))
    for group in measure.each("classes"):
        title = plain_value(group.at("title"))
        yield from (_denominator(denominator, called, title) for denominator in group.each("denoms"))
        categories = group.each("categories")
        for category in categories:
            cells = [cell(item, called, _value(item)) for item in category.each("measurements")]
            label = joined(", ", title, plain_value(category.at("title")))
            yield row(joined(" ", "-", label), cells) if label or cells else ""
        if not categories:
            yield title


def _denominator(denominator: Cursor, called: Called, of: str = "") -> str:
    cells = [cell(item, called, plain_value(item.at("value"))) for item in denominator.each("counts")]
    return row(joined(", ", "Number analysed", of, plain_value(denominator.at("units"))), cells)


def _value(item: Cursor) -> str:
    low, high = plain_value(item.at("lowerLimit")), plain_value(item.at("upperLimit"))
    limits = f"{low} to {high}" if low or high else ""
    around = joined("; ", plain_value(item.at("spread")), limits)
    return joined(" ", plain_value(item.at("value")), around and f"({around})")


def _analysis(analysis: Cursor, called: Called) -> str:
    """An analysis: its groups, hypothesis, method and result."""

    def noted(text: str, key: str) -> str:
        note = plain_prose(analysis.at(key))
        return joined(" ", text, note and f"[{note}]")

    groups = (plain_value(item) for item in analysis.each("groupIds"))
    compared = joined(", ", *(called.get(group, group) for group in groups))
    tested = analysis.at("testedNonInferiority").flag()
    parts = (
        plain_prose(analysis.at("groupDescription")),
        noted(spoken(analysis.at("nonInferiorityType")), "nonInferiorityComment"),
        "" if tested is None else f"non-inferiority {'tested' if tested else 'not tested'}",
        noted(plain_value(analysis.at("statisticalMethod")), "statisticalComment"),
        noted(labelled("p-value", plain_value(analysis.at("pValue"))), "pValueComment"),
        noted(_estimate(analysis), "estimateComment"),
        _interval(
            analysis,
            noted(plain_value(analysis.at("ciLowerLimit")), "ciLowerLimitComment"),
            noted(plain_value(analysis.at("ciUpperLimit")), "ciUpperLimitComment"),
        ),
        plain_prose(analysis.at("otherAnalysisDescription")),
    )
    return row(joined(" ", "Analysis", compared and f"({compared})"), filter(None, parts))


def _estimate(analysis: Cursor) -> str:
    spread = joined(" ", spoken(analysis.at("dispersionType")), plain_value(analysis.at("dispersionValue")))
    estimate = joined(" = ", plain_value(analysis.at("paramType")), plain_value(analysis.at("paramValue")))
    return joined(" ", estimate, spread and f"({spread})")


def _interval(analysis: Cursor, low: str, high: str) -> str:
    """`95% two sided confidence interval: 0.4 to 5.0`."""
    level, sides = plain_value(analysis.at("ciPctValue")), spoken(analysis.at("ciNumSides"))
    limits = f"{low} to {high}".strip() if low or high else ""
    if not (level or sides or limits):
        return ""
    return joined(": ", joined(" ", level and f"{level}%", sides, "confidence interval"), limits)
