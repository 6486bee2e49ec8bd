"""The reasons why a report was not recorded, in words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from registry.api.problems import INVALID, OUTCOME_UNKNOWN, Problem
from registry.domain.decider import Fault
from registry.pages.noticing import mark_of, noticed
from registry.pages.words import Words

COUNTING: Final = "report-enrolment"
"""The report of a number of participants."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The message above the form. `uncertain`: the report may have been recorded."""

    title: str
    advice: str
    faults: tuple[str, ...]
    status: int
    uncertain: bool = False
    doubts: tuple[str, ...] = ()
    """The parts of the reason that look like personal data: to be confirmed, or removed."""
    mark: str = ""
    """The mark that confirms exactly this reason."""


def missing(words: Words, fields: Mapping[str, str], reports: Collection[str]) -> Refused | None:
    """The refusal if the form lacks something; None if it is complete."""
    lacks = {
        "what": fields.get("what") not in reports,
        "on": "on" not in fields and "of" not in fields,
        "enrolled": fields.get("what") == COUNTING and "enrolled" not in fields,
        "token": "token" not in fields,
    }
    faults = [words.say(f"report.missing_{name}") for name, lacking in lacks.items() if lacking]
    if "enrolled" in fields and fields.get("what", COUNTING) != COUNTING:
        faults.append(words.say("report.only_count"))
    return Refused(words.say("problem.invalid"), "", tuple(faults), INVALID.status) if faults else None


def reason_in(fields: Mapping[str, str]) -> str:
    """The reason as it is recorded; empty if none was given."""
    return fields.get("why", "").replace("\r\n", "\n").strip()


def doubtful(words: Words, fields: Mapping[str, str]) -> Refused | None:
    """The refusal if the reason seems to have a person's name or number; None if not, or if that was confirmed."""
    why = reason_in(fields)
    found = noticed(why)
    mark = mark_of(why)
    if not found or fields.get("checked") == mark:
        return None
    doubts = tuple(words.say(f"report.looks_like_{one.kind}", text=one.text) for one in found)
    return Refused(words.say("report.doubtful"), "", (), INVALID.status, doubts=doubts, mark=mark)


def of_problem(words: Words, problem: Problem) -> Refused:
    """The message for a refusal of the command."""
    code = problem.kind.code
    return Refused(
        title=words.say(f"problem.{code}"),
        advice=words.known(f"advice.{code}") or "",
        faults=tuple(dict.fromkeys(_sentence(words, fault) for fault in problem.faults)),
        status=problem.kind.status,
        uncertain=problem.kind is OUTCOME_UNKNOWN,
    )


def _sentence(words: Words, fault: Fault) -> str:
    if fault.field == "/on" and fault.rule == "value_error":
        return words.say("report.bad_on")
    if fault.field == "/enrolled":
        return words.say("report.bad_enrolled")
    if fault.field.startswith("/why"):
        return words.say("report.bad_why")
    if fault.rule == "out-of-order":
        on, known = map(words.date, fault.days)
        return words.say("rule.out-of-order", on=on, known=known)
    return words.known(f"rule.{fault.rule}") or words.say("report.fault_unnamed", message=fault.message)
