"""The standing of policies: commands that are not due yet, and refused ones that wait for the office."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from projections.reading import Views
from projections.views.consequences import store as consequences
from registry.policies.policy import Policy
from registry.reacting.waiting import Waits


@dataclass(frozen=True, slots=True)
class PolicyStanding:
    """A policy: how many of its commands wait, when the next is due, and how many refused ones are open."""

    name: str
    reacts_to: str
    """The category of the streams whose events it reacts to; empty for a policy that no longer exists."""
    waiting: int
    next_due: datetime | None
    refused: int


class Policies:
    """Tells how the policies of all nodes stand."""

    def __init__(
        self, policies: Iterable[Policy], waits: Callable[[], Awaitable[Mapping[str, Waits]]], views: Views
    ) -> None:
        """`waits`: the waiting commands, by policy."""
        self._categories = {one.name: one.category for one in policies}
        self._waits, self._views = waits, views

    async def standing(self) -> list[PolicyStanding]:
        """Each policy, and former ones with commands waiting or refused; raises the database's errors."""
        waits = await self._waits()
        async with self._views.connection() as connection:
            refused = await consequences.open_by_policy(connection)
        names = dict.fromkeys([*self._categories, *sorted(waits), *sorted(refused)])
        return [self._of(name, waits.get(name), refused.get(name, 0)) for name in names]

    def _of(self, name: str, waits: Waits | None, refused: int) -> PolicyStanding:
        count, due = (0, None) if waits is None else (waits.count, waits.next_due)
        return PolicyStanding(name, self._categories.get(name, ""), count, due, refused)
