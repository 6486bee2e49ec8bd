"""Declaration of the aggregate for bearer tokens: only the console issues and revokes tokens."""

from typing import Final

from registry.domain.access.decider import ACCESS, IssueToken, RevokeToken
from registry.domain.aggregate import Aggregate, CommandType
from registry.domain.permissions import ONLY_CONSOLE

AGGREGATE: Final = Aggregate(
    category="access",
    decider=ACCESS,
    commands=(
        CommandType("access.issue-token", IssueToken, ONLY_CONSOLE),
        CommandType("access.revoke-token", RevokeToken, ONLY_CONSOLE),
    ),
)
