"""The trial as an aggregate. Streams are `trial/{trial id}`."""

from typing import Final

from registry.domain.decider import Decider
from registry.domain.trial.decide import decide
from registry.domain.trial.evolve import evolve
from registry.domain.trial.state import State

TRIAL: Final[Decider[State]] = Decider(None, decide, evolve)
