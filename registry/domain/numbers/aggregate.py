"""Declaration of the aggregate for series of registration numbers: only the registry itself reserves numbers."""

from typing import Final

from registry.domain.aggregate import Aggregate, CommandType
from registry.domain.numbers.decider import NUMBERS, ReserveNumbers, SetNumbersAside
from registry.domain.permissions import ONLY_CONSOLE

AGGREGATE: Final = Aggregate(
    category="numbers",
    decider=NUMBERS,
    commands=(
        CommandType("numbers.reserve", ReserveNumbers, ONLY_CONSOLE),
        CommandType("numbers.set-aside", SetNumbersAside, ONLY_CONSOLE),
    ),
)
