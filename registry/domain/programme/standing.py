"""Conclusions from a programme's facts: the gate of each linked registration, and the legal meaning of a halt."""

from events.schemas.gates import Gate, RegionCode
from events.schemas.halts import Halt
from events.schemas.region_parts import RestartBasis
from registry.domain.acting import day_of
from registry.domain.programme.state import Halted, Programme
from registry.domain.regimes.tables import TABLES, Tables

SPONSORS_WORD = frozenset({RestartBasis.OWN_WORD, RestartBasis.NOTICE})
"""Bases of a restart for which the sponsor's own word is enough."""


def in_reach(programme: Programme, halted: Halted, registration: str) -> bool:
    """Whether a halt is for a linked registration."""
    reach = halted.reach
    if reach is None:
        return True
    if reach.registration is not None:
        return reach.registration == registration
    linked = programme.links.get(registration)
    return reach.protocol is None or (linked is not None and linked.protocol == reach.protocol)


def gate_of(programme: Programme, id_: str, registration: str) -> Gate:
    """The gate of a linked registration in all its regions, from the programme of this id."""
    standing = [one.halt.standing() for one in programme.halts.values() if in_reach(programme, one, registration)]
    return Gate(programme=id_, version=programme.version, halts=tuple(standing), ended=programme.ended is not None)


def restarts_by_law(programme: Programme, halt: Halt, tables: Tables = TABLES) -> tuple[RegionCode, ...]:
    """The joined regions where the restart after a halt of the sponsor's needs more than the sponsor's word.

    The halt is also a halt of these regions, with its own lift: each region goes on in its own time.
    """
    day = day_of(halt.decided)
    needed = {
        code: tables.restart(terms.regime, halt.kind, halt.benefit_risk, day)
        for code, terms in programme.regions.items()
    }
    return tuple(code for code, basis in needed.items() if basis not in SPONSORS_WORD)
