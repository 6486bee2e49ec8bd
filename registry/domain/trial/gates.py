"""Gates of a trial: how each stood, and stands, and which sites are behind one.

ADR 0074. A gate is the state of a programme, or of one of its regions, as far as the sites of a linked trial wait for
it. A trial without gates is in no programme, and nothing here concerns it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from events.schemas.behind import Dated
from events.schemas.gates import Gate, GateReason
from events.schemas.trial_gates import TrialGateRemoved, TrialGateSet
from events.schemas.values import first_day, last_day


@dataclass(frozen=True, slots=True)
class Stood:
    """How a gate stood from a day on; `gate` is None where there was none any more."""

    version: int
    """Of the trial, by the event that says so."""
    on: str
    gate: Gate | None

    @property
    def halted(self) -> bool:
        """Whether a halt kept everybody from joining."""
        return self.gate is not None and GateReason.HALTED in self.gate.shut_by()


@dataclass(frozen=True, slots=True)
class Course:
    """A gate over time. `source` is the version of the programme's or the region's stream that it follows from."""

    source: int
    stood: tuple[Stood, ...]

    @property
    def now(self) -> Gate | None:
        """The gate as it stands; None where it is gone."""
        return self.stood[-1].gate

    def on(self, day: str) -> Gate | None:
        """The gate as it stood on a day, as far as it is known; None before it first stood."""
        known = [one.gate for one in self.stood if first_day(one.on) <= last_day(day)]
        return known[-1] if known else None

    def ends_of_halts(self) -> Iterator[Dated]:
        """When the gate ceased to be halted."""
        halted = False
        for one in self.stood:
            if halted and not one.halted:
                yield Dated(one.version, one.on)
            halted = one.halted


Gates: TypeAlias = Mapping[str, Course]
"""By `key_of`."""


def key_of(programme: str, region: str | None) -> str:
    """Names a gate of a trial: the programme's id, with the code of the region where it is that of one."""
    return programme if region is None else f"{programme}:{region}"


def after(gates: Gates, event: TrialGateSet | TrialGateRemoved, version: int) -> Gates:
    """The gates after the event, which has this version in the trial's stream."""
    of, gate = (event.gate, event.gate) if isinstance(event, TrialGateSet) else (event, None)
    key = key_of(of.programme, of.region)
    before = gates[key].stood if key in gates else ()
    return {**gates, key: Course(of.version, (*before, Stood(version, event.on, gate)))}


def covering(gates: Gates, country: str) -> Iterator[Course]:
    """The gates that sites of a country are behind: those of programmes, and those of its joined regions."""
    for course in gates.values():
        gate = next((one.gate for one in reversed(course.stood) if one.gate is not None), None)
        if gate is not None and gate.country in (None, country):
            yield course
