"""Structured parts of a registration as the plain sentences that the upload has room for."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.ictrp.sheet import Sheet
from events.schemas.items import used_by
from events.schemas.registration import StudyType


def study_design(sheet: Sheet, registration: Mapping[str, Any]) -> str | None:
    """Item 15: `Expanded access. 2 arms. Allocation: randomized. Masking: double (participant, investigator). …`

    A design that the source states in one text follows unchanged.
    """
    arms, design = registration.get("arms", ()), registration.get("design", {})
    parts = ["expanded access"] if registration.get("study_type") == StudyType.EXPANDED_ACCESS else []
    if arms:
        parts.append(f"{len(arms)} arm{'s' if len(arms) > 1 else ''}")
    parts.extend(_design(sheet, design))
    sentences = [f"{part[0].upper()}{part[1:].rstrip('.')}." for part in parts if part]
    summary = sheet.words("study_design", design.get("summary"))
    return " ".join([*sentences, *([summary] if summary else [])]) or None


def _design(sheet: Sheet, design: Mapping[str, Any]) -> Iterator[str]:
    yield from _word(design, "allocation", "allocation")
    yield from _word(design, "model", "intervention model")
    if description := sheet.words("study_design", design.get("model_description")):
        yield description
    if "masking" in design or design.get("masked"):
        who = ", ".join(_plain(word) for word in design.get("masked", ()))
        yield f"masking: {_plain(design.get('masking', 'stated'))}" + (f" ({who})" if who else "")
    if description := sheet.words("study_design", design.get("masking_description")):
        yield description
    yield from _word(design, "purpose", "purpose")
    yield from _word(design, "observational_model", "observational model")
    yield from _word(design, "time_perspective", "time perspective")


def _word(design: Mapping[str, Any], field: str, label: str) -> Iterator[str]:
    if field in design:
        yield f"{label}: {_plain(design[field])}"


def _plain(word: str) -> str:
    return "not applicable" if word == "na" else word.replace("_", " ")


def treatments(sheet: Sheet, registration: Mapping[str, Any]) -> str | None:
    """Item 13: a line for each intervention, and one for each arm with its interventions."""
    lines = []
    for intervention in registration.get("interventions", ()):
        kind = f"{_plain(intervention['kind'])}: " if "kind" in intervention else ""
        name = sheet.words("i_freetext", intervention["name"]) or ""
        description = sheet.words("i_freetext", intervention.get("description"))
        lines.append(f"{kind}{name}" + (f". {description}" if description else ""))
    for arm in registration.get("arms", ()):
        kind = f" ({_plain(arm['kind'])})" if "kind" in arm else ""
        names = arm.get("interventions") or _used(sheet, registration, arm)
        receives = f": {', '.join(names)}" if names else ""
        description = sheet.words("i_freetext", arm.get("description"))
        lines.append(f"Arm {arm['label']}{kind}{receives}" + (f". {description}" if description else ""))
    return "\n".join(lines) or None


def _used(sheet: Sheet, registration: Mapping[str, Any], arm: Mapping[str, Any]) -> list[str]:
    """Names of the interventions that an arm uses by their items."""
    used = used_by(arm, registration.get("interventions", ()))
    return [name for one in used if (name := sheet.words("i_freetext", one["name"]))]


def outcome(sheet: Sheet, tag: str, one: Mapping[str, Any]) -> str:
    """Items 19 and 20: measure, time point and description, each on a line."""
    lines = [sheet.words(tag, text) for text in (one["measure"], one.get("time_point"), one.get("description"))]
    return "\n".join(line for line in lines if line)
