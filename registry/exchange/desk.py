"""The parts of a node that an import needs, so that intake can be tested on a log in memory."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from events.event import Event
from registry.domain.decider import Command
from registry.domain.trial.state import Trial
from registry.exchange.raw import Receiving


class Desk(Protocol):
    """The parts of a node that intake needs."""

    @property
    def name(self) -> str:
        """This registry's name, as partners write it."""
        ...

    async def until_caught_up(self, moved: Callable[[int], None]) -> None:
        """Returns when the views hold all that this node has read; raises NotInTime, NotReady; see `Node`."""
        ...

    async def partner_trial(self, stream: str) -> Trial | None:
        """This node's state of the trial of the stream; raises NotInTime."""
        ...

    async def trial_by_number(self, number: str) -> str | None:
        """The stream of the trial that got the number from this registry, as far as the views have come."""
        ...

    async def former_numbers(self) -> Mapping[tuple[str, str], str]:
        """The streams of partners' trials by the numbers that they had before: (registry, number) to stream."""
        ...

    async def set_aside(self, number: str) -> None:
        """Keeps a number of this registry's for the trial that bore it before; raises Rejection."""
        ...

    async def receive_all(self, receivings: Sequence[Receiving]) -> list[Event | Exception | None]:
        """Stores documents and executes the commands made from them; see `Node.receive_all`."""
        ...

    async def order(self, stream: str, command: Command) -> Event | None:
        """Executes a command of the operator under a fresh key."""
        ...
