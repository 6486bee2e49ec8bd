"""Forgetting a person. Streams are `person/{person id}`; the vault destroys the keys when it sees the event."""

from events.schemas.person import PersonForgotten
from events.schemas.values import SaidLine, Value
from registry.domain.decider import Command, Context, Decider


class ForgetPerson(Command):
    """Destroy a person's key. Final: no backup of the log can bring the data back."""

    reason: SaidLine


def decide(forgotten: bool, command: Command, _: Context) -> PersonForgotten | None:
    """The event, or None where the person is forgotten already."""
    if not isinstance(command, ForgetPerson):
        raise TypeError(f"{type(command).__name__} is no command on a person")
    return None if forgotten else PersonForgotten()


def evolve(_: bool, event: Value) -> bool:
    """Whether the person is forgotten."""
    if not isinstance(event, PersonForgotten):
        raise TypeError(f"{type(event).__name__} is no event of a person")
    return True


PERSON: Decider[bool] = Decider(False, decide, evolve)
