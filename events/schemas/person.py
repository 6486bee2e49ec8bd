"""Events of persons whose data is sealed. Streams are `person/{person id}`."""

from events.schemas.values import Value


class PersonForgotten(Value):
    """The person's key is destroyed, and so are the keys of the documents they appear in."""
