"""Taking a text back. Streams are `text/{text id}`; the vault destroys the keys when it sees the event."""

from events.schemas.text import TextTakenBack
from events.schemas.values import SaidLine
from registry.domain.decider import Command, Decider
from registry.domain.destroying import destroying


class TakeTextBack(Command):
    """Destroy a text's key. Final: no backup of the log can bring the text back."""

    reason: SaidLine


TEXT: Decider[bool] = destroying(TakeTextBack, TextTakenBack, "a text")
