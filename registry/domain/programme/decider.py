"""The programme as an aggregate: nothing yet, and how it goes on."""

from typing import Final

from registry.domain.decider import Decider
from registry.domain.programme.decide import decide
from registry.domain.programme.evolve import evolve
from registry.domain.programme.state import State

PROGRAMME: Final[Decider[State]] = Decider(None, decide, evolve)
