"""Why a report was not recorded, in words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from registry.api.problems import INVALID, OUTCOME_UNKNOWN, Problem
from registry.domain.decider import Fault
from registry.pages.words import Words


@dataclass(frozen=True, slots=True)
class Refused:
    """What is shown above the form. `uncertain`: the report may have been recorded."""

    title: str
    advice: str
    faults: tuple[str, ...]
    status: int
    uncertain: bool = False


def missing(words: Words, fields: Mapping[str, str], reports: Collection[str]) -> Refused | None:
    """What the form lacks; None where it is whole."""
    lacks = {
        "what": fields.get("what") not in reports,
        "on": "on" not in fields,
        "token": "token" not in fields,
    }
    faults = tuple(words.say(f"report.missing_{name}") for name, lacking in lacks.items() if lacking)
    return Refused(words.say("problem.invalid"), "", faults, INVALID.status) if faults else None


def of_problem(words: Words, problem: Problem) -> Refused:
    """A refusal of the command."""
    code = problem.kind.code
    return Refused(
        title=words.say(f"problem.{code}"),
        advice=words.known(f"advice.{code}") or "",
        faults=tuple(dict.fromkeys(_said(words, fault) for fault in problem.faults)),
        status=problem.kind.status,
        uncertain=problem.kind is OUTCOME_UNKNOWN,
    )


def _said(words: Words, fault: Fault) -> str:
    if fault.field == "/on" and fault.rule == "value_error":
        return words.say("report.bad_on")
    if fault.field.startswith("/why"):
        return words.say("report.bad_why")
    return words.known(f"rule.{fault.rule}") or words.say("report.fault_unnamed", message=fault.message)
