"""Declaration of the aggregate for consequences: policies record refusals, and the office retries or closes them."""

from typing import Final

from registry.domain.aggregate import Aggregate, CommandType
from registry.domain.consequence.decider import (
    CONSEQUENCE,
    CloseConsequence,
    RefuseCommand,
    RetryConsequence,
    SettleConsequence,
)
from registry.domain.permissions import ONLY_CONSOLE, REGISTRY

AGGREGATE: Final = Aggregate(
    category="consequence",
    decider=CONSEQUENCE,
    collection="consequences",
    readers=REGISTRY,
    commands=(
        CommandType("consequence.refuse", RefuseCommand, ONLY_CONSOLE),
        CommandType("consequence.settle", SettleConsequence, ONLY_CONSOLE),
        CommandType("consequence.retry", RetryConsequence, REGISTRY),
        CommandType("consequence.close", CloseConsequence, REGISTRY, {"reason": "The site left the trial meanwhile"}),
    ),
)
