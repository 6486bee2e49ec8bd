"""The region as an aggregate: nothing yet, and how it goes on."""

from functools import partial
from typing import Final

from registry.domain.decider import Decider
from registry.domain.regimes.tables import Tables
from registry.domain.region.decide import decide
from registry.domain.region.evolve import evolve
from registry.domain.region.state import State


def region_decider(tables: Tables) -> Decider[State]:
    """The decider under these tables."""
    return Decider(None, partial(decide, tables=tables), evolve)


REGION: Final[Decider[State]] = Decider(None, decide, evolve)
