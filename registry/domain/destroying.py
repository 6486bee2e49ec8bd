"""Aggregates of one command and one event, at which the vault destroys the keys of what they are about."""

from events.schemas.values import Payload, Value
from registry.domain.decider import Command, Context, Decider


def destroying(request: type[Command], destroyed: type[Payload], thing: str) -> Decider[bool]:
    """The decider of a thing whose state is whether it is destroyed. Asked again, nothing is left to record."""

    def decide(already: bool, command: Command, _: Context) -> Payload | None:
        if not isinstance(command, request):
            raise TypeError(f"{type(command).__name__} is no command on {thing}")
        return None if already else destroyed()

    def evolve(_: bool, event: Value) -> bool:
        if not isinstance(event, destroyed):
            raise TypeError(f"{type(event).__name__} is no event of {thing}")
        return True

    return Decider(False, decide, evolve)
