"""Taking a text back. Streams are `text/{text id}`; the vault destroys the keys when it sees the event."""

from events.schemas.text import TextTakenBack
from events.schemas.values import SaidLine, Value
from registry.domain.decider import Command, Context, Decider


class TakeTextBack(Command):
    """Destroy a text's key. Final: no backup of the log can bring the text back."""

    reason: SaidLine


def decide(taken_back: bool, command: Command, _: Context) -> TextTakenBack | None:
    """The event, or None where the text is taken back already."""
    if not isinstance(command, TakeTextBack):
        raise TypeError(f"{type(command).__name__} is no command on a text")
    return None if taken_back else TextTakenBack()


def evolve(_: bool, event: Value) -> bool:
    """Whether the text is taken back."""
    if not isinstance(event, TextTakenBack):
        raise TypeError(f"{type(event).__name__} is no event of a text")
    return True


TEXT: Decider[bool] = Decider(False, decide, evolve)
