"""Declaration of the aggregate for the taking back of a text: only the console asks for it."""

from typing import Final

from registry.domain.aggregate import Aggregate, CommandType
from registry.domain.permissions import ONLY_CONSOLE
from registry.domain.text.decider import TEXT, TakeTextBack

AGGREGATE: Final = Aggregate(
    category="text",
    decider=TEXT,
    commands=(CommandType("text.take-back", TakeTextBack, ONLY_CONSOLE),),
)
