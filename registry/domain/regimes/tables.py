"""The tables as they are read from the files beside this, and the questions that are asked of them.

A procedure is one file in `procedures`: another one needs no code.
"""

import csv
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final, TypeVar

from events.schemas.applications import ApplicationKind, Conclusion, Step
from events.schemas.halts import HaltActor, HaltKind
from events.schemas.region_parts import RestartBasis
from events.schemas.values import CountryCode
from registry.domain.regimes.rows import (
    MISSING,
    BenefitRisk,
    DocumentRow,
    HaltingReach,
    HaltingRow,
    OfKinds,
    Procedure,
    RegimeRow,
    RestartRow,
    Row,
    SilenceRow,
    WithdrawalRow,
)

R = TypeVar("R", bound=Row)
K = TypeVar("K", bound=OfKinds)


def holding(rows: Iterable[R], day: date) -> Iterator[R]:
    """The rows that hold on the day."""
    return (row for row in rows if row.holds(day))


def of_kind(rows: Iterable[K], kind: ApplicationKind | None, day: date) -> Iterator[K]:
    """The rows that hold on the day for a kind of application; None: for the region as a whole."""
    return (row for row in holding(rows, day) if (kind in row.kinds if kind else not row.kinds))


def _read(conclusion: Conclusion | None) -> str:
    return conclusion or MISSING


def silence_of(
    procedure: Procedure,
    step: Step,
    kind: ApplicationKind | None,
    day: date,
    *,
    joint: Conclusion | None = None,
    national: Conclusion | None = None,
) -> SilenceRow | None:
    """The row that says what silence means in the step; None where the table says nothing of it."""
    for row in of_kind(procedure.silence, kind, day):
        fits = row.step is step and (row.joint is None or _read(joint) in row.joint)
        if fits and (row.national is None or _read(national) in row.national):
            return row
    return None


def withdrawal_of(
    procedure: Procedure, kind: ApplicationKind, day: date, joint: Conclusion | None
) -> WithdrawalRow | None:
    """The row that says how far a withdrawal goes."""
    rows = of_kind(procedure.withdrawal, kind, day)
    return next((row for row in rows if row.joint is None or _read(joint) in row.joint), None)


@dataclass(frozen=True, slots=True)
class Tables:
    """All of them."""

    regimes: tuple[RegimeRow, ...]
    restarts: tuple[RestartRow, ...]
    halting: tuple[HaltingRow, ...]
    documents: tuple[DocumentRow, ...]
    procedures: Mapping[str, Procedure]

    def regime(self, name: str, day: date) -> RegimeRow | None:
        """The regime as it stands on a day."""
        return next((row for row in holding(self.regimes, day) if row.regime == name), None)

    def restart(self, regime: str | None, kind: HaltKind, benefit_risk: bool | None, day: date) -> RestartBasis | None:
        """The basis that a restart needs, by the row that fits best: the regime's own before one for all, and so on."""
        judged = {None: BenefitRisk.UNKNOWN, True: BenefitRisk.YES, False: BenefitRisk.NO}[benefit_risk]
        fitting = [
            row
            for row in holding(self.restarts, day)
            if row.regime in (None, regime) and row.kind in (None, kind) and row.benefit_risk in (None, judged)
        ]
        ranked = sorted(fitting, key=lambda row: (row.regime is None, row.kind is None, row.benefit_risk is None))
        return ranked[0].basis if ranked else None

    def may_halt(
        self, actor: HaltActor, kind: HaltKind, reach: HaltingReach, regime: str | None, day: date
    ) -> HaltingRow | None:
        """The row by which the actor may halt so; None where none does."""
        for row in holding(self.halting, day):
            if (row.actor, row.kind, row.reach) == (actor, kind, reach) and row.regime in (None, regime):
                return row
        return None

    def demands(self, countries: Iterable[CountryCode], day: date) -> list[tuple[CountryCode, DocumentRow]]:
        """The demands of each country on documents: its own, or else the demand of all others."""
        rows = list(holding(self.documents, day))
        demands: list[tuple[CountryCode, DocumentRow]] = []
        for country in countries:
            own = [row for row in rows if row.country == country]
            demanded = {(row.document, row.property) for row in own}
            others = [row for row in rows if row.country is None and (row.document, row.property) not in demanded]
            demands += [(country, row) for row in (*own, *others)]
        return demands

    def contradictions(
        self, countries: Iterable[CountryCode], day: date
    ) -> Mapping[tuple[str, str], Mapping[str, tuple[CountryCode, ...]]]:
        """By document and property, the countries by their demand, if their demands differ."""
        by_property: dict[tuple[str, str], dict[str, tuple[CountryCode, ...]]] = {}
        for country, row in self.demands(countries, day):
            demands = by_property.setdefault((row.document, row.property), {})
            demands[row.demand] = (*demands.get(row.demand, ()), country)
        return {place: demands for place, demands in by_property.items() if len(demands) > 1}


def _rows(folder: Traversable, name: str, kind: type[R]) -> tuple[R, ...]:
    lines = csv.DictReader(folder.joinpath(name).read_text(encoding="utf-8").splitlines())
    return tuple(kind.model_validate({field: text for field, text in line.items() if text}) for line in lines)


def procedures_in(folder: Traversable) -> Mapping[str, Procedure]:
    """The procedures of a folder, by name; raises ValueError where one stands there twice or is malformed."""
    found: dict[str, Procedure] = {}
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            procedure = Procedure.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
            if procedure.procedure in found:
                raise ValueError(f"{file.name}: {procedure.procedure} is there already")
            found[procedure.procedure] = procedure
    return MappingProxyType(found)


def read_tables(folder: Traversable, procedures: Mapping[str, Procedure]) -> Tables:
    """The tables of a folder, with these procedures."""
    return Tables(
        regimes=_rows(folder, "regimes.csv", RegimeRow),
        restarts=_rows(folder, "restart.csv", RestartRow),
        halting=_rows(folder, "halting.csv", HaltingRow),
        documents=_rows(folder, "documents.csv", DocumentRow),
        procedures=procedures,
    )


FOLDER: Final[Traversable] = files(__package__)
TABLES: Final = read_tables(FOLDER, procedures_in(FOLDER.joinpath("procedures")))
"""As they are installed."""
