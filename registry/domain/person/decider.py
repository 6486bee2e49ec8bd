"""Forgetting a person. Streams are `person/{person id}`; the vault destroys the keys when it sees the event."""

from events.schemas.person import PersonForgotten
from events.schemas.values import SaidLine
from registry.domain.decider import Command, Decider
from registry.domain.destroying import destroying


class ForgetPerson(Command):
    """Destroy a person's key. Final: no backup of the log can bring the data back."""

    reason: SaidLine


PERSON: Decider[bool] = destroying(ForgetPerson, PersonForgotten, "a person")
