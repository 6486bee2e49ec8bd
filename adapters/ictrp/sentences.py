"""Structured parts of a registration as the plain sentences that the upload has room for."""

from collections.abc import Iterator

from adapters.ictrp.sheet import Sheet
from events.schemas.registration import Design, Outcome, Registration, StudyType


def study_design(sheet: Sheet, registration: Registration) -> str | None:
    """Item 15: `Expanded access. 2 arms. Allocation: randomized. Masking: double (participant, investigator). …`

    A design that the source states in one text follows as it stands.
    """
    parts = ["expanded access"] if registration.study_type is StudyType.EXPANDED_ACCESS else []
    if registration.arms:
        parts.append(f"{len(registration.arms)} arm{'s' if len(registration.arms) > 1 else ''}")
    parts.extend(_design(sheet, registration.design) if registration.design else ())
    sentences = [f"{part[0].upper()}{part[1:].rstrip('.')}." for part in parts if part]
    summary = sheet.words("study_design", registration.design.summary) if registration.design else None
    return " ".join([*sentences, *([summary] if summary else [])]) or None


def _design(sheet: Sheet, design: Design) -> Iterator[str]:
    if design.allocation:
        yield f"allocation: {_plain(design.allocation)}"
    if design.model:
        yield f"intervention model: {_plain(design.model)}"
    if description := sheet.words("study_design", design.model_description):
        yield description
    if design.masking or design.masked:
        masked = f" ({', '.join(_plain(word) for word in design.masked)})" if design.masked else ""
        yield f"masking: {_plain(design.masking or 'stated')}{masked}"
    if description := sheet.words("study_design", design.masking_description):
        yield description
    if design.purpose:
        yield f"purpose: {_plain(design.purpose)}"
    if design.observational_model:
        yield f"observational model: {_plain(design.observational_model)}"
    if design.time_perspective:
        yield f"time perspective: {_plain(design.time_perspective)}"


def _plain(word: str) -> str:
    return "not applicable" if word == "na" else word.replace("_", " ")


def treatments(sheet: Sheet, registration: Registration) -> str | None:
    """Item 13: a line for each intervention, and one for each arm with what it receives."""
    lines = []
    for intervention in registration.interventions or ():
        kind = f"{_plain(intervention.kind)}: " if intervention.kind else ""
        name = sheet.words("i_freetext", intervention.name) or ""
        description = sheet.words("i_freetext", intervention.description)
        lines.append(f"{kind}{name}" + (f". {description}" if description else ""))
    for arm in registration.arms or ():
        kind = f" ({_plain(arm.kind)})" if arm.kind else ""
        receives = f": {', '.join(arm.interventions)}" if arm.interventions else ""
        description = sheet.words("i_freetext", arm.description)
        lines.append(f"Arm {arm.label}{kind}{receives}" + (f". {description}" if description else ""))
    return "\n".join(lines) or None


def outcome(sheet: Sheet, tag: str, one: Outcome) -> str:
    """Items 19 and 20: measure, time point and description, each on a line."""
    lines = [sheet.words(tag, text) for text in (one.measure, one.time_point, one.description)]
    return "\n".join(line for line in lines if line)
